"""The versions of a matrix: which there are, what changed between two of them, and the way back to one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.matrices.store import read_grid
from raci.matrices.undo import restore
from raci.publishing.versions import latest_of
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, notation, number_or_none, sender, version_of
from raci.screens.filling import telling
from raci.screens.frame import frame
from raci.screens.published_state import unpublished
from raci.screens.versions_page import DRAFT, LATEST, changes, lines
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def versions(request: MemberRequest, matrix: int) -> HttpResponse:
    """The latest versions, or those before `?before=`."""
    row, before = matrix_of(request, matrix), number_or_none(request.GET.get("before"))
    latest = latest_of(row)
    shown, older = lines(row, before)
    context = frame(
        request,
        row,
        latest=latest,
        lines=shown,
        older=older,
        newest=before is None,
        unpublished=unpublished(row, read_grid(row)) if latest else 0,
    )
    return render(request, "screens/versions.html", context)


@requires(Access.EDITOR)
@require_POST
def version_restore(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """The matrix is as it was when that version was published."""
    row = matrix_of(request, matrix)
    found = version_of(row, version)
    done = telling(restore, matrix=row.pk, sender=sender(request), revision=found.revision, version=found.number)
    page = reverse("matrix", args=[request.workspace.pk, row.pk])
    text = f"Back at version {found.number}." if done.change else "It is already as it was then."
    return changed(request, done, to=page, text=text)


@requires(Access.VIEWER)
@require_GET
def version_changes(request: MemberRequest, matrix: int) -> HttpResponse:
    """What is new between `from` and `to`: each a number, the latest version, or the draft."""
    row = matrix_of(request, matrix)
    found = changes(row, request.GET.get("from", LATEST), request.GET.get("to", DRAFT), notation(request))
    return render(request, "screens/version_changes.html", frame(request, row, page=found, draft=DRAFT))
