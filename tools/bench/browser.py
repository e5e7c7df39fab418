"""The users of the bench, signed in to the site in this process."""

from typing import Any
from urllib.parse import urljoin

import lxml.html
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse

from tools.bench.rows import MissingRows, PageRequest
from tracker.models import User

ENCODINGS = "gzip, deflate, br, zstd"  # that Chromium takes by HTTPS
FIRST = object()  # in a form: the first choice that has a value


class UserSessions(dict[User | None, Client]):
    def __missing__(self, user: User | None) -> Client:
        client = Client(headers={"accept-encoding": ENCODINGS})
        if user:
            is_required = any(membership.needs_second_factor for membership in user.current_memberships)
            if is_required and not user.has_second_factor:  # also with DEBUG, where the site requires none
                TOTP.activate(user, generate_totp_secret())
            client.force_login(user)
        self[user] = client
        return client

    def send(self, page: PageRequest, headers: dict[str, str] | None = None) -> bytes:
        """Return what travels. Raise MissingRows where a page does not answer 200, or a form does not redirect."""
        client = self[page.by]
        if page.by is None:
            client.cookies.clear()  # it may have signed in
        if page.data is None:
            response = client.get(page.url, secure=True, headers=headers)
        else:
            for value in page.data.values():
                if hasattr(value, "seek"):
                    value.seek(0)  # it may have been sent before
            response = client.post(page.url, page.data, secure=True)
        content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
        if response.status_code != (200 if page.data is None else 302):
            raise MissingRows(f"{page.name}: {page.url} answers {response.status_code}")
        return content

    def send_without_change(self, page: PageRequest) -> bytes:
        """As `send`, with what waits for the commit; the database is left as it was."""
        self[page.by]  # signed in before: that is not undone
        with transaction.atomic():
            with TestCase.captureOnCommitCallbacks(execute=True):
                content = self.send(page)
            transaction.set_rollback(True)
        return content

    def read(self, page: PageRequest) -> bytes:
        return self.send(page, {"accept-encoding": "identity"})

    def fill_in(self, page: PageRequest, /, **values: Any) -> PageRequest:
        """Return the sending of the form on this page that has most of these fields; the others stay as they are."""
        forms = [
            form for form in lxml.html.fromstring(self.read(page)).forms if form.action != reverse("account_logout")
        ]
        form = max(forms, key=lambda form: (form.method == "POST", len(values.keys() & form.fields.keys())))
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value.removeprefix("\n"))
        for name, value in values.items():
            data[name] = next(filter(None, form.inputs[name].value_options)) if value is FIRST else value
        return page._replace(url=urljoin(page.url, form.action or ""), data=data)
