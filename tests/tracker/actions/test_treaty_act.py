"""What a State is to the Protocol follows from acts that curators confirm, from then on, and is never forgotten."""

import csv
import datetime
import io
import tempfile

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.conftest import make_person, make_state
from tests.submissions import close_round, opened_round, submit_ready
from tests.verification import find_errors
from tracker.actions.record import Answer, save_answer
from tracker.actions.treaty_act import add_acts, confirm_acts, confirm_complete_acts, decline_act
from tracker.documents.answers import standing, write_csv
from tracker.documents.report.sealed import submission_report
from tracker.figures.progress import round_progress
from tracker.models import CompleteActs, Event, FormerStanding, Respondent, TreatyAct
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role
from tracker.queries.addressees import describe_unit_count, respondents_of_round, treaty_status
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

AS_AT = datetime.date(2026, 11, 1)
SOURCE = "United Nations Treaty Collection"
PARTY = "Party to the Protocol · Act: Accession, 3 March 2016 · Treaty acts as at 1 November 2026"


@pytest.fixture
def xdd(db):
    return make_state("XDD", "Dorvania", treaty_status=TreatyStatus.UNCONFIRMED)


@pytest.fixture
def enter(dana, xdd):
    def enter(instrument, act, date=None, *, as_at=AS_AT, respondent=xdd, source=SOURCE, by=dana) -> TreatyAct:
        said = TreatyAct(respondent=respondent, instrument=instrument, act=act, date=date, source=source, as_at=as_at)
        add_acts(acts=[said], by=by)
        return TreatyAct.objects.latest("pk")

    return enter


@pytest.fixture
def confirm(enter, dana):
    def confirm(*args, **kwargs) -> TreatyAct:
        act = enter(*args, **kwargs)
        confirm_acts(acts=[act], by=dana)
        return act

    return confirm


def status(respondent) -> tuple[str, int]:
    respondent.refresh_from_db()
    return respondent.treaty_status, respondent.units_to_answer().count()


ACCEDED = ("protocol", "accession", datetime.date(2016, 3, 3))


def test_an_act_counts_once_it_is_confirmed(enter, xdd, dana):
    act = enter(*ACCEDED)
    assert (act.state, act.entered_by, act.decided_by) == ("to_be_confirmed", dana, None)
    assert status(xdd) == ("unconfirmed", 230)
    assert confirm_acts(acts=[act], by=dana) == [xdd]
    act.refresh_from_db()
    assert (act.state, act.decided_by, act.source) == ("confirmed", dana, SOURCE)
    assert status(xdd) == ("party", 230)
    assert treaty_status(xdd) == PARTY


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([("protocol", "signature", datetime.date(2001, 1, 1))], ("unconfirmed", 230)),
        ([("protocol", "none")], ("unconfirmed", 230)),
        ([("protocol", "none"), ("convention", "none")], ("not_party", 25)),
        ([("protocol", "none"), ("convention", "ratification", datetime.date(2003, 1, 1))], ("convention_only", 31)),
        ([("convention", "ratification", datetime.date(2003, 1, 1))], ("unconfirmed", 230)),
        ([ACCEDED, ("protocol", "denunciation", datetime.date(2020, 1, 1)), ("convention", "none")], ("not_party", 25)),
        ([("protocol", "denunciation", datetime.date(2015, 1, 1)), ACCEDED], ("party", 230)),
    ],
)
def test_the_status_follows_from_all_that_is_confirmed(confirm, xdd, acts, expected):
    for act in acts:
        confirm(*act)
    assert status(xdd) == expected


def test_newer_information_counts_whichever_is_entered_first(confirm, xdd):
    confirm("protocol", "none", as_at=AS_AT)
    confirm("convention", "none", as_at=AS_AT)
    confirm(*ACCEDED, as_at=datetime.date(2017, 1, 1))
    assert status(xdd) == ("not_party", 25)


def test_what_was_on_file_counts_on(confirm, xaa):
    confirm("convention", "none", respondent=xaa)
    assert status(xaa) == ("party", 230)
    assert xaa.protocol_acted == datetime.date(2005, 5, 1)
    assert [str(act) for act in xaa.treaty_acts.order_by("pk")] == [
        "Convention: No act (not a party)",
        "Protocol: Ratification",
    ]


def test_what_was_confirmed_by_mistake_is_declined_and_counts_no_more(confirm, xaa, dana):
    mistaken = confirm("protocol", "none", respondent=xaa)
    confirm("convention", "none", respondent=xaa)
    assert status(xaa) == ("not_party", 25)
    decline_act(act=mistaken, reason="It was of another State.", by=dana)
    assert status(xaa) == ("party", 230)
    mistaken.refresh_from_db()
    assert (mistaken.state, mistaken.reason, mistaken.decided_by) == ("declined", "It was of another State.", dana)


def test_a_decision_is_made_once_and_says_why(enter, dana):
    act = enter(*ACCEDED)
    with pytest.raises(ValidationError, match=r"Enter the reason\."):
        decline_act(act=act, reason=" ", by=dana)
    confirm_acts(acts=[act], by=dana)
    with pytest.raises(NotAllowed):
        confirm_acts(acts=[act], by=dana)
    decline_act(act=act, reason="A slip.", by=dana)
    with pytest.raises(NotAllowed):
        decline_act(act=act, reason="A slip.", by=dana)


def test_the_same_act_waits_once(enter, xdd):
    enter(*ACCEDED)
    enter(*ACCEDED)
    assert TreatyAct.objects.filter(respondent=xdd).count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"act": "none", "date": AS_AT},
        {"act": "accession", "date": None},
        {"date": datetime.date(2026, 11, 2)},
        {"source": ""},
        {"state": "confirmed"},
        {"state": "declined", "decided_at": datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)},
    ],
)
def test_the_database_keeps_no_act_that_cannot_be(xdd, said):
    given = {"instrument": "protocol", "act": "accession", "date": datetime.date(2016, 3, 3), "source": SOURCE}
    with pytest.raises(IntegrityError), transaction.atomic():
        TreatyAct.objects.create(respondent=xdd, as_at=AS_AT, **given | said)


def test_events_name_the_current_status_and_a_forgery_is_found(confirm, xdd):
    confirm(*ACCEDED)
    event = Event.everyones.get(chain="XDD")
    assert (event.action, event.target) == ("treaty status confirmed", "respondent XDD")
    assert (event.before, event.after) == ("unconfirmed", "party")
    assert find_errors() == []
    act = TreatyAct.objects.get()
    for forge, fault in (
        (
            lambda: Respondent.objects.filter(pk=xdd.pk).update(protocol_acted=datetime.date(2016, 3, 4)),
            "respondent XDD: altered: protocol_acted",
        ),
        (lambda: TreatyAct.objects.update(source="A person."), f"treaty-act {act.pk}: altered: source"),
        (lambda: TreatyAct.objects.all().delete(), f"treaty-act {act.pk}: missing"),
    ):
        with transaction.atomic():
            forge()
            assert find_errors() == [fault]
            transaction.set_rollback(True)


# From then on, and never an old submission


@pytest.fixture
def dora(xdd):
    return make_person("dora", Role.FOCAL_POINT, xdd)


@pytest.fixture
def submission(xdd, dora, bob, unit):
    """Submitted while nobody had confirmed the status; what it answers is addressed to all States."""
    answer = Answer(status="implemented", measures="An act.", ready=True)
    save_answer(respondent=xdd, unit=unit("II.10"), base=0, answer=answer, by=dora)
    return submit_ready(xdd, opened_round(bob), dora)


@pytest.fixture
def no_party(submission, confirm):
    confirm("protocol", "none")
    confirm("convention", "none")


def test_units_are_asked_as_at_a_moment(confirm, xdd):
    before = timezone.now()
    confirm("protocol", "none")
    confirm("convention", "none")
    xdd.refresh_from_db()
    assert xdd.as_at(before).units_to_answer().count() == 230
    assert xdd.as_at(timezone.now()).units_to_answer().count() == 25
    assert [one.treaty_status for one in xdd.former_standings.order_by("until")] == ["unconfirmed", "unconfirmed"]


def test_a_submission_report_shows_the_treaty_status_at_submission(submission, no_party, xdd):
    xdd.refresh_from_db()
    assert describe_unit_count(xdd, 25) == (
        "Dorvania (party to neither the Convention nor the Protocol) · 25 recommendations"
    )
    report = submission_report(type(submission).everyones.select_related("respondent", "round").get())
    assert treaty_status(report.respondent) == "Treaty status not confirmed"
    assert describe_unit_count(report.respondent, len(report.to_answer)) == (
        "Dorvania (treaty status not confirmed: treated as a party to the Protocol) · 230 recommendations"
    )
    assert report.figures.overall.total == 230


def test_the_next_submission_follows_the_new_status(submission, no_party, xdd, dora):
    again = submit_ready(Respondent.objects.get(pk=xdd.pk), submission.round, dora)
    assert (submission.items(manager="everyones").count(), again.items(manager="everyones").count()) == (230, 25)
    assert (submission.counts["asked"], again.counts["asked"]) == (230, 25)


def test_the_frozen_scope_of_an_open_round_stays(submission, no_party):
    assert submission.round.units.count() == 275


def test_figures_of_a_round_count_a_submission_as_what_its_state_was(submission, no_party, bob, dana):
    found = round_progress(submission.round)
    assert (found.status_to_confirm.numerator, found.overall.total) == (1, 230)
    confirm_complete_acts(as_at=AS_AT, source=SOURCE, by=dana)
    with tempfile.TemporaryFile() as file:
        write_csv(standing(bob), file)
        file.seek(0)
        rows = csv.DictReader(io.StringIO(file.read().decode("utf-8-sig")))
    assert {row["treaty_status"] for row in rows} == {"unconfirmed"}


def test_of_a_closed_round_those_were_asked_who_were_asked_when_it_closed(confirm, xdd, bob, unit):
    """A round over meeting VIII, of which nothing is asked of a State that is no party."""
    round_ = opened_round(bob, meetings=[8])
    close_round(round_)
    confirm("protocol", "none")
    confirm("convention", "none")
    round_.refresh_from_db()
    assert xdd in respondents_of_round(round_)
    assert xdd.units_to_answer().filter(meeting__number=8).count() > 0
    xdd.refresh_from_db()
    assert xdd.units_to_answer().filter(meeting__number=8).count() == 0


def test_what_was_on_file_before_can_be_neither_changed_nor_deleted(confirm, owner):
    confirm(*ACCEDED)
    former = FormerStanding.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        former.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        FormerStanding.objects.update(until=timezone.now())


# That the acts of all States are complete


def test_a_curator_confirms_that_the_acts_are_complete_and_the_trail_proves_it(confirm, dana):
    confirm(*ACCEDED)
    complete = confirm_complete_acts(as_at=AS_AT, source=SOURCE, by=dana)
    assert (complete.as_at, complete.source, complete.confirmed_by) == (AS_AT, SOURCE, dana)
    event = Event.everyones.latest("pk")
    assert (event.action, event.target, event.after) == ("treaty acts complete", "treaty acts", "as at 2026-11-01")
    assert find_errors() == []


@pytest.mark.usefixtures("owner")
def test_a_confirmation_past_the_action_is_found(dana):
    CompleteActs.objects.create(as_at=AS_AT, source=SOURCE, confirmed_by=dana)
    assert len(find_errors()) == 1


def test_acts_are_not_complete_while_acts_wait_or_without_a_source_or_on_a_later_day(enter, dana):
    for source, day in ((" ", AS_AT), (SOURCE, timezone.localdate() + datetime.timedelta(days=1))):
        with pytest.raises(ValidationError):
            confirm_complete_acts(as_at=day, source=source, by=dana)
    enter(*ACCEDED)
    with pytest.raises(ValidationError, match="Confirm or decline the acts that are waiting first"):
        confirm_complete_acts(as_at=AS_AT, source=SOURCE, by=dana)
    assert CompleteActs.objects.count() == 0
