"""Taking changes back, and looking at the matrix as it was. Each is a new change; nothing in the log is rewritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from raci.accounts.models import name_of
from raci.web.refusals import Conflict, Refused

from . import store
from .edits import TABLES, Edit, State, applied, inverse, overtaken
from .models import Change, Matrix
from .operations import Done, Sender, commit
from .work import Work, changes_since

LOOK_BACK = 500  # how many changes of a matrix undo looks at
MOST_TRIED = 10  # of one's own changes, until one is found that still stands


@dataclass(frozen=True, slots=True)
class Stack:
    """What undo and redo would take back for one user: ids of changes, or None."""

    undo: int | None
    redo: int | None


def stack(matrix: Matrix, user: int) -> Stack:
    """The user's own latest change that still stands, and the latest undo of theirs that nothing came after."""
    undo, redo = _own(matrix, user)
    return Stack(next(iter(undo), None), next(iter(redo), None))


def undo(*, matrix: int, sender: Sender) -> Done:
    """Takes back the sender's own latest change that still stands; those that others have built on are passed over."""

    def plan(work: Work) -> None:
        own, _ = _own(work.matrix, sender.member.user_id)
        if not own:
            raise Refused("There is nothing of yours to undo.", "nothing", 409)
        _take(work, own)

    return commit(plan, matrix=matrix, sender=sender, kind="undo")


def redo(*, matrix: int, sender: Sender) -> Done:
    """Takes the sender's latest undo back."""

    def plan(work: Work) -> None:
        _, own = _own(work.matrix, sender.member.user_id)
        if not own:
            raise Refused("There is nothing to redo.", "nothing", 409)
        _take(work, own)

    return commit(plan, matrix=matrix, sender=sender, kind="redo")


def take_back(*, matrix: int, sender: Sender, revision: int) -> Done:
    """Takes back any one change of the matrix; refused with a reason where a later change stands on it."""
    change = Change.objects.filter(
        matrix_id=matrix, matrix__workspace=sender.member.workspace, revision=revision
    ).first()
    if change is None:
        raise Refused("There is no such change in this matrix.")
    if change.kind in Change.DECIDED:
        raise Refused("A review decided that, so only its session takes it back. Or change the levels by hand.")
    if not change.can_be_undone:
        raise Refused("That change can't be taken back. Archive the matrix if you no longer need it.")

    return commit(lambda work: _take(work, [change.pk]), matrix=matrix, sender=sender, kind="undo", body=revision)


def restore(*, matrix: int, sender: Sender, revision: int, version: int | None = None) -> Done:
    """Puts everything back as it was at a revision, as one change that can itself be taken back. `version` is the
    number of what was published then, where it is gone back to as such."""

    def plan(work: Work) -> None:
        if not 1 <= revision <= work.matrix.revision:
            raise Refused("There is no such revision of this matrix.")
        for table in TABLES:
            work.rows(table)
        work.load_cells()
        work.after = _rewound(work.after, _later(matrix, revision))
        work.about = {"revision": str(revision)} | ({"version": str(version)} if version else {})

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


def taken_back(log: Iterable[tuple[int, int | None]]) -> set[int]:
    """The changes that were taken back and stand so: an undo that was itself undone does not count.

    `log` holds (id, undoes), newest first, so whether a change stands is known before what it undoes.
    """
    taken: set[int] = set()
    for pk, undoes in log:
        if undoes is not None and pk not in taken:
            taken.add(undoes)
    return taken


def _own(matrix: Matrix, user: int) -> tuple[list[int], list[int]]:
    """What a user's undo and redo would take back, each latest first."""
    log = list(
        Change.objects.filter(matrix=matrix, revision__gt=matrix.revision - LOOK_BACK)
        .order_by("-revision")
        .values_list("id", "kind", "by_id", "undoes_id")
    )
    taken = taken_back((pk, undoes) for pk, _, _, undoes in log)
    own = [(pk, kind) for pk, kind, by, _ in log if by == user and pk not in taken]
    last = next(((pk, kind) for pk, kind in own if kind != "redo"), (0, ""))
    undoable = [pk for pk, kind in own if kind != "undo" and kind not in Change.PERMANENT]
    return undoable, [last[0]] if last[1] == "undo" else []


def _take(work: Work, changes: Sequence[int]) -> None:
    """Takes back the first of these changes that still stands; refused where none does, for the sake of the first."""
    refused = None
    for pk in changes[:MOST_TRIED]:
        change = Change.objects.get(pk=pk)
        edits = inverse(change.edits)
        _load(work, edits)
        late = overtaken(work.after, change.edits)
        if not late:
            work.undoes, work.about = change, change.names.get("about", {})
            work.after = applied(work.after, edits)
            return
        refused = refused or _refusal(work, change, late[0])
    if refused:
        raise refused


def _load(work: Work, edits: Iterable[Edit]) -> None:
    """All rows of each table the edits touch, with cells where rows of the grid are concerned."""
    tables = {edit["table"] for edit in edits}
    for table in tables | {"role", "stage"}:
        work.rows(table)
    if "activity" in tables:
        work.load_cells(
            [edit["id"] for edit in edits if edit["table"] == "activity" and edit["id"] in work.rows("activity")]
        )


def _refusal(work: Work, change: Change, late: Edit) -> Conflict:
    later = changes_since(work.matrix.pk, change.revision)
    last = next((c for c in later if c.edit_of(late["table"], late["id"])), None)
    who = f"{name_of(last.by if last else None)} has"
    if last and last.by_id == work.member.user_id:
        who = "You have"
    return Conflict(
        f"{who} changed “{late['name']}” since, so this can't be taken back without losing that. "
        "Change it by hand, or go back to an earlier revision in the history."
    )
