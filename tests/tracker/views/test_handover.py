"""The handover pack: what whoever follows a focal point is told, as a page and as a file, and what stays untold."""

import datetime
import re
import subprocess

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from tests.conftest import find_person, find_state, find_unit, make_person, open_round_for_arandia, save_for_xaa
from tests.database import lifted_triggers
from tests.labels import titled
from tests.pages import words_of_page
from tests.submissions import asked_about, submit_ready
from tests.thorough import times
from tracker.actions.draft import Tab, save_draft
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer
from tracker.documents.handover import handover_pdf
from tracker.models import Assignment, Draft, Institution, Membership, Revision, Round, Submission, User
from tracker.models.draft import new_tab
from tracker.models.user import Role
from tracker.queries.desk.handover import handover

pytestmark = pytest.mark.django_db

PACK, FILE, DESK = (reverse(name, args=["XAA"]) for name in ("handover", "handover_pdf", "respondent_desk"))
TYPED = "chrysoprase"
QUERIES = 15
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def words_of_pdf(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(INVISIBLE.sub("", done.stdout.decode()).split())


def assign(label, **to):
    state, person = find_state("XAA"), find_person("alice")
    return Assignment.everyones.create(respondent=state, unit=find_unit(label), assigned_by=person, **to)


def type_(label, by):
    fields = {"measures": [TYPED]}
    state, unit = find_state("XAA"), find_unit(label)
    return save_draft(respondent=state, unit=unit, tab=Tab(new_tab()), base=0, fields=fields, by=by)


def leave(person: User) -> None:
    ended = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
    Membership.objects.filter(user=person).update(ended_at=ended)


@pytest.fixture(scope="module", autouse=True)
def made_desk(for_the_module):
    """A round is open, a question came back, Carol has left with two items and a draft, Alice has begun another one."""
    round_ = open_round_for_arandia(meetings=[1, 2, 4])
    xaa, alice, bob = find_state("XAA"), find_person("alice"), find_person("bob")
    carol, ruth = make_person("carol", Role.CONTRIBUTOR, xaa), make_person("ruth", Role.FOCAL_POINT, xaa)
    justice = Institution.everyones.create(respondent=xaa, name="Ministry of Justice")
    save_for_xaa("I.13", ready=True)
    submission = submit_ready(xaa, round_, alice)
    asked_about(submission, {"I.13": "Which article?"}, bob)
    save_for_xaa("I.13", "in_progress", base=1)
    save_for_xaa("I.8", "in_progress", target_date=datetime.date(2024, 5, 1))
    add_evidence(respondent=xaa, by=alice, details=EvidenceDetails("Law No. 17", "law", "en", url="https://x.example/"))
    assign("I.1", institution=justice, due_on=datetime.date(2026, 12, 15))
    assign("II.49", person=carol)
    assign("IV.46(i)", person=carol)
    offered = Answer(status="implemented", measures=TYPED)
    add_proposal(respondent=xaa, unit=find_unit("II.4"), base=0, answer=offered, by=carol)
    type_("II.49", carol)
    type_("I.5(b)", alice)
    leave(carol)
    Round.objects.update(closes_on=datetime.date(2027, 3, 31))
    Membership.objects.filter(user=ruth).update(until=datetime.date(2027, 6, 30))


@pytest.fixture
def desk(db) -> Submission:
    return Submission.everyones.get()


@pytest.fixture
def ruth(db) -> User:
    return find_person("ruth")


@pytest.fixture
def carol(db) -> User:
    return find_person("carol")


@pytest.fixture
def page(client, ruth, desk):
    client.force_login(ruth)
    return lambda address=PACK: client.get(address)


SHOWN = [
    "Round 2026",
    "31 March 2027",
    "Clarification requested",
    "Which article?",
    "15 December 2026",
    "Carol",
    "Ministry of Justice",
    "30 June 2027",
    "Ended on 20 November 2026",
    "In progress",
    "Law No. 17",
    "Suggestion by a contributor",
]


def test_the_page_lists_deadlines_assignments_and_changes(page, desk):
    said = words_of_page(page())
    for text in SHOWN[:-1]:
        assert text in said
    assert f"Carol Has left: to be reassigned {titled('II.49')} {titled('IV.46(i)')}" in said
    assert f"Ministry of Justice Answers in a Word file Due 15 December 2026 {titled('I.1')}" in said
    assert f"Target dates passed or within 90 days {titled('I.8')} 1 May 2024 · Date passed" in said
    assert f"{titled('II.4')} Carol" in said
    assert f"{titled('I.13')} In progress Previously: No information" in said
    assert desk.code not in said
    assert desk.digest not in said


def test_what_an_institution_has_is_listed_by_due_date(page):
    assign("I.5(b)", institution=Institution.everyones.get(), due_on=datetime.date(2024, 11, 2))
    first = f"Due 2 November 2024 · Due date passed {titled('I.5(b)')} Ministry of Justice"
    assert f"{first} Answers in a Word file Due 15 December 2026 {titled('I.1')}" in words_of_page(page())
    assert "Returned: 0 2 November 2024 Due date passed" in words_of_pdf(page(FILE).content)


def test_the_file_has_the_same_content_as_the_page(page, desk):
    response = page(FILE)
    assert response["Content-Disposition"].startswith('attachment; filename="XAA-handover-')
    assert b"pdfuaid" in response.content
    said = words_of_pdf(response.content)
    for text in SHOWN:
        assert text in said
    assert "Carol Has left: to be reassigned Assigned: 2 · To check: 0 · Returned: 0" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_neither_holds_a_word_of_what_is_typed_or_offered(page):
    assert TYPED not in page().content.decode()
    assert TYPED not in words_of_pdf(page(FILE).content)


def test_changes_older_than_thirty_days_are_not_listed(page):
    save_for_xaa("I.7(a)")
    with_old = timezone.now() - datetime.timedelta(days=31)
    assert "I.7(a)" in words_of_page(page())
    with lifted_triggers():
        Revision.everyones.filter(record__recommendation__label="I.7(a)").update(created_at=with_old)
    assert "I.7(a)" not in words_of_page(page())


def test_a_focal_point_takes_over_a_former_members_draft(page, client, carol, alice):
    theirs = Draft.everyones.get(author=carol)
    assert words_of_page(page()).count("Take over") == 1
    response = client.post(reverse("draft_take_over", args=["XAA", theirs.pk]), follow=True)
    assert response.redirect_chain[-1][0] == reverse("record", args=["XAA", "II-49"]) + f"?draft={theirs.pk}"
    assert TYPED in response.content.decode()
    assert "The draft is now yours. It becomes part of the answer only when you save it." in words_of_page(response)


def test_only_focal_points_see_items_without_an_assignee(page, client, xaa):
    said = words_of_page(page(DESK))
    assert "Carol has left. 2 recommendations need a new assignee." in said
    client.force_login(make_person("vera", Role.VIEWER, xaa))
    assert "need a new assignee" not in words_of_page(client.get(DESK))


@pytest.mark.parametrize("count", [2, times(8, 40)])
def test_queries(count, page, xaa, django_assert_max_num_queries):
    free = [one for one in xaa.units_to_answer().order_by("position") if one.label not in {"I.13", "II.49", "IV.46(i)"}]
    for number, one in enumerate(free[:count]):
        save_for_xaa(one.label)
        gone = make_person(f"gone{number}", Role.CONTRIBUTOR, xaa)
        assign(one.label, person=gone)
        type_(one.label, gone)
        leave(gone)
    for address in (PACK, FILE, DESK):
        with django_assert_max_num_queries(QUERIES):
            assert page(address).status_code == 200


def test_in_arabic_it_is_written_from_right_to_left(xaa, ruth, desk, carol):
    User.objects.filter(pk=carol.pk).update(name="كارول حداد")
    with translation.override("ar"):
        content = handover_pdf(handover(xaa, User.objects.get(pk=ruth.pk)))
    said = words_of_pdf(content)
    assert ("كارول" in said, "حداد" in said, "نوفمبر" in said) == (True, True, True)
