"""What is typed is kept: an ended session or a stale token loses no word, and nobody else gets it."""

import re
import time
from datetime import timedelta
from importlib import import_module
from urllib.parse import quote

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD
from tracker.actions.draft import KEPT_CHARACTERS, KEPT_FORMS, keep_form, tidy_drafts
from tracker.models import Draft, Session, User
from tracker.models.draft import LIFETIME, PAGE_LIMIT
from tracker.models.session import UNSAVED_INPUT
from tracker.web import unsaved_input

pytestmark = pytest.mark.django_db

FORM = Template(
    "{% load unsaved_input %}{% if typed %}{% unsaved_input_note has_file=True %}{% endif %}"
    "<form method=post action='{% author_query current=True %}'>{% csrf_token %}"
    "{% author_token %}<textarea name=measures>{{ typed.measures }}</textarea></form>"
)
TEXT = "The Act of 2019, articles 3–7.\r\nقانون 2019"


def form(request):
    if request.method == "POST":
        return HttpResponse(f"saved {request.POST['measures']}")
    return HttpResponse(FORM.render(RequestContext(request, {"typed": unsaved_input.take(request)})))


def note(request):
    return HttpResponse("saved")


@pytest.fixture(autouse=True)
def _a_page_with_a_form(settings):
    settings.ROOT_URLCONF = (
        *import_module(settings.ROOT_URLCONF).urlpatterns,
        path("form/", form),
        path("note/", note),
    )


@pytest.fixture
def client():
    """A browser: CSRF tokens are checked."""
    return Client(enforce_csrf_checks=True)


def token(client, page: str, name: str = "csrfmiddlewaretoken") -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


def post(client, page: str, to: str = "/form/", **typed):
    """Post the form of a page as it stood when it was opened."""
    hidden = {name: token(client, page, name) for name in ("csrfmiddlewaretoken", unsaved_input.FIELD)}
    address = to + re.search(r"action='([^']+)'", page)[1]
    return client.post(address, {**hidden, "measures": TEXT, **typed})


def open_form(client) -> str:
    return client.get("/form/").content.decode()


def sign_in(client, user, next_: str = "/form/"):
    page = client.get("/accounts/login/").content.decode()
    data = {"login": user.email, "password": PASSWORD, "next": next_, "csrfmiddlewaretoken": token(client, page)}
    response = client.post("/accounts/login/", data)
    assert response.status_code == 302
    return response


@pytest.fixture
def page(client, alice) -> str:
    """The form as alice opened it before the session ended."""
    sign_in(client, alice)
    page = open_form(client)
    Session.objects.all().delete()
    return page


def test_a_form_that_comes_in_time_is_saved(client, alice):
    sign_in(client, alice)
    assert post(client, open_form(client)).content.decode() == f"saved {TEXT}"
    assert Draft.everyones.count() == 0


def test_an_ended_session_brings_back_everything_typed(client, page, alice):
    response = post(client, page)
    assert response["Location"] == "/accounts/login/?next=/form/"
    shown = client.get(response["Location"]).content.decode()
    assert ("Your text was kept." in shown, SIGNED_OUT in shown) == (True, False)
    assert sign_in(client, alice)["Location"] == "/form/"
    shown = open_form(client)
    assert TEXT in shown
    assert "Not saved yet." in shown
    assert post(client, shown).content.decode() == f"saved {TEXT}"


SIGNED_OUT = "You were signed out, so nothing was done. Sign in and try again."


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("http://testserver/form/?q=1#end", "/form/?q=1"),
        ("https://evil.example/form/", "/"),
        ("", "/"),
    ],
)
def test_a_button_without_a_text_leads_back_to_its_page_and_says_that_nothing_was_done(alice, referer, page):
    client = Client()
    response = client.post("/note/", headers={"referer": referer} if referer else {})
    assert response["Location"] == f"/accounts/login/?next={quote(page)}"
    assert SIGNED_OUT in client.get(response["Location"]).content.decode()
    assert Session.objects.count() == 0
    assert sign_in(client, alice, page)["Location"] == page
    assert SIGNED_OUT not in client.get(page, follow=True).content.decode()


def test_a_late_answer_of_the_ended_session_takes_nothing_from_the_one_that_began_since(client, page, alice):
    """A draft that was on its way beside it: the browser would drop the cookie of what is kept."""
    late = Client(headers={"hx-request": "true"})
    late.cookies["sessionid"] = client.cookies["sessionid"].value
    post(client, page)
    response = late.post("/desk/XAA/recommendations/I-13/draft/")
    assert (response.status_code, "sessionid" in response.cookies) == (401, False)
    sign_in(client, alice)
    assert TEXT in open_form(client)


@pytest.mark.parametrize(("is_back", "leads_to"), [(False, "/accounts/login/?next=/form/"), (True, "/form/")])
def test_a_lost_cookie_loses_nothing(client, alice, is_back, leads_to):
    """Also with the token of an earlier session, where the author has signed in again before."""
    sign_in(client, alice)
    page = open_form(client)
    client.cookies.clear()
    if is_back:
        sign_in(client, alice)
    assert post(client, page)["Location"] == leads_to
    if not is_back:
        sign_in(client, alice)
    assert (TEXT in open_form(client), TEXT in open_form(client)) == (True, False)


def test_another_person_on_the_same_browser_does_not_get_it(client, page, alice, charlie):
    post(client, page)
    sign_in(client, charlie)
    assert TEXT not in open_form(client)
    client.logout()
    sign_in(client, alice)
    assert TEXT in open_form(client)


def test_the_form_of_another_person_is_refused(client, alice, charlie):
    sign_in(client, alice)
    page = open_form(client)
    client.logout()
    sign_in(client, charlie)
    assert post(client, page).status_code == 403
    assert Draft.everyones.count() == 0


@pytest.mark.parametrize(
    "forged", ["", "x", signing.dumps({"author": 1, "page": "/"}, salt="another"), "a:b:c"], ids=range(4)
)
def test_nothing_is_kept_for_a_forged_author(client, page, alice, forged):
    response = post(client, page, **{unsaved_input.FIELD: forged})
    assert response["Location"] == "/accounts/login/?next=/"
    assert (Session.objects.count(), Draft.everyones.count()) == (0, 0)


class EarlierSigner(signing.TimestampSigner):
    age = LIFETIME

    def timestamp(self):
        return signing.b62_encode(int(time.time() - self.age.total_seconds()))


@pytest.mark.parametrize(("days", "is_kept"), [(-1, True), (1, False)])
def test_attack_a_former_user_fills_the_database_with_an_old_token(client, page, alice, days, is_kept):
    signer = EarlierSigner(salt=UNSAVED_INPUT)
    signer.age += timedelta(days=days)
    old = signer.sign_object({"author": alice.pk, "page": "/form/"}, compress=True)
    post(client, page, **{unsaved_input.FIELD: old})
    assert Draft.everyones.exists() is is_kept


def test_attack_a_former_user_sends_a_form_that_is_still_open(client, page, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert post(client, page)["Location"] == "/accounts/login/?next=/"
    assert Draft.everyones.count() == 0


def test_passwords_and_files_are_not_kept(client, page, alice):
    post(client, page, password="secret", new_password2="secret", file=SimpleUploadedFile("law.pdf", b"%PDF-1.7"))
    assert Draft.everyones.get().fields == {"measures": [TEXT]}
    sign_in(client, alice)
    assert "choose it again" in open_form(client)


def test_forms_of_one_page_come_back_with_all_their_values(client, page, alice, rf):
    post(client, page, items=["a", "b"])
    assert post(client, page, to="/note/")["Location"] == "/accounts/login/?next=/form/"
    sign_in(client, alice)
    request = rf.get("/form/")
    request.user, request.session = alice, client.session
    assert unsaved_input.take(request).getlist("items") == ["a", "b"]
    assert unsaved_input.take(request) is None
    assert unsaved_input.take(request, "/x/", "/note/")["measures"] == TEXT


def test_attack_one_user_fills_the_database_with_forms(alice, charlie):
    keep_form(page="/form/", fields={}, author=charlie.pk)
    for number in range(KEPT_FORMS + 2):
        keep_form(page=f"/{number}/", fields={"measures": [TEXT]}, author=alice.pk)
    kept = Draft.everyones.filter(author=alice)
    assert {draft.page for draft in kept} == {f"/{number}/" for number in range(2, KEPT_FORMS + 2)}
    for page in ("/a/", "/b/", "/b/"):
        keep_form(page=page, fields={"measures": ["ع" * (KEPT_CHARACTERS // 2 + 1)]}, author=alice.pk)
    assert [draft.page for draft in kept.all()] == ["/b/"]
    assert keep_form(page="/" * (PAGE_LIMIT + 1), fields={}, author=alice.pk) is False
    assert Draft.everyones.count() == 2


@pytest.mark.parametrize(("days", "is_kept"), [(-1, True), (1, False)])
def test_a_form_waits_for_30_days(client, alice, days, is_kept):
    keep_form(page="/form/", fields={"measures": [TEXT]}, author=alice.pk)
    Draft.everyones.update(saved_at=timezone.now() - LIFETIME - timedelta(days=days))
    client.force_login(alice)
    assert (TEXT in open_form(client)) is is_kept
    tidy_drafts()
    assert Draft.everyones.count() == 0


def test_no_page_of_the_state_lists_a_form_that_is_kept(xaa, alice, unit):
    keep_form(page="/desk/XAA/recommendations/I-13/", fields={"measures": [TEXT]}, author=alice.pk)
    assert not Draft.objects.visible_to(alice).exists()
    assert not Draft.objects.headers_for(alice).exists()


def test_a_post_too_large_to_read_is_refused(client, page, alice):
    assert post(client, page, measures="x" * (KEPT_CHARACTERS + 1)).status_code == 400


def test_a_character_that_the_database_refuses_is_shown(client, page, alice):
    post(client, page, measures="art.\0 9")
    sign_in(client, alice)
    assert "art.␀ 9" in open_form(client)


def test_a_fetch_without_a_session_gets_no_sign_in_page(client, page, alice):
    for response in (
        client.get("/form/", headers={"HX-Request": "true"}),
        client.post("/form/", {"csrfmiddlewaretoken": token(client, page)}, headers={"HX-Request": "true"}),
        client.post("/form/", {}, headers={"HX-Request": "true"}),
    ):
        assert (response.status_code, response.content) == (401, b"")


def test_a_fetch_with_a_stale_token_is_refused(client, alice):
    sign_in(client, alice)
    assert client.post("/form/", {}, headers={"HX-Request": "true"}).status_code == 403


def test_a_stale_form_without_an_author_says_what_to_do(client, alice):
    sign_in(client, alice)
    response = client.post("/accounts/logout/", {"csrfmiddlewaretoken": "stale"})
    assert response.status_code == 403
    assert "Go back" in response.content.decode()


def test_another_site_cannot_make_a_visitor_keep_anything(client, alice, charlie):
    """Sent by a page of another site, charlie's own form would put a new session in the place of alice's."""
    sign_in(client, charlie)
    posted = {unsaved_input.FIELD: token(client, open_form(client), unsaved_input.FIELD), "measures": TEXT}
    visitor = Client(enforce_csrf_checks=True)
    response = visitor.post("/form/", posted, headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert "sessionid" not in response.cookies
