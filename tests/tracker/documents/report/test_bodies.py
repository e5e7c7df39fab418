"""Rounds of two bodies: what is asked, submitted, compared and counted in one is of that body alone."""

import csv
import io

import pytest
from django.urls import reverse

from recommendations.models import Meeting, Recommendation
from tests.bodies import ASKED_OF_PARTIES, SLUG, WORD
from tests.conftest import make_person, make_state, save_for_xaa
from tests.submissions import made_release, opened_round, release_of_few, submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.actions.round import plan_round
from tracker.actions.submission import change_use, check_submission
from tracker.audit.seal import find_errors, read_seal
from tracker.documents.paper.tree import texts_of
from tracker.figures.progress import progress_by_round, round_progress
from tracker.figures.public_figures import PublicFigures, newest_release
from tracker.models import Round, Submission, SubmissionItem
from tracker.models.status import Status
from tracker.models.user import Role
from tracker.queries.submissions.items import earlier_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def first_round(bob):
    return opened_round(bob, "2026")


@pytest.fixture
def second_round(bob, second_body):
    return opened_round(bob, "2026-x", body=second_body)


@pytest.fixture
def both(xaa, alice, unit, first_round, second_round) -> tuple[Submission, Submission]:
    """XAA submitted I.1 of each body, otherwise in each, for the rounds of both; the second one later."""
    for label, status in (("I.1", Status.IN_PROGRESS), (f"{SLUG}/I.1", Status.IMPLEMENTED)):
        save_for_xaa(label, status, measures=f"As to {label}.", ready=True)
    submissions = submit_ready(xaa, first_round, alice), submit_ready(xaa, second_round, alice)
    for submission in submissions:
        change_use(submission=submission, in_aggregates=True, quoted=True, published=True, by=alice)
    return submissions


def labels(items) -> list[str]:
    return [item.unit.full_label for item in items]


def test_the_scope_of_a_round_is_of_its_body(first_round, second_round):
    assert labels(second_round.units.all()) == [
        node.full_label for node in Recommendation.objects.filter(body=second_round.body, is_unit=True)
    ]
    assert first_round.units.count() == 275


def test_a_round_is_not_about_the_meetings_of_another_body(officer, bob, second_body):
    planned = Round(body=second_body, code="2027", title="Round", opens_on="2026-09-01", due_on="2027-01-31")
    with pytest.raises(Exception, match="meetings of one body"):
        plan_round(round=planned, meetings=Meeting.objects.filter(body__is_first=True), themes=[], families=[], by=bob)
    page = officer.get(reverse("round_add"), {"body": SLUG})
    assert set(page.context["form"].fields["meetings"].queryset) == set(second_body.meetings.all())
    said = {"code": "2027", "title": "Round", "opens_on": "1 September 2026", "due_on": "31 January 2027"}
    officer.post(f"{reverse('round_add')}?body={SLUG}", said)
    assert Round.objects.get(code="2027").body == second_body


def test_a_submission_is_of_the_body_of_its_round(both):
    first, second = both
    assert (first.counts["asked"], first.counts["answered"], first.counts["in_progress"]) == (230, 1, 1)
    assert (second.counts["asked"], second.counts["answered"], second.counts["implemented"]) == (4, 1, 1)
    items = SubmissionItem.everyones.filter(submission=second)
    assert labels(items) == [f"{SLUG}/{label}" for label in ASKED_OF_PARTIES]
    assert [list(find_errors(read_seal(one))) for one in both] == [[], []]


def test_a_submission_is_compared_with_one_of_its_body(both, bob, xaa, alice):
    assert [earlier_submission(one) for one in both] == [None, None]
    later = opened_round(bob, "2028")
    assert [unit.unit.full_label for unit in check_submission(xaa, later).gaps["unconfirmed"]] == ["I.1"]


def test_the_figures_of_a_body_are_the_same_with_and_without_the_other(both, xaa, alice, bob, unit):
    """Computed twice: as they stood, and after all of the second body was answered and submitted."""
    first, second = both
    before = round_progress(first.round)
    for label in ASKED_OF_PARTIES[1:]:
        save_for_xaa(f"{SLUG}/{label}", Status.NOT_STARTED, ready=True)
    submit_ready(xaa, second.round, alice)
    after = round_progress(first.round)
    assert (after.overall.total, after.overall.answered) == (before.overall.total, before.overall.answered) == (230, 1)
    found = round_progress(second.round)
    assert (found.overall.total, found.overall.answered) == (4, 4)
    assert [level.round for level in progress_by_round()] == [first.round]
    assert [level.round for level in progress_by_round(second.round.body)] == [second.round]


@pytest.mark.parametrize(
    "name", ["progress", "progress_rounds", "progress_regions", "progress_states", "progress_gaps"]
)
def test_a_page_of_progress_is_of_one_body(officer, both, name):
    address = reverse(name)
    first, second = officer.get(address).text, officer.get(address, {"round": "2026-x"}).text
    assert 'href="?round=2026-x"' in first and 'href="?round=2026"' in second
    assert WORD not in first
    assert f"/{SLUG}/" not in first
    assert '<option value="2026-x"' not in first and '<option value="2026"' not in second


def test_the_progress_of_a_text_is_of_a_round_of_its_body(officer, both):
    address = reverse("progress_recommendation", args=[f"{SLUG}/I-1"])
    assert officer.get(address).context["found"].round.code == "2026-x"
    assert officer.get(address, {"round": "2026"}).status_code == 404
    assert officer.get(reverse("progress_recommendation", args=["I-1"])).context["found"].round.code == "2026"
    assert officer.get(reverse("progress_changes"), {"round": "2026", "with": "2026-x"}).status_code == 404


def test_public_figures_are_of_one_body(client, bob, second_body, first_round, second_round, unit):
    for number in range(6):
        state = make_state(f"X{chr(75 + number)}A", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        said = Answer(status=Status.IMPLEMENTED, ready=True)
        save_answer(respondent=state, unit=unit(f"{SLUG}/I.1"), base=0, answer=said, by=person)
        submit_ready(state, second_round, person)
    made_release(second_round, bob)
    assert newest_release() is None
    [(_theme, rows)] = PublicFigures(newest_release(second_body)).by_recommendation
    assert {row.base for row in rows} == {6}
    file = client.get(reverse("figures_csv"), {"body": SLUG})
    rows = csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))
    assert {(row["round"], row["body"]) for row in rows} == {("2026-x", SLUG)}
    assert client.get(reverse("figures_json")).status_code == 404
    assert "2026-x" in client.get(reverse("figures"), {"body": SLUG}).text
    assert client.get(reverse("figures"), {"body": "nobody"}).status_code == 404


def test_the_paper_is_of_the_body_of_its_round(officer, bob, both):
    for submission in both:
        release_of_few(submission.round, bob)
    address = reverse("progress_paper")
    first, second = officer.get(address).context["paper"], officer.get(address, {"release": "2026-x"}).context["paper"]
    assert (first.body, second.body) == (
        "Working Group on Trafficking in Persons",
        "Working Group on Invented Smuggling",
    )
    texts = [" ".join(texts_of(paper)) for paper in (first, second)]
    assert WORD not in texts[0]
    assert ["V.41" in each for each in texts] == [True, False]
