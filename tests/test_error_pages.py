"""What is said when a page fails: in the site's own frame, to anybody, with nothing given away."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.views import defaults

from tracker.web.busy import busy_page
from tracker.web.failures import answer_failure
from tracker.web.logs import request_id

FAILURES = [
    (defaults.bad_request, ValueError("a secret"), 400, "The request could not be read"),
    (defaults.permission_denied, PermissionDenied("a secret"), 403, "Your role does not include this page"),
    (defaults.page_not_found, ValueError("a secret"), 404, "Page not found"),
]


@pytest.mark.parametrize(("view", "exception", "status", "title"), FAILURES)
def test_a_failure_is_shown_in_words_and_without_its_cause(view, exception, status, title):
    response = view(RequestFactory().get("/nothing/"), exception)
    page = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in page
    assert "a secret" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/review/", "/events/", "/withdrawals/", "/transcriptions/"])
def test_a_forbidden_page_is_not_called_an_action(curator, address):
    page = curator.get(address)
    assert page.status_code == 403
    assert "This page is for other roles." in page.text
    assert "action" not in page.text.partition("<h1>")[2]


@pytest.mark.django_db
def test_a_forbidden_action_changes_nothing_and_says_so(officer):
    page = officer.post("/curate/intake/add/")
    assert page.status_code == 403
    assert "<h1>Your role does not include this action</h1>" in page.text
    assert "This action is for other roles. Nothing was changed." in page.text


def test_a_broken_site_still_answers_without_any_context():
    response = answer_failure(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "<h1>Something went wrong</h1>" in response.content.decode()
    assert f"Reference: {request_id.get()}" in response.content.decode()


@pytest.mark.parametrize("request_", [None, RequestFactory().get("/")], ids=["no request", "no user"])
def test_a_page_that_asks_to_wait_needs_no_database(request_):
    response = busy_page(request_, "The site is away", "Try again later.", status=503, seconds=30, back="/desk/XAA/")
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    page = response.content.decode()
    assert "<h1>The site is away</h1>" in page
    assert 'href="/desk/XAA/"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/desk/XAA/rounds/2026/ready/", "/desk/XAA/recommendations/I-13/note/"])
def test_the_address_of_a_button_that_is_opened_has_a_page_with_a_way_back(desk, path):
    response = desk.get(path)
    page = response.content.decode()
    assert (response.status_code, response["Allow"], response["Cache-Control"]) == (405, "POST", "private, no-store")
    assert "<h1>This address is not a page</h1>" in page
    assert '<a href="/">Go to the home page</a>' in page
    assert desk.get(path, headers={"HX-Request": "true"}).content == b""
