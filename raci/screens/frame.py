"""What every page about one matrix needs: who may edit, in which words, and how its forms are sent."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.matrices.operations import Done
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest
from raci.workspaces.models import Access

from .asked import matrix_of, notation

FROM = ("activity", "arrange", "checks", "compare", "matrix", "panel", "role")


def frame(request: MemberRequest, matrix: Matrix, **more: Any) -> dict[str, Any]:
    """The context of a template. `key` is new each time it is printed, so that every form has its own."""
    return {
        "matrix": matrix,
        "may_edit": request.member.may(Access.EDITOR),
        "can_edit": request.member.may(Access.EDITOR) and not matrix.is_archived,
        "notation": notation(request),
        "key": uuid4,
        "origin": came_from(request),
        **more,
    }


def open_matrix(request: MemberRequest, matrix: int) -> Matrix:
    """The matrix, to be edited; refused where it is archived."""
    found = matrix_of(request, matrix)
    if found.is_archived:
        raise Refused("This matrix is archived. Bring it back to change it.", "conflict", 409)
    return found


def question(
    request: MemberRequest, matrix: Matrix, template: str, heading: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A form that is sent to the address it came from, in a dialog where htmx asked for it, else as a page."""
    cancel = back(request, matrix.pk)
    context = frame(request, matrix, heading=heading, action=request.path, cancel=cancel, **more)
    return render(request, template, context, status=status)


def now(request: MemberRequest, done: Done) -> Matrix:
    """The matrix as a change left it, without asking for it again."""
    done.matrix.workspace = request.workspace
    return done.matrix


def came_from(request: MemberRequest) -> str:
    """The kind of page a form was opened on, which is where its answer belongs; "" for its own page."""
    said = request.POST.get("from") or request.GET.get("from") or ""
    return said if said in FROM else ""


def back(request: MemberRequest, matrix: int, otherwise: str = "matrix") -> str:
    """The page to return to after a form that may be opened on several."""
    page = "arrange" if came_from(request) == "arrange" else otherwise
    return reverse(page, args=[request.workspace.pk, matrix])
