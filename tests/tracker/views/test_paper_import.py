"""The pages on which a curator takes in a paper."""

import json
import re

import pytest
from django.urls import reverse

from recommendations.fixtures import FIXTURES
from recommendations.models import Body, ImportedParagraph, PaperImport, Recommendation
from recommendations.paper_import.actions import decide_paragraphs, delete_import, save_paragraphs
from recommendations.paper_import.plan import PublicationPlan
from tests.catalogue_events import actions_on
from tests.conftest import make_person, with_second_factor
from tests.documents import upload
from tests.pages import words
from tests.papers import EIGHT_MEETINGS, NINTH, published, taken_in
from tests.thorough import some
from tests.verification import find_errors
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

DETAILS = {
    "paper_symbol": "CTOC/COP/WG.4/2019/6",
    "paper_title": "Recommendations adopted at the ninth meeting",
    "paper_date": "1 October 2019",
    "paper_kind": "report",
    "starts_at": "1",
}


@pytest.fixture
def curator(client, dana):
    client.force_login(dana)
    return client


def of_first_body(**said) -> dict:
    return DETAILS | {"body": str(Body.objects.get(is_first=True).pk)} | said


def node(paper_import: PaperImport, label: str) -> ImportedParagraph:
    return paper_import.paragraphs.get(label=label)


def fields_of(page, pk: int) -> dict[str, str]:
    """What the fields of a text say on a page, as its form would send them."""
    context = page.context
    rows = context["rows"] if "rows" in context else [context["row"]]
    form = next(row.form for row in rows if row.node.pk == pk)
    values = {name: form[name].value() for name in form.fields}
    return {form.add_prefix(name): value for name, value in values.items() if value not in (None, False)}


def confirmed(page) -> dict:
    """What the form of a preview sends when each box is selected."""
    plan = page.context["plan"]
    return {"stamp": plan.stamp, "confirmed": list(plan.kinds_to_confirm)}


# Taking in


# Reading


def test_every_paragraph_is_next_to_the_text_it_becomes(curator, dana):
    paper_import = taken_in(dana)

    page = curator.get(reverse("paper_import", args=[paper_import.pk]))

    assert [(row.kind, row.beginning, row.node and row.node.label) for row in page.context["rows"]] == [
        ("group", "Working Group on Trafficking in Persons", None),
        ("heading", "IX. Ninth meeting, Vienna, 9 to 11 September 2019", None),
        ("text", "1. States parties should:", "IX.1"),
        ("text", "- (a) Criminalize trafficking in persons;", "IX.1(a)"),
        ("text", "- (b) Consider establishing a fund for victims.¹", "IX.1(b)"),
        ("text", "2. The Secretariat should compile good practices.", "IX.2"),
        ("text", "3. Measures should be taken to protect children.", "IX.3"),
    ]
    counts = page.context["document"].counts
    assert (counts.texts, counts.headings, counts.left_out, counts.in_doubt) == (42, 9, 16, 0)
    assert counts.words == sum(row["words"] for row in PaperImport.objects.get().outline) == 67
    assert "67 of 67 words accounted for" in words(page)


REPORT = """Report of the ninth meeting

I. Introduction

1. The Working Group held its ninth meeting in Vienna.

2. The Chair opened the meeting.

II. Recommendations

A. Compensation

3. States parties should compensate victims.

B. Labour exploitation

4. Member States and the Secretariat should share screening forms.

5. Measures should be taken to inspect workplaces and

III. Organization of the meeting

6. The meeting was opened on 9 September.
"""
KEPT = ("number", "label", "kind", "is_unit", "addressees", "primary_theme", "topic_heading", "doubts", "is_left_out")
NINTH_MEETING = "IX. Ninth meeting, Vienna, 9 to 11 September 2019"


CHAPEAUX = """IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. States parties should:

(a) Train police officers;

(b) Train prosecutors.

2. The Secretariat should:

(a) Collect laws;

(b) Publish laws.
"""


def labels_of(paper_import: PaperImport) -> list[str]:
    return [node.label for node in paper_import.paragraphs.order_by("number")]


def report(by, **values) -> PaperImport:
    return taken_in(by, REPORT, heading=NINTH_MEETING, **values)


def becomes(paper_import: PaperImport) -> list[tuple[str, str]]:
    live = paper_import.paragraphs.filter(is_left_out=False)
    return [(node.label, node.text) for node in live]


def test_a_report_becomes_texts_and_chapters_that_are_left_out_with_their_reason(curator, dana):
    page = curator.get(reverse("paper_import", args=[report(dana, starts_at=4).pk]))

    rows = page.context["rows"]
    assert [(row.kind, row.beginning) for row in rows] == [
        ("left_out", "Report of the ninth meeting"),
        ("group", "I. Introduction"),
        ("heading", "II. Recommendations"),
        ("heading", "A. Compensation"),
        ("text", "3. States parties should compensate victims."),
        ("heading", "B. Labour exploitation"),
        ("text", "4. Member States and the Secretariat should share screening forms."),
        ("text", "5. Measures should be taken to inspect workplaces and"),
        ("group", "III. Organization of the meeting"),
    ]
    texts = [row.node for row in rows if row.kind == "text"]
    assert [(text.label, text.paragraph, str(text.primary_theme), text.topic_heading) for text in texts] == [
        ("IX.4", "3", "Compensation, restitution and access to justice", "A. Compensation"),
        ("IX.5", "4", "Labour exploitation, recruitment agencies and migrant workers", "B. Labour exploitation"),
        ("IX.6", "5", "Labour exploitation, recruitment agencies and migrant workers", "B. Labour exploitation"),
    ]


def test_the_label_above_the_first_text_is_inside_the_bounds_with_its_heading(curator, dana):
    paper = """II. Recommendations

A. Victims

Recommendation 1

States parties should protect victims.

Recommendation 2

States parties should inform victims.
"""
    paper_import = taken_in(dana, paper)

    rows = curator.get(reverse("paper_import", args=[paper_import.pk])).context["rows"]

    assert [(row.kind, row.beginning, row.begins) for row in rows][:3] == [
        ("heading", "II. Recommendations", True),
        ("heading", "A. Victims", False),
        ("left_out", "Recommendation 1", False),
    ]


def test_bounds_are_moved_by_a_paragraph_and_corrections_stay(curator, dana):
    paper_import = report(dana)
    corrected = node(paper_import, "IX.2")
    save_paragraphs(paper_import=paper_import, changes={corrected.pk: (1, {"strength": "shall"})}, by=dana)
    address = reverse("paper_import", args=[paper_import.pk])
    rows = curator.get(address, {"move": "last"}).context["rows"]
    [target] = [row.number for row in rows if row.beginning.startswith("4.")]

    curator.post(address, {"base": "1", "last": target})

    assert becomes(paper_import) == [
        ("IX.1", "States parties should compensate victims."),
        ("IX.2", "Member States and the Secretariat should share screening forms."),
    ]
    assert node(paper_import, "IX.2").strength == "shall"
    assert actions_on(paper_import) == [("catalogue entry changed", dana), ("catalogue entry added", dana)]
    again = curator.post(address, {"base": "1", "last": str(target + 1)}, follow=True)
    assert "The page changed after you opened it" in words(again)
    assert len(becomes(paper_import)) == 2
    assert list(find_errors()) == []


@pytest.mark.parametrize(("bound", "verb"), [("first", "begin"), ("last", "end")])
def test_a_bound_that_moves_says_what_to_do_and_can_be_left(curator, dana, bound, verb):
    address = reverse("paper_import", args=[report(dana).pk])

    page = curator.get(address, {"move": bound})

    assert f"Choose the paragraph at which the recommendations {verb}. Cancel" in words(page)
    assert f"Recommendations {verb} here" not in words(page)
    assert f'<a href="{address}#bound-{bound}">Cancel</a>' in page.content.decode()
    assert words(page).count("Move ") == 1  # the other bound


def test_a_text_says_how_it_is_answered_and_a_strength_without_a_word_of_its_own(curator, dana):
    paper_import = taken_in(dana)
    values = {"IX.1": {"is_unit": True, "title": "Crime"}, "IX.3": {"strength": "other"}}
    for label, changed in values.items():
        save_paragraphs(paper_import=paper_import, changes={node(paper_import, label).pk: (1, changed)}, by=dana)

    shown = words(curator.get(reverse("paper_import", args=[paper_import.pk])))
    assert "IX.1 Crime States parties · Stated in the text · should · Chapeau, answered as a whole" in shown
    assert "Implied · Strength of wording: other · Recommendation" in shown
    problems = curator.get(reverse("paper_import_publish", args=[paper_import.pk])).content.decode()
    assert "<bdi>IX.1(a)</bdi></a>: IX.1 is answered once for all its items." in problems


@pytest.mark.parametrize(
    "sent", [{"first": "99"}, {"last": "1"}, {"first": "x"}, {}, {"include": "99"}, {"answer": "keep"}]
)
def test_what_no_button_sends_changes_nothing(curator, dana, sent):
    paper_import = report(dana)
    before = becomes(paper_import)

    response = curator.post(reverse("paper_import", args=[paper_import.pk]), {"base": "1"} | sent)

    assert response.status_code == 302
    assert becomes(paper_import) == before


def test_a_chapter_that_is_left_out_is_shown_and_taken_in_and_left_out_again(curator, dana):
    paper_import = report(dana)
    address = reverse("paper_import", args=[paper_import.pk])
    group = curator.get(address).context["rows"][-1]

    opened = curator.get(address, {"open": group.number}).context["rows"]
    assert [row.beginning for row in opened[-2:]] == [
        "III. Organization of the meeting",
        "6. The meeting was opened on 9 September.",
    ]
    curator.post(address, {"include": str(opened[-1].number)})
    assert becomes(paper_import)[-1] == ("IX.4", "The meeting was opened on 9 September.")
    curator.post(address, {"leave_out": str(node(paper_import, "IX.1").number)})
    assert [label for label, _text in becomes(paper_import)] == ["IX.1", "IX.2", "IX.3"]
    shown = words(curator.get(address))
    assert "Left out by a curator" in shown


@pytest.mark.parametrize("label", ["IX.1", "IX.3"])
def test_one_text_at_a_bound_is_omitted_and_restored_separately(curator, dana, label):
    paper_import = report(dana)
    address = reverse("paper_import", args=[paper_import.pk])

    def shown() -> list:
        rows = curator.get(address).context["rows"]
        return [(row.kind, row.beginning, row.begins, row.ends, list(row.numbers)) for row in rows]

    before, texts, number = shown(), list(ImportedParagraph.objects.values(*KEPT)), node(paper_import, label).number
    curator.post(address, {"leave_out": str(number)})

    assert shown() == [
        ("left_out" if numbers == [number] else kind, beginning, begins, ends, numbers)
        for kind, beginning, begins, ends, numbers in before
    ]
    [left_out] = [row for row in curator.get(address).context["rows"] if row.numbers == [number]]
    assert left_out.reason == "Left out by a curator"
    curator.post(address, {"include": str(number)})
    assert shown() == before
    assert list(ImportedParagraph.objects.values(*KEPT)) == texts


def test_labels_that_a_decision_changes_are_named_and_an_older_problem_is_not(curator, dana):
    paper_import = report(dana)

    page = curator.post(
        reverse("paper_import", args=[paper_import.pk]),
        {"leave_out": str(node(paper_import, "IX.1").number)},
        follow=True,
    )

    assert [str(message) for message in page.context["messages"]] == ["2 labels changed. The first: IX.2 is now IX.1."]


def test_the_headings_of_a_chapter_do_not_become_texts_with_its_paragraphs(curator, dana):
    paper_import = report(dana)
    address = reverse("paper_import", args=[paper_import.pk])
    chapter = curator.get(address).context["rows"][-1]

    curator.post(address, {"include": ",".join(map(str, chapter.numbers))})

    assert becomes(paper_import)[3:] == [("IX.4", "The meeting was opened on 9 September.")]


def test_doubts_are_settled_one_by_one_in_place(curator, dana):
    paper_import = report(dana)
    address = reverse("paper_import", args=[paper_import.pk])
    page = curator.get(address)
    assert "Doubt 1 of 3: Whom does this text address?" in words(page)
    assert "Settle, and go to doubt 2" in words(page)
    doubt = page.context["opened_doubt"]
    assert list(doubt["answers"]) == ["member_states+secretariat", "member_states", "secretariat", "leave_out"]

    text = doubt["doubt"].node
    sent = {"node": text.pk, "version": text.version, "question": doubt["doubt"].question, "doubt": 1}
    assert "Choose an answer" in words(curator.post(address, sent, follow=True))
    curator.post(address, sent | {"answer": "member_states+secretariat"})
    assert node(paper_import, "IX.2").addressees == ["member_states", "secretariat"]
    page = curator.get(address)
    assert "Doubt 2 of 3: Is this text complete?" in words(page)
    stale = curator.post(address, sent | {"answer": "secretariat"}, follow=True)
    assert "The page changed after you opened it" in words(stale)
    assert node(paper_import, "IX.2").addressees == ["member_states", "secretariat"]


def test_publication_says_what_is_missing_and_needs_each_kind_of_doubt_confirmed(curator, dana):
    paper_import = report(dana)
    address, publishing = (reverse(name, args=[paper_import.pk]) for name in ("paper_import", "paper_import_publish"))
    page = curator.get(publishing)
    assert "To publish, fix 1 problem" in words(page)
    assert "This text may be incomplete" in words(page)
    cut = PublicationPlan(paper_import).blocking_doubts[0]
    sent = {"node": cut.node.pk, "version": cut.node.version, "question": cut.question, "answer": "keep"}
    curator.post(address, sent)

    page = curator.get(publishing)
    assert list(page.context["plan"].kinds_to_confirm) == ["two_addressees", "implied"]
    stamp = {"stamp": page.context["plan"].stamp}
    refused = curator.post(publishing, stamp | {"confirmed": ["implied"]})
    assert refused.status_code == 409
    assert "Select the box of each kind of doubt" in words(refused)
    assert curator.post(publishing, stamp | {"confirmed": ["implied", "two_addressees"]}).status_code == 302
    texts = Recommendation.objects.filter(meeting__number=9)
    assert [(text.label, text.paragraph, text.topic_heading) for text in texts] == [
        ("IX.1", "3", "A. Compensation"),
        ("IX.2", "4", "B. Labour exploitation"),
        ("IX.3", "5", "B. Labour exploitation"),
    ]
    shown = words(curator.get("/recommendations/IX-1/"))
    assert "Heading in the document · A. Compensation" in shown
    assert "Document CTOC/COP/WG.4/2019/6, paragraph 3." in shown


def test_a_clause_that_is_dropped_must_be_settled_and_a_word_that_is_added_is_marked(curator, dana):
    paper_import = taken_in(dana)
    text = node(paper_import, "IX.3")
    values = {"text": "Measures should be taken to protect all children."}
    save_paragraphs(paper_import=paper_import, changes={text.pk: (1, values)}, by=dana)

    page = curator.get(reverse("paper_import", args=[paper_import.pk]))
    assert ">all</ins>" in page.content.decode()
    assert [doubt.question for doubt in page.context["plan"].doubts] == ["added_words", "implied"]
    values = {"text": "Measures should be taken.", "settled": ["added_words", "dropped_words"]}
    save_paragraphs(paper_import=paper_import, changes={text.pk: (2, values)}, by=dana)
    [dropped] = PublicationPlan(paper_import).blocking_doubts
    assert (dropped.question, dropped.words) == ("dropped_words", "taken to protect children.")


def test_the_items_follow_the_label_of_their_chapeau_and_saving_says_what_it_broke(curator, dana):
    paper_import = taken_in(dana)
    chapeau = node(paper_import, "IX.1")
    address = reverse("paper_import_text", args=[paper_import.pk, chapeau.pk])
    said = fields_of(curator.get(address), chapeau.pk)

    page = curator.post(address, said | {f"t{chapeau.pk}-label": "IX.2"}, follow=True)

    assert list(paper_import.paragraphs.values_list("label", flat=True)) == [
        "IX.2",
        "IX.2(a)",
        "IX.2(b)",
        "IX.2",
        "IX.3",
    ]
    assert "To fix after this change: IX.2: Another text in the paper has the same label." in words(page)


def test_items_follow_their_own_chapeau_where_two_labels_are_exchanged(curator, dana):
    paper_import = taken_in(dana, CHAPEAUX)
    [first, second] = paper_import.paragraphs.filter(kind="chapeau")

    changes = {first.pk: (1, {"label": "IX.2"}), second.pk: (1, {"label": "IX.1"})}
    save_paragraphs(paper_import=paper_import, changes=changes, by=dana)

    assert labels_of(paper_import) == ["IX.2", "IX.2(a)", "IX.2(b)", "IX.1", "IX.1(a)", "IX.1(b)"]


def test_a_label_corrected_twice_changes_only_its_own_items(curator, dana):
    paper_import = taken_in(dana, CHAPEAUX)
    before = labels_of(paper_import)
    first = paper_import.paragraphs.get(label="IX.1")

    save_paragraphs(paper_import=paper_import, changes={first.pk: (1, {"label": "IX.2"})}, by=dana)
    save_paragraphs(paper_import=paper_import, changes={first.pk: (2, {"label": "IX.1"})}, by=dana)

    assert labels_of(paper_import) == before


def test_the_items_of_a_chapeau_without_a_number_are_those_of_the_decision(curator, dana):
    paper_import = taken_in(dana, CHAPEAUX)
    first = paper_import.paragraphs.get(label="IX.1")

    save_paragraphs(paper_import=paper_import, changes={first.pk: (1, {"label": "Decision 9/1"})}, by=dana)

    assert labels_of(paper_import)[:3] == ["Decision 9/1", "Decision 9/1(a)", "Decision 9/1(b)"]
    assert PublicationPlan(paper_import).problems == []


def test_a_published_document_still_shows_what_became_of_every_paragraph(curator, dana):
    paper_import = taken_in(dana)
    published(paper_import, dana)

    page = curator.get(reverse("paper_import", args=[paper_import.pk]))

    assert len(page.context["rows"]) == 7
    assert 'name="leave_out"' not in page.content.decode()
    assert curator.post(reverse("paper_import", args=[paper_import.pk]), {"leave_out": "8"}).status_code == 302
    assert PaperImport.objects.get().decisions == {}


@pytest.mark.parametrize("name", ["paper_import", "paper_import_edit", "paper_import_publish"])
@pytest.mark.parametrize("text", [NINTH, EIGHT_MEETINGS], ids=["5 texts", "317 texts"])
def test_pages_take_few_queries_at_any_size(curator, dana, django_assert_max_num_queries, name, text):
    paper_import = taken_in(dana, text)

    with django_assert_max_num_queries(15):
        assert curator.get(reverse(name, args=[paper_import.pk])).status_code == 200


# Correcting


def test_one_text_is_corrected_in_place(curator, dana):
    paper_import = taken_in(dana)
    text = node(paper_import, "IX.3")
    address = reverse("paper_import_text", args=[paper_import.pk, text.pk])
    said = fields_of(curator.get(address), text.pk)

    curator.post(address, said | {f"t{text.pk}-addressee": "states", f"t{text.pk}-basis": "stated"})

    text.refresh_from_db()
    assert (text.addressees, text.basis, text.version, text.label) == (["states"], "stated", 2, "IX.3")


def test_a_label_is_not_called_optional(curator, dana):
    paper_import = taken_in(dana)
    page = words(curator.get(reverse("paper_import_text", args=[paper_import.pk, node(paper_import, "IX.2").pk])))
    assert "Paragraph of the paper (optional)" in page
    assert "Label (optional)" not in page


def test_many_texts_are_corrected_at_once_and_those_left_as_they_were_are_not_touched(curator, dana):
    paper_import = taken_in(dana)
    address = reverse("paper_import_edit", args=[paper_import.pk])
    page, texts = curator.get(address), list(paper_import.paragraphs.all())
    said = {name: value for text in texts for name, value in fields_of(page, text.pk).items()}
    changed = {f"t{texts[1].pk}-strength": "shall", f"t{texts[4].pk}-counts_as": "topic"}

    response = curator.post(address, said | changed)

    assert response.status_code == 302
    assert list(paper_import.paragraphs.values_list("version", "strength", "is_unit", "is_topic")) == [
        (1, "should", False, False),
        (2, "shall", True, False),
        (1, "should_consider", True, False),
        (1, "should", True, False),
        (2, "should", False, True),
    ]


def test_one_error_among_many_texts_is_shown_and_nothing_saved(curator, dana):
    paper_import = taken_in(dana)
    address = reverse("paper_import_edit", args=[paper_import.pk])
    page, texts = curator.get(address), list(paper_import.paragraphs.all())
    said = {name: value for text in texts for name, value in fields_of(page, text.pk).items()}
    wrong = {f"t{texts[1].pk}-strength": "shall", f"t{texts[4].pk}-label": "Nine"}

    page = curator.post(address, said | wrong)

    assert [(form.instance.pk, list(form.errors)) for form in page.context["wrong"]] == [(texts[4].pk, ["label"])]
    assert 'value="Nine"' in page.content.decode()
    assert set(paper_import.paragraphs.values_list("version", flat=True)) == {1}


def test_a_stale_tab_shows_the_saved_text_and_loses_nothing(curator, dana):
    paper_import, fay = taken_in(dana), with_second_factor(make_person("fay", Role.CURATOR))
    text = node(paper_import, "IX.3")
    address = reverse("paper_import_edit", args=[paper_import.pk])
    page = curator.get(address)
    said = {name: value for other in paper_import.paragraphs.all() for name, value in fields_of(page, other.pk).items()}
    save_paragraphs(paper_import=paper_import, changes={text.pk: (1, {"strength": "shall"})}, by=fay)

    page = curator.post(address, said | {f"t{text.pk}-text": "What dana typed."})

    shown = page.content.decode()
    assert page.status_code == 409
    assert "Fay" in shown
    assert "What dana typed." in shown
    assert node(paper_import, "IX.3").version == 2
    again = {name: value for row in page.context["rows"] for name, value in fields_of(page, row.node.pk).items()}
    assert curator.post(address, again).status_code == 302
    assert node(paper_import, "IX.3").text == "What dana typed."


def test_changes_by_another_curator_stay_in_untouched_texts(curator, dana):
    paper_import = taken_in(dana)
    own, changed = node(paper_import, "IX.2"), node(paper_import, "IX.3")
    address = reverse("paper_import_edit", args=[paper_import.pk])
    page = curator.get(address)
    said = {name: value for other in paper_import.paragraphs.all() for name, value in fields_of(page, other.pk).items()}
    save_paragraphs(paper_import=paper_import, changes={changed.pk: (1, {"strength": "shall"})}, by=dana)

    response = curator.post(address, said | {f"t{own.pk}-strength": "may"})

    assert response.status_code == 302
    assert (node(paper_import, "IX.2").strength, node(paper_import, "IX.3").strength) == ("may", "shall")


@pytest.mark.thorough
def test_a_page_saved_without_a_change_changes_nothing_of_the_eight_meetings(curator, dana):
    """What a form shows and sends comes back as it was, of every text; by default of those of every fifth page."""
    paper_import = taken_in(dana, EIGHT_MEETINGS, body_slug="smuggling", body_name="Another")
    address = reverse("paper_import_edit", args=[paper_import.pk])
    for number in some(range(1, 17)):
        page = curator.get(address, {"page": number})
        said = {name: value for row in page.context["rows"] for name, value in fields_of(page, row.node.pk).items()}
        assert curator.post(f"{address}?page={number}", said).status_code == 302

    assert set(paper_import.paragraphs.values_list("version", flat=True)) == {1}


def test_a_text_is_added(curator, dana):
    paper_import = taken_in(dana)
    above = node(paper_import, "IX.3")
    said = {
        "t0-label": "IX.4",
        "t0-kind": "recommendation",
        "t0-text": "States should act.",
        "t0-counts_as": "unit",
        "t0-addressee": "states",
        "t0-basis": "stated",
        "t0-base": "1-",
    }

    curator.post(reverse("paper_import_text_add", args=[paper_import.pk, above.pk]), said)

    assert list(paper_import.paragraphs.values_list("label", flat=True))[-1] == "IX.4"


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
def test_the_paper_of_eight_meetings_with_its_annotations_is_the_catalogue(curator):
    """Through the upload, the file of annotations and the publication: 317 texts, the same in everything."""
    said = DETAILS | {
        "body_name": "The same again",
        "body_slug": "again",
        "upload": upload("a.txt", EIGHT_MEETINGS),
    }
    curator.post(reverse("paper_import_add"), said)
    paper_import = PaperImport.objects.get()
    [note] = PublicationPlan(paper_import).blocking_doubts  # III, which has no number and asks for nothing
    answer = {"node": note.node.pk, "version": 1, "question": note.question, "answer": "include"}
    curator.post(reverse("paper_import", args=[paper_import.pk]), answer)
    file = upload("annotations.json", json.dumps(annotations()))

    response = curator.post(reverse("paper_import_annotations", args=[paper_import.pk]), {"upload": file})
    assert response.status_code == 302, response.context["form"].errors
    address = reverse("paper_import_publish", args=[paper_import.pk])
    curator.post(address, confirmed(curator.get(address)))

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
        )
        for node in nodes
    ]


def test_the_file_of_a_draft_changes_nothing_when_it_comes_back(curator, dana):
    paper_import = taken_in(dana)
    file = curator.get(reverse("paper_import_annotations_csv", args=[paper_import.pk])).content

    curator.post(reverse("paper_import_annotations", args=[paper_import.pk]), {"upload": upload("draft.csv", file)})

    assert set(paper_import.paragraphs.values_list("version", flat=True)) == {1}


def test_the_file_of_a_draft_without_texts_has_its_heading_row(curator, dana):
    paper_import = taken_in(dana)
    nodes = {node.pk: (node.version, {"is_left_out": True}) for node in paper_import.paragraphs.all()}
    save_paragraphs(paper_import=paper_import, changes=nodes, by=dana)

    file = curator.get(reverse("paper_import_annotations_csv", args=[paper_import.pk]))

    assert [line.split(",")[:3] for line in file.text.lstrip("\ufeff").splitlines()] == [["label", "parent", "kind"]]


def test_a_file_corrects_labels_words_kinds_and_leaves_texts_out(curator, dana):
    paper_import = taken_in(dana)
    rows = [
        "label,kind,text,new_label,new_kind,new_text,new_footnotes,leave_out",
        "IX.1,note,Ignored.,IX.7,,,,",
        "IX.1(b),,,,,Consider a fund for victims.¹,¹ See article 6.,",
        "IX.2,,,,,,,Yes",
        "IX.3,,,,chapeau,,,no",
    ]
    address = reverse("paper_import_annotations", args=[paper_import.pk])

    page = curator.post(address, {"upload": upload("draft.csv", "\n".join(rows))}, follow=True)

    assert [
        (node.label, node.kind, node.text, node.footnotes, node.is_left_out)
        for node in paper_import.paragraphs.order_by("number")
    ] == [
        ("IX.7", "chapeau", "States parties should:", "", False),
        ("IX.7(a)", "recommendation", "Criminalize trafficking in persons;", "", False),
        ("IX.7(b)", "recommendation", "Consider a fund for victims.¹", "¹ See article 6.", False),
        ("", "recommendation", "The Secretariat should compile good practices.", "", True),
        ("IX.3", "chapeau", "Measures should be taken to protect children.", "", False),
    ]
    assert "To fix after this change: IX.7(b): Words of the document are in no text." in words(page)


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
            "Row 2: IX.2 · Addressee: Select at least one addressee: answers are recorded for this text.",
        ),
        ('label,addressees\nIX.2,"states, unodc, secretariat"\n', "Row 2: Enter at most two addressees."),
        (
            "label,primary_theme\nIX.2,weather\n",
            "Row 2: “weather” is not a valid value. Enter one of: ",
        ),
        ("label\n", ""),
    ],
)
def test_a_file_of_annotations_is_taken_whole_or_not_at_all(curator, dana, rows, message):
    paper_import = taken_in(dana)

    page = curator.post(reverse("paper_import_annotations", args=[paper_import.pk]), {"upload": upload("a.csv", rows)})

    errors = page.context["form"].errors.get("upload", [""]) if page.context else [""]
    assert errors[0].startswith(message)
    assert set(paper_import.paragraphs.values_list("version", flat=True)) == {1}


# Publishing


def test_the_preview_says_what_would_be_added_and_for_whom(curator, dana):
    paper_import = taken_in(dana)

    plan = curator.get(reverse("paper_import_publish", args=[paper_import.pk])).context["plan"]

    assert [count for _words, count in plan.counts] == [5, 1, 4, 0, 4, 0]
    assert plan.units_by_addressee == [("States parties", 3), ("Secretariat", 1)]
    assert [(str(meeting), count) for meeting, count in plan.texts_by_meeting] == [
        ("Ninth meeting, Vienna, 9 to 11 September 2019", 5)
    ]
    assert (len(plan.nodes_with_doubts), len(plan.units_without_theme), plan.published_nodes, plan.problems) == (
        1,
        4,
        [],
        [],
    )


def test_doubts_are_counted_at_the_head_of_the_draft_and_of_the_preview(curator, dana):
    paper_import = taken_in(dana)
    draft = reverse("paper_import", args=[paper_import.pk])

    for address in (draft, reverse("paper_import_publish", args=[paper_import.pk])):
        page = curator.get(address)
        assert f'1 doubt · <a href="{draft}?doubt=1#doubt">go to the first</a>' in page.content.decode()
        assert "in doubt: must be settled to publish" not in words(page)
    assert "You can retract this import until answers, rounds or other records refer to its texts." in words(page)
    assert "not added, because" not in words(page)


def test_texts_without_a_title_or_a_theme_are_one_link_away_from_the_preview(curator, dana):
    paper_import = taken_in(dana)
    correcting = reverse("paper_import_edit", args=[paper_import.pk])

    preview = curator.get(reverse("paper_import_publish", args=[paper_import.pk]))

    html = preview.content.decode()
    assert f'<a href="{correcting}?show=no_title">5 texts without a short title</a>' in html
    assert f'<a href="{correcting}?show=no_theme">4 recommendations without a theme</a>' in html
    shown = {name: curator.get(correcting, {"show": name}).context["rows"] for name in ("no_title", "no_theme")}
    assert [row.node.label for row in shown["no_title"]] == ["IX.1", "IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]
    assert [row.node.label for row in shown["no_theme"]] == ["IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]
    assert "IX.1 No short title" in words(curator.get(reverse("paper_import", args=[paper_import.pk])))


def test_no_text_without_a_title_is_skipped_while_titles_are_entered(curator, dana):
    text = NINTH_MEETING + "\n\n" + "\n".join(f"{n}. States parties should take measure {n}." for n in range(1, 41))
    paper_import = taken_in(dana, text)
    address = reverse("paper_import_edit", args=[paper_import.pk]) + "?show=no_title"

    while rows := (page := curator.get(address)).context["rows"]:
        sent = {name: value for row in rows for name, value in fields_of(page, row.node.pk).items()}
        titles = {f"t{row.node.pk}-title": f"Title of {row.node.label}" for row in rows}
        address = curator.post(address, sent | titles | {"onwards": "1"})["Location"]

    assert set(paper_import.paragraphs.values_list("label", "title")) == {
        (f"IX.{number}", f"Title of IX.{number}") for number in range(1, 41)
    }
    assert "0 texts without a short title" in words(page)


def test_a_draft_is_published_in_one_act_and_read_by_everybody(curator, client, dana):
    paper_import = taken_in(dana)
    address = reverse("paper_import_publish", args=[paper_import.pk])

    response = curator.post(address, confirmed(curator.get(address)))

    assert response["Location"] == reverse("paper_import", args=[paper_import.pk])
    client.logout()
    assert "Consider establishing a fund" in client.get("/recommendations/IX-1-b/").content.decode()
    assert PaperImport.objects.get().published_by == dana


def test_a_second_click_publishes_nothing_again(curator, dana):
    paper_import = taken_in(dana)
    address = reverse("paper_import_publish", args=[paper_import.pk])
    sent = confirmed(curator.get(address))
    curator.post(address, sent)

    page = curator.post(address, sent)

    assert page.status_code == 409
    assert Recommendation.objects.filter(meeting__number=9).count() == 5


def test_pages_of_a_published_paper_lead_to_it_and_change_nothing(curator, dana):
    paper_import = taken_in(dana)
    text = node(paper_import, "IX.3")
    address = reverse("paper_import_text", args=[paper_import.pk, text.pk])
    said = fields_of(curator.get(address), text.pk)
    publishing = reverse("paper_import_publish", args=[paper_import.pk])
    curator.post(publishing, confirmed(curator.get(publishing)))

    for name in (
        "paper_import_edit",
        "paper_import_details",
        "paper_import_annotations",
        "paper_import_publish",
        "paper_import_delete",
    ):
        assert curator.get(reverse(name, args=[paper_import.pk]))["Location"] == reverse(
            "paper_import", args=[paper_import.pk]
        )
    page = curator.post(address, said | {f"t{text.pk}-text": "What dana typed."})
    assert page.status_code == 409
    assert "What dana typed." in page.content.decode()
    assert node(paper_import, "IX.3").version == 1


def test_a_draft_is_deleted(curator, dana):
    paper_import = taken_in(dana)

    response = curator.post(reverse("paper_import_delete", args=[paper_import.pk]))

    assert response["Location"] == reverse("paper_import_list")
    assert not PaperImport.objects.exists()


@pytest.mark.parametrize("page", ["paper_import_text", "paper_import_text_add", "paper_import_edit"])
def test_what_was_typed_for_a_draft_that_was_deleted_since_is_shown(curator, dana, page):
    paper_import = taken_in(dana)
    text = node(paper_import, "IX.3")
    keys = [paper_import.pk] if page == "paper_import_edit" else [paper_import.pk, text.pk]
    address = reverse(page, args=keys)
    token = re.search(r'name="author_token" value="([^"]+)"', curator.get(address).text)[1]
    delete_import(paper_import=paper_import, by=dana)
    typed = {f"t{text.pk}-text": "What dana typed.\nIn <two> lines.", f"t{text.pk}-kind": "recommendation"}
    response = curator.post(address, typed | {"author_token": token})
    assert response.status_code == 404
    assert "Your text is not saved." in response.text
    assert "What dana typed.\nIn &lt;two&gt; lines.</textarea>" in response.text
    assert response.text.count("<textarea") == 1
    assert "<textarea" not in curator.post(address, typed | {"author_token": "forged"}).text


def test_what_was_typed_for_a_text_that_was_left_out_since_is_shown_and_nothing_is_saved(curator, dana):
    paper_import = taken_in(dana)
    left_out, other = node(paper_import, "IX.3"), node(paper_import, "IX.2")
    page = curator.get(reverse("paper_import_edit", args=[paper_import.pk]))
    typed = fields_of(page, left_out.pk) | fields_of(page, other.pk)
    typed |= {f"t{left_out.pk}-text": "What dana typed.", f"t{other.pk}-text": "And here."}
    typed["author_token"] = re.search(r'name="author_token" value="([^"]+)"', page.text)[1]
    decide_paragraphs(paper_import=paper_import, numbers=[left_out.number], is_text=False, by=dana)
    assert not paper_import.paragraphs.filter(pk=left_out.pk).exists()
    response = curator.post(reverse("paper_import_edit", args=[paper_import.pk]), typed)
    assert response.status_code == 404
    assert "What dana typed.</textarea>" in response.text
    assert "And here.</textarea>" in response.text
    assert node(paper_import, "IX.2").version == other.version


def test_only_new_texts_of_a_consolidated_record_are_shown(curator, dana):
    text = EIGHT_MEETINGS + "\n" + NINTH[NINTH.index("IX.") :].replace("¹", "⁶")
    paper_import = taken_in(dana, text.replace("step up its legislative assistance", "step up all its assistance"))
    address = reverse("paper_import", args=[paper_import.pk])

    new, doubts = (curator.get(address, {"show": which}).context["rows"] for which in ("new", "doubts"))

    assert [row.node.label for row in new] == ["IX.1", "IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]
    assert [row.node.label for row in doubts] == ["I.4", "", "IX.3"]  # and III, which is left out
    page = curator.get(reverse("paper_import_edit", args=[paper_import.pk]), {"show": "new"})
    assert [row.node.label for row in page.context["rows"]] == ["IX.1", "IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]


def test_a_decision_says_what_must_be_fixed_after_it(curator, dana):
    draft = taken_in(dana)

    page = curator.post(reverse("paper_import", args=[draft.pk]), {"include": "3"}, follow=True)

    assert "To fix after this change: IX.1: This text may be incomplete" in words(page)


@pytest.mark.parametrize("value", ["0" * 5000, "9" * 5000, "1" * 7, "²", "-1", "1,", "\x00"])
def test_attack_a_number_of_the_address_or_of_a_button_is_no_number(value, curator, dana):
    draft = taken_in(dana)
    url, before = reverse("paper_import", args=[draft.pk]), draft.version

    asked = [curator.get(url, {name: value}).status_code for name in ("open", "doubt", "move", "page", "show")]
    sent = [
        *({name: value} for name in ("include", "leave_out", "first", "last", "base")),
        {"answer": "keep", "question": value, "doubt": value, "node": value, "version": value},
    ]
    answers = [curator.post(url, each).status_code for each in sent]

    assert (asked, answers) == ([200] * 5, [302] * 6)
    draft.refresh_from_db()
    assert draft.version == before
