"""The index is kept by the events of each action: a saved answer or note at once, other texts after the commit."""

import contextlib
import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from recommendations.models import IndexedText, IndexState
from recommendations.search.analyser import VERSION
from recommendations.search.index import COMPARED, make_row
from tests.conftest import find_unit
from tests.database import as_owner, lifted_triggers
from tests.submissions import asked_about, opened_round, submit_ready
from tracker.actions import search
from tracker.actions.comment import write_comment
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.reply import GivenReply, submit_replies
from tracker.actions.search import catch_up, index_respondent, is_index_behind
from tracker.actions.submission import change_use
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.models import ChainHead, Event, Record, Submission
from tracker.models.withdrawal import WithdrawalReason

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Run what is done after a commit, as if nothing before were waiting for one."""

    def capture():
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return capture


def indexed(kind: str) -> list[str]:
    rows = IndexedText.objects.filter(kind=kind).order_by("key", "part")
    return [f"{row.title} {row.words}".strip() for row in rows]


def save(xaa, alice, base: int, measures: str, label="I.13"):
    answer = Answer("implemented", measures=measures, ready=True)
    return save_answer(respondent=xaa, unit=find_unit(label), base=base, answer=answer, by=alice)


def test_an_answer_its_note_a_comment_and_evidence_are_indexed(xaa, alice, committed):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.")
    assert indexed("answer") == ["zebra train"]
    with committed():
        save(xaa, alice, 1, "Quaggas were trained.")
        save_note(respondent=xaa, unit=find_unit("I.13"), note="Ask the zoo", by=alice)
        write_comment(respondent=xaa, unit=find_unit("I.13"), text="Which quaggas?", after=0, by=alice)
        details = EvidenceDetails(title="Law on zebras", kind="law", language="en", citation="Gazette 1")
        add_evidence(respondent=xaa, by=alice, details=details)
    assert indexed("answer") == ["quagga train ask zoo"]
    assert indexed("comment") == ["quagga"]
    assert indexed("evidence") == ["law zebra gazett 1"]


def test_attack_words_of_another_language_stay_in_the_index(xaa, alice, committed):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.")
        save_note(respondent=xaa, unit=find_unit("I.14"), note="The zebras of the State", by=alice)
        details = EvidenceDetails(title="Law on zebras", kind="law", language="en", citation="Gazette 1")
        law = add_evidence(respondent=xaa, by=alice, details=details)
    with committed():
        answer = Answer("implemented", measures="Une campagne.", language="fr", ready=True)
        save_answer(respondent=xaa, unit=find_unit("I.13"), base=1, answer=answer, by=alice)
    with committed():
        base = Record.everyones.get(recommendation=find_unit("I.14")).note_digest
        save_note(respondent=xaa, unit=find_unit("I.14"), note="La loi des États", base=base, by=alice)
        details = EvidenceDetails(title="Loi", kind="law", language="fr", citation="Journal 1")
        change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)
    assert indexed("answer") == ["campagn", "loi etat"]
    assert indexed("evidence") == ["loi journal 1"]


def test_a_save_writes_its_text_in_its_own_transaction(xaa, alice, committed):
    index_respondent(xaa)
    with committed() as callbacks:
        save(xaa, alice, 0, "Zebras were trained.")
        assert indexed("answer") == ["zebra train"]
        save_note(respondent=xaa, unit=find_unit("I.13"), note="Ask the zoo", by=alice)
        assert indexed("answer") == ["zebra train ask zoo"]
    assert callbacks == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [IndexedText, IndexState])
def test_attack_an_error_of_the_index_fails_a_save(xaa, alice, caplog, model):
    index_respondent(xaa)
    table = model._meta.db_table
    rename(table, "elsewhere")
    try:
        save(xaa, alice, 0, "Zebras were trained.")
        save_note(respondent=xaa, unit=find_unit("I.13"), note="Ask the zoo", by=alice)
    finally:
        rename("elsewhere", table)
    record = Record.everyones.get()
    assert (record.current.measures, record.note, indexed("answer")) == ("Zebras were trained.", "Ask the zoo", [])
    assert "the texts of XAA were not indexed" in [each.message for each in caplog.records]
    save(xaa, alice, 0, "Quaggas were trained.", "I.14")
    assert sorted(indexed("answer")) == ["quagga train", "zebra train ask zoo"]


def rename(table: str, name: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')


def test_attack_a_text_that_cannot_be_analysed_fails_a_save(xaa, alice, committed, monkeypatch, caplog):
    index_respondent(xaa)
    monkeypatch.setattr(search, "make_row", lambda *given, **texts: 1 / 0)
    save(xaa, alice, 0, "Zebras were trained.")
    monkeypatch.undo()
    assert {record.message for record in caplog.records} == {"a text of XAA was not analysed"}
    with committed():
        save(xaa, alice, 0, "Quaggas were trained.", "I.14")
    assert sorted(indexed("answer")) == ["quagga train", "zebra train"]


def test_one_transaction_is_indexed_once(xaa, alice, committed):
    with committed() as callbacks:
        for label in ("I.13", "I.14", "IV.46(i)"):
            save(xaa, alice, 0, "Zebras were trained.", label)
    assert [str(callback) for callback in callbacks].count(str(callbacks[0])) == 1
    assert indexed("answer") == ["zebra train"] * 3


def test_the_next_event_catches_up_with_what_was_not_indexed(xaa, alice, committed):
    save(xaa, alice, 0, "Zebras were trained.")
    assert indexed("answer") == []
    with committed():
        save(xaa, alice, 0, "Quaggas were trained.", "I.14")
    assert sorted(indexed("answer")) == ["quagga train", "zebra train"]
    state = IndexState.objects.get(chain="XAA")
    assert (state.number, state.version) == (ChainHead.objects.get(chain="XAA").number, VERSION)


def test_rows_that_another_process_indexed_are_not_indexed_again(xaa, alice, django_assert_num_queries):
    save(xaa, alice, 0, "Zebras were trained.")
    catch_up(xaa)
    with django_assert_num_queries(2):
        catch_up(xaa)


@pytest.mark.parametrize("decide", [confirm_withdrawal, refuse_withdrawal])
def test_a_removal_empties_the_index_at_once(xaa, alice, ruth, committed, decide):
    with committed():
        save(xaa, alice, 0, "The case of Jane Doe.")
        save(xaa, alice, 0, "Zebras were trained.", "I.14")
    request = request_withdrawal(respondent=xaa, words="Jane Doe", files=[], reason=WithdrawalReason.NAME, by=alice)
    assert indexed("answer") == [], "before the commit already"
    catch_up(xaa)
    assert sorted(indexed("answer")) == ["", "zebra train"]
    decide(pk=request.pk, by=ruth)
    catch_up(xaa)
    expected = ["", "zebra train"] if decide is confirm_withdrawal else ["case jane doe", "zebra train"]
    assert sorted(indexed("answer")) == expected


@pytest.mark.parametrize("index", [catch_up, index_respondent])
def test_attack_an_older_process_puts_back_words_after_their_removal(xaa, alice, ruth, committed, monkeypatch, index):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.", "I.14")
    save(xaa, alice, 0, "The case of Jane Doe.")
    IndexState.objects.update(number=0)
    move = search._move

    def move_after_removal(state, number: int) -> bool:
        monkeypatch.setattr(search, "_move", move)
        request_withdrawal(respondent=xaa, words="Jane Doe", files=[], reason=WithdrawalReason.NAME, by=alice)
        is_moved = move(state, number)
        assert (is_moved, indexed("answer")) == (False, [])
        return is_moved

    monkeypatch.setattr(search, "_move", move_after_removal)
    index(xaa)
    assert sorted(indexed("answer")) == ["", "zebra train"]


def test_attack_a_removed_word_is_taken_over_from_the_index_by_a_later_submission(xaa, alice, bob, ruth, committed):
    save(xaa, alice, 0, "The case of Jane Doe.")
    save(xaa, alice, 0, "Zebras were trained.", "I.14")
    with committed():
        submission = submit_ready(xaa, opened_round(bob, meetings=[1, 4]), alice)
    assert indexed("submitted") == ["case jane doe", "zebra train"]
    with committed():
        request = request_withdrawal(respondent=xaa, words="Jane Doe", files=[], reason=WithdrawalReason.NAME, by=alice)
        confirm_withdrawal(pk=request.pk, by=ruth)
    for version in (VERSION, 0):
        IndexState.objects.filter(chain="XAA").update(version=version)
        with committed():
            change_use(submission=submission, quoted=version == 0, by=alice)
        assert indexed("submitted") == ["", "zebra train"]
        assert not IndexedText.objects.filter(words__contains="jane").exists()


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_a_removed_word_is_nowhere_in_the_full_text_index(xaa, alice, ruth):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no index of its own for words")
    save(xaa, alice, 0, "The case of Quetzaldoe.")
    with connection.cursor() as cursor:
        assert _find_in_index(cursor, b"quetzaldo")
        request = request_withdrawal(
            respondent=xaa, words="Quetzaldoe", files=[], reason=WithdrawalReason.NAME, by=alice
        )
        confirm_withdrawal(pk=request.pk, by=ruth)
        assert not _find_in_index(cursor, b"quetzaldo")


def _find_in_index(cursor, word: bytes) -> bool:
    cursor.execute("SELECT block FROM recommendations_indexedtext_fts_data")
    return any(word in bytes(block) for (block,) in cursor.fetchall())


def test_a_submission_is_indexed(xaa, alice, bob, committed):
    save(xaa, alice, 0, "Zebras were trained.")
    with committed():
        submit_ready(xaa, opened_round(bob, meetings=[1, 4]), alice)
    assert indexed("submitted") == ["zebra train"]


def test_attack_a_reply_has_the_whole_submission_analysed(xaa, alice, bob, committed, monkeypatch):
    save(xaa, alice, 0, "Zebras were trained.")
    save(xaa, alice, 0, "Quaggas were trained.", "I.14")
    with committed():
        submission = submit_ready(xaa, opened_round(bob, meetings=[1, 4]), alice)
    [remark] = asked_about(submission, {"I.14": "Since when?"}, bob).values()
    changed = save(xaa, alice, 1, "Quaggas are trained each year.", "I.14")
    catch_up(xaa)
    analysed = []
    monkeypatch.setattr(
        search, "make_row", lambda *given, **texts: analysed.append(texts["words"]) or make_row(*given, **texts)
    )
    with committed():
        reply = GivenReply(remark, revision=changed.pk)
        submit_replies(respondent=xaa, round_=submission.round, given=[reply], names_no_victim=True, by=alice)
    assert list(filter(None, analysed)) == ["Quaggas are trained each year."]
    assert indexed("submitted") == ["zebra train", "quagga train each year"]
    analysed.clear()
    with committed():
        change_use(submission=Submission.everyones.last(), published=True, by=alice)
    assert not any(analysed)
    names = ("kind", "key", "language", "owner", "unit", *COMPARED)
    before = sorted(IndexedText.objects.values_list(*names), key=str)
    index_respondent(xaa)
    assert sorted(IndexedText.objects.values_list(*names), key=str) == before


def test_rebuilding_makes_the_same_rows(xaa, alice, bob, committed, capsys):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.")
        submit_ready(xaa, opened_round(bob, meetings=[1, 4]), alice)
    names = [field.name for field in IndexedText._meta.fields if field.name != "id"]
    before = sorted(IndexedText.objects.values_list(*names), key=str)
    IndexedText.objects.filter(kind__in=("text", "answer")).delete()
    IndexedText.objects.filter(kind="submitted").update(words="stale")
    call_command("rebuild_search")
    assert capsys.readouterr().out == f"{len(before)} texts indexed.\n"
    assert sorted(IndexedText.objects.values_list(*names), key=str) == before


def test_the_site_says_when_the_index_is_behind(client, xaa, alice):
    assert client.get("/readyz").text == "ready\n"
    save(xaa, alice, 0, "Zebras were trained.")
    assert client.get("/readyz").text == "ready\n", "it may be indexed in this moment"
    IndexState.objects.filter(chain="").update(version=0)
    page = client.get("/readyz")
    assert (page.status_code, page.text) == (200, "ready; the search is behind: run rebuild_search\n")
    assert is_index_behind()
    call_command("rebuild_search", stdout=io.StringIO())
    assert client.get("/readyz").text == "ready\n"


def test_attack_a_state_saves_while_the_index_is_rebuilt(xaa, alice, committed, monkeypatch):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.")
    IndexedText.objects.filter(kind="answer").update(words="stale")
    numbers = iter([1])

    def save_meanwhile(respondent) -> None:
        if respondent == xaa:
            number = next(numbers)
            save(xaa, alice, number, f"Zebras were trained {number} times.")
            catch_up(xaa)

    act_between(monkeypatch, save_meanwhile)
    call_command("rebuild_search", stdout=io.StringIO())
    assert indexed("answer") == ["zebra train 1 time"]
    numbers = iter(range(2, 100))
    with pytest.raises(CommandError, match=r"^Not indexed, run again: Arandia\.$"):
        call_command("rebuild_search", stdout=io.StringIO())


def act_between(monkeypatch, act) -> None:
    """Have another process act between the reading of texts and the saving of their rows, until it has no more."""
    index = search.index_sealed

    def index_after_act(respondent, **given) -> None:
        with contextlib.suppress(StopIteration):
            act(respondent)
        index(respondent, **given)

    monkeypatch.setattr(search, "index_sealed", index_after_act)


def test_attack_a_text_stops_the_rebuilding_of_other_states(xaa, xbb, alice, charlie, monkeypatch, capsys, caplog):
    save(xaa, alice, 0, "Zebras were trained.")
    save(xbb, charlie, 0, "Quaggas were trained.")

    def make_row_of_others(*given, **texts):
        if texts.get("owner") == xaa.pk:
            raise ValueError
        return make_row(*given, **texts)

    monkeypatch.setattr(search, "make_row", make_row_of_others)
    with pytest.raises(CommandError, match=r"^Not indexed, run again: Arandia\.$"):
        call_command("rebuild_search")
    assert indexed("answer") == ["quagga train"]
    assert [record.message for record in caplog.records] == ["the texts of XAA were not indexed"]


def test_the_daily_job_indexes_what_is_behind(xaa, alice, committed, caplog):
    with committed():
        save(xaa, alice, 0, "Zebras were trained.")
    IndexState.objects.filter(chain="XAA").update(version=0)
    IndexedText.objects.filter(kind="answer").delete()
    IndexState.objects.filter(chain="").update(version=0)
    with lifted_triggers():
        Event.everyones.filter(chain="XAA").update(at="2026-01-01T00:00Z")
    call_command("maintain_files", verbosity=0)
    assert indexed("answer") == ["zebra train"]
    assert not is_index_behind()
    assert caplog.records == []


def test_a_state_that_cannot_be_caught_up_with_is_named_in_the_log(xaa, alice, monkeypatch, caplog):
    save(xaa, alice, 0, "Zebras were trained.")
    IndexState.objects.create(chain="XAA", number=0, version=0)
    numbers = iter(range(1, 100))
    index = IndexState.objects.filter(chain="XAA")
    act_between(monkeypatch, lambda _xaa: index.update(number=-next(numbers)))
    catch_up(xaa)
    assert [record.message for record in caplog.records] == ["the search is behind for XAA"]


def test_an_event_that_was_not_indexed_in_a_minute_is_behind(xaa, alice, owner):
    index_respondent(xaa)
    write_comment(respondent=xaa, unit=find_unit("I.13"), text="Which zebras?", after=0, by=alice)
    assert not is_index_behind()
    last = Event.everyones.filter(chain="XAA").latest("number")
    assert is_index_behind(at=last.at + timedelta(minutes=2))


# Files
