"""Nobody but the team sees a file before ClamAV scanned it, and nobody opens malware. ClamAV is the real one."""

import threading

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.urls import reverse

from tests.access import appointed, note_verbale, requested_role
from tests.clamav import EICAR, MALWARE
from tests.clamav import clamd as clamd
from tests.clamav import started_clamd as started_clamd
from tests.client import Client
from tests.conftest import make_person, save_for_xaa
from tests.documents import add_to_part, attach, field, pdf, refers, upload, with_parts, word_with, workbook_with
from tests.pages import client_of, messages_on, words
from tests.storages import SilentStorage, break_storage
from tests.submissions import opened_round, submit_ready
from tracker.actions import file_scan
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.file_scan import scan_upload
from tracker.actions.submission import change_use
from tracker.audit.rows import find_errors as find_row_errors
from tracker.documents.exchange.clamav import NotScannedError, check_clamav_socket, find_malware
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Event, EvidenceFile, EvidenceVersion, FileScan, HeldUpload
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

FORM = {"title": "Law", "kind": "law", "language": "en", "disclosure": "secretariat", "url": "", "citation": ""}
OUTSIDE = r"file:///\\server\share\a.png"
LINKED = [
    pytest.param("a.docx", lambda: refers("attachedTemplate", "https://a.example/t.dotm"), "template", id="template"),
    pytest.param(
        "a.docx", lambda: refers("image", OUTSIDE), "Insert the picture itself", id="picture on a network path"
    ),
    pytest.param("a.docx", lambda: with_field("INCLUDETEXT a"), "Ctrl+Shift+F9", id="field that fetches"),
    pytest.param("a.xlsx", lambda: with_connection(), "Delete all its queries", id="workbook with a connection"),
    pytest.param("a.pdf", lambda: pdf(open_web), "Print the document to a new PDF", id="action on opening"),
    pytest.param("a.pdf", lambda: pdf(attach("note.txt", b"Law")), "Remove them", id="attachment"),
    pytest.param("a.csv", lambda: b"a;=cmd|'/c calc'!A0", "Write an apostrophe", id="cell that computes"),
]


def with_field(instruction: str) -> bytes:
    return add_to_part(word_with("The Act"), "word/document.xml", "<w:sectPr", f"<w:p>{field(instruction)}</w:p>")


def with_connection() -> bytes:
    return with_parts(workbook_with("The Act"), {"xl/connections.xml": "<connections><connection/></connections>"})


def open_web(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://a.example")


@pytest.fixture
def add(xaa, alice):
    """Add an item with a file that is not scanned."""

    def add_(name="law.txt", content=b"The Act.", disclosure="secretariat") -> EvidenceVersion:
        details = EvidenceDetails("Law", "law", "en", disclosure=disclosure, upload=check_upload(upload(name, content)))
        return add_evidence(respondent=xaa, by=alice, details=details)

    return add_


@pytest.fixture
def submit(xaa, alice, bob, unit):
    """Submit an answer that cites the item."""

    def submit_(version: EvidenceVersion):
        save_for_xaa("I.13", measures="The Act.", ready=True, citations=[(version, "art. 9")])
        return submit_ready(xaa, opened_round(bob, meetings=[1]), alice)

    return submit_


def own_address(number=1) -> str:
    return reverse("evidence_file", args=["XAA", number, 1])


def address_of(name: str) -> str:
    return reverse(name, args=["XAA", "2026", 1, "I-13", 1])


def send(client: Client, content: bytes, name="law.txt"):
    return client.post(reverse("evidence_add", args=["XAA"]), {**FORM, "upload": upload(name, content)})


def opens(client: Client, address: str) -> bool:
    """Return whether the bytes arrive; check that otherwise a page does."""
    response = client.get(address)
    if response.status_code == 200:
        return response["Content-Disposition"].startswith("attachment")
    assert (response.status_code, response["Content-Type"]) == (403, "text/html; charset=utf-8")
    return False


# ClamAV itself


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"The Act.", ""), (b"", ""), (MALWARE, "Tracker.Test.UNOFFICIAL"), (EICAR, "Eicar.Test.UNOFFICIAL")],
)
def test_what_is_found(clamd, settings, content, found):
    assert find_malware([content[:5], content[5:]] if content else [], 20) == found
    settings.CLAMAV_SOCKET = f"127.0.0.1:{clamd.port}"
    assert find_malware([content] if content else [], 20) == found


def test_malware_is_found_within_a_document(clamd):
    assert find_malware([word_with(MALWARE.decode())], 20) == "Tracker.Test.UNOFFICIAL"


def test_more_than_clamav_accepts_is_not_scanned(clamd):
    with pytest.raises(NotScannedError):
        find_malware([b"The Act. " * 100_000] * 4, 20)


@pytest.mark.parametrize("address", ["/nowhere/clamd.socket", "127.0.0.1:1", "[::1]:1", "clamd"])
def test_clamav_that_is_away_is_named_so(settings, address):
    settings.CLAMAV_SOCKET = address
    with pytest.raises(NotScannedError):
        find_malware([b"The Act."], 20)


@pytest.mark.parametrize("size", [1, 5_000_000], ids=["before the reply", "while it is sent"])
def test_clamav_that_hangs_is_not_waited_for(clamd, size):
    with clamd.hanging(), pytest.raises(NotScannedError):
        find_malware([bytes(size)], 0.2)


# Uploads


@pytest.mark.parametrize("content", [MALWARE, EICAR], ids=["ours", "EICAR"])
def test_attack_malware_is_uploaded(clamd, desk, content):
    page = send(desk, content)
    assert "Malware was found in this file:" in words(page)
    assert not EvidenceFile.everyones.exists()
    assert not HeldUpload.everyones.exists()
    assert not FileScan.objects.exists()
    assert not default_storage.exists("evidence/XAA") or default_storage.listdir("evidence/XAA") == ([], [])


def test_the_test_virus_in_a_text_is_refused_only_with_clamav(desk):
    assert send(desk, EICAR).status_code == 302


def test_a_scanned_file_is_open_to_the_secretariat(clamd, desk, officer, submit):
    assert send(desk, b"The Act.").status_code == 302
    submit(EvidenceVersion.everyones.get())
    assert opens(officer, address_of("submission_evidence_file"))
    assert FileScan.objects.get().scanned_at


def test_without_clamav_only_the_team_opens_a_waiting_upload(clamd, desk, officer, submit, xaa):
    with clamd.away():
        assert send(desk, b"The Act.").status_code == 302
    version = EvidenceVersion.everyones.get()
    submit(version)
    carol_page = client_of(make_person("carol", Role.VIEWER, xaa))
    assert opens(desk, own_address())
    assert opens(carol_page, own_address())
    assert opens(desk, address_of("submission_evidence_file"))
    assert not opens(officer, address_of("submission_evidence_file"))
    assert "has not been scanned for malware yet" in words(desk.get(version.evidence.get_absolute_url()))
    call_command("scan_files", verbosity=0)
    assert opens(officer, address_of("submission_evidence_file"))
    assert "scanned for malware" not in words(desk.get(version.evidence.get_absolute_url()))


def test_attack_a_hanging_clamav_stops_uploads(clamd, desk, monkeypatch):
    monkeypatch.setattr(file_scan, "UPLOAD_SECONDS", 0.2)
    with clamd.hanging():
        assert send(desk, b"The Act.").status_code == 302
    assert FileScan.objects.get().scanned_at is None


def test_a_known_file_with_malware_is_refused_also_while_clamav_is_away(clamd, add):
    file = add("a.txt", MALWARE).file
    with pytest.raises(CommandError):
        call_command("scan_files")
    with clamd.away(), pytest.raises(ValidationError, match="Malware was found"):
        scan_upload(check_upload(upload("b.txt", MALWARE)))
    assert FileScan.objects.get().sha256 == file.sha256


def test_malware_that_was_held_while_clamav_was_away_is_not_saved(clamd, desk, xaa, alice):
    with clamd.away():
        desk.post(reverse("evidence_add", args=["XAA"]), {**FORM, "upload": upload("a.txt", MALWARE), "hold": "1"})
    held = HeldUpload.everyones.get()
    with pytest.raises(CommandError, match="1 with malware"):
        call_command("scan_files")
    with pytest.raises(ValidationError, match="Malware was found"):
        add_evidence(respondent=xaa, by=alice, details=EvidenceDetails("Law", "law", "en", upload=held))
    assert not EvidenceVersion.everyones.exists()


# Malware that is found later


def test_attack_malware_that_was_stored_is_opened(clamd, add, submit, alice, desk, officer, client):
    version = add("a.txt", MALWARE, disclosure="public")
    submission = submit(version)
    use = {"in_aggregates": False, "quoted": False, "published": True}
    change_use(submission=submission, by=alice, **use)
    with pytest.raises(CommandError, match=r"1 files scanned, 1 with malware, 0 not scanned\."):
        call_command("scan_files")
    for page, address in (
        (desk, own_address()),
        (desk, address_of("submission_evidence_file")),
        (officer, address_of("submission_evidence_file")),
        (client, address_of("published_evidence_file")),
    ):
        assert not opens(page, address)
        assert "Malware was found in this file. Nobody can open it." in words(page.get(address))
    assert "Malware was found" in words(desk.get(version.evidence.get_absolute_url()))


def test_attack_malware_stays_open_where_it_was_stored_before_clamav_knew_it(clamd, add, submit, desk, officer):
    submit(add("a.txt", MALWARE))
    FileScan.objects.update(scanned_at="2026-01-01T00:00Z")  # by older signatures
    assert opens(officer, address_of("submission_evidence_file"))
    assert "Malware was found" in words(send(desk, MALWARE))
    assert not opens(officer, address_of("submission_evidence_file"))


def test_the_trail_of_each_owner_names_what_was_found(clamd, add, desk, xaa):
    file = add("a.txt", MALWARE).file
    for _time in range(2):
        with pytest.raises(CommandError):
            call_command("scan_files", again=True)
    event = Event.everyones.get(action="malware found")
    assert (event.chain, event.actor, event.target) == ("XAA", None, f"file {file.sha256}")
    assert event.after == "Tracker.Test.UNOFFICIAL"
    trail = words(desk.get(reverse("event_list", args=["XAA"])))
    assert "Malware found in a file" in trail


def test_the_title_of_an_item_with_malware_can_change_and_its_file_be_removed(clamd, add, alice):
    version = add("a.txt", MALWARE)
    with pytest.raises(CommandError):
        call_command("scan_files")
    details = EvidenceDetails("Old law", "law", "en")
    version = change_evidence(evidence=version.evidence, base=version.base, by=alice, details=details)
    details = EvidenceDetails("Old law", "law", "en", citation="OG 12", removes_file=True)
    assert change_evidence(evidence=version.evidence, base=version.base, by=alice, details=details).file is None


def test_a_signature_that_was_wrong_is_corrected_by_scanning_again(clamd, add, submit, officer):
    submit(add())
    FileScan.objects.update(scanned_at="2026-01-01T00:00Z", found="Wrong.Signature")
    assert not opens(officer, address_of("submission_evidence_file"))
    call_command("scan_files", again=True, verbosity=0)
    assert opens(officer, address_of("submission_evidence_file"))


# The job


def test_the_job_scans_each_content_once(clamd, add, xaa, capsys):
    add()
    add("b.txt", b"Another Act.")
    call_command("scan_files")
    call_command("scan_files")
    assert capsys.readouterr().out.splitlines() == [
        "2 files scanned, 0 with malware, 0 not scanned.",
        "0 files scanned, 0 with malware, 0 not scanned.",
    ]


def test_the_job_says_what_still_waits(clamd, add, settings):
    add()
    with clamd.away(), pytest.raises(CommandError, match="0 files scanned, 0 with malware, 1 not scanned"):
        call_command("scan_files")
    with default_storage.open(EvidenceFile.everyones.get().file.name, "wb") as stored:
        stored.write(b"Altered.")
    with pytest.raises(CommandError, match="1 not scanned"):
        call_command("scan_files")
    break_storage(settings, SilentStorage)
    with pytest.raises(CommandError, match="1 not scanned"):
        call_command("scan_files")
    assert FileScan.objects.get().scanned_at is None


def test_the_job_does_not_wait_for_each_file_while_clamav_hangs(clamd, add, monkeypatch):
    monkeypatch.setattr(file_scan, "JOB_SECONDS", 0.2)
    monkeypatch.setattr(file_scan, "RESPONSE_SECONDS", 0.2)
    add()
    add("b.txt", b"Another Act.")
    with clamd.hanging(), pytest.raises(CommandError, match="0 files scanned, 0 with malware, 1 not scanned"):
        call_command("scan_files")


def test_a_file_that_clamav_does_not_accept_holds_up_no_other(clamd, add):
    large = add("a.txt", b"The Act. " * 400_000).file
    add("b.txt", b"Another Act.")
    with pytest.raises(CommandError, match="1 files scanned, 0 with malware, 1 not scanned"):
        call_command("scan_files")
    assert FileScan.objects.get(scanned_at=None).sha256 == large.sha256


def test_a_file_of_which_nothing_is_known_is_closed_until_it_is_scanned(clamd, add, submit, officer, settings):
    submit(add())
    FileScan.objects.all().delete()
    settings.CLAMAV_SOCKET = ""
    assert not opens(officer, address_of("submission_evidence_file"))
    settings.CLAMAV_SOCKET = clamd.socket
    call_command("scan_files", verbosity=0)
    assert opens(officer, address_of("submission_evidence_file"))


def test_the_job_needs_the_setting():
    with pytest.raises(CommandError, match="CLAMAV_SOCKET is empty"):
        call_command("scan_files")


# Links and attachments


@pytest.mark.parametrize(("name", "content", "advice"), LINKED)
def test_attack_a_file_that_reaches_outside_opens_unscanned(
    started_clamd, settings, add, submit, desk, officer, name, content, advice
):
    submit(add(name, content()))
    assert opens(desk, own_address())
    assert not opens(officer, address_of("submission_evidence_file"))
    for page in (
        desk.get(reverse("evidence", args=["XAA", 1])),
        officer.get(address_of("submission_evidence_file")),
    ):
        assert (
            "Only the team that uploaded this file can open it, because the file reaches outside of itself."
            in words(page)
        )
        assert advice in words(page)
    settings.CLAMAV_SOCKET = started_clamd.socket
    call_command("scan_files", verbosity=0)
    assert opens(officer, address_of("submission_evidence_file"))


@pytest.mark.parametrize(("name", "content", "advice"), LINKED)
def test_attack_a_file_that_reaches_outside_becomes_public(add, alice, desk, name, content, advice):
    with pytest.raises(ValidationError, match="cannot be public"):
        add(name, content(), disclosure="public")
    version = add(name, content())
    details = EvidenceDetails("Law", "law", "en", disclosure="public")
    with pytest.raises(ValidationError, match="cannot be public"):
        change_evidence(evidence=version.evidence, base=version.base, by=alice, details=details)
    page = desk.post(
        reverse("evidence_add", args=["XAA"]), {**FORM, "disclosure": "public", "upload": upload(name, content())}
    )
    assert "so it cannot be public. Choose another visibility, or change the file and upload it again." in words(page)
    assert advice in words(page)


def test_attack_a_table_becomes_public_by_its_bytes_in_a_text(add):
    add("a.txt", b"a;=cmd|'/c calc'!A0")
    with pytest.raises(ValidationError, match="cannot be public"):
        add("a.csv", b"a;=cmd|'/c calc'!A0", disclosure="public")


def test_attack_a_public_file_turns_out_to_have_links(add, submit, alice, client):
    change_use(submission=submit(add(disclosure="public")), by=alice, in_aggregates=False, quoted=False, published=True)
    assert opens(client, address_of("published_evidence_file"))
    FileScan.objects.update(links="picture", scanned_at="2026-01-01T00:00Z")
    assert client.get(address_of("published_evidence_file")).status_code == 404


def test_without_the_setting_the_secretariat_sees_ordinary_files(add, submit, officer):
    submit(add())
    assert opens(officer, address_of("submission_evidence_file"))


# Documents of roles


def test_the_document_of_a_role_is_closed_to_focal_points_until_it_is_scanned(clamd, xaa, desk, erin, administrator):
    request = requested_role(make_person("frida"), Role.VIEWER, xaa, by=erin, **note_verbale())
    address = reverse("access_document", args=[request.pk])
    assert opens(administrator, address)
    assert not opens(desk, address)
    call_command("scan_files", verbosity=0)
    assert opens(desk, address)
    FileScan.objects.update(found="Tracker.Test")
    assert not opens(administrator, address)


def test_malware_in_the_document_of_a_role_is_an_event_of_the_site(clamd, xaa, erin):
    frank = make_person("frank", Role.ADMINISTRATOR)
    appointed(make_person("frida"), xaa, by=(erin, frank), file=check_upload(upload("note.txt", MALWARE)))
    with pytest.raises(CommandError):
        call_command("scan_files")
    assert Event.everyones.get(action="malware found").chain == "site"


# A verdict that somebody changes who has the database and not the site


def faults() -> list[str]:
    return list(find_row_errors(["scan"]))


@pytest.mark.parametrize(
    "change", [{"found": ""}, {"scanned_at": "2026-01-01T00:00Z"}, {"links": "other"}, {"sha256": "0" * 64}]
)
def test_attack_a_verdict_altered_by_sql(clamd, add, change):
    sha256 = add("a.txt", MALWARE).file.sha256
    with pytest.raises(CommandError):
        call_command("scan_files")
    assert faults() == []
    FileScan.objects.update(**change)
    [name] = change
    assert faults() == [f"scan {sha256}: {'missing' if name == 'sha256' else f'altered: {name}'}"]


def test_attack_a_file_is_marked_as_scanned_by_sql(clamd, add):
    sha256 = add().file.sha256
    FileScan.objects.update(scanned_at="2026-01-01T00:00Z")
    assert faults() == [f"scan {sha256}: altered: scanned_at"]


def test_attack_a_verdict_deleted_by_sql(clamd, add):
    sha256 = add().file.sha256
    FileScan.objects.all()._raw_delete("default")
    assert faults() == [f"scan {sha256}: missing"]
    call_command("scan_files", verbosity=0)
    assert faults() == [f"scan {sha256}: altered: links"]


def test_attack_an_altered_verdict_is_covered_by_another_upload(clamd, add, xbb, charlie, settings):
    sha256 = add("a.txt", MALWARE).file.sha256
    with pytest.raises(CommandError):
        call_command("scan_files")
    FileScan.objects.update(found="")
    settings.CLAMAV_SOCKET = ""
    add("b.txt", MALWARE, disclosure="public")
    details = EvidenceDetails("Law", "law", "en", upload=check_upload(upload("c.txt", MALWARE)))
    add_evidence(respondent=xbb, by=charlie, details=details)
    assert faults() == [f"scan {sha256}: altered: found"]


def test_attack_a_verdict_is_planted_before_the_upload(clamd, add):
    note = check_upload(upload("a.txt", MALWARE))
    FileScan.objects.create(sha256=note.sha256, scanned_at="2026-01-01T00:00Z")
    with clamd.away():
        add("a.txt", MALWARE)
    assert FileScan.objects.get().scanned_at is None
    with pytest.raises(CommandError, match="1 with malware"):
        call_command("scan_files")
    assert faults() == []


def test_attack_the_verdict_on_a_document_that_appoints_altered_by_sql(clamd, xaa, erin):
    frank = make_person("frank", Role.ADMINISTRATOR)
    note = check_upload(upload("note.txt", b"Note."))
    appointed(make_person("frida"), xaa, by=(erin, frank), file=note)
    call_command("scan_files", verbosity=0)
    assert faults() == []
    FileScan.objects.update(scanned_at="2026-01-01T00:00Z")
    assert faults() == [f"scan {note.sha256}: altered: scanned_at"]


def test_a_verdict_that_the_site_changes_matches(clamd, add, desk, xbb, charlie, settings):
    """Unscanned, scanned by the job, scanned again, shared with another State; malware that a newer scan finds."""
    add()
    call_command("scan_files", verbosity=0)
    call_command("scan_files", again=True, verbosity=0)
    details = EvidenceDetails("Law", "law", "en", upload=check_upload(upload("c.txt", b"The Act.")))
    add_evidence(respondent=xbb, by=charlie, details=details)
    assert [event.chain for event in Event.everyones.filter(action="no malware found")] == ["XAA"]
    with clamd.away():
        send(desk, MALWARE)
    send(desk, MALWARE)
    assert Event.everyones.filter(action="malware found").count() == 1
    assert faults() == []


def test_a_file_scanned_when_another_state_uploads_it_matches(clamd, add, xbb, charlie):
    with clamd.away():
        add()
    scanned = scan_upload(check_upload(upload("c.txt", b"The Act.")))
    add_evidence(respondent=xbb, by=charlie, details=EvidenceDetails("Law", "law", "en", upload=scanned))
    assert [event.chain for event in Event.everyones.filter(action="no malware found")] == ["XAA"]
    assert faults() == []


def test_another_state_does_not_learn_that_a_file_is_known(clamd, add, xbb, charlie):
    add()
    for name, content in (("known", b"The Act."), ("new", b"Another Act.")):
        details = EvidenceDetails(name, "law", "en", upload=check_upload(upload(f"{name}.txt", content)))
        add_evidence(respondent=xbb, by=charlie, details=details)
    events = Event.everyones.filter(chain="XBB").annotate(number_of_rows=Count("rows"))
    assert [(event.action, event.number_of_rows) for event in events] == [("evidence added", 1)] * 2


# Where ClamAV is not used


def test_administrators_are_warned_where_files_are_not_scanned(clamd, settings, administrator):
    assert messages_on(administrator.get(reverse("admin:index"))) == []
    assert check_clamav_socket() == []
    settings.CLAMAV_SOCKET = ""
    assert "not scanned for malware" in str(messages_on(administrator.get(reverse("admin:index")))[0])
    assert [warning.id for warning in check_clamav_socket()] == ["tracker.W001"]


@pytest.mark.django_db(transaction=True)
def test_attack_a_colleague_waits_while_clamav_hangs(clamd, xaa, alice, desk, monkeypatch):
    carol = make_person("carol", Role.FOCAL_POINT, xaa)
    sending, responses = threading.Event(), []

    def find(pieces, seconds) -> str:
        sending.set()
        return find_malware(pieces, seconds)

    def act() -> None:
        try:
            responses.append(send(desk, b"The Act."))
        finally:
            connection.close()

    monkeypatch.setattr(file_scan, "find_malware", find)
    monkeypatch.setattr(file_scan, "UPLOAD_SECONDS", 60)
    thread = threading.Thread(target=act)
    with clamd.hanging():
        thread.start()
        assert sending.wait(60)
        add_evidence(respondent=xaa, by=carol, details=EvidenceDetails("Law", "law", "en", citation="OG 12"))
        assert responses == []
    thread.join(60)
    assert responses[0].status_code == 302
    assert FileScan.objects.get().scanned_at
