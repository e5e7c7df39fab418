"""Mail goes out over SMTP as `MAILERS` says, in plain text and HTML that say the same."""

import email
import email.policy
import logging
import smtplib
import socket

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import mailers

from tracker import mail


class Inbox:
    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 kept"


@pytest.fixture
def smtp():
    """A real mail server on a free port of this machine; yields its inbox and port."""
    inbox = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


def by_smtp(settings, port: int) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": "127.0.0.1",
                "port": port,
                "username": "",
                "password": "",
                "use_tls": False,
                "timeout": 10,
            },
        }
    }
    assert mailers.default.port == port


@pytest.mark.django_db
def test_allauths_mail_goes_out_over_smtp_in_both_kinds(client, alice, smtp, settings):
    inbox, port = smtp
    by_smtp(settings, port)
    client.post("/accounts/password/reset/", {"email": alice.email})
    [(to, message)] = inbox.messages
    assert to == ["alice@example.org"]
    assert message["Subject"] == "Set a new password for the Recommendations tracker"
    assert message["From"] == settings.DEFAULT_FROM_EMAIL
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
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        by_smtp(settings, nobody.getsockname()[1])
    with caplog.at_level(logging.ERROR):
        mail.send("unknown_address", "frida@example.org")
    assert [record.message for record in caplog.records] == ["the mail unknown_address was not sent"]
    assert "frida@example.org" not in caplog.text
    assert issubclass(smtplib.SMTPException, OSError)
