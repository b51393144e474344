"""Settings, all from the environment, in two modes.

*Local mode* (`REMIT_LOCAL=1`; `manage.py` sets it when no production setting is given): own key and SQLite database in
the ignored folder `var/`, loopback only. *Production*: anything else. It refuses to start on an insecure setting and
names it, because a server does not run Django's system checks.
"""

import os
import re
import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

LOCAL = env.bool("REMIT_LOCAL", False)
DEBUG = env.bool("DEBUG", False)
VAR = Path(env.str("REMIT_VAR", str(BASE_DIR / "var")))


def _local_key() -> str:
    """The key of local mode, made once and kept readable by its owner alone."""
    path = VAR / "secret_key"
    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


def _production_key() -> str:
    key = env.str("SECRET_KEY", "")
    if not key:
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to at least 50 random characters.")
    if len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured("SECRET_KEY is short or known. Set it to at least 50 random characters.")
    return key


def _production_hosts() -> list[str]:
    hosts = [host.strip() for host in env.str("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is missing. Name the hosts Remit is served under, with commas between."
        )
    if any(host.strip(".*") == "" for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS is open to every host. Name the hosts Remit is served under.")
    return hosts


def _check_database_is_named() -> None:
    if not env.str("DATABASE_URL", ""):
        raise ImproperlyConfigured(
            "DATABASE_URL is missing. Set it to postgres://user:password@host/name or sqlite:////path/to/file."
        )


def _site_url(default: str) -> str:
    """Where people reach Remit, for the addresses in mail: never taken from a request, whose Host anybody can write."""
    url = env.str("SITE_URL", "") or default
    if not re.fullmatch(r"https?://[^/\s?#]+/?", url):
        raise ImproperlyConfigured(f"SITE_URL is no address of a site: {url}. Set it like https://remit.example.org.")
    return url.rstrip("/")


if LOCAL:
    SECRET_KEY = env.str("SECRET_KEY", "") or _local_key()
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
else:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on. Remove it from the environment; it shows the inside to every visitor.")
    SECRET_KEY = _production_key()
    ALLOWED_HOSTS = _production_hosts()
    _check_database_is_named()

# Former values of SECRET_KEY: what was made with one of them is still read.
SECRET_KEY_FALLBACKS = [key for key in map(str.strip, env.str("SECRET_KEY_FALLBACKS", "").split(",")) if key]

SITE_URL = _site_url("http://localhost:8000" if LOCAL else f"https://{ALLOWED_HOSTS[0].removeprefix('.')}")

# --- Applications ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "raci.screens",
    "raci.publishing",
    "raci.reviews",
    "raci.matrices",
    "culture",
    "raci.notices",
    "raci.workspaces",
    "raci.accounts",
    "raci.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # for its templates, of which we have one of our own
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",  # the headers first, so that every answer has them
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "raci.web.middleware.plain_verbs",
    "raci.web.middleware.refuse_large_bodies",  # before anything reads the body
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "raci.web.middleware.private_pages",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "raci.web.middleware.RefusalMiddleware",
    "raci.web.middleware.SignInMiddleware",
    "raci.accounts.middleware.OwnLookMiddleware",  # after sign-in, which has asked who it is
]

ROOT_URLCONF = "raci.urls"
WSGI_APPLICATION = "raci.wsgi.application"
ASGI_APPLICATION = "raci.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["raci.web.templatetags.remit"],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------------------------

# These SQLite releases can lose committed pages when a WAL is reset under several connections; they get a rollback
# journal instead. 3.50.7 and 3.44.6 carry the fix back.
_version = sqlite3.sqlite_version_info
_WAL_SOUND = _version >= (3, 51, 3) or (3, 50, 7) <= _version < (3, 51) or (3, 44, 6) <= _version < (3, 45)
SQLITE_JOURNAL = "WAL" if _WAL_SOUND else "TRUNCATE"


def _check_place(file: Path) -> None:
    """A new database is made for its owner alone; one that every user of the machine can read is refused."""
    if file.parent == VAR:
        VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.parent.is_dir():
        raise ImproperlyConfigured(f"DATABASE_URL: there is no folder {file.parent}.")
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if not LOCAL and file.exists() and file.stat().st_mode & 0o004 and file.parent.stat().st_mode & 0o001:
        raise ImproperlyConfigured(f"DATABASE_URL: every user of this machine can read {file}. Run: chmod 600 {file}")


DATABASES: dict[str, Any] = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR / 'remit.sqlite3'}")}
_database = DATABASES["default"]
_given = _database.get("OPTIONS", {})  # what stands after the "?", such as sslmode=require
if _database["ENGINE"].endswith("sqlite3"):
    if _database["NAME"] != ":memory:":
        _check_place(Path(_database["NAME"]))
    _database["OPTIONS"] = _given | {
        "transaction_mode": "IMMEDIATE",  # read-then-write never fails halfway for want of the lock
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={SQLITE_JOURNAL}; PRAGMA synchronous=FULL;",
    }
    _database["TEST"] = {"NAME": env.str("REMIT_TEST_DATABASE", str(VAR / "test.sqlite3"))}
else:
    # A pool waits ever longer between its tries to connect again, and begins anew with the next request once it has
    # given up: with these two it tries at least every two seconds, so an outage is over when the database is back.
    _reconnecting = {"timeout": 4, "reconnect_timeout": 2.5}
    _database["OPTIONS"] = _given | {"pool": {"min_size": 1, "max_size": 8, **_reconnecting}}
    _database["CONN_HEALTH_CHECKS"] = True

# --- Security -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in ("accelerometer", "camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "raci.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

if not LOCAL:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    # These two bind every other host of the domain, and preload is hard to take back: not for Remit to assume.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for just these two
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    # Only behind a proxy that sets this header itself, and drops the one a visitor sends.
    if env.bool("BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        ALLAUTH_TRUSTED_PROXY_COUNT = 1

MAX_BODY_BYTES = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# --- Accounts -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", True)
ACCOUNT_ADAPTER = "raci.notices.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "raci.accounts.sign_in.SignInForm",
    "signup": "raci.workspaces.signup_form.SignUpForm",
    "reset_password": "raci.notices.forms.ResetPasswordForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "raci.accounts.forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "raci.accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none" if LOCAL else "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, which then goes on where it was going
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if LOCAL else "https"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
MFA_ADAPTER = "raci.accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "raci.accounts.second_factor.SecondCodeForm",
    "reauthenticate": "raci.accounts.second_factor.CodeAgainForm",
    "add_webauthn": "raci.accounts.second_factor.PasskeyForm",
    "edit_webauthn": "raci.accounts.second_factor.PasskeyNameForm",
    "login_webauthn": "raci.accounts.second_factor.SignInForm",
    "authenticate_webauthn": "raci.accounts.second_factor.SecondStepForm",
    "reauthenticate_webauthn": "raci.accounts.second_factor.AgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = LOCAL  # where no address is ever confirmed
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL  # http://localhost
MFA_TOTP_ISSUER = "Remit"

# --- Mail -----------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Remit <remit@localhost>")
EMAIL_TIMEOUT = 20  # seconds; a mail server that says nothing holds up the next mail no longer than that
if _email_url := env.str("EMAIL_URL", ""):
    _email = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email["EMAIL_HOST"]
    EMAIL_PORT = _email["EMAIL_PORT"]
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]

# Sign-in limits are counted here; several processes must share the count.
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if LOCAL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# --- Files, time, language ------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]  # ours alone, not those of libraries
STATIC_ROOT = VAR / "static"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "raci.web.static.HashedStaticFiles"
    },
}
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = None

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hide_tokens": {"()": "raci.web.logs.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["hide_tokens"]}},
    "loggers": {  # those that name the address of a request
        "django.request": {"filters": ["hide_tokens"]},
        "django.security.csrf": {"filters": ["hide_tokens"]},
    },
    "root": {"handlers": ["console"], "level": "INFO" if not LOCAL else "WARNING"},
}
