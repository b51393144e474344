"""Whom a version has reached: who has read it, one reminder to those who have not, and signing what one answers for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from raci.grid.text import counted
from raci.matrices.models import Matrix
from raci.publishing.asking import ask_to_sign
from raci.publishing.lineage import lineage_between
from raci.publishing.models import Version
from raci.publishing.news import news_for
from raci.publishing.reading import read_by_member
from raci.publishing.receipts import remind
from raci.publishing.signing import sign_version
from raci.publishing.versions import grid_of, latest_of
from raci.screens.asked import matrix_of, notation, number, version_of
from raci.screens.frame import frame
from raci.screens.readers_page import ReadersPage
from raci.web.refusals import Conflict
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def readers(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """How many have read it, and who signed; who has not is named to those who write letters."""
    row = matrix_of(request, matrix)
    return _shown(request, row, version_of(row, version))


@requires(Access.EDITOR)
@require_POST
def readers_remind(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    told = remind(version=version_of(row, version), by=request.member)
    messages.success(request, f"{counted(told, 'reminder')} will go out." if told else "Nobody is left to remind.")
    return redirect("readers", request.workspace.pk, row.pk, version)


@requires(Access.EDITOR)
@require_POST
def readers_ask(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """Reminds those who answer for a role and have not signed for it."""
    row = matrix_of(request, matrix)
    asked = ask_to_sign(version=version_of(row, version), by=request.member)
    said = f"{counted(asked, 'person is', 'people are')} reminded to sign." if asked else "Nobody is left to remind."
    messages.success(request, said)
    return redirect("readers", request.workspace.pk, row.pk, version)


@requires(Access.VIEWER)
@require_POST
def version_read(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    read_by_member(version=version_of(row, version), by=request.member)
    messages.success(request, "Noted: you have read it.")
    return redirect("version", request.workspace.pk, row.pk, version)


@requires(Access.VIEWER)
@require_POST
def version_sign(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """Signs the rows of a role; who looked at another version than the latest is shown what changed since."""
    row = matrix_of(request, matrix)
    looked_at, role = version_of(row, version), number(request.POST.get("role"))
    try:
        signed = sign_version(matrix=row.pk, role=role, digest=request.POST.get("digest", ""), by=request.member)
    except Conflict as refused:
        return _shown_anew(request, matrix, looked_at, role, refused)
    messages.success(request, f"Signed for {signed.name}.")
    return redirect("readers", request.workspace.pk, row.pk, version)


def _shown_anew(request: MemberRequest, matrix: int, looked_at: Version, role: int, refused: Conflict) -> HttpResponse:
    """The page of the latest version, with what changed for the role since the one that was looked at."""
    row = matrix_of(request, matrix)
    latest = latest_of(row)
    if latest is None or latest == looked_at:
        raise refused
    lineage = lineage_between(looked_at, latest)
    changed = news_for(grid_of(looked_at), grid_of(latest), role, notation(request), lineage)
    return _shown(request, row, latest, refused=refused.sentence, since=looked_at, changed=changed, status=409)


def _shown(
    request: MemberRequest, matrix: Matrix, version: Version, *, status: int = 200, **more: object
) -> HttpResponse:
    page = ReadersPage(matrix, version, request.member, notation(request))
    return render(request, "screens/readers.html", frame(request, matrix, page=page, **more), status=status)
