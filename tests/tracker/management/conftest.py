import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """An invented world of six States and two rounds, made once for the tests of a module, which only read it."""
    from django.conf import settings

    storages = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path_factory.mktemp("files")), "base_url": None},
        },
    }
    with django_db_blocker.unblock(), override_settings(STORAGES=storages), transaction.atomic():
        call_command("make_world", respondents=6, rounds=2, seed=1, verbosity=0)
        yield
        transaction.set_rollback(True)
