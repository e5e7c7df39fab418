from django.urls import path

from tracker.views import single_sign_on

# allauth finds the addresses by these names.
single_sign_on_patterns = [
    path("login/", single_sign_on.visit_provider, name="openid_connect_login"),
    path("login/callback/", single_sign_on.return_from_provider, name="openid_connect_callback"),
    path("confirm/", single_sign_on.confirm_at_provider, name="openid_connect_confirm"),
]
