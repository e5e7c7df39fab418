"""The site behind gunicorn as shipped, asked over HTTP from the same machine. What is saved stays in the database."""

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

from argon2 import low_level
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test.client import BOUNDARY, MULTIPART_CONTENT, Client, encode_multipart
from django.urls import reverse
from django.utils import timezone

from tracker.demo.bench.applications import DAY
from tracker.demo.bench.browser import ENCODINGS, UserSessions
from tracker.demo.bench.measure import BARE_PAGE, answer_time
from tracker.demo.bench.pages import MissingRows, PageRequest, PageRows
from tracker.demo.clock import on_day
from tracker.demo.people import PASSWORD
from tracker.models import Record, Respondent, User
from tracker.permissions import focal_points_of

# Milliseconds of another implementation for the same work, on another machine with two cores.
PEER = {
    "task list": 878,
    "report: all on one page": 878,
    "progress": 515,
    "progress: States in numbers": 6562,
    "report docx": 3421,
    "report xlsx": 550,
    "report csv": 226,
    "save an answer": 77,
    "sign in": 236,
}
PEOPLE, SAVES = 8, 6  # people who save at once, and how often each does
PDFS, SIGN_INS, BARE_PAGES = 15, 10, 100
TICKS = os.sysconf("SC_CLK_TCK")


class Work(NamedTuple):
    """Medians in milliseconds; `peer_ms` are those of another implementation."""

    name: str
    ms: float
    peer_ms: int | None = None

    @property
    def ratio(self) -> float | None:
        return self.peer_ms and round(self.peer_ms / self.ms, 1)


class SavesAtOnce(NamedTuple):
    """`lost`: saved answers that are not the current ones. `processor_ms` of the server for each."""

    lost: int
    a_second: float
    median_ms: float
    p95_ms: float
    processor_ms: float


class ServerTimes(NamedTuple):
    """Milliseconds of processor that the server uses for one, and this process for a bare hash."""

    bare: float
    sign_in: float
    bare_hash: float
    save: float
    lost: int


class Response(NamedTuple):
    status_code: int
    content: bytes
    streaming: bool = False


class HttpClient:
    """Ask a server as Django's test client asks the site."""

    def __init__(self, port: int, session: str = ""):
        self.port = port
        self.cookies = SimpleCookie({"__Host-sessionid": session} if session else {})

    def get(self, url: str, secure: bool, headers: dict[str, str] | None = None) -> Response:
        return self._ask("GET", url, headers or {})

    def post(self, url: str, data: dict[str, Any], secure: bool) -> Response:
        self.cookies["__Host-csrftoken"] = data["csrfmiddlewaretoken"][0]
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
        with on_day(timezone.localdate()):  # as the server has it, for which a session of the night would be over
            signed_in = super().__missing__(user)
        session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value if user else ""
        self[user] = client = HttpClient(self.port, session)  # type: ignore[assignment]
        return client  # type: ignore[return-value]


class Server(NamedTuple):
    port: int
    master: int

    @property
    def workers(self) -> list[int]:
        tasks = Path(f"/proc/{self.master}/task/{self.master}/children")
        return [int(number) for number in tasks.read_text().split()]

    def processor_seconds(self) -> float:
        """Return what the workers used, with their child processes that have ended."""
        stats = [Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in self.workers]
        return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / TICKS

    def megabytes(self) -> int:
        """Return the memory of the largest worker."""
        statuses = [Path(f"/proc/{worker}/status").read_text() for worker in self.workers]
        return max(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) for status in statuses) // 1024


@contextmanager
def served(application: str, *options: str) -> Iterator[Server]:
    """Start gunicorn as docs/operate.md does, with an application of `applications`."""
    storage: Any = settings.STORAGES["default"]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "FILES_DIR": storage["OPTIONS"]["location"],
        DAY: timezone.localdate().isoformat(),
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXY_COUNT": "1",
    }
    address = ["--bind", "127.0.0.1:0", f"tracker.demo.bench.applications:{application}()"]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", *options, *address],
        cwd=settings.BASE_DIR,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        listening = next(line for line in process.stderr or () if "Listening at" in line)
        server = Server(int(listening.rpartition(":")[2].split()[0]), process.pid)
        HttpClient(server.port).get("/livez", secure=True)  # when a worker has started
        yield server
    finally:
        process.terminate()
        process.communicate()


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values | {"PORT": values["PORT"] or 5432})


def measure_works(times: int) -> Iterator[Work]:
    """Ask for each work so many times, one after the other, and for the bare page before each."""
    rows = set_password()
    pages = {page.name: page for page in rows.requests()}
    with served("bare") as bare_server, served("site") as server:
        sessions, bare_sessions = ServerSessions(server.port), ServerSessions(bare_server.port)
        seconds: dict[str, list[float]] = {name: [] for name in [BARE_PAGE.name, *PEER]}
        for _time in range(times + 1):
            for name in PEER:
                page = pages.get(name) or fill_in_form(name, sessions, rows)
                seconds[BARE_PAGE.name].append(_seconds(bare_sessions, BARE_PAGE))
                seconds[name].append(_seconds(sessions, page))
        ms = {name: round(1000 * statistics.median(values[1:]), 1) for name, values in seconds.items()}
    yield Work(BARE_PAGE.name, ms[BARE_PAGE.name])
    yield from (Work(name, ms[name], peer) for name, peer in PEER.items())


def set_password() -> PageRows:
    rows = PageRows()
    rows.focal_point.set_password(PASSWORD)
    rows.focal_point.save()
    return rows


def fill_in_form(name: str, sessions: UserSessions, rows: PageRows) -> PageRequest:
    if name == "sign in":
        page = PageRequest(name, None, reverse("account_login"))
        return sessions.fill_in(page, login=rows.focal_point.email, password=PASSWORD)
    record = Record.everyones.get(respondent=rows.state, recommendation=rows.unit)
    return fill_in_answer(sessions, rows.focal_point, record)


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
    before, start = server.processor_seconds(), time.perf_counter()
    with ThreadPoolExecutor(PEOPLE) as people:
        own_seconds = list(people.map(lambda own: [_seconds(sessions, form) for form in own], forms))
    total = time.perf_counter() - start
    seconds = sorted(one for own in own_seconds for one in own)
    processor = server.processor_seconds() - before
    saved = Record.everyones.filter(current__measures__startswith="Saved at ")
    current = set(saved.values_list("current__measures", flat=True))
    sent = [str((form.data or {})["measures"]) for own in forms for form in own]
    return SavesAtOnce(
        lost=len(set(sent) - current),
        a_second=round(len(seconds) / total, 1),
        median_ms=round(1000 * statistics.median(seconds), 1),
        p95_ms=round(1000 * seconds[ceil(0.95 * len(seconds)) - 1], 1),
        processor_ms=round(1000 * processor / len(seconds), 1),
    )


def measure_server(server: Server) -> ServerTimes:
    sessions, rows = ServerSessions(server.port), set_password()
    forms = [fill_in_form("sign in", sessions, rows) for _time in range(SIGN_INS)]
    page = PageRequest("bare page", None, reverse("account_login"))
    before = server.processor_seconds()
    for _time in range(BARE_PAGES):
        sessions.send(page)
    between = server.processor_seconds()
    for form in forms:
        sessions.send(form)
    after = server.processor_seconds()
    saves = save_at_once(server)
    return ServerTimes(
        bare=1000 * (between - before) / BARE_PAGES,
        sign_in=1000 * (after - between) / SIGN_INS,
        bare_hash=1000 * sum(_bare_hash_seconds() for _time in range(SIGN_INS)) / SIGN_INS,
        save=saves.processor_ms,
        lost=saves.lost,
    )


def _bare_hash_seconds() -> float:
    """Hash with what a password is meant to cost, whatever the settings say. How fast that is depends on the memory of
    the machine, as no page does.
    """
    start = time.process_time()
    low_level.hash_secret(b"a password", b"and its salt", 2, 19 * 1024, 1, hash_len=32, type=low_level.Type.ID)
    return time.process_time() - start


def memory_after_pdfs() -> int:
    """Return the MB of a worker that has made the PDF of a State's report so many times."""
    rows = PageRows()
    with served("site", "--workers", "1") as server:
        sessions = ServerSessions(server.port)
        for _time in range(PDFS):
            sessions.send(PageRequest("report pdf", rows.focal_point, reverse("report_pdf", args=[rows.state.code])))
        return server.megabytes()


def fill_in_answer(sessions: UserSessions, by: User, record: Record) -> PageRequest:
    place = [record.respondent.code, record.recommendation.slug]
    page = PageRequest("save an answer", by, reverse("record", args=place))
    return sessions.fill_in(page, measures=f"Saved at {time.time()}.")


def _seconds(sessions: UserSessions, page: PageRequest) -> float:
    return answer_time(page, sessions.send, time.perf_counter)
