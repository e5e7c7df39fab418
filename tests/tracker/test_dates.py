"""Every date by which something is due or ends, from the fields of the models: a page shows it once it has passed."""

import datetime
import re
from dataclasses import replace

import pytest
from django.apps import apps
from django.db.models import DateField
from django.urls import reverse
from django.utils import timezone

from tests.conftest import save_for_xaa
from tests.pages import words_of_page
from tests.submissions import STATED, asked_about, close_round, opened_round, quote, release_of_few, submit_ready
from tracker.actions.assignment import assign
from tracker.actions.institution import add_institution
from tracker.actions.invitation import send_invitation
from tracker.actions.round import set_closing_date
from tracker.actions.transcription import add_request
from tracker.demo.clock import on_day
from tracker.models import Remark
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

DEADLINE = re.compile(r"(^|_)(due|target|until|situation|wait|waits)(_|$)|_by$|^(ends|closes|expires|reply)_")
DESK, PEOPLE = reverse("respondent_desk", args=["XAA"]), reverse("people", args=["XAA"])
CHECK = reverse("check", args=["XAA", "2026"])
QUOTATIONS, LAPSED = reverse("quotations_of_state", args=["XAA"]), reverse("state_list")
TRANSCRIPTIONS = reverse("desk_transcriptions", args=["XAA"])

# No page waits for these dates: why.
NOT_LISTED = {
    "AccessChange.due_at": "the daily job then makes the change",
    "AccessChange.until": "the last day of the role that is given: Membership.until",
    "FormerStanding.until": "a day of the past",
    "HeldUpload.expires_at": "the daily job then deletes the file, of which the form warned",
    "Invitation.until": "the last day of the role that is offered: Membership.until",
    "PaperImport.waits_until": "the draft is listed all the time; from then on one person more can publish it",
    "Session.ends_by": "the user signs in again",
    "Submission.due_on": "the due date of its day, on the receipt",
}


def answer(xaa, alice, bob, day, unit):
    save_for_xaa("I.13", "in_progress", target_date=day, situation_as_at=timezone.localdate())


def assignment(xaa, alice, bob, day, unit):
    justice = add_institution(respondent=xaa, name="Ministry of Justice", kind="ministry", by=alice)
    assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice, due_on=day)


def submission(xaa, alice, bob, day, unit, **statements):
    save_for_xaa("I.13", measures="A fund exists.", ready=True)
    return submit_ready(xaa, opened_round(bob, meetings=[1]), alice, replace(STATED, **statements))


def clarification(xaa, alice, bob, day, unit):
    asked_about(submission(xaa, alice, bob, day, unit), {"I.13": "Which fund?"}, bob)
    Remark.everyones.update(reply_by=day)


def quotation(xaa, alice, bob, day, unit):
    submitted = submission(xaa, alice, bob, day, unit, quoted=True)
    close_round(submitted.round)
    quote(release_of_few(submitted.round, bob), submitted, "I.13", "measures", bob)


def due_round(xaa, alice, bob, day, unit):
    opened_round(bob, meetings=[1])


def closing_round(xaa, alice, bob, day, unit):
    round_ = opened_round(bob, meetings=[1])
    set_closing_date(round=round_, closes_on=round_.first_closing_date, by=bob)


def invitation(xaa, alice, bob, day, unit):
    send_invitation(respondent=xaa, email="new@example.org", role=Role.VIEWER, by=alice)


def transcription(xaa, alice, bob, day, unit):
    today = timezone.localdate()
    add_request(respondent=xaa, reference="Note 1", requested_on=today, ends_on=day, by=bob)


def role(xaa, alice, bob, day, unit):
    alice.memberships.update(until=day)


# The field: who reads which page, what it says once the date has passed, and what makes a row of it.
LISTED = {
    "Assignment.due_on": ("alice", DESK, "Due date passed: 1", assignment),
    "Invitation.expires_at": ("alice", PEOPLE, "Expired", invitation),
    "Membership.until": ("erin", LAPSED, "Arandia XAA No focal point Last focal point: Alice", role),
    "Quotation.object_by": ("alice", QUOTATIONS, "The date to object was", quotation),
    "Remark.reply_by": ("alice", DESK, "Date passed", clarification),
    "Revision.situation_as_at": ("alice", DESK, "Situation older than twelve months: 1", answer),
    "Revision.target_date": ("alice", DESK, "Target date passed: 1", answer),
    "Round.closes_on": ("alice", CHECK, "Closed on", closing_round),
    "Round.due_on": ("alice", CHECK, "The due date has passed", due_round),
    "TranscriptionRequest.ends_on": ("alice", TRANSCRIPTIONS, "Expired", transcription),
}


def test_every_field_with_such_a_date_has_a_line():
    models = [model for name in ("recommendations", "tracker") for model in apps.get_app_config(name).get_models()]
    fields = [field for model in models for field in model._meta.local_fields if isinstance(field, DateField)]
    found = {f"{field.model.__name__}.{field.name}" for field in fields if DEADLINE.search(field.name)}
    assert found == {*LISTED, *NOT_LISTED}


@pytest.mark.parametrize("field", LISTED)
def test_a_page_shows_a_date_once_it_has_passed(field, client, request, xaa, alice, bob, erin, unit):
    name, address, words, make = LISTED[field]
    today = timezone.localdate()
    make(xaa, alice, bob, today + datetime.timedelta(days=20), unit)

    def read(day: datetime.date) -> str:
        with on_day(day):
            client.force_login(request.getfixturevalue(name))
            return words_of_page(client.get(address))

    assert words not in read(today)
    assert words in read(today + datetime.timedelta(days=400))
