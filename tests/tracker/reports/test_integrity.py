"""What is forged past the database's triggers shows."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import lifted_triggers
from tests.documents import PDF, upload
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.models import Citation, Event, EvidenceFile, EvidenceVersion, Record, Revision
from tracker.reports.integrity import check_everything
from tracker.uploads import inspect


@pytest.fixture(autouse=True)
def saved(xaa, alice, unit):
    """Two revisions of one answer, which cite a file."""
    details = EvidenceDetails(title="Act", kind="law", language="en", upload=inspect(upload("act.pdf", PDF)))
    cited = [(add_evidence(respondent=xaa, by=alice, details=details), "article 9")]
    for base, measures in enumerate(["A bill.", "An act."]):
        answer = Answer(status="in_progress", measures=measures, citations=cited)
        save_answer(respondent=xaa, unit=unit("I.13"), base=base, answer=answer, by=alice)


def broken() -> list[str]:
    return [f"{checked.kind} {checked.reference}" for checked in check_everything() if not checked.holds]


def forge(rows, **columns) -> None:
    with lifted_triggers():
        rows.update(**columns)


def test_everything_that_was_saved_holds():
    checked = [f"{each.kind} {each.reference}" for each in check_everything() if each.holds]
    file = EvidenceFile.everyones.get()
    assert checked == [
        "revision XAA I.13 1",
        "revision XAA I.13 2",
        "version of evidence XAA E1 1",
        "event XAA 1",
        "event XAA 2",
        "event XAA 3",
        f"file {file.file.name}",
    ]
    assert broken() == []


def test_changed_words_show():
    forge(Revision.everyones.filter(number=1), measures="Nothing.")
    forge(EvidenceVersion.everyones, title="Another act")
    assert broken() == ["revision XAA I.13 1", "version of evidence XAA E1 1"]


def test_an_answer_that_was_put_to_another_text_shows(unit):
    Record.everyones.update(recommendation=unit("I.14"))
    assert broken() == ["revision XAA I.13 1", "revision XAA I.13 2"]


def test_a_changed_citation_shows():
    forge(Citation.everyones.filter(revision__number=2), pinpoint="article 10")
    assert broken() == ["revision XAA I.13 2"]


def test_a_row_that_was_changed_with_its_digest_shows_in_the_next():
    forge(Revision.everyones.filter(number=1), digest="0" * 64)
    assert broken() == ["revision XAA I.13 1", "revision XAA I.13 2"]


def test_a_missing_row_shows():
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_event WHERE number = 2")
    assert broken() == ["event XAA 3"]


def test_a_missing_last_row_shows():
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_event WHERE number = 3")
    assert broken() == ["event the last one, after XAA 2"]


def test_a_chain_without_a_row_shows():
    digest = Event.everyones.get(number=3).digest
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_event")
    assert broken() == [f"event with the digest {digest}"]


def test_an_older_revision_put_forward_as_the_current_one_shows():
    Record.everyones.update(current=Revision.everyones.get(number=1))
    assert broken() == ["revision the last one, after XAA I.13 2"]


@pytest.mark.parametrize("content", [None, b"other bytes"])
def test_a_missing_and_a_changed_file_show(content):
    name = EvidenceFile.everyones.get().file.name
    default_storage.delete(name)
    if content:
        default_storage.save(name, ContentFile(content))
    assert broken() == [f"file {name}"]


def test_the_command_counts_what_holds(capsys):
    call_command("verify")
    assert capsys.readouterr().out.splitlines() == [
        "revision: 2 as saved",
        "version of evidence: 1 as saved",
        "event: 3 as saved",
        "file: 1 as saved",
    ]


def test_the_command_names_what_does_not(capsys):
    forge(Revision.everyones.filter(number=1), measures="Nothing.")
    with pytest.raises(CommandError, match="1 not what was saved"):
        call_command("verify")
    assert capsys.readouterr().err == "not what was saved: revision, XAA I.13 1\n"
