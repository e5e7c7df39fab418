"""What one user or one network may ask for, how many files are made at once, and what a file may need."""

import gc
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from recommendations import places
from recommendations.catalogue_file import make_catalogue_file
from recommendations.places import Busy, place_for_file
from tests.client import Client
from tests.conftest import arandia, make_person
from tests.database import database_url
from tests.documents import PDF
from tests.pages import client_of
from tests.submissions import save_many
from tests.thorough import times
from tools.bench.rows import PageRequest
from tools.bench.server import ServerSessions, served
from tracker.actions.record import Answer
from tracker.documents import typeset
from tracker.models import Draft, RequestCount
from tracker.models.user import Role
from tracker.web import limits
from tracker.web.limits import PERIOD

pytestmark = pytest.mark.django_db

FILE = reverse("report_json", args=["XAA"])
PDF_FILE = reverse("report_pdf", args=["XAA"])
UPLOAD = reverse("evidence_add", args=["XAA"])
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clock(monkeypatch):
    """A clock at the start of a period, which a test moves on."""
    shown = {"at": 1_000_000.0 * PERIOD}
    monkeypatch.setattr(limits.time, "time", lambda: shown["at"])

    def pass_seconds(seconds: float) -> None:
        shown["at"] += seconds

    return pass_seconds


@pytest.fixture
def at_most(settings):
    """Set the numbers of one limit: of a user, and of a network."""

    def at_most_(limit: str, of_user: int, of_network: int) -> None:
        settings.REQUEST_LIMITS = settings.REQUEST_LIMITS | {limit: (of_user, of_network)}

    return at_most_


def codes(client: Client, address: str, number: int, **headers: str) -> list[int]:
    return [client.get(address, headers=headers).status_code for _time in range(number)]


# What one user may ask for


@pytest.mark.thorough
def test_attack_one_person_asks_for_the_report_100_times(clock, alice):
    """A hundred times with CI set."""
    of_user = settings.REQUEST_LIMITS["file"][0]
    client, beyond = client_of(alice), times(10, 100 - of_user)
    assert codes(client, FILE, of_user + beyond) == [200] * of_user + [429] * beyond
    clock(200)
    refused = client.get(FILE)
    assert refused["Retry-After"] == "400"
    page = refused.content.decode()
    assert "<h1>Too many requests</h1>" in page
    assert "Wait 7 minutes and try again." in page
    clock(400)
    assert client.get(FILE).status_code == 200


def test_twenty_files_in_ten_minutes_are_allowed_of_every_kind():
    assert all(of_user >= 20 for of_user, _of_network in settings.REQUEST_LIMITS.values())


def test_the_limit_of_one_person_is_nobody_elses(clock, at_most, xaa, alice):
    at_most("file", 2, 1)
    other = make_person("yusuf", Role.FOCAL_POINT, xaa)
    assert codes(client_of(alice), FILE, 3) == [200, 200, 429]
    assert codes(client_of(alice), FILE, 1) == [429]  # in another browser
    assert codes(client_of(other), FILE, 2) == [200, 200]


def test_attack_a_limit_is_passed_by_head_a_parameter_or_another_session(desk, clock, at_most, alice):
    at_most("file", 1, 1)
    assert desk.get(FILE).status_code == 200
    for response in (desk.head(FILE), desk.get(FILE, {"x": "1"}), client_of(alice).get(FILE)):
        assert response.status_code == 429


def test_a_team_behind_one_address_is_never_limited(clock, at_most, xaa):
    """Who has signed in is counted alone, whatever number their network has."""
    at_most("file", 5, 2)
    team = [make_person(f"member{number}", Role.FOCAL_POINT, xaa) for number in range(3)]
    assert [codes(client_of(person), FILE, 5) for person in team] == [[200] * 5] * 3


def test_attack_a_search_a_second_for_ten_minutes_by_script(clock, at_most):
    """A tenth of both: 60 searches, of 600, and a tenth of the number that a network may make."""
    of_network = settings.REQUEST_LIMITS["search"][1] // 10
    at_most("search", 1, of_network)
    script = Client()
    found = [script.get(f"/search/?q=word{second}").status_code for second in range(60)]
    assert found == [200] * of_network + [429] * (60 - of_network)
    assert codes(script, "/search/", 1) == [200]
    assert codes(script, "/recommendations/", 1) == [200]
    assert codes(script, "/recommendations/?q=V.41", 1) == [429]
    assert codes(script, "/recommendations/?q=V.41", 1, **HTMX) == [429]


def test_attack_codes_of_receipts_are_tried_from_one_address(clock, at_most):
    at_most("verification", 1, 3)
    assert codes(Client(), f"/verify/{'A' * 26}/", 5) == [404] * 3 + [429] * 2
    assert codes(Client(REMOTE_ADDR="192.0.2.7"), f"/verify/{'A' * 26}/", 1) == [404]


def test_attack_one_network_of_ipv6_has_many_addresses(clock, at_most):
    at_most("verification", 1, 1)
    tried = [Client(REMOTE_ADDR=f"2001:db8::{number}").get(f"/verify/{'A' * 26}/") for number in (1, 2)]
    assert [answer.status_code for answer in tried] == [404, 429]


def test_the_database_holds_no_address(clock):
    Client(REMOTE_ADDR="192.0.2.7").get("/search/?q=word")
    assert [(len(count.key), count.count) for count in RequestCount.objects.all()] == [(64, 1)]
    assert "192.0.2.7" not in str(RequestCount.objects.values().get())


def test_counts_of_periods_that_are_over_are_deleted(clock):
    client = Client()
    client.get("/search/?q=word")
    call_command("forget_addresses", verbosity=0)
    assert RequestCount.objects.count() == 1
    clock(PERIOD)
    call_command("forget_addresses", verbosity=0)
    assert RequestCount.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_all_counted():
    def add_requests(_thread: int) -> None:
        for _time in range(10):
            RequestCount.objects.add_request("a key", 1)
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_requests, range(4)))
    assert RequestCount.objects.get().count == 40
    assert RequestCount.objects.add_request("a key", 2) == 1


# Uploads: what was typed stays


def upload(client: Client, page: str, **headers: str):
    token = re.search(r'name="author_token" value="([^"]+)"', page)[1]
    typed = {"author_token": token, "title": "Law No. 17 of 2022", "upload": SimpleUploadedFile("law.pdf", PDF)}
    return client.post(UPLOAD, typed, headers=headers)


def test_attack_uploads_without_end_and_nothing_typed_is_lost(desk, clock, at_most):
    page = desk.get(UPLOAD).content.decode()
    at_most("upload", 1, 1)
    assert upload(desk, page).status_code == 200  # the form again: a kind is missing
    refused = upload(desk, page)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert f'href="{UPLOAD}"' in refused.content.decode()
    assert "Law No. 17 of 2022" in desk.get(UPLOAD).content.decode()


def test_a_page_that_uploads_in_the_background_keeps_its_own_text(desk, clock, at_most):
    page = desk.get(UPLOAD).content.decode()
    at_most("upload", 0, 0)
    refused = upload(desk, page, **HTMX)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert Draft.everyones.count() == 0


def pasted(client: Client, name: str) -> dict[str, str]:
    token = re.search(r'name="author_token" value="([^"]+)"', client.get(reverse(name)).content.decode())[1]
    return {"author_token": token, "pasted": "1. States should act.", "language": "fr"}


# With what is missing named, and as a draft.
PASTED = pytest.mark.parametrize(("name", "status"), [("official_texts_add", 200), ("paper_import_add", 302)])


@PASTED
def test_documents_that_curators_paste_count_as_uploads_and_nothing_typed_is_lost(clock, at_most, dana, name, status):
    client, address = client_of(dana), reverse(name)
    typed = pasted(client, name)
    at_most("upload", 1, 1)
    assert codes(client, address, 2) == [200, 200]
    assert [client.post(address, typed).status_code for _time in range(2)] == [status, 429]
    assert "1. States should act." in client.get(address).content.decode()


# Files at once, and what one may need


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 0.01)


def test_while_all_places_are_taken_a_page_asks_to_wait(desk, impatient):
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        refused = desk.get(FILE)
        assert (refused.status_code, refused["Retry-After"]) == (503, "60")
        assert "<h1>The site is busy</h1>" in refused.content.decode()
        assert desk.get(reverse("report", args=["XAA"])).status_code == 200
    assert desk.get(FILE).status_code == 200


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx"])
def test_attack_anyone_has_the_catalogue_written_by_all_threads_at_once(impatient, kind):
    file = reverse(f"recommendations:{kind}")
    make_catalogue_file.cache_clear()
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        assert Client().get(file).status_code == 503
    assert Client().get(file).status_code == 200


@pytest.mark.thorough
def test_attack_files_of_the_catalogue_leave_their_objects_in_memory():
    """Texts, wordings and families name each other, so that only a collection finds them."""
    file = reverse("recommendations:csv")
    Client().get(file)
    gc.collect()
    make_catalogue_file.cache_clear()
    Client().get(file)
    assert gc.collect() < 1_000


@pytest.mark.parametrize(("name", "field"), [("returned_file", "upload")])
def test_uploaded_files_are_read_in_the_same_places_and_nothing_typed_is_lost(impatient, alice, name, field):
    client, address = client_of(alice), reverse(name, args=["XAA"])
    token = re.search(r'name="author_token" value="([^"]+)"', client.get(address).content.decode())[1]
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        refused = client.post(address, {"author_token": token, field: SimpleUploadedFile("a.xlsx", PDF)})
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert f'href="{address}"' in refused.content.decode()
    assert client.post(address, {field: SimpleUploadedFile("a.xlsx", PDF)}).status_code == 200


@PASTED
def test_documents_of_curators_are_read_in_the_same_places_and_nothing_typed_is_lost(impatient, dana, name, status):
    client, address = client_of(dana), reverse(name)
    typed = pasted(client, name)
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        refused = client.post(address, typed)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert "1. States should act." in client.get(address).content.decode()
    assert client.post(address, typed).status_code == status


def test_attack_one_person_uploads_16_pdfs_at_once_that_need_600_mb_each(desk, impatient):
    page = desk.get(UPLOAD).content.decode()
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        refused = upload(desk, page)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert "Law No. 17 of 2022" in desk.get(UPLOAD).content.decode()
    assert upload(desk, page).status_code == 200


def test_attack_one_person_fills_all_threads_with_files(monkeypatch):
    """Only so many requests wait; those beyond are refused at once, and a thread stays free for each of them."""
    monkeypatch.setattr(places, "PATIENCE", 60)
    with ExitStack() as files:
        for _place in range(places.AT_ONCE):
            files.enter_context(place_for_file())
        with ThreadPoolExecutor(places.WAITING) as threads:
            waiting = [threads.submit(_make) for _request in range(places.WAITING)]
            while places._queue._value:
                pass  # until all of them wait
            with pytest.raises(Busy):
                _make()
            files.close()
            assert [made.result() for made in waiting] == ["made"] * places.WAITING
    assert _make() == "made"


def _make() -> str:
    with place_for_file():
        return "made"


@pytest.mark.thorough
def test_a_report_that_needs_too_much_is_refused_with_advice_and_gives_its_place_back(desk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(typeset, "SECONDS", 0.01)
        for _time in range(places.AT_ONCE + 1):
            refused = desk.get(PDF_FILE)
            assert refused.status_code == 422
    assert "Choose fewer recommendations or another format" in refused.content.decode()
    assert desk.get(PDF_FILE).content.startswith(b"%PDF-")


# In a server


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database
@pytest.mark.thorough
def test_a_worker_stays_below_200_mb_after_15_reports_of_230_answers():
    """Fifteen with CI set, as in `.ci/run`. Each PDF once took a worker 100 MB, kept for good."""
    xaa = arandia()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    said = Answer(status="implemented", measures="A measure that was taken. " * 50)
    save_many(xaa, dict.fromkeys(xaa.units_to_answer(), said), alice)
    with served("--workers", "1", DATABASE_URL=database_url()) as server:
        sessions = ServerSessions(server.port)
        for _time in range(times(2, 15)):
            assert sessions.send(PageRequest("report", alice, PDF_FILE)).startswith(b"%PDF-")
        assert server.megabytes() < 200
