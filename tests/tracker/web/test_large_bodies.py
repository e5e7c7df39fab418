"""Who may send a body of more than 100 KB."""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from tests.client import Client
from tracker.models import Session
from tracker.web.large_bodies import CHECK, LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LARGE = {"measures": "x" * LIMIT}
SMALL = {"measures": "x" * (LIMIT - 1000)}
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FORMS = [
    (path.name, form)
    for path in TEMPLATES
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
    if "{% author_token %}" in form
]
BY_TAG = [path.name for path in TEMPLATES if "{% page_form " in path.read_text()]  # page_form.html is the form of each


class Unread:
    """A body that fails the test when it is read."""

    def read(self, size=-1):
        raise AssertionError("the body was read")

    readline = read


class BrokenOff(Unread):
    """A body whose sender went away."""

    def read(self, size=-1):
        raise ConnectionResetError

    readline = read


def send_unread(client, address="/desk/XAA/", body=Unread, **headers):
    sent = {"wsgi.input": body(), "CONTENT_LENGTH": str(LIMIT + 1), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    return client.generic("POST", address, headers=headers, **sent)


def answer_form(client, unit) -> tuple[str, dict[str, str]]:
    page = client.get(f"/desk/XAA/recommendations/{unit('I.13').slug}/").content.decode()
    form = re.search(r'<form[^>]*id="answer-form".*?</form>', page, re.DOTALL)[0]
    fields = dict(re.findall(r'name="(csrfmiddlewaretoken|author_token|tab|base|wording)" value="([^"]*)"', form))
    return re.search(r'action="([^"]+)"', form)[1].replace("&amp;", "&"), fields


@pytest.mark.parametrize("cookie", ["", "x" * 32, "é"])
def test_attack_26_mb_of_a_stranger_are_refused_unread(client, cookie):
    client.cookies["sessionid"] = cookie
    response = send_unread(client)
    assert response.status_code == 413
    assert "You are not signed in." in response.content.decode()
    assert send_unread(client, **{"HX-Request": "true"}).status_code == 401


def test_attack_a_body_in_pieces_says_no_size(client):
    assert client.post("/desk/XAA/", SMALL, headers={"Transfer-Encoding": "chunked"}).status_code == 413


def test_attack_a_session_that_ended_or_has_no_user_is_none(client, alice):
    client.get("/invitations/x/")  # keeps something for a visitor
    client.session["x"] = "y"
    client.session.save()
    assert send_unread(client).status_code == 413
    client.force_login(alice)
    Session.objects.update(expire_date=timezone.now())
    assert send_unread(client).status_code == 413


@pytest.mark.parametrize("token", ["", "x", "eyJhdXRob3IiOjF9:1xXJlG:DEm1aIlVI082fYlTUrXWzwni8u1SnREYqBqyhMK3WZc"])
def test_attack_a_forged_author_in_the_address_is_a_stranger(client, token):
    assert send_unread(client, f"/desk/XAA/?author_token={token}").status_code == 413


def test_a_body_that_breaks_off_gets_408(desk):
    assert send_unread(desk, body=BrokenOff).status_code == 408


def test_a_visitor_sends_small_forms(client):
    assert client.post("/accounts/login/", SMALL).status_code == 200


def test_who_is_signed_in_sends_large_forms(desk, unit):
    address, fields = answer_form(desk, unit)
    typed = fields | {"status": "implemented", "language": "en", "measures": "ع" * 20_000, "difficulties": "ع" * 20_000}
    assert desk.post(address.partition("?")[0], typed).status_code == 302


@pytest.mark.parametrize("lost", ["session", "cookies"])
def test_nobody_loses_a_large_form_when_the_session_ended(client, alice, unit, lost):
    client.force_login(alice)
    address, fields = answer_form(client, unit)
    if lost == "session":
        Session.objects.all().delete()
    else:
        client = Client()
    response = client.post(address, fields | LARGE)
    assert response["Location"].startswith("/accounts/login/")
    assert "author_token" not in response["Location"]
    client.force_login(alice)
    assert LARGE["measures"] in client.get(address.partition("?")[0]).content.decode()


def test_the_author_stays_in_no_address(desk, unit):
    address, fields = answer_form(desk, unit)
    page = desk.post(address, fields | {"status": ""})  # shown again with its errors
    assert page.status_code == 200
    assert page.wsgi_request.get_full_path() == address.partition("?")[0]


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[name for name, _form in FORMS])
def test_every_form_that_names_its_author_does_so_in_its_address(name, form):
    """Browsers send a form of 20,000 Arabic letters as 120 KB."""
    assert "page_form.html" in dict(FORMS)
    assert len(FORMS) + len(BY_TAG) > 40
    targets = [*re.findall(r'^<form[^>]*? action="([^"]*)"', form), *re.findall(r' formaction="([^"]*)"', form)]
    assert targets
    assert [target for target in targets if "{% author_query" not in target] == []


def test_nginx_asks_before_it_reads_a_large_body(client, alice, unit):
    assert client.get(CHECK).status_code == 403
    client.force_login(alice)
    assert client.get(CHECK).status_code == 204
    address, _fields = answer_form(client, unit)
    assert Client().get(f"{CHECK}?{address.partition('?')[2]}").status_code == 204
