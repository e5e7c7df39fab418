"""Each action writes one event; from where it came is kept apart, and not for ever."""

import dataclasses
import datetime
import inspect
import pkgutil
import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from importlib import import_module

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Body, Recommendation
from tests import submissions
from tests.access import requested_role
from tests.client import Client
from tests.conftest import find_person, find_unit, make_person, reread
from tests.identity_providers import use_provider
from tests.labels import bare_labels, titled
from tests.languages import MARK, another_language, rows_with_messages
from tests.papers import decided, offered, proposed, published, settled, stamp_of, taken_in
from tests.submissions import STATED, asked_about, opened_round, release_of_few, reply_to, send_answer, submit_ready
from tests.suggestions import accept, decline
from tests.verification import OWN_KINDS, name_rows
from tracker import actions
from tracker.actions import (
    access_change,
    assignment,
    assistance,
    brief,
    bulk,
    comment,
    copy,
    courtesy_translation,
    directory,
    draft,
    evidence,
    institution,
    invitation,
    notification,
    paper_opening,
    paper_publication,
    proposal,
    quotation,
    reading_restriction,
    record,
    release,
    remark,
    round,
    second_factor,
    session,
    status_report,
    submission,
    transcription,
    treaty_act,
    user,
    withdrawal,
    workbook,
)
from tracker.actions.draft import Tab
from tracker.actions.event import record_event, tidy_addresses
from tracker.actions.evidence import EvidenceDetails
from tracker.actions.record import Answer
from tracker.audit import origin
from tracker.audit.rows import find_errors as find_row_errors
from tracker.audit.trail import read_lines
from tracker.audit.verification import find_chain_errors
from tracker.figures.release import draft_release
from tracker.models import ChainHead, Event, Membership, Release, Respondent, Round, SubmissionItem, TreatyAct, User
from tracker.models.draft import new_tab
from tracker.models.event import Action
from tracker.models.notification import NotificationKind
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

USE = {"in_aggregates": True, "quoted": True, "published": False}
LAW = {"title": "Act", "kind": "law", "language": "en", "citation": "OG 12"}


@dataclasses.dataclass
class World:
    """What the actions below act on: `member` of XAA and `reviewer` are people on whom others act."""

    xaa: Respondent
    alice: User
    bob: User
    carol: User
    dana: User
    erin: User
    frida: User
    member: User
    reviewer: User
    add_provider: Callable[[], None]
    unit: Callable[[str], Recommendation] = find_unit

    def by(self, person: User) -> "World":
        """Return the same world, in which this person does what the others do."""
        return dataclasses.replace(self, **dict.fromkeys(("alice", "bob", "carol", "dana", "erin"), person))

    def save(self, label="I.13", base=0, measures="Jane Doe."):
        answer = Answer(status="implemented", measures=measures, ready=True)
        return record.save_answer(respondent=self.xaa, unit=self.unit(label), base=base, answer=answer, by=self.alice)

    def invite(self):
        return invitation.send_invitation(
            respondent=self.xaa, email="gina@example.org", role=Role.VIEWER, by=self.alice
        )

    def request_role(self):
        return requested_role(self.frida, Role.VIEWER, self.xaa, by=self.erin)

    def request_address(self):
        return access_change.request_address(user=self.member, email="c@example.org", by=self.erin)

    def law(self):
        return evidence.add_evidence(respondent=self.xaa, by=self.alice, details=EvidenceDetails(**LAW))

    def ask(self):
        return withdrawal.request_withdrawal(
            respondent=self.xaa, by=self.alice, words="Jane Doe", files=[], reason="name"
        )


@pytest.fixture
def world(settings, monkeypatch, xaa, alice, bob, carol, dana, erin):
    provider = partial(use_provider, settings, monkeypatch, "https://login.example.org")
    return World(xaa, alice, bob, carol, dana, erin, make_person("frida"), carol, bob, provider)


def signed_in(person) -> str:
    """The number of a session of this person."""
    Client().force_login(person)
    return person.sessions.get().pk


def planned(world) -> Round:
    made = Round(
        body=Body.objects.get(),
        code="2028",
        title="Round 2028",
        opens_on=datetime.date(2028, 1, 1),
        due_on=datetime.date(2028, 6, 1),
    )
    return round.plan_round(round=made, meetings=[], themes=[], families=[], by=world.bob)


def sealed(world):
    world.save()
    return submit_ready(world.xaa, opened_round(world.bob, meetings=[1]), world.alice)


def taken(world):
    found = sealed(world)
    remark.start_reading(submission=found, by=world.bob)
    return found


def item(found) -> SubmissionItem:
    return SubmissionItem.everyones.get(submission=found, unit__label="I.13")


def asked(world):
    found = sealed(world)
    return asked_about(found, {"I.13": "Which article?"}, world.bob)["I.13"]


def quotable(world) -> Release:
    """A release of an answer that may be quoted."""
    answer = Answer(status="implemented", measures="An act.", difficulties="Few staff.", ready=True)
    record.save_answer(respondent=world.xaa, unit=world.unit("I.13"), base=0, answer=answer, by=world.alice)
    opened = opened_round(world.bob, meetings=[1])
    submit_ready(world.xaa, opened, world.alice, dataclasses.replace(STATED, quoted=True))
    return release_of_few(opened, world.bob)


def quoted(world, found: Release, field: str = "measures"):
    words = {"measures": "An act.", "difficulties": "Few staff."}[field]
    submitted = SubmissionItem.everyones.get(submission__round=found.round, unit__label="I.13")
    return quotation.save_quotation(release=found, item=submitted, field=field, words=words, by=world.bob)


def notified(world, found: Release) -> int:
    until = timezone.localdate() + datetime.timedelta(days=9)
    return quotation.notify_of_quotations(release=found, language="en", object_by=until, by=world.bob)


def needing(world):
    """A unit on which assistance is asked for by what was submitted."""
    answer = Answer(status="in_progress", assistance="Training.", ready=True)
    record.save_answer(respondent=world.xaa, unit=world.unit("I.13"), base=0, answer=answer, by=world.alice)
    submit_ready(world.xaa, opened_round(world.bob, meetings=[1]), world.alice)
    return {"respondent": world.xaa, "unit": world.unit("I.13")}


def acceded(world) -> list[TreatyAct]:
    day = datetime.date(2020, 1, 1)
    act = TreatyAct(respondent=world.xaa, instrument="convention", act="accession", date=day, source="A.", as_at=day)
    return treaty_act.add_acts(acts=[act], by=world.dana)


def reported(world):
    return status_report.report_status(
        respondent=world.xaa, wrong="The date.", right="1 May 2005.", reference="", by=world.alice
    )


def paper(world):
    """A draft of which a curator, who is not dana, decided everything."""
    fay = make_person("fay", Role.CURATOR)
    return settled(decided(taken_in(fay), fay), fay)


def offered_paper(world):
    draft = paper(world)
    return offered(draft, draft.added_by)


def published_paper(world):
    draft = taken_in(make_person("fay", Role.CURATOR))
    return published(draft, draft.added_by).paper


def proposed_paper(world):
    found = published_paper(world)
    return proposed(found, find_person("fay"))


def shown(draft):
    return {"paper_import": draft, "stamp": stamp_of(draft)}


def listed(world):
    return institution.add_institution(respondent=world.xaa, name="Justice", kind="ministry", by=world.alice)


def assigned(world):
    return assignment.assign(respondent=world.xaa, units=[world.unit("I.13")], to=world.member, by=world.alice)


def answered_by_contributor(world):
    answer = Answer(status="in_progress", measures="A bill.")
    return record.save_answer(respondent=world.xaa, unit=world.unit("I.13"), base=0, answer=answer, by=world.carol)


def ready(world):
    assigned(world)
    return send_answer(respondent=world.xaa, unit=world.unit("I.13"), by=world.carol)


def suggested(world):
    answer = Answer(status="in_progress", measures="A bill.")
    return proposal.add_proposal(respondent=world.xaa, unit=world.unit("I.13"), base=0, answer=answer, by=world.carol)


def requested(world):
    """A State's written request to have its answers entered."""
    today = timezone.localdate()
    return transcription.add_request(
        respondent=world.xaa, reference="NV 12", requested_on=today, ends_on=today, by=world.bob
    )


def left_behind(world):
    """The draft of somebody who has left."""
    typed = {"status": ["implemented"]}
    begun = draft.save_draft(
        respondent=world.xaa, unit=world.unit("I.13"), tab=Tab(new_tab()), base=0, fields=typed, by=world.carol
    )
    Membership.objects.filter(user=world.carol).update(ended_at=timezone.now())
    return begun


def read(world, label, base=1):
    """An answer as it was read."""
    return {"respondent": world.xaa, "source": record.SeenAnswer(world.unit(label), base)}


def answered_anew(world):
    """An answer that was copied, and is another by now."""
    world.save("II.43")
    copy.copy_answer(**read(world, "II.43"), to=[record.SeenAnswer(world.unit("II.44"))], by=world.alice)
    world.save("II.43", base=1, measures="An act.")


# By name: what is done before, and given what that returned, the action. Each is called once.
DONE = {
    "record.save_answer": (lambda w: None, lambda w, _: w.save()),
    "record.save_edit": (
        lambda w: (w.save(), w.save(base=1, measures="An act.")),
        lambda w, _: record.save_edit(
            respondent=w.xaa,
            unit=w.unit("I.13"),
            base=1,
            answer=Answer("in_progress", measures="Jane Doe."),
            by=w.alice,
        ),
    ),
    "record.restore_revision": (
        lambda w: (w.save(), w.save(base=1, measures="An act."))[0],
        lambda w, first: record.restore_revision(revision=first, base=2, by=w.alice),
    ),
    "record.save_note": (
        lambda w: None,
        lambda w, _: record.save_note(respondent=w.xaa, unit=w.unit("I.13"), note="Ask.", by=w.alice),
    ),
    "brief.save_brief": (
        lambda w: None,
        lambda w, _: brief.save_brief(respondent=w.xaa, texts={"decisions": "Approve the bill."}, base="", by=w.alice),
    ),
    "evidence.add_evidence": (lambda w: None, lambda w, _: w.law()),
    "evidence.change_evidence": (
        lambda w: w.law(),
        lambda w, law: evidence.change_evidence(
            evidence=law.evidence, base=law.base, by=w.alice, details=EvidenceDetails(**LAW | {"title": "Another act"})
        ),
    ),
    "status_report.report_status": (lambda w: None, lambda w, _: reported(w)),
    "status_report.answer_status_report": (
        reported,
        lambda w, report: status_report.answer_status_report(
            report=report, transition="accept", answer="Entered.", by=w.dana
        ),
    ),
    "treaty_act.add_acts": (lambda w: None, lambda w, _: acceded(w)),
    "treaty_act.confirm_acts": (acceded, lambda w, acts: treaty_act.confirm_acts(acts=acts, by=w.dana)),
    "treaty_act.decline_act": (
        acceded,
        lambda w, acts: treaty_act.decline_act(act=acts[0], reason="It is of another State.", by=w.dana),
    ),
    "release.save_release": (
        lambda w: draft_release(sealed(w).round),
        lambda w, drafted: release.save_release(drafted, w.bob, []),
    ),
    "release.note_on_release": (
        quotable,
        lambda w, made: release.note_on_release(round=made.round, release_note="An error.", by=w.bob),
    ),
    "round.plan_round": (lambda w: None, lambda w, _: planned(w)),
    "round.open_round": (planned, lambda w, made: round.open_round(round=made, by=w.bob)),
    "round.move_due_date": (
        lambda w: opened_round(w.bob),
        lambda w, opened: round.move_due_date(
            round=opened, due_on=datetime.date(2027, 2, 28), reason="Holidays.", base="2027-01-31", by=w.bob
        ),
    ),
    "round.set_closing_date": (
        lambda w: opened_round(w.bob),
        lambda w, opened: round.set_closing_date(round=opened, closes_on=datetime.date(2027, 6, 30), by=w.bob),
    ),
    "round.remind_states": (
        lambda w: opened_round(w.bob),
        lambda w, opened: round.remind_states(round=opened, by=w.bob),
    ),
    "submission.submit": (
        lambda w: (w.save(), opened_round(w.bob))[1],
        lambda w, opened: submit_ready(w.xaa, opened, w.alice),
    ),
    "submission.withdraw_from_round": (
        sealed,
        lambda w, found: submission.withdraw_from_round(submission=found, reason="Too early.", by=w.alice),
    ),
    "submission.mark_complete": (
        sealed,
        lambda w, found: submission.mark_complete(submission=found, is_complete=True, by=w.alice),
    ),
    "submission.change_use": (
        sealed,
        lambda w, found: submission.change_use(submission=found, **USE, by=w.alice),
    ),
    "submission.confirm_answers": (
        lambda w: (sealed(w), opened_round(w.bob, "2028"))[1],
        lambda w, later: submissions.confirm(w.xaa, later, ["I.13"], w.alice),
    ),
    "remark.assign_readings": (
        sealed,
        lambda w, found: remark.assign_readings(submissions=[found], officer=w.bob, by=w.bob),
    ),
    "remark.start_reading": (sealed, lambda w, found: remark.start_reading(submission=found, by=w.bob)),
    "remark.return_submission": (taken, lambda w, found: remark.return_submission(submission=found, by=w.bob)),
    "remark.save_remark": (taken, lambda w, found: remark.save_remark(item=item(found), kind="noted", by=w.bob)),
    "remark.note_items": (
        taken,
        lambda w, found: remark.note_items(submission=found, items=[item(found)], by=w.bob),
    ),
    "remark.send_clarifications": (
        lambda w: (
            remark.save_remark(
                item=item(taken(w)), kind="clarification_requested", question="Which article?", by=w.bob
            ).item.submission
        ),
        lambda w, found: remark.send_clarifications(submission=found, by=w.bob),
    ),
    "remark.close_reading": (taken, lambda w, found: remark.close_reading(submission=found, by=w.bob)),
    "reading_restriction.add_restriction": (
        lambda w: None,
        lambda w, _: reading_restriction.add_restriction(user=w.reviewer, respondent=w.xaa, by=w.erin),
    ),
    "reading_restriction.end_restriction": (
        lambda w: reading_restriction.add_restriction(user=w.reviewer, respondent=w.xaa, by=w.erin),
        lambda w, found: reading_restriction.end_restriction(restriction=found, by=w.erin),
    ),
    "reply.submit_replies": (asked, lambda w, question: reply_to(question, "Art. 9", w.alice)),
    "withdrawal.request_withdrawal": (lambda w: w.save(), lambda w, _: w.ask()),
    "withdrawal.confirm_withdrawal": (
        lambda w: (w.save(), w.ask())[1],
        lambda w, request: withdrawal.confirm_withdrawal(pk=request.pk, by=w.carol),
    ),
    "withdrawal.refuse_withdrawal": (
        lambda w: (w.save(), w.ask())[1],
        lambda w, request: withdrawal.refuse_withdrawal(pk=request.pk, by=w.carol),
    ),
    "user.add_person": (
        lambda w: None,
        lambda w, _: user.add_person(email="gina@example.org", name="Gina", by=w.erin),
    ),
    "user.correct_name": (
        lambda w: None,
        lambda w, _: user.correct_name(user=w.member, name="Carola", by=w.erin),
    ),
    "user.set_password": (
        lambda w: None,
        lambda w, _: user.set_password(user=w.member, password="another pass phrase"),
    ),
    "user.close_account": (lambda w: None, lambda w, _: user.close_account(user=w.member, by=w.erin)),
    "access_change.request_role": (lambda w: None, lambda w, _: w.request_role()),
    "access_change.request_address": (lambda w: None, lambda w, _: w.request_address()),
    "access_change.request_identity": (
        lambda w: w.add_provider(),
        lambda w, _: access_change.request_identity(
            user=w.reviewer, provider="ministry", subject="subject-bob", by=w.erin
        ),
    ),
    "access_change.request_second_factor_reset": (
        lambda w: None,
        lambda w, _: access_change.request_second_factor_reset(user=w.reviewer, by=w.erin),
    ),
    "access_change.request_reactivation": (
        lambda w: user.close_account(user=w.member, by=w.erin),
        lambda w, _: access_change.request_reactivation(user=reread(w.member), by=w.erin),
    ),
    "access_change.decline_access_change": (
        lambda w: w.request_role(),
        lambda w, change: access_change.decline_access_change(change=change, by=w.erin),
    ),
    "access_change.second_access_change": (
        lambda w: w.request_address(),
        lambda w, change: access_change.second_access_change(change=change, by=w.alice),
    ),
    "access_change.stop_access_change": (
        lambda w: w.request_address(),
        lambda w, change: access_change.stop_access_change(change=change, by=w.alice),
    ),
    "second_factor.note_second_factor": (
        lambda w: w.reviewer.authenticator_set.get(),
        lambda w, app: second_factor.note_second_factor(added=app, row_key="", by=w.bob),
    ),
    "second_factor.note_second_factor_removed": (
        lambda w: w.reviewer.authenticator_set.get(),
        lambda w, app: (app.delete(), second_factor.note_second_factor_removed(removed=app, by=w.bob)),
    ),
    "second_factor.note_recovery_codes": (
        lambda w: RecoveryCodes.activate(w.reviewer).instance,
        lambda w, codes: second_factor.note_recovery_codes(added=codes, by=w.bob),
    ),
    "second_factor.postpone_second_factor": (
        lambda w: None,
        lambda w, _: second_factor.postpone_second_factor(by=w.alice),
    ),
    "second_factor.ask_second_factor": (
        lambda w: None,
        lambda w, _: second_factor.ask_second_factor(respondent=w.xaa, is_asked=True, by=w.alice),
    ),
    "session.end_session": (
        lambda w: signed_in(w.carol),
        lambda w, number: session.end_session(number=number, by=w.carol),
    ),
    "session.end_sessions_elsewhere": (
        lambda w: signed_in(w.carol),
        lambda w, _: session.end_sessions_elsewhere(row_key="", by=w.carol),
    ),
    "user.note_first_page": (lambda w: None, lambda w, _: user.note_first_page(by=w.alice)),
    "notification.choose_notifications": (
        lambda w: None,
        lambda w, _: notification.choose_notifications(wanted={NotificationKind.SUBMITTED}, by=w.bob),
    ),
    "user.change_last_day": (
        lambda w: Membership.objects.get(user=w.member),
        lambda w, membership: user.change_last_day(membership=membership, until=timezone.localdate(), by=w.alice),
    ),
    "invitation.send_invitation": (lambda w: None, lambda w, _: w.invite()),
    "invitation.send_invitation_again": (
        lambda w: w.invite(),
        lambda w, invited: invitation.send_invitation_again(invitation=invited, by=w.alice),
    ),
    "invitation.withdraw_invitation": (
        lambda w: w.invite(),
        lambda w, invited: invitation.withdraw_invitation(invitation=invited, by=w.alice),
    ),
    "directory.list_respondent": (
        lambda w: None,
        lambda w, _: directory.list_respondent(respondent=w.xaa, listed=True, by=w.alice),
    ),
    "directory.list_person": (
        lambda w: None,
        lambda w, _: directory.list_person(listed=True, with_address=False, by=w.alice),
    ),
    "user.end_membership": (
        lambda w: Membership.objects.get(user=w.member),
        lambda w, membership: user.end_membership(membership=membership, by=w.erin),
    ),
}
DONE |= {
    "assistance.mark_need": (
        needing,
        lambda w, need: assistance.mark_need(**need, transition="see", base="open", by=w.bob),
    ),
    "assistance.close_need": (needing, lambda w, need: assistance.close_need(**need, base="open", by=w.alice)),
    "institution.add_institution": (lambda w: None, lambda w, _: listed(w)),
    "institution.change_institution": (
        listed,
        lambda w, found: institution.change_institution(
            institution=found, base=found.base, name="Interior", kind="ministry", by=w.alice
        ),
    ),
    "institution.close_institution": (
        listed,
        lambda w, found: institution.close_institution(institution=found, by=w.alice),
    ),
    "institution.open_institution": (
        lambda w: (found := listed(w), institution.close_institution(institution=found, by=w.alice))[0],
        lambda w, found: institution.open_institution(institution=found, by=w.alice),
    ),
    "institution.set_institution": (
        listed,
        lambda w, found: institution.set_institution(
            membership=Membership.objects.get(user=w.member), institution=found, by=w.alice
        ),
    ),
    "institution.open_desk": (
        lambda w: None,
        lambda w, _: institution.open_desk(respondent=w.xaa, opens_all=False, by=w.alice),
    ),
    "assignment.assign": (lambda w: None, lambda w, _: assigned(w)),
    "assignment.send_to_focal_point": (
        lambda w: (assigned(w), answered_by_contributor(w)),
        lambda w, _: assignment.send_to_focal_point(respondent=w.xaa, unit=w.unit("I.13"), by=w.carol),
    ),
    "assignment.remind": (
        assigned,
        lambda w, _: assignment.remind(respondent=w.xaa, to=w.member, text="Please answer.", by=w.alice),
    ),
    "assignment.undo_sending": (
        ready,
        lambda w, _: assignment.undo_sending(respondent=w.xaa, unit=w.unit("I.13"), by=w.carol),
    ),
    "assignment.return_assignment": (
        ready,
        lambda w, found: assignment.return_assignment(assignment=found[0], reason="Which act?", by=w.alice),
    ),
    "assignment.end_assignments": (
        assigned,
        lambda w, found: assignment.end_assignments(respondent=w.xaa, assignments=found, by=w.alice),
    ),
    "proposal.add_proposal": (lambda w: None, lambda w, _: suggested(w)),
    "proposal.decline_proposals": (
        suggested,
        lambda w, found: decline(found, reason="Not yet.", by=w.alice),
    ),
    "proposal.withdraw_proposal": (
        suggested,
        lambda w, found: proposal.withdraw_proposal(proposal=found, by=w.carol),
    ),
    "comment.write_comment": (
        lambda w: None,
        lambda w, _: comment.write_comment(
            respondent=w.xaa, unit=w.unit("I.13"), text="Which act?", by=w.alice, after=0
        ),
    ),
    "transcription.add_request": (lambda w: None, lambda w, _: requested(w)),
    "transcription.end_request": (
        requested,
        lambda w, request: transcription.end_request(pk=request.pk, by=w.alice),
    ),
    "draft.take_over_draft": (
        left_behind,
        lambda w, found: draft.take_over_draft(respondent=w.xaa, pk=found.pk, by=w.alice),
    ),
}
DONE |= {
    "record.save_together": (
        lambda w: None,
        lambda w, _: record.save_together(
            respondent=w.xaa,
            answers=[(record.SeenAnswer(w.unit("I.13")), Answer(status="implemented"))],
            by=w.alice,
            change_reason="Together",
        ),
    ),
    "bulk.mark_ready": (
        lambda w: record.save_answer(
            respondent=w.xaa, unit=w.unit("I.13"), base=0, answer=Answer(status="in_progress"), by=w.alice
        ),
        lambda w, _: bulk.mark_ready(respondent=w.xaa, answers=[record.SeenAnswer(w.unit("I.13"), 1)], by=w.alice),
    ),
    "bulk.empty_answers": (
        lambda w: w.save(),
        lambda w, _: bulk.empty_answers(respondent=w.xaa, answers=[record.SeenAnswer(w.unit("I.13"), 1)], by=w.alice),
    ),
    "bulk.change_together": (
        lambda w: w.save(),
        lambda w, _: bulk.change_together(
            respondent=w.xaa,
            answers=[record.SeenAnswer(w.unit("I.13"), 1)],
            changes={"lead_institution": "Justice"},
            language="en",
            by=w.alice,
        ),
    ),
    "bulk.undo_change": (
        lambda w: bulk.change_together(
            respondent=w.xaa,
            answers=[record.SeenAnswer(w.save().record.recommendation, 1)],
            changes={"lead_institution": "Justice"},
            language="en",
            by=w.alice,
        ),
        lambda w, changed: bulk.undo_change(
            respondent=w.xaa, revisions=[revision.pk for revision in changed], by=w.alice
        ),
    ),
    "copy.copy_answer": (
        lambda w: w.save("II.43"),
        lambda w, _: copy.copy_answer(**read(w, "II.43"), to=[record.SeenAnswer(w.unit("II.44"))], by=w.alice),
    ),
    "copy.accept_update": (
        answered_anew,
        lambda w, _: copy.accept_update(**read(w, "II.43", 2), to=record.SeenAnswer(w.unit("II.44"), 1), by=w.alice),
    ),
    "copy.decline_update": (
        answered_anew,
        lambda w, _: copy.decline_update(**read(w, "II.43", 2), unit=w.unit("II.44"), by=w.alice),
    ),
}
DONE |= {
    "courtesy_translation.save_translations": (
        sealed,
        lambda w, found: courtesy_translation.save_translations(
            revision=item(found).revision, language="fr", texts={"measures": "Une loi."}, by=w.alice
        ),
    ),
    "quotation.save_quotation": (quotable, lambda w, found: quoted(w, found)),
    "quotation.remove_quotation": (
        lambda w: quoted(w, quotable(w)),
        lambda w, found: quotation.remove_quotation(quotation=found, by=w.bob),
    ),
    "quotation.move_quotation": (
        lambda w: (found := quotable(w), quoted(w, found), quoted(w, found, "difficulties")),
        lambda w, found: quotation.move_quotation(quotation=found[2], above=found[1], by=w.bob),
    ),
    "quotation.notify_of_quotations": (
        lambda w: (found := quotable(w), quoted(w, found)),
        lambda w, found: notified(w, found[0]),
    ),
    "quotation.object_to_quotation": (
        lambda w: (found := quotable(w), quoted(w, found), notified(w, found)),
        lambda w, found: quotation.object_to_quotation(quotation=found[1], reason="It is old.", by=w.alice),
    ),
}
DONE |= {
    "paper_publication.offer_publication": (
        paper,
        lambda w, draft: paper_publication.offer_publication(**shown(draft), by=w.dana),
    ),
    "paper_publication.return_draft": (
        offered_paper,
        lambda w, draft: paper_publication.return_draft(**shown(draft), reason="Annex II has topics.", by=w.bob),
    ),
    "paper_publication.publish_paper": (
        offered_paper,
        lambda w, draft: paper_publication.publish_paper(**shown(draft), by=w.bob),
    ),
}
DONE |= {
    "paper_opening.propose_opening": (
        published_paper,
        lambda w, found: paper_opening.propose_opening(paper=found, mandate="V.41", by=w.dana),
    ),
    "paper_opening.withdraw_opening": (
        proposed_paper,
        lambda w, found: paper_opening.withdraw_opening(paper=found, by=w.dana),
    ),
    "paper_opening.confirm_opening": (
        proposed_paper,
        lambda w, found: paper_opening.confirm_opening(paper=found, base=found.opening_stamp, by=w.dana),
    ),
}
ELSEWHERE = {
    "paper_opening.notify_of_requests": "tells what the catalogue did, and changes nothing",
    "search.index_events": "part of other actions",
    "search.analyse_record": "reads alone",
    "search.catch_up": "an index that can be made again is no act on the record",
    "search.index_what_is_behind": "an index that can be made again is no act on the record",
    "search.index_respondent": "an index that can be made again is no act on the record",
    "search.rebuild_index": "an index that can be made again is no act on the record",
    "search.forget_texts": "part of other actions",
    "treaty_act.confirm_complete_acts": "a confirmation is an event of the site, and is refused while acts wait",
    "daily_list.sign_daily_list": "a list is signed, published and names the one before it",
    "release.make_release": "checks a release, and saves it by save_release",
    "event.record_together": "part of other actions",
    "record.save_locked": "part of other actions",
    "proposal.save_proposals": "part of `add_questionnaire`",
    "event.record_submission_event": "part of other actions",
    "respondent.set_field": "part of other actions",
    "assignment.accept_assignments": "two events for each answer: it is accepted and marked ready",
    "assignment.record_came_back": "part of `add_questionnaire`",
    "assignment.settle_assignments": "part of decisions on proposals",
    "assignment.save_and_send": "two events: an answer is saved and sent",
    "proposal.accept_proposals": "two events for each proposal: an answer is saved, the proposal taken",
    "proposal.merge_proposals": "two events: an answer is saved, a proposal taken",
    "courtesy_translation.record_translations": "part of other actions",
    "quotation.delete_quotations_in": "part of other actions",
    "quotation.delete_emptied_quotations": "part of other actions",
    "hidden_text.hide": "part of other actions",
    "hidden_text.put_back": "part of other actions",
    "workbook.save_workbook": "what is uploaded is no act on the record until it is applied",
    "workbook.discard_workbook": "what is uploaded is no act on the record",
    "workbook.apply_workbook": "an event for each answer that it saves",
    "export.request_export": "a file that is read changes no record",
    "held_upload.hold_upload": "an upload that is not saved yet is no act on the record",
    "held_upload.discard_held_upload": "an upload that is not saved yet is no act on the record",
    "held_upload.tidy_held_uploads": "an upload that is not saved yet is no act on the record",
    "file_scan.note_content": "in the event of the action that stores the file",
    "file_scan.lock_scans": "writes nothing",
    "file_scan.scan_stored_files": "an event for each owner of a file, tried in test_file_scan.py",
    "evidence_text.keep_waiting_texts": "a text that can be made again is no act on the record",
    "evidence_text.delete_texts": "part of other actions",
    "evidence_text.index_texts": "what the search has of a text can be made again",
    "evidence_text.index_sealed": "what the search has of a text can be made again",
    "held_upload.destroy_held_uploads": "part of other actions",
    "export.discard_export": "a file that is read changes no record",
    "export.tidy_export_files": "a file that is read changes no record",
    "event.record_event": "writes it",
    "event.save_fields": "part of other actions",
    "event.lock_head": "part of other actions",
    "event.record_catalogue_change": "receives what the catalogue announces: tried in test_rows.py",
    "event.tidy_addresses": "tried below",
    "withdrawal.delete_files": "tried in test_withdrawal.py",
    "session.end_all_sessions": "part of other actions",
    "session.forget_devices": "part of other actions",
    "submission.lock_to_submit": "part of other actions",
    "submission.record_new_submission": "writes it",
    "submission.save_seal": "part of other actions",
    "submission.share_practices": "part of other actions",
    "session.set_session_end": "part of other actions",
    "user.insert_once": "part of other actions",
    "user.new_person": "part of other actions",
    "user.add_role": "part of other actions",
    "invitation.accept_invitation": "gives a role too: tried in test_invitation.py",
    "invitation.accept_as_new_person": "adds a person and gives a role too: tried in test_invitation.py",
    "identity.bind_identity": "part of other actions",
    "stored_file.store_upload": "part of other actions",
    "stored_file.record_difference": "has no author: tried in web/test_files.py",
    "stored_file.check_files": "has no author: tried in test_stored_file.py",
    "stored_file.delete_unknown_files": "a file that no row names is no act on the record",
    "access_change.add_administrator": "adds a person and gives a role: two actions",
    "access_change.confirm_together": "two events for each request, tried in views/test_designation.py",
    "access_change.insert_request": "part of other actions",
    "access_change.finish_requests": "part of other actions",
    "access_change.store_document": "part of other actions",
    "designation.hold_designations": "an upload that is not requested yet is no act on the record",
    "designation.request_designations": "two events for each new person, tried in views/test_designation.py",
    "access_change.confirm_access_change": "two events, tried in test_access_change.py",
    "access_change.apply_due_changes": "two events, tried in test_access_change.py",
    "access_change.stop_by_link": "of anyone who has the link: tried in test_access_change.py",
    "second_factor.encrypt_second_factors": "has no author: tried in test_second_factor.py",
    "record.lock_all_to_answer": "part of other actions",
    "respondent.lock_respondent": "part of other actions",
    "respondent.read_then_lock": "part of other actions",
    "respondent.write_locked": "part of other actions",
    "questionnaire.add_questionnaire": "an event for each proposal",
    "transcription.transcribe": "offers a proposal",
    "transcription.withdraw_transcription": "takes a proposal back",
    "remark.return_submissions": "part of other actions",
    "notification.notify": "part of other actions",
    "notification.write_reminders": "tells what other actions did, and changes nothing",
    "event.record_loaded": "writes it",
    "institution.record_institution": "part of other actions",
    "respondent.load_respondents": "has no author: tried in test_rows.py",
    "stored_file.delete_file": "part of other actions",
    "user.choose_language": "how pages and mail are shown is no act on the record",
    "draft.save_draft": "what is typed is no act on the record (docs/decisions/0014-drafts.md)",
    "draft.discard_drafts": "what is typed is no act on the record",
    "draft.keep_form": "what is typed is no act on the record",
    "draft.take_form": "what is typed is no act on the record",
    "draft.drop_forms": "part of other actions",
    "draft.close_draft": "part of other actions",
    "draft.tidy_drafts": "a draft that was closed is empty",
    "draft.take_words_out": "part of other actions",
    "draft.put_draft_back": "part of other actions",
    "export.delete_exports_of": "part of other actions",
    "kept_file.delete_kept_files": "part of other actions",
    "kept_file.tidy_kept_files": "a file that can be made again is no act on the record",
}
ONLY_READ = {
    *("evidence_text.published_in_index", "evidence_text.submissions_in_index"),
    "respondent.names_in_treaty_source",
    "event.read_head",
    "kept_file.find_shelf",
    "stored_file.is_stored_before",
    "file_scan.scan_upload",
    "release.release_problem",
    "held_upload.check_size",
    "held_upload.find_library_file",
    "held_upload.stored_size",
    "mail.make_mail",
    "mail.isolated",
    "bulk.change_answer",
    "comment.find_named_people",
    "copy.make_copy",
    "copy.is_copied",
    "copy.reason_not_copied",
    "draft.holds_words",
    "quotation.fields_holding",
    "proposal.answers_of",
    "proposal.fields_of",
    "proposal.fields_with_words",
    "proposal.first_received",
    "proposal.reference",
    "record.answers_former_wording",
    "record.read_answers",
    "record.changes_to",
    "record.combine_with",
    "record.last_withdrawal",
    "record.refuse_evidence_of_others",
    "respondent.check_unit",
    "round.theme_order",
    "submission.missing_statements",
    "submission.move_on",
    "access_change.missing_appointing_fields",
    *("designation.check_note", "designation.describe_designations", "designation.known_addresses"),
    "designation.rows_of",
    "user.delete_of",
    "user.password_link",
    "evidence.check_details",
    "record.with_mark",
    "remainder.check_remainders",
    "remainder.find_remainders",
    "remainder.without_sentences",
    "withdrawal.find_withdrawable",
    "word_search.find_files",
    "word_search.find_hidden_texts",
    "word_search.find_rows",
    "workbook.compare_rows",
    "workbook.find_problems",
    "workbook.is_text_changed",
    "workbook.revisions_of",
    "search.is_index_behind",
    "workbook.with_changes",
    "workbook.workbook_holds",
}
SAVE_NOTHING = {
    "assignment.assignments_of",
    "user.mail_password_link",
    "mail.send",
    "mail.send_later",
    "tasks.send_waiting",
    "assignment.reference",
    "record.read_records",
    "assistance.reference",
    "event.next_event",
    "evidence.make_next_version",
    "evidence.reference",
    "record.next_revision",
    "record.reference",
    "remark.fill_remark",
    "reply.changed_unit",
    "reply.find_missing",
    "reply.next_reply",
    "reply.seal_replies",
    "round.make_round_units",
    "submission.reference",
    "submission.confirmation_reference",
    "submission.use_reference",
    "submission.make_item",
    "submission.seal",
}


def test_every_action_is_tried():
    """One that stands in no table here fails."""
    modules = [module.name for module in pkgutil.iter_modules(actions.__path__)]
    public = {
        f"{module}.{name}"
        for module in modules
        for name, function in inspect.getmembers(import_module(f"tracker.actions.{module}"), inspect.isfunction)
        if function.__module__ == f"tracker.actions.{module}" and not name.startswith("_")
    }
    assert public == DONE.keys() | ELSEWHERE.keys() | ONLY_READ | SAVE_NOTHING


LOCKS_OR_WRITES = re.compile("FOR (NO KEY )?UPDATE|^(INSERT|UPDATE|DELETE)")
# They write no words on the desk: a role, a request of administrators, a reading.
LOCKS_ANOTHER_ROW = {
    "access_change.decline_access_change",
    "access_change.request_role",
    "remark.assign_readings",
    "remark.close_reading",
    "remark.return_submission",
    "remark.send_clarifications",
    "remark.start_reading",
    "user.change_last_day",
}


@pytest.mark.parametrize("name", DONE)
def test_each_action_writes_one_event_and_no_word_of_a_language(name, world):
    before, act = DONE[name]
    found = before(world)
    name_rows()
    count = Event.everyones.count()
    with another_language():
        act(world, found)
        in_words = _details_in_words()
    assert rows_with_messages() == []
    assert Event.everyones.count() == count + 1
    event = Event.everyones.latest("pk")
    head = ChainHead.objects.get(chain=event.chain)
    assert (head.number, head.digest) == (event.number, event.digest)
    assert (event.actor is not None, bool(event.target), Action(event.action).label != "") == (True, True, True)
    without_message = {text for text in in_words if MARK not in text}
    known = {"XAA", "Arandia", "Justice", titled("I.13"), *User.objects.values_list("name", flat=True)}
    assert {fact for text in without_message for fact in text.split(" · ")} <= known
    assert bare_labels(" ; ".join(in_words)) == []
    assert [*find_chain_errors([event.chain]), *find_row_errors(OWN_KINDS)] == []


# Actions of more than one event, or of none in the chain of the State.
TRIED_TOO = {
    "assignment.accept_assignments": (
        ready,
        lambda w, found: assignment.accept_assignments(respondent=w.xaa, assignments=found, by=w.alice),
    ),
    "proposal.accept_proposals": (suggested, lambda w, found: accept(found, by=w.alice)),
    "transcription.transcribe": (
        requested,
        lambda w, request: transcription.transcribe(
            request=request, unit=w.unit("I.13"), answer=Answer(status="in_progress"), by=w.bob
        ),
    ),
    "treaty_act.confirm_complete_acts": (
        lambda w: None,
        lambda w, _: treaty_act.confirm_complete_acts(as_at=timezone.localdate(), source="UNTC", by=w.dana),
    ),
    "withdrawal.find_withdrawable": (
        lambda w: w.save(),
        lambda w, _: withdrawal.find_withdrawable(respondent=w.xaa, by=w.alice, words="Jane Doe", files=[]),
    ),
}
# Who may do what stands in DONE, of PEOPLE; all else is for a focal point of the State alone.
MAY = {
    **dict.fromkeys(
        (
            *("bulk.change_together", "bulk.undo_change", "comment.write_comment", "copy.copy_answer"),
            *("evidence.add_evidence", "evidence.change_evidence", "proposal.add_proposal", "record.restore_revision"),
            *("record.save_answer", "record.save_edit", "record.save_note", "record.save_together"),
        ),
        "alice carol",
    ),
    **dict.fromkeys(
        ("assignment.send_to_focal_point", "assignment.undo_sending", "proposal.withdraw_proposal"), "carol"
    ),
    **dict.fromkeys(
        (
            *("assistance.mark_need", "quotation.move_quotation", "quotation.remove_quotation"),
            *("quotation.save_quotation", "remark.close_reading", "remark.note_items", "remark.return_submission"),
            *("remark.save_remark", "remark.send_clarifications", "remark.start_reading", "transcription.add_request"),
            *("remark.assign_readings", "transcription.transcribe"),
        ),
        "bob",
    ),
    "courtesy_translation.save_translations": "alice bob carol",
    "quotation.notify_of_quotations": "ben bob",
    **dict.fromkeys(
        (
            *("paper_opening.confirm_opening", "paper_opening.propose_opening", "paper_opening.withdraw_opening"),
            *("paper_publication.publish_paper", "paper_publication.return_draft", "release.note_on_release"),
            *("round.move_due_date", "round.open_round", "round.plan_round", "round.remind_states"),
            "round.set_closing_date",
        ),
        "ben bob dana",
    ),
    "paper_publication.offer_publication": "dana",
    **dict.fromkeys(
        (
            *("status_report.answer_status_report", "treaty_act.add_acts", "treaty_act.confirm_acts"),
            *("treaty_act.confirm_complete_acts", "treaty_act.decline_act"),
        ),
        "dana",
    ),
    **dict.fromkeys(
        (
            *("access_change.decline_access_change", "access_change.request_address", "access_change.request_identity"),
            *("access_change.request_reactivation", "access_change.request_role"),
            *("access_change.request_second_factor_reset", "reading_restriction.add_restriction"),
            *("reading_restriction.end_restriction", "user.add_person", "user.close_account", "user.correct_name"),
        ),
        "erin",
    ),
    "directory.list_person": "alice charlie",
    "transcription.end_request": "alice bob",
    "user.end_membership": "alice erin",
    "withdrawal.confirm_withdrawal": "carol erin",
    "withdrawal.refuse_withdrawal": "alice carol erin",
}
OF_ONESELF = {
    *("notification.choose_notifications", "second_factor.note_recovery_codes", "second_factor.note_second_factor"),
    *("second_factor.note_second_factor_removed", "second_factor.postpone_second_factor", "session.end_session"),
    *("session.end_sessions_elsewhere", "user.note_first_page", "user.set_password"),
    "release.save_release",  # part of `make_release`
}


@pytest.fixture
def people(world, victor, charlie, erin) -> dict[str, User]:
    """Everybody of tests/conftest.py; ben, an officer who may not read for XAA; and frida, who has no role."""
    ben = make_person("ben", Role.REVIEWER)
    reading_restriction.add_restriction(user=ben, respondent=world.xaa, by=erin)
    team = (world.alice, world.carol, victor)
    return {person.name.lower(): person for person in (*team, charlie, ben, world.bob, world.dana, erin, world.frida)}


def has_done(act) -> bool:
    """Try an action and undo it: return whether the person may do it. What is refused leaves no event."""
    count = Event.everyones.count()
    with transaction.atomic():
        try:
            act()
        except (PermissionDenied, NotAllowed):
            return Event.everyones.count() > count
        transaction.set_rollback(True)
    return True


@pytest.mark.parametrize("name", sorted(DONE.keys() - OF_ONESELF | TRIED_TOO.keys()))
def test_nobody_else_may_do_it(name, world, people):
    before, act = (DONE | TRIED_TOO)[name]
    found = before(world)
    may = {who for who, person in people.items() if has_done(partial(act, world.by(reread(person)), found))}
    assert may == set(MAY.get(name, "alice").split())


locks_rows = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")


def locks_and_writes(act) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured if LOCKS_OR_WRITES.search(query["sql"])]


@locks_rows
@pytest.mark.parametrize("name", sorted(DONE.keys() - LOCKS_ANOTHER_ROW))
def test_what_is_written_on_the_desk_of_a_state_locks_the_state_first(name, world):
    before, act = DONE[name]
    found = before(world)
    first, *others = locks_and_writes(lambda: act(world, found))
    if Event.everyones.latest("pk").respondent:
        assert 'FROM "tracker_respondent"' in first
    several = [sql for sql in (first, *others) if re.search('FROM "tracker_respondent" .* IN .* FOR NO KEY', sql)]
    assert [sql for sql in several if 'ORDER BY "tracker_respondent"."id"' not in sql] == [], "in one order"


@locks_rows
def test_drafts_and_uploaded_workbooks_lock_the_state_first_too(world):
    of_draft = {"respondent": world.xaa, "unit": world.unit("I.13"), "tab": Tab("0" * 32), "by": world.alice}
    of_workbook = {"respondent": world.xaa, "by": world.alice, "downloaded_at": timezone.now(), "rows": []}
    for act in (
        lambda: draft.save_draft(**of_draft, base=0, fields={"measures": ["An act."]}),
        lambda: draft.discard_drafts(**of_draft, stamps=()),
        lambda: workbook.save_workbook(**of_workbook),
    ):
        assert 'FROM "tracker_respondent"' in locks_and_writes(act)[0]


def _details_in_words() -> list[str]:
    """What the newest event says of its target, and of what was before and after."""
    event = Event.everyones.latest("pk")
    [line] = read_lines([(event, event.before, event.after)])
    return [text for text in (line.about, line.before, line.after) if text]


def test_an_action_of_no_name_is_none(alice):
    with pytest.raises(ValueError, match="something"):
        record_event(action="something", target="site", by=alice)


# From where


def save(client, remote="192.0.2.7", **headers):
    """An answer over the web; the address that is kept of it."""
    data = {"status": "implemented", "base": "0", "measures": "An act.", "language": "en"}
    client.post(reverse("record", args=["XAA", "I-13"]), data, headers=headers, REMOTE_ADDR=remote)
    return Event.everyones.get(action="answer saved").address


def test_the_address_of_a_request_is_recorded_with_its_event(desk):
    assert save(desk) == "192.0.2.7"


def test_behind_a_proxy_it_is_the_one_that_the_proxy_saw(desk, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert save(desk, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}) == "198.51.100.4"


@pytest.mark.parametrize(("remote", "kept"), [("fe80::1%eth0", "fe80::1"), ("", None), ("unknown", None)])
def test_an_address_that_is_none_is_not_kept_and_stops_nothing(desk, remote, kept):
    assert save(desk, remote=remote) == kept
    assert Event.everyones.filter(action="answer saved").count() == 1


def test_a_command_has_no_address(alice):
    assert record_event(action="person welcomed", target="person 1", by=alice).address is None


def test_addresses_are_forgotten_in_time_and_the_chain_holds(alice, settings, capsys, monkeypatch):
    name_rows()
    settings.EVENT_ADDRESS_DAYS = 30
    today, events = timezone.now(), []
    monkeypatch.setattr(origin, "address", ContextVar("address", default="192.0.2.7"))
    for days in (31, 29, 0):
        monkeypatch.setattr(timezone, "now", lambda at=today - datetime.timedelta(days=days): at)
        events.append(record_event(action="person welcomed", target="person 1", by=alice))
    monkeypatch.undo()
    call_command("forget_addresses")
    assert capsys.readouterr().out == "Network addresses deleted: 1.\n"
    assert list(Event.everyones.filter(address__isnull=False)) == events[1:]
    assert Event.everyones.filter(action="addresses forgotten").count() == 1
    assert tidy_addresses() == 0
    assert Event.everyones.filter(action="addresses forgotten").count() == 1
    call_command("verify_audit")
