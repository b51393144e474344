"""Edits over real HTTP to several server processes, some of them killed with -9 in a burst: what was acknowledged is
there, once, and whoever lost an answer gets it by sending the same key again (C1, C8, D1)."""

import random
import time

import pytest
from django.urls import reverse

from raci.matrices.models import Change
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.stress.over_http import Browser, Servers, all_edit

pytestmark = pytest.mark.django_db(transaction=True)

EDITORS, EDITS, PROCESSES = 4, 20, 2
KILLED = (2, 1)  # all processes, then one of them


@pytest.fixture
def servers():
    found = Servers()
    yield found
    found.close()


@pytest.fixture
def browsers(servers, workspace, owner, sign_in):
    """Each has an account and a row of their own."""
    matrix = make_matrix(owner, *["LSCI"] * EDITORS)
    page, role = reverse("matrix", args=[workspace.pk, matrix.pk]), roles_of(matrix)[3].pk
    sessions = [sign_in(MemberFactory(workspace=workspace)).cookies["sessionid"].value for _ in range(EDITORS)]
    return [
        Browser(servers.port, session, page, row.pk, role)
        for session, row in zip(sessions, rows_of(matrix), strict=True)
    ]


def test_servers_killed_in_a_burst_lose_nothing_and_do_nothing_twice(servers, browsers):
    servers.start(PROCESSES)
    threads = all_edit(browsers, EDITS, 60)
    for number, count in enumerate(KILLED, start=1):
        wanted = number * EDITORS * EDITS // (len(KILLED) + 1)
        _wait_until(lambda wanted=wanted: sum(len(each.acknowledged) for each in browsers) >= wanted)
        time.sleep(random.uniform(0, 0.1))
        servers.kill(count)
        servers.start(count)
    for thread in threads:
        thread.join()
    told = {key: revision for browser in browsers for key, revision in browser.acknowledged.items()}
    assert len(told) == EDITORS * EDITS  # in the end everybody's every edit got through
    assert {status for browser in browsers for _, status in browser.answers} <= {200, 0}
    assert dict(Change.objects.exclude(key=None).values_list("key", "revision")) == told
    invariants.check(told)


def _wait_until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
