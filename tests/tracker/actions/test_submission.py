"""Submitting: one act, sealed, and what may follow it."""

import dataclasses
import datetime

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.pages import client_of, words
from tests.submissions import STATED, close_round, confirm, opened_round, submit_ready
from tests.verification import find_errors as find_errors_of_trail
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.remark import close_reading, start_reading
from tracker.actions.submission import (
    StaleCheck,
    Statements,
    change_use,
    check_submission,
    mark_complete,
    submit,
    withdraw_from_round,
)
from tracker.audit.seal import find_errors, read_seal
from tracker.demo.clock import on_day
from tracker.documents.receipt import receipt
from tracker.documents.report.chapters import Choice, document
from tracker.documents.report.sealed import submission_report
from tracker.documents.tree import own
from tracker.models import (
    Event,
    Notification,
    Participation,
    ReadingRestriction,
    Round,
    RoundUnit,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
)
from tracker.models.evidence import EvidenceReader
from tracker.models.remark import state_digest
from tracker.models.status import Status
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.queries.desk.overview import rounds_on_desk
from tracker.workflow import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("round_for_the_module")]

TODAY = timezone.localdate()
TO_COME = TODAY + datetime.timedelta(days=2)  # though midnight may strike meanwhile
State = SubmissionStage


@pytest.fixture
def answer(xaa, alice, unit):
    def save(label, measures="The Act.", base=0, ready=True, status=Status.IMPLEMENTED, citations=()):
        return save_for_xaa(label, status, base=base, measures=measures, ready=ready, citations=list(citations))

    return save


@pytest.fixture
def law(xaa, alice):
    def add(title="Act", disclosure=EvidenceReader.STATE):
        return add_item(xaa, alice, title, citation=f"Gazette of {title}", disclosure=disclosure)

    return add


@pytest.fixture
def hand(xaa, alice, round_):
    def hand(fingerprint=None, statements=STATED, by=alice, in_round=round_, leave_out=()):
        in_round = Round.objects.get(pk=in_round.pk)  # it may have been closed
        fingerprint = fingerprint or check_submission(xaa, in_round).digest
        seen = {"fingerprint": fingerprint, "statements": statements, "leave_out": leave_out}
        return submit(respondent=xaa, round_=in_round, **seen, by=by)

    return hand


@pytest.fixture
def first(hand, answer) -> Submission:
    """IV.46(c) and IV.46(d), submitted."""
    answer("IV.46(c)")
    answer("IV.46(d)")
    return hand()


def sealed(submission: Submission) -> dict[str, int]:
    """The numbers of the revisions that were submitted, by label."""
    items = SubmissionItem.everyones.filter(submission=submission, revision__isnull=False)
    return dict(items.values_list("unit__label", "revision__number"))


def labels(units) -> list[str]:
    return [unit.unit.label for unit in units]


def rows() -> dict[str, int]:
    """How many there are of all that a submission writes."""
    models = (Submission, SubmissionItem, SubmissionEvidence, Participation, Use, Event)
    return {model.__name__: model.everyones.count() for model in models} | {"told": Notification.objects.count()}


def submitted_since(before: dict[str, int]) -> bool:
    return rows() != before


# What is sealed


def test_one_item_for_each_unit_asked_and_only_ready_answers_are_sealed(hand, answer, xaa):
    ready = answer("IV.46(c)")
    answer("IV.46(d)", ready=False)
    submission = hand()
    assert submission.reference == "XAA/2026/1"
    items = SubmissionItem.everyones.filter(submission=submission)
    assert items.count() == 74
    assert [item.revision for item in items if item.revision_id] == [ready]
    assert submission.counts["asked"] == 74
    assert submission.counts["answered"] == 1
    assert submission.counts["implemented"] == 1
    assert submission.confirmed_gaps == {
        "unanswered": 72,
        "not_ready": 1,
        "unconfirmed": 0,
        "on_a_former_wording": 0,
        "without_evidence": 1,
        "evidence_kept": 0,
    }
    assert list(find_errors(read_seal(submission))) == []


def test_the_scope_is_that_of_the_round_and_of_what_is_asked(xaa, alice, bob, answer):
    round_ = opened_round(bob, "part", meetings=[1])
    answer("I.5(a)")
    answer("IV.46(c)")
    submission = submit_ready(xaa, round_, alice)
    asked = set(xaa.units_to_answer().values_list("label", flat=True))
    scope = set(RoundUnit.objects.filter(round=round_).values_list("unit__label", flat=True))
    items = SubmissionItem.everyones.filter(submission=submission).values_list("unit__label", flat=True)
    assert set(items) == asked & scope
    assert sealed(submission) == {"I.5(a)": 1}


def test_the_event_identifies_the_submission_by_its_digest(first, alice, xaa):
    event = Event.everyones.get(action="submitted")
    assert (event.respondent, event.actor, event.target) == (xaa, alice, "submission XAA/2026/1")
    assert event.after == f"submission 1 {first.digest} {state_digest(Participation.everyones.get())}"


def test_evidence_kept_to_the_state_enters_as_a_digest_and_is_a_gap(hand, answer, law, xaa, round_):
    public = law("Public act", EvidenceReader.PUBLIC)
    answer("IV.46(c)", citations=[(law("Secret act"), "p. 1"), (public, "p. 2")])
    assert labels(check_submission(xaa, round_).gaps["evidence_kept"]) == ["IV.46(c)"]
    submission = hand()
    pieces = SubmissionEvidence.everyones.filter(item__submission=submission)
    assert list(pieces.values_list("position", "withheld")) == [(1, True), (2, False)]
    assert list(find_errors(read_seal(submission))) == []


def test_restricting_evidence_later_requires_a_new_submission(hand, answer, law, xaa, alice, round_):
    public = law("Act", EvidenceReader.PUBLIC)
    answer("IV.46(c)", citations=[(public, "p. 1")])
    first = hand()
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette of Act", disclosure="state")
    change_evidence(evidence=public.evidence, base=public.base, details=details, by=alice)
    assert not check_submission(xaa, round_).is_same_as_current
    assert hand().number == first.number + 1


def test_what_was_stated_is_sealed(hand, answer, alice):
    answer("IV.46(c)")
    stated = dataclasses.replace(
        STATED,
        quoted=True,
        authority="Ministry of Justice",
        cleared_by="Legal Department",
        cleared_on=TODAY,
        note_verbale="NV 12/2026",
    )
    submission = hand(statements=stated)
    submission.refresh_from_db()
    assert submission.use == {"in_aggregates": True, "quoted": True, "published": False}
    assert (submission.cleared_by, submission.cleared_on) == ("Legal Department", TODAY)
    assert submission.authority == "Ministry of Justice"
    assert (submission.note_verbale, submission.sealed_by) == ("NV 12/2026", alice)
    assert Use.everyones.get(submission=submission).as_fields == submission.use
    assert list(find_errors(read_seal(submission))) == []


def test_without_saying_anything_nothing_is_permitted():
    assert Statements(names_no_victim=True).use == {
        "in_aggregates": False,
        "quoted": False,
        "published": False,
    }


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, False), (-1, True)])
def test_late_is_possible_and_marked_late(hand, answer, round_, days, late):
    Round.objects.update(opens_on=datetime.date(2026, 1, 1), due_on=timezone.localdate() + datetime.timedelta(days))
    answer("IV.46(c)")
    assert hand().late is late


# What is refused, without a trace


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"names_no_victim": False}, "names_no_victim"),
        ({"authority": "a\x00b"}, "authority"),
        ({"cleared_by": "a\x00b"}, "cleared_by"),
        ({"note_verbale": "x" * 201}, "note_verbale"),
        ({"cleared_on": TO_COME}, "cleared_on"),
    ],
)
def test_what_is_missing_or_wrong_in_the_statements_is_named(hand, answer, changed, field):
    answer("IV.46(c)")
    before = rows()
    with pytest.raises(ValidationError) as refused:
        hand(statements=dataclasses.replace(STATED, **changed))
    assert list(refused.value.error_dict) == [field]
    assert not submitted_since(before)


def test_an_empty_submission_is_none(hand, answer):
    answer("IV.46(c)", ready=False)
    before = rows()
    with pytest.raises(ValidationError, match="No answer is marked ready"):
        hand()
    assert not submitted_since(before)


def test_what_was_checked_is_what_is_sealed(hand, answer, xaa, round_):
    answer("IV.46(c)")
    fingerprint = check_submission(xaa, round_).digest
    answer("IV.46(c)", "Another.", base=1)
    before = rows()
    with pytest.raises(StaleCheck) as stale:
        hand(fingerprint)
    assert stale.value.check.digest == check_submission(xaa, round_).digest
    assert not submitted_since(before)


def test_an_answer_that_is_left_out_and_changes_makes_the_check_stale_too(hand, answer, xaa, round_):
    answer("IV.46(c)")
    answer("IV.46(d)", ready=False)
    fingerprint = check_submission(xaa, round_).digest
    answer("IV.46(d)", "More.", base=1, ready=False)
    with pytest.raises(StaleCheck):
        hand(fingerprint)


def test_a_closed_round_takes_no_first_submission_and_no_replacement(hand, answer, round_, first, bob):
    answer("IV.46(c)", "Another.", base=1)
    close_round(round_)
    before = rows()
    with pytest.raises(NotAllowed):
        hand()
    assert not submitted_since(before)


# The same again, and a replacement


def test_submitting_the_same_again_is_the_same_submission(hand, first):
    before = rows()
    assert hand() == first
    assert hand(fingerprint="of another check") == first
    assert not submitted_since(before)


def test_what_differs_while_the_round_is_open_gets_the_next_number(hand, answer, first):
    answer("IV.46(c)", "Another.", base=1)
    second = hand()
    assert second.reference == "XAA/2026/2"
    assert sealed(second) == {"IV.46(c)": 2, "IV.46(d)": 1}
    assert sealed(first) == {"IV.46(c)": 1, "IV.46(d)": 1}


def test_the_state_submits_as_often_as_it_likes_whatever_is_read(hand, answer, first, bob):
    start_reading(submission=first, by=bob)
    assert hand() == first
    answer("IV.46(c)", "While it is read.", base=1)
    second = hand()
    reading = Participation.everyones.get()
    assert (reading.current, reading.state, reading.taken_by) == (second, State.UNDER_REVIEW, bob)
    close_reading(submission=second, by=bob)
    answer("IV.46(c)", "Once it is read.", base=2)
    third = hand()
    reading = Participation.everyones.get()
    assert (reading.current, reading.state, reading.taken_by) == (third, State.SUBMITTED, None)
    assert find_errors_of_trail() == []


def test_a_submitted_answer_stays_until_its_newer_version_is_ready_or_is_left_out(
    hand, answer, first, xaa, round_, unit
):
    answer("IV.46(c)", "Being written.", base=1, ready=False)
    now = check_submission(xaa, round_)
    assert (labels(now.by_reason["not_ready"]), now.is_same_as_current) == (["IV.46(c)"], True)
    answer("IV.46(d)", "Another.", base=1)
    second = hand()
    assert sealed(second) == {"IV.46(c)": 1, "IV.46(d)": 2}
    third = hand(leave_out=[unit("IV.46(c)").pk, unit("IV.46(d)").pk])
    assert sealed(third) == {"IV.46(d)": 2}
    assert [submission.confirmed_gaps["not_ready"] for submission in (second, third)] == [0, 1]
    assert sealed(hand()) == {"IV.46(d)": 2}
    answer("IV.46(c)", "Written.", base=2)
    assert sealed(hand()) == {"IV.46(c)": 3, "IV.46(d)": 2}


def test_after_a_closed_reading_everything_is_submitted_again(hand, answer, first, bob, round_):
    start_reading(submission=first, by=bob)
    close_reading(submission=first, by=bob)
    answer("IV.46(c)", "Amended.", base=1)
    second = hand()
    assert second.number == 2
    assert sealed(second) == {"IV.46(c)": 2, "IV.46(d)": 1}
    start_reading(submission=second, by=bob)
    close_reading(submission=second, by=bob)
    close_round(round_)
    answer("IV.46(c)", "Too late.", base=2)
    before = rows()
    with pytest.raises(NotAllowed):
        hand()
    assert not submitted_since(before)


# A later round


@pytest.fixture
def later(bob, first) -> Round:
    return opened_round(bob, "2029", meetings=[1, 4])


def test_an_answer_of_before_counts_once_it_is_confirmed(xaa, alice, bob, later, hand, answer):
    answer("IV.46(c)", "New.", base=1)
    now = check_submission(xaa, later)
    assert labels(now.gaps["unconfirmed"]) == ["IV.46(d)"]
    assert now.counts["answered"] == 1
    assert confirm(xaa, later, ["IV.46(d)", "IV.46(c)", "I.13"], alice) == 1
    submission = hand(in_round=later)
    as_at = timezone.localdate(submission.sealed_at)
    items = SubmissionItem.everyones.filter(submission=submission, revision__isnull=False)
    assert dict(items.values_list("unit__label", "still_correct_as_at")) == {"IV.46(c)": None, "IV.46(d)": as_at}
    assert list(find_errors(read_seal(submission))) == []
    assert "Confirmed unchanged 1" in dict(receipt(submission).facts)["Contains"]
    cover = document(submission_report(submission), Choice()).facts
    assert ("Confirmed unchanged", [own("1")]) in cover.rows
    assert "Confirmed unchanged: 1." in words(client_of(bob).get(reverse("review", args=["XAA", "2029", 1])))


def test_what_was_confirmed_and_then_changed_is_a_new_answer(xaa, alice, later, answer):
    confirm(xaa, later, ["IV.46(d)"], alice)
    answer("IV.46(d)", "New.", base=1)
    now = check_submission(xaa, later)
    assert [one.still_correct_as_at for one in now.units if one.sealed] == [None]


def test_answers_are_not_confirmed_for_future_dates_or_closed_rounds(xaa, alice, later):
    with pytest.raises(ValidationError) as refused:
        confirm(xaa, later, ["IV.46(d)"], alice, as_at=TO_COME)
    assert list(refused.value.error_dict) == ["as_at"]
    close_round(later)
    with pytest.raises(NotAllowed):
        confirm(xaa, later, ["IV.46(d)"], alice)
    assert len(check_submission(xaa, later).gaps["unconfirmed"]) == 2


# Withdrawing, and permitted use


def test_withdrawing_from_the_round_leaves_no_submission_current(hand, answer, first, alice):
    answer("IV.46(c)", "Another.", base=1)
    second = hand()
    with pytest.raises(NotAllowed):
        withdraw_from_round(submission=first, reason="Of another page.", by=alice)
    withdraw_from_round(submission=second, reason=" Sent too early. ", by=alice)
    participation = Participation.everyones.get()
    assert (participation.state, participation.current) == (State.WITHDRAWN, None)
    assert (participation.withdrawn_to, participation.withdrawal_reason) == (2, "Sent too early.")
    assert [one.is_withdrawn for one in Submission.everyones.order_by("number")] == [True, True]


def test_the_same_answers_are_submitted_again_after_a_withdrawal(hand, first, alice):
    withdraw_from_round(submission=first, reason="Sent too early.", by=alice)
    second = hand()
    assert (second.number, second.content_digest) == (2, first.content_digest)
    assert [one.is_withdrawn for one in Submission.everyones.order_by("number")] == [True, False]
    assert receipt(second).before is None
    assert find_errors_of_trail() == []


@pytest.mark.parametrize("state", [state for state in State if state != State.WITHDRAWN])
def test_a_submission_is_withdrawn_at_any_stage(state, first, alice, bob):
    Participation.everyones.update(state=state, taken_by=bob)
    withdraw_from_round(submission=first, reason="Sent too early.", by=alice)
    assert Participation.everyones.get().state == State.WITHDRAWN
    with pytest.raises(NotAllowed):
        withdraw_from_round(submission=first, reason="Again.", by=alice)


@pytest.mark.parametrize("reason", ["", "  \n", "a\x00b", "x" * 20_001])
def test_it_takes_a_reason(first, alice, reason):
    with pytest.raises(ValidationError) as refused:
        withdraw_from_round(submission=first, reason=reason, by=alice)
    assert list(refused.value.error_dict) == ["reason"]
    assert Participation.everyones.get().state == State.SUBMITTED


def test_use_is_stated_again_and_never_backdated(first, alice):
    before = timezone.now()
    use = change_use(submission=first, in_aggregates=True, quoted=True, published=False, by=alice)
    assert use.said_at >= before
    assert [one.as_fields["quoted"] for one in Use.everyones.filter(submission=first)] == [False, True]
    assert Event.everyones.get(action="use permitted").after.split()[-1] == use.make_digest()
    assert change_use(submission=first, in_aggregates=True, quoted=True, published=False, by=alice) == use
    first.refresh_from_db()
    assert first.use["quoted"] is False


def test_an_unnamed_use_keeps_its_last_statement(first, alice):
    change_use(submission=first, quoted=True, by=alice)
    change_use(submission=first, published=True, by=alice)
    use = change_use(submission=first, published=False, by=alice)
    assert use.as_fields == {"in_aggregates": True, "quoted": True, "published": False}
    assert change_use(submission=first, by=alice) == use
    assert Use.everyones.filter(submission=first).count() == 4


# Who is told


def test_focal_points_and_permitted_officers_are_notified_once(
    xaa, alice, bob, charlie, dana, hand, answer, django_capture_on_commit_callbacks
):
    make_person("carol", Role.CONTRIBUTOR, xaa)
    barred = make_person("ben", Role.REVIEWER)
    ReadingRestriction.objects.create(user=barred, respondent=xaa, set_by=dana)
    answer("IV.46(c)")
    with django_capture_on_commit_callbacks(execute=True):
        submission = hand()
    assert sorted(message.to[0] for message in mail.outbox) == ["alice@example.org", "bob@example.org"]
    assert {message.subject for message in mail.outbox} == {"Submitted: Arandia, XAA/2026/1"}
    assert all(submission.get_absolute_url() in message.body for message in mail.outbox)
    with django_capture_on_commit_callbacks(execute=True):
        hand()
    assert len(mail.outbox) == 2


def test_both_sides_are_notified_of_a_withdrawal_without_its_reason(
    first, alice, bob, django_capture_on_commit_callbacks
):
    with on_day(TO_COME), django_capture_on_commit_callbacks(execute=True):
        withdraw_from_round(submission=first, reason="Sent too early.", by=alice)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@example.org"], "Withdrawn: Arandia, XAA/2026/1"),
        (["bob@example.org"], "Withdrawn: Arandia, XAA/2026/1"),
    ]
    assert [message for message in mail.outbox if "too early" in message.body] == []


# Complete, and not submitted


def test_a_submission_is_marked_complete_and_the_next_one_is_not(hand, answer):
    answer("IV.46(c)")
    hand(statements=dataclasses.replace(STATED, is_complete=True))
    assert Participation.everyones.get().is_complete is True
    answer("IV.46(c)", "Another.", base=1)
    hand()
    assert Participation.everyones.get().is_complete is False
    assert find_errors_of_trail() == []


def test_a_submission_is_marked_complete_without_another_and_the_mark_is_removed(first, alice, bob):
    with pytest.raises(PermissionDenied):
        mark_complete(submission=first, is_complete=True, by=bob)
    notified = Notification.objects.count()
    for is_complete in (True, True, False, False):
        mark_complete(submission=first, is_complete=is_complete, by=alice)
        assert Participation.everyones.get().is_complete is is_complete
    marks = Event.everyones.filter(action__in=["marked complete", "complete mark removed"])
    assert list(marks.order_by("number").values_list("action", flat=True)) == [
        "marked complete",
        "complete mark removed",
    ]
    assert find_errors_of_trail() == []
    assert Notification.objects.count() == notified


def test_what_is_withdrawn_is_complete_no_more(first, alice):
    mark_complete(submission=first, is_complete=True, by=alice)
    withdraw_from_round(submission=first, reason="Too early.", by=alice)
    assert Participation.everyones.get().is_complete is False
    with pytest.raises(IntegrityError), transaction.atomic():
        Participation.everyones.update(is_complete=True)


def test_what_is_replaced_or_of_a_closed_round_is_not_marked(hand, answer, first, alice, round_):
    answer("IV.46(c)", "Another.", base=1)
    second = hand()
    with pytest.raises(NotAllowed):
        mark_complete(submission=first, is_complete=True, by=alice)
    close_round(round_)
    with pytest.raises(NotAllowed):
        mark_complete(submission=second, is_complete=True, by=alice)


def test_officers_get_one_mail_a_day_of_each_state(hand, answer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for base in range(3):
            answer("IV.46(c)", f"Act {base}.", base=base)
            hand()
    received = sorted((message.to[0], message.subject) for message in mail.outbox)
    assert received == [
        ("alice@example.org", "Submitted: Arandia, XAA/2026/1"),
        ("alice@example.org", "Submitted: Arandia, XAA/2026/2"),
        ("alice@example.org", "Submitted: Arandia, XAA/2026/3"),
        ("bob@example.org", "Submitted: Arandia, XAA/2026/1"),
    ]


def test_answers_that_are_not_submitted_are_counted(hand, answer, first, xaa, alice):
    def not_submitted():
        return [row.not_submitted for row in rounds_on_desk(xaa, alice)]

    assert not_submitted() == [0]
    answer("IV.46(c)", "Being written.", base=1, ready=False)
    answer("IV.46(e)")
    assert not_submitted() == [2]
    second = hand()
    assert not_submitted() == [1]
    withdraw_from_round(submission=second, reason="Sent too early.", by=alice)
    assert not_submitted() == [3]
