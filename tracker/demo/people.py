"""What invented people have in common: their password, no mailbox, and the event of their role."""

from tracker.models import Membership

PASSWORD = "recommendations-2026"  # noqa: S105
NO_MAIL = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}


def grant_event(membership: Membership) -> dict:
    """Return the event that gives a role."""
    return {
        "action": "membership granted",
        "target": f"membership {membership.pk}",
        "by": membership.confirmed_by,
        "after": membership.describe(),
    }
