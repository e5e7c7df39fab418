"""Sign in at an identity provider by OpenID Connect: verify what the provider says, and find the user of an identity.

allauth redirects, keeps the state and exchanges the code. This module checks the signature and the nonce of the token,
which allauth does not, and closes every way by which an identity could find a user to whom nobody bound it.
"""

import logging
import time
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any, NoReturn

import jwt
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.adapter import get_adapter as get_provider_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.base.provider import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter

from tracker.models import User
from tracker.web.request import Request
from tracker.web.second_factor import BY_PROVIDER, IDENTITY

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CLOCKS_DIFFER = 60  # seconds
FRESH = 5 * 60  # seconds since the user signed in at the provider, which may have asked for nothing this time
LARGEST_REPLY = 1024 * 1024  # bytes, unpacked
SUBJECT_LIMIT = 191  # characters: the column of allauth

logger = logging.getLogger(__name__)


class Purpose(StrEnum):
    """Say what a visit to the provider is for."""

    SIGN_IN = "sign_in"
    JOIN = "join"
    CONFIRM = "confirm"


class Refusal(StrEnum):
    """Say why a visit to the provider signs nobody in."""

    UNREACHABLE = "unreachable"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    OTHER_USER = "other_user"


STATUS_CODES = {Refusal.UNREACHABLE: 503, Refusal.INVALID: 400, Refusal.UNKNOWN: 403, Refusal.OTHER_USER: 403}


def nonce_of(state_id: str) -> str:
    """Derive the nonce of a visit from its state, which this session alone has and which works once."""
    return sha256(f"nonce {state_id}".encode()).hexdigest()


def refuse(request: Request, provider: str, refusal: Refusal, **context: object) -> HttpResponse:
    logger.warning("Sign-in at %s: %s", provider, refusal.value)
    context |= {"provider": provider, "refusal": refusal.value}
    return render(request, "tracker/single_sign_on/refused.html", context, status=STATUS_CODES[refusal])


class BoundedAdapter(HTTPAdapter):
    """Read no more of a reply than it may have, also where it is compressed."""

    def send(self, prepared: PreparedRequest, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        response = super().send(prepared, *args, **kwargs | {"stream": True})
        content = b""
        for part in response.iter_content(64 * 1024):
            content += part
            if len(content) > LARGEST_REPLY:
                response.close()
                raise RequestException("reply too large")
        response._content = content
        return response


class ProviderClient(OpenIDConnectOAuth2Adapter):
    """Speak to an identity provider from server to server. Errors: ProviderException, RequestException."""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """Return the discovery document of the configured issuer, whose addresses must use its scheme."""
        app = self.get_provider().app
        config = _fetch(self.get_provider().server_url)
        scheme = app.settings["issuer"].partition(":")[0] + "://"
        endpoints = [config.get(name) for name in ENDPOINTS]
        if config.get("issuer") != app.settings["issuer"] or not all(
            isinstance(endpoint, str) and endpoint.startswith(scheme) for endpoint in endpoints
        ):
            raise ProviderException("discovery")
        return config

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            data = super().get_access_token_data(*args, **kwargs)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ProviderException("token") from error
        if not isinstance(data, dict):
            raise ProviderException("token")
        return data

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Keep the access token for nobody: the site reads the identity from the ID token alone."""
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        claims = self._read_claims(app, kwargs["response"].get("id_token"), nonce_of(request.GET["state"]))
        labels = (claims.get(name) for name in ("email", "preferred_username", "name", "sub"))
        kept = {
            "sub": claims["sub"],
            "label": next(label for label in labels if isinstance(label, str) and label.isprintable() and label)[:200],
            "amr": [value for value in _list(claims.get("amr")) if isinstance(value, str)],
            "auth_time": claims.get("auth_time") if isinstance(claims.get("auth_time"), int) else None,
        }
        return self.get_provider().sociallogin_from_response(request, {"id_token": kept})

    def _read_claims(self, app: SocialApp, id_token: Any, nonce: str) -> dict[str, Any]:
        """Return the claims of a token that the provider signed for this site and for this visit."""
        try:
            keys = jwt.PyJWKSet.from_dict(_fetch(self.openid_config["jwks_uri"])).keys
            key_id = jwt.get_unverified_header(id_token).get("kid")
            claims = jwt.decode(
                id_token,
                next(key for key in keys if key.key_id == key_id),
                algorithms=ALGORITHMS,
                issuer=app.settings["issuer"],
                audience=app.client_id,
                leeway=CLOCKS_DIFFER,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, StopIteration, ArithmeticError, AttributeError, TypeError, ValueError) as error:
            raise ProviderException("ID token") from error
        subject = claims["sub"]
        if (
            not constant_time_compare(str(claims["nonce"]), nonce)
            or claims.get("azp", app.client_id) != app.client_id
            or not (isinstance(subject, str) and subject.isprintable() and 0 < len(subject) <= SUBJECT_LIMIT)
        ):
            raise ProviderException("ID token")
        return claims


class IdentityProvider(OpenIDConnectProvider):
    """The provider of allauth, whose replies `ProviderClient` reads."""

    oauth2_adapter_class = ProviderClient


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Sign in users whose identity is bound, and nobody else."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers of the settings; providers in the database would be another way in."""
        return [
            app for apps in _build_apps_from_settings(provider=provider, client_id=client_id).values() for app in apps
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Find nobody: a provider can give any address to an identity."""

    def get_requests_session(self) -> Session:
        """Follow no redirect, so that secrets reach only the addresses of the discovery document; limit replies."""
        session = super().get_requests_session()
        session.max_redirects = 0
        for scheme in ("https://", "http://"):
            session.mount(scheme, BoundedAdapter())
        return session

    def pre_social_login(self, request: Request, sociallogin: SocialLogin) -> None:  # type: ignore[override]
        app, account, purpose = sociallogin.provider.app, sociallogin.account, sociallogin.state.get("data")
        if purpose == Purpose.CONFIRM:
            self._confirm(request, sociallogin)
        if not sociallogin.is_existing:
            identity = {"provider": app.provider_id, "name": app.name} | account.extra_data["id_token"]
            if purpose == Purpose.JOIN:
                request.session[IDENTITY] = identity
                raise ImmediateHttpResponse(redirect("invitation_accept"))
            raise ImmediateHttpResponse(refuse(request, app.name, Refusal.UNKNOWN, identity=identity))
        if set(account.extra_data["id_token"]["amr"]) & set(app.settings["second_step"]):
            record_authentication(request, sociallogin.user, method="mfa", type=BY_PROVIDER)
        if _has_just_signed_in(account):
            _note_fresh_sign_in(request, sociallogin.user, app)

    def _confirm(self, request: Request, sociallogin: SocialLogin) -> NoReturn:
        """Note a fresh sign-in of the user who is signed in; sign nobody in or out."""
        app = sociallogin.provider.app
        if not request.user.is_authenticated or sociallogin.user != request.user:
            raise ImmediateHttpResponse(refuse(request, app.name, Refusal.OTHER_USER))
        if not _has_just_signed_in(sociallogin.account):
            raise ImmediateHttpResponse(refuse(request, app.name, Refusal.INVALID))
        _note_fresh_sign_in(request, request.user, app)
        raise ImmediateHttpResponse(redirect(sociallogin.get_redirect_url(request) or "account"))

    def on_authentication_error(
        self,
        request: Request,
        provider: IdentityProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        raise ImmediateHttpResponse(refuse(request, provider.name, refusal_of(exception)))


def refusal_of(error: Exception | None) -> Refusal:
    return Refusal.UNREACHABLE if isinstance(error, RequestException) else Refusal.INVALID


def _has_just_signed_in(account: SocialAccount) -> bool:
    proven_at = account.extra_data["id_token"]["auth_time"]
    return proven_at is not None and time.time() - proven_at <= FRESH


def _note_fresh_sign_in(request: Request, user: User, app: SocialApp) -> None:
    record_authentication(request, user, "socialaccount", provider=app.provider_id, reauthenticated=True)


def _fetch(address: str) -> dict[str, Any]:
    with get_provider_adapter().get_requests_session() as session:
        response = session.get(address)
        response.raise_for_status()
        document = response.json()
    if not isinstance(document, dict):
        raise ProviderException("document")
    return document


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []
