"""The details of a paper are read from its first page, compared with it, and confirmed singly where it lacks them."""

import datetime

import pytest
from django.urls import reverse

from recommendations.models import Body, PaperImport
from recommendations.paper_import.actions import save_paragraphs
from recommendations.paper_import.cover import NOT_ENGLISH
from recommendations.paper_import.plan import PublicationPlan
from tests.catalogue_events import actions_on
from tests.documents import MACRO_WORD, PDF, PNG, upload
from tests.pages import words
from tests.papers import NINTH, as_word, published, taken_in

pytestmark = pytest.mark.django_db

GROUP = "Working Group on Trafficking in Persons"
CONFERENCE = "Conference of the Parties to the United Nations Convention against Transnational Organized Crime"
REPORT = f"""United Nations
CTOC/COP/WG.4/2019/6
{CONFERENCE}
Distr.: General
1 October 2019
Original: English
{GROUP}
Ninth meeting
Vienna, 9–11 September 2019
Report on the ninth meeting of the {GROUP}
Contents
II. Recommendations adopted by the Working Group
3. States parties should compensate victims.
"""
DETAILS = {
    "paper_symbol": "CTOC/COP/WG.4/2019/6",
    "paper_title": f"Report on the ninth meeting of the {GROUP}",
    "paper_date": "1 October 2019",
    "paper_kind": "report",
    "language": "en",
    "headings": "IX. Ninth meeting, Vienna, 9–11 September 2019",
}
DETAILS_BUT_LANGUAGE = ("paper_symbol", "paper_title", "paper_date", "paper_kind")
NEW_BODY = {"body_name": "Working Group on the Smuggling of Migrants", "body_slug": "smuggling"}


def imported(curator, text: str = REPORT, name: str = "report.docx") -> PaperImport:
    response = curator.post(reverse("paper_import_add"), {"upload": upload(name, as_word(text))})
    draft = PaperImport.objects.latest("pk")
    assert response["Location"] == details_of(draft)
    return draft


def details_of(draft: PaperImport) -> str:
    return reverse("paper_import_details", args=[draft.pk])


def save(curator, draft: PaperImport, **typed):
    """Send the page of the details as it is, with what was typed and selected on it."""
    sent = DETAILS | {"body": str(Body.objects.get(is_first=True).pk), "base": str(fresh(draft).version)} | typed
    return curator.post(details_of(draft), sent)


def fresh(draft: PaperImport) -> PaperImport:
    return PaperImport.objects.get(pk=draft.pk)


def boxes(curator, draft: PaperImport) -> list[str]:
    """Return the boxes of the page by which a person confirms a detail."""
    return [name for name in curator.get(details_of(draft)).context["form"].fields if name.startswith("checked_")]


def refusals(draft: PaperImport) -> list[str]:
    """Return why the details of the draft cannot be published."""
    problems = PublicationPlan(fresh(draft)).problems
    return [str(each) for each in problems if not each.node and not str(each).startswith("Decide about")]


# The document


@pytest.mark.parametrize("name", ["report.txt", "report.docx", ""])
def test_a_document_becomes_a_draft_and_leads_to_its_details(curator, dana, name):
    content = as_word(REPORT) if name.endswith("docx") else REPORT.encode()
    sent = {"upload": upload(name, content)} if name else {"pasted": REPORT}

    response = curator.post(reverse("paper_import_add"), sent)

    draft = PaperImport.objects.get()
    assert response["Location"] == details_of(draft)
    assert (draft.file_name, draft.added_by, draft.document, draft.is_published) == (name, dana, None, False)
    assert [text.label for text in draft.paragraphs.filter(is_left_out=False)] == ["IX.3"]


@pytest.mark.parametrize("sent", [{}, *({"upload": name} for name in ("a.docx", "a.docm", "a.png", "a.txt", "a.pdf"))])
def test_an_unreadable_document_is_refused_at_its_field(curator, sent):
    files = {"a.docx": PDF, "a.docm": MACRO_WORD, "a.png": PNG, "a.txt": b"", "a.pdf": PDF}
    sent = {name: upload(value, files[value]) for name, value in sent.items()}

    page = curator.post(reverse("paper_import_add"), sent | {"pasted": "1. States should act." if sent else " "})

    assert page.status_code == 200
    assert {name: len(errors) for name, errors in page.context["form"].errors.items()} == {"upload": 1}
    assert page.context["form"]["pasted"].value() == ("1. States should act." if sent else " ")
    assert not PaperImport.objects.exists()


def test_an_unreadable_text_is_refused_where_it_was_pasted(curator):
    page = curator.post(reverse("paper_import_add"), {"pasted": "1. States \x01 should act."})

    assert list(page.context["form"].errors) == ["pasted"]
    assert page.context["form"]["pasted"].value() == "1. States \x01 should act."


# What the first page says


def test_what_the_first_page_says_is_filled_in(curator):
    draft = imported(curator)

    page = curator.get(details_of(draft))

    form = page.context["form"]
    values = {name: form[name].value() for name in DETAILS}
    assert values | {"paper_date": f"{values['paper_date']:%-d %B %Y}"} == DETAILS
    assert form["body"].value() in ("", None), "no body is chosen, also where the list has only one"
    assert f"The first page of the document names: {GROUP}." in words(page)
    assert boxes(curator, draft) == []
    assert refusals(draft) == ["Complete the details of the document: Body."]
    assert save(curator, draft)["Location"] == reverse("paper_import", args=[draft.pk])
    assert refusals(draft) == []


@pytest.mark.parametrize(
    ("detail", "typed", "shown"),
    [
        ("paper_symbol", "CTOC/COP/WG.4/2019/7", "CTOC/COP/WG.4/2019/7"),
        ("paper_symbol", "CTOC/COP/WG.4/2019", "CTOC/COP/WG.4/2019"),
        ("paper_title", "Report on the tenth meeting", "Report on the tenth meeting"),
        ("paper_date", "2 October 2019", "2 October 2019"),
        ("paper_kind", "resolution", "Resolution"),
        ("headings.name", "X. Ninth meeting, Vienna, 9–11 September 2019", "X. Ninth meeting"),
        ("headings.name", "X. Tenth meeting, Vienna, 9–11 September 2019", "X. Tenth meeting"),
        ("headings.place", "IX. Ninth meeting, Geneva, 9–11 September 2019", "Geneva"),
        ("headings.days", "IX. Ninth meeting, Vienna, 9–12 September 2019", "9–12 September 2019"),
    ],
)
def test_a_detail_that_the_first_page_lacks_is_confirmed_singly(curator, detail, typed, shown):
    draft, field = imported(curator), detail.partition(".")[0]

    response = save(curator, draft, **{field: typed})

    refusal = f"The first page of the document does not have “{shown}”. Check this detail."
    assert response["Location"] == details_of(draft)
    assert refusals(draft) == [refusal]
    page = curator.get(details_of(draft))
    assert f"I have checked this detail: {shown}" in words(page)
    assert refusal in words(page)
    [box] = boxes(curator, draft)
    fields = list(page.context["form"].fields)
    assert fields[fields.index(box) - 1] == field
    assert save(curator, draft, **{field: typed, box: "on"})["Location"] == reverse("paper_import", args=[draft.pk])
    assert refusals(draft) == []
    save(curator, draft, **{field: typed})
    assert refusals(draft) == [refusal], "the box was deselected"


def test_a_confirmed_detail_that_changes_is_asked_about_again(curator, dana):
    draft = imported(curator)
    save(curator, draft, paper_symbol="CTOC/COP/WG.4/2019/7")
    save(curator, draft, paper_symbol="CTOC/COP/WG.4/2019/7", **{"checked_paper_symbol-absent": "on"})
    assert refusals(draft) == []

    save(curator, draft, paper_symbol="CTOC/COP/WG.4/2019/8", **{"checked_paper_symbol-absent": "on"})

    refused = "The first page of the document does not have “CTOC/COP/WG.4/2019/8”. Check this detail."
    assert refusals(draft) == [refused]
    assert actions_on(draft)[0] == ("paper import edited", dana)


@pytest.mark.parametrize(
    "heading",
    [
        *("Ninth meeting", "IX. Ninth meeting, Vienna, 9 to 31 September 2019", "Vienna, 9 September 2019", ""),
        f"IX. Ninth meeting, {'V' * 101}, 9 September 2019",
    ],
)
def test_an_unreadable_heading_has_an_error_at_its_field(curator, heading):
    page = save(curator, imported(curator), headings=heading)

    problem = "Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019."
    assert page.context["form"].errors == {"headings": [problem]}
    assert page.context["form"]["headings"].value() == heading


def test_the_headings_of_several_meetings_are_read_and_compared_each(curator, dana):
    tenth = "X. Tenth meeting, Vienna, 12 to 13 October 2020"
    draft = taken_in(dana, f"{NINTH}\n{tenth}\n\n1. States should act.\n")
    shown = curator.get(details_of(draft)).context["form"]["headings"].value()
    assert shown.splitlines()[1] == tenth

    save(curator, draft, headings=shown.replace("Vienna, 12", "Geneva, 12"))
    page = save(curator, draft, headings=f"{shown}\n{tenth}")

    assert "The first page of the document does not have “Geneva”. Check this detail." in refusals(draft)
    assert [meeting.place for meeting in draft.meetings.all()] == ["Vienna", "Geneva"]
    assert page.context["form"].errors == {"headings": ["Two headings have the same number. Correct one of them."]}


def test_labels_have_the_number_of_a_meeting_entered_by_hand(curator):
    draft = imported(curator, "1. States parties should compensate victims.")

    save(curator, draft)

    assert draft.paragraphs.get().label == "IX.1"
    assert len(refusals(draft)) == 8, "a document without a first page says nothing"


def test_details_typed_into_empty_fields_are_confirmed_in_one_save(curator):
    draft = imported(curator, "1. States parties should compensate victims.")
    offered = [name for name in curator.get(details_of(draft)).context["form"].fields if name.startswith("typed_")]
    language = {"checked_language-other_language": "on"}

    response = save(curator, draft, **dict.fromkeys(offered, "on"), **language)

    assert offered == [f"typed_{name}" for name in ("body", "headings", *DETAILS_BUT_LANGUAGE)]
    assert response["Location"] == reverse("paper_import", args=[draft.pk])
    assert refusals(draft) == []
    assert len(fresh(draft).confirmed) == 8


def test_a_label_that_a_person_typed_keeps_its_prefix(curator, dana):
    draft = imported(curator, "1. States parties should act.\n2. States parties should compensate victims.")
    row = draft.paragraphs.get(label="2")
    changes = {row.pk: (1, {"label": "Decision 9/1.2"})}
    save_paragraphs(paper_import=draft, changes=changes, by=dana)

    save(curator, draft)

    assert [row.label for row in draft.paragraphs.all()] == ["IX.1", "Decision 9/1.2"]


def test_details_changed_after_opening_are_shown(curator, dana):
    draft = imported(curator)
    save(curator, draft, paper_title="Another title")

    page = save(curator, draft, paper_title="My title", base="1")

    assert page.status_code == 409
    assert "Another title" in words(page)
    assert page.context["form"]["paper_title"].value() == "My title"


# The body


def test_attack_a_hurried_curator_publishes_smuggling_as_trafficking(curator, dana):
    report = REPORT.replace("Trafficking in Persons", "the Smuggling of Migrants")
    draft = imported(curator, report)
    typed = {"paper_title": "Report on the ninth meeting of the Working Group on the Smuggling of Migrants"}

    page = save(curator, draft, body="", **typed)
    assert page.context["form"].errors == {"body": ["Choose a body."]}
    save(curator, draft, **typed)

    refusal = f"The first page of the document does not have “{GROUP}”. Check this detail."
    assert refusals(draft) == [refusal]
    assert boxes(curator, draft) == ["checked_body-absent"]


def test_attack_a_body_that_a_sentence_names_in_passing_is_chosen(curator):
    front = REPORT.replace("Trafficking in Persons", "the Smuggling of Migrants").partition("Contents")[0]
    passing = f"The group discussed, together with the {GROUP}, how to protect children and other persons."
    draft = imported(curator, f"{front}{passing}\n3. States parties should protect children.")

    save(curator, draft, paper_title="Report on the ninth meeting of the Working Group on the Smuggling of Migrants")

    assert refusals(draft) == [f"The first page of the document does not have “{GROUP}”. Check this detail."]


def test_attack_a_new_body_typed_below_is_thrown_away(curator):
    draft = imported(curator)

    page = save(curator, draft, **NEW_BODY, body_parent=CONFERENCE)

    form = page.context["form"]
    assert sorted(form.errors) == ["body_name", "body_parent", "body_slug"]
    assert form.errors["body_name"] == ["This is not used. Choose “Another body” above, or clear this field."]
    assert {name: form[name].value() for name in NEW_BODY} == NEW_BODY
    assert fresh(draft).body is None
    save(curator, draft, body="new", **NEW_BODY, body_parent=CONFERENCE)
    assert (fresh(draft).body, fresh(draft).name_of_body) == (None, NEW_BODY["body_name"])
    assert curator.get(details_of(draft)).context["form"]["body"].value() == "new"
    assert not Body.objects.filter(slug="smuggling").exists()


def test_another_body_that_the_page_names_is_asked_about(curator):
    Body.objects.create(slug="smuggling", name=NEW_BODY["body_name"], parent_name=CONFERENCE)
    Body.objects.create(slug="conference", name=CONFERENCE)
    Body.objects.filter(is_first=True).update(parent_name=CONFERENCE)
    draft = imported(curator, REPORT.replace(f"{GROUP}\n", f"{GROUP}\n{NEW_BODY['body_name']}\n", 1))

    save(curator, draft)

    question = "The first page of the document names another body: {}. Check the body."
    assert refusals(draft) == [question.format(NEW_BODY["body_name"])]
    draft.delete()
    draft = imported(curator)
    save(curator, draft)
    assert refusals(draft) == [], "the parent of the body is no other body"
    save(curator, draft, body=str(Body.objects.get(slug="conference").pk))
    assert refusals(draft) == [question.format(GROUP)]


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"body_name": ""}, "body_name", "Enter the name."),
        ({"body_name": GROUP.upper()}, "body_name", "The list above has this body. "),
        ({"body_slug": ""}, "body_slug", "Enter the short name."),
        ({"body_slug": "Not a slug"}, "body_slug", "Enter only "),
        (
            {"body_slug": "themes"},
            "body_slug",
            "Another page already uses this web address. Enter a different short name.",
        ),
        ({"body_slug": "wgtip"}, "body_slug", "Another body has this short name. Enter another short name."),
    ],
)
def test_a_wrong_new_body_is_refused_in_words(curator, typed, field, problem):
    page = save(curator, imported(curator), body="new", **NEW_BODY | typed)

    assert list(page.context["form"].errors) == [field]
    assert page.context["form"].errors[field][0].startswith(problem)


# What is asked about even where the first page says it


@pytest.mark.parametrize(
    ("printed", "written", "typed", "question"),
    [
        ("WG.4/2019/6", "WG.4/2019/L.6", {"paper_symbol": "CTOC/COP/WG.4/2019/L.6"}, "CTOC/COP/WG.4/2019/L.6"),
        (
            "Report on",
            "Draft report on",
            {"paper_title": f"Draft report on the ninth meeting of the {GROUP}"},
            "Draft report",
        ),
        ("Original: English", "Draft decision", {}, "Draft decision"),
    ],
)
def test_attack_a_draft_that_was_not_adopted(curator, printed, written, typed, question):
    draft = imported(curator, REPORT.replace(printed, written))

    save(curator, draft, **typed)

    assert refusals(draft) == [
        f"The document may be a draft that was not adopted: “{question}”. Check that it was adopted."
    ]
    [box] = boxes(curator, draft)
    save(curator, draft, **typed, **{box: "on"})
    assert refusals(draft) == []


def test_attack_a_date_in_the_future(curator):
    year = datetime.date.today().year + 1
    draft = imported(curator, REPORT.replace("2019", str(year)))
    typed = {name: value.replace("2019", str(year)) for name, value in DETAILS.items()}

    save(curator, draft, **typed)

    assert sorted(refusals(draft)) == [
        f"This day is in the future: 1 October {year}. Check the day.",
        f"This day is in the future: 11 September {year}. Check the day.",
    ]


def test_a_paper_years_from_its_meeting_is_asked_about(curator):
    draft = imported(curator, REPORT.replace("1 October 2019", "1 October 2014"))

    save(curator, draft, paper_date="1 October 2014")

    days = "11 September 2019, 1 October 2014"
    assert refusals(draft) == [f"The paper and its last meeting are more than a year apart: {days}. Check both dates."]


def test_the_same_document_twice_is_asked_about_and_named(curator, dana):
    first = imported(curator)
    save(curator, first, paper_title="The first import", **{"checked_paper_title-absent": "on"})
    again, other = imported(curator), imported(curator, REPORT.replace("compensate", "protect"))
    none = imported(curator, REPORT.replace("2019/6", "2019/16").replace("compensate", "assist"))

    for draft, symbol in ((again, "CTOC/COP/WG.4/2019/9"), (other, DETAILS["paper_symbol"])):
        save(curator, draft, paper_symbol=symbol, **{"checked_paper_symbol-absent": "on"})
        known = [each for each in refusals(draft) if "imported before" in each]
        assert len(known) == 1
        assert "The first import" in known[0]
    save(curator, none, paper_symbol="CTOC/COP/WG.4/2019/16")
    assert refusals(none) == []


def test_a_published_symbol_that_is_imported_again_is_asked_about(curator, dana):
    published(taken_in(dana), dana)

    again = taken_in(dana, "1. States should act.", paper_title="Another title")

    assert [each for each in refusals(again) if "imported before" in each] == [
        "The same document or symbol was imported before: Recommendations adopted at the ninth meeting. "
        "Check that it is needed again."
    ]


# The language

FRENCH = """Nations Unies
CTOC/COP/WG.4/2019/6
Distr. générale
1er octobre 2019
Groupe de travail sur la traite des personnes
Rapport sur les travaux de la neuvième réunion des États parties
1. Les États parties devraient indemniser les victimes et les témoins des infractions.
2. Les États devraient protéger les enfants et les femmes.
"""


def test_a_document_in_another_language_is_named_as_such(curator):
    draft = imported(curator, FRENCH)

    page = curator.get(details_of(draft))

    assert page.context["form"]["language"].value() == "fr"
    assert str(NOT_ENGLISH) in words(page)
    assert str(NOT_ENGLISH) in refusals(draft)
    assert f"{reverse('official_texts_add')}?import={draft.pk}" in page.content.decode()


def test_a_language_that_a_person_corrects_is_confirmed_singly(curator):
    draft = imported(curator, REPORT.replace("Contents", "Le rapport des États et les travaux des États et des autres"))

    save(curator, draft, language="es")

    question = "The words of the document are not in this language: Español. Check the language."
    assert question in refusals(draft)
    save(curator, draft, language="es", **{"checked_language-other_language": "on"})
    assert question not in refusals(draft)
    assert str(NOT_ENGLISH) in refusals(draft)
