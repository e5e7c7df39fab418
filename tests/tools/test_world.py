"""An invented world is plausible, and of the same stuff as what the actions save."""

import csv
from collections import Counter, defaultdict
from dataclasses import replace
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from tests.catalogue_events import later_events
from tests.client import Client
from tests.thorough import some
from tracker.actions.record import Answer
from tracker.actions.submission import check_submission
from tracker.audit.integrity import find_errors
from tracker.audit.seal import read_seal
from tracker.models import (
    ChainHead,
    Confirmation,
    Draft,
    Event,
    Evidence,
    EvidenceVersion,
    Membership,
    Participation,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionItem,
    Use,
    User,
)
from tracker.models.answer_rules import answer_errors
from tracker.models.status import Status
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.permissions import can_answer_all, focal_points_of
from tracker.queries.submissions.questions import unanswered_clarifications

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.one_database, pytest.mark.thorough]


def test_all_of_it_holds():
    assert list(find_errors()) == []


def test_every_submission_verifies():
    for submission in some(list(Submission.everyones.order_by("pk").select_related("respondent", "round"))):
        said = StringIO()
        call_command("verify_submission", submission.code, stdout=said)
        assert said.getvalue().startswith(f"{submission.reference} matches: ")


def test_it_is_as_large_as_was_asked_for():
    codes = Respondent.objects.order_by("code").values_list("code", flat=True)
    assert list(codes) == ["XAA", "XAB", "XAC", "XAD", "XAE", "XAF"]
    assert [round_.stage for round_ in Round.objects.order_by("opens_on")] == ["closed", "open"]
    assert Revision.everyones.count() > 6 * 2 * 150


@pytest.mark.parametrize("model", [Draft, Confirmation, Evidence, Remark, Reply, SubmissionItem, Use])
def test_there_is_something_of_everything(model):
    assert model._base_manager.exists()


@pytest.mark.parametrize("model", [Revision, EvidenceVersion, Submission])
def test_there_are_later_ones(model):
    assert model.everyones.filter(number__gt=1).exists()


def test_no_state_is_one_that_exists():
    with (settings.BASE_DIR / "fixtures" / "states.csv").open(newline="", encoding="utf-8") as file:
        real = {row["name"] for row in csv.DictReader(file)}
    invented = {respondent.name for respondent in Respondent.objects.all() if respondent.is_sample}
    assert (len(invented), invented & real) == (6, set())


def test_every_answer_is_one_that_its_state_could_save():
    wrong = defaultdict(list)
    for respondent in Respondent.objects.all():
        asked = set(respondent.units_open().values_list("pk", flat=True))
        mine = Revision.everyones.filter(record__respondent=respondent).select_related("record__recommendation")
        for revision in mine:
            unit = revision.record.recommendation
            answer = Answer(**revision.answer_values)
            if unit.pk not in asked or answer_errors(unit, answer, revision.change_reason):
                wrong[respondent.code].append(str(revision))
    assert wrong == {}


def test_answers_are_of_every_kind():
    answers = Revision.everyones.all()
    statuses = Counter(answers.values_list("status", flat=True))
    assert set(statuses) == set(Status.values)
    assert statuses.most_common(1)[0][0] == Status.IMPLEMENTED
    assert len(set(answers.values_list("language", flat=True))) > 1
    for name in ("reason_code", "reasons", "difficulties", "assistance", "lead_institution", "change_reason"):
        assert answers.exclude(**{name: ""}).exists(), name
    assert answers.filter(target_date__isnull=False, good_practice=False).exists()
    assert answers.filter(good_practice_shared=True).exists()
    assert answers.exclude(items_met=[]).exists()
    assert answers.exclude(assistance_kinds=[]).exists()


def test_everything_is_in_order_of_time_and_nothing_is_future():
    assert Event.everyones.latest("at").at < timezone.now()
    for chain in ChainHead.objects.values_list("chain", flat=True):
        times = list(later_events().filter(chain=chain).order_by("number").values_list("at", flat=True))
        assert times == sorted(times)
    for submission in Submission.everyones.select_related("round"):
        assert submission.sealed_at > submission.round.opened_at
        if submission.round.closed_at and not submission.replies:
            assert submission.sealed_at < submission.round.closed_at


def test_only_the_states_people_write_and_only_focal_points_submit():
    roles = {(m.respondent_id, m.user_id): m.role for m in Membership.objects.exclude(respondent=None)}
    authors = set(Revision.everyones.values_list("record__respondent", "author"))
    sealers = set(Submission.everyones.values_list("respondent", "sealed_by"))
    assert {roles[each] for each in authors} == {Role.FOCAL_POINT, Role.CONTRIBUTOR}
    assert {roles[each] for each in sealers} == {Role.FOCAL_POINT}
    respondents, users = Respondent.objects.in_bulk(), User.objects.in_bulk()
    assert all(can_answer_all(users[user], respondents[respondent]) for respondent, user in authors)


def test_a_closed_reading_counts_the_unanswered_as_the_action_does():
    closed = Participation.everyones.filter(state=SubmissionStage.REVIEW_CLOSED)
    counted = [(one.unanswered, unanswered_clarifications(one)) for one in closed.select_related("respondent")]
    assert counted
    assert all(kept == now for kept, now in counted)


def test_the_check_after_the_last_submission_finds_nothing_new():
    """The seal made from memory is the one that would be made from the database, what was replied to questions apart:
    that is of the submission that answers them, and of none after it.
    """
    round_ = Round.objects.open().get()
    last = {each.respondent: each for each in Submission.everyones.filter(round=round_).order_by("number")}
    assert last
    for respondent, submission in last.items():
        now = replace(check_submission(respondent, round_), replies=read_seal(submission).replies)
        assert (now.content_digest, now.counts) == (submission.content_digest, submission.counts)


def test_its_pages_answer():
    submission = Submission.everyones.select_related("respondent", "round").latest("pk")
    client = Client()
    client.force_login(focal_points_of(submission.respondent)[0])
    code = submission.respondent.code
    for page in ("", "recommendations/", "evidence/", "submissions/", "events/", "report/"):
        assert client.get(f"/desk/{code}/{page}").status_code == 200
    assert client.get(submission.get_absolute_url()).status_code == 200
