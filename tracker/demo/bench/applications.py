"""What gunicorn serves while the bench asks it: the site, and the bare page."""

import os
from contextlib import ExitStack
from datetime import date
from importlib import import_module
from typing import Any

import django
from django.test.utils import override_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
CLOCK = ExitStack()  # for as long as the process
DAY = "BENCH_DAY"  # in the environment: the day of the clock
NO_MAIL = {"MAILERS": {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}}


def site() -> Any:
    django.setup()
    import_module("tracker.demo.bench.measure").as_served().enable()
    override_settings(**NO_MAIL).enable()
    CLOCK.enter_context(import_module("tracker.demo.clock").on_day(date.fromisoformat(os.environ[DAY])))
    return import_module("tracker.wsgi").application


def bare() -> Any:
    django.setup()
    override_settings(**import_module("tracker.demo.bench.bare").BARE).enable()
    return import_module("tracker.wsgi").application
