import pytest

from tests.pages import answer_address


@pytest.fixture
def send_answer(desk):
    """Send the form as the browser would, from a page that was opened at revision `base`."""

    def send(slug="I-13", name="record", follow=True, **said):
        return desk.post(
            answer_address(name, slug), {"status": "implemented", "language": "en", "base": 0} | said, follow=follow
        )

    return send
