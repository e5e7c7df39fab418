"""What a State does not permit in aggregates stands in no figure: whatever it submits, every page and every file of
figures says the same, to the Secretariat and to everybody.
"""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import reverse

from tests.conftest import find_unit, make_person, make_state, with_second_factor
from tests.pages import client_of
from tests.submissions import STATED, opened_round, release_of_few, submit_ready
from tests.test_walk import URLS, words_of
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import Statements
from tracker.models import Round
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

KEPT_OUT = Statements(names_no_victim=True)
OF_TWO_RELEASES = "progress_paper_changes"  # which the world has not
OF_FIGURES = [name for name in URLS if name.startswith(("progress", "answers", "figures")) and name != OF_TWO_RELEASES]
VARIED = re.compile(
    r"""\d{2}:\d{2}(:\d{2}(\.\d+)?)?|2026[/-]\d|[0-9a-f]{64}|\d+(\.\d+)?\xa0KB"""
    r"""|csrfmiddlewaretoken" value="\w+"|data-session="\d+"|'Content-Length': '\d+'|'X-Request-ID': '\w+'"""
)

GOES_WELL = Answer(status="implemented", measures="An act.", good_practice=True, ready=True)
GOES_ILL = Answer(
    status="not_applicable", reason_code="other", reasons="None.", assistance_kinds=["training"], ready=True
)
OF_A_UNIT, ASKED = {"slug": "IV-46-i"}, {"slug": "I-13"}
LABELS = ("I.1", "I.13", "I.7(a)")


def submit_answers(state, person, answer: Answer, statements: Statements = STATED) -> None:
    """Says the same in both rounds, and hands it in."""
    for base, round_ in enumerate(Round.objects.order_by("code")):
        said = dataclasses.replace(answer, lead_institution=round_.title)
        for label in LABELS:
            save_answer(respondent=state, unit=find_unit(label), base=base, answer=said, by=person)
        submit_ready(state, round_, person, statements)


@pytest.fixture(scope="module")
def sixth(for_the_module):
    """A State beside six others, so that public figures are shown too, and its focal point."""
    bob = with_second_factor(make_person("bob", Role.REVIEWER))
    for code in ("2025", "2026"):
        opened_round(bob, code=code, meetings=[1])
    for place in range(6):
        state = make_state(f"X{chr(65 + place)}Z", f"Land {place}", regional_group=StateGroup.AFRICAN)
        submit_answers(state, make_person(f"person{place}", Role.FOCAL_POINT, state), GOES_WELL)
    state = make_state("XZZ", "Zembla", regional_group=StateGroup.AFRICAN)
    return state, make_person("zoe", Role.FOCAL_POINT, state)


def told(person, names) -> Iterator[tuple[str, str]]:
    """What each page or file says, without what differs from one moment to the next."""
    for name in names:
        kwargs, _expected = URLS[name]
        response = client_of(person).get(reverse(name, kwargs=kwargs | ASKED if kwargs == OF_A_UNIT else kwargs))
        assert response.status_code == 200
        yield name, VARIED.sub("", words_of(response))


def everything_told(bob) -> dict[str, str]:
    """What today's pages say, and those of a release of today."""
    with transaction.atomic():
        release_of_few(Round.objects.get(code="2026"), bob)
        of_all = {f"{name} to everybody": words for name, words in told(None, ["home", "figures", "figures_json"])}
        found = of_all | dict(told(bob, OF_FIGURES))
        transaction.set_rollback(True)
    return found


@pytest.mark.thorough
def test_what_is_not_permitted_in_aggregates_changes_no_figure(sixth, bob):
    def world(answer: Answer) -> dict[str, str]:
        with transaction.atomic():
            submit_answers(*sixth, answer, KEPT_OUT)
            found = everything_told(bob)
            transaction.set_rollback(True)
        return found

    well, ill = world(GOES_WELL), world(GOES_ILL)
    assert [name for name, words in well.items() if words != ill[name]] == []


@pytest.mark.thorough
def test_what_is_permitted_changes_them_all(sixth, bob):
    """So that the test above would see a figure that changes."""
    before = everything_told(bob)
    submit_answers(*sixth, GOES_ILL)
    after = everything_told(bob)
    assert [name for name, words in after.items() if words == before[name]] == []
