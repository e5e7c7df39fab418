"""Designations: a table with notes verbales becomes requests, which another administrator confirms."""

import datetime
import io
import struct
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from xlsxwriter import Workbook

from tests.conftest import make_person, make_state
from tests.designations import PAGE, archive, row, table, zipped
from tests.pages import client_of, words
from tracker.actions.access_change import (
    apply_due_changes,
    confirm_access_change,
    confirm_together,
    decline_access_change,
    stop_access_change,
)
from tracker.actions.designation import hold_designations, request_designations
from tracker.actions.invitation import send_invitation
from tracker.actions.user import end_membership
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.forms.designation import COLUMNS, ROWS
from tracker.models import AccessChange, HeldUpload, Membership, Notification, Respondent, User
from tracker.models.access_change import AccessChangeStage
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture(autouse=True)
def secretariat(db):
    Respondent.objects.create(code="SECRETARIAT", name="Secretariat", kind=RespondentKind.SECRETARIAT)


@pytest.fixture
def states():
    return [make_state("XFA", "Farland"), make_state("XFB", "Fenmark"), make_state("XFC", "Fordia")]


def upload(person: User, file: SimpleUploadedFile):
    return client_of(person).post(PAGE, {"file": file})


def requested(person: User, *rows: dict[str, str]) -> list[AccessChange]:
    """Upload, preview and request; return the requests."""
    client = client_of(person)
    preview = client.post(PAGE, {"file": archive(*rows)})
    assert preview.status_code == 302, words(preview)
    assert client.post(preview["Location"]).status_code == 302
    return list(AccessChange.objects.order_by("pk"))


def confirm(person: User, *changes: AccessChange) -> str:
    client = client_of(person)
    return words(client.post(f"{PAGE}confirm/", {"shown": [change.pk for change in changes]}, follow=True))


def problems(response) -> list[tuple]:
    return [(each.number, each.column, each.problem) for each in response.context["problems"]]


# From a table to focal points


def test_an_upload_is_previewed_before_anything_is_requested(erin, states):
    client = client_of(erin)
    preview = client.post(PAGE, {"file": archive(row("XFA", "ada@farland.example"))}, follow=True)
    assert "Farland : Ada Noor · Focal point" in words(preview)
    assert "To be confirmed together with the other States without users." in words(preview)
    assert (AccessChange.objects.count(), User.objects.filter(email="ada@farland.example").count()) == (0, 0)


def test_a_second_administrator_confirms_states_without_users_together(erin, greta, states, mailoutbox, commit):
    with commit():
        changes = requested(erin, row("XFA", "ada@farland.example"), row("Fenmark", "bo@fenmark.example", "13/2026"))
    assert [mail.to for mail in mailoutbox] == [[greta.email]]
    assert mailoutbox[0].subject == "2 designations to confirm"
    assert "Confirm all 2 requests" in words(client_of(greta).get(PAGE))
    with commit():
        assert "2 requests confirmed." in confirm(greta, *changes)
    roles = Membership.objects.filter(respondent__in=states).values_list("respondent__code", "role", "user__email")
    assert set(roles) == {
        ("XFA", "focal_point", "ada@farland.example"),
        ("XFB", "focal_point", "bo@fenmark.example"),
    }
    invited = [mail.to for mail in mailoutbox if "Set a password" in mail.subject]
    assert invited == [["ada@farland.example"], ["bo@fenmark.example"]]


def test_a_person_of_a_declined_request_is_invited_by_the_next(erin, greta, states, mailoutbox, commit):
    [first] = requested(erin, row("XFA", "ada@farland.example"))
    decline_access_change(change=first, by=greta)
    second = requested(erin, row("XFA", "ada@farland.example"))[1]
    with commit():
        confirm_access_change(change=second, by=greta)
    assert [mail.to for mail in mailoutbox if "Set a password" in mail.subject] == [["ada@farland.example"]]


def test_attack_many_rows_name_one_large_note(erin, states, settings):
    """A small archive would be stored many times."""
    settings.EVIDENCE_FILE_LIMIT = 50_000
    rows = [row("XFA", f"ada{number}@farland.example", role="Viewer") for number in range(3)]
    response = upload(erin, archive(*rows, files={"notes/12-2026.txt": b"We appoint. " * 2_000}))
    assert "where a note counts for each row that names it. Split the table." in words(response)
    assert (HeldUpload.everyones.count(), AccessChange.objects.count()) == (0, 0)


def test_a_removal_reaches_an_upload_that_is_previewed(erin, states):
    desk = Respondent.objects.get(code="SECRETARIAT")
    fiona = make_person("fiona", Role.FOCAL_POINT, desk)
    upload(erin, archive(row("XFA", "ada@farland.example")))
    request_withdrawal(respondent=desk, by=fiona, words="Ada Noor", files=[], reason="name")
    assert HeldUpload.everyones.count() == 0


def test_the_note_verbale_and_the_office_are_kept_with_the_request(erin, states):
    [change] = requested(erin, row("XFA", "ada@farland.example", office="Ministry of Justice, Director"))
    with default_storage.open(change.document.name) as note:
        assert note.read() == b"We appoint ada@farland.example."
    assert (change.office, change.appointing_document) == ("Ministry of Justice, Director", "12/2026")
    assert ("Office", "Ministry of Justice, Director") in change.facts()


def test_the_table_is_deleted_once_its_roles_are_requested(erin, states):
    client = client_of(erin)
    preview = client.post(PAGE, {"file": archive(row("XFA", "ada@farland.example"))})["Location"]
    held = HeldUpload.everyones.get()
    assert default_storage.exists(held.file.name)
    client.post(preview)
    assert (HeldUpload.everyones.count(), default_storage.exists(held.file.name)) == (0, False)


def test_a_discarded_upload_is_deleted_and_requests_nothing(erin, states):
    client = client_of(erin)
    preview = client.post(PAGE, {"file": archive(row("XFA", "ada@farland.example"))})["Location"]
    page = client.post(preview, {"discard": "1"}, follow=True)
    assert "The upload was deleted. Nothing was requested." in words(page)
    assert (HeldUpload.everyones.count(), AccessChange.objects.count()) == (0, 0)


def test_a_second_click_requests_nothing_twice(erin, states):
    client = client_of(erin)
    preview = client.post(PAGE, {"file": archive(row("XFA", "ada@farland.example"))})["Location"]
    client.post(preview)
    assert "This upload is no longer available." in words(client.post(preview, follow=True))
    assert AccessChange.objects.count() == 1


def test_nobody_confirms_what_they_requested(erin, greta, states):
    changes = requested(erin, row("XFA", "ada@farland.example"))
    page = words(client_of(erin).get(PAGE))
    assert ("Another administrator must confirm" in page, "Confirm 1 request" in page) == (True, False)
    assert "Another administrator must confirm: you made the request" in confirm(erin, *changes)
    assert AccessChange.objects.get().state == AccessChangeStage.REQUESTED


def test_a_second_confirmation_of_a_page_does_nothing(erin, greta, states):
    changes = requested(erin, row("XFA", "ada@farland.example"))
    confirm(greta, *changes)
    assert "The page changed after you opened it, so nothing was done." in confirm(greta, *changes)
    assert Membership.objects.filter(respondent=states[0]).count() == 1


def test_nothing_is_confirmed_without_the_administrator_who_requested(erin, greta, states):
    changes = requested(erin, row("XFA", "ada@farland.example"), row("XFB", "bo@fenmark.example", "13/2026"))
    end_membership(membership=erin.memberships.get(), by=greta)
    assert "no longer an administrator" in confirm(greta, *changes)
    assert Membership.objects.filter(respondent__in=states).count() == 0


def test_the_second_focal_point_of_a_state_waits(erin, greta, states):
    changes = requested(
        erin,
        row("XFA", "ada@farland.example"),
        row("XFA", "bo@farland.example", "13/2026"),
        row("XFA", "cy@farland.example", "14/2026", role="Contributor"),
    )
    confirm(greta, *changes)
    states_of = dict(AccessChange.objects.values_list("user__email", "state"))
    assert states_of == {
        "ada@farland.example": AccessChangeStage.DONE,
        "bo@farland.example": AccessChangeStage.CONFIRMED,
        "cy@farland.example": AccessChangeStage.DONE,
    }


# What a State can object to


def test_a_state_with_a_focal_point_can_object_for_72_hours(erin, greta, alice, xaa):
    [change] = requested(erin, row("XAA", "ada@arandia.example"))
    assert "The page changed" in confirm(greta, change)
    page = words(client_of(greta).get(PAGE))
    assert "To confirm one by one 1" in page
    confirm_access_change(change=change, by=greta)
    change.refresh_from_db()
    assert change.due_at - change.confirmed_at >= datetime.timedelta(hours=71, minutes=59)
    stop_access_change(change=change, by=alice)
    AccessChange.objects.update(due_at=timezone.now())
    assert (apply_due_changes(), Membership.objects.filter(respondent=xaa).count()) == (0, 1)


def test_an_address_that_the_site_knows_is_confirmed_singly(erin, greta, charlie, states):
    [change] = requested(erin, row("XFA", charlie.email.upper()))
    assert change.user == charlie
    assert "The page changed" in confirm(greta, change)
    confirm_access_change(change=change, by=greta)
    assert AccessChange.objects.get().state == AccessChangeStage.CONFIRMED
    assert [m.respondent.code for m in charlie.memberships.all()] == ["XBB"]


def test_an_address_that_a_state_invited_is_confirmed_singly(erin, greta, alice, xaa, states):
    send_invitation(respondent=xaa, email="ada@farland.example", role=Role.VIEWER, by=alice)
    [change] = requested(erin, row("XFA", "ada@farland.example"))
    assert "The page changed" in confirm(greta, change)


def test_no_row_ends_or_replaces_a_role(erin, greta, alice, xaa):
    before = list(Membership.objects.values())
    [change] = requested(erin, row("XAA", "ada@arandia.example"))
    confirm_access_change(change=change, by=greta)
    AccessChange.objects.update(due_at=timezone.now())
    apply_due_changes()
    assert list(Membership.objects.exclude(user=change.user).values()) == before


def test_the_preview_names_the_person_of_a_known_address(erin, charlie, states):
    page = client_of(erin).post(PAGE, {"file": archive(row("XFA", charlie.email))}, follow=True)
    assert f"The site knows this address as: {charlie.name}." in words(page)


# Wrong rows and files


WRONG = {
    "state": ("Atlantis", "No State has the name or code “Atlantis”. Enter the code of the State in its place."),
    "name": ("Focal point", "Remove the role: the site shows it beside the name."),
    "email": ("ada at example", "Enter an e-mail address, for example name@example.org."),
    "language": ("Latin", "“Latin” is not a valid value. Enter one of: en."),
    "role": (
        "Administrator",
        "“Administrator” is not a valid value. Enter one of: focal_point, contributor, viewer.",
    ),
    "date": ("03/04/2026", "Enter the date as 30 June 2027."),
    "last_day": ("", "Enter the last day: the appointment of a focal point must have an end date."),
}


@pytest.mark.parametrize("column", WRONG)
def test_a_wrong_cell_is_named_and_nothing_is_requested(erin, states, column):
    typed, problem = WRONG[column]
    page = upload(
        erin, archive(row("XFB", "bo@fenmark.example", "13/2026"), row("XFA", "ada@x.example") | {column: typed})
    )
    assert problems(page) == [(3, column, problem)]
    assert (AccessChange.objects.count(), HeldUpload.everyones.count()) == (0, 0)
    assert User.objects.filter(email="bo@fenmark.example").count() == 0


def test_all_wrong_rows_are_listed_at_once(erin, states):
    page = upload(
        erin, archive(row("XQQ", "ada@x.example"), row("XFA", "wrong", "13/2026"), row("XFB", "bo@x.example", ""))
    )
    assert [(number, column) for number, column, _problem in problems(page)] == [
        (2, "state"),
        (3, "email"),
        (4, "note_verbale"),
    ]
    assert "Nothing was requested." in words(page)


def test_one_address_in_two_rows_is_refused(erin, states):
    page = upload(erin, archive(row("XFA", "ada@x.example"), row("XFB", "Ada@x.example", "13/2026")))
    assert problems(page) == [(3, "email", "Row 2 has the same address. Remove one of the rows.")]


def test_a_person_of_the_secretariat_is_refused(erin, bob, states):
    page = upload(erin, archive(row("XFA", bob.email)))
    assert problems(page) == [
        (2, "", "A person has roles in the Secretariat or of a State, not both. End the other roles first.")
    ]


def test_a_person_with_an_open_request_is_refused(erin, states):
    requested(erin, row("XFA", "ada@x.example"))
    page = upload(erin, archive(row("XFA", "ada@x.example")))
    assert problems(page) == [
        (2, "", "Another request for this person is open. Confirm or decline that request first.")
    ]


def test_each_row_needs_its_note_verbale_and_no_other_file_is_left(erin, states):
    page = upload(erin, archive(row("XFA", "ada@x.example"), notes=False, files={"99-2026.txt": b"Another note."}))
    assert problems(page) == [
        (2, "note_verbale", "The ZIP must have one file with the name of this number. It has: None."),
        (0, "", "No row names this file. Add a row with its number, or remove the file."),
    ]


def test_one_note_verbale_may_name_several_people(erin, states):
    assert len(requested(erin, row("XFA", "ada@x.example"), row("XFA", "bo@x.example", role="viewer"))) == 2


def test_a_note_verbale_is_checked_as_any_upload(erin, states):
    files = {"12-2026.pdf": b"no PDF at all"}
    page = upload(erin, archive(row("XFA", "ada@x.example"), notes=False, files=files))
    assert [column for _number, column, _problem in problems(page)] == ["note_verbale"]
    assert "the content is of another type" in words(page)


def too_large_inside() -> SimpleUploadedFile:
    """It says of a file that it has a gigabyte."""
    content = bytearray(zipped({"people.csv": b"x"}).read())
    place = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, place + 24, 1024**3)
    return SimpleUploadedFile("designations.zip", bytes(content))


FILES = {
    "no archive": (lambda: SimpleUploadedFile("designations.zip", b"no archive"), "This file cannot be read"),
    "another kind": (lambda: SimpleUploadedFile("people.csv", b"state"), "Choose a file of one of these types: .zip."),
    "no table": (lambda: zipped({"12-2026.txt": b"Note."}), "The ZIP must have one table"),
    "two tables": (lambda: zipped({"a.csv": b"x", "b.csv": b"y"}), "It has: a.csv, b.csv."),
    "one name twice": (lambda: zipped({"a/n.txt": b"x", "b/N.txt": b"y"}), "Two files in the ZIP have the same name."),
    "a bomb": (too_large_inside, "too large"),
    "no rows": (lambda: zipped({"people.csv": table()}), "The table has no rows."),
    "a column missing": (lambda: zipped({"p.csv": table(columns=COLUMNS[1:])}), "The file must have these columns"),
    "an older encoding": (
        lambda: zipped({"p.csv": table(row("XFA", "a@x.example", name="Café")).decode().encode("cp1252")}),
        "The file is in an older encoding",
    ),
    "a thousand rows": (
        lambda: zipped({"p.csv": table(*[row("XFA", f"{number}@x.example") for number in range(1000)])}),
        f"The file has too many rows: at most {ROWS}.",
    ),
    "nothing": (lambda: zipped({}), "The ZIP must have one table"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_wrong_file_is_refused_in_words(erin, states, kind):
    make, problem = FILES[kind]
    page = upload(erin, make())
    assert (problem in words(page), page.status_code) == (True, 200), words(page)[:800]
    assert HeldUpload.everyones.count() == 0


def test_names_with_folders_and_files_of_the_computer_are_harmless(erin, states):
    files = {"../../12-2026.txt": b"A note.", "__MACOSX/._12-2026.txt": b"x", "notes/.DS_Store": b"x"}
    page = upload(erin, archive(row("XFA", "ada@x.example"), notes=False, files=files))
    assert page.status_code == 302


def test_an_arabic_name_in_a_workbook_is_requested(erin, states):
    written = io.BytesIO()
    typed = row("XFA", "ada@x.example", name="أمينة الخطيب", date="")
    with Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, [typed[column] for column in COLUMNS])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, COLUMNS.index("date"), datetime.datetime(2026, 3, 3), day)
    client = client_of(erin)
    page = client.post(PAGE, {"file": zipped({"people.xlsx": written.getvalue(), "12-2026.txt": b"A note."})})
    client.post(page["Location"])
    change = AccessChange.objects.get()
    assert (change.user.name, change.appointed_on) == ("أمينة الخطيب", datetime.date(2026, 3, 3))


# Who may


def test_only_the_uploader_sees_an_upload(erin, greta, states):
    preview = upload(erin, archive(row("XFA", "ada@x.example")))["Location"]
    assert "This upload is no longer available." in words(client_of(greta).get(preview, follow=True))


def test_an_administrator_without_the_role_can_request_nothing(erin, greta, states):
    client = client_of(erin)
    preview = client.post(PAGE, {"file": archive(row("XFA", "ada@x.example"))})["Location"]
    membership = erin.memberships.get()
    Membership.objects.filter(pk=membership.pk).update(ended_at=timezone.now())
    assert client.post(preview).status_code in (302, 403)
    assert AccessChange.objects.count() == 0


@pytest.mark.parametrize("name", ["alice", "bob", "dana"])
def test_only_administrators_request_and_confirm_designations(request, erin, states, xaa, name):
    person = request.getfixturevalue(name)
    assert upload(erin, archive(row("XFA", "ada@x.example"))).status_code == 302
    held = HeldUpload.everyones.get()
    for act in (
        partial(hold_designations, upload=check_upload(SimpleUploadedFile("n.txt", b"x")), rows=[]),
        partial(request_designations, held=held),
        partial(confirm_together, keys=[1]),
    ):
        with pytest.raises(PermissionDenied):
            act(by=person)


def test_the_page_asks_as_many_queries_for_many_states(erin, greta, django_assert_max_num_queries):
    rows = []
    for number in range(20):
        make_state(f"XG{chr(65 + number)}", f"Gland {number}")
        rows.append(row(f"XG{chr(65 + number)}", f"a{number}@x.example", f"{number}/2026"))
    requested(erin, *rows)
    client = client_of(greta)
    with django_assert_max_num_queries(15):
        client.get(PAGE)


def test_administrators_are_notified_once_of_an_upload(erin, greta, states):
    requested(erin, row("XFA", "ada@x.example"), row("XFB", "bo@x.example", "13/2026"))
    assert list(Notification.objects.values_list("user__email", "path")) == [(greta.email, PAGE)]
