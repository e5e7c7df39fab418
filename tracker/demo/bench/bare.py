"""A page with Django's usual middleware, one query and one template: what times are compared with."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from recommendations.models import Body
from tracker.web.request import Request

URL = "/"
TEMPLATE = "<!doctype html><html lang=en><title>{{ body }}</title><h1>{{ body }}</h1>{{ user.is_authenticated }}</html>"
BARE: dict[str, Any] = {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
}


@cache
def _template() -> Any:
    return engines["django"].from_string(TEMPLATE)


def page(request: Request) -> HttpResponse:
    return HttpResponse(_template().render({"body": Body.objects.earliest("pk")}, request))


urlpatterns = [path("", page)]
