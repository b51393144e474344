"""The house references of a workspace: an agreed matrix saved as one, its name, and where it is offered."""

from dataclasses import replace

from django.db import transaction
from django.http import Http404

from raci.grid.align import name_key
from raci.grid.grid import Activity, Grid
from raci.grid.plain import to_plain
from raci.grid.text import counted, listed
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import lock, still
from raci.workspaces.models import Access, Member

from .models import HouseReference, Matrix
from .operations import Sender, checked_line, commit
from .store import read_settled
from .work import Work

MOST_IN_USE = 50  # of a workspace; a page that lists them reads them all
NAMED = 3  # rows that a refusal names; of more it gives the number


def save_reference(*, by: Member, matrix: Matrix, name: str) -> HouseReference:
    """Keeps what a matrix says now as a reference; 422 unless each activity has exactly one Lead, and for one too many.

    Sent twice it is saved once: the same name and the same grid give the reference that is there.
    """
    if matrix.workspace_id != by.workspace_id:
        raise Http404
    title = checked_line(name)
    if obstacle := why_not(read_settled(matrix)[1]):
        raise Refused(obstacle)
    if _of_that_name(by.workspace_id, title) is None:
        _refuse_too_many(by.workspace_id)
    _give_origins(by, matrix, title)
    _, grid = read_settled(Matrix.objects.get(pk=matrix.pk))
    plain = to_plain(as_reference(grid))
    with transaction.atomic():
        _recheck(by)
        same = _of_that_name(by.workspace_id, title)
        if same is not None and same.grid == plain:
            return same
        _refuse_taken(same)
        _refuse_too_many(by.workspace_id)
        return HouseReference.objects.create(workspace_id=by.workspace_id, name=title, grid=plain, saved_by=by.user)


def rename(*, by: Member, house: int, name: str, was: str | None = None) -> HouseReference:
    """Gives a reference another name; 409 where another one in use has it.

    `was` is the name the sender saw: 409 too where somebody has given it yet another one since.
    """
    title = checked_line(name)
    with transaction.atomic():
        _recheck(by)
        row = _locked(by, house)
        if was is not None and row.name not in (was, title):
            said = f"It was called “{was}” when you opened this page, and is called “{row.name}” now."
            raise Conflict(f"{said} Send yours again if it should be called so all the same.")
        _refuse_taken(_of_that_name(by.workspace_id, title, but=row.pk))
        row.name = title
        row.save(update_fields=["name"])
        return row


def put_away(*, by: Member, house: int) -> HouseReference:
    """No longer offers a reference; who follows it still does."""
    with transaction.atomic():
        _recheck(by)
        row = _locked(by, house)
        row.is_put_away = True
        row.save(update_fields=["is_put_away"])
        return row


def bring_back(*, by: Member, house: int) -> HouseReference:
    """Offers a reference again; 409 where another one in use has come to have its name."""
    with transaction.atomic():
        _recheck(by)
        row = _locked(by, house)
        if row.is_put_away:
            _refuse_taken(_of_that_name(by.workspace_id, row.name, but=row.pk))
            _refuse_too_many(by.workspace_id)
        row.is_put_away = False
        row.save(update_fields=["is_put_away"])
        return row


def why_not(grid: Grid) -> str:
    """Why a grid cannot be a reference, in words that fit either notation; "" where it can."""
    if not grid.activities:
        return "A reference needs at least one activity. Add some to the matrix first."
    without = [f"“{activity.name}”" for activity in without_lead(grid)]
    if not without:
        return ""
    rest = len(without) - NAMED
    named = listed([*without[:NAMED], *([f"{rest} more"] if rest > 0 else [])])
    return (
        f"In a reference exactly one role answers for each activity. {counted(len(without), 'activity', 'activities')} "
        f"of {len(grid.activities)} {'lacks' if len(without) == 1 else 'lack'} one: {named}."
    )


def without_lead(grid: Grid) -> list[Activity]:
    """The activities for which not exactly one role answers."""
    return [activity for activity in grid.activities if len(grid.leads(activity.id)) != 1]


def as_reference(grid: Grid) -> Grid:
    """The grid without what belongs to one team: people, headcounts, notes and departures."""
    return replace(
        grid,
        activities=tuple(replace(each, notes="", people=(), departures=()) for each in grid.activities),
        roles=tuple(
            replace(role, contact="", people=(), headcount=None, members=(), answers=None) for role in grid.roles
        ),
        cells={activity: dict(levels) for activity, levels in grid.cells.items() if levels},
    )


def _give_origins(by: Member, matrix: Matrix, name: str) -> None:
    """Rows and roles of no origin get one, so that here and in what is started from it they are found when renamed."""

    def plan(work: Work) -> None:
        work.about = {"house": name}
        for table in ("stage", "role", "activity"):
            for pk, row in work.rows(table).items():
                row["origin"] = row["origin"] or f"m{matrix.pk}-{pk}"

    commit(plan, matrix=matrix.pk, sender=Sender(by), kind="house", body=name, while_archived=True)


def _recheck(by: Member) -> None:
    """Under the lock of the workspace, which keeps names apart: may this member still edit?"""
    lock(by.workspace_id)
    still(by, Access.EDITOR)


def _locked(by: Member, house: int) -> HouseReference:
    """The reference, read under the lock of its workspace; 404 for one that is not there."""
    row = HouseReference.objects.defer("grid").filter(workspace_id=by.workspace_id, pk=house).first()
    if row is None:
        raise Http404
    return row


def _of_that_name(workspace: int, name: str, but: int = 0) -> HouseReference | None:
    """The reference in use that has this name, as `name_key` sees it."""
    rows = HouseReference.objects.filter(workspace_id=workspace, is_put_away=False).exclude(pk=but)
    names = rows.values_list("pk", "name")
    found = next((pk for pk, taken in names if name_key(taken) == name_key(name)), None)
    return None if found is None else HouseReference.objects.get(pk=found)


def _refuse_too_many(workspace: int) -> None:
    """Certain under the lock of the workspace only."""
    if HouseReference.objects.filter(workspace_id=workspace, is_put_away=False).count() >= MOST_IN_USE:
        raise Refused(f"A workspace has up to {MOST_IN_USE} house references in use. Put one away first.")


def _refuse_taken(same: HouseReference | None) -> None:
    if same is not None:
        raise Conflict(f"There is a house reference called “{same.name}” already. Choose another name.")
