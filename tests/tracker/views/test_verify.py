"""A code is confirmed to everybody: State, round, date and digest, and nothing more."""

import re

import pytest
from django.urls import reverse

from tests.conftest import find_person, find_state, open_round_for_arandia, save_for_xaa
from tests.database import lifted_triggers
from tests.pages import words
from tests.submissions import STATED, submit_ready
from tracker.documents.receipt import digest_text
from tracker.models import Submission
from tracker.models.submission import new_code

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def submission(for_the_module):
    round_ = open_round_for_arandia(meetings=[1])
    xaa, alice = find_state("XAA"), find_person("alice")
    save_for_xaa("I.13", measures="The Act of 2016.", ready=True)
    return submit_ready(xaa, round_, alice, STATED)


def test_a_code_has_at_least_128_bits():
    codes = {new_code() for _time in range(100)}
    assert len(codes) == 100
    assert {len(code) for code in codes} == {26}
    assert 26 * 5 >= 128  # each of 32 letters


def test_state_round_date_and_digest_and_nothing_more(client, submission):
    response = client.get(reverse("verified", args=[submission.code]))
    facts = re.search(r"<dl.*?</dl>", response.content.decode(), re.DOTALL)[0]
    values = re.findall(r"<dd>(.*?)</dd>", facts, re.DOTALL)
    sealed_at = submission.sealed_at
    assert [re.sub(r"<[^>]+>", "", one) for one in values] == [
        "Arandia",
        "Round 2026",
        f"{sealed_at.day} {sealed_at:%B %Y, %H:%M} UTC",
        digest_text(submission.digest),
    ]
    said = words(response)
    for secret in ("XAA/2026/1", "Alice", "1 answer", "Act of 2016", "late", submission.respondent.code):
        assert secret not in said


def test_a_submission_of_an_unknown_form_is_marked(client, submission):
    note = "The form of this submission is unknown to this version of the site."
    page = reverse("verified", args=[submission.code])
    assert note not in words(client.get(page))
    with lifted_triggers():
        Submission.everyones.filter(pk=submission.pk).update(canonical_form=2)
    assert note in words(client.get(page))


def test_an_unknown_code_is_reported_as_unknown(client, submission):
    response = client.get(reverse("verified", args=["A" * 26]))
    assert response.status_code == 404
    assert "No receipt has this code" in words(response)
    assert submission.digest[:8] not in words(response)


@pytest.mark.parametrize("code", ["a", "A" * 300, "a\x00b", "%", "<b>", "\u0627" * 26, "IIIIIIIIIIIIIIIIIIIIIIIIII"])
def test_whatever_is_asked_is_answered(code, client, submission):
    assert client.get(reverse("verified", args=[code])).status_code == 404


@pytest.mark.parametrize("known", [True, False])
def test_it_takes_the_same_queries_either_way(known, client, submission, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(reverse("verified", args=[submission.code if known else "A" * 26]))


def test_a_code_may_be_typed_small_and_with_spaces(client, submission):
    typed = " ".join(re.findall("." * 2, submission.code.lower()))
    response = client.get(reverse("verify"), {"code": typed})
    assert response.url == reverse("verified", args=[submission.code])


@pytest.mark.parametrize("typed", ["", "  ", "!!", "\x00"])
def test_without_a_code_the_form_is_shown(typed, client):
    assert "Verification code" in words(client.get(reverse("verify"), {"code": typed}))


def test_no_search_engine_keeps_it(client, submission):
    for code in (submission.code, "A" * 26):
        assert client.get(reverse("verified", args=[code]))["X-Robots-Tag"] == "noindex, nofollow"
