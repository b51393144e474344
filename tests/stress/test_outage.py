"""PostgreSQL falls over under load and comes back (D2): meanwhile the answer is 503, nothing acknowledged is lost, and
the application goes on without being started again. It has a cluster of its own, whatever the other tests run on."""

import json
import time

import pytest
from django.conf import settings

from tests.stress import processes
from tests.stress.outage import PROGRAMS, Cluster
from tests.stress.over_http import Browser, Servers, all_edit

EDITORS, EDITS = 4, 2_000
DOWN = 4.5  # seconds; a request waits four for a connection
BACK_WITHIN = 4.0  # two between the tries to connect, and as many for a machine that is busy


@pytest.fixture
def cluster():
    if PROGRAMS is None:
        pytest.fail("PostgreSQL is missing. Install the Debian package: apt-get install postgresql")
    found = Cluster()
    yield found
    found.remove()


@pytest.fixture
def ask(cluster):
    given = {"DATABASE_URL": cluster.url, "SECRET_KEY": settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return lambda *arguments: json.loads(processes.run("-m", "tests.stress.outage", *arguments, **given).stdout)


@pytest.fixture
def browsers(cluster, ask):
    made = ask("make", str(EDITORS))
    servers = Servers(DATABASE_URL=cluster.url)
    servers.start(1)
    yield [
        Browser(servers.port, session, made["page"], row, made["role"])
        for session, row in zip(made["sessions"], made["rows"], strict=True)
    ]
    servers.close()


def test_a_database_that_falls_over_under_load_loses_nothing(cluster, ask, browsers):
    threads = all_edit(browsers, EDITS, 60)
    _wait_until(lambda: all(len(browser.acknowledged) >= 5 for browser in browsers))
    cluster.stop_at_once()
    down = time.monotonic()
    time.sleep(DOWN)
    starting = time.monotonic()
    cluster.start()
    up = time.monotonic()
    _wait_until(
        lambda: all(browser.answers[-1][0] > up + 0.5 and browser.answers[-1][1] == 200 for browser in browsers)
    )
    for browser in browsers:
        browser.stop()
    for thread in threads:
        thread.join()
    answers = [answer for browser in browsers for answer in browser.answers]
    assert {status for _, status in answers} == {200, 503}
    assert {status for at, status in answers if down + 0.5 < at < starting} == {503}
    assert min(at for at, status in answers if status == 200 and at > up) - up < BACK_WITHIN
    told = {key: revision for browser in browsers for key, revision in browser.acknowledged.items()}
    assert dict(ask("look")) == told  # each is there once, and nothing that was not acknowledged in the end


def _wait_until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
