"""Whatever is done to the database file with the triggers gone is found, each time."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from recommendations.catalogue import add_wording
from tests.alterations import delete
from tests.conftest import save_for_xaa
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.verification import UNKNOWN_FORM, first_fault
from tracker.actions.comment import write_comment
from tracker.actions.withdrawal import request_withdrawal
from tracker.audit.verification import find_chain_errors, find_errors
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    ChainHead,
    Citation,
    Comment,
    Event,
    EvidenceFile,
    EvidenceVersion,
    HiddenText,
    Participation,
    Record,
    Remark,
    Reply,
    Revision,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
    Withdrawal,
)

# A cursor of PostgreSQL that is closed after its transaction says so beside the fault that was found.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")


def revisions(label: str):
    return Revision.everyones.filter(record__recommendation__label=label)


def swap(one, two, *columns: str) -> None:
    """Two rows change places: each has what the other had in these columns."""
    model = type(one)
    values = [{column: getattr(row, column) for column in columns} for row in (one, two)]
    if "number" in columns:  # unique, so by way of a number that nobody has
        model.everyones.filter(pk=one.pk).update(number=10_000)
    model.everyones.filter(pk=two.pk).update(**values[0])
    model.everyones.filter(pk=one.pk).update(**values[1])


def rewrite(chain: str) -> None:
    """Every event from the first on with a digest that holds, and the head with them."""
    previous = ""
    for event in Event.everyones.filter(chain=chain).order_by("number"):
        event.previous_digest = previous
        previous = event.make_digest(event.rows(manager="everyones").order_by("pk"))
        Event.everyones.filter(pk=event.pk).update(previous_digest=event.previous_digest, digest=previous)
    ChainHead.objects.filter(chain=chain).update(number=event.number, digest=previous)


def test_all_holds(trail, capsys):
    assert list(find_errors()) == []
    call_command("verify_audit")
    assert capsys.readouterr().out == "Everything matches.\n"


def test_a_wording_added_and_answered_during_verification_has_no_error(recorded, dana, unit):
    def chains():
        yield "site"
        node = unit("I.13")
        add_wording(recommendation=node, text=f"{node.text} Anew.", kind="correction", reason="Printed so.", by=dana)
        save_for_xaa(node)
        yield "XAA"

    assert list(find_chain_errors(chains())) == []
    assert revisions("I.13").filter(wording__text__endswith=" Anew.").count() == 1


# What is named


def test_an_altered_event(trail, bob):
    Event.everyones.filter(chain="XAA", number=4).update(actor=bob)
    assert first_fault() == "XAA, event 4: altered"


def test_an_event_given_to_another_state(trail, xbb):
    Event.everyones.filter(chain="XAA", number=4).update(respondent=xbb)
    assert first_fault() == "XAA, event 4: altered"


@pytest.mark.parametrize("number", [1, 4])
def test_a_missing_event(trail, number):
    delete(Event.everyones.filter(chain="XAA", number=number))
    assert first_fault() == f"XAA, event {number}: missing"


def test_a_missing_last_event(trail):
    last = Event.everyones.filter(chain="XAA").latest("number")
    delete(Event.everyones.filter(pk=last.pk))
    assert first_fault() == f"XAA, event {last.number}: missing"


def test_a_chain_without_its_head(trail):
    ChainHead.objects.filter(chain="XAA").delete()
    assert first_fault() == "XAA, head of the chain: missing"


def test_a_head_of_nothing(trail):
    delete(Event.everyones.filter(chain="XAA"))
    assert first_fault() == "XAA, event 1: missing"


def test_an_altered_head(trail):
    ChainHead.objects.filter(chain="XAA").update(digest="0" * 64)
    assert first_fault() == "XAA, head of the chain: altered"


def test_events_that_changed_places_with_digests_that_hold(trail):
    two, three = Event.everyones.filter(chain="XAA", number__in=[2, 3]).order_by("number")
    swap(two, three, "number")
    for event in Event.everyones.filter(chain="XAA", number__in=[2, 3]):
        Event.everyones.filter(pk=event.pk).update(digest=event.make_digest())
    assert first_fault() == "XAA, event 2: does not follow the one before it"


def test_a_chain_of_nobody(trail):
    Event.everyones.filter(chain="site").update(chain="nowhere")
    assert first_fault() == "site, event 1: missing"
    assert "nowhere, event 1: altered" in list(find_errors())


@pytest.mark.parametrize(
    "altered",
    [
        {"measures": "Another."},
        {"status": "in_progress"},
        {"ready": False},
        {"change_code": "list"},
        {"change_details": "Another."},
        {"change_reason": "Another."},
        {"received_from": "Ministry of Nothing", "received_on": datetime.date(2026, 3, 3)},
        {"created_at": F("created_at") - datetime.timedelta(days=1)},
        {"digest": "0" * 64},
        {"salts": {}},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_an_altered_revision(trail, altered):
    revisions("I.14").filter(number=2).update(**altered)
    assert first_fault() == "XAA, record I.14, revision 2: altered"


def test_a_revision_of_another_author(trail, bob):
    revisions("I.14").filter(number=2).update(author=bob)
    assert first_fault() == "XAA, record I.14, revision 2: altered"


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_revision(trail, number):
    delete(revisions("I.14").filter(number=number))
    assert first_fault() == f"XAA, record I.14, revision {number}: missing"


def test_a_missing_last_revision_with_the_one_before_put_forward(trail):
    two, three = revisions("I.14").filter(number__gt=1).order_by("number")
    Record.everyones.filter(pk=three.record_id).update(current=two)
    delete(Citation.everyones.filter(revision=three))
    delete(Revision.everyones.filter(pk=three.pk))
    number = Event.everyones.get(after__endswith=three.digest, action="answer saved").number
    assert f"XAA, record I.14, revision 3 (event {number}): missing" in list(find_errors())


def test_a_missing_record(trail):
    delete(Citation.everyones.filter(revision__record__recommendation__label="I.14"))
    delete(revisions("I.14"))
    delete(Record.everyones.filter(recommendation__label="I.14"))
    named = Event.everyones.filter(action="answer saved", target="record I.14").order_by("number")
    missing = [f"XAA, record I.14, revision {n} (event {event.number}): missing" for n, event in enumerate(named, 1)]
    assert [fault for fault in find_errors() if "record" in fault] == missing


def test_an_older_revision_put_forward(trail):
    one = revisions("I.14").get(number=1)
    Record.everyones.filter(pk=one.record_id).update(current=one)
    assert first_fault() == "XAA, record I.14: its newest revision is not its current one"


def test_a_revision_that_no_event_names(trail):
    """Somebody appended one, with digests that hold."""
    forged, last = revisions("I.14").get(number=1), revisions("I.14").latest("number")
    forged.pk, forged.number, forged.previous_digest = None, last.number + 1, last.digest
    forged.digest = forged.make_digest([])
    forged.save(force_insert=True)
    Record.everyones.filter(pk=last.record_id).update(current=forged)
    assert first_fault() == "XAA, record I.14, revision 4: no event names it"


def test_a_record_moved_to_another_text(trail, unit):
    Record.everyones.filter(recommendation__label="I.14").update(recommendation=unit("I.15"))
    assert first_fault() == "XAA, record I.15, revision 1: altered"


def test_an_altered_and_a_missing_citation(trail):
    cited = Citation.everyones.filter(revision__in=revisions("I.14").filter(number=2)).order_by("position")
    with transaction.atomic():
        cited.filter(position=1).update(pinpoint="article 10")
        assert first_fault() == "XAA, record I.14, revision 2: altered"
        transaction.set_rollback(True)
    delete(cited.filter(position=2))
    assert first_fault() == "XAA, record I.14, revision 2: altered"


def test_words_destroyed_without_a_withdrawal(trail):
    """The digests still hold, as after a withdrawal; but none says so."""
    revision = revisions("I.14").get(number=2)
    del revision.salts["measures"]
    withdrawal = Withdrawal.everyones.get()
    revisions("I.14").filter(number=2).update(measures="", salts=revision.salts, withdrawal=withdrawal)
    assert revisions("I.14").get(number=2).has_same_fields() is True
    assert first_fault() == "XAA, record I.14, revision 2: altered"


def test_words_destroyed_with_their_random_value_and_no_withdrawal(trail):
    """The row says that nothing was removed, and what is left of it has digests that hold."""
    revision = revisions("I.14").get(number=2)
    del revision.salts["measures"]
    revisions("I.14").filter(number=2).update(measures="", salts=revision.salts)
    assert revisions("I.14").get(number=2).has_same_fields() is True
    assert first_fault() == "XAA, record I.14, revision 2: altered"


def test_a_withdrawal_that_says_more_than_its_event(trail):
    revision = revisions("I.14").get(number=2)
    withdrawal = Withdrawal.everyones.get()
    Withdrawal.everyones.update(places=[*withdrawal.places, [revision.digest, "measures"]])
    assert first_fault() == f"XAA, withdrawal {withdrawal.pk}: altered"


def file_of(xaa, alice, content: bytes = PDF) -> EvidenceFile:
    return add_item(xaa, alice, "Law", upload=check_upload(upload("law.pdf", content))).file


@pytest.fixture
def pending_removal_of_a_file(recorded, xaa, alice) -> Withdrawal:
    return request_withdrawal(respondent=xaa, by=alice, words="", files=[file_of(xaa, alice)], reason="image")


@pytest.fixture
def other_file(recorded, xaa, alice) -> EvidenceFile:
    return file_of(xaa, alice, PDF + b" ")


def test_attack_a_file_is_added_to_a_pending_removal_by_sql(pending_removal_of_a_file, other_file, trail):
    """Who confirms the removal would destroy it too."""
    removal, other = pending_removal_of_a_file, other_file
    removal.files.through._base_manager.create(withdrawal_id=removal.pk, evidencefile_id=other.pk)
    assert list(find_errors()) == [f"XAA, withdrawal {removal.pk}: altered"]


def test_attack_a_file_is_left_out_of_a_pending_removal_by_sql(pending_removal_of_a_file, trail):
    delete(Withdrawal.files.through._base_manager.all())
    assert list(find_errors()) == [f"XAA, withdrawal {pending_removal_of_a_file.pk}: altered"]


def test_attack_a_hidden_file_gets_another_column_by_sql(pending_removal_of_a_file, trail):
    hidden = HiddenText.everyones.get(withdrawal=pending_removal_of_a_file, name="file")
    HiddenText.everyones.filter(pk=hidden.pk).update(name="content_type")
    assert list(find_errors()) == [f"XAA, file {hidden.digest}: altered"]


def test_an_altered_version_of_evidence(trail):
    EvidenceVersion.everyones.filter(evidence__number=1, number=1).update(title="Another act")
    assert first_fault() == "XAA, evidence E1, version 1: altered"


def test_a_missing_version_of_evidence(trail):
    delete(EvidenceVersion.everyones.filter(evidence__number=1, number=1))
    assert first_fault() == "XAA, evidence E1, version 1: missing"


@pytest.fixture
def four_comments(recorded, xaa, unit, alice) -> None:
    for text in ("First.", "Second.", "Third.", "Fourth."):
        write_comment(respondent=xaa, unit=unit("I.13"), text=text, by=alice, after=0)


def test_only_the_missing_comment_is_named(four_comments, trail):
    delete(Comment.everyones.filter(number=2))
    missing = [fault for fault in find_errors() if "comment" in fault]
    assert missing == [
        f"XAA, comments on I.13, {what}" for what in ("comment 2: missing", "comment 2 (event 20): missing")
    ]


def test_an_altered_submission(trail):
    Submission.everyones.filter(number=1).update(note_verbale="No. 1")
    assert first_fault() == "XAA, submission XAA/2026/1: the digest does not match"


@pytest.mark.parametrize(
    ("model", "altered", "said"),
    [
        (SubmissionItem, {"status": "in_progress"}, "I.13: the answer differs"),
        (SubmissionItem, {"asks_for_assistance": True}, "I.13: the answer differs"),
        (SubmissionItem, {"good_practice": True}, "I.13: the answer differs"),
        (SubmissionItem, {"still_correct_as_at": datetime.date(2026, 1, 1)}, "I.13: the digest does not match"),
        (SubmissionItem, {"position": 500}, "I.13: is in another place"),
        (SubmissionEvidence, {"withheld": True}, "I.13: the digest of evidence 1 does not match"),
        (SubmissionEvidence, {"salt": "0" * 32}, "I.13: the digest of evidence 1 does not match"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_an_altered_item(trail, model, altered, said):
    path = "" if model is SubmissionItem else "item__"
    rows = model.everyones.filter(**{f"{path}submission": trail, f"{path}unit__label": "I.13"})
    model.everyones.filter(pk=rows.order_by("position").first().pk).update(**altered)
    assert f"XAA, submission XAA/2026/2: {said}" in list(find_errors())


def test_a_missing_item_and_a_missing_submission(trail):
    last = SubmissionItem.everyones.filter(submission=trail).latest("position")
    with transaction.atomic():
        delete(SubmissionItem.everyones.filter(pk=last.pk))
        assert first_fault() == "XAA, submission XAA/2026/2: the digest of the content does not match"
        transaction.set_rollback(True)
    Submission.everyones.filter(pk=trail.pk).update(number=3)
    assert "XAA, submission XAA/2026/3: no event names it" in list(find_errors())


def test_an_altered_wording_of_a_submitted_text_is_found(trail, unit):
    chapeau = next(item for item in SubmissionItem.everyones.filter(submission=trail) if item.chapeaux)
    wording = unit(chapeau.chapeaux[0][0]).current_wording
    type(wording).objects.filter(pk=wording.pk).update(text="Other words.")
    assert f": the wording of {chapeau.chapeaux[0][0]} was altered" in "\n".join(find_errors())


def test_altered_questions_and_replies(trail):
    with transaction.atomic():
        Remark.everyones.filter(sent_at__isnull=False).update(question="Which law?")
        assert first_fault() == "XAA, submission XAA/2026/1, question on I.13: altered"
        transaction.set_rollback(True)
    Reply.everyones.update(text="Article 10.")
    assert first_fault() == "XAA, submission XAA/2026/1, reply on I.13: altered"


def test_use_backdated_and_use_invented(trail, alice):
    with transaction.atomic():
        last = Use.everyones.latest("said_at")
        Use.everyones.filter(pk=last.pk).update(said_at=F("said_at") - datetime.timedelta(hours=1))
        assert first_fault().endswith("no event names it")
        transaction.set_rollback(True)
    Use.everyones.create(submission=trail, published=True, said_by=alice)
    assert first_fault().endswith("no event names it")


def test_a_state_that_no_event_led_to(trail):
    Participation.everyones.filter(current=trail).update(
        current=None, state="withdrawn", withdrawn_at=trail.sealed_at, withdrawn_to=2, withdrawal_reason="None."
    )
    assert first_fault() == "XAA, participation XAA/2026: altered"


def test_a_value_that_cannot_be_read(trail):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps a date that is none")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_revision SET created_at = '2026-13-45 25:00'")
    assert first_fault().startswith("XAA: holds what cannot be read: ")


# With the head that a receipt shows


def verify(head: Event) -> None:
    call_command("verify_audit", head=head.head, chain=head.chain)


@pytest.fixture
def receipt(trail) -> Event:
    return Event.everyones.get(action="questions answered", target="submission XAA/2026/2")


def test_the_head_of_a_receipt_is_in_its_chain(receipt):
    verify(receipt)


def test_a_chain_cut_off_with_its_head_and_all_that_it_named(receipt):
    site = Event.everyones.filter(chain="site").latest("number")
    before = Event.everyones.get(chain="site", number=site.number - 1)
    delete(Event.everyones.filter(pk=site.pk))
    ChainHead.objects.filter(chain="site").update(number=before.number, digest=before.digest)
    call_command("verify_audit")
    with pytest.raises(CommandError, match=f"^site, event {site.number}: missing or rewritten"):
        verify(site)


def test_a_chain_rewritten_with_its_head(receipt):
    Event.everyones.filter(chain="XAA", number=2).update(at=F("at") - datetime.timedelta(days=1))
    rewrite("XAA")
    call_command("verify_audit")
    with pytest.raises(CommandError, match=f"^XAA, event {receipt.number}: missing or rewritten"):
        verify(receipt)


@pytest.mark.parametrize("arguments", [{"head": "1:2", "chain": "XAA"}, {"head": "1:" + "0" * 64}, {"chain": "XAA"}])
def test_what_the_command_does_not_understand_is_not_a_fault(trail, arguments):
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", **arguments)
    assert error.value.returncode == 2


def test_a_thing_whose_last_event_has_an_unknown_form_is_not_called_altered(trail):
    event = Event.everyones.filter(chain="XAA", target__startswith="withdrawal").latest("number")
    Event.everyones.filter(pk=event.pk).update(canonical_form=2, after="in the words of form 2")
    assert list(find_errors()) == [f"XAA, event {event.number}: {UNKNOWN_FORM}", f"XAA, {event.target}: {UNKNOWN_FORM}"]
