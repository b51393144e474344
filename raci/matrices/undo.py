"""Taking changes back, and looking at the matrix as it was. Each is a new change; nothing in the log is rewritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from raci.web.refusals import Conflict, Refused

from . import store
from .edits import TABLES, Edit, State, applied, inverse, overtaken
from .models import Change, Matrix
from .operations import OTHER_VALUES, Done, Sender, commit
from .work import Work

LOOK_BACK = 500  # how many changes of a matrix undo looks at


@dataclass(frozen=True, slots=True)
class Stack:
    """What undo and redo would take back for one user: ids of changes, or None."""

    undo: int | None
    redo: int | None


def stack(matrix: Matrix, user: int) -> Stack:
    """The user's own latest change that still stands, and the latest undo of theirs that nothing came after."""
    log = list(
        Change.objects.filter(matrix=matrix, revision__gt=matrix.revision - LOOK_BACK)
        .order_by("-revision")
        .values_list("id", "kind", "by_id", "undoes_id")
    )
    return _stack(log, user)


def undo(*, matrix: int, sender: Sender) -> Done:
    """Takes back the sender's own latest change that still stands."""
    return _take_back_own(matrix, sender, redo=False)


def redo(*, matrix: int, sender: Sender) -> Done:
    """Takes the sender's latest undo back."""
    return _take_back_own(matrix, sender, redo=True)


def take_back(*, matrix: int, sender: Sender, revision: int, kind: str = "undo") -> Done:
    """Takes back any one change of the matrix; refused with a reason where a later change stands on it."""
    change = Change.objects.filter(
        matrix_id=matrix, matrix__workspace=sender.member.workspace, revision=revision
    ).first()
    if change is None:
        raise Refused("There is no such change in this matrix.")
    if not change.can_be_undone:
        raise Refused("That change can't be taken back. Archive the matrix if you no longer need it.")

    def plan(work: Work) -> None:
        edits = inverse(change.edits)
        _load(work, edits)
        _refuse_overtaken(work, change)
        work.after = applied(work.after, edits)

    return commit(plan, matrix=matrix, sender=sender, kind=kind, body=revision, undoes=change)


def restore(*, matrix: int, sender: Sender, revision: int) -> Done:
    """Puts everything back as it was at a revision, as one change that can itself be taken back."""

    def plan(work: Work) -> None:
        if not 1 <= revision <= work.matrix.revision:
            raise Refused("There is no such revision of this matrix.")
        for table in TABLES:
            work.rows(table)
        work.load_cells()
        work.after = _rewound(work.after, _later(matrix, revision))

    return commit(plan, matrix=matrix, sender=sender, kind="restore", body=revision)


def state_at(matrix: Matrix, revision: int) -> State:
    """The matrix as it was: today's rows with every later change taken back."""
    return _rewound(store.read_state(matrix.pk), _later(matrix.pk, revision))


def replay(changes: Iterable[Change]) -> State:
    """The state that a log leads to, from nothing. The changes come in order of revision."""
    state: State = {table: {} for table in TABLES}
    for change in changes:
        state = applied(state, change.edits)
    return state


def _later(matrix: int, revision: int) -> list[Change]:
    return list(Change.objects.filter(matrix_id=matrix, revision__gt=revision).order_by("-revision"))


def _rewound(state: State, later: Iterable[Change]) -> State:
    archived = {pk: row["is_archived"] for pk, row in state["matrix"].items()}
    for change in later:
        state = applied(state, inverse(change.edits))
    for pk, row in state["matrix"].items():
        row["is_archived"] = archived[pk]
    return state


def _take_back_own(matrix: int, sender: Sender, *, redo: bool) -> Done:
    """The change is looked up before the lock; `take_back` finds under the lock whether it still stands."""
    row = Matrix.objects.filter(pk=matrix, workspace=sender.member.workspace).first()
    if row is None:
        raise Refused("There is no such matrix.")
    kind = "redo" if redo else "undo"
    own = stack(row, sender.member.user_id)
    # After the stack: a twin of this submission that committed in between is found here, not taken for a new change.
    if sender.key and (done := Change.objects.filter(by=sender.member.user, key=sender.key).first()):
        if done.kind != kind or done.matrix_id != matrix:
            raise Refused(OTHER_VALUES)
        return Done(row, done, replayed=True)
    target = own.redo if redo else own.undo
    if target is None:
        raise Refused("There is nothing to redo." if redo else "There is nothing of yours to undo.", "nothing", 409)
    revision = Change.objects.values_list("revision", flat=True).get(pk=target)
    return take_back(matrix=matrix, sender=sender, revision=revision, kind=kind)


def _stack(log: Sequence[tuple[int, str, int | None, int | None]], user: int) -> Stack:
    """`log` holds (id, kind, by, undoes), newest first."""
    taken_back: set[int] = set()
    for pk, _, _, undoes in log:  # newest first, so whether a change stands is known before what it undoes
        if undoes is not None and pk not in taken_back:
            taken_back.add(undoes)
    own = [(pk, kind) for pk, kind, by, _ in log if by == user and pk not in taken_back]
    undo = next((pk for pk, kind in own if kind != "undo" and kind not in Change.PERMANENT), None)
    redo = None
    for pk, kind in own:
        if kind == "undo":
            redo = pk
            break
        if kind != "redo":
            break
    return Stack(undo, redo)


def _load(work: Work, edits: Iterable[Edit]) -> None:
    """All rows of each table the edits touch, with cells where rows of the grid are concerned."""
    tables = {edit["table"] for edit in edits}
    for table in tables | {"role", "stage"}:
        work.rows(table)
    if "activity" in tables:
        work.load_cells(
            [edit["id"] for edit in edits if edit["table"] == "activity" and edit["id"] in work.rows("activity")]
        )


def _refuse_overtaken(work: Work, change: Change) -> None:
    late = overtaken(work.after, change.edits)
    if not late:
        return
    later = Change.objects.filter(matrix=work.matrix, revision__gt=change.revision).select_related("by")
    who = next((c.by for c in later.order_by("-revision") if c.edit_of(late[0]["table"], late[0]["id"])), None)
    raise Conflict(
        f"{who or 'Somebody'} has changed “{late[0]['name']}” since, so this can't be taken back without losing that. "
        "Change it by hand, or go back to an earlier revision in the history."
    )
