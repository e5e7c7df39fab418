"""Every page of the site, as its readers get it, with an answer of every status and endless words."""

import re

import pytest

from tests.canaries import canary_state, people  # noqa: F401
from tests.evidence_items import add_item
from tests.pages import client_of
from tests.test_walk import URLS, address
from tests.thorough import IS_THOROUGH, some
from tracker.actions.record import Answer, save_answer
from tracker.models import User
from tracker.models.status import ReasonCode, Status

ENDLESS = "Donaudampfschifffahrt" * 9
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
PASSING = re.compile(r'<input type="hidden"[^>]*>|[0-9]{2}:[0-9]{2}')  # tokens and times
WHOLE = {"report": "?show=all"} | dict.fromkeys(("recommendations:list", "progress_gaps", "round"), "?open=all")
NO_PAGE = re.compile("[:_](csv|docx|json|pdf|xlsx|suggestions)$")
OPEN_ALL = "document.querySelectorAll('main details:not(.group)').forEach((details) => { details.open = true })"


@pytest.fixture
def site(canary_state, alice, unit):  # noqa: F811
    """State XAA with an answer of every status, and one of endless words."""
    for label, status in zip(("I.1", "I.8", "I.14", "II.8", "II.9", "II.14"), Status, strict=True):
        reason = {Status.NOT_APPLICABLE: {"reason_code": ReasonCode.NOT_A_PARTY}}.get(status, {})
        answer = Answer(status=status, reasons="Reasons", measures="التدابير", language="ar", ready=True, **reason)
        save_answer(respondent=canary_state, unit=unit(label), base=0, answer=answer, by=alice)
    law = add_item(canary_state, alice, ENDLESS, url=f"https://example.org/{ENDLESS}")
    answer = Answer(status=Status.IMPLEMENTED, measures=ENDLESS, lead_institution=ENDLESS, citations=[(law, ENDLESS)])
    save_answer(respondent=canary_state, unit=unit("IV.46(i)"), base=2, answer=answer, by=alice, change_reason=ENDLESS)


def pages_shown_to(persons):
    """(person, path) of every page that differs, beyond its masthead, from those before; by default some of them."""
    seen = set()
    for person, path in some(addresses_for(persons)):
        response = client_of(person).get(path)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            main = PASSING.sub("", MAIN.search(response.content.decode())[0])
            if main not in seen:
                seen.add(main)
                yield person, path


def addresses_for(persons) -> list[tuple[User | None, str]]:
    """(person, path) of all that each person may read; by default each path once."""
    found = {}
    for place, person in enumerate(persons):
        names = [name for name, (_kwargs, expected) in URLS.items() if expected.get.split()[place] == "200"]
        paths = [address(name) for name in names if not NO_PAGE.search(name)]
        for path in (*paths, *(address(name) + query for name, query in WHOLE.items() if name in names)):
            found.setdefault((place, path) if IS_THOROUGH else path, (person, path))
    return list(found.values())
