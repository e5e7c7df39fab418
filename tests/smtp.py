"""A real mail server on this machine."""

import email
import email.policy
import socket

from django.core.mail import mailers


class Inbox:
    """What came in, as (addresses, message). It takes no mail for an address in `refused`, and hangs up on one in
    `hung_up_on`.
    """

    def __init__(self):
        self.messages = []
        self.refused = set()
        self.hung_up_on = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.hung_up_on:
            server.transport.close()
            return "421 bye"
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 kept"

    @property
    def recipients(self) -> list[str]:
        return [address for addresses, _message in self.messages for address in addresses]

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for _addresses, message in self.messages]

    def texts(self) -> list[str]:
        return [message.get_body(["plain"]).get_content() for _addresses, message in self.messages]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def by_smtp(settings, port: int) -> None:
    """Mail goes to this port; without a server there, nowhere."""
    options = {"host": "127.0.0.1", "port": port, "username": "", "password": "", "use_tls": False, "timeout": 10}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    assert mailers.default.port == port
