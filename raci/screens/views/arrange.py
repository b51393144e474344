"""Arrange: the order of stages, activities and roles on one page, by dragging and by buttons."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from raci.grid.grid import Activity, Grid, Role, Stage
from raci.matrices.operations import Done
from raci.matrices.store import read_outline
from raci.screens.answers import changed, toast_for
from raci.screens.asked import matrix_of
from raci.screens.frame import frame, now
from raci.screens.order import Moves, activity_moves, moves
from raci.web.errors import is_htmx
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list. `ref` is its HTML id ("a12", "r3", "s4"); `kind` with `_` is the prefix of its routes."""

    kind: str
    row: Activity | Role | Stage
    moves: Moves
    note: str = ""

    @property
    def ref(self) -> str:
        return f"{self.kind[0]}{self.row.id}"


@dataclass(frozen=True, slots=True)
class Group:
    """A stage (None for activities without one) and its activities."""

    stage: Item | None
    activities: list[Item]


@dataclass
class Arrange:
    """`rename` is the ref of the item whose name is being edited; `typed` and `error` are what was refused there."""

    grid: Grid
    rename: str = ""
    typed: str | None = None
    error: str = ""
    groups: list[Group] = field(init=False)
    roles: list[Item] = field(init=False)

    def __post_init__(self) -> None:
        places, stages = activity_moves(self.grid), moves([stage.id for stage in self.grid.stages])
        columns = moves([role.id for role in self.grid.roles])
        self.roles = [Item("role", role, columns[role.id], role.purpose) for role in self.grid.roles]
        self.groups = [
            Group(
                Item("stage", stage, stages[stage.id]) if stage else None,
                [Item("activity", row, places[row.id]) for row in rows],
            )
            for stage, rows in self.grid.by_stage()
        ]


@requires(Access.VIEWER)
@require_GET
def arrange(request: MemberRequest, matrix: int) -> HttpResponse:
    """The page; `rename` opens the name of one item for editing. Who may not edit sees the order alone."""
    row = matrix_of(request, matrix)
    page = Arrange(read_outline(row), rename=request.GET.get("rename", ""))
    template = "screens/_arrange.html" if is_htmx(request) else "screens/arrange.html"
    return render(request, template, frame(request, row, page=page, origin="arrange"))


def arranged(request: MemberRequest, done: Done, text: str = "", *, outline: Grid | None = None) -> HttpResponse:
    """The lists after a change made on this page. `outline` is what came of it, where it has been read already."""
    if not is_htmx(request):
        return changed(request, done, reverse("arrange", args=[request.workspace.pk, done.matrix.pk]), text)
    toast = toast_for(request, done.change, text)
    matrix = now(request, done)
    context = frame(request, matrix, page=Arrange(outline or read_outline(matrix, done.known)), toast=toast)
    return render(request, "screens/arrange.htmx.html", context)


def not_renamed(request: MemberRequest, matrix: int, ref: str, error: str, status: int) -> HttpResponse:
    """The lists with the refused name still in its field."""
    row = matrix_of(request, matrix)
    page = Arrange(read_outline(row), rename=ref, typed=request.POST.get("name", ""), error=error)
    context: dict[str, Any] = frame(request, row, page=page)
    template = "screens/_arrange.html" if is_htmx(request) else "screens/arrange.html"
    return render(request, template, context, status=status)
