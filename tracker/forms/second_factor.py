"""Forms of allauth for second factors, in our words."""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tracker.forms.user import Plain
from tracker.models import User
from tracker.web import devices
from tracker.web.second_factor import TRUSTS_DEVICE

NAME_LIMIT = 100  # characters of the name of a passkey


class CountedCode:
    """Count codes as passwords are counted: by known browser, or for all unknown ones together."""

    user: User

    def clean_code(self) -> str:
        attempt = devices.begin_attempt(context.request, self.user, f"code {self.user.pk}")
        if attempt is None:
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code = super().clean_code()  # type: ignore[misc]
        attempt.rollback()
        return code


class TrustForm(forms.Form):
    user: User
    # Translators: Box below a code or a passkey at sign-in.
    trust = forms.BooleanField(required=False, label=_("Do not ask again on this device for 30 days"))

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data["trust"]:
            context.request.session[TRUSTS_DEVICE] = self.user.pk


class CodeForm(CountedCode, Plain, TrustForm, codes.AuthenticateForm):
    @cached_property
    def kinds(self) -> set[str]:
        """Return the types of authenticator that the person has; recovery codes are one of them."""
        return set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))


class CodeAgainForm(CountedCode, Plain, codes.ReauthenticateForm):
    pass


class AuthenticatorAppForm(Plain, totp.ActivateTOTPForm):
    pass


def read_passkey(clean: Any) -> Any:
    """Return what allauth reads of the answer of a passkey; refuse in our words what is not one, or does not fit."""
    try:
        return clean()
    except (forms.ValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise forms.ValidationError(
            _("The passkey could not be used. Try again, or use another way."), code="passkey"
        ) from error


class PasskeyForm(TrustForm, webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return read_passkey(super().clean_credential)


class PasskeyAgainForm(webauthn.ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return read_passkey(super().clean_credential)


class PasskeySignInForm(webauthn.LoginWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return read_passkey(super().clean_credential)


class PasskeyName(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=NAME_LIMIT,
        help_text=_("For example: office laptop, blue security key."),
        error_messages={"required": _("Enter the name.")},
    )


class AddPasskeyForm(PasskeyName, webauthn.AddWebAuthnForm):
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Sign in with this passkey, without a password"),
        help_text=_("Deselect for a security key that has no PIN and no fingerprint."),
    )
    field_order = ("name", "passwordless")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False  # the device has stored the passkey already

    def clean(self) -> dict[str, Any]:
        return read_passkey(super().clean)


class RenamePasskeyForm(PasskeyName, webauthn.EditWebAuthnForm):
    pass


class RemovePasskeyForm(forms.Form):
    def __init__(self, *args: Any, authenticator: Authenticator, **kwargs: Any) -> None:
        self.authenticator = authenticator
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any] | None:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.authenticator):
            raise adapter.validation_error("cannot_delete_authenticator")
        return super().clean()
