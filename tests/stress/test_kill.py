"""Processes killed with -9 in the middle of their writing (D1): nothing acknowledged is lost, nothing is there twice.

This shows the death of a process. What the death of the machine asks of the settings is in test_races.py.
"""

import random
import signal
import time

import pytest
from django.db import connection

from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, rename_matrix
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.stress import processes

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, WRITERS = 3, 2


def _sound():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]


def test_writers_killed_at_random_lose_nothing_that_was_acknowledged(workspace, owner):
    matrix = make_matrix(owner, *["LSCI"] * 5)
    members = [MemberFactory(workspace=workspace) for _ in range(WRITERS)]
    told: dict[str, int] = {}
    sent: set[str] = set()
    for number in range(ROUNDS):
        connection.close()
        writers = [processes.start("-m", "tests.stress.writer", str(matrix.pk), str(m.pk)) for m in members]
        first = [writer.stdout.readline() for writer in writers]  # both have begun
        time.sleep(random.uniform(0.2, 0.9))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer, line in zip(writers, first, strict=True):
            lines = [line, *writer.stdout]  # not communicate(): it passes over what readline() has buffered
            assert writer.wait() == -signal.SIGKILL, writer.stderr.read()
            told |= processes.acknowledged(lines)
            sent |= {text.split()[0] for text in lines}
        _sound()
        started = time.monotonic()
        rename_matrix(matrix=matrix.pk, sender=Sender(owner), name=f"After round {number}")
        assert time.monotonic() - started < 3  # back at once: no lock is left behind
        invariants.check(told)
    assert len(told) > 10
    stored = dict(Change.objects.exclude(key=None).values_list("key", "revision"))
    assert told.items() <= stored.items()
    assert stored.keys() <= sent
    assert len(stored.keys() - told.keys()) <= ROUNDS * WRITERS  # written, but the answer was never given


def test_a_change_whose_answer_was_lost_is_found_by_its_key(owner):
    """The process dies between the commit and the answer; the browser sends the same key again."""
    matrix = make_matrix(owner, "LS")
    script = (
        "import os, django; django.setup();"
        "from raci.matrices.operations import *; from raci.workspaces.models import Member;"
        f"rename_matrix(matrix={matrix.pk}, sender=Sender(Member.objects.get(pk={owner.pk}), 'lost'), name='New');"
        "os.kill(os.getpid(), 9)"
    )
    assert processes.run("-c", script, check=False).returncode == -signal.SIGKILL
    assert Matrix.objects.get(pk=matrix.pk).name == "New"
    again = rename_matrix(matrix=matrix.pk, sender=Sender(owner, "lost"), name="New")
    assert again.replayed
    invariants.check(["lost"])


def test_a_process_killed_inside_its_transaction_leaves_nothing_and_no_lock(owner):
    matrix = make_matrix(owner, "LS")
    script = (
        "import os, django; django.setup();"
        "from raci.matrices.operations import *; from raci.matrices import writing;"
        "from raci.workspaces.models import Member;"
        "write = writing.write;"
        "writing.write = lambda *given: (write(*given), os.kill(os.getpid(), 9));"
        f"rename_matrix(matrix={matrix.pk}, sender=Sender(Member.objects.get(pk={owner.pk}), 'half'), name='Half')"
    )
    assert processes.run("-c", script, check=False).returncode == -signal.SIGKILL
    _sound()
    assert Matrix.objects.get(pk=matrix.pk).name == "Small"
    done = rename_matrix(matrix=matrix.pk, sender=Sender(owner, "half"), name="Whole")
    assert (done.replayed, done.change.revision) == (False, 2)
    invariants.check(["half"])
