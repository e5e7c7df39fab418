"""The one settings file, in the environment of the tests."""

import os
import sys

# Byte code is kept, so that no run, and no process that a test starts, compiles all modules again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ |= {"SECRET_KEY": "for the tests alone", "SECOND_FACTOR_KEYS": "for the tests alone", "DEBUG": "1"}
# The site has the addresses of single sign-on, and no provider: tests of it set one.
OF_PROVIDER = {f"OIDC_{name}": "none" for name in ("PROVIDERS", "NONE_NAME", "NONE_CLIENT_ID", "NONE_SECRET")}
OF_PROVIDER["OIDC_NONE_ISSUER"] = "https://provider.example"
os.environ |= OF_PROVIDER

from tracker.settings import *  # noqa: E402, F403

for name in OF_PROVIDER:
    del os.environ[name]
SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = []  # type: ignore[index]  # noqa: F405
SECURE_CSP["form-action"] = form_targets([])  # noqa: F405

STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected: WhiteNoise would warn of it at each client
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A test that is cut off loses nothing that anybody wants: the disk is not waited for.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"  # noqa: F405
