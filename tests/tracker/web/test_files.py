"""Not one byte of a stored file is served that is not as it was saved, wherever files are served."""

import logging
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings as django_settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from tests.access import appointed
from tests.client import Client
from tests.conftest import make_person, save_for_xaa
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.pages import client_of, words
from tests.storages import SilentStorage, alter, break_storage
from tests.submissions import release_of_few, submit_ready
from tracker.actions.export import request_export
from tracker.actions.submission import change_use
from tracker.actions.tasks import write_export
from tracker.audit.integrity import PIECE
from tracker.documents.exchange.uploads import check_upload
from tracker.models import AccessChange, Event, EvidenceFile, Export, Membership, ReleaseFile

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE = Path(django_settings.BASE_DIR) / "tracker"


@pytest.fixture
def law(xaa, alice):
    return add_item(xaa, alice, "Act", disclosure="public", upload=check_upload(upload("act.pdf", PDF)))


@pytest.fixture
def published(law, xaa, alice, unit, round_):
    """The law, cited by a published answer that is a good practice too."""
    save_for_xaa(
        "I.13", measures="An act.", ready=True, good_practice=True, good_practice_shared=True, citations=[(law, "p. 1")]
    )
    submission = submit_ready(xaa, round_, alice)
    change_use(submission=submission, in_aggregates=True, quoted=True, published=True, by=alice)
    return submission


@pytest.fixture
def membership(xaa, erin, greta):
    return appointed(make_person("frida"), xaa, by=(erin, greta))


@pytest.fixture
def export(published, bob):
    made = request_export(rounds=[], by=bob)
    write_export.call(made.pk)
    return made


@pytest.fixture
def release(round_, bob):
    return release_of_few(round_, bob)


SUBMISSION = {"code": "XAA", "round_code": "2026", "number": 1, "slug": "I-13", "position": 1}
PRACTICE = {"respondent_code": "XAA", "round_code": "2026", "number": 1, "slug": "I-13", "position": 1}
# By name of the address that serves stored bytes: who reads it, its arguments, the row of the file (whose key may be an
# argument), and what is made before.
SERVED = {
    "evidence_file": ("alice", {"code": "XAA", "number": 1, "version": 1}, EvidenceFile, "law"),
    "submission_evidence_file": ("bob", SUBMISSION, EvidenceFile, "published"),
    "published_evidence_file": ("", SUBMISSION, EvidenceFile, "published"),
    "practice_evidence_file": ("charlie", PRACTICE, EvidenceFile, "published"),
    "appointing_document": ("erin", {"pk": None}, Membership, "membership"),
    "access_document": ("erin", {"pk": None}, AccessChange, "membership"),
    "release_file": ("", {"round_code": "2026", "kind": "csv"}, ReleaseFile, "release"),
    "figures_csv": ("", {}, ReleaseFile, "release"),
    "export_file": ("bob", {"pk": None}, Export, "export"),
}


class Served(NamedTuple):
    """An address that serves a file: who reads it, and the row of the file."""

    client: Client
    address: str
    row: Model

    @property
    def file(self) -> FieldFile:
        return self.row.document if hasattr(self.row, "document") else self.row.file


@pytest.fixture(params=SERVED)
def served(request, client) -> Served:
    person, arguments, model, made = SERVED[request.param]
    request.getfixturevalue(made)
    rows = getattr(model, "everyones", model.objects)
    row = rows.exclude(document="").get() if hasattr(model, "document") else rows.order_by("file").first()
    if "pk" in arguments:
        arguments = {"pk": row.pk}
    reader = client_of(request.getfixturevalue(person)) if person else client
    return Served(reader, reverse(request.param, kwargs=arguments), row)


def test_every_address_of_a_stored_file_is_here():
    """A view that serves a file takes its bytes from one function."""
    views = [
        path for path in (CODE / "views").glob("*.py") if re.search(r"open_stored|file_response", path.read_text())
    ]
    assert {path.stem for path in views} == {
        "evidence", "export", "figures", "membership", "practice", "publication", "review",
    }  # fmt: skip
    opens = re.compile(r"default_storage|FileResponse\(|\.open\(\"")
    others = [path for part in ("views", "web", "forms", "templatetags") for path in (CODE / part).rglob("*.py")]
    assert {path.name for path in others if opens.search(path.read_text())} == {"files.py", "figures.py"}


def test_the_file_itself_is_served_whole(served):
    with served.file.open() as stored:
        whole = stored.read()
    response = served.client.get(served.address)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, whole)
    assert int(response["Content-Length"]) == len(whole)
    assert differences() == []


def differences() -> list[tuple]:
    found = Event.everyones.filter(action__in=["file altered", "file missing"]).order_by("pk")
    return [(event.chain, event.action, event.actor, event.target) for event in found]


@pytest.mark.parametrize("change", ["last byte", "longer", "missing"])
def test_attack_altered_evidence_is_served_as_genuine(served, change, caplog):
    """Not a byte is served; there is a page, one event a day, and an alarm for each reading."""
    name = served.file.name
    with served.file.open() as stored:
        whole = stored.read()
    others = {"last byte": whole[:-1] + b"#", "longer": whole + b"#"}
    if change == "missing":
        default_storage.delete(name)
    else:
        alter(name, others[change])
    for _reading in range(2):
        response = served.client.get(served.address)
        assert (response.status_code, response.streaming) == (404, False)
        assert whole[:20] not in response.content
        assert "could not be opened" in words(response) or "cannot be" in words(response)
    fault = "missing" if change == "missing" else "altered"
    chain = served.row.respondent.code if hasattr(served.row, "respondent") else "site"
    assert differences() == [(chain, f"file {fault}", None, "file")]
    alarms = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert alarms == [f"{chain}, {type(served.row).__name__} {served.row.pk}, file {name}: {fault}"] * 2
    assert not Event.everyones.filter(action=f"file {fault}", address__isnull=False).exists()


def test_a_storage_that_does_not_respond_is_no_alteration(served, settings, caplog):
    break_storage(settings, SilentStorage)
    response = served.client.get(served.address)
    assert (response.status_code, response.streaming) == (404, False)
    assert differences() == []
    assert [record.levelname for record in caplog.records if record.name.startswith("tracker")] == ["ERROR"]


class EndlessStorage(FileSystemStorage):
    """Says that a file has its size, and never ends."""

    read = 0

    def _open(self, name, mode="rb"):
        return EndlessFile(super()._open(name, mode).file)


class EndlessFile(File):
    def read(self, size=-1):
        EndlessStorage.read += size
        return b"#" * size


def test_attack_a_file_without_end_in_place_of_another_fills_no_disk(law, alice, settings):
    default = settings.STORAGES["default"] | {"BACKEND": f"{__name__}.{EndlessStorage.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    assert client_of(alice).get(reverse("evidence_file", args=["XAA", 1, 1])).status_code == 404
    assert EndlessStorage.read == PIECE


def test_a_copy_that_is_served_is_not_altered_by_what_follows(law, alice):
    """The bytes are compared and served from one copy."""
    response = client_of(alice).get(reverse("evidence_file", args=["XAA", 1, 1]))
    alter(law.file.file.name, b"#" * len(PDF))
    assert b"".join(response.streaming_content) == PDF


def test_a_focal_point_reads_which_file_differs_and_an_administrator_only_that_one_does(law, alice, erin):
    alter(law.file.file.name, b"other")
    client_of(alice).get(reverse("evidence_file", args=["XAA", 1, 1]))
    assert "System File altered in storage File E1" in words(client_of(alice).get(reverse("event_list", args=["XAA"])))
    log = words(client_of(erin).get(reverse("site_event_list")))
    assert "File altered in storage" in log
    assert "E1" not in log
