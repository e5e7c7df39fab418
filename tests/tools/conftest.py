import pytest
from django.core.management import call_command

from tests.database import as_owner
from tracker.models import Submission


@pytest.fixture(scope="module")
def world(for_the_module):
    """An invented world of six States and two rounds, made once for the tests of a module, which only read it."""
    with as_owner():
        call_command("make_world", respondents=6, rounds=2, seed=1, verbosity=0)


@pytest.fixture
def first(db) -> Submission:
    """The one submission that the fixtures of a module made."""
    return Submission.everyones.get()
