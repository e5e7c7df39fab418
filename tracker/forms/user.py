"""Forms of allauth in our words: labels instead of placeholders, and one sentence on passwords."""

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.fields import SetPasswordField
from allauth.core import ratelimit
from django.contrib.auth.password_validation import password_validators_help_texts
from django.forms import BaseForm, Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracker.actions.access_change import apply_due_changes
from tracker.queries.identity import identities_of

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
            field.label = LABELS.get(name, field.label)
            field.help_text = " ".join(password_validators_help_texts()) if isinstance(field, SetPasswordField) else ""
            field.widget.attrs.pop("placeholder", None)
            if message := REQUIRED.get(name):
                field.error_messages["required"] = message


def check_repeated_password(form: BaseForm) -> None:
    password, again = form.cleaned_data.get("password1"), form.cleaned_data.get("password2")
    if password and again and password != again:
        form.add_error("password2", _("The two passwords must be the same."))


class NewPassword(Plain):
    def clean(self):
        """Leave out the check of allauth, which has words of its own."""
        values = super(account.PasswordVerificationMixin, self).clean()  # type: ignore[misc]
        check_repeated_password(self)  # type: ignore[arg-type]
        return values


class SignInForm(Plain, account.LoginForm):
    def clean(self):
        """Know a new address from the minute on from which it works."""
        apply_due_changes()
        return super().clean()


class ConfirmPasswordForm(Plain, account.ReauthenticateForm):
    pass


class ChangePasswordForm(NewPassword, account.ChangePasswordForm):
    pass


class ResetPasswordKeyForm(NewPassword, account.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    def clean_email(self):
        apply_due_changes()
        return super().clean_email()

    def save(self, request: HttpRequest, **kwargs):
        """Mail the link, or why there is none: the page says, and takes, the same for all.

        Beyond the limit nothing is mailed. The page says the same, and the links that were mailed before still work.
        """
        email = self.cleaned_data["email"]
        if not ratelimit.consume(request, action="reset_mail", key=email):
            return email
        for user in self.users:
            if identities := identities_of(user):
                get_adapter().send_mail("no_password", user.email, {"user": user, "provider": identities[0].provider})
                return email
        if self.users:
            return super().save(request, **kwargs)
        get_adapter().send_mail("unknown_address", email, {})
        return email
