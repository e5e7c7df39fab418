"""Evidence in the index of the search: the text of files, and what was submitted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import IndexedText
from recommendations.search.index import make_row
from tests.conftest import find_unit
from tests.documents import upload
from tests.submissions import opened_round, submit_ready
from tests.tracker.actions.test_search import committed, indexed, save  # noqa: F401
from tracker.actions import evidence_text
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.evidence_text import index_sealed, index_texts, keep_waiting_texts
from tracker.actions.record import Answer, save_answer
from tracker.actions.search import index_respondent
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Evidence, EvidenceText, EvidenceVersion, FileScan
from tracker.models.evidence import EvidenceReader

pytestmark = pytest.mark.django_db


@pytest.fixture
def law(xaa, alice) -> EvidenceVersion:
    """A law with a zebra in its file."""
    return add_file(xaa, alice, "Wildlife Act", b"A zebra has a guardian.")


def add_file(xaa, alice, title: str, content: bytes) -> EvidenceVersion:
    file = check_upload(upload("a.txt", content))
    details = EvidenceDetails(title, "law", "en", disclosure=EvidenceReader.SECRETARIAT, upload=file)
    version = add_evidence(respondent=xaa, by=alice, details=details)
    keep_waiting_texts()
    index_respondent(xaa)
    return version


def submit_citing(xaa, alice, bob, *laws: EvidenceVersion):
    answer = Answer("implemented", measures="A unit.", ready=True, citations=[(law, "") for law in laws])
    save_answer(respondent=xaa, unit=find_unit("I.13"), base=0, answer=answer, by=alice)
    return submit_ready(xaa, opened_round(bob, meetings=[1]), alice)


def after_rows_are_made(monkeypatch, act) -> None:
    """Have another process act between the making of rows and their saving."""
    lock = evidence_text._lock

    def lock_after_act(respondent_id: int) -> None:
        monkeypatch.setattr(evidence_text, "_lock", lock)
        act()
        lock(respondent_id)

    monkeypatch.setattr(evidence_text, "_lock", lock_after_act)


def pages_in_index(kind: str) -> list[str]:
    return list(IndexedText.objects.filter(kind=kind, part__gte=1).values_list("words", flat=True))


def test_attack_a_file_that_cannot_be_indexed_stops_no_other(law, xaa, alice, monkeypatch, caplog):
    other = add_file(xaa, alice, "Labour Act", b"A quagga has a guardian.")
    save(xaa, alice, 0, "Zebras were trained.")
    IndexedText.objects.filter(owner=xaa.pk).delete()

    def make_row_of_another(kind: str, key: int, *given, **texts):
        if texts.get("part") and key == law.evidence_id:
            raise ValueError
        return make_row(kind, key, *given, **texts)

    monkeypatch.setattr(evidence_text, "make_row", make_row_of_another)
    index_respondent(xaa)
    assert (pages_in_index("evidence"), indexed("answer")) == (["quagga guardian"], ["zebra train"])
    assert [record.message for record in caplog.records] == ["a text was not indexed"]
    EvidenceText.everyones.filter(file__in=[law.file, other.file]).delete()
    IndexedText.objects.filter(part__gte=1).delete()
    assert keep_waiting_texts() == 0
    assert pages_in_index("evidence") == ["quagga guardian"]


def test_attack_an_older_process_puts_back_the_pages_of_a_file_that_was_replaced(law, xaa, alice, monkeypatch):
    assert pages_in_index("evidence") == ["zebra guardian"]

    def replace_file() -> None:
        details = EvidenceDetails("Wildlife Act", "law", "en", citation="Gazette 1", removes_file=True)
        change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
        index_respondent(xaa)

    after_rows_are_made(monkeypatch, replace_file)
    index_texts(Evidence.everyones.filter(pk=law.evidence_id))
    assert pages_in_index("evidence") == []


def test_attack_an_older_process_puts_back_the_pages_of_a_withdrawn_submission(law, xaa, alice, bob, monkeypatch):
    submission = submit_citing(xaa, alice, bob, law)
    index_respondent(xaa)
    assert pages_in_index("sealed") == ["zebra guardian"]

    def withdraw() -> None:
        withdraw_from_round(submission=submission, reason="An error", by=alice)
        index_respondent(xaa)

    IndexedText.objects.filter(kind="sealed").delete()
    after_rows_are_made(monkeypatch, lambda: after_rows_are_made(monkeypatch, withdraw))
    index_sealed(xaa)
    assert pages_in_index("sealed") == []


def test_attack_each_change_of_use_has_all_submitted_files_analysed(law, xaa, alice, bob, committed, monkeypatch):  # noqa: F811
    other = add_file(xaa, alice, "Labour Act", b"A quagga has a guardian.")
    with committed():
        submission = submit_citing(xaa, alice, bob, law)
    analysed = []
    monkeypatch.setattr(
        evidence_text, "make_row", lambda *given, **texts: analysed.append(given) or make_row(*given, **texts)
    )
    with committed():
        change_use(submission=submission, quoted=True, by=alice)
    assert analysed == []
    with committed():
        answer = Answer("implemented", measures="A unit.", ready=True, citations=[(law, ""), (other, "")])
        save_answer(respondent=xaa, unit=find_unit("I.13"), base=1, answer=answer, by=alice)
        submit_ready(xaa, submission.round, alice)
    assert analysed == [("sealed", other.pk, "en")] * 2
    assert sorted(pages_in_index("sealed")) == ["quagga guardian", "zebra guardian"]


def test_a_submitted_file_is_indexed_when_it_is_opened_and_no_more_when_it_is_closed(law, xaa, alice, bob):
    submit_citing(xaa, alice, bob, law)
    for found, pages in (("Eicar", []), ("", ["zebra guardian"]), ("Eicar", [])):
        FileScan.objects.update(found=found, scanned_at="2026-11-28T00:00Z")
        index_sealed(xaa)
        assert pages_in_index("sealed") == pages


def submit_titles(xaa, alice, bob, *titles: str) -> list[EvidenceVersion]:
    """Submit evidence items without files."""
    said = {"citation": "Gazette 1", "disclosure": EvidenceReader.SECRETARIAT}
    details = [EvidenceDetails(title, "law", "en", **said) for title in titles]
    versions = [add_evidence(respondent=xaa, by=alice, details=each) for each in details]
    submit_citing(xaa, alice, bob, *versions)
    return versions


def test_evidence_without_texts_is_indexed_with_as_many_queries_for_20_items_as_for_2(xaa, alice, bob):
    submit_titles(xaa, alice, bob, *(f"Act {number}" for number in range(20)))
    queries = []
    for most in (2, 20):
        IndexedText.objects.filter(kind="sealed").delete()
        some = list(evidence_text._sealed_versions(xaa.pk).values_list("pk", flat=True)[:most])
        with CaptureQueriesContext(connection) as asked:
            evidence_text._index_sealed(evidence_text._sealed_versions(xaa.pk).filter(pk__in=some))
        queries.append(len(asked))
        assert len(indexed("sealed")) == most
    assert queries[0] == queries[1]


def test_attack_an_evidence_item_that_cannot_be_indexed_stops_no_other(xaa, alice, bob, monkeypatch, caplog):
    broken, _other = submit_titles(xaa, alice, bob, "Wildlife Act", "Labour Act")

    def make_row_of_another(kind: str, key: int, *given, **texts):
        if key == broken.pk:
            raise ValueError
        return make_row(kind, key, *given, **texts)

    monkeypatch.setattr(evidence_text, "make_row", make_row_of_another)
    index_sealed(xaa)
    assert indexed("sealed") == ["labor act gazett 1"]
    assert {record.message for record in caplog.records} == {"a text was not indexed"}


@pytest.mark.usefixtures("ruth")  # who would confirm the removal
def test_attack_a_title_that_was_removed_comes_back_with_the_others_of_its_submission(xaa, alice, bob, monkeypatch):
    submit_titles(xaa, alice, bob, "Wildlife Act", "Labour Act")

    def remove_title() -> None:
        request_withdrawal(respondent=xaa, by=alice, words="Wildlife", files=[], reason="name")

    after_rows_are_made(monkeypatch, lambda: after_rows_are_made(monkeypatch, remove_title))
    index_sealed(xaa)
    assert indexed("sealed") == ["labor act gazett 1"]
