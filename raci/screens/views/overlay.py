"""What the grid is laid beside: the menu of it, and the reader's choice."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from raci.grid.diff import diff
from raci.grid.text import capitalised
from raci.matrices.store import read_grid
from raci.screens.asked import matrix_of, notation
from raci.screens.beside import NOTHING, beside, chosen, remember
from raci.screens.sources import culture_reference, followed, source, sources
from raci.web.refusals import Gone
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def overlay_menu(request: MemberRequest, matrix: int) -> HttpResponse:
    """Everything it can be laid beside, what it follows first; for the references of the cultures and for that, how far
    it agrees with them."""
    row = matrix_of(request, matrix)
    grid, found, own = read_grid(row), sources(request.workspace, row), followed(row)
    cultures = [culture_reference(source.key) for source in found if source.kind == "culture"]
    agreeing = {each.key: diff(grid, each.grid) for each in (*cultures, *([own] if own else []))}
    context = {
        "matrix": row,
        "followed": (own, capitalised(own.name), agreeing[own.key]) if own else None,
        "choices": [(source, agreeing.get(source.key)) for source in found],
        "beside": beside(chosen(request), row, grid, notation(request)),
        "is_chosen": bool(chosen(request)),
    }
    return render(request, "screens/_overlay_menu.html", context)


@requires(Access.VIEWER)
@require_POST
def overlay_set(request: MemberRequest, matrix: int) -> HttpResponse:
    """Lays the matrix beside a reference, or beside nothing, in this browser. `with` is empty for what it follows."""
    row, key = matrix_of(request, matrix), request.POST.get("with", "")
    if key not in ("", NOTHING) and source(request.workspace, key) is None:
        raise Gone
    response = redirect("matrix", workspace=request.workspace.pk, matrix=row.pk)
    remember(request, response, row.pk, key)
    return response
