import pytest

from tracker.models import Submission


@pytest.fixture
def first(db) -> Submission:
    """The one submission that the fixtures of a module made."""
    return Submission.everyones.get()
