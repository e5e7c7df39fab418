"""Clients of the site that are signed in, and forms that are filled in as in a browser."""

import gzip
from typing import Any

import lxml.html
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client, TestCase
from django.urls import reverse

from tracker.demo.bench.visits import NothingToMeasure, Visit
from tracker.models import User

FIRST = object()  # in a form: the first choice that has a value


class Clients(dict[User | None, Client]):
    """A client for each user, who is signed in when first asked for."""

    def __missing__(self, user: User | None) -> Client:
        client = Client(headers={"accept-encoding": "gzip"})
        if user:
            if user.is_secretariat and not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
                TOTP.activate(user, generate_totp_secret())
            client.force_login(user)
        self[user] = client
        return client

    def request(self, visit: Visit) -> bytes:
        """Return what travels. Raise NothingToMeasure where a page does not answer 200, or a form does not redirect."""
        response = self._respond(visit)
        content = _content_of(response)
        if response.status_code != (200 if visit.data is None else 302):
            raise NothingToMeasure(f"{visit.name}: {visit.url} answers {response.status_code}")
        return content

    def rehearse(self, visit: Visit) -> bytes:
        """As `request`, with what waits for the commit; the database is left as it was."""
        self[visit.by]  # signed in before: that is not undone
        with transaction.atomic():
            with TestCase.captureOnCommitCallbacks(execute=True):
                content = self.request(visit)
            transaction.set_rollback(True)
        return content

    def read(self, page: Visit) -> bytes:
        content = self.request(page)
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content

    def fill_in(self, page: Visit, /, **values: Any) -> Visit:
        """Return the sending of the form on this page that has most of these fields; the others stay as they are."""
        forms = [
            form for form in lxml.html.fromstring(self.read(page)).forms if form.action != reverse("account_logout")
        ]
        form = max(forms, key=lambda form: (form.method == "POST", len(values.keys() & form.fields.keys())))
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value.removeprefix("\n"))
        for name, value in values.items():
            data[name] = _first_choice(form.inputs[name]) if value is FIRST else value
        return page._replace(url=form.action or page.url, data=data)

    def _respond(self, visit: Visit) -> HttpResponseBase:
        client = self[visit.by]
        if visit.by is None:
            client.cookies.clear()  # it may have signed in
        if visit.data is None:
            return client.get(visit.url, secure=True)
        for value in visit.data.values():
            if hasattr(value, "seek"):
                value.seek(0)  # it may have been sent before
        return client.post(visit.url, visit.data, secure=True)


def _content_of(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]


def _first_choice(field) -> str:
    return next(value for value in field.value_options if value)
