"""Bars: an administrator keeps a reviewer from reading for a State, and lets her again."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.access import given_role
from tests.conftest import reread, save_for_xaa
from tests.races import at_once
from tests.submissions import opened_round, submit_ready
from tracker.actions.reading_restriction import add_restriction, end_restriction
from tracker.disclosure import can_read_for, readers_of
from tracker.models import Event, ReadingRestriction, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def test_who_is_barred_reads_nothing_of_that_state_until_it_is_lifted(xaa, xbb, alice, bob, erin, unit):
    save_for_xaa("I.13", measures="The Act.", ready=True)
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    bar = add_restriction(user=bob, respondent=xaa, by=erin)
    assert (can_read_for(reread(bob), xaa), can_read_for(reread(bob), xbb)) == (False, True)
    assert (readers_of(xaa), readers_of(xbb)) == ([], [bob])
    assert not Submission.objects.visible_to(reread(bob)).exists()
    end_restriction(restriction=bar, by=erin)
    assert can_read_for(reread(bob), xaa)
    assert Submission.objects.visible_to(reread(bob)).exists()


def test_setting_and_lifting_are_in_the_site_trail_with_names(xaa, bob, erin):
    bar = add_restriction(user=bob, respondent=xaa, by=erin)
    end_restriction(restriction=bar, by=erin)
    told = Event.objects.headers_for(erin).exclude(action="catalogue loaded").order_by("pk")
    assert [(event.action, event.respondent, event.actor) for event in told] == [
        ("bar set", None, erin),
        ("bar lifted", None, erin),
    ]
    assert [(event.was, event.became) for event in told] == [
        ("", f"person {bob.pk}, XAA"),
        (f"person {bob.pk}, XAA", ""),
    ]


def test_attack_an_administrator_who_also_reads_lifts_their_own_bar(xaa, bob, erin, greta):
    given_role(bob, Role.ADMINISTRATOR, by=(erin, greta))
    bar = add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(ValidationError, match="it concerns you"):
        end_restriction(restriction=bar, by=reread(bob))
    assert can_read_for(reread(bob), xaa) is False
    end_restriction(restriction=bar, by=erin)
    assert can_read_for(reread(bob), xaa) is True


def test_nobody_is_barred_twice_at_once(xaa, bob, erin):
    bar = add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(ValidationError, match="This restriction is already set"):
        add_restriction(user=bob, respondent=xaa, by=erin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingRestriction.objects.create(user=bob, respondent=xaa, set_by=erin)
    end_restriction(restriction=bar, by=erin)
    with pytest.raises(ValidationError, match="nothing was done"):
        end_restriction(restriction=bar, by=erin)
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert ReadingRestriction.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_bar_once(xaa, bob, erin):
    bar = partial(add_restriction, user=bob, respondent=xaa, by=erin)
    assert at_once(*[bar] * 6) == ["done", *["refused"] * 5]
    assert ReadingRestriction.objects.count() == 1
