"""Rounds: planned, opened with a scope that is frozen, closed by their date; by the Secretariat alone."""

import datetime
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.models import Body, Family, Meeting, Recommendation, Theme
from tests.submissions import close_round, opened_round
from tracker.actions.round import open_round, plan_round, set_closing_date
from tracker.demo.clock import on_day
from tracker.models import Event, Notification, Round, RoundUnit
from tracker.models.notification import NotificationKind
from tracker.models.round import RoundStage
from tracker.queries.reminders import find_reminders
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

DUE, CLOSES = datetime.date(2027, 1, 31), datetime.date(2027, 6, 30)
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
