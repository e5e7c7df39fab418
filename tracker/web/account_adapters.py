import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.internal.flows.trust import trust_browser
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from qrcode import QRCode

from tracker.actions import mail
from tracker.actions import second_factor as actions
from tracker.actions.user import set_password
from tracker.audit import origin
from tracker.models import Draft, User
from tracker.models.second_factor import decrypt, encrypt, second_factors_of
from tracker.models.session import BEGAN, UNSAVED_INPUT
from tracker.queries.identity import identities_of
from tracker.queries.session import client_name, known_client, session_start
from tracker.web import devices
from tracker.web.fresh_sign_in import is_fresh, last_method
from tracker.web.last_visit import note_last_visit
from tracker.web.passwords import is_outdated
from tracker.web.request import Request, SignedInRequest
from tracker.web.second_factor import TRUSTS_DEVICE, SecondStepStage

logger = logging.getLogger("tracker.sign_in")


# What the page says after an act of allauth, by the name of allauth's template. After the other acts the page shows it.
MESSAGES: dict[str | None, str | Promise] = {
    "account/messages/logged_out.txt": _("You are signed out."),
    "account/messages/password_changed.txt": _("Your password was changed."),
    "mfa/messages/totp_activated.txt": _("Two-step sign-in is on."),
    "mfa/messages/totp_deactivated.txt": _("Your changes were saved."),
    "mfa/messages/webauthn_added.txt": _("Two-step sign-in is on."),
    "mfa/messages/webauthn_removed.txt": _("Your changes were saved."),
}


WRONG_PASSWORD = _("The password is incorrect. Enter your current password.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is incorrect. Check both and try again."),
        "too_many_login_attempts": _(
            "Too many attempts. Wait up to an hour, or choose “Forgot your password?”: a new password works at once."
        ),
        **dict.fromkeys(("enter_current_password", "incorrect_password"), WRONG_PASSWORD),
    }

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        message = message or str(MESSAGES.get(message_template, ""))
        super().add_message(request, level, extra_tags=extra_tags, message=message)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that throttling counts by; refuse requests that do not come through the proxies."""
        try:
            # An IPv4 address within IPv6: all of these would count as one network.
            return super().get_client_ip(request).removeprefix("::ffff:")
        except ImproperlyConfigured as error:
            raise PermissionDenied from error

    def pre_authenticate(self, request: Request, **credentials: Any) -> None:  # type: ignore[override]
        """Count the attempt, which allauth rolls back if it succeeds, for this browser or for all unknown ones."""
        email = credentials.get("email", "").lower()
        user = User.objects.filter(email=email).first()
        self.person = f"person {user.pk}" if user else "nobody who is known"
        self._login_failed_rl_usage = devices.begin_attempt(request, user, email)
        if not self._login_failed_rl_usage:
            logger.warning("an attempt to sign in has to wait: %s", self.person)
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user and is_outdated(user.password):
            set_password(user=user, password=credentials["password"], is_same=True)
        return user

    def set_password(self, user: User, password: str) -> None:
        set_password(user=user, password=password)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        logger.warning("an attempt to sign in failed: %s", self.person)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address at SITE_URL, since the host that a request names may be forged."""
        uidb36, _hyphen, token = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})

    def get_login_stages(self) -> list[str]:
        """Ask for a second factor unless the provider did, on a page that also asks whether to remember the device."""
        second_step = f"{SecondStepStage.__module__}.{SecondStepStage.__qualname__}"
        stages = {"allauth.mfa.stages.AuthenticateStage": second_step, "allauth.mfa.stages.TrustStage": ""}
        return [stage for name in super().get_login_stages() if (stage := stages.get(name, name))]

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        if request.session.pop(TRUSTS_DEVICE, None) == user.pk:
            trust_browser(request, user, response)
        return response

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Add the providers at which the user signs in; list first what the user used last."""
        ways = super().get_reauthentication_methods(user) + [
            {
                "id": f"provider:{identity.provider_id}",
                "description": identity.provider,
                "url": reverse("openid_connect_confirm", args=[identity.provider_id]),
            }
            for identity in identities_of(user)
        ]
        last = last_method(context.request)
        return sorted(ways, key=lambda way: way["id"] != last)

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        return not is_fresh(context.request)

    def login(self, request: SignedInRequest, user: User) -> None:
        signed_in_at, is_known = user.last_login, devices.is_known(request, user)
        super().login(request, user)
        note_last_visit(request, signed_in_at)
        devices.note_device(request, user)
        logger.info("signed in, in a browser that is %s: person %s", "known" if is_known else "new", user.pk)
        if not is_known:
            _notify_new_device(user, request.session[BEGAN])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        language = context["user"].language if "user" in context else get_language()
        mail.send(template_prefix.rpartition("/")[2], email, language, **context)


def _notify_new_device(user: User, start: dict[str, str]) -> None:
    context = {
        "person": mail.isolated(user.name),
        "at": parse_datetime(start["at"]),
        "browser": known_client(start["browser"]),
        "network": start["network"],
        "has_identity": bool(identities_of(user)),
    }
    mail.send("new_device", user.email, user.language, **context)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("The code is incorrect. Enter a new code."),
        "cannot_generate_recovery_codes": _("Add a passkey or an authenticator app first."),
        "cannot_delete_authenticator": _(
            "Your role requires two-step sign-in, and this is your last passkey or app. Add another one first."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Lock the person, so that two requests cannot remove the last two at once."""
        user = User.objects.select_for_update().get(pk=authenticator.user_id)
        return not user.needs_second_factor or second_factors_of(user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return client_name(context.request.headers.get("user-agent", ""))[:100]

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as inline SVG, since the content security policy refuses data addresses."""
        code = QRCode()
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        return render_to_string("mfa/totp/qr.svg", {"size": len(rows), "path": path})


def second_factor_added(request: SignedInRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    actions.note_second_factor(added=authenticator, row_key=request.session.row_key, by=user)
    devices.note_device(request, user)


def second_factor_removed(request: Request, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    actions.note_second_factor_removed(removed=authenticator, by=user)
    devices.note_device(request, user)


def recovery_codes_created(request: Request, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    actions.note_recovery_codes(added=authenticator, by=user)
    devices.note_device(request, user)


def signed_in(request: Request, user: User, **kwargs: object) -> None:
    """Receive `user_logged_in`, and note in the session from which network and browser it began, and whether a form of
    the user was kept.
    """
    request.session[BEGAN] = session_start(origin.address.get(), request.META.get("HTTP_USER_AGENT", ""))
    request.session[UNSAVED_INPUT] = Draft.objects.unsaved_of(user).exists()


def password_set(request: Request, user: User, **kwargs: object) -> None:
    """Receive `password_changed` and `password_reset`: the old password's browsers are unknown from now on."""
    devices.note_device(request, user)
