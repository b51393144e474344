"""The grid: its page, the cells set in it, and what takes them back."""

from collections.abc import Collection
from typing import Literal

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.exchange.clipboard import BlockError, read_block
from raci.grid.grid import MAX_CELLS, Grid
from raci.grid.levels import Level, Notation
from raci.matrices import operations
from raci.matrices import undo as undoing
from raci.matrices.conflicts import CellConflict
from raci.matrices.models import Matrix
from raci.matrices.operations import Done
from raci.matrices.store import read_grid
from raci.screens.answers import Toast, changed, toast_for
from raci.screens.asked import (
    NOTATION_COOKIE,
    ids,
    level,
    matrix_of,
    next_page,
    notation,
    number,
    numbers,
    own,
    seen,
    sender,
)
from raci.screens.filling import telling
from raci.screens.frame import came_from, frame
from raci.screens.grid_page import grid_page
from raci.web.errors import is_htmx
from raci.web.refusals import Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .compare import compare_answer

MOST_ROWS = 60  # more touched rows than this, and the whole table is sent instead
A_YEAR = 60 * 60 * 24 * 365


@requires(Access.VIEWER)
@require_GET
def matrix(request: MemberRequest, matrix: int) -> HttpResponse:
    """The page; asked for by its own filter, just the table."""
    row = matrix_of(request, matrix)
    page = grid_page(request, row, request.GET)
    context = frame(request, row, page=page)
    if is_htmx(request):
        return render(request, "screens/matrix_rows.htmx.html", context)
    context["stack"] = undoing.stack(row, request.member.user_id)
    return render(request, "screens/matrix.html", context)


@requires(Access.VIEWER)
@require_GET
def rows(request: MemberRequest, matrix: int) -> HttpResponse:
    """Some rows again, after an edit elsewhere on the page. `activities` has their ids with commas between."""
    row = matrix_of(request, matrix)
    return grid_answer(request, row, ids(request.GET.get("activities")))


@requires(Access.EDITOR)
@require_POST
def level_set(request: MemberRequest, matrix: int) -> HttpResponse:
    """Sets one cell."""
    activity, role = number(request.POST.get("activity")), number(request.POST.get("role"))
    mine = level(request.POST.get("level"))
    try:
        done = operations.set_level(
            matrix=matrix,
            sender=sender(request),
            activity=activity,
            role=role,
            level=mine,
            seen=seen(request),
            own=own(request),
        )
    except CellConflict as conflict:
        return conflict_answer(request, matrix, conflict, [activity], mine=mine)
    return answer(request, done, toast=lead_toast(request, done))


@requires(Access.EDITOR)
@require_POST
def block_set(request: MemberRequest, matrix: int) -> HttpResponse:
    """Sets a block of cells from tab-separated letters; one letter fills the whole block."""
    activities, roles = ids(request.POST.get("activities")), ids(request.POST.get("roles"))
    if len(activities) * len(roles) > MAX_CELLS:
        raise Malformed
    revisions = numbers(request.POST.get("seen"))
    try:
        block = read_block(request.POST.get("text", ""), notation(request))
    except BlockError as error:
        raise Refused(f"Nothing was pasted. {error}") from error
    levels = [list(row) for row in block.rows]
    if levels == [[levels[0][0]]]:
        levels = [[levels[0][0]] * len(roles) for _ in activities]
    if len(levels) != len(activities) or len(revisions) != len(activities) or {len(r) for r in levels} != {len(roles)}:
        raise Malformed
    try:
        done, moved = operations.set_block(
            matrix=matrix,
            sender=sender(request),
            activities=activities,
            roles=roles,
            levels=levels,
            seen=revisions,
            own=own(request),
        )
    except CellConflict as conflict:
        return conflict_answer(request, matrix, conflict, activities)
    text = block_sentence(len(activities) * len(roles), moved, notation(request)) if done.change else ""
    return answer(request, done, toast=toast_for(request, done.change, text))


@requires(Access.EDITOR)
@require_POST
def undo(request: MemberRequest, matrix: int) -> HttpResponse:
    return _taken_back(request, telling(undoing.undo, matrix=matrix, sender=sender(request)))


@requires(Access.EDITOR)
@require_POST
def redo(request: MemberRequest, matrix: int) -> HttpResponse:
    return _taken_back(request, telling(undoing.redo, matrix=matrix, sender=sender(request)))


@requires(Access.VIEWER)
@require_POST
def notation_set(request: MemberRequest) -> HttpResponse:
    """Shows every page in Lead-Support or in RACI, in this browser."""
    try:
        chosen = Notation(request.POST.get("notation", ""))
    except ValueError as error:
        raise Malformed from error
    response = redirect(next_page(request, reverse("matrices", args=[request.workspace.pk])))
    response.set_cookie(
        NOTATION_COOKIE, chosen.value, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


def _taken_back(request: MemberRequest, done: Done) -> HttpResponse:
    """On the page where it was asked for: the grid, or the comparison."""
    if came_from(request) == "compare" and is_htmx(request):
        return compare_answer(request, done)
    return answer(request, done, redo=True)


def answer(request: MemberRequest, done: Done, *, toast: Toast | None = None, redo: bool = False) -> HttpResponse:
    """What an edit in the grid changed on screen; without htmx, back to the page."""
    page = reverse("matrix", args=[request.workspace.pk, done.matrix.pk])
    if not is_htmx(request):
        return changed(request, done, next_page(request, page))
    done.matrix.workspace = request.workspace
    if toast is None and done.change is not None and done.change.kind in ("undo", "redo"):
        toast = toast_for(request, done.change)
    touched = done.change.touched() if done.change else ()
    whole = done.change is not None and done.change.is_structural()
    fresh = done.change is not None and not done.replayed and not redo  # then it is what undo takes back next
    stack = undoing.Stack(1, None) if fresh else undoing.stack(done.matrix, request.member.user_id)
    grid = read_grid(done.matrix, roles=done.roles, stages=whole or len(touched) > MOST_ROWS)
    response = grid_answer(request, done.matrix, touched, grid=grid, toast=toast, whole=whole, stack=stack)
    if done.change is not None:
        response.headers["X-Revision"] = str(done.change.revision)
    return response


def grid_answer(
    request: MemberRequest,
    matrix: Matrix,
    activities: Collection[int],
    *,
    grid: Grid | None = None,
    toast: Toast | None = None,
    whole: bool = False,
    stack: undoing.Stack | None = None,
) -> HttpResponse:
    """The touched rows, the load, the counts and the toast, each for its own place."""
    whole = whole or len(activities) > MOST_ROWS
    page = grid_page(request, matrix, request.POST, grid, only=None if whole else activities)
    rows = [] if whole else page.rows(activities)
    context = frame(request, matrix, page=page, rows=rows, whole=whole, toast=toast, stack=stack)
    return render(request, "screens/level_set.htmx.html", context)


def conflict_answer(
    request: MemberRequest,
    matrix: int,
    conflict: CellConflict,
    activities: Collection[int],
    mine: Level | Literal["block"] | None = "block",
) -> HttpResponse:
    """The rows as they are now and who was faster; a single level can be sent again, a block is looked at first."""
    conflict.sentence = conflict.said_in(notation(request))
    if not is_htmx(request):
        raise conflict
    row = matrix_of(request, matrix)
    page = grid_page(request, row, request.POST, only=activities)
    context = {"page": page, "rows": page.rows(activities), "conflict": conflict, "mine": mine}
    return render(request, "screens/level_conflict.htmx.html", context, status=conflict.status)


def lead_toast(request: MemberRequest, done: Done) -> Toast | None:
    """A toast where the edit did more than was asked: the Lead moved, so another role moved to Support, or what was
    kept for a reason went with its level."""
    change = done.change
    after = (change.edits[0]["after"] or {}) if change else {}
    if len(after.get("cells", {})) < 2 and "departures" not in after:
        return None
    return toast_for(request, change)


def block_sentence(cells: int, moved: int, shown_in: Notation) -> str:
    """What a paste did, with the Leads it turned into Support to keep one a row."""
    said = f"{cells} cells set." if cells != 1 else "One cell set."
    if not moved:
        return said
    lead, support = shown_in.word(Level.LEAD), shown_in.word(Level.SUPPORT)
    extra = f"One {lead} too many" if moved == 1 else f"{moved} {lead}s too many"
    return f"{said} {extra}: the first in each row stays, the other{'' if moved == 1 else 's'} became {support}."
