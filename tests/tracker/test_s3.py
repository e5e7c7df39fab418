"""Files in S3 by the settings as they are shipped: slow, failing, missing and altered. The server is moto's."""

import runpy
import socket
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.server import ThreadedMotoServer

from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.pages import client_of, words
from tests.verification import name_rows
from tracker.actions.record import Answer, save_answer
from tracker.actions.stored_file import check_files
from tracker.audit.integrity import list_files
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Event, EvidenceFile, HeldUpload, Revision

BUCKET = "evidence"
TYPED = {"title": "Victims of Crime Act", "kind": "law", "language": "en", "disclosure": "public"}
TRY_LATER = "A file could not be stored or read, so nothing was done. Try again later."


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def use(settings, monkeypatch):
    """Use another server: `use(address, seconds)`, by the settings that an operator has."""

    def use_(address: str, seconds: float = 5) -> None:
        environment = {
            "S3_BUCKET": BUCKET,
            "S3_TIMEOUT": str(seconds),
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        shipped = runpy.run_path(str(Path(django_settings.BASE_DIR) / "tracker" / "settings.py"))
        settings.STORAGES = {**settings.STORAGES, "default": shipped["STORAGES"]["default"]}

    return use_


@pytest.fixture
def bucket(server, use):
    use(server)
    bucket = boto3.resource("s3").Bucket(BUCKET)
    bucket.create()
    yield bucket
    for stored in boto3.resource("s3", endpoint_url=server).Bucket(BUCKET).objects.all():
        stored.delete()


@pytest.fixture
def law(bucket, xaa, alice) -> EvidenceFile:
    return add_item(xaa, alice, upload=check_upload(upload("act.pdf", PDF))).file


class SilentServer:
    """Accepts connections and does not answer."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def end(self) -> None:
        self.socket.close()


@pytest.fixture
def silent():
    server = SilentServer()
    yield server
    server.end()


class FailingHandler(BaseHTTPRequestHandler):
    def fail(self):
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = fail

    def log_message(self, *args):
        pass


@pytest.fixture
def failing():
    server = ThreadingHTTPServer(("127.0.0.1", 0), FailingHandler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def add_page(person):
    return client_of(person).post(
        reverse("evidence_add", args=["XAA"]), TYPED | {"upload": upload("a.txt", "Another act.")}
    )


def file_page(person):
    return client_of(person).get(reverse("evidence_file", args=["XAA", 1, 1]))


def differences() -> list[str]:
    return list(Event.everyones.filter(action__startswith="file ").values_list("action", flat=True))


def test_a_file_is_stored_served_and_checked(law, bucket, alice):
    assert [stored.key for stored in bucket.objects.all()] == [law.file.name]
    assert b"".join(file_page(alice).streaming_content) == PDF
    assert sum(check_files(date(2026, 11, day)) for day in range(1, 31)) == 0
    name_rows()
    call_command("verify")


def test_a_large_file_is_stored_in_parts_and_read_whole(bucket):
    content = b"0123456789" * 2_000_000
    name = default_storage.save("exports/large", ContentFile(content))
    with default_storage.open(name) as stored:
        assert stored.read() == content


def test_an_altered_object_is_not_served(law, bucket, alice):
    bucket.put_object(Key=law.file.name, Body=PDF[:-1] + b"#")
    response = file_page(alice)
    assert (response.status_code, PDF[:20] in response.content) == (404, False)
    assert "This file cannot be opened" in words(response)
    assert differences() == ["file altered"]


def test_a_missing_object_is_named(law, bucket, alice):
    bucket.Object(law.file.name).delete()
    assert "This file cannot be opened" in words(file_page(alice))
    assert differences() == ["file missing"]
    name_rows()
    with pytest.raises(CommandError, match="Different from what was saved: 1"):
        call_command("verify")


@pytest.mark.parametrize("kind", ["slow", "failing"])
def test_a_server_that_is_slow_or_fails_is_answered_with_a_page(kind, law, use, silent, failing, alice):
    """Uploads keep what was typed, files have a page, and the job fails without an event."""
    use({"slow": silent.address, "failing": failing}[kind], 0.2)
    response = add_page(alice)
    assert response.context["form"].errors["upload"] == [TRY_LATER]
    assert 'value="Victims of Crime Act"' in response.text
    assert HeldUpload.everyones.count() == 0, "takes no room in the quota"
    assert file_page(alice).status_code == 404
    assert sum(check_files(date(2026, 11, day)) for day in range(1, 31)) == 1
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_attack_a_colleague_saves_while_s3_hangs(use, silent, xaa, alice, ruth, unit):
    use(silent.address, 60)
    pages = []

    def upload_it():
        try:
            pages.append(add_page(alice))
        finally:
            connection.close()

    uploading = threading.Thread(target=upload_it)
    uploading.start()
    waiting, _address = silent.socket.accept()
    try:
        save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress", measures="A."), by=ruth)
        assert (Revision.everyones.count(), uploading.is_alive()) == (1, True)
    finally:
        silent.end()
        waiting.close()
        uploading.join()
    assert pages[0].context["form"].errors["upload"] == [TRY_LATER]


def test_unknown_objects_go_after_a_day_and_never_sooner(bucket, db):
    for name in ("old", "young"):
        bucket.put_object(Key=f"evidence/XAA/{name}", Body=b"bytes")
    assert list_files().unknown == {"evidence/XAA/old", "evidence/XAA/young"}
    stored = get_backend("s3")[ACCOUNT]["aws"].buckets[BUCKET].keys["evidence/XAA/old"]
    stored.last_modified -= timedelta(days=2)
    call_command("maintain_files", verbosity=0)
    assert [left.key for left in bucket.objects.all()] == ["evidence/XAA/young"]
