import pytest

from tests.client import Client
from tests.pages import answer_address, client_of


@pytest.fixture
def desk(alice) -> Client:
    """The client of alice."""
    return client_of(alice)


@pytest.fixture
def send_answer(desk):
    """Send the form as the browser would, from a page that was opened at revision `base`."""

    def send(slug="I-13", name="record", follow=True, **said):
        return desk.post(
            answer_address(name, slug), {"status": "implemented", "language": "en", "base": 0} | said, follow=follow
        )

    return send
