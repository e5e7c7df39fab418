"""Mail goes out over SMTP as `MAILERS` says, in plain text and HTML that say the same."""

import contextlib
import logging
import smtplib

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation

from tests.smtp import by_smtp, free_port
from tracker.actions import mail


@pytest.mark.django_db
def test_allauths_mail_goes_out_over_smtp_in_both_kinds(client, alice, smtp, settings):
    client.post("/accounts/password/reset/", {"email": alice.email})
    [(to, message)] = smtp.messages
    assert to == ["alice@example.org"]
    assert message["Subject"] == "Set a new password for the Recommendations tracker"
    assert message["From"] == settings.DEFAULT_FROM_EMAIL
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(["plain"]).get_content()
    html = message.get_body(["html"]).get_content()
    [link] = [
        line for line in text.splitlines() if line.startswith("http://127.0.0.1:8000/accounts/password/reset/key/")
    ]
    assert f'href="{link}"' in html


def test_a_name_is_words_and_never_markup(mailoutbox):
    mail.send("person_added", "frida@example.org", person="<b>Frida</b> & 'co'", link="https://example.org/x")
    [message] = mailoutbox
    assert "<b>Frida</b> & 'co'," in message.body
    assert "&lt;b&gt;Frida&lt;/b&gt; &amp; &#x27;co&#x27;," in message.alternatives[0].content


def test_a_name_adds_no_header(mailoutbox, rf):
    from tracker.models import Membership, Respondent, User

    membership = Membership(user=User(name="F"), respondent=Respondent(name="Arandia\r\nBcc: all@example.org"))
    mail.send("membership_granted", "alice@example.org", membership=membership)
    assert "Bcc" not in mailoutbox[0].message()


def test_a_mail_server_that_is_down_stops_nobody(settings, caplog):
    by_smtp(settings, free_port())
    with caplog.at_level(logging.ERROR):
        mail.send("unknown_address", "frida@example.org")
    assert [record.message for record in caplog.records] == ["the mail unknown_address was not sent"]
    assert "frida@example.org" not in caplog.text
    assert issubclass(smtplib.SMTPException, OSError)


@pytest.mark.django_db
def test_a_mail_about_a_change_goes_out_once_the_change_is_saved(alice, smtp, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with contextlib.suppress(PermissionDenied), transaction.atomic():
            mail.send_later("unknown_address", alice)
            raise PermissionDenied
        mail.send_later("unknown_address", alice)
        assert smtp.messages == []
    assert [to for [to], _message in smtp.messages] == [alice.email]


def test_an_address_that_is_none_stops_nobody(smtp, caplog):
    assert mail.send("unknown_address", "frida@example.org\r\nBcc: all@example.org") is False
    assert smtp.messages == []


def test_mail_is_in_the_sites_language_for_every_sender(mailoutbox):
    with translation.override("ar"):
        mail.send("unknown_address", "frida@example.org")
    assert '<html lang="en" dir="ltr">' in mailoutbox[0].alternatives[0].content


@pytest.mark.parametrize(
    ("name", "written"), [("Alice", "Alice"), ("Çağla Ñandú", "Çağla Ñandú"), ("أرانديا", "\u2068أرانديا\u2069")]
)
def test_a_name_from_right_to_left_does_not_turn_the_words_around_it(name, written):
    assert mail.isolated(name) == written


LONG = "The United Provinces of " + "Farther " * 20 + "Arandia"


@pytest.mark.parametrize(
    "name", ["Arandia\r\nBcc: all@example.org", "A\n\nBcc: all@example.org", LONG, "جمهورية أرانديا"]
)
def test_the_name_of_a_state_in_a_subject_arrives_whole_and_adds_no_header(smtp, name):
    assert mail.send("notifications#withdrawn", "alice@example.org", state=mail.isolated(name), path="/desk/")
    [(_to, message)] = smtp.messages
    assert message["Bcc"] is None
    assert message["To"] == "alice@example.org"
    if "\n\n" not in name:
        assert " ".join(mail.isolated(name).split()) in message["Subject"]
