"""Headers and cookies as they are shipped: on every kind of answer, errors among them."""

import datetime
import runpy

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SHIPPED = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "LANGUAGE_COOKIE_", "MESSAGE_", "COOKIE_", "DEVICE_COOKIE_")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def production(settings, monkeypatch):
    """The settings of headers and cookies of a site without DEBUG."""
    monkeypatch.setenv("DEBUG", "0")
    shipped = runpy.run_path(str(django_settings.BASE_DIR / "tracker" / "settings.py"))
    for name, value in shipped.items():
        if name.startswith(SHIPPED):
            setattr(settings, name, value)
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["testserver"]


def browser(**kwargs) -> Client:
    return Client(raise_request_exception=False, **kwargs)


def wrong_host():
    return browser().get("/", headers={"host": "evil.example"})


def wrong_host_by_tls():
    return browser().get("/", headers={"host": "evil.example"}, secure=True)


def forbidden():
    client = browser()
    client.force_login(make_person("frida"))
    return client.get("/progress/", secure=True)


def forged():
    return browser(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"}, secure=True)


def missing():
    return browser().get("/no/such/page/", secure=True)


def too_often():
    client = browser()
    for _request in range(61):
        response = client.get("/invitations/x/", secure=True)
    return response


def broken_page(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("tracker.views.home.render", fail)
    return browser().get("/about/", secure=True)


def not_allowed():
    return browser().post("/about/", secure=True)


def to_tls():
    return browser().get("/about/")


def page():
    return browser().get("/about/", secure=True)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (wrong_host, 400),
        (wrong_host_by_tls, 400),
        (forbidden, 403),
        (forged, 403),
        (missing, 404),
        (not_allowed, 405),
        (too_often, 429),
        (to_tls, 301),
        (page, 200),
    ],
)
def test_every_answer_has_the_same_headers(production, answer, status):
    response = answer()
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "publickey" not in response.headers["Permissions-Policy"]


def test_a_page_that_fails_has_the_same_headers(production, monkeypatch):
    response = broken_page(monkeypatch)
    assert response.status_code == 500
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in response.headers["Permissions-Policy"]


def test_by_tls_browsers_learn_to_use_nothing_else(production):
    assert page().headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_every_cookie_is_bound_to_the_host(production):
    """Another site under the same domain can set none of them: browsers take `__Host-` from the host alone."""
    client = Client()
    person = make_person("frida")
    cookies = dict(client.get("/accounts/login/", secure=True).cookies)
    cookies |= client.post("/language/", {"language": "en"}, secure=True).cookies
    cookies |= client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, secure=True).cookies
    cookies |= client.post("/account/sessions/", {"number": "x"}, secure=True).cookies
    names = {"sessionid", "csrftoken", "language", "messages", "device"}
    assert set(cookies) == {f"__Host-{name}" for name in names}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] == "Lax"


# security.txt


def test_people_who_found_a_weakness_learn_whom_to_write_to(client, settings):
    settings.SECURITY_CONTACT, settings.SITE_URL = "security@example.org", "https://tracker.example.org"
    response = client.get("/.well-known/security.txt")
    expires = timezone.localdate() + datetime.timedelta(days=180)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:security@example.org",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: https://tracker.example.org/.well-known/security.txt",
    ]


@pytest.mark.parametrize(
    ("contact", "line"), [("https://example.org/report", b"Contact: https://example.org/report\n"), ("", None)]
)
def test_a_contact_may_be_a_page_and_without_one_there_is_no_file(client, settings, contact, line):
    settings.SECURITY_CONTACT = contact
    response = client.get("/.well-known/security.txt")
    assert response.status_code == (200 if contact else 404)
    assert line is None or response.content.startswith(line)
