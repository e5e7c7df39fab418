"""Whatever is done to the database file with the triggers gone is found, each time."""

import contextlib
import datetime
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import F
from django.utils import timezone

from recommendations.append_only import list_append_only, remove_triggers
from recommendations.models import Wording
from tests.alterations import copied, delete, lifted_checks, swapped, undone, with_other
from tests.conftest import arandia, find_unit, make_person
from tests.database import as_owner
from tests.documents import PDF, upload
from tests.submissions import asked_about, handed_in, opened_round, read_and_answered, release_of_few, reply_to
from tests.suggestions import accept, decline
from tests.thorough import IS_WHOLE, in_turn
from tests.verification import name_rows
from tracker.actions.assignment import assign, end_assignments
from tracker.actions.assistance import close_need, mark_need
from tracker.actions.brief import save_decisions
from tracker.actions.comment import write_comment
from tracker.actions.daily_list import sign_daily_list
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.institution import add_institution, close_institution
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, restore_revision, save_answer
from tracker.actions.remark import close_reading, note_items, start_reading
from tracker.actions.round import set_closing_date
from tracker.actions.status_report import answer_status_report, report_status
from tracker.actions.submission import change_use, confirm_answers, withdraw_from_round
from tracker.actions.transcription import add_request, end_request, transcribe
from tracker.actions.treaty_act import add_acts, confirm_acts, decline_act
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.audit import daily_list
from tracker.audit.rows import KINDS, NOUNS
from tracker.audit.rows import find_errors as find_row_errors
from tracker.audit.verification import find_chain_errors, find_errors
from tracker.demo.clock import on_day
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    ChainHead,
    Citation,
    Event,
    EvidenceFile,
    EvidenceVersion,
    HiddenText,
    Participation,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    TreatyAct,
    Use,
    User,
    Withdrawal,
)
from tracker.models.event import SITE
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role


@pytest.fixture(scope="module")
def recorded(for_the_module) -> Submission:
    """What a State's trail may have in it."""
    xaa = arandia()
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), make_person("bob", Role.REVIEWER)
    erin = make_person("erin", Role.ADMINISTRATOR)
    name_rows()
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="OG 12")
    law = add_evidence(respondent=xaa, by=alice, details=details)
    changed = EvidenceDetails(title="Act of 2020", kind="law", language="en", citation="OG 12", disclosure="public")
    law = change_evidence(evidence=law.evidence, base=law.base, by=alice, details=changed)
    kept = add_evidence(
        respondent=xaa, by=alice, details=EvidenceDetails(title="Kept", kind="law", language="en", citation="OG 13")
    )
    for label in ("I.13", "I.14"):
        for base, measures in enumerate(["A bill.", "An act.", "Jane Doe was helped."]):
            cited = [(law, "article 9"), (kept, "")]
            answer = Answer(status="implemented", measures=measures, ready=True, citations=cited)
            received = ReceivedDetails("Ministry of Justice", datetime.date(2026, 3, 3)) if base else ReceivedDetails()
            save_answer(respondent=xaa, unit=find_unit(label), base=base, answer=answer, by=alice, received=received)
    restore_revision(revision=Revision.everyones.filter(number=1).first(), base=3, by=alice)
    submission = read_and_answered(xaa, opened_round(bob, meetings=[1]), "I.13", alice, bob)
    request = request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    confirm_withdrawal(pk=request.pk, by=erin)
    return submission


@pytest.fixture
def xaa(recorded) -> Respondent:
    return Respondent.objects.get(code="XAA")


@pytest.fixture
def alice(recorded) -> User:
    return User.objects.get(name="Alice")


@pytest.fixture
def bob(recorded) -> User:
    return User.objects.get(name="Bob")


@pytest.fixture
def erin(recorded) -> User:
    return User.objects.get(name="Erin")


@pytest.fixture
def trail(recorded, db) -> Submission:
    """What is recorded, without the triggers that guard it."""
    with as_owner(), transaction.atomic():
        for label in ("recommendations", "tracker"):
            remove_triggers(list_append_only(apps.get_app_config(label)), DEFAULT_DB_ALIAS)
        yield Submission.everyones.get(pk=recorded.pk)
        transaction.set_rollback(True)


def first_of(find: Callable[[], Iterator[str]]) -> str:
    with contextlib.closing(find()) as found:
        return next(found, "")


def first_fault() -> str:
    return first_of(find_errors)


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
    details = EvidenceDetails(title="Law", kind="law", language="en", upload=check_upload(upload("law.pdf", content)))
    return add_evidence(respondent=xaa, by=alice, details=details).file


@pytest.fixture
def pending_removal_of_a_file(xaa, alice) -> Withdrawal:
    return request_withdrawal(respondent=xaa, by=alice, words="", files=[file_of(xaa, alice)], reason="image")


def test_attack_a_file_is_added_to_a_pending_removal_by_sql(trail, pending_removal_of_a_file, xaa, alice):
    """Who confirms the removal would destroy it too."""
    removal, other = pending_removal_of_a_file, file_of(xaa, alice, PDF + b" ")
    removal.files.through._base_manager.create(withdrawal_id=removal.pk, evidencefile_id=other.pk)
    assert list(find_errors()) == [f"XAA, withdrawal {removal.pk}: altered"]


def test_attack_a_file_is_left_out_of_a_pending_removal_by_sql(trail, pending_removal_of_a_file):
    delete(Withdrawal.files.through._base_manager.all())
    assert list(find_errors()) == [f"XAA, withdrawal {pending_removal_of_a_file.pk}: altered"]


def test_attack_a_hidden_file_gets_another_column_by_sql(trail, pending_removal_of_a_file):
    hidden = HiddenText.everyones.get(withdrawal=pending_removal_of_a_file)
    HiddenText.everyones.filter(pk=hidden.pk).update(name="content_type")
    assert list(find_errors()) == [f"XAA, file {hidden.digest}: altered"]


def test_an_altered_version_of_evidence(trail):
    EvidenceVersion.everyones.filter(evidence__number=1, number=1).update(title="Another act")
    assert first_fault() == "XAA, evidence E1, version 1: altered"


def test_a_missing_version_of_evidence(trail):
    delete(EvidenceVersion.everyones.filter(evidence__number=1, number=1))
    assert first_fault() == "XAA, evidence E1, version 1: missing"


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


def test_the_words_of_a_text_that_was_handed_in(trail, unit):
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


def test_the_head_of_a_receipt_stands_in_its_chain(receipt):
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


# Column by column, and row by row


NOT_AUDITED = {  # why nothing finds a change of a table
    "Draft": "typing, not a save",
    "HeldUpload": "a file of one person for a day, which no answer has yet",
    "EvidenceText": "made of a file, whose digest is audited, and can be made again",
    "FileScan": "what ClamAV says of a file, which it can be asked again",
    "Export": "a file that is read, made anew from what is audited",
    "EventRow": "tried in test_rows.py",
    "EventAddress": "outside the chain, since it must be forgotten",
    "Notification": "mail",
    "RequestCount": "how often something was asked for in the last minutes",
    "Session": "who is signed in, until they sign out",
    "WorkbookUpload": "looked at, not said yet: once applied it is empty",
}
NOT_SEALED = {  # and a column
    "Record.note": "the desk's own, no part of the answer",
    "Record.update_declined": "what is offered, no part of the answer; events tell of it",
    "Assignment.note": "likewise",
    "Assignment.return_reason": "likewise",
    "Assignment.withdrawal": "of these words",
    "EvidenceFile.file": "verify reads the bytes",
    "EvidenceFile.size": "verify reads the bytes",
    "EvidenceFile.content_type": "follows from the bytes and the name, which are sealed",
    "EvidenceFile.created_at": "the version that has the file says when it was saved",
    "HiddenText.previous": "what the row names once the request is declined",
    "Withdrawal.words": "forgotten once it is decided",
    "Withdrawal.undestroyed": "what is still to be deleted, now",
}
MAY_BE_ADDED = {
    "HiddenText": "the same words for the same place are put back once",
    "Record": "without a revision it says nothing",
    "Evidence": "without a version it says nothing",
    "EvidenceFile": "that no version has is none of the evidence",
}
NOT_OURS = {  # and tables of other packages, which no event names either
    "account.EmailConfirmation": "links that the site does not send or accept",
    "admin.LogEntry": "what a curator saved, which events say better",
    "auth.Group": "roles are memberships; nobody has a group",
    "auth.Group_permissions": "likewise",
    "auth.Permission": "likewise",
    "contenttypes.ContentType": "names of models, for the three above",
    "django_tasks_database.DBTaskResult": "work to be done",
    "sessions.Session": "empty: the site has sessions of its own",
    "socialaccount.SocialApp": "providers are in the settings; those in the database are not read",
    "socialaccount.SocialToken": "empty: no token is stored",
}
# Those in events row by row are tried in test_rows.py.
IN_ROWS = {getattr(kind.model, name).through for kind in KINDS.values() for name in kind.many}
AUDITED = [
    model
    for model in apps.get_app_config("tracker").get_models(include_auto_created=True)
    if model.__name__ not in NOT_AUDITED and model not in NOUNS and model not in IN_ROWS
]


@pytest.fixture
def everything(trail, xaa, xbb, alice, bob, charlie, dana, erin, unit):
    """A row, and mostly more than one, of all that is audited."""
    name_rows()
    details = EvidenceDetails(title="Law", kind="law", language="en", upload=check_upload(upload("law.pdf", PDF)))
    files = [add_evidence(respondent=xbb, by=charlie, details=details)]
    files += [add_evidence(respondent=xaa, by=alice, details=details)]
    for label in ("I.13", "I.14", "I.5(b)"):
        cited = [(files[0], "p. 1")]
        shared = {"good_practice": True, "good_practice_shared": True}
        said = {"measures": "A bill.", "assistance": "Cars.", "citations": cited, **shared}
        answer = Answer(status="in_progress", ready=True, **said)
        save_answer(respondent=xbb, unit=unit(label), base=0, answer=answer, by=charlie)
    first_round, next_round = Round.objects.get(), opened_round(bob, code="2028", meetings=[1])
    read = handed_in(xbb, first_round, charlie)
    for label, transition in (("I.13", "see"), ("I.14", "contact"), ("I.5(b)", "contact")):
        mark_need(respondent=xbb, unit=unit(label), transition=transition, base="open", by=bob)
    close_need(respondent=xbb, unit=unit("I.5(b)"), base="in_contact", by=charlie)
    asked = asked_about(read, {"I.13": "Which?", "I.14": "Which article?"}, bob)
    for number, label in enumerate(asked):
        answering = reply_to(asked[label], f"Article {number}.", charlie)
    close_reading(submission=answering, by=bob)
    units = [unit(label).pk for label in ("I.13", "I.14")]
    day = datetime.date(2026, 9, 1)
    confirm_answers(respondent=xbb, round_=next_round, units=units, as_at=day, by=charlie)
    last = handed_in(xbb, next_round, charlie)
    for number in range(2):
        with on_day(timezone.localdate() + datetime.timedelta(days=number)):
            sign_daily_list()
    start_reading(submission=last, by=bob)
    note_items(submission=last, items=list(SubmissionItem.everyones.filter(submission=last)[:3]), by=bob)
    close_reading(submission=last, by=bob)
    for round_ in (first_round, next_round, first_round):
        release_of_few(round_, bob)
    for published in (True, False):
        change_use(submission=last, in_aggregates=False, quoted=False, published=published, by=charlie)
    withdraw_from_round(submission=last, reason="A mistake.", by=charlie)
    for reason, hidden in (("name", [files[0].file]), ("image", [])):
        request = request_withdrawal(respondent=xbb, by=charlie, words="A bill", files=hidden, reason=reason)
    refuse_withdrawal(pk=request.pk, by=erin)
    set_closing_date(round=next_round, closes_on=datetime.date(2027, 6, 30), by=bob)
    taken, declined, _waiting = (
        add_proposal(respondent=xbb, unit=unit("II.4"), base=0, answer=Answer(status=status), by=charlie)
        for status in ("implemented", "in_progress", "not_started")
    )
    for number in range(3):
        write_comment(respondent=xbb, unit=unit("II.4"), text=f"Comment {number}.", after=number, by=charlie)
        save_decisions(respondent=xbb, text=f"Decision {number}.", base=number, by=charlie)
    accept(taken, by=charlie)
    decline(declined, reason="The act is in force.", by=charlie)
    names = ("Justice", "Health", "Labour")
    justice, health, labour = (
        add_institution(respondent=xbb, name=name, kind="ministry", by=charlie) for name in names
    )
    close_institution(institution=health, by=charlie)
    items = assign(respondent=xbb, units=[unit("II.4"), unit("II.8")], to=justice, note="By May.", by=charlie).new
    end_assignments(respondent=xbb, assignments=items[:1], by=charlie)
    assign(respondent=xbb, units=[unit("II.9")], to=labour, by=charlie)
    for days, reference in enumerate(("Note verbale 12", "Note verbale 13", "Note verbale 14")):
        on, until = datetime.date(2026, 3, 3 + days), timezone.localdate() + datetime.timedelta(days=days)
        request = add_request(respondent=xbb, reference=reference, requested_on=on, ends_on=until, by=bob)
    transcribe(request=request, unit=unit("II.5"), answer=Answer(status="implemented"), by=bob)
    end_request(pk=request.pk, by=charlie)
    for act in ("acceptance", "accession", "none"):
        on = None if act == "none" else day
        told = TreatyAct(respondent=xbb, instrument="protocol", act=act, date=on, source="A source.", as_at=day)
        confirm_acts(acts=add_acts(acts=[told], by=dana), by=dana)
    for wrong in ("The date.", "The act.", "The status."):
        report = report_status(respondent=xbb, wrong=wrong, right="1 June 2006.", reference="", by=charlie)
    answer_status_report(report=report, transition="decline", answer="It is so in the source.", by=dana)
    decline_act(act=TreatyAct.objects.latest("pk"), reason="A slip.", by=dana)
    assert list(find_errors()) == []


def is_of_project(model) -> bool:
    return model._meta.app_label in ("recommendations", "tracker")


def some_of(model) -> list:
    """The first, the middle and the last row."""
    rows = list(model._base_manager.order_by("pk"))
    return list({row.pk: row for row in (rows[len(rows) // 2], rows[0], rows[-1])}.values())


def sealed_columns(model) -> list:
    """All columns that are sealed, or by default a fifth of them."""
    columns = [f for f in model._meta.concrete_fields if not f.primary_key]
    columns = [field for field in columns if f"{model.__name__}.{field.name}" not in NOT_SEALED]
    return columns if IS_WHOLE else columns[(len(columns) - 1) % 5 :: 5]


def is_name_of_file(row, field) -> bool:
    """Return whether a pending removal hides the name of a file there: `verify` reads its bytes."""
    return (row._meta.object_name, field.name) == ("HiddenText", "value") and row.table == EvidenceFile._meta.db_table


def assert_command_fails() -> None:
    with pytest.raises(CommandError):
        call_command("verify_audit")


def test_every_table_is_audited_or_has_its_reason():
    """Those of recommendations: test_catalogue_rows.py."""
    names = {model.__name__ for model in apps.get_app_config("tracker").get_models()}
    assert names >= NOT_AUDITED.keys()
    others = {model for model in apps.get_models(include_auto_created=True) if not is_of_project(model)}
    assert {model._meta.label for model in others - NOUNS.keys()} <= NOT_OURS.keys()
    known = {f"{model.__name__}.{field.name}" for model in (*AUDITED, Wording) for field in model._meta.concrete_fields}
    assert known >= NOT_SEALED.keys()


def attempts(model):
    """What is done to a table, and how: it returns whether the database let it."""
    rows, columns = some_of(model), sealed_columns(model)
    for row in rows[-2:] if IS_WHOLE else rows[:1]:
        for field in columns:
            if not is_name_of_file(row, field):
                yield f"{field.name} of {row.pk} altered", lambda row=row, field=field: with_other(row, field)
    for field in columns if IS_WHOLE else ():
        yield f"{field.name} of two swapped", lambda field=field: swapped(rows[0], rows[-1], field)
    for row in in_turn(rows, len(columns)):
        yield f"{row.pk} deleted", lambda row=row: delete(model._base_manager.filter(pk=row.pk)) is None
    if model.__name__ not in MAY_BE_ADDED:
        yield f"{rows[0].pk} copied", lambda: copied(rows[0])


@pytest.fixture
def unchecked(everything):
    with lifted_checks((*AUDITED, Wording)):
        yield


@pytest.mark.thorough
def test_whatever_is_done_to_any_row_of_any_table_is_found(unchecked):
    """Every column altered and swapped, rows deleted and added: what nobody would notice is listed."""
    unnoticed, done = [], set()
    chains = [partial(find_chain_errors, [chain]) for chain in ("XBB", "XAA", SITE)]
    places = [*chains, find_row_errors, daily_list.find_errors]
    for model in (*AUDITED, Wording):
        for what, attempt in attempts(model):
            with undone():
                if attempt():
                    done.add((model.__name__, what.partition(" ")[0]))
                    place = next(filter(first_of, (*places, find_errors)), None)
                    if place is None:
                        unnoticed.append(f"{model.__name__}: {what}")
                    places.sort(key=lambda other, place=place: other is not place)  # the next one is found there too
    assert unnoticed == [], "\n".join(unnoticed)
    untried = [
        f"{model.__name__}.{field.name}"
        for model in (*AUDITED, Wording)
        for field in sealed_columns(model)
        if (model.__name__, field.name) not in done
    ]
    assert untried == []
    assert first_fault() == ""


# A form that this version does not know

UNKNOWN_FORM = "form 2 is unknown: a newer version of this site can verify it"
WITH_FORM = [model for model in apps.get_app_config("tracker").get_models() if hasattr(model, "canonical_form")]


@pytest.mark.thorough
def test_a_row_of_an_unknown_form_is_not_called_altered(everything):
    found = {}
    for place, model in enumerate(WITH_FORM):
        for row in in_turn(some_of(model)[:2], place):
            with undone():
                model._base_manager.filter(pk=row.pk).update(canonical_form=2)
                found[model.__name__, row.pk] = {fault.partition(": ")[2] for fault in find_errors()}
    assert {name for name, _pk in found} == {model.__name__ for model in WITH_FORM}
    assert [row for row, faults in found.items() if faults != {UNKNOWN_FORM}] == []


def test_a_thing_whose_last_event_has_an_unknown_form_is_not_called_altered(trail):
    event = Event.everyones.filter(chain="XAA", target__startswith="withdrawal").latest("number")
    Event.everyones.filter(pk=event.pk).update(canonical_form=2, after="in the words of form 2")
    assert list(find_errors()) == [f"XAA, event {event.number}: {UNKNOWN_FORM}", f"XAA, {event.target}: {UNKNOWN_FORM}"]
