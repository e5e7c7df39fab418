"""Mail: each message is one template of plain text, its first paragraph the subject; the HTML part says the same."""

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send(template: str, to: str, **context) -> bool:
    """Send templates/email/TEMPLATE.txt. A mail server that cannot be reached is logged and stops nobody's work.

    Returns whether the server took it.
    """
    rendered = render_to_string(f"email/{template}.txt", {"site_url": settings.SITE_URL, **context})
    subject, _blank, text = rendered.strip().partition("\n\n")
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
    message.attach_alternative(render_to_string("email/base.html", {"subject": subject, "text": text}), "text/html")
    try:
        message.send()
    except OSError:
        logger.exception("the mail %s was not sent", template)
        return False
    return True
