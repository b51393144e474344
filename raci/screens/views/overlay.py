"""What the grid is laid beside: the menu of it, and the reader's choice."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from raci.grid.departures import compare
from raci.matrices.store import read_grid
from raci.screens.asked import matrix_of, notation
from raci.screens.beside import NOTHING, beside, remember
from raci.screens.sources import culture_reference, source, sources
from raci.web.refusals import Gone
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def overlay_menu(request: MemberRequest, matrix: int) -> HttpResponse:
    """Everything it can be laid beside; for the references of the cultures, how far it agrees with them."""
    row = matrix_of(request, matrix)
    grid, found = read_grid(row), sources(request.workspace, row)
    agreeing = {
        source.key: compare(grid, culture_reference(source.key), timezone.localdate()).diff
        for source in found
        if source.kind == "culture"
    }
    context = {
        "matrix": row,
        "choices": [(source, agreeing.get(source.key)) for source in found],
        "beside": beside(request, row, grid, notation(request)),
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
