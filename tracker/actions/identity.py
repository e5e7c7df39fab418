"""Bind the identity that a provider of single sign-on vouches for to a user, in place of a password."""

from hashlib import sha256

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.models import User

IS_TAKEN = _("This account at the provider belongs to another user. Use your own account.")


def bind_identity(user: User, provider: str, subject: str, by: User | None) -> None:
    """Let the identity sign the user in, in place of a password and of an earlier identity there.

    `subject`: its key at the provider. It checks no permission: an invitation that is accepted, or two administrators,
    are the licence.
    """
    try:
        with transaction.atomic():
            SocialAccount.objects.filter(user=user, provider=provider).delete()
            account = SocialAccount.objects.create(user=user, provider=provider, uid=subject)
    except IntegrityError:
        raise ValidationError(IS_TAKEN) from None
    user.set_unusable_password()
    user.save(update_fields=["password"])
    digest = sha256(subject.encode()).hexdigest()[:16]
    record_event(
        action="identity bound",
        target=f"person {user.pk}",
        by=by,
        after=f"{provider} {digest}",
        rows=[user, account],
        fields=["password", "uid"],
    )
