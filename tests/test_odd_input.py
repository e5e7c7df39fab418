"""Nothing that comes in from outside makes the site fail: every URL is asked with odd words in its path, its query
string, its body and its cookies, by who may write there, by a stranger and by a curator. It never answers 500.
"""

import re
from collections.abc import Sequence
from itertools import cycle, islice
from urllib.parse import quote

import pytest
from django.db import connection
from django.urls import reverse

from tests.client import Client
from tests.documents import PDF
from tests.pages import client_of
from tests.test_walk import ADMIN_OF, URLS, address, app_of, site  # noqa: F401  # a fixture
from tests.thorough import IS_THOROUGH, some
from tracker.models import User

pytestmark = pytest.mark.django_db

# Where the site runs, on PostgreSQL, each person asks every address; on SQLite, and by default, they share them. Words,
# forms and bodies are sent in turn, to each address others by each person.
ASKS_ALL = IS_THOROUGH and connection.vendor == "postgresql"

ODD = (
    "%00",
    "%FF%FE%C3%28",  # broken bytes
    "%ED%A0%80",  # half a character
    "9" * 400,
    "9223372036854775808",
    "-1",
    quote("٣²"),
    "NaN",
    "0000-99-99",
    "x" * 30_000,
    "%0D%0A%0B%1B%7F%E2%80%AE",  # controls
    quote("\"'><script>{{ 7 }}{% x %}=1"),
)
RIGHT = "status=implemented&language=en&kind=law&disclosure=state&reason=name&ask=&next=yes&decision=refuse"
PERSONS = ("focal point", "stranger", "curator")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
BODIES = {
    "no form": ("application/json", b'{"a": [1'),
    "no boundary": ("multipart/form-data", b"--x"),
    "broken parts": (MULTIPART, b"--x\r\nContent-Disposition: form-data; name\r\n\r\n\xff"),
    "no such charset": (f"{FORM}; charset=klingon", b"status=implemented"),
    "another charset": (f"{FORM}; charset=utf-16", b"\xff\xfes\x00"),
    "raw bytes": (FORM, b"\x00\xff=\xfe&&=&%&%zz=%"),
    "too many fields": (FORM, b"a=&" * 2001),
}
COOKIES = (
    r'sessionid="\000\000\000\000\000\000\000\000"',
    "sessionid=\xff\xff\xff\xff\xff\xff\xff\xff",
    "csrftoken=%00",
)
NAMES = (
    "x" * 5000 + ".pdf",
    "…" * 300 + ".pdf",
    "a\0b.pdf",
    "\ud800.pdf",
    "../../etc/passwd",
    ".pdf",
    "con.pdf/",
    'a.pdf"; filename="b.pdf',
)


@pytest.fixture
def people(site) -> dict[str, User | None]:  # noqa: F811
    return site[2]


@pytest.fixture(scope="module")
def addresses(site) -> list[str]:  # noqa: F811
    """A working address of every URL, those of the admin too; by default of every fifth."""
    own = list(map(address, URLS))
    models = [f"admin:{app_of(model)}_{model}" for model in ADMIN_OF]
    lists = [reverse(f"{model}_{page}") for model in models for page in ("changelist", "add")]
    texts = [reverse(f"admin:recommendations_recommendation_{page}") for page in ("import", "process_import", "export")]
    found = own + lists + texts + [reverse("admin:index"), reverse("admin:autocomplete"), reverse("admin:login")]
    return found if IS_THOROUGH else some(found)


@pytest.fixture(params=PERSONS)
def person(request, people):
    return people[request.param]


@pytest.fixture
def addresses_for_person(addresses, request) -> list[tuple[int, str]]:
    """Each with the turn that it has."""
    name = request.node.callspec.params["person"]
    return list(enumerate(share(addresses, PERSONS, name), start=PERSONS.index(name)))


def share(cases: list[str], sharers: Sequence[str], sharer: str) -> list[str]:
    """Return all cases, or those of one of the sharers, who get them in turn."""
    return cases if ASKS_ALL else cases[sharers.index(sharer) :: len(sharers)]


def is_tried_without_token(place: int) -> bool:
    """Such a form is refused before any view has it: all addresses are tried, or every fifth of them."""
    return ASKS_ALL or place % 5 == 0


def names_on(response) -> list[str]:
    """What the forms and links of a page send."""
    page = response.content.decode() if response.get("Content-Type", "").startswith("text/html") else ""
    return sorted({name for names in re.findall(r'\bname="([^"]+)"|[?;]([a-z_]+)=', page) for name in names if name})


def failures(client: Client, method: str, path: str, data: bytes = b"", content_type: str = FORM) -> list[str]:
    asked = f"{method} {path[:200]} {data[:200]!r}"
    try:
        response = client.generic(method, path, data, content_type)
    except Exception as error:
        return [f"{asked}: {error!r}"]
    return [asked] if response.status_code >= 500 else []


def test_odd_words_in_queries_and_forms(addresses_for_person, person):
    found = []
    for turn, path in addresses_for_person:
        client = client_of(person)
        page = client.get(path)
        found += [path] if page.status_code >= 500 else []
        form = RIGHT
        if names := names_on(page):  # without a name it would be the same again
            odd = islice(cycle(ODD), turn % 3 * 5, None)
            words = "&".join(f"{name}=1&{name}={word}" for name, word in zip(names, odd, strict=False))
            found += failures(client, "GET", f"{path}?{words}")
            form = (words, f"{words}&{RIGHT}")[turn % 2]
        found += failures(client, "POST", path, form.encode())
        if is_tried_without_token(turn):
            found += failures(Client(enforce_csrf_checks=True), "POST", path, form.encode())
    assert found == []


def test_odd_bodies(addresses_for_person, person):
    found = []
    for turn, path in addresses_for_person:
        content_type, data = list(BODIES.values())[turn % len(BODIES)]
        found += failures(client_of(person), "POST", path, data, content_type)
    assert found == []


def test_odd_words_in_paths(addresses, people):
    client, odd, found = client_of(people["focal point"]), cycle(ODD), []
    for turn, path in enumerate(addresses):
        parts = path.split("/")
        for place in range(1, len(parts)) if ASKS_ALL else [1 + turn % (len(parts) - 1)]:
            found += failures(client, "GET", "/".join([*parts[:place], next(odd)[:1000], *parts[place + 1 :]]))
    assert found == []


@pytest.mark.parametrize("cookie", COOKIES)
def test_odd_cookies(cookie, addresses):
    found = []
    for place, path in enumerate(share(addresses, COOKIES, cookie)):
        found += failures(Client(HTTP_COOKIE=cookie), "GET", path)
        if is_tried_without_token(place):
            found += failures(Client(HTTP_COOKIE=cookie, enforce_csrf_checks=True), "POST", path)
    assert found == []


def part(name: str, value: bytes, file_name: str = "") -> bytes:
    about = f'; filename="{file_name}"'.encode("utf-8", "surrogatepass") if file_name else b""
    return b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name.encode(), about, value)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:12]))
def test_odd_names_of_files(name, people):
    """Kept or refused; and where one is kept, its pages and its bytes come."""
    client = client_of(people["focal point"])
    said = {"title": "T", "kind": "law", "language": "en", "disclosure": "state", "status": "implemented"}
    found = []
    for path, prefix in (("evidence/add/", ""), ("evidence/1/edit/", ""), ("recommendations/II-8/", "new-")):
        parts = [part(field if field == "status" else prefix + field, value.encode()) for field, value in said.items()]
        data = b"".join(parts) + part("language", b"en") + part(f"{prefix}upload", PDF, name) + b"--x--\r\n"
        found += failures(client, "POST", f"/desk/XAA/{path}", data, MULTIPART)
    for path in ("evidence/", "evidence/2/", "evidence/2/file/1/", "recommendations/II-8/", "report.csv", "report/"):
        found += failures(client, "GET", f"/desk/XAA/{path}")
    assert found == []
