"""Choose a second factor, replace an authenticator app, remove a passkey."""

from typing import Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import RemoveWebAuthnView, login_webauthn
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator

from tracker.actions.second_factor import postpone_second_factor
from tracker.forms.second_factor import RemovePasskeyForm
from tracker.views import own_page
from tracker.web.fresh_sign_in import NEVER, TO_OPEN, asks, form_view
from tracker.web.request import Request, SignedInRequest
from tracker.web.second_factor import POSTPONED


@form_view(fresh_sign_in=NEVER)
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Invite to set up two-step sign-in; POST postpones it, once."""
    page = own_page(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.has_second_factor or not request.user.needs_second_factor:
        return redirect(page)
    if request.method == "POST":
        postpone_second_factor(by=request.user)
        request.session[POSTPONED] = True
        return redirect(page)
    context = {"next": page, "may_postpone": request.user.second_factor_postponed_at is None}
    return render(request, "tracker/second_factor/choose.html", context)


@login_not_required
@asks(NEVER)
def passkey_sign_in(request: Request) -> HttpResponseBase:
    """Limit the requests for a challenge too: each begins a session, which is a row."""
    return ratelimit.consume_or_429(request, action="passkey", limit_get=True) or login_webauthn(request)


@method_decorator(asks(TO_OPEN), name="dispatch")
class AuthenticatorAppView(ActivateTOTPView):
    """Add an authenticator app, or replace it: without a moment in which the person has none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super(ActivateTOTPView, self).dispatch(request, *args, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        with transaction.atomic():
            Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.TOTP).delete()
            return super().form_valid(form)


@method_decorator([asks(TO_OPEN), transaction.atomic], name="dispatch")
class RemovePasskeyView(RemoveWebAuthnView):
    form_class = RemovePasskeyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"authenticator": self.object}
