"""Rounds: planned, opened with a scope that is frozen, closed by their date; by the Secretariat alone."""

import datetime
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.models import Body, Family, Meeting, Recommendation, Theme
from tests.conftest import make_person, make_state, save_for_xaa
from tests.races import results_at_once
from tests.submissions import close_round, opened_round, submit_ready
from tracker.actions.round import move_due_date, open_round, plan_round, remind_states, set_closing_date
from tracker.demo.clock import on_day
from tracker.models import Event, Notification, Round, RoundUnit
from tracker.models.notification import NotificationKind
from tracker.models.round import RoundStage
from tracker.models.user import Role
from tracker.queries.reminders import find_reminders, still_holds
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

DUE, MOVED, CLOSES = datetime.date(2027, 1, 31), datetime.date(2027, 2, 28), datetime.date(2027, 6, 30)
NOTHING_CHOSEN = {"meetings": [], "themes": [], "families": []}


@pytest.fixture
def planned(bob):
    def plan(code="2026", opens=datetime.date(2026, 9, 1), due=datetime.date(2027, 1, 31), **scope) -> Round:
        round_ = Round(body=Body.objects.get(), code=code, title=f"Round {code}", opens_on=opens, due_on=due)
        return plan_round(round=round_, **NOTHING_CHOSEN | scope, by=bob)

    return plan


def test_a_stale_plan_does_not_change_an_opened_round(planned, bob, dana):
    stale = planned()
    open_round(round=Round.objects.get(), by=dana)
    stale.title = "Another"
    with pytest.raises(NotAllowed):
        plan_round(round=stale, **NOTHING_CHOSEN, by=bob)
    stands = Round.objects.get()
    assert (stands.stage, stands.title, stands.opened_at is None) == ("open", "Round 2026", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "2027"),
        ("title", "Another"),
        ("opens_on", DUE),
        ("due_on", CLOSES),
        ("currency", {"adopted": ["yes"]}),
        ("meetings", Meeting),
        ("themes", Theme),
        ("families", Family),
    ],
)
def test_no_part_of_a_plan_is_replaced_unseen(planned, bob, name, value):
    base = planned().plan_stamp
    round_, scope = Round.objects.get(), {}
    if name in NOTHING_CHOSEN:
        scope = {name: [value.objects.first()]}
    else:
        setattr(round_, name, value)
    plan_round(round=round_, **NOTHING_CHOSEN | scope, base=base, by=bob)
    with pytest.raises(ValidationError, match="The round changed after you opened the page"):
        plan_round(round=Round.objects.get(), **NOTHING_CHOSEN, base=base, by=bob)
    with pytest.raises(ValidationError, match="The page changed after you opened it"):
        open_round(round=round_, base=base, by=bob)
    assert Round.objects.get().plan_stamp != base


def labels(round_: Round) -> list[str]:
    return list(round_.units.values_list("unit__label", flat=True))


def test_an_empty_scope_is_every_unit_in_the_order_of_the_paper(planned, bob):
    round_ = planned()
    open_round(round=round_, by=bob)
    units = Recommendation.objects.published().units().order_by("position")
    assert labels(round_) == list(units.values_list("label", flat=True))
    assert len(labels(round_)) == 275


def test_a_scope_of_meetings_themes_and_families_has_what_any_of_them_has(planned, bob):
    meeting, theme = Meeting.objects.get(number=8), Theme.objects.get(slug="compensation")
    family = Family.objects.get(slug="non-punishment")
    found = {}
    for name, scope in {
        "meeting": {"meetings": [meeting]},
        "theme": {"themes": [theme]},
        "family": {"families": [family]},
        "all": {"meetings": [meeting], "themes": [theme], "families": [family]},
    }.items():
        round_ = planned(code=name, **scope)
        open_round(round=round_, by=bob)
        found[name] = set(labels(round_))
    assert {label.split(".")[0] for label in found["meeting"]} == {"VIII"}
    assert "IV.46(c)" in found["theme"]
    assert found["family"] != set()
    assert found["all"] == found["meeting"] | found["theme"] | found["family"]


def test_the_scope_is_frozen_with_themes_and_families_when_it_opens(planned, bob, unit):
    round_ = planned()
    open_round(round=round_, by=bob)
    entry = RoundUnit.objects.get(round=round_, unit=unit("IV.46(c)"))
    theme = Theme.objects.get(slug=entry.themes[0][0])
    assert entry.themes[0][1] == theme.name
    Theme.objects.filter(pk=theme.pk).update(name="Another name")
    Recommendation.objects.filter(label="IV.46(c)").update(primary_theme=None)
    Family.objects.update(name="Another name")
    again = RoundUnit.objects.get(pk=entry.pk)
    assert (again.themes, again.families) == (entry.themes, entry.families)
    assert "Another name" not in str(again.themes + again.families)
    with pytest.raises(NotAllowed):
        plan_round(round=Round.objects.get(pk=round_.pk), **NOTHING_CHOSEN, by=bob)


def test_a_scope_without_a_unit_does_not_open(planned, bob):
    round_ = planned(meetings=[Meeting.objects.get(number=3)])
    with pytest.raises(ValidationError):
        open_round(round=round_, by=bob)
    assert Round.objects.get().stage == RoundStage.PLANNED


def test_each_step_writes_one_event(planned, bob):
    round_ = planned()
    open_round(round=round_, by=bob)
    for _press in range(2):
        set_closing_date(round=round_, closes_on=CLOSES, by=bob)
    events = Event.everyones.filter(target="round 2026").order_by("number")
    assert [(event.action, event.after) for event in events] == [
        ("round planned", ""),
        ("round opened", "275 units"),
        ("closing date set", "until 2027-06-30"),
    ]


def test_it_is_not_due_before_it_opens(planned, bob):
    with pytest.raises(ValidationError):
        planned(due=datetime.date(2026, 8, 31))
    round_ = opened_round(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round_.pk).update(due_on=datetime.date(2026, 8, 31))


# The due date


def move(round_: Round, by, due_on=MOVED, base=DUE, reason="Holidays.") -> None:
    move_due_date(round=round_, due_on=due_on, reason=reason, base=base.isoformat(), by=by)


def test_the_due_date_is_moved_once_with_its_reason(
    alice, charlie, bob, mailoutbox, django_capture_on_commit_callbacks
):
    round_ = opened_round(bob)
    for _press in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            move(round_, bob)
    assert Round.objects.get().due_on == MOVED
    event = Event.everyones.get(action="due date moved")
    assert (event.target, event.actor, event.before) == ("round 2026", bob, "due 2027-01-31")
    assert event.after == "due 2027-02-28: Holidays."
    moved = [mail for mail in mailoutbox if "due date moved" in mail.subject]
    assert {(mail.to[0], mail.subject) for mail in moved} == {
        (person.email, "Round 2026: due date moved to 28 February 2027") for person in (alice, charlie)
    }
    assert "Round 2026: the Secretariat moved the due date to 28 February 2027." in moved[0].body
    assert "Reason: Holidays." in moved[0].body


@pytest.mark.parametrize(
    ("today", "due_on"),
    [
        ("2027-01-10", DUE),
        ("2027-01-10", CLOSES),
        ("2027-01-10", datetime.date.max),
        ("2027-02-15", datetime.date(2027, 2, 14)),
    ],
    ids=["the same", "the closing date", "beyond all years", "a day that has passed"],
)
def test_the_due_date_moves_later_and_before_the_closing_date(bob, today, due_on):
    round_ = opened_round(bob)
    with on_day(datetime.date.fromisoformat(today)):
        if due_on != datetime.date.max:
            set_closing_date(round=round_, closes_on=CLOSES, by=bob)
        with pytest.raises(ValidationError) as refused:
            move(round_, bob, due_on)
    assert list(refused.value.message_dict) == ["due_on"]
    assert Round.objects.get().due_on == DUE


def test_a_due_date_is_not_moved_without_a_reason_or_unseen(bob, dana):
    round_ = opened_round(bob)
    for reason in (" ", "x" * 181):
        with pytest.raises(ValidationError) as refused:
            move(round_, bob, reason=reason)
        assert list(refused.value.message_dict) == ["reason"]
    move(round_, dana)
    with pytest.raises(ValidationError, match="The round changed after you opened the page"):
        move(round_, bob, datetime.date(2027, 3, 31))
    assert Round.objects.get().due_on == MOVED
    assert Event.everyones.filter(action="due date moved").count() == 1


# The closing date


def stages(*days: datetime.date) -> list[str]:
    """The stage of the one round on each of these days, as the model and as the queries have it."""
    found = []
    for day in days:
        with on_day(day):
            round_ = Round.objects.get()
            found.append(str(round_.stage))
            assert Round.objects.open().contains(round_) == (round_.stage == RoundStage.OPEN)
            assert Round.objects.closed().contains(round_) == (round_.stage == RoundStage.CLOSED)
    return found


def test_a_round_is_open_to_the_end_of_its_closing_date_and_until_one_is_set(planned, bob):
    after = CLOSES + datetime.timedelta(days=1)
    round_ = planned()
    assert stages(after) == ["planned"]
    open_round(round=round_, by=bob)
    assert stages(DUE, after) == ["open", "open"]
    set_closing_date(round=round_, closes_on=CLOSES, by=bob)
    assert stages(DUE, CLOSES, after) == ["open", "open", "closed"]


@pytest.mark.parametrize(
    ("today", "first"),
    [(datetime.date(2026, 12, 1), datetime.date(2027, 2, 1)), (datetime.date(2027, 1, 20), datetime.date(2027, 2, 19))],
    ids=["the day after the due date", "in 30 days"],
)
def test_it_closes_after_the_due_date_and_30_days_after_the_notice(bob, today, first):
    round_ = opened_round(bob)
    with on_day(today):
        with pytest.raises(ValidationError) as refused:
            set_closing_date(round=round_, closes_on=first - datetime.timedelta(days=1), by=bob)
        assert list(refused.value.message_dict) == ["closes_on"]
        with pytest.raises(ValidationError, match="Enter a date between 1945 and 2100"):
            set_closing_date(round=round_, closes_on=datetime.date.max, by=bob)
        assert Round.objects.get().closes_on is None
        set_closing_date(round=round_, closes_on=first, by=bob)
    assert Round.objects.get().closes_on == first


def test_a_closed_round_stays_closed(bob):
    round_ = opened_round(bob)
    close_round(round_)
    with pytest.raises(NotAllowed):
        set_closing_date(round=round_, closes_on=CLOSES, by=bob)


@pytest.mark.parametrize("values", [{"closes_on": DUE}, {"closes_on": CLOSES, "opened_at": None}])
def test_the_database_refuses_to_close_before_the_due_date_or_what_is_not_open(bob, values):
    round_ = opened_round(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round_.pk).update(**values)


def test_focal_points_are_notified_when_it_is_set_or_moved(alice, charlie, bob):
    round_ = opened_round(bob)
    for hour, closes_on in enumerate((CLOSES, datetime.date(2027, 12, 31), CLOSES)):
        at = datetime.datetime.combine(DUE, datetime.time(9 + hour), datetime.UTC)
        with patch.object(timezone, "now", return_value=at):
            set_closing_date(round=round_, closes_on=closes_on, by=bob)
    found = Notification.objects.filter(kind=NotificationKind.ROUND_CLOSES).order_by("pk")
    moved = found.values_list("user__name", "thing")
    assert [(name, thing.partition(" set ")[0]) for name, thing in moved] == [
        (name, f"2026 closes {day}")
        for day in ("2027-06-30", "2027-12-31", "2027-06-30")
        for name in ("Alice", "Charlie")
    ]


@pytest.mark.parametrize(("day", "about"), [("2027-05-30", []), ("2027-05-31", ["closes"]), ("2027-06-30", ["closes"])])
def test_focal_points_are_reminded_30_days_before(day, about, alice, bob):
    set_closing_date(round=opened_round(bob), closes_on=CLOSES, by=bob)
    with on_day(datetime.date.fromisoformat(day)):
        assert [reminder.about for reminder in find_reminders()] == about


# Reminders to States


def reminded() -> list[tuple[str, str]]:
    events = Event.everyones.filter(action="state reminded").order_by("pk")
    return [(event.chain, event.target) for event in events]


def test_a_reminder_is_voluntary_and_in_the_trail_of_its_state(
    alice, charlie, bob, mailoutbox, django_capture_on_commit_callbacks
):
    round_ = opened_round(bob)
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_states(round=round_, by=bob) == 2
    assert reminded() == [("XAA", "round 2026"), ("XBB", "round 2026")]
    assert [event.actor for event in Event.objects.visible_to(alice).filter(action="state reminded")] == [bob]
    sent = {mail.to[0]: mail for mail in mailoutbox if mail.subject == "Reminder: Round 2026"}
    assert sorted(sent) == ["alice@example.org", "charlie@example.org"]
    assert "Round 2026: the Secretariat has received no submission. Due: 31 January 2027." in sent[alice.email].body
    assert "Answering is voluntary." in sent[alice.email].body


def test_a_state_that_submitted_or_has_nobody_gets_no_reminder(xaa, alice, charlie, bob):
    save_for_xaa("I.13", measures="A fund exists.", ready=True)
    round_ = opened_round(bob, meetings=[1])
    submit_ready(xaa, round_, alice)
    make_person("carla", Role.CONTRIBUTOR, make_state("XCC", "Cordava"))
    assert remind_states(round=round_, by=bob) == 1
    assert reminded() == [("XBB", "round 2026")]
    assert {row.user for row in Notification.objects.filter(kind="round_reminder")} == {charlie}


def test_a_state_is_reminded_once_a_week_whichever_the_round(alice, charlie, bob):
    first, second = opened_round(bob, "first"), opened_round(bob, "second")
    today = timezone.localdate()
    remind_states(round=first, by=bob)
    for days in (0, 6):
        with on_day(today + datetime.timedelta(days=days)), pytest.raises(NotAllowed):
            remind_states(round=second, by=bob)
    with on_day(today + datetime.timedelta(days=7)):
        assert remind_states(round=second, by=bob) == 2


def test_no_state_is_reminded_after_the_closing_date(alice, bob):
    round_ = opened_round(bob)
    remind_states(round=round_, by=bob)
    notice = Notification.objects.get(kind="round_reminder", user=alice)
    assert still_holds(notice)
    close_round(round_)
    assert not still_holds(Notification.objects.get(pk=notice.pk))
    with on_day(timezone.localdate() + datetime.timedelta(days=8)), pytest.raises(NotAllowed):
        remind_states(round=round_, by=bob)


def test_a_reminder_that_waits_is_not_mailed_after_submission(xaa, alice, bob):
    save_for_xaa("I.13", measures="A fund exists.", ready=True)
    round_ = opened_round(bob, meetings=[1])
    remind_states(round=round_, by=bob)
    submit_ready(xaa, round_, alice)
    assert not still_holds(Notification.objects.get(kind="round_reminder", user=alice))


@pytest.mark.django_db(transaction=True)
def test_a_double_click_reminds_each_state_once(alice, charlie, bob):
    rounds = [opened_round(bob, "first"), opened_round(bob, "second")]
    jobs = [lambda round_=round_: remind_states(round=round_, by=bob) for round_ in rounds * 2]
    results = results_at_once(*jobs, refusals=NotAllowed)
    assert sorted(result for result in results if isinstance(result, int)) == [2]
    assert [chain for chain, _target in reminded()] == ["XAA", "XBB"]
