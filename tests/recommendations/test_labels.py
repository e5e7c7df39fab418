"""Labels and headings of later papers: `X.3 bis`, `Decision 10/1.2`, sessions, and meetings in two parts.

The texts here are obviously invented.
"""

import csv
import datetime
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations.catalogue import change_annotations
from recommendations.citations import cite_text
from recommendations.models import Body, Meeting, Recommendation, slug_of
from recommendations.paper_import.actions import save_paragraphs
from recommendations.paper_import.notation import parse_heading, parse_label
from recommendations.queries import published_nodes
from recommendations.search.query import find_labelled
from tests.pages import seen_at, words
from tests.papers import opened, restructure, taken_in
from tests.papers import published as publish_draft
from tests.verification import find_errors
from tracker.actions.record import Answer, save_answer
from tracker.audit.trail import read_lines
from tracker.models import Event

pytestmark = pytest.mark.django_db

TENTH = """X. Tenth session, Vienna, 14 to 16 October 2020

1. States parties should share invented data.
2. States parties should decide on invented matters.
3. States parties should collect invented data.
3 bis. States parties should:
 - (a) Compare invented data;
 - (b) Publish invented data.
4. States parties should keep invented data.
"""


def published(by, text: str, labels: dict[str, str] | None = None, **values) -> None:
    """Publish a paper whose labels a curator corrected."""
    paper_import = taken_in(by, text, **values)
    nodes = {node.label: node for node in paper_import.paragraphs.all()}
    changes = {nodes[label].pk: (1, {"label": new}) for label, new in (labels or {}).items()}
    save_paragraphs(paper_import=paper_import, changes=changes, by=by)
    publish_draft(paper_import, by)


@pytest.fixture
def tenth(dana) -> Body:
    published(dana, TENTH, {"X.2": "Decision 10/1.2"})
    return Body.objects.get(is_first=True)


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("IV.46(i)(ii)", "IV-46-i-ii"),
        ("III", "III"),
        ("X.3 bis", "X-3-bis"),
        ("X.3 bis(a)", "X-3-bis-a"),
        ("X.3(a bis)(i)", "X-3-a-bis-i"),
        ("Decision 3/1", "Decision-3-1"),
        ("Decision 3/1.2(b)", "Decision-3-1-2-b"),
        ("smuggling/I.1", "smuggling/I-1"),
        ("smuggling/Decision 3/1.2", "smuggling/Decision-3-1-2"),
    ],
)
def test_a_label_has_a_readable_address(label, slug):
    assert slug_of(label) == slug


def test_texts_are_in_the_order_of_the_paper(tenth):
    texts = tenth.recommendations.filter(meeting__number=10)
    assert [text.label for text in texts] == [
        *("X.1", "Decision 10/1.2", "X.3", "X.3 bis", "X.3 bis(a)", "X.3 bis(b)", "X.4")
    ]
    assert [text.marker for text in texts] == ["1", "2", "3", "3 bis", "(a)", "(b)", "4"]
    assert texts.get(label="X.3 bis(a)").parent.label == "X.3 bis"
    assert texts.get(label="X.3 bis(b)").paragraph == "3 bis (b)"


def test_the_public_list_has_them_in_this_order_below_the_name_of_the_session(client, tenth):
    shown = words(client.get("/recommendations/?meeting=10"))
    places = [shown.index(label) for label in ("Tenth session", "X.3 ", "X.3 bis ", "X.3 bis(a)", "X.4")]
    assert places == sorted(places)


def test_a_text_that_is_published_later_goes_to_its_place(tenth, dana):
    later = "X. Tenth session, Vienna, 14 to 16 October 2020\n\n1 bis. States parties should test.\n"
    published(dana, later, {"X.1 bis": "X.3 ter"}, paper_symbol="INVENTED/3")
    published(dana, later, paper_symbol="INVENTED/4")
    assert [text.label for text in tenth.recommendations.filter(meeting__number=10)] == [
        *("X.1", "X.1 bis", "Decision 10/1.2", "X.3", "X.3 bis", "X.3 bis(a)", "X.3 bis(b)", "X.3 ter", "X.4")
    ]
    assert find_errors() == []


@pytest.mark.parametrize("slug", ["X-3-bis", "X-3-bis-a", "Decision-10-1-2"])
def test_each_has_its_page(client, tenth, slug):
    response = client.get(f"/recommendations/{slug}/")
    assert response.status_code == 200
    assert Recommendation.objects.get(slug=slug).label in words(response)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("X.3 bis", "X.3 bis"),
        ("x3bis", "X.3 bis"),
        ("x.3 bis (a)", "X.3 bis(a)"),
        ("X.3", "X.3"),
        ("Decision 10/1.2", "Decision 10/1.2"),
        ("decision 10/1 2", "Decision 10/1.2"),
        ("10/1.2", "Decision 10/1.2"),
    ],
)
def test_a_label_is_found_as_people_type_it(curator, tenth, typed, label):
    found = find_labelled(published_nodes(), typed)
    assert found.label == label
    sent = curator.post(reverse("admin:recommendations_lineage_add"), {"source": typed})
    assert sent.context["adminform"].form.cleaned_data["source"] == found


def test_a_decision_is_cited_as_such(tenth):
    node = Recommendation.objects.get(label="Decision 10/1.2")
    assert cite_text(node) == (
        "Working Group on Trafficking in Persons, Tenth session (Vienna, 14 to 16 October 2020), Decision 10/1.2, in "
        "“Recommendations adopted at the ninth meeting”, 1 October 2019. Document CTOC/COP/WG.4/2019/6, paragraph 2."
    )
    later = Recommendation.objects.get(label="X.3 bis(a)")
    assert ", recommendation X.3 bis(a), in " in cite_text(later)


def test_a_table_is_imported_by_these_labels(curator, tenth):
    table = b"label,title\nX.3 bis(a),Comparing invented data\nDecision 10/1.2,Invented matters\n"
    page = curator.post(
        "/admin/recommendations/recommendation/import/",
        {"format": "0", "import_file": SimpleUploadedFile("titles.csv", table)},
    )
    assert page.context["result"].changed == 2
    fields = {name: field.value() or "" for name, field in ((f.name, f) for f in page.context["confirm_form"])}
    curator.post("/admin/recommendations/recommendation/process_import/", fields)
    assert Recommendation.objects.get(label="X.3 bis(a)").title == "Comparing invented data"
    assert Recommendation.objects.get(label="Decision 10/1.2").title == "Invented matters"


@pytest.mark.parametrize("label", ["X.3 bis(a)", "Decision 10/1.2"])
def test_a_state_answers_them_and_its_events_name_them(desk, alice, bob, dana, xaa, tenth, label):
    unit = Recommendation.objects.get(label=label)
    opened(unit.paper, bob, dana)
    change_annotations(recommendation=unit, title="Invented title", by=dana)
    save_answer(respondent=xaa, unit=unit, base=0, answer=Answer(status="implemented"), by=alice)
    assert "Implemented" in words(desk.get(reverse("record", args=["XAA", unit.slug])))
    [event] = Event.everyones.filter(target=f"record {label}")
    [line] = read_lines([(event, event.before, event.after)])
    assert (line.name, line.about) == (label, f"Answer · {label} Invented title")
    assert find_errors() == []


# Headings of meetings


@pytest.mark.parametrize(
    ("heading", "number", "part", "name"),
    [
        ("IX. Ninth meeting, Vienna, 9 to 11 September 2019", 9, 0, "Ninth meeting"),
        ("III. Third session, Vienna, 1 to 3 June 2027", 3, 0, "Third session"),
        ("Third session, Vienna, 1 to 3 June 2027", 3, 0, "Third session"),
        ("XVI. Sixteenth meeting (first part), Vienna, 1 to 3 June 2027", 16, 1, "Sixteenth meeting (first part)"),
        ("Sixteenth meeting (second part), Vienna, 4 October 2027", 16, 2, "Sixteenth meeting (second part)"),
        ("Twenty-first meeting, Vienna, 13–15 May 2031", 21, 0, "Twenty-first meeting"),
        ("Thirtieth session, Vienna, 4 October 2044", 30, 0, "Thirtieth session"),
        ("Resumed third session, Vienna, 4 October 2027", 3, 2, "Resumed third session"),
        ("Twelfth session (resumed), Vienna, 4 October 2027", 12, 2, "Twelfth session (resumed)"),
    ],
)
def test_a_heading_is_read(heading, number, part, name):
    meeting = parse_heading(heading)
    assert (meeting.number, meeting.part) == (number, part)
    assert meeting.heading.removeprefix(f"{meeting.roman}. ").partition(", ")[0] == name


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "I"), (4, "IV"), (8, "VIII"), (19, "XIX"), (40, "XL"), (49, "XLIX"), (94, "XCIV")]
)
def test_the_numeral_of_a_meeting_is_that_of_its_labels(number, numeral):
    assert Meeting(number=number).roman == numeral
    assert parse_label(f"{numeral}.1").meeting == number


@pytest.fixture
def in_parts(dana):
    """A sixteenth meeting that was held in parts: XVI.1 is of the first, XVI.2 of the second."""
    first = "XVI. Sixteenth meeting (first part), Vienna, 1 to 3 June 2027\n\n1. States parties should invent.\n"
    second = "XVI. Sixteenth meeting (second part), Vienna, 4 October 2027\n\n2. States parties should test.\n"
    published(dana, first)
    published(dana, second, paper_symbol="INVENTED/2")


def test_the_parts_of_a_meeting_are_two_meetings_with_one_number(client, in_parts):
    meetings = Meeting.objects.filter(number=16)
    assert [(meeting.part, meeting.starts, meeting.code) for meeting in meetings] == [
        (1, datetime.date(2027, 6, 1), "16-1"),
        (2, datetime.date(2027, 10, 4), "16-2"),
    ]
    assert [text.label for text in meetings[1].recommendations.all()] == ["XVI.2"]
    shown = words(client.get(meetings[1].get_absolute_url()))
    assert "XVI.2" in shown
    assert "States parties should invent." not in shown
    assert find_errors() == []


def test_a_text_that_gets_another_label_stays_in_its_part_of_the_meeting(dana, unit, in_parts):
    restructure(unit("XVI.2"), dana, label="XVI.3")
    assert (unit("XVI.1").meeting.part, unit("XVI.3").meeting.part) == (1, 2)
    assert find_errors() == []


def test_a_text_of_another_meeting_cannot_move_to_one_that_was_held_in_parts(dana, unit, tenth, in_parts):
    with pytest.raises(ValidationError) as caught:
        restructure(unit("X.1"), dana, label="XVI.9")
    assert caught.value.message_dict == {
        "label": ["This meeting was held in parts. A text of another meeting cannot be moved to it."]
    }


def test_a_later_import_adds_to_the_part_that_its_heading_names(dana):
    heading = "XVI. Sixteenth meeting (second part), Vienna, 4 October 2027"
    published(dana, f"{heading}\n\n1. States parties should invent.\n")
    published(dana, f"{heading}\n\n2. States parties should test.\n", paper_symbol="INVENTED/2")
    [meeting] = Meeting.objects.filter(number=16)
    assert [text.label for text in meeting.recommendations.all()] == ["XVI.1", "XVI.2"]


def test_a_curator_corrects_the_heading_of_a_session(curator, tenth):
    meeting = Meeting.objects.get(number=10)
    heading = "Tenth session (invented), Vienna, 14 to 17 October 2020"
    page = reverse("admin:recommendations_meeting_change", args=[meeting.pk])
    typed = {"heading": heading, "place": "Vienna", "starts": "14 October 2020", "ends": "17 October 2020"}
    curator.post(page, typed | seen_at(curator, page))
    meeting.refresh_from_db()
    assert (meeting.name, meeting.place_and_days) == ("Tenth session (invented)", "Vienna, 14 to 17 October 2020")


def test_the_files_of_the_catalogue_have_them(client, tenth):
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("recommendations:csv")).text.lstrip("\ufeff"))))
    found = {row["label"]: row for row in rows if row["meeting"] == "10"}
    assert list(found) == ["X.1", "Decision 10/1.2", "X.3", "X.3 bis", "X.3 bis(a)", "X.3 bis(b)", "X.4"]
    assert found["X.3 bis(a)"]["parent"] == "X.3 bis"
