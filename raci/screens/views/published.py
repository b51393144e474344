"""A version for members: the sheet, what is one role's in it, and the version as a file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.matrices.models import Matrix
from raci.screens.asked import matrix_of, notation, question_asked, version_of
from raci.screens.frame import frame
from raci.screens.reading import card_for
from raci.screens.reviews.decided import record_of
from raci.screens.role_sheet import role_sheet
from raci.screens.shared import words
from raci.screens.sheet import Sheet, sheet
from raci.screens.signing_card import sign_card
from raci.workspaces import audit
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .exports import version_file


@requires(Access.VIEWER)
@require_GET
def version(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """The version as it was agreed, with who fills the roles now."""
    row, found = _version(request, matrix, version)
    place, q = [request.workspace.pk, matrix, version], question_asked(request)
    roles = [(role, reverse("version_role", args=[*place, role.id])) for role in found.grid.roles]
    context = _frame(
        request,
        row,
        found,
        sheet=found,
        card=card_for(request, found.version),
        signing=sign_card(request, found),
        ask=request.path,
        q=q,
        answers=found.answers(q) if q else (),
        role_pages=roles,
        known=found.version.known,
        decided=record_of(found.version, notation(request)),
    )
    return render(request, "screens/version.html", context)


@requires(Access.VIEWER)
@require_GET
def version_role(request: MemberRequest, matrix: int, version: int, role: int) -> HttpResponse:
    """What is one role's in it, to read and to print."""
    row, found = _version(request, matrix, version)
    whole = reverse("version", args=[request.workspace.pk, matrix, version])
    signing = sign_card(request, found, role=role)
    context = _frame(request, row, found, page=role_sheet(found, role), whole=whole, signing=signing)
    return render(request, "screens/version_role.html", context)


@requires(Access.VIEWER)
@require_POST
def version_export(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """The version as a workbook."""
    row, found = _version(request, matrix, version)
    response = version_file(found, whole=True)
    about = {"matrix": row.name, "version": version, "kind": "xlsx"}
    audit.note("version.exported", by=request.member, needed=Access.VIEWER, **about)
    return response


def _version(request: MemberRequest, matrix: int, number: int) -> tuple[Matrix, Sheet]:
    """The matrix and its version with this number, for members; else the 404 of a matrix that does not exist."""
    row = matrix_of(request, matrix)
    return row, sheet(version_of(row, number), notation=words(request), shows_people=True, shows_reasons=True)


def _frame(request: MemberRequest, matrix: Matrix, of: Sheet, **more: Any) -> dict[str, Any]:
    latest = reverse("version", args=[request.workspace.pk, matrix.pk, of.facts.latest])
    return frame(request, matrix, address=f"{request.get_host()}{latest}", **more)
