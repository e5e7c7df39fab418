"""Replying to requests for clarification: the last submission, changed only in the items replied to."""

import dataclasses
import time
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.conftest import find_person, find_state, make_person, open_round_for_arandia, save_for_xaa
from tests.database import lifted_triggers
from tests.submissions import STATED, asked_about, close_round, item_of, opened_round, reply_to, save_many, submit_ready
from tests.verification import find_errors as find_errors_of_trail
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading
from tracker.actions.reply import GivenReply, StaleReplies, submit_replies
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.audit.seal import find_errors, read_seal
from tracker.documents.receipt import receipt
from tracker.models import (
    Event,
    EvidenceVersion,
    Notification,
    Participation,
    Remark,
    Reply,
    Round,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.queries.submissions.check import check_submission, use_in_force, uses_in_round
from tracker.queries.submissions.items import replied_items
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

ASKED = {"IV.46(c)": "Which article?", "IV.46(d)": "Since when?"}


LAW = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 12", disclosure="public")


answer = partial(save_for_xaa, measures="The Act.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """Three answers, one with evidence, with clearance, complete and published; two of them asked about."""
    round_ = open_round_for_arandia(meetings=[4])
    xaa, alice = find_state("XAA"), find_person("alice")
    answer("IV.46(c)")
    answer("IV.46(d)")
    answer("IV.46(e)", citations=[(add_evidence(respondent=xaa, by=alice, details=LAW), "p. 1")])
    stated = dataclasses.replace(STATED, published=True, cleared_by="Legal Department", is_complete=True)
    asked_about(submit_ready(xaa, round_, alice, statements=stated), ASKED, find_person("bob"))


@pytest.fixture
def law(db):
    return EvidenceVersion.everyones.get()


@pytest.fixture
def asked(db) -> dict[str, Remark]:
    return {remark.item.unit.label: remark for remark in Remark.everyones.select_related("item__unit")}


@pytest.fixture
def reply(xaa, alice, round_):
    def reply(*given, by=alice, names_no_victim=True):
        return submit_replies(respondent=xaa, round_=round_, given=given, names_no_victim=names_no_victim, by=by)

    return reply


def sealed(submission: Submission) -> dict[str, int]:
    items = SubmissionItem.everyones.filter(submission=submission, revision__isnull=False)
    return dict(items.values_list("unit__label", "revision__number"))


def trace() -> list[int]:
    models = (Submission, SubmissionItem, Reply, Use, Event)
    return [*(model.everyones.count() for model in models), Notification.objects.count()]


# What is submitted


def test_a_reply_in_words_submits_the_last_submission_with_the_reply(asked, reply, first, alice):
    answer("IV.46(c)", measures="Changed and ready, not replied with.", base=1)
    answer("IV.46(e)", measures="Changed and ready, not asked about.", base=1)
    answer("IV.46(f)", measures="New and ready.")
    second = reply(GivenReply(asked["IV.46(d)"], "Since 2016."))
    assert (second.reference, second.is_reply, second.sealed_by) == ("XAA/2026/2", True, alice)
    assert sealed(second) == sealed(first)
    assert second.counts == first.counts
    before, after = (
        list(SubmissionItem.everyones.filter(submission=found).order_by("position").values_list("unit", "digest"))
        for found in (first, second)
    )
    assert before == after
    made = Reply.everyones.get(submission=second)
    assert (made.text, made.author, made.remark) == ("Since 2016.", alice, asked["IV.46(d)"])
    assert second.replies == [made.digest]
    assert list(find_errors(read_seal(second))) == []
    assert find_errors_of_trail() == []


def test_a_changed_answer_replaces_the_one_that_was_asked_about(asked, reply, law):
    changed = answer("IV.46(c)", measures="Article 3.", base=1, citations=[(law, "art. 3")])
    answer("IV.46(d)", measures="Changed and ready, not replied with.", base=1)
    second = reply(GivenReply(asked["IV.46(c)"], revision=changed.pk))
    assert sealed(second) == {"IV.46(c)": 2, "IV.46(d)": 1, "IV.46(e)": 1}
    assert not Reply.everyones.exists()
    assert read_seal(second).evidence[item_of(second, "IV.46(c)").pk][0].citation.pinpoint == "art. 3"
    assert list(find_errors(read_seal(second))) == []
    assert find_errors_of_trail() == []


def test_several_replies_of_each_kind_go_together(asked, reply, first, bob):
    changed = answer("IV.46(c)", measures="Article 3.", base=1)
    asked |= asked_about(first, {"IV.46(e)": "Which page?"}, bob)
    second = reply(
        GivenReply(asked["IV.46(c)"], "See article 3.", revision=changed.pk),
        GivenReply(asked["IV.46(d)"], has_nothing_further=True),
        GivenReply(asked["IV.46(e)"], "Page 1."),
    )
    assert sealed(second)["IV.46(c)"] == 2
    assert list(Reply.everyones.order_by("remark").values_list("text", "has_nothing_further")) == [
        ("See article 3.", False),
        ("", True),
        ("Page 1.", False),
    ]
    assert [item.unit.label for item in replied_items(second)] == ["IV.46(c)", "IV.46(d)", "IV.46(e)"]
    assert Participation.everyones.get().state == SubmissionStage.UNDER_REVIEW
    assert find_errors_of_trail() == []


def test_the_reading_waits_until_the_last_request_has_a_reply(asked, first):
    second = reply_to(asked["IV.46(c)"], "Article 3.", first.sealed_by)
    assert Participation.everyones.get().state == SubmissionStage.CLARIFICATION_REQUESTED
    third = reply_to(asked["IV.46(d)"], "Since 2016.", first.sealed_by)
    assert Participation.everyones.get().state == SubmissionStage.UNDER_REVIEW
    assert [item.unit.label for item in replied_items(second)] == ["IV.46(c)"]
    assert [item.unit.label for item in replied_items(third)] == ["IV.46(d)"]
    assert set(third.replies) == set(Reply.everyones.values_list("digest", flat=True))


def test_evidence_that_the_state_kept_since_changes_no_other_item(asked, reply, first, law, alice):
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette 12", disclosure="state")
    change_evidence(evidence=law.evidence, base=law.base, details=details, by=alice)
    second = reply(GivenReply(asked["IV.46(d)"], "Since 2016."))
    assert item_of(second, "IV.46(e)").digest == item_of(first, "IV.46(e)").digest
    assert list(find_errors(read_seal(second))) == []


def test_the_next_submission_has_the_replies_and_everything_that_is_ready(asked, xaa, alice, round_):
    reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    answer("IV.46(e)", measures="Changed.", base=1)
    third = submit_ready(xaa, round_, alice)
    assert (third.is_reply, sealed(third)["IV.46(e)"]) == (False, 2)
    assert [made.text for made in read_seal(third).replies] == ["Since 2016."]
    assert find_errors_of_trail() == []


@pytest.mark.usefixtures("owner")
def test_a_reply_moved_to_a_submission_without_it_is_found(asked, first, alice):
    reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    with lifted_triggers():
        Reply.everyones.update(submission=first)
    assert [fault for fault in find_errors_of_trail() if "reply on" in fault] == [
        "XAA, submission XAA/2026/1, reply on IV.46(d): in no submission"
    ]


def test_after_a_reply_there_is_nothing_new_to_submit(asked, xaa, alice, round_):
    reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    assert check_submission(xaa, round_).is_same_as_current


# What it does not change


def test_it_publishes_nothing_and_inherits_no_clearance_and_changes_no_permission(asked, first, alice):
    in_force = use_in_force(first, uses_in_round(first))
    second = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    assert list(Submission.objects.published()) == [first]
    assert (second.use, second.cleared_by, second.authority, second.note_verbale) == ({}, "", "", "")
    assert not Use.everyones.filter(submission=second).exists()
    counted = Submission.objects.counted_in(second.round).get()
    assert (counted, counted.is_permitted, counted.may_be_quoted) == (second, True, False)
    assert use_in_force(second, uses_in_round(second)) == in_force | {"published": False}
    assert Participation.everyones.get().is_complete
    change_use(submission=second, published=True, by=alice)
    assert list(Submission.objects.published()) == [second]
    assert find_errors_of_trail() == []


def test_a_reply_after_the_due_date_makes_no_state_late(asked, round_, alice):
    """Its date is on the receipt."""
    Round.objects.filter(pk=round_.pk).update(opens_on="2026-01-01", due_on="2026-01-31")
    second = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    assert (second.late, str(second.due_on)) == (False, "2027-01-31")


def test_the_database_lets_no_reply_have_a_clearance(asked, alice):
    second = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    second.pk, second.number, second.code, second.cleared_by = None, 3, "A" * 26, "Legal Department"
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


# Who may, and when


def test_a_request_to_another_state_is_not_open(asked, xbb, charlie, alice, unit, round_, bob):
    said = Answer(status="implemented", measures="The Act.", ready=True)
    save_answer(respondent=xbb, unit=unit("IV.46(c)"), base=0, answer=said, by=charlie)
    theirs = asked_about(submit_ready(xbb, round_, charlie), {"IV.46(c)": "Which?"}, bob)["IV.46(c)"]
    with pytest.raises(StaleReplies) as stale:
        submit_replies(
            respondent=asked["IV.46(c)"].item.submission.respondent,
            round_=round_,
            given=[GivenReply(theirs, "Article 3.")],
            names_no_victim=True,
            by=alice,
        )
    assert stale.value.closed == [theirs]


def test_after_the_round_is_closed_replies_go_on(asked, reply, round_, bob):
    close_round(round_)
    changed = answer("IV.46(c)", measures="Article 3.", base=1)
    second = reply(GivenReply(asked["IV.46(c)"], revision=changed.pk))
    assert sealed(second)["IV.46(c)"] == 2


def test_once_the_reading_is_closed_nothing_is_replied_to(asked, reply, first, bob):
    close_reading(submission=first, by=bob)
    before = trace()
    with pytest.raises(StaleReplies) as stale:
        reply(GivenReply(asked["IV.46(d)"], "Since 2016."))
    assert (stale.value.closed, trace()) == ([asked["IV.46(d)"]], before)


def test_after_the_state_withdrew_nothing_is_replied_to(asked, reply, first, alice):
    withdraw_from_round(submission=first, reason="Too early.", by=alice)
    before = trace()
    with pytest.raises(NotAllowed):
        reply(GivenReply(asked["IV.46(d)"], "Since 2016."))
    assert trace() == before


def test_one_closed_request_stops_all_replies(asked, reply, alice, xaa, make_other):
    reply_to(asked["IV.46(d)"], "Since 1999.", make_other("anna"))
    before = trace()
    with pytest.raises(StaleReplies) as stale:
        reply(GivenReply(asked["IV.46(c)"], "Article 3."), GivenReply(asked["IV.46(d)"], "Since 2016."))
    assert (stale.value.closed, trace()) == ([asked["IV.46(d)"]], before)


@pytest.fixture
def make_other(xaa):
    return lambda name: make_person(name, Role.FOCAL_POINT, xaa)


def test_a_request_ends_when_the_changed_answer_is_submitted(asked, reply, xaa, alice, bob, round_):
    answer("IV.46(c)", measures="Article 3.", base=1)
    second = submit_ready(xaa, round_, alice)
    newer = asked_about(second, {"IV.46(c)": "Which paragraph?"}, bob)
    with pytest.raises(StaleReplies):
        reply(GivenReply(asked["IV.46(c)"], "Too late."))
    third = reply(GivenReply(newer["IV.46(c)"], "Paragraph 2."))
    assert [item.unit.label for item in replied_items(third)] == ["IV.46(c)"]
    assert find_errors_of_trail() == []


@pytest.mark.parametrize("case", ["newer", "not ready", "as asked about", "of another item", "unknown"])
def test_a_version_that_is_not_the_current_ready_answer_is_not_submitted(case, asked, reply):
    as_asked = asked["IV.46(c)"].item.revision_id
    changed = answer("IV.46(c)", measures="Article 3.", base=1, ready=case != "not ready")
    if case == "newer":
        answer("IV.46(c)", measures="Article 4.", base=2)
    revision = {
        "as asked about": as_asked,
        "of another item": asked["IV.46(d)"].item.revision_id,
        "unknown": 0,
    }.get(case, changed.pk)
    before = trace()
    with pytest.raises(StaleReplies) as stale:
        reply(GivenReply(asked["IV.46(c)"], revision=revision))
    assert (stale.value.changed, trace()) == ([asked["IV.46(c)"]], before)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"text": "Since 2016.", "has_nothing_further": True}, "has_nothing_further"),
        ({"revision": 1, "has_nothing_further": True}, "has_nothing_further"),
    ],
)
def test_what_is_no_reply_is_refused_at_its_field(given, field, asked, reply):
    before = trace()
    with pytest.raises(ValidationError) as error:
        reply(GivenReply(asked["IV.46(d)"], **given))
    assert (list(error.value.error_dict), trace()) == ([field], before)


def test_the_confirmation_about_victims_and_one_reply_are_needed(asked, reply):
    with pytest.raises(ValidationError) as error:
        reply(GivenReply(asked["IV.46(d)"], "Since 2016."), names_no_victim=False)
    assert list(error.value.error_dict) == ["names_no_victim"]
    with pytest.raises(ValidationError):
        reply()
    assert not Reply.everyones.exists()


# Twice, and what it leaves


def test_a_double_press_submits_once(asked, reply):
    changed = answer("IV.46(c)", measures="Article 3.", base=1)
    given = [
        GivenReply(asked["IV.46(c)"], revision=changed.pk),
        GivenReply(asked["IV.46(d)"], has_nothing_further=True),
    ]
    second = reply(*given)
    before = trace()
    assert reply(*given) == second
    assert trace() == before


def test_one_event_and_the_usual_notification(asked, first, alice, bob, django_capture_on_commit_callbacks):
    Notification.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        second = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    event = Event.everyones.get(action="questions answered")
    assert event.target == "submission XAA/2026/2"
    assert event.before == f"submission 1 {first.digest}"
    assert event.after.startswith(f"submission 2 {second.digest} ")
    assert {(row.user, row.kind) for row in Notification.objects.all()} == {(alice, "submitted"), (bob, "submitted")}
    assert {message.subject for message in mail.outbox[-2:]} == {"Submitted: Arandia, XAA/2026/2"}
    assert "The submission contains only replies to requests for clarification." in mail.outbox[-1].body


def test_the_receipt_says_what_was_replied_to(asked, alice):
    reply_to(asked["IV.46(c)"], "Article 3.", alice)
    third = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    facts = dict(receipt(Submission.everyones.get(pk=third.pk)).facts)
    label = asked["IV.46(d)"].item.unit.label_with_title
    assert facts["Replies to requests for clarification"] == (
        f"{label}. All other answers are as in the submission before."
    )
    assert not facts.keys() & {"Permitted use", "Cleared by", "Gaps you were shown"}


def test_a_reply_is_submitted_within_a_second(xbb, charlie, bob):
    """With all 230 answers, each with evidence."""
    law = add_evidence(respondent=xbb, by=charlie, details=LAW)
    said = Answer(status="implemented", measures="The Act.", ready=True, citations=[(law, "p. 1")])
    save_many(xbb, dict.fromkeys(xbb.units_to_answer().with_text(), said), charlie)
    remark = asked_about(submit_ready(xbb, opened_round(bob, code="2027"), charlie), {"I.13": "Which?"}, bob)["I.13"]
    started = time.process_time()
    second = reply_to(remark, "Article 9.", charlie)
    assert time.process_time() - started < 1
    assert second.counts["answered"] == 230
