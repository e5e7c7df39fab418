"""Go to an identity provider and come back: to sign in, to accept an invitation, or to confirm who is signed in."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.base.provider import ProviderException
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_safe
from requests import RequestException

from tracker.web.fresh_sign_in import NEVER, button_view
from tracker.web.request import Request, SignedInRequest
from tracker.web.single_sign_on import IdentityProvider, ProviderClient, Purpose, nonce_of, refusal_of, refuse

LONGEST_ADDRESS = 2000  # characters


@login_not_required
@button_view(fresh_sign_in=NEVER)
@cache_control(private=True, no_store=True)
def visit_provider(request: Request, provider_id: str) -> HttpResponse:
    provider = _get_provider_or_404(request, provider_id)
    if too_many := ratelimit.consume_or_429(request, action="single_sign_on"):
        return too_many
    purposes = {Purpose.CONFIRM} if request.user.is_authenticated else {Purpose.SIGN_IN, Purpose.JOIN}
    purpose = request.POST.get("purpose", "")
    if purpose not in purposes:
        return redirect("home")
    page = get_next_redirect_url(request) or ""
    state_id = get_random_string(32)
    parameters = {"nonce": nonce_of(state_id)}
    if purpose == Purpose.CONFIRM:
        parameters |= {"prompt": "login", "max_age": "0"}
    try:
        return provider.redirect(
            request,
            AuthProcess.LOGIN,
            next_url=page if len(page) <= LONGEST_ADDRESS else None,  # the session keeps it, of anyone
            data=purpose,
            state_id=state_id,
            auth_params=parameters,
        )
    except (ProviderException, RequestException) as error:
        return refuse(request, provider.name, refusal_of(error))


@login_not_required
@require_GET
@cache_control(private=True, no_store=True)
def return_from_provider(request: Request, provider_id: str) -> HttpResponse:
    provider = _get_provider_or_404(request, provider_id)
    if too_many := ratelimit.consume_or_429(request, action="single_sign_on", limit_get=True):
        return too_many
    try:
        return OAuth2CallbackView.adapter_view(ProviderClient(request, provider_id))(request)
    except (ProviderException, RequestException) as error:
        return refuse(request, provider.name, refusal_of(error))


@require_safe
def confirm_at_provider(request: SignedInRequest, provider_id: str) -> HttpResponse:
    ways = get_account_adapter().get_reauthentication_methods(request.user)
    context = {
        "provider": _get_provider_or_404(request, provider_id),
        "purpose": Purpose.CONFIRM.value,
        "reauthentication_alternatives": [
            way | {"url": passthrough_next_redirect_url(request, way["url"], REDIRECT_FIELD_NAME)}
            for way in ways
            if way["url"] != request.path
        ],
    }
    return render(request, "tracker/single_sign_on/confirm.html", context)


def _get_provider_or_404(request: Request, provider_id: str) -> IdentityProvider:
    try:
        return get_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
