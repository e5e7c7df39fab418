"""Send mail: each message is one plain-text template, its first paragraph the subject; the HTML part says the same."""

import logging
import unicodedata
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from recommendations.languages import language_of_site
from tracker.models import Invitation, User

logger = logging.getLogger(__name__)

ISOLATE, POP_ISOLATE = "\u2068", "\u2069"  # <bdi> in plain text
RIGHT_TO_LEFT = {"R", "AL", "AN"}


def send(template: str, to: str, language: str = settings.LANGUAGE_CODE, **context: object) -> bool:
    """Send templates/email/TEMPLATE.txt, and return whether the server accepted it. An error is logged and stops no
    action.
    """
    try:
        make_mail(template, to, language, **context).send()
    except (OSError, ValueError):  # no server, or no address
        logger.exception("the mail %s was not sent", template)
        return False
    return True


def send_later(template: str, to: User | Invitation, /, **context: object) -> None:
    """Send a message, as `send` does, after the commit."""
    transaction.on_commit(partial(send, template, to.email, to.language, **context), robust=True)


def make_mail(template: str, to: str, language: str, **context: object) -> EmailMultiAlternatives:
    """Make the message in the language of its reader, whatever the language of the request.

    `template` is the name of a file, or of a file and a part of it, as in `notifications#assigned`.
    """
    file, mark, part = template.partition("#")
    with translation.override(language_of_site(language)):
        rendered = render_to_string(f"email/{file}.txt{mark}{part}", {"site_url": settings.SITE_URL, **context})
        subject, _blank, text = rendered.strip().partition("\n\n")
        html = render_to_string("email/base.html", {"subject": subject, "text": text})
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def isolated(name: str) -> str:
    """Add the marks that keep the direction of a name written from right to left."""
    if RIGHT_TO_LEFT.isdisjoint(map(unicodedata.bidirectional, name)):
        return name
    return f"{ISOLATE}{name}{POP_ISOLATE}"
