"""Forms of allauth in our words: labels instead of placeholders, and one sentence on passwords."""

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.fields import SetPasswordField
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.contrib.auth.password_validation import password_validators_help_texts
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracker.web.single_sign_on import identities_of

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    # Translators: Label.
    "oldpassword": _("Current password"),
    # Translators: Label.
    "password1": _("New password"),
    "password2": _("Repeat the password"),
    "code": _("Code"),
}

REQUIRED = dict.fromkeys(("password", "oldpassword", "password1", "password2"), _("Enter the password.")) | {
    "code": _("Enter the code.")
}


class Plain:
    fields: dict[str, Field]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS[name]
            field.help_text = " ".join(password_validators_help_texts()) if isinstance(field, SetPasswordField) else ""
            field.widget.attrs.pop("placeholder", None)
            if message := REQUIRED.get(name):
                field.error_messages["required"] = message


class SignInForm(Plain, account.LoginForm):
    pass


class ConfirmPasswordForm(Plain, account.ReauthenticateForm):
    pass


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    pass


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    def save(self):
        """Set the password. Attempts with the forgotten one do not count any more."""
        super().save()
        get_adapter()._delete_login_attempts_cached_email(context.request, email=self.user.email)


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs):
        """Mail the link, or why there is none: the page says, and takes, the same for all."""
        for user in self.users:
            if identities := identities_of(user):
                get_adapter().send_mail("no_password", user.email, {"user": user, "provider": identities[0].provider})
                return self.cleaned_data["email"]
        if self.users:
            return super().save(request, **kwargs)
        get_adapter().send_mail("unknown_address", self.cleaned_data["email"], {})
        return self.cleaned_data["email"]


class CodeForm(Plain, mfa.AuthenticateForm):
    pass


class CodeAgainForm(Plain, mfa.ReauthenticateForm):
    pass


class SecondFactorForm(Plain, totp.ActivateTOTPForm):
    pass
