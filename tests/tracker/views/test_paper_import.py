"""The table of a paper: what a curator sees of each paragraph, and does for one, a selection or a part."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from recommendations.fixtures import FIXTURES
from recommendations.models import Body, ImportedParagraph, PaperImport, Recommendation
from recommendations.outline.document import open_path, read_paragraphs
from recommendations.paper_import.actions import create_import, decide_paragraphs, delete_import, save_paragraphs
from recommendations.paper_import.plan import PublicationPlan
from tests.conftest import make_person, with_second_factor
from tests.documents import upload
from tests.pages import words
from tests.papers import DETAILS, EIGHT_MEETINGS, NINTH, REPORT, decided, parts_of, published, taken_in
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

SAMPLE = "tests/samples/D.pdf"


@pytest.fixture
def fay():
    return with_second_factor(make_person("fay", Role.CURATOR))


@pytest.fixture
def draft(dana) -> PaperImport:
    return taken_in(dana, REPORT)


def row(draft: PaperImport, label: str) -> ImportedParagraph:
    return draft.paragraphs.get(label=label)


def labels(rows) -> list[str]:
    return [each.label for each in rows]


def table(draft: PaperImport, **query) -> str:
    return reverse("paper_import", args=[draft.pk], query=query)


def text_page(draft: PaperImport, label: str) -> str:
    return reverse("paper_import_text", args=[draft.pk, row(draft, label).pk])


def selected(*rows: ImportedParagraph) -> list[str]:
    return [f"{each.pk}-{each.version}" for each in rows]


def act(curator, draft: PaperImport, name: str, *rows: ImportedParagraph, **sent):
    return curator.post(table(draft), {"act": name, "row": selected(*rows)} | sent, follow=True)


def fields_of(page, **changed) -> dict:
    """Return what the form of a paragraph sends, with other values for some fields."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields} | changed
    return {form.add_prefix(name): value for name, value in values.items() if value not in (None, False)}


def said(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# The table


def test_the_head_says_how_much_people_decided(curator, draft, dana):
    decide_paragraphs(paper_import=draft, decision="", parts=parts_of(draft, "Introduction"), by=dana)

    shown = words(curator.get(table(draft)))

    assert "3 of 16 paragraphs decided" in shown
    assert "Words in decided paragraphs: 19 of 79" in shown


def test_every_paragraph_is_below_the_heading_of_its_part(curator, draft):
    parts = curator.get(table(draft)).context["parts"]

    assert [(part.head.text, len(part.rows), part.undecided, part.is_open) for part in parts] == [
        ("Report of the ninth meeting", 1, 1, False),
        ("Ninth meeting, Vienna, 9 to 11 September 2019", 1, 1, False),
        ("Introduction", 3, 3, False),
        ("Recommendations", 7, 7, True),
        ("", 4, 4, False),  # Annex
    ]
    [compensation] = parts[3].inner
    assert labels(compensation.shown) == ["", "IX.3", "IX.4", "IX.4(a)", "IX.4(b)", "IX.5"]


def test_a_row_says_what_it_becomes(curator, dana):
    draft = taken_in(dana)
    for label, values in {"IX.1": {"is_unit": True, "title": "Crime"}, "IX.3": {"strength": "other"}}.items():
        save_paragraphs(paper_import=draft, changes={row(draft, label).pk: (1, values)}, by=dana)

    shown = words(curator.get(table(draft)))

    assert (
        "IX.1 Crime Introductory text: one answer for all items States parties · Stated in the text · should" in shown
    )
    assert "Implied · Wording: other verb" in shown
    assert "One answer covers all items of IX.1." in shown
    assert "Left out: heading · Proposed · Edit" in shown


def test_a_decided_part_is_folded_and_opened_by_its_link(curator, draft, dana):
    decided(draft, dana)
    folded = curator.get(table(draft))
    assert list(folded.context["page"]) == []
    assert "Criminalize" not in words(folded)

    number = row(draft, "IX.3").part
    page = curator.get(table(draft, open=number))

    assert labels(page.context["page"]) == ["", "IX.3", "IX.4", "IX.4(a)", "IX.4(b)", "IX.5"]
    assert re.search(f'id="part-{number}".*?<details open>', page.text, re.DOTALL)


def test_page_numbers_are_counted_below_and_listed_by_their_link(curator, draft):
    draft.paragraphs.filter(number=5).update(reason="print_mark")

    assert "1 page number, symbol or job number" in words(curator.get(table(draft)))
    assert [each.number for each in curator.get(table(draft, show="print_marks")).context["page"]] == [5]


def test_changed_words_are_marked(curator, draft, dana):
    found = row(draft, "IX.5")
    values = {"text": "Measures should be taken to inspect all workplaces."}
    save_paragraphs(paper_import=draft, changes={found.pk: (1, values)}, by=dana)

    assert ">all</ins>" in curator.get(table(draft)).text


@pytest.mark.parametrize(("name", "found"), [("no_title", 5), ("no_theme", 4), ("undecided", 8), ("implied", 1)])
def test_the_table_is_reduced_to_what_is_missing(curator, dana, name, found):
    draft = taken_in(dana)

    page = curator.get(table(draft, show=name))

    assert len(page.context["page"]) == found
    assert f'href="?show={name}"' in page.text


def test_a_published_document_still_shows_what_became_of_every_paragraph(curator, dana):
    draft = taken_in(dana)
    published(draft, dana)

    page = curator.get(table(draft, open=3))

    assert 'href="/recommendations/IX-1-a/"' in page.text
    assert 'name="act"' not in page.text
    assert act(curator, draft, "leave_out", row(draft, "IX.3")).status_code == 200
    assert row(draft, "IX.3").is_left_out is False


# Selections and parts


def test_a_selection_becomes_topics_and_the_rest_stays(curator, draft, dana):
    page = act(curator, draft, "topic", row(draft, "IX.3"), row(draft, "IX.5"))

    assert said(page) == ["2 paragraphs were decided."]
    assert labels(draft.paragraphs.filter(is_topic=True, decided_by=dana)) == ["IX.3", "IX.5"]


def test_a_selection_is_left_out_for_the_chosen_reason(curator, draft):
    act(curator, draft, "leave_out", row(draft, "IX.3"), reason="annex")

    assert draft.paragraphs.get(number=8).reason == "annex"


@pytest.mark.parametrize(("name", "undone"), [("confirm", 0), ("leave_out", 5)])
def test_a_button_of_a_part_decides_all_below_it(curator, draft, dana, name, undone):
    [(number, stamp)] = parts_of(draft, "Recommendations").items()

    curator.post(table(draft), {"act": f"{name}:{number}-{stamp}", "row": selected(draft.paragraphs.first())})

    found = draft.paragraphs.filter(decided_by=dana)
    assert [each.number for each in found] == [6, 7, 8, 9, 10, 11, 12]
    assert sum(each.is_left_out and not each.is_heading for each in found) == undone


def test_a_button_of_a_part_says_how_many_paragraphs_it_decides(curator, draft, dana):
    decide_paragraphs(paper_import=draft, decision="topic", versions={row(draft, "IX.5").pk: 1}, by=dana)

    shown = words(curator.get(table(draft)))

    assert "Confirm 6 paragraphs as proposed : II. Recommendations" in shown
    assert "Leave out 6 paragraphs : II. Recommendations" in shown
    assert "A decision holds also for: A. Compensation 5" in shown


def test_a_part_is_selected_with_single_paragraphs(curator, draft, dana):
    [(number, stamp)] = parts_of(draft, "Introduction").items()

    act(curator, draft, "confirm", row(draft, "IX.3"), part=f"{number}-{stamp}")

    assert [each.number for each in draft.paragraphs.filter(decided_by=dana)] == [3, 4, 5, 8]


def test_paragraphs_are_joined_and_moved_by_buttons(curator, draft):
    act(curator, draft, "join", row(draft, "IX.4(a)"), row(draft, "IX.4(b)"))
    act(curator, draft, "deeper", row(draft, "IX.5"))

    shown = words(curator.get(table(draft)))
    assert "Train police officers; Train prosecutors." in shown
    assert "Joined with the text above" in shown
    assert "IX.4(5) Recommendation" in shown
    act(curator, draft, "higher", row(draft, "IX.4(5)"))
    assert row(draft, "IX.5").depth == 0


def test_attack_two_editors_decide_about_one_paragraph(curator, draft, fay):
    first, second = row(draft, "IX.3"), row(draft, "IX.5")
    save_paragraphs(paper_import=draft, changes={second.pk: (1, {"title": "Workplaces"})}, by=fay)

    page = act(curator, draft, "topic", first, second)

    assert said(page) == [
        "1 paragraph was decided.",
        "IX.5 Workplaces: Another user changed this paragraph after you opened the page. Check it, and try again.",
    ]
    assert labels(draft.paragraphs.filter(is_topic=True)) == ["IX.3"]


def test_attack_an_error_in_one_paragraph_loses_the_others(curator, draft):
    page = act(curator, draft, "deeper", row(draft, "IX.3"), row(draft, "IX.5"))

    assert said(page) == ["1 paragraph was decided.", "IX.3: This paragraph cannot be moved to that level."]
    assert row(draft, "IX.4(5)").depth == 1


def test_no_reason_for_leaving_out_is_selected_beforehand(curator, draft):
    assert '<option value="">Choose a reason</option>' in curator.get(table(draft)).text
    page = curator.get(text_page(draft, "IX.3"))
    assert (page.context["form"]["reason"].value(), page.context["form"].fields["reason"].choices[0][0]) == ("", "")


@pytest.mark.parametrize("sent", [{"act": "publish"}, {"act": ""}, {}, {"act": "confirm:7-0"}, {"act": "settle"}])
def test_what_no_button_sends_changes_nothing(curator, draft, sent):
    response = curator.post(table(draft), {"row": selected(row(draft, "IX.3"))} | sent)

    assert response.status_code == 302
    assert not draft.paragraphs.exclude(version=1).exists()


@pytest.mark.parametrize("value", ["0" * 5000, "9" * 5000, "1" * 7, "²", "-1", "1,", "1-", "\x00"])
def test_attack_a_number_of_an_address_or_button_is_none(value, curator, draft):
    asked = [curator.get(table(draft, **{name: value})).status_code for name in ("open", "page", "show")]
    sent = [
        {"act": "leave_out", "row": value},
        {"act": "leave_out", "part": value},
        {"act": f"leave_out:{value}"},
        {"act": "settle", "row": value, "question": value, "answer": value},
    ]

    answers = [curator.post(table(draft), each).status_code for each in sent]

    assert (asked, answers) == ([200] * 3, [302] * 4)
    assert not draft.paragraphs.exclude(version=1).exists()


# Doubts


def test_no_answer_to_a_doubt_is_selected_beforehand(curator, draft):
    page = curator.get(table(draft, show="implied"))

    assert "Whom does this text address?" in words(page)
    assert re.findall(r"<input[^>]*checked", page.text) == []
    assert list(page.context["answers"])[-1] == "leave_out"


def test_a_doubt_is_settled_for_all_paragraphs_of_the_page(curator, dana):
    draft = taken_in(dana, REPORT.replace("States parties should compensate", "Measures should be taken to compensate"))
    sent = {"act": "settle", "question": "implied", "shown": selected(row(draft, "IX.3"), row(draft, "IX.5"))}
    address = table(draft, show="implied")

    assert said(curator.post(address, sent | {"answer": "keep"}, follow=True)) == [
        "Nothing was selected. Select at least one box and try again."
    ]
    assert said(curator.post(address, sent | {"all": "on"}, follow=True)) == [
        "Choose an answer, then settle the doubt."
    ]
    curator.post(address, sent | {"all": "on", "answer": "keep"})

    assert PublicationPlan(draft).doubts == []


def test_doubts_of_one_paragraph_are_settled_on_its_page(curator, draft):
    address = text_page(draft, "IX.5")
    page = curator.get(address)
    assert page.context["form"]["settled"].value() == []

    curator.post(address, fields_of(page, settled=["implied"]))
    assert PublicationPlan(draft).doubts == []
    curator.post(address, fields_of(curator.get(address), settled=[]))

    assert [doubt.question for doubt in PublicationPlan(draft).doubts] == ["implied"]


# One paragraph


def test_one_paragraph_is_corrected_next_to_the_issued_words(curator, draft, dana):
    address = text_page(draft, "IX.5")
    page = curator.get(address)

    response = curator.post(address, fields_of(page, addressees=["states", "unodc", "un_entities"], basis="stated"))

    found = row(draft, "IX.5")
    assert response["Location"] == address
    assert (found.addressees, found.basis, found.decided_by) == (["states", "unodc", "un_entities"], "stated", dana)
    assert "Measures should be taken to inspect workplaces." in words(page)


def test_a_page_saved_unchanged_changes_only_who_decided(curator, draft, dana):
    values = ("label", "kind", "text", "footnotes", "addressees", "basis", "strength", "is_unit", "reason", "settled")
    before = list(draft.paragraphs.values(*values))

    for each in draft.paragraphs.exclude(text=""):
        address = reverse("paper_import_text", args=[draft.pk, each.pk])
        form = curator.get(address).context["form"]
        shown = fields_of(curator.get(address), **({"label": "", "addressees": []} if each.is_left_out else {}))
        assert curator.post(address, shown).status_code == 302, form.errors

    assert list(draft.paragraphs.values(*values)) == before
    assert [each.text for each in PublicationPlan(draft).undecided] == [""]  # Annex


def test_a_paragraph_left_out_is_proposed_as_a_recommendation(curator, draft):
    chair = draft.paragraphs.get(number=5)
    address = reverse("paper_import_text", args=[draft.pk, chair.pk])
    page = curator.get(address)
    assert page.context["form"]["decision"].value() == "leave_out"

    curator.post(address, fields_of(page, decision="recommendation"))

    chair.refresh_from_db()
    assert (chair.is_left_out, chair.label, chair.is_unit, chair.reason) == (False, "IX.2", True, "")


def test_an_empty_line_splits_a_paragraph(curator, draft):
    address = text_page(draft, "IX.3")

    curator.post(address, fields_of(curator.get(address), text="States parties should\r\n \r\ncompensate victims."))

    texts = draft.paragraphs.filter(number=8).values_list("text", flat=True)
    assert list(texts) == ["States parties should", "compensate victims."]


def test_after_saving_the_next_to_decide_is_opened(curator, draft, dana):
    decide_paragraphs(
        paper_import=draft, decision="", parts=parts_of(draft, "Introduction", "Recommendations"), by=dana
    )
    address = text_page(draft, "IX.3")

    response = curator.post(address, fields_of(curator.get(address)) | {"onwards": "1"})

    assert response["Location"] == text_page(draft, "IX.5")  # its doubt is not settled


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"label": "Nine"}, "label", "Enter a label such as IX.4"),
        ({"addressees": []}, "addressees", "Select at least one addressee"),
        ({"decision": ""}, "decision", "Choose what this paragraph is."),
        ({"decision": "note"}, "decision", "Choose “note” for a text without a number"),
        ({"decision": "topic", "is_unit": True}, "is_unit", "Choose either a recommendation to answer or a topic"),
        ({"text": " "}, "text", "Enter the text."),
        ({"footnotes": "¹ A footnote."}, "text", "Enter the missing footnote marks in the text: ¹."),
    ],
)
def test_an_error_is_at_its_field_and_typed_text_stays(curator, draft, changed, field, problem):
    address = text_page(draft, "IX.3")

    page = curator.post(address, fields_of(curator.get(address), title="What dana typed", **changed))

    assert page.context["form"].errors[field][0].startswith(problem)
    assert "What dana typed" in page.text
    assert row(draft, "IX.3").version == 1


def test_attack_two_editors_correct_one_text(curator, draft, fay):
    address = text_page(draft, "IX.3")
    sent = fields_of(curator.get(address), text="What dana typed.")
    save_paragraphs(paper_import=draft, changes={row(draft, "IX.3").pk: (1, {"strength": "shall"})}, by=fay)

    page = curator.post(address, sent)

    assert page.status_code == 409
    assert "Fay changed this text after you opened it." in words(page)
    assert "Strength of wording shall" in words(page)
    assert "What dana typed." in page.text
    assert row(draft, "IX.3").version == 2
    assert curator.post(address, fields_of(page)).status_code == 302
    assert row(draft, "IX.3").text == "What dana typed."


def test_text_typed_for_a_deleted_draft_is_shown(curator, draft, dana):
    address = text_page(draft, "IX.3")
    page = curator.get(address)
    token = re.search(r'name="author_token" value="([^"]+)"', page.text)[1]
    typed = fields_of(page, text="What dana typed.\nIn <two> lines.")
    delete_import(paper_import=draft, by=dana)

    response = curator.post(address, typed | {"author_token": token})

    assert response.status_code == 404
    assert "Your text is not saved." in response.text
    assert "What dana typed.\nIn &lt;two&gt; lines.</textarea>" in response.text
    assert "<textarea" not in curator.post(address, typed | {"author_token": "forged"}).text


def test_the_printed_page_is_next_to_the_table(curator, dana, draft):
    assert curator.get(table(draft)).context["printed"] is None
    PaperImport.objects.update(document=Path(SAMPLE).read_bytes())
    draft.paragraphs.filter(number__gt=5).update(page=2)
    draft.paragraphs.filter(number__gt=12).update(page=4)

    parts = {"": 2, "13": 4, "99": 2}
    found = {part: curator.get(table(draft, open=part)).context["printed"].number for part in parts}
    page = curator.get(table(draft, printed="3"))

    assert found == parts
    assert f'<img src="{reverse("paper_import_page", args=[draft.pk, 3])}"' in page.text
    assert f'href="?printed=2#paragraph-{row(draft, "IX.3").pk}"' in page.text


def test_the_printed_page_is_next_to_a_paragraph(curator, dana, draft):
    with open_path(SAMPLE) as file:
        source, document = read_paragraphs(file), file.seek(0) or file.read()
    values = DETAILS | {"body": Body.objects.get(is_first=True)}
    of_pdf = create_import(paper_import=PaperImport(**values), source=source, document=document, by=dana)
    found = of_pdf.paragraphs.filter(is_left_out=False).first()

    picture = reverse("paper_import_page", args=[of_pdf.pk, found.page])
    assert f'<img src="{picture}"' in curator.get(reverse("paper_import_text", args=[of_pdf.pk, found.pk])).text
    assert "printed-page" not in curator.get(text_page(draft, "IX.3")).text


def test_pages_of_a_published_paper_change_nothing(curator, dana):
    draft = taken_in(dana)
    address = text_page(draft, "IX.3")
    sent = fields_of(curator.get(address), text="What dana typed.")
    published(draft, dana)

    for name in ("paper_import_details", "paper_import_annotations", "paper_import_publish", "paper_import_delete"):
        assert curator.get(reverse(name, args=[draft.pk]))["Location"] == table(draft)
    assert curator.get(address)["Location"] == table(draft)
    page = curator.post(address, sent)
    assert "What dana typed." in page.text
    assert row(draft, "IX.3").text == "Measures should be taken to protect children."


def test_a_draft_is_deleted(curator, draft):
    response = curator.post(reverse("paper_import_delete", args=[draft.pk]))

    assert response["Location"] == reverse("paper_import_list")
    assert not PaperImport.objects.exists()


# What they cost


LONG = "IX. Ninth meeting, Vienna, 9 September 2019\n\n" + "\n\n".join(
    f"{number}. States parties should take measure {number}, with all means {'and soon, ' * 12}as agreed."
    for number in range(1, 900)
)


@pytest.mark.parametrize("text", [NINTH, EIGHT_MEETINGS, LONG], ids=["5 texts", "317 texts", "80 pages"])
def test_the_table_takes_few_queries_at_any_size(curator, dana, django_assert_max_num_queries, text):
    draft = taken_in(dana, text)
    pages = [
        table(draft),
        table(draft, show="undecided"),
        reverse("paper_import_text", args=[draft.pk, draft.paragraphs.last().pk]),
    ]

    for address in pages:
        with django_assert_max_num_queries(15):
            assert curator.get(address).status_code == 200


# What is said of texts, from a file


def annotations() -> list[dict]:
    """What curators said of the first eight meetings, in the columns of the catalogue's own import."""
    entries = json.loads((FIXTURES / "annotations.json").read_text(encoding="utf-8"))["nodes"]
    themes = json.loads((FIXTURES / "themes.json").read_text(encoding="utf-8"))["themes"]
    primary = {label: theme["id"] for theme in themes for label in theme["primary"]}
    titles = json.loads((FIXTURES / "titles.json").read_text(encoding="utf-8"))["texts"]
    titled = {entry["label"]: entry | {"evidence_kinds": ", ".join(entry["evidence_kinds"])} for entry in titles}
    secondary = {label: theme["id"] for theme in themes for label in theme["secondary"]}
    return [
        {
            "unit": entry["unit"],
            "topic": entry["topic"],
            "addressees": ", ".join(entry["addressees"]),
            "basis": entry["basis"] or "",
            "strength": entry["strength"] or "",
            "asks_to_consider": entry["asks_to_consider"],
            "primary_theme": primary.get(entry["label"], ""),
            "secondary_theme": secondary.get(entry["label"], ""),
        }
        | titled[entry["label"]]
        for entry in entries
    ]


@pytest.mark.thorough
def test_the_first_paper_with_its_annotations_is_the_catalogue(curator, dana):
    """Through the file of annotations and the publication: 317 texts, the same in everything."""
    draft = taken_in(dana, EIGHT_MEETINGS, body_slug="again", body_name="The same again")
    act(curator, draft, "note", draft.paragraphs.get(text__startswith="The recommendations proposed during the third"))
    file = upload("annotations.json", json.dumps(annotations()))

    response = curator.post(reverse("paper_import_annotations", args=[draft.pk]), {"upload": file})
    assert response.status_code == 302, response.context["form"].errors
    published(draft, dana)

    assert entries_of("again") == entries_of("wgtip")
    assert len(entries_of("again")) == 317


def entries_of(slug: str) -> list[tuple]:
    nodes = Recommendation.objects.published().filter(body__slug=slug).with_annotations().prefetch_related("footnotes")
    return [
        (
            *(node.position, node.label, node.parent and node.parent.label, node.kind, node.marker, node.text),
            [(note.number, note.text, note.offset) for note in node.footnotes.all()],
            *(node.is_unit, node.is_topic, node.basis, node.strength, node.asks_to_consider),
            *(node.title, node.guidance, node.evidence_kinds, node.evidence_hint),
            [addressee.code for addressee in node.addressees.all()],
            *(node.primary_theme, node.secondary_theme, node.meeting.number, node.meeting.heading),
            *(node.meeting.place, node.meeting.starts, node.meeting.ends),
        )
        for node in nodes
    ]


def test_the_file_of_a_draft_returned_unchanged_changes_nothing(curator, draft):
    file = curator.get(reverse("paper_import_annotations_csv", args=[draft.pk])).content

    curator.post(reverse("paper_import_annotations", args=[draft.pk]), {"upload": upload("draft.csv", file)})

    assert set(draft.paragraphs.values_list("version", flat=True)) == {1}


def test_the_file_of_an_empty_draft_has_its_heading_row(curator, draft, dana):
    decide_paragraphs(paper_import=draft, decision="leave_out", parts=parts_of(draft), by=dana)

    file = curator.get(reverse("paper_import_annotations_csv", args=[draft.pk]))

    assert [line.split(",")[:3] for line in file.text.lstrip("\ufeff").splitlines()] == [["label", "parent", "kind"]]


def test_a_file_corrects_labels_words_kinds_and_leaves_texts_out(curator, dana):
    draft = taken_in(dana)
    rows = [
        "label,kind,text,new_label,new_kind,new_text,new_footnotes,leave_out,addressees",
        "IX.1,note,Ignored.,IX.7,,,,,states_parties",
        'IX.1(b),,,,,Consider a fund for victims.¹,¹ See article 6.,,"states, unodc, secretariat"',
        "IX.2,,,,,,,Yes,secretariat",
        "IX.3,,,,chapeau,,,no,states",
    ]

    curator.post(reverse("paper_import_annotations", args=[draft.pk]), {"upload": upload("draft.csv", "\n".join(rows))})

    values = ("label", "kind", "text", "footnotes", "is_left_out", "addressees")
    assert list(draft.paragraphs.filter(number__gt=3).values_list(*values)) == [
        ("IX.7", "chapeau", "States parties should:", "", False, ["states_parties"]),
        ("IX.7(a)", "recommendation", "Criminalize trafficking in persons;", "", False, ["states_parties"]),
        (
            *("IX.7(b)", "recommendation", "Consider a fund for victims.¹", "¹ See article 6.", False),
            ["states", "unodc", "secretariat"],
        ),
        ("IX.2", "recommendation", "The Secretariat should compile good practices.", "", True, ["secretariat"]),
        ("IX.3", "chapeau", "Measures should be taken to protect children.", "", False, ["states"]),
    ]


@pytest.mark.parametrize(
    "rows, message",
    [
        (
            "label,strength\nIX.9,may\n",
            "Row 2: No text has the label “IX.9”. Correct the label.",
        ),
        (
            "label,strength\nIX.2,may\nIX.2,may\n",
            "Row 3: An earlier row has the same label. Remove one of the rows.",
        ),
        (
            "label,strength\nIX.2,often\n",
            "Row 2: IX.2 · Strength of wording: Choose from the list.",
        ),
        ("label,unit\nIX.2,perhaps\n", "Row 2: “perhaps” is not a valid value. Enter one of: "),
        (
            "label,addressees\nIX.2,\n",
            "Row 2: IX.2 · Addressees: Select at least one addressee: answers are recorded for this text.",
        ),
        ("label,addressees\nIX.2,everybody\n", "Row 2: IX.2 · Addressees: Choose from the list."),
        (
            "label,primary_theme\nIX.2,weather\n",
            "Row 2: “weather” is not a valid value. Enter one of: ",
        ),
        ("label\n", ""),
    ],
)
def test_a_file_of_annotations_is_imported_whole_or_not(curator, dana, rows, message):
    paper_import = taken_in(dana)

    page = curator.post(reverse("paper_import_annotations", args=[paper_import.pk]), {"upload": upload("a.csv", rows)})

    errors = page.context["form"].errors.get("upload", [""]) if page.context else [""]
    assert errors[0].startswith(message)
    assert set(paper_import.paragraphs.values_list("version", flat=True)) == {1}
