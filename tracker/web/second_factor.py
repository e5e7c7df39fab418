"""What the session remembers of a second factor, and whether the provider asked for one."""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.internal.flows.trust import decode_trust_cookie, is_trusted_browser
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login

from tracker.models import User
from tracker.web import devices
from tracker.web.request import Request

POSTPONED = "second_factor_postponed"  # its user goes on without one until the next sign-in
TRUSTS_DEVICE = "trusts_device"  # the key of the user who is not asked for it on this device for 30 days
IDENTITY = "identity"  # the identity of a provider that waits until the invitation of this session is accepted
BY_PROVIDER = "provider"  # how a second step was shown


class SecondStepStage(AuthenticateStage):
    """Ask for a second step unless the provider has said in this sign-in that the user showed one, or the browser is
    remembered for it. It is so as long as it is known: allauth's cookie does not end with the sessions.
    """

    def _should_handle(self, request: Request) -> bool:  # type: ignore[override]
        user = self.login.user
        if has_second_step_of_provider(request, user) or did_use_passwordless_login(request, user):
            return False
        is_forgotten = bool(decode_trust_cookie(request)) and not devices.is_known(request, user)
        return super()._should_handle(request) or (is_forgotten and is_trusted_browser(request, user))


def has_second_step_of_provider(request: Request, user: User) -> bool:
    records = get_authentication_records(request, user)
    return any(record["method"] == "mfa" and record.get("type") == BY_PROVIDER for record in records)
