"""Addresses of signing in, of one's own account and of invitations."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.db import transaction
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from tracker.views import access_change, directory, invitation, membership, notification, second_factor, session, user
from tracker.web.fresh_sign_in import NEVER, TO_OPEN, asks
from tracker.web.topics import Topic

redirect_to_account = RedirectView.as_view(pattern_name="account")
for view in (
    *(account.login, account.logout, account.reauthenticate, account.password_reset, account.password_reset_from_key),
    *(mfa.authenticate, mfa.reauthenticate, passkeys.reauthenticate_webauthn, redirect_to_account),
    account.password_change,  # its form asks for the current password
):
    asks(NEVER)(view)
for view in (
    *(totp.deactivate_totp, passkeys.add_webauthn, passkeys.edit_webauthn),
    *(recovery_codes.generate_recovery_codes, recovery_codes.download_recovery_codes),
):
    asks(TO_OPEN)(view)

# Only what the site uses of allauth: there is no sign-up, and no page to manage addresses.
allauth_patterns = [
    *Topic("public#your-account").pages(path("login/", account.login, name="account_login")),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # allauth redirects here from the page for a new password, where a user has none.
    path("password/set/", redirect_to_account, name="account_set_password"),
    path("2fa/", redirect_to_account, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", second_factor.AuthenticatorAppView.as_view(), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", transaction.atomic(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/passkeys/", redirect_to_account, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/passkeys/login/", second_factor.passkey_sign_in, name="mfa_login_webauthn"),
    path("2fa/passkeys/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/passkeys/<int:pk>/rename/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("2fa/passkeys/<int:pk>/remove/", second_factor.RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns = [
    path("accounts/", include(allauth_patterns)),
    *Topic("public#your-account").pages(
        path("account/", user.account, name="account"),
        path("account/notifications/", notification.notifications, name="notifications"),
        path("account/sessions/", session.session_list, name="session_list"),
        path("account/sessions/end/", session.session_end, name="session_end"),
    ),
    *Topic("focal-point#people", menu="directory").pages(
        path("account/directory/", directory.directory_choice, name="directory_choice"),
    ),
    path("language/", user.language, name="language"),
    path("account/two-step/", second_factor.second_factor, name="second_factor"),
    path("invitations/accept/", invitation.invitation_accept, name="invitation_accept"),
    path("invitations/<slug:token>/", invitation.invitation, name="invitation"),
    path("appointments/<int:pk>/document/", membership.appointing_document, name="appointing_document"),
    path("access/<int:pk>/document/", membership.access_document, name="access_document"),
    path("access/stop/", access_change.access_stop_confirm, name="access_stop_confirm"),
    path("access/stop/<str:token>/", access_change.access_stop, name="access_stop"),
    path("welcome/", user.welcome, name="welcome"),
]

if settings.IDENTITY_PROVIDERS:  # without one, its libraries are not loaded
    from tracker.urls.single_sign_on import single_sign_on_patterns

    urlpatterns.append(path("accounts/oidc/<slug:provider_id>/", include(single_sign_on_patterns)))
