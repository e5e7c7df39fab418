import pytest
from django.core.management import call_command


@pytest.fixture(scope="module")
def world(for_the_module):
    """An invented world of six States and two rounds, made once for the tests of a module, which only read it."""
    call_command("make_world", respondents=6, rounds=2, seed=1, verbosity=0)
