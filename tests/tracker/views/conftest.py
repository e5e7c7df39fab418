import pytest

from tests.client import Client
from tests.pages import client_of


@pytest.fixture
def desk(alice) -> Client:
    """The client of alice."""
    return client_of(alice)
