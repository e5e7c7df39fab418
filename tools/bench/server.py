"""gunicorn as docs/operate.md starts it, asked over HTTP from the same machine. What is saved stays in the database."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count
from django.test.client import BOUNDARY, MULTIPART_CONTENT, Client, encode_multipart
from django.urls import reverse

from tools.bench.browser import ENCODINGS, UserSessions
from tools.bench.rows import MissingRows, PageRequest
from tracker.models import Record, Respondent, User
from tracker.permissions import focal_points_of

PEOPLE, SAVES = 8, 6  # people who save at once, and how often each does


class SavesAtOnce(NamedTuple):
    """`lost`: saved answers that are not the current ones."""

    lost: int
    a_second: float
    median_ms: float
    p95_ms: float


class Response(NamedTuple):
    status_code: int
    content: bytes
    streaming: bool = False


class HttpClient:
    """Ask a server as Django's test client asks the site."""

    def __init__(self, port: int, session: str = ""):
        self.port = port
        self.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: session} if session else {})

    def get(self, url: str, secure: bool, headers: dict[str, str] | None = None) -> Response:
        return self._ask("GET", url, headers or {})

    def post(self, url: str, data: dict[str, Any], secure: bool) -> Response:
        self.cookies[settings.CSRF_COOKIE_NAME] = data["csrfmiddlewaretoken"][0]
        headers = {"Content-Type": MULTIPART_CONTENT, "Origin": "https://localhost"}
        return self._ask("POST", url, headers, encode_multipart(BOUNDARY, data))

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items())
        usual = {"Host": "localhost", "X-Forwarded-Proto": "https", "Cookie": cookies, "Accept-Encoding": ENCODINGS}
        http = HTTPConnection("127.0.0.1", self.port)
        http.request(method, url, body, usual | {name.title(): value for name, value in headers.items()})
        response = http.getresponse()
        return Response(response.status, response.read())


class ServerSessions(UserSessions):
    def __init__(self, port: int):
        self.port = port

    def __missing__(self, user: User | None) -> Client:
        session = super().__missing__(user).cookies[settings.SESSION_COOKIE_NAME].value if user else ""
        self[user] = client = HttpClient(self.port, session)  # type: ignore[assignment]
        return client  # type: ignore[return-value]


class Server(NamedTuple):
    port: int
    master: int

    def megabytes(self) -> int:
        """Return the memory of the largest worker."""
        workers = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        statuses = [Path(f"/proc/{worker}/status").read_text() for worker in workers]
        return max(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) for status in statuses) // 1024


@contextmanager
def served(*options: str, **environment: str) -> Iterator[Server]:
    """Start gunicorn as docs/operate.md does, with the environment and the files of this process."""
    storage: Any = settings.STORAGES["default"]
    of_server = {
        "FILES_DIR": storage["OPTIONS"]["location"],
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXY_COUNT": "1",
    }
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", *options],
        cwd=settings.BASE_DIR,
        env=os.environ | of_server | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        listening = next((line for line in process.stderr or () if "Listening at" in line), "")
        if not listening:
            raise MissingRows("gunicorn did not start with these settings.")
        server = Server(int(listening.rpartition(":")[2].split()[0]), process.pid)
        HttpClient(server.port).get("/livez", secure=True)  # when a worker has started
        yield server
    finally:
        process.terminate()
        process.communicate()


def save_at_once(server: Server) -> SavesAtOnce:
    """Let people of as many States save answers, all at the same time."""
    sessions = ServerSessions(server.port)
    states = Respondent.objects.annotate(answers=Count("records__current")).filter(answers__gte=SAVES)
    forms = []
    for state in states.order_by("pk")[:PEOPLE]:
        records, by = Record.everyones.filter(respondent=state, current__isnull=False), focal_points_of(state)[0]
        forms.append([fill_in_answer(sessions, by, record) for record in records.order_by("pk")[:SAVES]])
    if len(forms) < PEOPLE:
        raise MissingRows(f"{PEOPLE} States need {SAVES} answers each.")
    start = time.perf_counter()
    with ThreadPoolExecutor(PEOPLE) as people:
        of_people = list(people.map(lambda own: [_seconds(sessions, form) for form in own], forms))
    total = time.perf_counter() - start
    seconds = sorted(each for own in of_people for each in own)
    saved = Record.everyones.filter(current__measures__startswith="Saved at ")
    current = set(saved.values_list("current__measures", flat=True))
    sent = {str((form.data or {})["measures"]) for own in forms for form in own}
    return SavesAtOnce(
        lost=len(sent - current),
        a_second=round(len(seconds) / total, 1),
        median_ms=round(1000 * statistics.median(seconds), 1),
        p95_ms=round(1000 * seconds[ceil(0.95 * len(seconds)) - 1], 1),
    )


def fill_in_answer(sessions: UserSessions, by: User, record: Record) -> PageRequest:
    place = [record.respondent.code, record.recommendation.slug]
    page = PageRequest("save an answer", by, reverse("record", args=place))
    return sessions.fill_in(page, measures=f"Saved at {time.time()}.")


def _seconds(sessions: UserSessions, page: PageRequest) -> float:
    start = time.perf_counter()
    sessions.send(page)
    return time.perf_counter() - start
