"""Addresses of signing in, of one's own account and of invitations."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from tracker.views import directory, invitation, membership, notification, session, user

# Only what the site uses of allauth: there is no sign-up, and no page to manage addresses.
allauth_patterns = [
    path("login/", account.login, name="account_login"),
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
    path("2fa/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns = [
    path("accounts/", include(allauth_patterns)),
    path("account/", user.account, name="account"),
    path("language/", user.language, name="language"),
    path("account/notifications/", notification.notifications, name="notifications"),
    path("account/directory/", directory.directory_choice, name="directory_choice"),
    path("invitations/accept/", invitation.invitation_accept, name="invitation_accept"),
    path("invitations/<slug:token>/", invitation.invitation, name="invitation"),
    path("appointments/<int:pk>/document/", membership.appointing_document, name="appointing_document"),
    path("account/sessions/", session.session_list, name="session_list"),
    path("account/sessions/end/", session.session_end, name="session_end"),
    path("welcome/", user.welcome, name="welcome"),
]
