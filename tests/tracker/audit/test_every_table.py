"""Column by column and row by row: what is done to any table that is audited is found, or has its reason here."""

import datetime
from functools import partial

import pytest
from django.apps import apps
from django.utils import timezone

from recommendations.models import Wording
from tests.alterations import copied, delete, lifted_checks, swapped, undone, with_other
from tests.documents import PDF, upload
from tests.submissions import asked_about, confirm, opened_round, release_of_few, reply_to, submit_ready
from tests.suggestions import accept, decline
from tests.thorough import IS_WHOLE, in_turn
from tests.verification import UNKNOWN_FORM, first_fault, first_of, name_rows
from tracker.actions.assignment import assign, end_assignments
from tracker.actions.assistance import close_need, mark_need
from tracker.actions.brief import save_brief
from tracker.actions.comment import write_comment
from tracker.actions.daily_list import sign_daily_list
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.institution import add_institution, close_institution
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading, note_items, start_reading
from tracker.actions.round import set_closing_date
from tracker.actions.status_report import answer_status_report, report_status
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.transcription import add_request, end_request, transcribe
from tracker.actions.treaty_act import add_acts, confirm_acts, decline_act
from tracker.actions.withdrawal import refuse_withdrawal, request_withdrawal
from tracker.audit import daily_list
from tracker.audit.rows import KINDS, NOUNS
from tracker.audit.rows import find_errors as find_row_errors
from tracker.audit.verification import find_chain_errors, find_errors
from tracker.demo.clock import on_day
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, Round, SubmissionItem, TreatyAct
from tracker.models.event import SITE

NOT_AUDITED = {  # why nothing finds a change of a table
    "Draft": "typing, not a save",
    "HeldUpload": "what one person uploaded, for a day, which no answer has yet",
    "EvidenceText": "made of a file, whose digest is audited, and can be made again",
    "Export": "a file to download, which can be made again",
    "EventRow": "tried in test_rows.py",
    "Notification": "mail",
    "RequestCount": "how often something was asked for in the last minutes",
    "Session": "who is signed in, until they sign out",
}
NOT_SEALED = {  # and a column
    "Record.note": "the desk's own, no part of the answer",
    "Record.update_declined": "what is offered, no part of the answer; events tell of it",
    "Assignment.note": "likewise",
    "Assignment.return_reason": "likewise",
    "Assignment.withdrawal": "of these words",
    "Submission.due_on": "`late`, which is sealed, follows from it",
    "Event.address": "it must be deleted in time",
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
def everything(recorded, xaa, xbb, alice, bob, charlie, dana, erin, unit):
    """A row, and mostly more than one, of all that is audited."""
    name_rows()
    details = EvidenceDetails(title="Law", kind="law", language="en", upload=check_upload(upload("law.pdf", PDF)))
    files = [add_evidence(respondent=xbb, by=charlie, details=details)]
    files += [add_evidence(respondent=xaa, by=alice, details=details)]
    for label in ("I.13", "I.14", "I.5(b)"):
        citations = [(files[0], "p. 1")]
        practice = {"good_practice": True, "good_practice_shared": True}
        fields = {"measures": "A bill.", "assistance": "Cars.", "citations": citations, **practice}
        answer = Answer(status="in_progress", ready=True, **fields)
        save_answer(respondent=xbb, unit=unit(label), base=0, answer=answer, by=charlie)
    first_round, next_round = Round.objects.get(), opened_round(bob, code="2028", meetings=[1])
    first = submit_ready(xbb, first_round, charlie)
    for label, transition in (("I.13", "see"), ("I.14", "contact"), ("I.5(b)", "contact")):
        mark_need(respondent=xbb, unit=unit(label), transition=transition, base="open", by=bob)
    close_need(respondent=xbb, unit=unit("I.5(b)"), base="in_contact", by=charlie)
    requests = asked_about(first, {"I.13": "Which?", "I.14": "Which article?"}, bob)
    for number, label in enumerate(requests):
        with_replies = reply_to(requests[label], f"Article {number}.", charlie)
    close_reading(submission=with_replies, by=bob)
    day = datetime.date(2026, 9, 1)
    confirm(xbb, next_round, ["I.13", "I.14"], charlie, day)
    last = submit_ready(xbb, next_round, charlie)
    for number in range(2):
        with on_day(timezone.localdate() + datetime.timedelta(days=number)):
            sign_daily_list()
    start_reading(submission=last, by=bob)
    note_items(submission=last, items=list(SubmissionItem.everyones.filter(submission=last)[:3]), by=bob)
    close_reading(submission=last, by=bob)
    for round_ in (first_round, next_round):
        release_of_few(round_, bob)
    for published in (True, False):
        change_use(submission=last, in_aggregates=False, quoted=False, published=published, by=charlie)
    withdraw_from_round(submission=last, reason="A mistake.", by=charlie)
    for reason, hidden in (("name", [files[0].file]), ("image", [])):
        request = request_withdrawal(respondent=xbb, by=charlie, words="A bill", files=hidden, reason=reason)
    refuse_withdrawal(pk=request.pk, by=erin)
    set_closing_date(round=next_round, closes_on=datetime.date(2027, 6, 30), by=bob)
    first_proposal, second_proposal, _third = (
        add_proposal(respondent=xbb, unit=unit("II.4"), base=0, answer=Answer(status=status), by=charlie)
        for status in ("implemented", "in_progress", "not_started")
    )
    for number in range(3):
        write_comment(respondent=xbb, unit=unit("II.4"), text=f"Comment {number}.", after=number, by=charlie)
        base = f"{number}.0" if number else ""
        save_brief(respondent=xbb, texts={"decisions": f"Decision {number}."}, base=base, by=charlie)
    accept(first_proposal, by=charlie)
    decline(second_proposal, reason="The act is in force.", by=charlie)
    names = ("Justice", "Health", "Labour")
    justice, health, labour = (
        add_institution(respondent=xbb, name=name, kind="ministry", by=charlie) for name in names
    )
    close_institution(institution=health, by=charlie)
    items = assign(respondent=xbb, units=[unit("II.4"), unit("II.8")], to=justice, note="By May.", by=charlie)
    end_assignments(respondent=xbb, assignments=items[:1], by=charlie)
    assign(respondent=xbb, units=[unit("II.9")], to=labour, by=charlie)
    for days, reference in enumerate(("Note verbale 12", "Note verbale 13", "Note verbale 14")):
        on, until = datetime.date(2026, 3, 3 + days), timezone.localdate() + datetime.timedelta(days=days)
        request = add_request(respondent=xbb, reference=reference, requested_on=on, ends_on=until, by=bob)
    transcribe(request=request, unit=unit("II.5"), answer=Answer(status="implemented"), by=bob)
    end_request(pk=request.pk, by=charlie)
    for act in ("acceptance", "accession", "none"):
        on = None if act == "none" else day
        treaty_act = TreatyAct(respondent=xbb, instrument="protocol", act=act, date=on, source="A source.", as_at=day)
        confirm_acts(acts=add_acts(acts=[treaty_act], by=dana), by=dana)
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
def unchecked(everything, trail):
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


WITH_FORM = [model for model in apps.get_app_config("tracker").get_models() if hasattr(model, "canonical_form")]


@pytest.mark.thorough
def test_a_row_of_an_unknown_form_is_not_called_altered(everything, trail):
    found = {}
    for place, model in enumerate(WITH_FORM):
        for row in in_turn(some_of(model)[:2], place):
            with undone():
                model._base_manager.filter(pk=row.pk).update(canonical_form=2)
                found[model.__name__, row.pk] = {fault.partition(": ")[2] for fault in find_errors()}
    assert {name for name, _pk in found} == {model.__name__ for model in WITH_FORM}
    assert [row for row, faults in found.items() if faults != {UNKNOWN_FORM}] == []
