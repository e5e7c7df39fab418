"""Which units are asked of whom, in words and counts."""

import datetime

import pytest

from tests.conftest import make_state
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind, TreatyStatus
from tracker.queries.addressees import addressee_counts, describe_unit_count, treaty_status

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "status, units, said",
    [
        (TreatyStatus.PARTY, 230, "Dorvania (party to the Protocol)"),
        (TreatyStatus.UNCONFIRMED, 230, "Dorvania (treaty status not confirmed: treated as a party to the Protocol)"),
        (TreatyStatus.CONVENTION_ONLY, 31, "Dorvania (party to the Convention, not to the Protocol)"),
        (TreatyStatus.NOT_PARTY, 25, "Dorvania (party to neither the Convention nor the Protocol)"),
    ],
)
def test_a_state_sees_the_number_addressed_to_its_treaty_status(status, units, said):
    state = make_state("XDD", "Dorvania", treaty_status=status)
    assert describe_unit_count(state, state.units_to_answer().count()) == f"{said} · {units} recommendations"


def test_the_european_union_and_the_secretariat_are_no_states():
    union = Respondent(
        code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION, treaty_status=TreatyStatus.PARTY
    )
    secretariat = Respondent(code="SECRETARIAT", name="Secretariat with UNODC", kind=RespondentKind.SECRETARIAT)
    assert describe_unit_count(union, 207) == "European Union (party to the Protocol) · 207 recommendations"
    assert describe_unit_count(secretariat, 1) == "Secretariat or UNODC · 1 recommendation"
    assert treaty_status(secretariat) == ""


def test_a_treaty_status_is_never_without_its_date():
    state = Respondent(
        name="Dorvania",
        kind=RespondentKind.STATE,
        treaty_status=TreatyStatus.PARTY,
        protocol_act="accession",
        protocol_acted=datetime.date(2005, 5, 1),
        status_as_at=datetime.date(2014, 1, 27),
    )
    assert treaty_status(state) == (
        "Party to the Protocol · Act: Accession, 1 May 2005 · Treaty acts as at 27 January 2014"
    )
    state.protocol_acted, state.treaty_status = None, TreatyStatus.UNCONFIRMED
    assert treaty_status(state) == "Treaty status not confirmed · Treaty acts as at 27 January 2014"


def test_addressees_are_counted_over_units_and_say_whether_they_are_asked(xaa):
    counts = {count.addressee.value: (count.is_to_answer, count.units) for count in addressee_counts(xaa)}
    assert counts == {
        "states_parties": (True, 207),
        "states": (True, 23),
        "member_states": (True, 1),
        "states_not_yet_parties": (False, 1),
        "secretariat": (False, 17),
        "unodc": (False, 8),
        "conference": (False, 20),
        "working_group": (False, 1),
        "un_entities": (False, 1),
    }
