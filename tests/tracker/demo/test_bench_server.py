"""The bench asks gunicorn over HTTP: for pages as a user, for the bare page, and for saves."""

import pytest

from tests.submissions import save_many
from tracker.actions.record import Answer
from tracker.demo.bench.measure import BARE_PAGE
from tracker.demo.bench.server import ServerSessions, Work, fill_in_answer, served
from tracker.models import Record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.mark.thorough
def test_an_answer_is_saved_over_http_and_the_worker_measured(xaa, alice):
    save_many(xaa, {xaa.units_to_answer()[0]: Answer(status="implemented", measures="A law.")}, alice)
    record = Record.everyones.get(respondent=xaa)
    with served("site", "--workers", "1") as server:
        sessions = ServerSessions(server.port)
        sessions.send(fill_in_answer(sessions, alice, record))
        assert len(server.workers) == 1
        assert server.processor_seconds() > 0
        assert 50 < server.megabytes() < 250
    record.refresh_from_db()
    assert record.current.number == 2
    assert record.current.measures.startswith("Saved at ")


@pytest.mark.usefixtures("alice")
@pytest.mark.thorough
def test_the_bare_page_is_served_beside_the_site():
    with served("bare", "--workers", "1") as server:
        assert b"<h1>" in ServerSessions(server.port).send(BARE_PAGE)


def test_the_ratio_is_that_of_two_times():
    assert Work("task list", 40.0, 878).ratio == 21.9
    assert Work("bare page", 2.0).ratio is None
