"""Two people, and then the words are nowhere: not in the database, not in the storage, not in a session."""

import re
import threading
from functools import partial
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction

from tests.catalogue_events import later_events
from tests.conftest import make_person
from tests.database import as_owner
from tests.documents import DOCUMENTS, PDF, typeset, upload, word_with, workbook_with
from tests.evidence_items import add_item
from tests.labels import titled
from tests.languages import MARK, another_language
from tests.races import done_first, results_at_once
from tests.removals import remove_words
from tests.storages import SilentStorage, UndyingStorage, break_storage
from tests.submissions import asked_about, opened_round, reply_to, submit_ready
from tests.verification import find_errors
from tracker.actions.assignment import assign
from tracker.actions.brief import save_brief
from tracker.actions.comment import write_comment
from tracker.actions.draft import Tab, keep_form, save_draft
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.evidence_text import index_sealed
from tracker.actions.export import request_export
from tracker.actions.held_upload import hold_upload
from tracker.actions.hidden_text import TABLES
from tracker.actions.proposal import add_proposal
from tracker.actions.record import WRITTEN, Answer, StaleAnswer, restore_revision, save_answer, save_note
from tracker.actions.remark import save_remark, start_reading
from tracker.actions.tasks import send_notifications, write_export
from tracker.actions.user import end_membership
from tracker.actions.withdrawal import (
    confirm_withdrawal,
    delete_files,
    find_withdrawable,
    refuse_withdrawal,
    request_withdrawal,
)
from tracker.actions.word_search import Searched, WordPlace
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    BriefText,
    Draft,
    Event,
    EvidenceFile,
    EvidenceVersion,
    Export,
    HeldUpload,
    HiddenText,
    Membership,
    Notification,
    Proposal,
    Quotation,
    Record,
    Reply,
    Revision,
    Session,
    Withdrawal,
)
from tracker.models.answer_fields import TEXTS
from tracker.models.change import Change, ChangeCode
from tracker.models.draft import new_tab
from tracker.models.proposal import EVIDENCE_NAMED
from tracker.models.user import Role
from tracker.queries.reminders import still_holds
from tracker.workflow import NotAllowed

WORDS = "Jane Doe"
SPELT = "The case of JANE\n doe, 2016."
FILES_WITH_WORDS = {
    "list.txt": SPELT,
    "case.pdf": typeset(SPELT),
    "case.docx": word_with("The case of Ja", "ne Doe"),
    "case.xlsx": workbook_with(SPELT),
}


@pytest.fixture
def add(xaa, alice):
    def add_(title="Law", **given) -> EvidenceVersion:
        if "file" in given:
            given["upload"] = check_upload(upload(*given.pop("file")))
        details = EvidenceDetails(**{"title": title, "kind": "law", "language": "en"} | given)
        return add_evidence(respondent=xaa, by=alice, details=details)

    return add_


@pytest.fixture
def save(xaa, alice, unit):
    def save_(label="I.13", base=0, change=WRITTEN, change_reason="", withdrawn=None, **said) -> Revision:
        return save_answer(
            respondent=xaa,
            unit=unit(label),
            base=base,
            withdrawn=withdrawn,
            answer=Answer(**{"status": "implemented"} | said),
            by=alice,
            change=change,
            change_reason=change_reason,
        )

    return save_


@pytest.fixture
def ask(xaa, alice, carol):
    """Ask for a withdrawal as alice; the primary key of the request."""

    def ask_(words=WORDS, files=(), reason="name") -> int:
        return request_withdrawal(respondent=xaa, by=alice, words=words, files=files, reason=reason).pk

    return ask_


def fields_of(places) -> set[tuple[str, tuple]]:
    return {(place.where, place.fields) for place in places}


def stored() -> list[str]:
    return default_storage.listdir("evidence/XAA")[1]


# Looking


def test_every_place_that_contains_the_words_is_shown(xaa, alice, unit, add, save):
    law = add(SPELT, citation="OG 12")
    linked = add("A", url="https://courts.example/jane%20doe")
    cited = add("B", citation=SPELT)
    named = add("C", file=("jane_doe.pdf", PDF))
    inside = add("D", file=("list.csv", f"name;year\n{SPELT};2016\n"))
    add("E", file=("other.csv", "name;year\nJohn Roe;2016\n"))
    save(measures=SPELT, reasons=SPELT)
    save(base=1, difficulties=SPELT, assistance=SPELT, citations=[(cited, SPELT)], change_reason=SPELT)
    save("I.14", lead_institution=SPELT)
    save("IV.46(i)", measures="Nothing.")
    save_note(respondent=xaa, unit=unit("IV.46(i)"), note=SPELT, by=alice)

    places, files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])
    assert fields_of(places) == {
        (f"{titled('I.13')}, version 1", ("reasons", "measures")),
        (f"{titled('I.13')}, version 2", ("difficulties", "assistance", "change_reason")),
        (f"{titled('I.13')}, version 2", ("pinpoint",)),
        (f"{titled('I.14')}, version 1", ("lead_institution",)),
        (titled("IV.46(i)"), ("note",)),
        (f"{law.evidence}, version 1", ("title",)),
        (f"{linked.evidence}, version 1", ("url",)),
        (f"{cited.evidence}, version 1", ("citation",)),
        (f"{named.evidence}, version 1", ("file_name",)),
    }
    assert files == {named.file, inside.file}


def test_each_place_is_named_in_the_language_of_the_reader():
    fields = dict.fromkeys((*TEXTS, EVIDENCE_NAMED), SPELT) | {"citations": [[1, SPELT]]}
    proposal = Proposal(fields=fields, decline_reason=SPELT)
    places = [WordPlace(kind(), kind.withdrawable) for kind in get_args(Searched)]
    places += [WordPlace(Record(), ("note",)), WordPlace(Draft(), ("fields",)), WordPlace(HeldUpload(), ("rows",))]
    places += [WordPlace(proposal, tuple(proposal.texts))]
    places.append(WordPlace(Quotation(), ("reason",)))
    assert {type(place.row) for place in places} == set(get_args(WordPlace.__annotations__["row"]))
    with another_language():
        names = [name for place in places for name in place.names]
    assert [name for name in names if MARK not in name] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "gb18030"])
def test_a_text_file_is_read_in_every_usual_encoding(xaa, alice, add, encoding):
    words = "王小明" if encoding == "gb18030" else "Анна Иванова"
    version = add(file=("a.txt", f"Дело: {words}\n".encode(encoding)))
    assert find_withdrawable(respondent=xaa, by=alice, words=words, files=[]) == ([], {version.file}, [])


def test_nothing_of_another_state_is_looked_at(xaa, xbb, alice, charlie, unit):
    answer = Answer(status="implemented", measures=WORDS)
    save_answer(respondent=xbb, unit=unit("I.13"), base=0, answer=answer, by=charlie)
    with pytest.raises(ValidationError):
        find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])


# Asking


def test_a_focal_point_asks_and_it_is_an_event_without_words(xaa, alice, save, ask):
    save(measures=WORDS)
    asked = Withdrawal.everyones.get(pk=ask())
    assert (asked.words, asked.reason, asked.state, asked.requested_by) == (WORDS, "name", "requested", alice)
    event = later_events().last()
    assert (event.action, event.target, event.before, event.after) == (
        "withdrawal requested",
        f"withdrawal {asked.pk}",
        "name",
        asked.make_digest(),
    )


def test_nobody_asks_for_a_file_of_another_state(xbb, charlie, ask):
    theirs = add_item(xbb, charlie, "Law", upload=check_upload(upload("law.pdf", PDF)))
    with pytest.raises(PermissionDenied):
        ask(words="", files=[theirs.file])


def test_nobody_asks_whose_role_ended_in_between(xaa, alice, erin, save, ask):
    save(measures=WORDS)
    make_person("anna", Role.FOCAL_POINT, xaa)  # the last one of a State is not ended
    own = Membership.objects.get(user=alice)
    with pytest.raises(PermissionDenied), done_first(partial(end_membership, membership=own, by=erin)):
        ask()
    assert Withdrawal.everyones.count() == 0


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"words": ""}, "__all__", "Enter the words, choose files, or do both."),
        ({"words": "J"}, "words", "Enter at least two letters or digits."),
        ({"words": " -.- "}, "words", "Enter at least two letters or digits."),
        ({"words": "John Roe"}, "words", "Nothing that your team recorded contains these words. Check the spelling."),
        ({"reason": "because"}, "reason", "Choose from the list."),
    ],
)
def test_what_cannot_be_asked_for(save, ask, given, field, message):
    save(measures=WORDS)
    with pytest.raises(ValidationError) as refused:
        ask(**given)
    errors = refused.value.message_dict if field != "__all__" else {"__all__": refused.value.messages}
    assert errors == {field: [message]}
    assert Withdrawal.everyones.count() == 0


def test_attack_words_written_again_stay_visible_since_their_removal_was_requested(xaa, alice, ask, carol):
    """The page says that they are hidden at once."""
    written = {"decisions": f"Write to {WORDS}."}
    save_brief(respondent=xaa, texts=written, base="", by=alice)
    pk = ask()
    save_brief(respondent=xaa, texts=written, base=f"1.{pk}", by=alice)
    events = Event.everyones.count()
    assert ask() == pk
    assert list(BriefText.everyones.values_list("decisions", "withdrawal")) == [("", pk)] * 2
    assert (Event.everyones.count(), find_errors()) == (events, [])
    refuse_withdrawal(pk=pk, by=carol)
    assert list(BriefText.everyones.values_list("decisions", "withdrawal")) == [(written["decisions"], None)] * 2


def test_a_double_click_asks_once(save, add, ask):
    save(measures=WORDS)
    file = add(file=("law.pdf", PDF)).file
    assert ask() == ask()
    assert ask(files=[file]) == ask(files=[file])
    assert Withdrawal.everyones.count() == 2


def test_who_can_confirm_is_notified_while_the_request_is_pending(xaa, save, ask, alice, carol, erin, bob, mailoutbox):
    make_person("victor", Role.VIEWER, xaa)
    save(measures=WORDS)
    pk = ask()
    rows = Notification.objects.filter(kind="removal_requested").order_by("pk")
    assert list(rows.values_list("user__name", "thing", "path")) == [
        ("Carol", f"withdrawal {pk}", f"/desk/XAA/withdrawals/{pk}/"),
        ("Erin", f"withdrawal {pk}", f"/withdrawals/{pk}/"),
    ]
    send_notifications.call("removal_requested", f"withdrawal {pk}")
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["carol@example.org"], "Removal of identifying information to confirm: Arandia"),
        (["erin@example.org"], "Removal of identifying information to confirm: Arandia"),
    ]
    assert WORDS not in mailoutbox[0].body
    refuse_withdrawal(pk=pk, by=carol)
    assert [still_holds(row) for row in rows] == [False, False]


# Deciding


def test_who_may_confirm(xaa, save, ask, carol, erin, charlie, bob, dana):
    save(measures=WORDS)
    pk = ask()
    for person in (charlie, bob, dana, make_person("victor", Role.VIEWER, xaa)):
        for decide in (confirm_withdrawal, refuse_withdrawal, delete_files):
            with pytest.raises(PermissionDenied):
                decide(pk=pk, by=person)
    assert confirm_withdrawal(pk=pk, by=erin).state == "confirmed"
    save(base=1, withdrawn=pk, difficulties=WORDS)
    assert confirm_withdrawal(pk=ask(), by=carol).state == "confirmed"


@pytest.mark.parametrize("decide", [confirm_withdrawal, refuse_withdrawal])
def test_nobody_decides_whose_role_ended_in_between(decide, save, ask, alice, carol):
    save(measures=WORDS)
    pk, own = ask(), Membership.objects.get(user=carol)
    assert carol.respondent_ids  # as the page reads them
    with pytest.raises(PermissionDenied), done_first(partial(end_membership, membership=own, by=alice)):
        decide(pk=pk, by=carol)
    assert Withdrawal.everyones.get().state == "requested"


def test_what_is_decided_is_not_decided_again(save, ask, carol, erin):
    save(measures=WORDS)
    pk = ask()
    refuse_withdrawal(pk=pk, by=carol)
    for decide in (confirm_withdrawal, refuse_withdrawal):
        with pytest.raises(NotAllowed):
            decide(pk=pk, by=erin)
    assert Revision.everyones.get().measures == WORDS


def test_a_refusal_destroys_nothing_and_forgets_the_words(save, add, ask, carol):
    save(measures=WORDS)
    file = add(file=("law.pdf", PDF)).file
    refused = refuse_withdrawal(pk=ask(files=[file]), by=carol)
    refused.refresh_from_db()
    assert (refused.state, refused.words, refused.decided_by) == ("refused", "", carol)
    assert (Revision.everyones.get().measures, EvidenceFile.everyones.get().file.read()) == (WORDS, PDF)
    assert list(refused.files(manager="everyones").all()) == []


# Hiding at once, and showing again


def tables_with(words: str) -> set[str]:
    """The tables of the site, without the catalogue, that hold the words."""
    found = set()
    with as_owner(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if table.startswith("tracker_") and re.search(rf"\b{words}\b", str(cursor.fetchall()), re.IGNORECASE):
                found.add(table)
    return found


def rows_of_everything() -> dict[str, list[dict]]:
    """All rows that a request can hide something of, without the tabs of drafts, which it renews."""
    rows = {table: list(model.everyones.order_by("pk").values()) for table, model in TABLES.items()}
    return rows | {"tracker_draft": list(Draft.everyones.exclude(fields={}).values("author", "unit", "base", "fields"))}


@pytest.fixture
def everywhere(xaa, alice, bob, carol, unit, save, add):
    """The words in every kind of row, and in files of every kind."""
    texts = dict.fromkeys(TEXTS, SPELT) | {"assistance_kinds": ["training"]}
    held = [add(f"{WORDS} {name}", file=(name, content)).file for name, content in FILES_WITH_WORDS.items()]
    cited = add(SPELT, citation=SPELT)
    save(**texts, citations=[(cited, SPELT)], change_reason=SPELT)
    save(base=1, **texts | {"measures": "No word.", "citations": [(cited, "p. 1")], "ready": True})
    save_note(respondent=xaa, unit=unit("I.14"), note=SPELT, by=alice)
    typed = {"measures": [SPELT], "difficulties": ["Funds."]}
    save_draft(respondent=xaa, unit=unit("I.14"), tab=Tab(new_tab()), base=0, fields=typed, by=carol)
    write_comment(respondent=xaa, unit=unit("I.13"), text=SPELT, after=0, by=alice)
    assign(respondent=xaa, units=[unit("I.14")], to=carol, note=SPELT, by=alice)
    suggested = Answer(status="implemented", measures=SPELT, citations=[(cited, SPELT)])
    add_proposal(respondent=xaa, unit=unit("I.14"), base=0, answer=suggested, by=carol)
    save_brief(respondent=xaa, texts=dict.fromkeys(BriefText.digested, SPELT), base="", by=alice)
    question = asked_about(submit_ready(xaa, opened_round(bob, meetings=[1]), alice), {"I.13": SPELT}, bob)["I.13"]
    reply_to(question, SPELT, alice)
    return held


def test_a_request_hides_everything_at_once(xaa, alice, everywhere, ask):
    before = tables_with("doe")
    pk = ask()
    assert tables_with("doe") == {"tracker_withdrawal", "tracker_hiddentext"}
    assert before >= {
        "tracker_revision",
        "tracker_citation",
        "tracker_evidenceversion",
        "tracker_comment",
        "tracker_draft",
    }
    assert [file.file.name for file in EvidenceFile.everyones.all()] == [""] * len(everywhere)
    revision = Revision.everyones.get(number=1)
    assert revision.shown_value("measures") == "Hidden: a request to remove identifying information is pending."
    assert revision.withdrawal_id == pk
    assert HiddenText.objects.visible_to(alice).count() == 0
    assert find_errors() == []


def test_declining_shows_everything_again(alice, carol, everywhere, ask):
    before = rows_of_everything()
    refuse_withdrawal(pk=ask(), by=carol)
    assert rows_of_everything() == before
    assert (HiddenText.everyones.count(), find_errors()) == (0, [])


@pytest.mark.thorough
def test_confirming_destroys_what_was_hidden(carol, everywhere, ask, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        confirm_withdrawal(pk=ask(), by=carol)
    assert tables_with("doe") == set()
    assert (stored(), HiddenText.everyones.count(), find_errors()) == ([], 0, [])


def test_who_requested_by_mistake_shows_it_again(save, ask, alice):
    save(measures=WORDS)
    assert refuse_withdrawal(pk=ask(), by=alice).state == "refused"
    assert Revision.everyones.get().measures == WORDS


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_page_opened_before_does_not_restore_the_words(save, ask, carol, is_confirmed):
    save(measures=WORDS)
    pk = ask()
    if is_confirmed:
        confirm_withdrawal(pk=pk, by=carol)
    with pytest.raises(StaleAnswer):
        save(base=1, measures=WORDS, difficulties="Funds.")
    assert save(base=1, withdrawn=pk, measures="The case of the victim.").number == 2


def test_what_was_written_since_stays_when_hidden_text_returns(xaa, alice, carol, unit, save, ask):
    save(measures=WORDS)
    save_note(respondent=xaa, unit=unit("I.13"), note=WORDS, by=alice)
    typed = {"measures": [WORDS]}
    save_draft(respondent=xaa, unit=unit("I.13"), tab=Tab(new_tab()), base=1, fields=typed, by=carol)
    pk = ask()
    save(base=1, withdrawn=pk, measures="Law No. 17")
    save_note(respondent=xaa, unit=unit("I.13"), note="New.", by=alice)
    draft = Draft.objects.visible_to(carol).get()
    newer = {"measures": ["Newer."]}
    save_draft(respondent=xaa, unit=unit("I.13"), tab=Tab(draft.tab), base=1, fields=newer, by=carol)
    refuse_withdrawal(pk=pk, by=carol)
    assert list(Revision.everyones.order_by("number").values_list("measures", flat=True)) == [WORDS, "Law No. 17"]
    assert Record.everyones.get().note == f"New.\n\n{WORDS}"
    assert [row.fields for row in Draft.objects.visible_to(carol).order_by("pk")] == [newer, typed]


def test_what_can_be_made_again_is_destroyed_at_once(
    xaa, alice, bob, save, ask, client, django_capture_on_commit_callbacks
):
    """Exports with answers of the State, and what waits in a session; those of others stay."""
    save(measures=WORDS, ready=True)
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    write_export.call(request_export(rounds=[], by=bob).pk)
    other = Export.objects.create(owner=bob, state="done", file="exports/other", sources=[0])
    assert Export.objects.visible_to(bob).count() == 2
    keep_form(page="/desk/XAA/recommendations/I-14/", fields={"measures": [WORDS]}, author=alice.pk)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
        assert list(Export.objects.visible_to(bob)) == [other]  # whatever the storage does then
    assert list(Export.objects.all()) == [other]
    assert default_storage.listdir("exports")[1] == []
    assert Draft.everyones.count() == 0


OTHER = "John Roe"


@pytest.fixture
def two(save, add, ask) -> tuple[int, int]:
    """Two pending requests: a field for each, a field and a file with both."""
    text = f"{WORDS} and {OTHER}"
    add(file=("a.txt", text))
    save(measures=WORDS, difficulties=OTHER, assistance=text)
    return ask(), ask(words=OTHER)


def texts_left() -> tuple[list[str], bool]:
    """The three fields, and whether the file is there; the trail holds."""
    assert find_errors() == []
    revision = Revision.everyones.get()
    return [revision.measures, revision.difficulties, revision.assistance], bool(EvidenceFile.everyones.get().file)


def test_of_two_requests_each_is_decided_by_itself(two, carol):
    first, second = two
    assert texts_left() == (["", "", ""], False)
    refuse_withdrawal(pk=first, by=carol)
    assert texts_left() == ([WORDS, "", ""], False)  # the other still hides what has its words
    refuse_withdrawal(pk=second, by=carol)
    assert texts_left() == ([WORDS, OTHER, f"{WORDS} and {OTHER}"], True)
    assert Revision.everyones.get().withdrawal is None


def test_the_second_of_two_requests_destroys_what_the_first_hid(two, carol):
    first, second = two
    confirm_withdrawal(pk=second, by=carol)
    assert texts_left() == (["", "", ""], False)
    refuse_withdrawal(pk=first, by=carol)
    assert texts_left() == ([WORDS, "", ""], False)
    assert Revision.everyones.get().withdrawal_id == second


def test_the_first_of_two_requests_leaves_the_second_what_it_hid(two, carol):
    first, second = two
    confirm_withdrawal(pk=first, by=carol)
    refuse_withdrawal(pk=second, by=carol)
    assert texts_left() == (["", OTHER, ""], False)
    assert Revision.everyones.get().withdrawal_id == first


def test_a_draft_stays_hidden_when_another_request_has_the_name_of_its_field(xaa, carol, save, unit, ask):
    """Hidden drafts have the names of their fields beside the text."""
    typed = {"measures": [WORDS]}
    save_draft(respondent=xaa, unit=unit("I.14"), tab=Tab(new_tab()), base=0, fields=typed, by=carol)
    save(difficulties="Measures were late.")
    ask()
    confirm_withdrawal(pk=ask(words="measures"), by=carol)
    assert [draft.fields for draft in Draft.objects.visible_to(carol)] == [{}]
    assert Revision.everyones.get().difficulties == ""


def test_words_that_are_hidden_already_can_be_requested(save, ask, carol):
    save(measures=f"{WORDS} and {OTHER}")
    first, second = ask(), ask(words=OTHER)
    refuse_withdrawal(pk=first, by=carol)
    confirm_withdrawal(pk=second, by=carol)
    assert Revision.everyones.get().measures == ""


def test_words_that_were_saved_since_the_request_are_destroyed_too(save, ask, carol):
    save(measures=WORDS)
    pk = ask()
    save("I.14", measures=WORDS)
    confirm_withdrawal(pk=pk, by=carol)
    assert list(Revision.everyones.values_list("measures", flat=True)) == ["", ""]


def test_altered_hidden_text_is_noticed(save, ask):
    save(measures=WORDS)
    ask()
    HiddenText.everyones.update(value="John Roe")
    assert find_errors() == ["XAA, record I.13, revision 1: altered"]


# Destroying


def test_a_field_is_emptied_in_every_revision_and_no_other(save, ask, carol):
    save(measures=SPELT, difficulties="Funds.")
    save(base=1, measures="Law No. 17", difficulties="Funds.")
    withdrawal = confirm_withdrawal(pk=ask(), by=carol)
    first, second = Revision.everyones.order_by("number")
    assert (first.measures, first.difficulties, first.withdrawal) == ("", "Funds.", withdrawal)
    assert (second.measures, second.difficulties, second.withdrawal) == ("Law No. 17", "Funds.", None)
    assert (first.is_withdrawn("measures"), first.is_withdrawn("difficulties")) == (True, False)
    assert "measures" not in first.salts
    assert "measures" in first.field_digests
    assert first.shown_value("measures").startswith("Removed on ")


def test_a_place_that_was_cited_before_does_not_bring_the_words_back(save, add, ask, carol):
    piece = add(citation="Gazette")
    save(measures="Law No. 17", citations=[(piece, WORDS)])
    pk = confirm_withdrawal(pk=ask(), by=carol).pk
    with pytest.raises(StaleAnswer):
        save(base=1, measures="Law No. 18", citations=[(piece, WORDS)])
    assert save(base=1, withdrawn=pk, measures="Law No. 18", citations=[(piece, "")]).number == 2


def test_an_earlier_revision_can_be_restored_without_them(save, ask, carol, alice):
    first = save(measures="Law No. 17")
    save(base=1, measures=WORDS)
    confirm_withdrawal(pk=ask(), by=carol)
    assert restore_revision(revision=first, base=2, by=alice).measures == "Law No. 17"


def test_a_revision_that_was_looked_up_before_does_not_bring_the_words_back(save, ask, carol, alice):
    looked_up = save(measures=WORDS, difficulties="Funds.")
    save(base=1, measures="Law No. 17")
    confirm_withdrawal(pk=ask(), by=carol)
    restored = restore_revision(revision=looked_up, base=2, by=alice)
    assert (restored.measures, restored.difficulties) == ("", "Funds.")


def test_reasons_that_were_due_may_be_withdrawn(save, ask, carol):
    save(status="considered_not_taken_up", reasons=WORDS)
    confirm_withdrawal(pk=ask(), by=carol)
    assert Revision.everyones.get().reasons == ""


def test_a_name_is_removed_from_how_an_answer_was_made(xaa, alice, save, ask, carol):
    save(measures="Law", change=Change.of(ChangeCode.SUGGESTION, [SPELT]))
    [place] = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])[0]
    assert (place.where, place.names) == (f"{titled('I.13')}, version 1", ["Details of the change"])
    confirm_withdrawal(pk=ask(), by=carol)
    revision = Revision.everyones.get()
    assert (revision.change_details, revision.change_text) == ("", revision.withdrawal_note)
    assert revision.holds([]) is True


def test_every_digest_still_holds(xaa, save, add, ask, carol):
    piece = add(SPELT, file=("Jane Doe.txt", SPELT))
    save(measures=SPELT, citations=[(piece, SPELT)], change_reason=SPELT)
    save(base=1, measures="Law", citations=[(piece, "art. 9")])
    digests = list(Revision.everyones.values_list("digest", flat=True))
    confirm_withdrawal(pk=ask(), by=carol)
    for revision in Revision.everyones.all():
        assert revision.holds(list(revision.citations(manager="everyones").order_by("position"))) is True
    assert [version.holds() for version in EvidenceVersion.everyones.all()] == [True]
    assert list(Revision.everyones.values_list("digest", flat=True)) == digests


def test_the_words_of_another_state_stay(xbb, charlie, unit, save, ask, carol):
    answer = Answer(status="implemented", measures=WORDS)
    save_answer(respondent=xbb, unit=unit("I.13"), base=0, answer=answer, by=charlie)
    save(measures=WORDS)
    confirm_withdrawal(pk=ask(), by=carol)
    assert sorted(Revision.everyones.values_list("measures", flat=True)) == ["", WORDS]


def test_confirming_is_an_event_that_counts_and_says_no_word(save, add, ask, carol):
    save(measures=WORDS, reasons=WORDS)
    save("I.14", measures=WORDS)
    add(file=("a.txt", WORDS))
    pk = ask()
    withdrawal = confirm_withdrawal(pk=pk, by=carol)
    event = later_events().last()
    assert (event.action, event.target, event.actor, event.after) == (
        "withdrawal confirmed",
        f"withdrawal {pk}",
        carol,
        f"3 places, 1 files {withdrawal.make_digest()}",
    )
    both = {digest: name for digest, name in withdrawal.places if name in {"measures", "file"}}
    assert both == {
        **dict.fromkeys(Revision.everyones.values_list("digest", flat=True), "measures"),
        EvidenceFile.everyones.get().sha256: "file",
    }


def test_a_file_is_destroyed_and_its_digest_stays(add, ask, carol, django_capture_on_commit_callbacks):
    version = add(file=("photo.png", DOCUMENTS[".png"]))
    kept_one = add(file=("law.pdf", PDF))
    with django_capture_on_commit_callbacks(execute=True):
        withdrawal = confirm_withdrawal(pk=ask(words="", files=[version.file], reason="image"), by=carol)
    file = EvidenceFile.everyones.get(pk=version.file.pk)
    assert (file.file.name, file.sha256, file.withdrawal) == ("", version.file.sha256, withdrawal)
    assert stored() == [kept_one.file.file.name.removeprefix("evidence/XAA/")]
    assert Withdrawal.everyones.get().undestroyed == []
    assert later_events().last().after == "1 destroyed, 0 left"
    version.refresh_from_db()
    assert version.holds() is True


def test_a_withdrawn_file_is_not_kept_again_nor_counted(add, ask, carol, settings):
    version = add(file=("photo.png", DOCUMENTS[".png"]))
    confirm_withdrawal(pk=ask(words="", files=[version.file]), by=carol)
    with pytest.raises(ValidationError, match="removed because it identifies a victim"):
        add("Again", file=("other.png", DOCUMENTS[".png"]))
    settings.EVIDENCE_QUOTA = len(PDF)
    assert add(file=("law.pdf", PDF)).file.size == len(PDF)


def test_nothing_is_destroyed_when_a_file_cannot_be_read(save, add, ask, carol, settings):
    save(measures=WORDS)
    add(file=("a.txt", "Law"))
    pk = ask()
    break_storage(settings, SilentStorage)
    with pytest.raises(ValidationError, match="nothing was done"):
        confirm_withdrawal(pk=pk, by=carol)
    assert Withdrawal.everyones.get().state == "requested"


def test_words_are_hidden_though_a_file_cannot_be_read(xaa, alice, save, add, ask, settings):
    save(measures=WORDS)
    file = add(file=("a.txt", "Law")).file
    break_storage(settings, SilentStorage)
    assert find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[]).unsearched == [file]
    ask()
    assert Revision.everyones.get().measures == ""


def test_a_missing_file_does_not_prevent_the_removal(save, add, ask, carol):
    save(measures=WORDS)
    default_storage.delete(add(file=("a.txt", "Law")).file.file.name)
    confirm_withdrawal(pk=ask(), by=carol)
    assert Revision.everyones.get().measures == ""


def test_bytes_that_were_not_deleted_are_known_and_tried_again(
    add, ask, alice, carol, settings, django_capture_on_commit_callbacks
):
    file = add(file=("photo.png", DOCUMENTS[".png"])).file
    break_storage(settings, UndyingStorage)
    with django_capture_on_commit_callbacks(execute=True):
        pk = confirm_withdrawal(pk=ask(words="", files=[file]), by=carol).pk
    assert Withdrawal.everyones.get().undestroyed == [file.file.name]
    assert EvidenceFile.everyones.get().file.name == ""
    assert delete_files(pk=pk, by=alice) is False

    break_storage(settings, FileSystemStorage)
    assert delete_files(pk=pk, by=alice) is True
    assert delete_files(pk=pk, by=alice) is True
    assert (stored(), Withdrawal.everyones.get().undestroyed) == ([], [])
    said = Event.everyones.filter(action="withdrawn files destroyed").order_by("number").values_list("after", flat=True)
    assert list(said) == ["0 destroyed, 1 left", "0 destroyed, 1 left", "1 destroyed, 0 left"]


def everything() -> str:
    """Every value in every table, sessions unpacked, and every byte in storage."""
    with as_owner(), connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    sessions = [session.get_decoded() for session in Session.objects.all()]
    files = [path.read_bytes() for path in Path(default_storage.location).rglob("*") if path.is_file()]
    return str(list(chain(rows, sessions, files)))


@pytest.mark.django_db(transaction=True)
def test_after_it_the_words_are_nowhere(xaa, alice, carol, unit, client):
    canary = "Quetzalcoatl"
    piece = add_item(xaa, alice, canary, upload=check_upload(upload(f"{canary}.txt", f"of {canary.upper()}")))
    for citation in (canary, f"{canary} v. State"):
        add_item(xaa, alice, "Judgment", kind="judgment", citation=citation)
    for base in (0, 1):
        text = f"{canary} {base}"
        answer = Answer(
            status="considered_not_taken_up",
            reasons=text,
            measures=text,
            difficulties=text,
            assistance_kinds=["training"],
            assistance=text,
            lead_institution=text,
            citations=[(piece, text)],
        )
        save_answer(
            respondent=xaa, unit=unit("I.13"), base=base, answer=answer, by=alice, change_reason=f"about {canary}"
        )
    save_note(respondent=xaa, unit=unit("I.13"), note=canary, by=alice)
    typed = {"measures": [f"{canary} of whom I write"], "new-url": [f"https://example.org/{canary}"]}
    save_draft(respondent=xaa, unit=unit("I.14"), tab=Tab(new_tab()), base=0, fields=typed, by=carol)
    for page in ("/desk/XAA/recommendations/I-13/", "/submissions/XAA/2026/1/questions/"):
        keep_form(page=page, fields={"measures": [f"{canary} again"]}, author=alice.pk)
    assert everything().lower().count(canary.lower()) > 20

    remove_words(canary.lower(), xaa, alice, carol)
    assert canary.lower() not in everything().lower()
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_attack_the_name_of_a_removed_file_stays(desk, xaa, alice, bob, carol, add, save):
    """The file is chosen, and no words are entered: its name may say whose testimony it is."""
    canary = "Quetzalcoatl"
    named = [add(title=title, file=(f"Testimony of {canary} {title}.pdf", PDF)) for title in ("Law", "Judgment")]
    details = {"title": "Act", "kind": "law", "language": "en"}
    newer = change_evidence(evidence=named[0].evidence, base="1.0", by=alice, details=EvidenceDetails(**details))
    save(ready=True, citations=[(newer, "p. 3")])
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    pages = ["/desk/XAA/evidence/", "/desk/XAA/evidence/1/", "/desk/XAA/report/view/", "/desk/XAA/search/?q=testimony"]
    hold_upload(respondent=xaa, upload=check_upload(upload(f"{canary} again.pdf", PDF)), by=carol)
    index_sealed(xaa)
    assert everything().lower().count(canary.lower()) > 4

    ask = partial(request_withdrawal, respondent=xaa, by=alice, words="", files=[named[0].file], reason="name")
    refuse_withdrawal(pk=ask().pk, by=alice)
    names = EvidenceVersion.everyones.order_by("pk").values_list("file_name", flat=True).all
    assert [name.split()[-1] for name in names()] == ["Law.pdf", "Judgment.pdf", "Law.pdf"]
    pk = ask().pk
    assert list(names()) == ["", "", ""]
    assert [url for url in pages if canary in desk.get(url, follow=True).content.decode()] == []
    confirm_withdrawal(pk=pk, by=carol)
    assert canary.lower() not in everything().lower()
    assert [url for url in pages if canary in desk.get(url, follow=True).content.decode()] == []
    assert [version.holds() for version in EvidenceVersion.everyones.all()] == [True, True, True]
    assert find_errors() == []


def test_attack_a_declined_request_shows_the_name_of_a_file_that_another_removed(add, ask, carol):
    version = add(file=("Quetzalcoatl.txt", "The case of Jane Doe."))
    chosen, words = ask(words="", files=[version.file]), ask()
    confirm_withdrawal(pk=words, by=carol)
    refuse_withdrawal(pk=chosen, by=carol)
    version.refresh_from_db()
    assert (version.file_name, version.file.file.name) == ("", "")
    assert "Quetzalcoatl" not in everything()


@pytest.mark.parametrize(
    ("page", "typed", "stays"),
    [
        ("/desk/XBB/recommendations/I-13/", WORDS, True),
        ("/desk/XAA/recommendations/I-14/", "Law", True),
        ("/desk/XAA/recommendations/I-14/", WORDS, False),
        ("/desk/XAA/evidence/add/", "https://laws.example/Jane%20Doe", False),
    ],
)
def test_a_removal_deletes_forms_of_the_state_with_the_words(save, ask, carol, charlie, page, typed, stays):
    save(measures=WORDS)
    keep_form(page=page, fields={"title": ["Judgment"], "text": [typed]}, author=charlie.pk)
    confirm_withdrawal(pk=ask(), by=carol)
    assert Draft.everyones.exists() is stays


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the log of SQLite")
@pytest.mark.django_db(transaction=True)
def test_the_log_of_sqlite_is_emptied(save, ask, carol):
    save("I.13", measures=WORDS)
    log, request = Path(f"{connection.settings_dict['NAME']}-wal"), ask()
    assert WORDS.encode() in log.read_bytes()
    confirm_withdrawal(pk=request, by=carol)
    assert WORDS.encode() not in log.read_bytes()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["I.13", "I.14"])
def test_words_that_are_being_saved_do_not_slip_through(xaa, alice, carol, save, ask, unit, label):
    """Whether they are the first answer on a unit or the next."""
    save("I.13", measures=WORDS)
    removing = threading.Thread(target=lambda: (confirm_withdrawal(pk=ask(), by=carol), connection.close()))
    with transaction.atomic():
        save(label, base=1 if label == "I.13" else 0, difficulties=WORDS)
        removing.start()
        while removing.is_alive() and not is_waiting():
            pass
    removing.join()
    assert set(Revision.everyones.values_list("measures", "difficulties")) == {("", "")}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_an_answer_in_words_that_is_being_saved_does_not_slip_through(alice, bob, carol, clarified, ask):
    current = clarified.remark.item.submission.participation.current
    asked = asked_about(current, {"I.14": "Since when?"}, bob)
    removing = threading.Thread(target=lambda: (confirm_withdrawal(pk=ask(), by=carol), connection.close()))
    with transaction.atomic():
        reply_to(asked["I.14"], f"{WORDS}, again.", alice)
        removing.start()
        while removing.is_alive() and not is_waiting():
            pass
    removing.join()
    assert set(Reply.everyones.values_list("text", flat=True)) == {""}


@pytest.mark.django_db(transaction=True)
def test_two_requests_are_decided_at_once(save, ask, carol):
    save("I.13", measures=WORDS)
    save("I.14", measures="John Roe")
    confirmed, refused = ask(), ask(words="John Roe")
    results_at_once(
        partial(confirm_withdrawal, pk=confirmed, by=carol), partial(refuse_withdrawal, pk=refused, by=carol)
    )
    assert list(Withdrawal.everyones.order_by("pk").values_list("state", flat=True)) == ["confirmed", "refused"]
    assert set(Revision.everyones.values_list("measures", flat=True)) == {"", "John Roe"}


def is_waiting() -> bool:
    """Whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


# Clarifications


@pytest.fixture
def clarified(xaa, alice, bob, save):
    """A question and an answer to it in words that hold the words; and a remark not sent yet."""
    save(measures="The Act.", ready=True)
    first = submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    question = asked_about(first, {"I.13": f"Who is {WORDS}?"}, bob)["I.13"]
    reply_to(question, f"{WORDS} is nobody.", alice)
    return Reply.everyones.get()


def test_questions_and_answers_to_them_are_searched_and_emptied(xaa, alice, clarified, ask, carol):
    places, _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])
    where = f"{titled('I.13')}: request for clarification or reply, XAA/2026/1"
    assert fields_of(places) == {(where, ("question",)), (where, ("text",))}
    withdrawal = confirm_withdrawal(pk=ask(), by=carol)
    reply = Reply.everyones.get()
    for row, name in ((reply, "text"), (reply.remark, "question")):
        assert (getattr(row, name), row.shown_value(name), row.has_same_fields()) == ("", row.withdrawal_note, True)
        assert row.make_digest() == row.digest
        assert [row.digest, name] in withdrawal.places


def test_what_a_reviewer_has_not_sent_is_not_the_states_to_look_through(xaa, alice, bob, save):
    save(measures="The Act.", ready=True)
    first = submit_ready(xaa, opened_round(bob, meetings=[1]), alice)
    start_reading(submission=first, by=bob)
    item = first.items(manager="everyones").get(unit__label="I.13")
    save_remark(item=item, kind="clarification_requested", question=f"Who is {WORDS}?", by=bob)
    with pytest.raises(ValidationError):
        find_withdrawable(respondent=xaa, by=alice, words=WORDS, files=[])
