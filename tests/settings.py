"""The one settings file, in the environment of the tests."""

import os

os.environ |= {"SECRET_KEY": "for the tests alone", "DEBUG": "1"}

from tracker.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
