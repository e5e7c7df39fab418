"""The walk with a second body: no page of the first body has a word of it, and it has every page that the first has.

Who may is the same for both, so each URL is asked once, by somebody who may.
"""

import pytest

from recommendations.models import Body, Recommendation
from tests.bodies import SLUG, WORD, add_second_body
from tests.submissions import opened_round, submit_ready
from tests.test_walk import (  # noqa: F401  # fixtures
    URLS,
    address,
    canary_state,
    client_of,
    people,
    site,
    words_of,
)
from tests.thorough import some
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use
from tracker.models import User
from tracker.models.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OF_ALL_BODIES = {"recommendations:json", "recommendations:csv", "recommendations:xlsx"}  # each text with its body
SAID = "Xanswered"
OF_THE_FIRST = "strategies to combat trafficking"  # of its I.1
WHO_MAY = ("focal point", "reviewer", "curator", "administrator", "anonymous")
OF_A_TEXT = sorted(name for name, (kwargs, _expected) in URLS.items() if str(kwargs.get("slug", "")).startswith("I"))
OF_A_SUBMISSION = sorted(name for name, (kwargs, _expected) in URLS.items() if kwargs.get("round_code"))


@pytest.fixture(scope="module")
def second(site) -> Body:  # noqa: F811
    """XAA answered, submitted and published I.1 of the second body, which nothing of the first says."""
    xaa, _xbb, people = site  # noqa: F811
    alice, bob = people["focal point"], people["reviewer"]
    body = add_second_body()
    answered = Answer(
        status=Status.IMPLEMENTED, measures=SAID, ready=True, good_practice=True, good_practice_shared=True
    )
    unit = Recommendation.objects.with_text().get(slug=f"{SLUG}/I-1")
    save_answer(respondent=xaa, unit=unit, base=0, answer=answered, by=alice)
    submission = submit_ready(xaa, opened_round(bob, "2025-x", body=body), alice)
    change_use(submission=submission, in_aggregates=True, quoted=True, published=True, by=alice)
    return body


def who_may(name: str, people: dict[str, User | None]) -> tuple[User | None, int]:  # noqa: F811
    """Return somebody who may, and the code that this person gets in the walk."""
    codes = dict(zip(people, map(int, URLS[name][1].get.split()), strict=True))
    walker = next((walker for walker in WHO_MAY if codes[walker] == 200), "focal point")
    return people[walker], codes[walker]


@pytest.mark.parametrize("name", some([name for name in URLS if name not in OF_ALL_BODIES]))
def test_no_page_of_the_first_body_has_a_word_of_the_second(name, second, people, canary_state):  # noqa: F811
    person, code = who_may(name, people)
    response = client_of(person).get(address(name))
    assert response.status_code == code
    assert WORD not in words_of(response)


@pytest.mark.parametrize("name", OF_A_TEXT)
def test_a_text_of_the_second_body_has_the_pages_of_one_of_the_first(name, second, people, canary_state):  # noqa: F811
    person, code = who_may(name, people)
    changed = {"slug": f"{SLUG}/I-1"} | ({"round_code": "2025-x"} if name in OF_A_SUBMISSION else {})
    response = client_of(person).get(address(name, **changed))
    assert response.status_code in {code, 404}
    assert OF_THE_FIRST not in words_of(response)


@pytest.mark.parametrize("name", OF_A_SUBMISSION)
def test_submissions_on_the_second_body_have_their_own_pages(name, second, people, canary_state):  # noqa: F811
    """Pages, files and what is published; nothing in them is of the first body."""
    person, _code = who_may(name, people)
    response = client_of(person).get(address(name, round_code="2025-x"))
    assert response.status_code in {200, 302, 403, 404, 405}
    assert OF_THE_FIRST not in words_of(response)
