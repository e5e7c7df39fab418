"""The language of pages, mail and files: the account's, or else that of the cookie, or else the browser's."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils.translation import override

from tests.pages import client_of
from tracker.actions.access_change import request_second_factor_reset
from tracker.actions.invitation import accept_as_new_person
from tracker.actions.user import choose_language
from tracker.models import Invitation, User

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def two(settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]


def language_of(response) -> str:
    return response.headers["Content-Language"]


def choose(client, language, **posted):
    return client.post(reverse("language"), {"language": language, **posted})


def test_with_one_language_there_is_nothing_to_choose(client, alice):
    for reader in (client, client_of(alice)):
        page = reader.get("/", HTTP_ACCEPT_LANGUAGE="ar", follow=True)
        assert language_of(page) == "en"
        assert "/language/" not in page.content.decode()
    assert "/language/" not in client_of(alice).get(reverse("account")).content.decode()


@pytest.mark.parametrize(("accepted", "language"), [("ar", "ar"), ("ar-EG, en;q=0.5", "ar"), ("fr", "en"), ("", "en")])
def test_a_visitor_reads_in_a_language_that_the_browser_accepts(two, client, accepted, language):
    page = client.get("/", HTTP_ACCEPT_LANGUAGE=accepted)
    assert language_of(page) == language
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.content.decode()


def test_a_visitor_chooses_and_comes_back_to_the_page(two, client):
    page = client.get("/about/").content.decode()
    assert '<input type="hidden" name="next" value="/about/">' in page
    assert '<b lang="en">English</b>' in page
    assert '<button class="as-link" name="language" value="ar" lang="ar">العربية</button>' in page
    chosen = choose(client, "ar", next="/about/")
    assert chosen["Location"] == "/about/"
    cookie = chosen.cookies[django_settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("ar", True, "Lax")
    assert language_of(client.get("/about/")) == "ar"


@pytest.mark.parametrize(
    ("language", "back"), [("xx", "https://example.org/"), ("", "//example.org"), ("fr", "javascript:alert(1)")]
)
def test_what_is_not_offered_is_the_default_and_leads_to_no_other_site(two, client, language, back):
    chosen = choose(client, language, next=back)
    assert chosen["Location"] == "/"
    assert chosen.cookies[django_settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_the_language_of_an_account_comes_before_the_cookie_and_the_browser(desk, two, alice):
    choose(desk, "ar")
    assert User.objects.get(pk=alice.pk).language == "ar"
    desk.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    assert language_of(desk.get(reverse("account"), HTTP_ACCEPT_LANGUAGE="en")) == "ar"
    assert language_of(client_of(alice).get(reverse("account"))) == "ar"


def test_an_account_whose_language_is_switched_off_reads_the_default(two, settings, alice):
    choose_language(language="ar", by=alice)
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    assert language_of(client_of(alice).get(reverse("account"))) == "en"


def test_mail_is_in_the_language_of_its_reader_and_not_of_its_sender(
    two, erin, alice, bob, mailoutbox, django_capture_on_commit_callbacks
):
    choose_language(language="ar", by=erin)
    choose_language(language="ar", by=bob)
    with override("ar"), django_capture_on_commit_callbacks(execute=True):
        for person in (alice, bob):
            request_second_factor_reset(user=person, by=erin)
    directions = {mail.to[0]: 'lang="ar" dir="rtl"' in mail.alternatives[0].content for mail in mailoutbox}
    assert directions == {"alice@example.org": False, "bob@example.org": True}


def test_a_forgotten_password_is_answered_in_the_language_of_the_account(two, alice, client, mailoutbox):
    choose_language(language="ar", by=alice)
    client.post(reverse("account_reset_password"), {"email": alice.email})
    assert 'lang="ar" dir="rtl"' in mailoutbox[0].alternatives[0].content


def test_an_invitation_carries_its_language_to_the_new_account(
    desk, two, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    typed = {"email": "frida@example.org", "role": "viewer", "language": "ar"}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("invitation_add", args=["XAA"]), typed)
    assert 'lang="ar" dir="rtl"' in mailoutbox[0].alternatives[0].content
    token = mailoutbox[0].body.partition("/invitations/")[2].partition("/")[0]
    assert Invitation.everyones.get().language == "ar"
    assert accept_as_new_person(token=token, name="Frida", password="a pass phrase").language == "ar"


def test_an_invitation_needs_no_language_where_there_is_one(desk, xaa):
    assert 'name="language"' not in desk.get(reverse("invitation_add", args=["XAA"])).content.decode()
    desk.post(reverse("invitation_add", args=["XAA"]), {"email": "frida@example.org", "role": "viewer"})
    assert Invitation.everyones.get().language == "en"
