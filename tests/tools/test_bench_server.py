"""The bench asks gunicorn over HTTP, as a user."""

import pytest

from tests.database import database_url
from tests.submissions import save_many
from tools.bench.server import ServerSessions, fill_in_answer, served
from tracker.actions.record import Answer
from tracker.models import Record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.mark.thorough
def test_an_answer_is_saved_over_http_and_the_worker_measured(xaa, alice):
    save_many(xaa, {xaa.units_to_answer()[0]: Answer(status="implemented", measures="A law.")}, alice)
    record = Record.everyones.get(respondent=xaa)
    with served("--workers", "1", DATABASE_URL=database_url()) as server:
        sessions = ServerSessions(server.port)
        sessions.send(fill_in_answer(sessions, alice, record))
        assert 50 < server.megabytes() < 250
    record.refresh_from_db()
    assert record.current.number == 2
    assert record.current.measures.startswith("Saved at ")
