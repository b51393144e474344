"""The one write path. Every change to a matrix, whoever makes it, is a `plan` handed to `commit`.

`commit` locks the matrix, checks permission and state again under the lock, lets the plan change plain values, writes
what changed, and appends exactly one `Change`. Nothing is parsed, mailed or rendered inside. The operations on rows and
roles stand in structure.py, those that take changes back in undo.py.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.utils import timezone

from raci.exchange.clipboard import settle
from raci.grid.grid import Grid
from raci.grid.levels import Level
from raci.grid.rules import RULES
from raci.grid.text import line
from raci.web.bell import ring
from raci.web.refusals import Busy, Forbidden, Malformed, Refused
from raci.workspaces.access import refusal_for
from raci.workspaces.models import Access, Member

from . import store, writing
from .conflicts import refuse_stale_cells
from .edits import Row
from .models import Change, Matrix
from .work import Work, names_of

TRIES = 4
_RAISE_REVISION = """
    UPDATE matrices_matrix SET revision = revision + 1 WHERE id = %s AND workspace_id = %s RETURNING *
"""
KEY_LIMIT = 64
OTHER_VALUES = "This was already sent with other values. Reload the page and try again."
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an operation. `change` is None where nothing differed; `replayed` where it had been done before.

    `known` are the tables that the operation read whole, as it left them: an answer need not read them again.
    """

    matrix: Matrix
    change: Change | None
    known: Mapping[str, Mapping[int, Row]] = field(default_factory=dict)
    replayed: bool = False

    @property
    def roles(self) -> Mapping[int, Row] | None:
        return self.known.get("role")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a change, and the key of this submission ("" where none is needed)."""

    member: Member
    key: str = ""


Plan = Callable[[Work], None]


def commit(
    plan: Plan,
    *,
    matrix: int,
    sender: Sender,
    kind: str,
    body: Any = None,
    while_archived: bool = False,
) -> Done:
    """Runs `plan` under the lock of the matrix and logs what it changed. Lock trouble is retried, then Busy."""
    _check_key(sender)
    digest = _digest(kind, body)
    return _retried(lambda: _commit_once(plan, matrix, sender, kind, digest, while_archived))


def lock(matrix: int, workspace: int) -> Matrix:
    """The matrix as it stands, locked until the transaction ends; 404 for one that is not this workspace's.

    Raising the revision is what takes the lock, and the same statement reads the row: nobody can forget either, and a
    transaction that changes nothing must be rolled back.
    """
    found = list(Matrix.objects.raw(_RAISE_REVISION, [matrix, workspace])) if 0 < matrix < 2**63 else []
    if not found:
        raise Http404
    found[0].revision -= 1
    return found[0]


def create_matrix(*, sender: Sender, name: str, grid: Grid, house: int | None = None) -> Matrix:
    """A new matrix with the rows, roles and levels of `grid`, as revision 1 of its log.

    `house` is the house reference of this workspace that it follows; otherwise it follows that of its culture.
    """
    title = checked_line(name)
    _check_key(sender)
    state = store.state_of(grid, name=title, house=house)
    digest = _digest("create", state)

    def create() -> Matrix:
        with transaction.atomic():
            _recheck(sender)  # waits for a submission of the same person, so that the next line sees it
            made = Change.objects.filter(by=sender.member.user, key=sender.key).first() if sender.key else None
            if made is None:
                matrix = Matrix.objects.create(
                    workspace=sender.member.workspace, name=title, culture_id=grid.culture or None, house_id=house
                )
                return _commit_once(lambda work: work.make(state), matrix.pk, sender, "create", digest, False).matrix
            if made.body != digest or made.matrix.workspace_id != sender.member.workspace_id:
                raise Refused(OTHER_VALUES)
            return made.matrix

    return _retried(create)


def set_level(
    *,
    matrix: int,
    sender: Sender,
    activity: int,
    role: int,
    level: Level | None,
    seen: int,
    own: Collection[int] = (),
) -> Done:
    """Sets one cell. Giving a second role the Lead moves the first to Support in the same stroke.

    `seen` is the revision the sender looked at, `own` lists later ones that the same page made itself.
    """

    def plan(work: Work) -> None:
        work.role(role)
        row = work.activity(activity)
        refuse_stale_cells(work, activity, {role: level}, seen, own)
        give(row["cells"], role, level)

    return commit(plan, matrix=matrix, sender=sender, kind="level", body=[activity, role, level])


def set_block(
    *,
    matrix: int,
    sender: Sender,
    activities: Sequence[int],
    roles: Sequence[int],
    levels: Sequence[Sequence[Level | None]],
    seen: Sequence[int],
    own: Collection[int] = (),
) -> tuple[Done, int]:
    """Sets a block of cells, one row of `levels` per activity; also says how many Leads became Support to keep one."""
    settled = [settle(row) for row in levels]

    def plan(work: Work) -> None:
        for role in roles:
            work.role(role)
        work.load_activities(activities)
        for activity, (row_levels, _), revision in zip(activities, settled, seen, strict=True):
            row = work.activity(activity)
            wanted = dict(zip(roles, row_levels, strict=True))
            refuse_stale_cells(work, activity, wanted, revision, own)
            for role, level in sorted(wanted.items(), key=lambda cell: cell[1] is Level.LEAD):
                give(row["cells"], role, level)

    done = commit(plan, matrix=matrix, sender=sender, kind="block", body=[activities, roles, levels])
    return done, sum(len(moved) for _, moved in settled)


def rename_matrix(*, matrix: int, sender: Sender, name: str, seen: int | None = None) -> Done:
    """Refused with 409 where somebody else renamed it after `seen`; None is for who has no page to have looked at."""
    title = checked_line(name)

    def plan(work: Work) -> None:
        row = work.settings()
        if seen is not None:
            work.refuse_stale("matrix", matrix, {"name": title}, seen)
        row["name"] = title

    return commit(plan, matrix=matrix, sender=sender, kind="rename", body=title)


def archive(*, matrix: int, sender: Sender, archived: bool) -> Done:
    """Puts the matrix away, or brings it back."""

    def plan(work: Work) -> None:
        work.settings()["is_archived"] = archived

    kind = "archive" if archived else "unarchive"
    return commit(plan, matrix=matrix, sender=sender, kind=kind, while_archived=True)


def set_aside(*, matrix: int, sender: Sender, finding: str, reason: str, about: str = "") -> Done:
    """Sets a finding aside, with the reason why it is fine as it is; `about` names what it says it of, for the log."""
    because, finding = checked_line(reason, what="reason"), checked_line(finding, what="finding")

    if _is_insisted_on(finding.partition(":")[0]):
        raise Refused("That can't be set aside: publishing insists on it.")

    def plan(work: Work) -> None:
        work.settings()["asides"][finding] = {"reason": because, "about": about}

    return commit(plan, matrix=matrix, sender=sender, kind="aside", body=[finding, because])


def take_up(*, matrix: int, sender: Sender, finding: str) -> Done:
    """Shows a finding again that was set aside."""

    def plan(work: Work) -> None:
        work.settings()["asides"].pop(finding, None)

    return commit(plan, matrix=matrix, sender=sender, kind="aside", body=[finding, None])


def switch_rule(*, matrix: int, sender: Sender, rule: str, on: bool) -> Done:
    """Turns one check on or off for this matrix."""
    rule = checked_line(rule, what="rule")
    if not on and _is_insisted_on(rule):
        raise Refused("That check is always on: publishing insists on it.")

    def plan(work: Work) -> None:
        off = set(work.settings()["rules_off"])
        work.settings()["rules_off"] = sorted(off - {rule} if on else off | {rule})

    return commit(plan, matrix=matrix, sender=sender, kind="rule", body=[rule, on])


def give(cells: dict[str, str], role: int, level: Level | None) -> None:
    """Sets one cell of a row; a Lead moves the former Lead to Support."""
    if level is None:
        cells.pop(str(role), None)
        return
    if level is Level.LEAD:
        for other, letter in cells.items():
            if letter == Level.LEAD:
                cells[other] = Level.SUPPORT.value
    cells[str(role)] = level.value


def checked_line(text: str, *, limit: int = 200, what: str = "name") -> str:
    """A one-line name, or a refusal that says what is wrong with it."""
    try:
        return line(text, limit=limit, what=what)
    except ValueError as error:
        raise Refused(str(error)) from error


def _is_insisted_on(rule: str) -> bool:
    return rule in RULES and not RULES[rule].waivable


def _commit_once(plan: Plan, matrix: int, sender: Sender, kind: str, body: str, while_archived: bool) -> Done:
    with transaction.atomic():
        locked = lock(matrix, sender.member.workspace_id)
        if repeated := _recheck(sender):
            if repeated.body != body or repeated.matrix_id != matrix:
                raise Refused(OTHER_VALUES)
            transaction.set_rollback(True)
            return Done(locked, repeated, replayed=True)
        if locked.is_archived and not while_archived:
            raise Refused("This matrix is archived. Bring it back to change it.", "conflict", 409)
        work = Work(locked, sender.member)
        plan(work)
        edits = work.finish()
        if not edits and not work.is_event:
            transaction.set_rollback(True)
            return Done(locked, None, work.known())
        revision = locked.revision + 1
        written = writing.write(locked, edits, revision, work.after)
        locked.revision = revision
        for field_name, value in work.after["matrix"].get(matrix, {}).items():
            setattr(locked, field_name, value)
        change = Change.objects.create(
            matrix=locked,
            revision=revision,
            kind=kind,
            by=sender.member.user,
            at=timezone.now(),
            edits=written,
            names=names_of(work, edits, written),
            undoes=work.undoes,
            key=sender.key or None,
            body=body,
        )
        work.then(change)
        transaction.on_commit(lambda: ring(f"matrix-{matrix}"), robust=True)
    return Done(locked, change, work.known())


def _recheck(sender: Sender) -> Change | None:
    """Under the lock: may this member still edit, and has this submission been applied already?

    The member is locked too: who is demoted or removed has no change after that moment.
    """
    members = Member.objects.select_for_update(of=("self",), no_key=True).filter(pk=sender.member.pk)
    members = members.filter(workspace__deleted_at=None)
    if sender.key:
        repeated = Change.objects.filter(by=OuterRef("user"), key=sender.key).values("pk")[:1]
        members = members.annotate(repeated=Subquery(repeated))
    member = members.first()
    if member is None:
        raise Http404
    if not member.may(Access.EDITOR):
        raise Forbidden(refusal_for(member))
    pk: int | None = getattr(member, "repeated", None)
    return Change.objects.get(pk=pk) if pk else None


def _check_key(sender: Sender) -> None:
    """A key comes from a page of ours: short and plain. Anything else would be kept by one engine and not the other."""
    if len(sender.key) > KEY_LIMIT or not sender.key.isascii() or not sender.key.isprintable():
        raise Malformed


def _retried(work: Callable[[], Answer]) -> Answer:
    for attempt in range(TRIES):
        try:
            return work()
        except IntegrityError as error:
            # The same key was sent to another matrix at the same time and committed first: now it is found.
            if "one_change_a_key" not in str(error) or attempt == TRIES - 1:
                raise
        except OperationalError as error:
            if not _is_lock_trouble(error) or attempt == TRIES - 1:
                raise Busy from error
            time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))
    raise Busy


def _digest(kind: str, body: Any) -> str:
    return hashlib.sha256(json.dumps([kind, body], default=str).encode()).hexdigest()


def _is_lock_trouble(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {"40001", "40P01", "55P03"} or "locked" in str(error)
