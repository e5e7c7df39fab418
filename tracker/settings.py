"""Read all settings from the environment.

`SECRET_KEY` and `SECOND_FACTOR_KEYS` are required; docs/operate.md lists the others. `manage.py demo` supplies what a
demonstration needs.
"""

import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

INSTALLED_APPS = [
    "tracker",
    "recommendations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_filters",
    "django_htmx",
    "import_export",
]

MIDDLEWARE = [
    "tracker.web.middleware.RequestIdMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tracker.web.middleware.HeadersMiddleware",
    "tracker.web.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.web.large_bodies.LargeBodyMiddleware",
    "tracker.web.middleware.PageCompressionMiddleware",
    "tracker.web.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tracker.web.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tracker.web.middleware.OriginMiddleware",
    "tracker.web.middleware.DeviceMiddleware",
    "tracker.web.middleware.SignInMiddleware",
    "tracker.web.middleware.SecondFactorMiddleware",
    "tracker.web.middleware.ErrorPageMiddleware",
    "tracker.web.middleware.FreshSignInMiddleware",
    "tracker.web.middleware.AdminMiddleware",
    "tracker.web.limits.LimitsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Tags of many pages. Those of one noun are loaded where they are used.
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "recommendations.templatetags.catalogue",
                "recommendations.templatetags.lists",
                "tracker.templatetags.looks",
                "tracker.templatetags.page",
                "tracker.templatetags.progress",
                "tracker.templatetags.record",
                "tracker.templatetags.unsaved_input",
                "tracker.templatetags.withdrawal",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.web.context.page_head",
            ],
        },
    },
]

# Files and the database belong together: both must be in the same backup.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # secure_delete overwrites removed words in the database file; otherwise they stay in its free pages.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;",
    }
else:
    # A repeated query is planned once for each connection: planning takes most of its time.
    # A server that is away, or a lock that is held, is not waited for longer than SQLite waits.
    DATABASES["default"]["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 3,
        "connect_timeout": 5,
        "tcp_user_timeout": 20_000,
        "options": "-c lock_timeout=20s -c statement_timeout=120s",
    }
# To open a connection costs as much as a short page; SQLite also waits for the disk when the last one is closed.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# On PostgreSQL the role that serves. Another one owns the tables, and `migrate` runs as that one.
DATABASE_SERVING_ROLE = env.str("DATABASE_SERVING_ROLE", default="")

STORAGES = {
    "default": {
        "BACKEND": "tracker.storage.DurableStorage",
        "OPTIONS": {
            "location": env.str("FILES_DIR", default=str(BASE_DIR / "files")),
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
S3_TIMEOUT = env.float("S3_TIMEOUT", default=5)
if bucket := env.str("S3_BUCKET", default=""):
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    # Each request is tried twice at most, so that the user who waits gets an answer.
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "default_acl": "private",
            "querystring_auth": True,
            "max_memory_size": 1024 * 1024,
            "client_config": Config(
                connect_timeout=S3_TIMEOUT, read_timeout=S3_TIMEOUT, retries={"total_max_attempts": 2}
            ),
            "transfer_config": TransferConfig(use_threads=False, num_download_attempts=1),
        },
    }

# Processes share the cache, because throttling counts across them. Culled entries would lose their counts.
CACHES = {
    "default": {
        "BACKEND": "tracker.web.cache.PlainDatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# People

AUTH_USER_MODEL = "tracker.User"
AUTHENTICATION_BACKENDS = ["tracker.permissions.RolesBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "tracker.web.passwords.PasswordStrength"}]
# The second verifies older passwords, which are hashed again at the next sign-in.
PASSWORD_HASHERS = ["tracker.web.passwords.Argon2Hasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
SESSION_ENGINE = "tracker.models.session"
SESSION_COOKIE_AGE = 12 * 3600

ACCOUNT_ADAPTER = "tracker.web.account_adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
# Not allauth's own, which keeps further addresses of a person: an old address must stop working.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Failures are counted for each browser that the account knows, and for all unknown ones together (web/devices.py).
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "",
    "attempt_known": "5/5m/key,15/h/key",
    "attempt_unknown": "10/m/ip,5/5m/key,15/h/key",
    "reauthenticate": "5/5m/user,30/h/user",
    "change_password": "5/5m/user,30/h/user",
    "passkey": "60/m/ip",
    "reset_password": "20/m/ip",
    "reset_mail": "5/h/key",
    "invitation": "60/m/ip",
    "access_stop": "60/m/ip",
    "single_sign_on": "60/m/ip",
}
ACCOUNT_FORMS = {
    "login": "tracker.forms.user.SignInForm",
    "reauthenticate": "tracker.forms.user.ConfirmPasswordForm",
    "change_password": "tracker.forms.user.ChangePasswordForm",
    "reset_password": "tracker.forms.user.ResetPasswordForm",
    "reset_password_from_key": "tracker.forms.user.ResetPasswordKeyForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
# Seconds for which a sign-in, or its confirmation, is fresh: see tracker/web/fresh_sign_in.py
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "tracker.web.account_adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "tracker.forms.second_factor.CodeForm",
    "reauthenticate": "tracker.forms.second_factor.CodeAgainForm",
    "activate_totp": "tracker.forms.second_factor.AuthenticatorAppForm",
    "add_webauthn": "tracker.forms.second_factor.AddPasskeyForm",
    "edit_webauthn": "tracker.forms.second_factor.RenamePasskeyForm",
    "authenticate_webauthn": "tracker.forms.second_factor.PasskeyForm",
    "reauthenticate_webauthn": "tracker.forms.second_factor.PasskeyAgainForm",
    "login_webauthn": "tracker.forms.second_factor.PasskeySignInForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_RECOVERY_CODE_COUNT = 10
MFA_TOTP_ISSUER = "Recommendations tracker"
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = 30 * 24 * 3600
# A demonstration has one password for all its users.
SECOND_FACTOR_REQUIRED = not DEBUG
# They encrypt the secrets of second factors: the first encrypts, all decrypt.
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=["demonstration"] if DEBUG else env.NOTSET)

# Single sign-on by OpenID Connect: OIDC_PROVIDERS names the providers, and OIDC_<NAME>_… says what each needs.


def read_identity_providers() -> list[dict]:
    """Return the providers that the environment names, as allauth takes them."""
    return [_read_identity_provider(name) for name in env.list("OIDC_PROVIDERS", default=[])]


def _read_identity_provider(name: str) -> dict:
    if not re.fullmatch("[a-z0-9-]+", name):
        raise ImproperlyConfigured("OIDC_PROVIDERS: write names in small letters, digits and hyphens")
    prefix = f"OIDC_{name.upper().replace('-', '_')}_"
    issuer = env.str(prefix + "ISSUER")
    if not issuer.startswith("https://") and not (DEBUG and issuer.startswith("http://127.0.0.1:")):
        raise ImproperlyConfigured(f"{prefix}ISSUER must begin with https://")
    return {
        "provider_id": name,
        "name": env.str(prefix + "NAME"),
        "client_id": env.str(prefix + "CLIENT_ID"),
        "secret": env.str(prefix + "SECRET"),
        "settings": {
            "issuer": issuer,
            "server_url": issuer.rstrip("/") + "/.well-known/openid-configuration",
            "second_step": env.list(prefix + "SECOND_STEP", default=[]),
            "origins": env.list(prefix + "ORIGINS", default=["/".join(issuer.split("/")[:3])]),
        },
    }


def form_targets(providers: list[dict]) -> list[str]:
    """Return where forms may lead: to a provider too, since Chromium follows the redirect of a form only so."""
    return [CSP.SELF, *(origin for provider in providers for origin in provider["settings"]["origins"])]


IDENTITY_PROVIDERS = read_identity_providers()
if IDENTITY_PROVIDERS:
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
SOCIALACCOUNT_ADAPTER = "tracker.web.single_sign_on.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": IDENTITY_PROVIDERS,
        "OAUTH_PKCE_ENABLED": True,
        "provider_class": "tracker.web.single_sign_on.IdentityProvider",
    }
}

# It signs the daily list: 64 hexadecimal digits. The database has only the public key.
SIGNING_KEY = env.str("SIGNING_KEY", default="de" * 32 if DEBUG else "")
FORMER_SIGNING_KEY = env.str("FORMER_SIGNING_KEY", default="")  # it signs the first list of the next key

# Days for which the link of an invitation works
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)

# Evidence: bytes

EVIDENCE_FILE_LIMIT = 25 * 1024 * 1024
EVIDENCE_QUOTA = env.int("EVIDENCE_QUOTA_MB", default=2048) * 1024 * 1024

# The socket of clamd, which scans uploaded files: its path, or host:port

CLAMAV_SOCKET = env.str("CLAMAV_SOCKET", default="")

# The audit trail: days for which network addresses are kept

EVENT_ADDRESS_DAYS = env.int("EVENT_ADDRESS_DAYS", default=90)

# E-mail address for questions, shown on the help page

HELP_CONTACT = env.str("HELP_CONTACT", default="")

# E-mail address or https:// address for people who found a weakness, in /.well-known/security.txt

SECURITY_CONTACT = env.str("SECURITY_CONTACT", default=HELP_CONTACT)

# Mail

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="recommendations-tracker@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The address of the site, for links in mail.
SITE_URL = env.str(
    "SITE_URL", default=f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS and not DEBUG else "http://127.0.0.1:8000"
)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.str("EMAIL_HOST", default="localhost"),
            "port": env.int("EMAIL_PORT", default=25),
            "username": env.str("EMAIL_HOST_USER", default=""),
            "password": env.str("EMAIL_HOST_PASSWORD", default=""),
            "use_tls": env.bool("EMAIL_USE_TLS", default=False),
            "timeout": 10,
        },
    }
}
if DEBUG and not env.str("EMAIL_HOST", default=""):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}

# Mail and exports: right after the action, or by a worker (`manage.py db_worker`) with a table of its own.

TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
if env.bool("TASKS_WORKER", default=False):
    INSTALLED_APPS.append("django_tasks_db")
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Languages and dates

LANGUAGE_CODE = "en"
# Only those whose translation is complete, each by its own name.
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "tracker.formats"

# Security

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": form_targets(IDENTITY_PROVIDERS),
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
CSRF_FAILURE_VIEW = "tracker.views.csrf.refuse_request"
# Browsers take a cookie with this prefix from this host alone, by TLS alone and for the whole site.
COOKIE_PREFIX = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
MFA_TRUST_COOKIE_NAME = f"{COOKIE_PREFIX}second_factor"
MESSAGE_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
MESSAGE_STORAGE = "tracker.web.message_storage.MessageStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 30  # more than a form takes, so that it can name those that are too many
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "tracker.documents.exchange.uploads.UploadReader",
]

# What one user, and one network whose users have not signed in, may ask for in ten minutes: see tracker/web/limits.py

REQUEST_LIMITS = {
    "file": (60, 300),
    "download": (600, 600),
    "export": (20, 20),
    "upload": (200, 60),
    "search": (150, 300),
    "suggestion": (1500, 3000),
    "verification": (60, 120),
}

# One handler and one format for every logger, including those that Django and gunicorn set up.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "tracker.web.logs.LineFormat"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "django": {"level": "INFO"},
        "django.tasks": {"level": "WARNING"},
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}
