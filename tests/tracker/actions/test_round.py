"""Rounds: planned, opened with a scope that is frozen, closed; by the Secretariat alone."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from recommendations.models import Body, Family, Meeting, Recommendation, Theme
from tests.submissions import opened_round
from tracker.actions.round import close_round, open_round, plan_round
from tracker.models import Event, Round, RoundUnit
from tracker.models.round import RoundStage
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

NOTHING_CHOSEN = {"meetings": [], "themes": [], "families": []}


@pytest.fixture
def planned(bob):
    def plan(code="2026", opens=datetime.date(2026, 9, 1), due=datetime.date(2027, 1, 31), **scope) -> Round:
        round_ = Round(body=Body.objects.get(), code=code, title=f"Round {code}", opens_on=opens, due_on=due)
        return plan_round(round=round_, **NOTHING_CHOSEN | scope, by=bob)

    return plan


def test_a_plan_that_was_opened_meanwhile_stays_as_it_was_opened(planned, bob, dana):
    stale = planned()
    open_round(round=Round.objects.get(), by=dana)
    stale.title = "Another"
    with pytest.raises(NotAllowed):
        plan_round(round=stale, **NOTHING_CHOSEN, by=bob)
    stands = Round.objects.get()
    assert (stands.state, stands.title, stands.opened_at is None) == ("open", "Round 2026", False)


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
    assert Round.objects.get().state == RoundStage.PLANNED


@pytest.mark.parametrize("who", ["alice", "erin"])
def test_the_secretariat_alone_plans_opens_and_closes(who, planned, request):
    round_, person = planned(), request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        plan_round(round=round_, **NOTHING_CHOSEN, by=person)
    for step in (open_round, close_round):
        with pytest.raises(PermissionDenied):
            step(round=round_, by=person)
    assert Round.objects.get().state == RoundStage.PLANNED


def test_each_step_writes_one_event(planned, bob):
    round_ = planned()
    open_round(round=round_, by=bob)
    close_round(round=round_, by=bob)
    events = Event.everyones.filter(target="round 2026").order_by("number")
    assert [(event.action, event.after.rpartition(" ")[0]) for event in events] == [
        ("round planned", ""),
        ("round opened", "275 units"),
        ("round closed", ""),
    ]


def test_it_is_not_due_before_it_opens(planned, bob):
    with pytest.raises(ValidationError):
        planned(due=datetime.date(2026, 8, 31))
    round_ = opened_round(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round_.pk).update(due_on=datetime.date(2026, 8, 31))
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round_.pk).update(state=RoundStage.CLOSED)
