"""Production starts only on sound settings, and names the one that is not (RELIABILITY.md, T37, D10)."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

ROOT = Path(__file__).resolve().parent.parent
KEY = "kq7-Vw2_pL9xZ0aT4mB6cR8nY1eU3hJ5sD7fG2iO4kW6vX8zQ0"  # made up for this test
NOT_OURS = ("REMIT_LOCAL", "SITE_URL", "DEBUG", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE")
NOT_OURS += ("SECRET_KEY_FALLBACKS",)
NOT_OURS += ("DJANGO_ALLOW_ASYNC_UNSAFE",)  # the browser tests set it for themselves
POSTGRESQL = "postgres://remit@localhost/remit"  # never connected to
SECURE = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "remit.example.org", "DATABASE_URL": POSTGRESQL}


def _start(*arguments, tmp_path, **environment):
    """A real process in which nothing is set but what is given; its data is in a folder of its own."""
    clean = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    own = {"REMIT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "raci.settings"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**clean, **own, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # its own time, however busy the machine is
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
        ({"SITE_URL": "remit.example.org"}, "SITE_URL is no address"),
        ({"SITE_URL": "https://remit.example.org/x?y"}, "SITE_URL is no address"),
        ({"DATABASE_URL": None}, "DATABASE_URL is missing"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is missing"),
        ({"DATABASE_URL": "sqlite:////nowhere/remit.sqlite3"}, "there is no folder /nowhere"),
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
    assert "no issues (2 silenced)" in done.stdout  # of which the settings say why


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


def test_browsers_insist_on_https_for_a_year_and_for_no_other_host_unless_told(tmp_path):
    ask = "s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD"
    assert _shown(ask, tmp_path, **SECURE) == "31536000 False False"
    told = {"SECURE_HSTS_SECONDS": "60", "SECURE_HSTS_INCLUDE_SUBDOMAINS": "true", "SECURE_HSTS_PRELOAD": "true"}
    assert _shown(ask, tmp_path, **SECURE, **told) == "60 True True"


def test_former_keys_are_read_with_commas_between(tmp_path):
    assert _shown("s.SECRET_KEY_FALLBACKS", tmp_path, **SECURE) == "[]"
    shown = _shown("s.SECRET_KEY_FALLBACKS", tmp_path, **SECURE, SECRET_KEY_FALLBACKS=f"{KEY}2, {KEY}3,")
    assert shown == str([f"{KEY}2", f"{KEY}3"])


def test_what_the_database_url_says_about_the_connection_is_kept(tmp_path):
    ask = "s.DATABASES['default']['OPTIONS'].get('sslmode'), 'pool' in s.DATABASES['default']['OPTIONS']"
    assert _shown(ask, tmp_path, **SECURE) == "None True"
    assert _shown(ask, tmp_path, **SECURE | {"DATABASE_URL": f"{POSTGRESQL}?sslmode=require"}) == "require True"


def test_a_proxys_header_is_believed_only_where_a_proxy_is_declared(tmp_path):
    ask = "getattr(s, 'SECURE_PROXY_SSL_HEADER', None)"
    assert _shown(ask, tmp_path, **SECURE) == "None"
    assert "FORWARDED_PROTO" in _shown(ask, tmp_path, **SECURE, BEHIND_PROXY="1")


@pytest.mark.django_db
def test_behind_a_proxy_forms_work_without_a_list_of_origins(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings.CSRF_TRUSTED_ORIGINS == []
    client = Client(enforce_csrf_checks=True, headers={"X-Forwarded-Proto": "https", "Host": "testserver"})
    page = client.get(reverse("account_login")).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    for origin, status in (("https://testserver", 200), ("https://evil.example", 403), ("http://testserver", 403)):
        answer = client.post(
            reverse("account_login"), {"csrfmiddlewaretoken": token, "login": "x"}, headers={"Origin": origin}
        )
        assert answer.status_code == status, origin


def test_local_mode_makes_a_key_once_that_only_its_owner_reads(tmp_path):
    first = _shown("s.SECRET_KEY", tmp_path, REMIT_LOCAL="1")
    assert len(first) >= 50
    assert _shown("s.SECRET_KEY", tmp_path, REMIT_LOCAL="1") == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_local_mode_serves_loopback_only(tmp_path):
    shown = _shown("s.ALLOWED_HOSTS", tmp_path, REMIT_LOCAL="1", ALLOWED_HOSTS="remit.example.org")
    assert shown == "['localhost', '127.0.0.1', '[::1]']"


@pytest.mark.parametrize("environment", [{"REMIT_LOCAL": "1"}, {"REMIT_LOCAL": "1", "SECRET_KEY": KEY}])
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


def test_the_steps_of_deploying_lead_to_a_server_on_sqlite_in_an_ordinary_folder(tmp_path):
    """Each step that is still missing is named, and the database that the first one makes is its owner's alone."""
    folder = tmp_path / "ordinary"
    folder.mkdir(mode=0o755)
    file = folder / "remit.sqlite3"
    where = SECURE | {"DATABASE_URL": f"sqlite:///{file}"}

    def step(*arguments):
        return _start("manage.py", *arguments, tmp_path=tmp_path, **where)[0]

    assert "Run: manage.py migrate" in step("serve", "--port", "0").stderr
    for arguments in (("migrate", "-v0"), ("check",)):
        done = step(*arguments)
        assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    refused = step("serve", "--port", "0")
    assert refused.returncode != 0
    assert "Run: manage.py createcachetable" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert step("createcachetable").returncode == 0
    served = _start("-c", SERVE, tmp_path=tmp_path, **where)[0]
    assert served.stdout == "uvicorn runs\n", served.stderr
    assert "EMAIL_URL is missing" in served.stderr
    mailed = _start("-c", SERVE, tmp_path=tmp_path, **where, EMAIL_URL="smtp://mail.example.org:25")[0]
    assert mailed.stdout == "uvicorn runs\n", mailed.stderr
    assert "EMAIL_URL" not in mailed.stderr


SERVE = """
import django, uvicorn
django.setup()
uvicorn.Server.run = lambda server: print("uvicorn runs")
from django.core.management import call_command
call_command("serve")
"""


def test_serve_says_so_where_no_database_answers(tmp_path):
    where = SECURE | {"DATABASE_URL": "postgres://remit@127.0.0.1:1/remit"}
    done, _ = _start("manage.py", "serve", tmp_path=tmp_path, **where)
    assert done.returncode != 0
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


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
