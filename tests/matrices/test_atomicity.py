"""Each statement of each operation is made to fail in turn; all or nothing, every time (RELIABILITY.md, D5)."""

import pytest
from django.db import DatabaseError, OperationalError, connection

from culture.references import reference_grid
from raci.grid.levels import Level
from raci.matrices import store
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, set_aside, set_block, set_level
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    edit_activity,
    merge_roles,
    move_activity,
    remove_role,
    remove_stage,
    split_role,
)
from raci.matrices.undo import redo, restore, take_back, undo
from raci.web.refusals import Busy
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of, stages_of, to


class _Failing:
    """Fails the statement number `at` and counts those that came by. Savepoints are left to work: they undo."""

    def __init__(self, at: int, error: type[DatabaseError]) -> None:
        self.at, self.error, self.count = at, error, 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        self.count += 1
        if self.count == self.at:
            raise self.error("this statement was made to fail")
        return execute(sql, params, many, context)


def _acts(matrix, owner, editor):
    rows, roles, stages, mine = rows_of(matrix), roles_of(matrix), stages_of(matrix), to(matrix, editor)
    a, r = [row.pk for row in rows], [role.pk for role in roles]
    sender = Sender(editor, "key")
    return {
        "create": lambda: create_matrix(sender=sender, name="New", grid=reference_grid("sales")),
        "level": lambda: set_level(**mine | {"sender": sender}, activity=a[0], role=r[2], level=Level.LEAD, seen=2),
        "block": lambda: set_block(**mine, activities=a[:2], roles=r[:2], levels=[[None, Level.LEAD]] * 2, seen=[2, 2]),
        "archive": lambda: archive(**mine, archived=True),
        "aside": lambda: set_aside(**mine, finding="f", reason="Fine"),
        "add": lambda: add_activities(**mine, activities=[NewActivity("x"), NewActivity("y")], after=a[0]),
        "edit": lambda: edit_activity(**mine, activity=a[0], values={"name": "x", "deliverer_id": r[1]}, seen=2),
        "move": lambda: move_activity(**mine, activity=a[0], stage=stages[1].pk, before=None),
        "remove role": lambda: remove_role(**mine, role=r[0], heir=r[1]),
        "remove stage": lambda: remove_stage(**mine, stage=stages[0].pk, into=None),
        "merge": lambda: merge_roles(**mine, role=r[0], into=r[1], seen=2),
        "split": lambda: split_role(**mine, role=r[0], name="x"),
        "undo": lambda: undo(**to(matrix, owner)),
        "take back": lambda: take_back(**mine, revision=2),
        "restore": lambda: restore(**mine, revision=1),
    }


ACTS = (
    "create", "level", "block", "archive", "aside", "add", "edit", "move",
    "remove role", "remove stage", "merge", "split", "undo", "take back", "restore",
)  # fmt: skip


@pytest.fixture
def small(owner):
    matrix = make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)
    set_level(
        **to(matrix, owner), activity=rows_of(matrix)[3].pk, role=roles_of(matrix)[1].pk, level=Level.LEAD, seen=1
    )
    return matrix


def _digest():
    return (
        {matrix.pk: (store.read_state(matrix.pk), matrix.revision) for matrix in Matrix.objects.all()},
        list(Change.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("error", [DatabaseError, OperationalError])
def test_whichever_statement_fails_nothing_has_changed(small, owner, editor, name, error):
    act, before = _acts(small, owner, editor)[name], _digest()
    for at in range(1, 200):
        failing = _Failing(at, error)
        with connection.execute_wrapper(failing):
            try:
                act()
            except (DatabaseError, Busy):
                assert failing.count == at
            else:
                assert failing.count < at  # every statement had its turn, and now it went through
                break
        assert _digest() == before
    assert at > 4  # it was locked, checked, changed and logged
    assert _digest() != before
    invariants.check()


def test_a_failed_redo_leaves_the_undo_standing(small, owner):
    undo(**to(small, owner))
    before = _digest()
    failing = _Failing(8, DatabaseError)
    with connection.execute_wrapper(failing), pytest.raises(DatabaseError):
        redo(**to(small, owner))
    assert _digest() == before
    redo(**to(small, owner))
    invariants.check()
