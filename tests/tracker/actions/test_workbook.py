"""Workbooks are applied all or nothing: when the machine dies in the middle of it, and when two come at once."""

import signal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from recommendations.catalogue import add_wording
from tests.conftest import make_person, save_for_xaa
from tests.machines import act_there, another_machine
from tests.races import results_at_once
from tests.thorough import moments
from tests.verification import find_errors
from tests.workbooks import downloaded, rows_in, with_rows_filled
from tracker.actions.held_upload import tidy_held_uploads
from tracker.actions.workbook import (
    FILE,
    SITE,
    RowChoice,
    StaleWorkbook,
    apply_workbook,
    compare_rows,
    discard_workbook,
    save_workbook,
)
from tracker.models import ChainHead, Event, HeldUpload, Respondent, Revision
from tracker.models.user import Role

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = moments(2, 8)
EVERY = moments(10, 1)  # unit, of the 230, is filled where it is killed
ROWS = len(range(0, 230, EVERY))
LABELS = ["I.13", "I.14", "II.8", "II.9", "IV.46(i)"]

APPLY = """
from tracker.actions.workbook import apply_workbook
from tracker.models import HeldUpload, User

def act(pk):
    upload = HeldUpload.everyones.select_related("respondent").get(pk=int(pk))
    apply_workbook(upload=upload, decisions={}, by=User.objects.get(email="alice@example.org"))
"""


@pytest.fixture
def upload(xaa):
    """What a person uploads who filled some rows, or all, with a text."""

    def upload(person, text: str, *labels) -> HeldUpload:
        typed = {"status": "In progress", "measures": text}
        content = with_rows_filled(downloaded(xaa, person, *labels), dict.fromkeys(labels, typed))
        rows = rows_in(content, xaa, person)
        return save_workbook(respondent=xaa, by=person, downloaded_at=timezone.now(), rows=rows)

    return upload


@pytest.fixture
def amir(xaa):
    return make_person("amir", Role.FOCAL_POINT, xaa)


def apply_all(upload, by) -> list[Revision]:
    return apply_workbook(upload=upload, decisions={}, by=by)


def test_each_row_is_a_revision_with_an_event(upload, alice):
    saved = apply_all(upload(alice, "From the file.", *LABELS), alice)
    assert sorted(revision.record.recommendation.label for revision in saved) == sorted(LABELS)
    assert Event.everyones.filter(action="answer saved").count() == len(LABELS)
    assert find_errors() == []


def test_what_was_written_on_a_former_wording_is_not_saved_on_the_new_one_undecided(upload, alice, dana, unit):
    kept = upload(alice, "From the file.", *LABELS)
    add_wording(recommendation=unit(LABELS[0]), text="Other words.", kind="new_wording", reason="Anew.", by=dana)
    [row] = [row for row in compare_rows(kept, alice) if row.needs_choice]
    assert (row.label, row.is_reworded) == (LABELS[0], True)
    with pytest.raises(StaleWorkbook):
        apply_all(kept, alice)
    decisions = {row.slug: RowChoice(FILE, row.seen)}
    assert len(apply_workbook(upload=kept, decisions=decisions, by=alice)) == len(LABELS)


def test_nothing_is_saved_where_one_row_cannot_be(upload, alice, xaa, unit):
    kept = upload(alice, "From the file.", *LABELS)
    save_for_xaa("II.9", measures="Meanwhile.")
    with pytest.raises(StaleWorkbook):
        apply_all(kept, alice)
    assert Revision.everyones.count() == 1
    [row] = [row for row in compare_rows(kept, alice) if row.is_conflict]
    apply_workbook(upload=kept, decisions={row.slug: RowChoice(SITE, row.seen)}, by=alice)
    assert Revision.everyones.count() == len(LABELS)
    assert Revision.everyones.get(record__recommendation__label="II.9").measures == "Meanwhile."


def test_a_decision_on_what_is_not_there_any_more_counts_for_nothing(upload, alice, xaa, unit):
    kept = upload(alice, "From the file.", "II.9")
    for text in ("One.", "Two."):
        base = Revision.everyones.count()
        save_for_xaa("II.9", base=base, measures=text)
        [row] = compare_rows(kept, alice)
        if text == "One.":
            decisions = {row.slug: RowChoice(FILE, row.seen)}
    with pytest.raises(StaleWorkbook):
        apply_workbook(upload=kept, decisions=decisions, by=alice)
    assert Revision.everyones.count() == 2


def test_nobody_else_applies_or_discards_it(upload, alice, amir, charlie, xaa):
    kept = upload(alice, "From the file.", "II.9")
    for person in (amir, charlie):
        with pytest.raises(PermissionDenied):
            apply_all(kept, person)
        with pytest.raises(PermissionDenied):
            discard_workbook(upload=kept, by=person)
    for person in (charlie, make_person("victor", Role.VIEWER, xaa)):
        with pytest.raises(PermissionDenied):
            save_workbook(respondent=xaa, by=person, downloaded_at=timezone.now(), rows=[])
    assert Revision.everyones.count() == 0


def test_what_is_gone_is_not_applied(upload, alice):
    kept = upload(alice, "From the file.", "II.9")
    HeldUpload.everyones.all().delete()
    with pytest.raises(ValidationError, match="no longer available"):
        apply_all(kept, alice)


def test_what_nobody_decided_on_in_a_day_is_forgotten(upload, alice):
    upload(alice, "New.", "II.8")
    HeldUpload.everyones.update(expires_at=timezone.now())
    kept = upload(alice, "Newer.", "II.9")
    assert tidy_held_uploads() == 0
    assert HeldUpload.everyones.get() == kept


def test_two_workbooks_at_once_lose_nothing_without_a_word(upload, alice, amir):
    """Whoever comes second is shown what came first, in whichever order their rows are locked."""
    uploads = {alice: upload(alice, "Alice's.", *LABELS), amir: upload(amir, "Amir's.", *reversed(LABELS))}
    jobs = [partial(apply_all, kept, person) for person, kept in uploads.items()]
    done = dict(zip(uploads, results_at_once(*jobs, refusals=StaleWorkbook), strict=True))
    [second] = [person for person, result in done.items() if isinstance(result, StaleWorkbook)]
    [first] = uploads.keys() - {second}
    assert {revision.author for revision in Revision.everyones.all()} == {first}
    assert Revision.everyones.count() == len(LABELS)
    decisions = {row.slug: RowChoice(FILE, row.seen) for row in compare_rows(uploads[second], second)}
    assert len(apply_workbook(upload=uploads[second], decisions=decisions, by=second)) == len(LABELS)
    assert find_errors() == []


def test_a_double_click_applies_it_once(upload, alice):
    kept = upload(alice, "From the file.", *LABELS)
    clicks = results_at_once(*[partial(apply_all, kept, alice)] * 2)
    assert sorted(len(saved) for saved in clicks) == [0, len(LABELS)]


@pytest.fixture
def machine():
    """It applies the upload of each key that it is told."""
    with another_machine(APPLY) as process:
        yield process


@transaction.atomic
def written() -> set[int]:
    """How much of all workbooks is there, in whole ones. A server may only be finishing what a dead client began: it
    holds this lock until it has.
    """
    Respondent.objects.select_for_update(no_key=True).get(code="XAA")
    head = ChainHead.objects.filter(chain="XAA").first()
    newest = Event.everyones.filter(chain="XAA").last()
    assert (head.number if head else 0) == (newest.number if newest else 0)
    done = HeldUpload.everyones.filter(applied_at__isnull=False).count()
    return {done, Revision.everyones.count() / ROWS, Event.everyones.filter(action="answer saved").count() / ROWS}


@pytest.mark.thorough
def test_killed_while_applying_it_is_all_or_nothing_and_the_retry_works(xaa, alice, machine):
    labels = list(xaa.units_to_answer().values_list("label", flat=True))[::EVERY]

    def another(text):
        """All 230 units, or by default every tenth, as they stand now."""
        revisions = Revision.everyones.filter(record__current__isnull=False).select_related("record__recommendation")
        current = {revision.record.recommendation.label: revision for revision in revisions}
        rows = [
            {
                "label": label,
                "row": number,
                "number": current[label].number if label in current else 0,
                "digest": current[label].digest if label in current else "",
                "withdrawn": None,
                "changes": {"status": "in_progress", "measures": text, "language": "en"},
                "left_out": [],
            }
            for number, label in enumerate(labels, start=2)
        ]
        return save_workbook(respondent=xaa, by=alice, downloaded_at=timezone.now(), rows=rows)

    took, status = act_there(machine, another("First.").pk)
    assert status == 0
    assert written() == {1}
    ends = []
    for number in range(KILLS):
        whole = written()
        kept = another(f"Text {number}.")
        ends.append(act_there(machine, kept.pk, killed_after=took * (number + 0.5) / KILLS)[1])
        assert len(written()) == 1
        act_there(machine, kept.pk)
        assert written() == {number + 2}
        assert whole == {number + 1}
    assert signal.SIGKILL in ends
