"""Why the matrix is locked first: one scripted interleaving of two people, with the lock and without (M2, C3).

The interleaving. Row 1 is led by role 1. *The remover* reads the matrix, sees that role 2 leads nothing, and is about
to remove it. *The giver* meanwhile gives role 2 the Lead of row 1. Then the remover goes on. Each is right about what it
read; together they leave a row that nobody leads, and no change that says so.

With the lock the giver waits and is then told that the role is gone. The negative controls take the defences away one
by one: first the lock (raising the revision first; on SQLite BEGIN IMMEDIATE too), then the unique (matrix, revision)
of the log, which makes one of two changes fail that read the same revision. PostgreSQL then shows the anomaly. SQLite
cannot: who has read an old state is never let write there, so it stays sound, but by an error in somebody's face.
"""

import threading
from functools import partial

import pytest
from django.db import IntegrityError, connection, connections

from raci.grid.levels import Level
from raci.matrices import operations, structure
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Done, Sender, commit, set_level
from raci.matrices.structure import remove_role
from raci.web.refusals import Busy, Refused
from raci.workspaces.models import Access, Member
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, roles_of, rows_of
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 1.5  # seconds the remover waits for the giver, who with the lock can't finish before


def _unlocked(matrix, workspace):
    return Matrix.objects.get(pk=matrix, workspace_id=workspace)


def _interleaved(monkeypatch, matrix, remover, giver):
    """What became of both: (the remover's answer, the giver's answer)."""
    has_read, has_given = threading.Event(), threading.Event()
    row, role = rows_of(matrix)[0].pk, roles_of(matrix)[1].pk

    def commit_with_a_pause(plan, **options):
        def slow_plan(work):
            plan(work)
            has_read.set()
            has_given.wait(PATIENCE)

        return commit(slow_plan, **options)

    monkeypatch.setattr(structure, "commit", commit_with_a_pause)

    def give():
        has_read.wait(10)
        try:
            return set_level(matrix=matrix.pk, sender=Sender(giver), activity=row, role=role, level=Level.LEAD, seen=1)
        finally:
            has_given.set()

    return together(partial(remove_role, matrix=matrix.pk, sender=Sender(remover), role=role, heir=None), give)


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS")


@pytest.fixture
def _no_unique_revision(small):
    """Takes the second line of defence away, and puts it back."""
    constraint = next(c for c in Change._meta.constraints if c.name == "one_change_a_revision")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Change, constraint)
    yield
    Change.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Change, constraint)


@pytest.fixture
def _deferred(monkeypatch):
    """SQLite as it is by default: a transaction takes the write lock at its first write, not at its beginning."""
    monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
    monkeypatch.setattr(operations, "TRIES", 1)


def test_with_the_lock_the_giver_waits_and_is_told_that_the_role_is_gone(monkeypatch, small, owner, editor):
    removed, given = _interleaved(monkeypatch, small, owner, editor)
    assert isinstance(removed, Done)
    assert isinstance(given, Refused)
    assert "That role is not in this matrix" in str(given)
    assert letters(small) == ["L"]
    invariants.check()


def test_without_the_lock_one_of_the_two_fails_without_a_reason(request, monkeypatch, small, owner, editor):
    """Nothing is lost, but the person gets an error instead of a sentence."""
    error = _unlock(request, monkeypatch)
    removed, given = _interleaved(monkeypatch, small, owner, editor)
    assert isinstance(given, Done)
    assert isinstance(removed, error)
    assert letters(small) == ["SL"]


@pytest.mark.usefixtures("_no_unique_revision")
def test_without_the_unique_revision_too_only_sqlite_stays_sound(request, monkeypatch, small, owner, editor):
    _unlock(request, monkeypatch)
    removed, given = _interleaved(monkeypatch, small, owner, editor)
    assert isinstance(given, Done)
    if connection.vendor == "sqlite":  # who has read an old state cannot write at all
        assert isinstance(removed, Busy)
        assert letters(small) == ["SL"]
        return
    assert isinstance(removed, Done)
    assert letters(small) == ["S"]  # the anomaly: the Lead is gone, and no change took it away
    with pytest.raises(AssertionError, match="I3"):
        invariants.check()


def test_a_demotion_waits_for_the_change_that_is_under_way(small, editor):
    """C14: between the check of access and the commit nobody loses it."""
    has_read, demoted = threading.Event(), threading.Event()

    def change():
        def plan(work):
            work.settings()["name"] = "Mine"
            has_read.set()
            assert not demoted.wait(0.5)

        return commit(plan, matrix=small.pk, sender=Sender(editor), kind="rename")

    def demote():
        has_read.wait(10)
        Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
        demoted.set()
        return Change.objects.filter(by=editor.user_id).count()

    done, seen_after_demotion = together(change, demote)
    assert isinstance(done, Done)
    assert seen_after_demotion == 1 == Change.objects.filter(by=editor.user_id).count()
    invariants.check()


def _unlock(request, monkeypatch):
    """Takes the lock away; returns what the loser of the two then meets."""
    monkeypatch.setattr(operations, "lock", _unlocked)
    if connection.vendor == "sqlite":
        request.getfixturevalue("_deferred")
        return Busy
    return IntegrityError
