"""Production starts only on sound settings, and names the one that is not (RELIABILITY.md, T37, D10)."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
KEY = "kq7-Vw2_pL9xZ0aT4mB6cR8nY1eU3hJ5sD7fG2iO4kW6vX8zQ0"  # made up for this test
NOT_OURS = ("REMIT_LOCAL", "DEBUG", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE")
SECURE = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "remit.example.org"}


def _start(*arguments, tmp_path, **environment):
    """A real process in which nothing is set but what is given; its data is in a folder of its own."""
    clean = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    own = {"REMIT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "raci.settings"}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**clean, **own, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done, time.monotonic() - started


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": KEY[:49]}, "SECRET_KEY is short"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is short or known"),
        ({"SECRET_KEY": "django-insecure-" + KEY}, "SECRET_KEY is short or known"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is missing"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is missing"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is open"),
        ({"ALLOWED_HOSTS": "remit.example.org,*"}, "ALLOWED_HOSTS is open"),
        ({"ALLOWED_HOSTS": "."}, "ALLOWED_HOSTS is open"),
    ],
)
@pytest.mark.parametrize("program", ["setup", "manage", "asgi"])
def test_production_does_not_start_on_an_insecure_setting_and_names_it(tmp_path, program, change, named):
    arguments = {
        "setup": ("-c", "import django; django.setup()"),
        "manage": ("manage.py", "check"),
        "asgi": ("-c", "import raci.asgi"),
    }[program]
    environment = {name: value for name, value in {**SECURE, **change}.items() if value is not None}
    done, seconds = _start(*arguments, tmp_path=tmp_path, **environment)
    assert done.returncode != 0
    assert named in done.stderr
    assert seconds < 5


def test_a_server_started_with_nothing_set_is_not_a_local_one(tmp_path):
    """Local mode is asked for, by the variable or by manage.py; a server that loads the application never falls into it."""
    done, _ = _start("-c", "import raci.asgi", tmp_path=tmp_path)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_good_production_settings_pass_the_deployment_check_without_a_warning(tmp_path):
    done, _ = _start("manage.py", "check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **SECURE)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


SHOW = "import django; django.setup(); from django.conf import settings as s; print({})"


def _shown(expression, tmp_path, **environment):
    done, _ = _start("-c", SHOW.format(expression), tmp_path=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_cookies_of_production_are_bound_to_the_host_and_to_https(tmp_path):
    shown = _shown(
        "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SESSION_COOKIE_HTTPONLY, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS",
        tmp_path,
        **SECURE,
    )
    assert shown == "__Host-sessionid __Host-csrftoken True True True True 31536000"


def test_a_proxys_header_is_believed_only_where_a_proxy_is_declared(tmp_path):
    ask = "getattr(s, 'SECURE_PROXY_SSL_HEADER', None)"
    assert _shown(ask, tmp_path, **SECURE) == "None"
    assert "FORWARDED_PROTO" in _shown(ask, tmp_path, **SECURE, BEHIND_PROXY="1")


def test_local_mode_makes_a_key_once_that_only_its_owner_reads(tmp_path):
    first = _shown("s.SECRET_KEY", tmp_path, REMIT_LOCAL="1")
    assert len(first) >= 50
    assert _shown("s.SECRET_KEY", tmp_path, REMIT_LOCAL="1") == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_local_mode_serves_loopback_only(tmp_path):
    shown = _shown("s.ALLOWED_HOSTS", tmp_path, REMIT_LOCAL="1", ALLOWED_HOSTS="remit.example.org")
    assert shown == "['localhost', '127.0.0.1', '[::1]']"


@pytest.mark.parametrize("environment", [{"REMIT_LOCAL": "1"}, {"REMIT_LOCAL": "1", "SECRET_KEY": KEY}, SECURE])
def test_a_new_sqlite_database_is_made_in_a_new_folder_and_is_for_its_owner(tmp_path, environment):
    done, _ = _start("manage.py", "migrate", "-v0", tmp_path=tmp_path / "new", **environment)
    assert done.returncode == 0, done.stderr
    folder = (tmp_path / "new").stat().st_mode
    file = (tmp_path / "new" / "remit.sqlite3").stat().st_mode
    assert folder & 0o077 == 0 or file & 0o077 == 0


# --- SQLite


def test_production_refuses_a_database_that_every_user_of_the_machine_can_read(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    file = folder / "remit.sqlite3"
    file.touch(mode=0o644)
    where = SECURE | {"DATABASE_URL": f"sqlite:///{file}"}
    done, _ = _start("manage.py", "check", tmp_path=tmp_path, **where)
    assert done.returncode != 0
    assert f"chmod 600 {file}" in done.stderr
    file.chmod(0o600)
    assert _start("manage.py", "check", tmp_path=tmp_path, **where)[0].returncode == 0


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 0), "TRUNCATE"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_a_release_of_sqlite_that_can_lose_pages_gets_a_rollback_journal(tmp_path, version, journal):
    script = (
        f"import sqlite3; sqlite3.sqlite_version_info = {version}; import django; django.setup();"
        "from django.conf import settings as s; print(s.SQLITE_JOURNAL, s.DATABASES['default']['OPTIONS']['init_command'])"
    )
    done, _ = _start("-c", script, tmp_path=tmp_path, REMIT_LOCAL="1")
    assert done.stdout.startswith(f"{journal} PRAGMA journal_mode={journal};"), done.stderr


@pytest.mark.django_db
def test_the_open_connection_is_what_the_settings_say():
    if connection.vendor != "sqlite":
        assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
        return
    with connection.cursor() as cursor:
        answers = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {pragma}")
            answers[pragma] = cursor.fetchone()[0]
    assert answers == {
        "journal_mode": settings.SQLITE_JOURNAL.lower(),
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 20_000,
    }
    assert connection.transaction_mode == "IMMEDIATE"


def test_the_tests_do_not_run_on_a_database_in_memory():
    """Threads and processes of the tests share it, as those of a server do."""
    name = str(settings.DATABASES["default"].get("TEST", {}).get("NAME") or connection.settings_dict["NAME"])
    assert "memory" not in name
    assert sqlite3.threadsafety > 0
