"""Each day a list is signed and published; with a line or a copy kept elsewhere every change of the past is found."""

import json
import re
import runpy
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings as site
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import save_for_xaa
from tests.database import lifted_triggers
from tests.pages import words
from tests.races import at_once
from tests.submissions import submit_ready
from tests.tracker.views.test_submission import pdf_words
from tests.verification import name_rows
from tracker.actions.daily_list import sign_daily_list
from tracker.audit.daily_list import LineFinding, NotSigned, check_line, find_errors
from tracker.demo.clock import on_day
from tracker.models import ChainHead, DailyLine, DailyList, Event, EventRow, Respondent
from tracker.models.digest import digest_value
from tracker.models.state_owned import NotVisible

PATH = site.BASE_DIR / "docs/verify/verify.py"
SCRIPT = runpy.run_path(str(PATH))
ANOTHER_KEY = "ab" * 32
OWN_KEY = site.SIGNING_KEY
NOT_TIED = "signatures are not tied to a known key"


def day(number: int):
    return timezone.localdate() + timedelta(days=number)


def sign_on(number: int) -> DailyList:
    with on_day(day(number)):
        return sign_daily_list()[0]


@pytest.fixture
def act(xaa, alice, unit):
    """One more event in the trail of Arandia."""

    def save(base: int) -> None:
        save_for_xaa("I.13", base=base, measures=f"Act {base}.", ready=True)

    return save


@pytest.fixture
def signed(act) -> list[DailyList]:
    """The lists of three days, with an act of Arandia before each."""
    lists = []
    for number in range(3):
        act(number)
        lists.append(sign_on(number))
    return lists


def letters(text: str) -> str:
    """Leave out spaces, and the places at which a PDF breaks long words."""
    return re.sub(r"[\s\u200b]", "", text)


def line_of(signed: DailyList, chain: str = "XAA") -> DailyLine:
    return DailyLine.everyones.select_related("list").get(list=signed, chain=chain)


def published(client, name: str = "log") -> str:
    address = reverse("daily_list_log") if name == "log" else reverse("daily_list_day", args=[name])
    return client.get(address).content.decode()


def faults(*files: str, line: str | None = None) -> list[str]:
    return SCRIPT["checked_files"](files, line)[0]


def not_tied(log: str, *keys: str) -> list[str]:
    """Return for which lists no owner of a public key vouches, in a log without faults."""
    wrong, loose, _words = SCRIPT["checked_files"]([log], None, keys)
    assert wrong == []
    return loose


def private_key(digits: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits))


def public_key(digits: str) -> str:
    return private_key(digits).public_key().public_bytes_raw().hex()


@pytest.fixture
def change_key(settings):
    """Give the site another key, and the former one for the first list of the new key."""

    def change(former: str = OWN_KEY) -> None:
        settings.SIGNING_KEY, settings.FORMER_SIGNING_KEY = ANOTHER_KEY, former

    return change


# Signing


def test_each_list_names_the_one_before(signed, client):
    one, two, three = signed
    assert [row.number for row in signed] == [1, 2, 3]
    assert [row.previous_digest for row in signed] == ["", one.make_digest(), two.make_digest()]
    assert list(find_errors()) == []
    assert faults(published(client), *(published(client, str(row.day)) for row in signed)) == []
    assert three.day == day(2)


def test_on_one_day_one_list_is_signed(act, capsys):
    act(0)
    call_command("sign_daily_list")
    act(1)
    call_command("sign_daily_list")
    [row] = DailyList.objects.all()
    assert line_of(row).number == 1
    assert capsys.readouterr().out == (
        f"Daily list 1 of {row.day} signed with key 1.\nDaily list 1 of {row.day} was signed before with key 1.\n"
    )


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_sign_one_list():
    assert at_once(*[sign_daily_list] * 4) == ["done"] * 4
    assert DailyList.objects.count() == 1
    assert list(find_errors()) == []


def test_after_days_without_a_list_the_next_names_the_last(db, client):
    first, later = sign_on(0), sign_on(5)
    assert (later.number, later.previous_digest) == (2, first.make_digest())
    assert list(find_errors()) == faults(published(client)) == []


def test_a_clock_put_back_signs_nothing(db):
    last = sign_on(1)
    with pytest.raises(NotSigned, match=f"The last daily list is of {last.day}: the clock of this machine says"):
        sign_on(0)
    assert DailyList.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "error"), [("", "SIGNING_KEY is empty"), ("de", "SIGNING_KEY must be 64 hexadecimal digits")]
)
def test_without_a_key_the_job_and_the_check_say_so(db, settings, key, error):
    assert "SIGNING_KEY" not in str(run_checks(tags=["security"]))
    settings.SIGNING_KEY = key
    with pytest.raises(CommandError, match=error):
        call_command("sign_daily_list")
    assert error in str(run_checks(tags=["security"]))
    assert not DailyList.objects.exists()


def test_the_former_key_signs_the_first_list_of_a_new_key(db, client, change_key):
    former = sign_on(0)
    change_key()
    newer, newest = sign_on(1), sign_on(2)
    assert [(row.key_number, row.log) for row in (former, newer, newest)] == [(1, 1), (2, 1), (2, 1)]
    assert [bool(row.introduction) for row in (former, newer, newest)] == [False, True, False]
    page, log = words(client.get(reverse("daily_list"))), published(client)
    assert former.public_key in page
    assert newer.public_key in page
    assert "is lost or no longer trusted" not in page
    assert list(find_errors()) == []
    matching = f"3 lists match, signed with key 1 {former.public_key}, 2 {newer.public_key}"
    assert SCRIPT["checked_files"]([log]) == ([], [NOT_TIED], matching)
    assert not_tied(log, former.public_key) == not_tied(log, newer.public_key) == []


@pytest.mark.parametrize("former", ["", "12" * 32, ANOTHER_KEY])
def test_a_new_key_without_the_former_one_signs_nothing(db, change_key, former):
    sign_on(0)
    change_key(former)
    with pytest.raises(NotSigned, match="Give the former key as FORMER_SIGNING_KEY"):
        sign_on(1)
    assert DailyList.objects.count() == 1


def test_a_former_key_of_another_length_is_named_by_the_check(settings):
    settings.FORMER_SIGNING_KEY = "de"
    assert "FORMER_SIGNING_KEY must be 64 hexadecimal digits" in str(run_checks(tags=["security"]))


def test_after_a_lost_key_a_new_log_begins_and_is_announced(
    db, client, change_key, alice, bob, erin, mailoutbox, django_capture_on_commit_callbacks
):
    former = sign_on(0)
    change_key("")
    with on_day(day(1)), django_capture_on_commit_callbacks(execute=True):
        call_command("sign_daily_list", new_log=True, verbosity=0)
    sign_on(2)
    newer = DailyList.objects.first()
    assert (newer.number, newer.key_number, newer.log, newer.introduction) == (3, 2, 2, "")
    assert {message.to[0] for message in mailoutbox} == {alice.email, erin.email}
    assert all(newer.public_key in message.body for message in mailoutbox)
    page, log = words(client.get(reverse("daily_list"))), published(client)
    assert (
        f"Series 2 of the daily lists begins on {date_format(day(1))}. The key before it is lost or no longer trusted"
        in page
    )
    assert list(find_errors()) == []
    assert not_tied(log) == [NOT_TIED]
    assert not_tied(log, former.public_key) == [f"from list 2 of {day(1)} on: {NOT_TIED}"]
    assert not_tied(log, newer.public_key) == not_tied(log, former.public_key, newer.public_key) == []


def test_a_new_log_needs_a_new_key(db):
    sign_on(0)
    with on_day(day(1)), pytest.raises(CommandError, match="A new log begins with a new SIGNING_KEY"):
        call_command("sign_daily_list", new_log=True)
    assert DailyList.objects.count() == 1


def test_the_key_is_in_no_row(db, settings):
    settings.SIGNING_KEY = ANOTHER_KEY
    row = sign_on(0)
    assert ANOTHER_KEY not in str(vars(row))


# What the list discloses


def test_attack_another_state_reads_from_the_lists_who_saved(act, client):
    """The number of lines, and which lines come again, are the same whether Arandia saved for the first time or not."""
    quiet, still_quiet = sign_on(0), sign_on(1)
    act(0)
    busy = sign_on(2)
    assert len(quiet.lines) == len(still_quiet.lines) == len(busy.lines) == Respondent.objects.count() + 1
    assert not set(quiet.lines) & set(still_quiet.lines)
    assert not set(still_quiet.lines) & set(busy.lines)
    assert busy.lines == sorted(busy.lines)


def test_attack_the_public_log_discloses_a_chain_its_head_or_a_random_value(signed, client):
    everything = published(client) + published(client, str(day(2))) + client.get(reverse("daily_list")).content.decode()
    for line in DailyLine.everyones.all():
        assert line.salt not in everything
        assert line.head == "" or line.head not in everything
    for code in Respondent.objects.values_list("code", flat=True):
        assert f'"{code}"' not in everything


def test_attack_without_the_random_value_a_line_is_not_found_by_guessing(signed):
    line = line_of(signed[0])
    guesses = {digest_value([salt, "XAA", line.number, line.head]) for salt in ("", "0" * 32)}
    assert not guesses & set(signed[0].lines)


def test_a_line_is_visible_to_the_focal_points_of_its_state(xbb, signed, alice, charlie, bob, dana, erin):
    assert {line.chain for line in DailyLine.objects.visible_to(alice)} == {"XAA"}
    assert {line.chain for line in DailyLine.objects.visible_to(charlie)} == {"XBB"}
    for other in (bob, dana, erin):
        assert not DailyLine.objects.visible_to(other).exists()
    with pytest.raises(NotVisible):
        list(DailyLine.objects.all())


# What a State keeps


def test_a_line_that_was_kept_matches(signed, client):
    name_rows()
    for row in signed:
        line = line_of(row)
        assert check_line(line.words) == (LineFinding.MATCHES, row.day)
        as_in_a_pdf = line.words.replace("/", "\u200b/\n")
        assert check_line(as_in_a_pdf).finding == LineFinding.MATCHES
        assert faults(published(client), published(client, str(row.day)), line=as_in_a_pdf) == []
        name_rows()
        call_command("verify_audit", line=line.words)


def test_a_state_without_an_event_has_a_line_too(xbb, signed, client):
    line = line_of(signed[0], "XBB")
    assert (line.number, line.head) == (0, "")
    assert check_line(line.words).finding == LineFinding.MATCHES
    assert faults(published(client), published(client, str(signed[0].day)), line=line.words) == []


@pytest.mark.parametrize("typed", ["", "x", "2026-11-28/XAA/1", "2026-13-99/XAA/1//" + "0" * 32, "\x00", "1/" * 10_000])
def test_an_invalid_line_is_reported_as_invalid(typed, signed, client):
    assert check_line(typed) == (LineFinding.NO_LINE, None)
    page = client.post(reverse("daily_list"), {"line": typed})
    assert page.context["form"].errors == {"line": ["Enter the whole line, as on the receipt."]}
    assert "Enter the whole line, as on the receipt." in words(page)


def test_what_the_command_does_not_understand_is_not_a_fault(db):
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", line="x")
    assert error.value.returncode == 2


def test_the_page_says_what_becomes_of_a_line(signed, client, attacker):
    line = line_of(signed[1]).words

    def said(typed: str) -> str:
        return words(client.post(reverse("daily_list"), {"line": typed}))

    assert "The audit trail up to that day is unchanged." in said(line)
    assert "There is no list of" in said(line.replace(str(day(1)), "2001-01-01"))
    assert "does not contain this line" in said(line[:-1] + ("0" if line[-1] != "0" else "1"))
    rewrite_chain()
    assert "The audit trail of the State was changed after the list of" in said(line)


def test_a_line_from_before_the_submission_is_not_on_its_receipt(desk, act, xaa, alice, round_):
    act(0)
    sign_on(0)
    submission = submit_ready(xaa, round_, alice)
    assert "Daily list" not in words(desk.get(submission.get_absolute_url())).partition("What happens next")[0]
    line = line_of(sign_on(1)).words
    assert line in words(desk.get(submission.get_absolute_url()))


def test_the_receipt_the_trail_and_the_download_have_the_newest_line(desk, officer, act, xaa, alice, round_):
    act(0)
    submission = submit_ready(xaa, round_, alice)
    sign_on(0)
    line = line_of(sign_on(1)).words
    address = [xaa.code, round_.code, submission.number]
    pages = [reverse("submission", args=address), reverse("event_list", args=[xaa.code])]
    pdf, download = reverse("receipt_pdf", args=address), reverse("submission_json", args=address)

    assert [page for page in pages if line not in words(desk.get(page))] == []
    assert line in letters(pdf_words(desk.get(pdf).content))
    text = desk.get(download).content.decode()
    assert json.loads(text)["not_sealed"]["daily_line"] == line
    assert SCRIPT["checked"](text)[1] == []

    salt = line.rpartition("/")[2]
    assert salt not in words(officer.get(pages[0]))
    assert salt not in letters(pdf_words(officer.get(pdf).content))
    assert salt not in officer.get(download).content.decode()


def test_only_focal_points_receive_the_line_with_the_receipt(
    act, xaa, alice, bob, round_, mailoutbox, django_capture_on_commit_callbacks
):
    act(0)
    line = line_of(sign_on(0)).words
    with django_capture_on_commit_callbacks(execute=True):
        submit_ready(xaa, round_, alice)
    sent = {message.to[0]: message.body for message in mailoutbox if "Submitted:" in message.subject}
    assert sent.keys() == {alice.email, bob.email}
    assert line in sent[alice.email]
    assert line.rpartition("/")[2] not in sent[bob.email]


# A past that is changed, by somebody who can do anything in the database


@pytest.fixture
def attacker(signed):
    """Let the database accept everything."""
    connection.check_constraints()
    with lifted_triggers():
        yield
        connection.check_constraints()


def rewrite_chain(first: int = 1) -> None:
    """Put every event of Arandia from this one on a day earlier, with digests that hold, and the head."""
    events = Event.everyones.filter(chain="XAA", number__gte=first)
    events.update(at=F("at") - timedelta(days=1))
    before = Event.everyones.filter(chain="XAA", number=first - 1).first()
    digest = before.digest if before else ""
    for event in events.order_by("number"):
        event.previous_digest = digest
        digest = event.make_digest(EventRow.everyones.filter(event=event).order_by("pk"))
        Event.everyones.filter(pk=event.pk).update(previous_digest=event.previous_digest, digest=digest)
    ChainHead.objects.filter(chain="XAA").update(digest=digest)


def cut_chain(last: int) -> None:
    Event.everyones.filter(chain="XAA", number__gt=last)._raw_delete("default")
    end = Event.everyones.get(chain="XAA", number=last)
    ChainHead.objects.filter(chain="XAA").update(number=end.number, digest=end.digest)


def remove(gone: DailyList) -> None:
    DailyLine.everyones.filter(list=gone)._raw_delete("default")
    DailyList.objects.filter(pk=gone.pk)._raw_delete("default")


def sign_again(row: DailyList, key: str = OWN_KEY) -> None:
    """Make the lines of the chains of today, and sign this list and those after it as if nothing had been."""
    for line in DailyLine.everyones.filter(list=row):
        event = Event.everyones.filter(chain=line.chain, number__lte=line.number).order_by("number").last()
        line.number, line.head = (event.number, event.digest) if event else (0, "")
        DailyLine.everyones.filter(pk=line.pk).update(number=line.number, head=line.head)
    row.lines = sorted(line.make_digest() for line in DailyLine.everyones.filter(list=row))
    row.lines_digest = digest_value(row.lines)
    previous = DailyList.objects.filter(number=row.number - 1).first()
    row.previous_digest = previous.make_digest() if previous else ""
    row.signature = private_key(key).sign(row.signed_bytes).hex()
    row.save()


def test_attack_a_chain_rewritten_with_its_head_after_a_signed_day(signed, attacker):
    kept = line_of(signed[1]).words
    rewrite_chain(2)
    assert list(find_errors()) == [f"XAA, event 2: missing or rewritten since the daily list of {day(1)}"]
    assert check_line(kept) == (LineFinding.REWRITTEN, day(1))
    with pytest.raises(CommandError):
        call_command("verify_audit", line=kept)


def test_attack_a_chain_cut_after_a_signed_day(signed, attacker):
    kept = line_of(signed[2]).words
    cut_chain(2)
    assert list(find_errors()) == [f"XAA, event 3: missing or rewritten since the daily list of {day(2)}"]
    assert check_line(kept) == (LineFinding.REWRITTEN, day(2))


def test_attack_a_chain_rewritten_and_every_list_signed_again_by_who_has_the_key(signed, client, attacker):
    """Nothing in the database shows it. The State that kept a line sees it, and anyone who kept a list."""
    line, log = line_of(signed[1]).words, published(client)
    rewrite_chain()
    for row in signed:
        sign_again(row)
    assert list(find_errors()) == []
    assert faults(published(client)) == []
    assert check_line(line) == (LineFinding.NOT_IN_LIST, day(1))
    new_day = published(client, str(day(1)))
    assert faults(published(client), new_day, line=line) == [f"the list of {day(1)} does not have this line"]
    assert faults(published(client), log) == [
        f"list {row.number} of {row.day} was kept, and is another one in the log" for row in signed
    ]


def test_attack_a_list_changed_and_not_signed(signed, client, attacker):
    row = signed[1]
    DailyList.objects.filter(pk=row.pk).update(lines=row.lines[1:], lines_digest=digest_value(row.lines[1:]))
    assert f"daily list 2 of {row.day}: altered" in list(find_errors())
    assert faults(published(client))[0] == f"list 2 of {row.day}: its signature does not match"


def test_attack_a_list_changed_and_signed_with_another_key(signed, client, attacker):
    row = signed[1]
    DailyLine.everyones.filter(list=row, chain="XAA").update(number=1)
    row.public_key = public_key(ANOTHER_KEY)
    sign_again(row, ANOTHER_KEY)
    assert f"daily list 2 of {row.day}: does not follow the one before it" in list(find_errors())
    wrong = f"list 2 of {row.day}: its key is not that of the list before it, nor the next one"
    assert wrong in faults(published(client))


@pytest.mark.parametrize("number", [1, 2])
def test_attack_a_list_removed(signed, client, attacker, number):
    kept = published(client)
    gone = DailyList.objects.get(number=number)
    remove(gone)
    assert f"daily list {number + 1} of {day(number)}: list {number} before it is missing" in list(find_errors())
    assert f"list {number} is missing" in faults(published(client))
    assert f"list {number} of {gone.day} was kept, and is not in the log" in faults(published(client), kept)


def test_attack_the_last_list_removed(signed, client, attacker):
    """The log itself does not show it. Anyone who kept the list does."""
    gone = signed[2]
    kept = published(client, str(gone.day))
    remove(gone)
    assert faults(published(client)) == []
    assert faults(published(client), kept) == [f"list 3 of {gone.day} was kept, and is not in the log"]


def test_attack_the_lines_of_a_list_are_changed_in_the_database(signed, attacker):
    row = signed[1]
    DailyLine.everyones.filter(list=row, chain="XAA").update(number=1)
    assert f"daily list 2 of {row.day}: its lines are not those of the States" in list(find_errors())


def test_attack_a_line_given_to_another_state(signed, attacker, xbb):
    DailyLine.everyones.filter(list=signed[1], chain="XAA").update(respondent=xbb)
    assert list(find_errors()) == [f"daily list 2 of {signed[1].day}: a line belongs to another State"]


def test_a_list_of_an_unknown_form_is_not_called_altered(signed, client, attacker):
    DailyList.objects.filter(pk=signed[2].pk).update(canonical_form=2)
    what = f"3 of {signed[2].day}: form 2 is unknown"
    assert [fault for fault in find_errors() if not fault.startswith(f"daily list {what}")] == []
    assert faults(published(client)) == [f"list {what}: a newer script from the site can verify it"]


# Another key, by somebody who publishes another log


def forge(signed: dict, before: dict | None, signer: str, /, introduction: str = "", **parts) -> dict:
    """Return a list with these parts that names the list before it, signed with a key."""
    previous = SCRIPT["sha256"](SCRIPT["statement"](before)) if before else ""
    forged = {**signed, "previous": previous, "public_key": public_key(signer), "introduction": introduction, **parts}
    return forged | {"signature": private_key(signer).sign(SCRIPT["canonical"](SCRIPT["statement"](forged))).hex()}


@pytest.fixture
def log(signed, client) -> list[dict]:
    return json.loads(published(client))


NOT_INTRODUCED = "its key is new, and the key before it did not sign it"


@pytest.mark.parametrize("signed_number", [None, 1, 2, 3])
def test_attack_a_new_key_that_the_former_did_not_sign(log, signed_number):
    """There is no signature, or one of another list."""
    *before, last = log
    signature = log[signed_number - 1]["signature"] if signed_number else ""
    forged = [*before, forge(last, before[-1], ANOTHER_KEY, signature, key=2)]
    assert faults(json.dumps(forged)) == [f"list 3 of {day(2)}: {NOT_INTRODUCED}"]


def test_attack_an_introduction_is_used_again(db, client, change_key):
    sign_on(0)
    change_key()
    sign_on(1)
    first, introduced = json.loads(published(client))
    other_lines = forge(introduced, first, ANOTHER_KEY, introduced["introduction"], lines="0" * 64)
    assert faults(json.dumps([first, other_lines])) == [f"list 2 of {day(1)}: {NOT_INTRODUCED}"]
    own = [forge(first, None, "12" * 32), introduced]
    assert f"list 2 of {day(1)}: it does not name the list before it" in faults(json.dumps(own))
    between = forge(introduced, first, OWN_KEY, key=1)
    later = forge(introduced, between, ANOTHER_KEY, introduced["introduction"], number=3, day=str(day(2)))
    assert faults(json.dumps([first, between, later])) == [f"list 3 of {day(2)}: {NOT_INTRODUCED}"]


def test_attack_all_history_is_signed_again_with_a_new_key(log):
    forged: list[dict] = []
    for signed in log:
        forged.append(forge(signed, forged[-1] if forged else None, ANOTHER_KEY))
    assert not_tied(json.dumps(forged), log[0]["public_key"]) == [NOT_TIED]


def test_attack_history_is_signed_again_under_a_new_key_and_the_true_key_follows(log):
    first = forge(log[0], None, ANOTHER_KEY, lines="0" * 64)
    introduced = {**log[1], "key": 2, "introduction": "0" * 128}
    wrong = faults(json.dumps([first, introduced, log[2]]))
    assert f"list 2 of {day(1)}: it does not name the list before it" in wrong
    assert f"list 2 of {day(1)}: its signature does not match" in wrong


def test_attack_a_new_log_passes_for_the_old_one(log):
    *before, last = log
    forged = json.dumps([*before, forge(last, before[-1], ANOTHER_KEY, key=2, log=2)])
    assert not_tied(forged, log[0]["public_key"]) == [f"from list 3 of {day(2)} on: {NOT_TIED}"]


def test_attack_a_new_log_says_that_the_former_key_signed_it(log):
    *before, last = log
    forged = [*before, forge(last, before[-1], ANOTHER_KEY, last["signature"], key=2, log=2)]
    fault = "it begins a log, but says that the key before it signed it"
    assert faults(json.dumps(forged)) == [f"list 3 of {day(2)}: {fault}"]


@pytest.mark.parametrize("parts", [{"log": 2}, {"key": 2}, {"introduction": "0" * 128}, {"log": 2, "key": 2}])
def test_attack_a_list_of_the_same_key_says_that_it_begins_something(log, parts):
    *before, last = log
    forged = [*before, forge(last, before[-1], OWN_KEY, **parts)]
    fault = "it has the key of the list before it, but not the numbers of this key and log"
    assert faults(json.dumps(forged)) == [f"list 3 of {day(2)}: {fault}"]


def test_attack_an_introduction_is_taken_out_of_the_database(db, client, change_key):
    sign_on(0)
    change_key()
    introduced = sign_on(1)
    with lifted_triggers():
        DailyList.objects.filter(pk=introduced.pk).update(introduction="")
    assert list(find_errors()) == [f"daily list 2 of {day(1)}: does not follow the one before it"]
    assert faults(published(client)) == [f"list 2 of {day(1)}: {NOT_INTRODUCED}"]


@pytest.mark.parametrize(
    "write", [str.upper, lambda key: f" {key[:32]} {key[32:]}\n", lambda key: ":".join(re.findall("..", key))]
)
def test_a_key_is_known_in_whatever_groups_it_is_typed(signed, client, tmp_path, write):
    (tmp_path / "log.json").write_text(published(client))
    assert run(tmp_path / "log.json", "--key", write(signed[0].public_key))[0] == 0


@pytest.mark.parametrize("key", ["", "de", "zz" * 32, "3q2+7w==" * 6, "0" * 65, "-----BEGIN PUBLIC KEY-----"])
def test_an_invalid_public_key_is_reported_as_invalid(signed, client, tmp_path, key):
    (tmp_path / "log.json").write_text(published(client))
    outcome = "this is not a file or a key that can be read: a public key has 64 hexadecimal digits\n"
    assert run(tmp_path / "log.json", f"--key={key}") == (1, outcome)


# The script, as a stranger runs it


def run(*arguments) -> tuple[int, str]:
    command = [sys.executable, "-I", PATH, *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_stranger_verifies_the_log_and_a_state_its_line(signed, client, tmp_path):
    log, of_the_day = tmp_path / "log.json", tmp_path / "day.json"
    log.write_text(published(client))
    of_the_day.write_text(published(client, str(day(1))))
    line, known = line_of(signed[1]).words, ("--key", signed[0].public_key)
    matching = f"3 lists match, signed with key 1 {signed[0].public_key}\n"
    assert run(log, of_the_day, "--line", line, *known) == (0, matching)
    assert run(log, of_the_day, "--line", line) == (2, f"{matching}{NOT_TIED}\n")
    assert run(log, of_the_day, "--line", line.replace("XAA", "XBB")) == (
        1,
        f"the list of {day(1)} does not have this line\n",
    )
    assert run(log, "--line", line) == (1, f"the line needs the file of its day: {day(1)}.json\n")
    log.write_text(published(client).replace(str(day(1)), str(day(0))))
    assert run(log)[0] == 1


def test_no_file_and_no_line_is_left_out_without_a_word(signed, client, tmp_path):
    (tmp_path / "log.json").write_text(published(client))
    (tmp_path / "day.json").write_text(published(client, str(day(1))))
    first = "other files, a line and a key are compared with the log: give log.json first\n"
    assert run(tmp_path / "day.json", tmp_path / "log.json") == (1, first)
    assert run(PATH.with_name("vectors.json"), "--line", "x") == (1, first)
    assert run(PATH.with_name("vectors.json"), "--key", signed[0].public_key) == (1, first)
    assert run(tmp_path / "log.json", "--line", "") == (
        1,
        "this is not a line: it must have five parts with / between them\n",
    )


@pytest.mark.parametrize(
    "place", ["form", "log", "number", "day", "previous", "key", "public_key", "lines", "signature"]
)
def test_every_altered_part_of_a_list_is_found(signed, client, place):
    lists = json.loads(published(client))
    value = lists[1][place]
    lists[1][place] = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
    assert faults(json.dumps(lists)) != []
    one = json.loads(published(client, str(day(1))))
    value = one[place]
    one[place] = value + 1 if isinstance(value, int) else value[1:] if place == "lines" else value[:-1] + "x"
    assert faults(published(client), json.dumps(one)) != []


@pytest.mark.parametrize("text", ["[]", "[1]", "[[]]", '[{"form": 1}]', "[{}]", '[{"form": 1, "number": "x"}]'])
def test_an_invalid_log_is_reported_as_invalid(text):
    assert len(faults(text)) == 1


@pytest.mark.parametrize("kept", ["null", "0", '"x"', "[]", "{}", "[null]", "[[]]"])
def test_attack_a_copy_that_has_no_list_is_compared_with_nothing(signed, client, kept):
    assert len(faults(published(client), kept)) == 1


@pytest.mark.parametrize("text", ['[{"kind": 1}]', '[{"kind": "x", "value": "\\ud800"}]', '[{"kind": "x"}, 1]'])
def test_attack_a_file_that_resembles_vectors_is_reported_as_invalid(text):
    assert len(faults(text)) == 1


def test_attack_a_file_writes_its_own_outcome_on_the_terminal(tmp_path):
    """It clears the screen, or goes on on the next line, or turns the direction of writing round."""
    hostile = "\x1b[2J\n3 lists match\u202e\r"
    (tmp_path / "log.json").write_text(json.dumps([{"kind": hostile, "value": 1, "canonical": "", "digest": ""}]))
    outcome = "?[2J?3 lists match??: the canonical form or its digest does not match\n"
    assert run(tmp_path / "log.json") == (1, outcome)


@given(st.binary(min_size=32, max_size=32), st.binary(), st.integers(0, 511))
def test_the_script_verifies_signatures_as_the_library_makes_them(seed, message, bit):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public_key, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert SCRIPT["is_signed"](public_key, signature, message) is True
    assert SCRIPT["is_signed"](public_key, signature, message + b"x") is False
    altered = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert SCRIPT["is_signed"](public_key, altered, message) is False


def test_attack_a_key_of_small_order_with_which_anyone_can_sign():
    """Whose lists are signed with it can say of each that somebody else signed it. The library accepts it."""
    neutral, signature = b"\1" + bytes(31), b"\1" + bytes(63)
    Ed25519PublicKey.from_public_bytes(neutral).verify(signature, b"any message")
    assert SCRIPT["is_signed"](neutral, signature, b"any message") is False


def test_the_script_refuses_a_signature_whose_second_half_is_too_large():
    """The same signature plus the order of the group would be another one for the same message (RFC 8032, 5.1.7)."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = key.sign(b"message")
    second = int.from_bytes(signature[32:], "little") + SCRIPT["ORDER"]
    malleable = signature[:32] + second.to_bytes(32, "little")
    assert SCRIPT["is_signed"](key.public_key().public_bytes_raw(), malleable, b"message") is False
