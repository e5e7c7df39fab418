from collections.abc import Collection

from django.conf import settings
from django.core.checks import Error
from django.db import DatabaseError

from tracker.models import User


def check_no_demonstration(databases: Collection[str] | None = None, **kwargs: object) -> list[Error]:
    """Find, as a check of Django for deployment, users of a demonstration: everybody knows their password.

    Their addresses end in .example, where nobody can have a mailbox (RFC 2606).
    """
    try:
        count = User.objects.filter(email__iendswith=".example").count() if databases and not settings.DEBUG else 0
    except DatabaseError:  # before the first migration
        count = 0
    message = f"This database has {count} users of a demonstration. Everybody knows their password."
    return [Error(message, hint="Begin with an empty database.", id="tracker.E004")] if count else []
