"""What is published, for whoever came by a link without an account: to read, by role, as a workbook, and embedded."""

from typing import Any, cast

from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from raci.publishing.models import SharedPage
from raci.publishing.pages import opened_by
from raci.screens.asked import question_asked
from raci.screens.guest_links import without_address
from raci.screens.role_sheet import role_sheet
from raci.screens.shared import LINK, page_of, remember, shown, turned_away
from raci.screens.sheet import Sheet
from raci.web.routes import anyone

from .exports import version_file


@anyone
@require_safe
def shared_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where a link leads. The token moves into a cookie, so that it stands in no address from here on."""
    found = opened_by(link, SharedPage.Kind.PAGE)
    if found is None:
        return without_address(turned_away(request, link))
    answer = redirect("shared", page=found.pk)
    remember(answer, found, link)
    return without_address(answer)


@anyone
@require_safe
def shared(request: HttpRequest, page: int) -> HttpResponse:
    """The version a link shows. No way leads from here into the workspace."""
    found = page_of(request, page)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))

    def make(sheet: Sheet) -> HttpResponse:
        roles = [(role, reverse("shared_role", args=[page, role.id])) for role in sheet.grid.roles]
        return render(request, "screens/shared.html", _context(request, found, sheet, role_pages=roles))

    return shown(request, found, make)


@anyone
@require_safe
def shared_role(request: HttpRequest, page: int, role: int) -> HttpResponse:
    """What is one role's in it, to read and to print."""
    found = page_of(request, page)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))

    def make(sheet: Sheet) -> HttpResponse:
        whole = reverse("shared", args=[page])
        context = {"page": role_sheet(sheet, role), "workspace": found.matrix.workspace, "whole": whole}
        return render(request, "screens/shared_role.html", context)

    return shown(request, found, make)


@anyone
@require_safe
def shared_export(request: HttpRequest, page: int) -> HttpResponse:
    """The version as a workbook, with what the page tells and no more."""
    found = page_of(request, page)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))
    return shown(request, found, version_file)


@anyone
@require_safe
def embed(request: HttpRequest, link: str) -> HttpResponse:
    """The version inside a page of the sites its link names, and of no other. A frame keeps no cookie for us, so the
    token stays in the address; nobody is told that address."""
    found = opened_by(link, SharedPage.Kind.EMBED)
    if found is None:
        return without_address(turned_away(request, link))

    def make(sheet: Sheet) -> HttpResponse:
        return render(request, "screens/embed.html", _context(request, found, sheet, is_embedded=True))

    return _framed_by(found.origins, shown(request, found, make))


def _context(request: HttpRequest, page: SharedPage, sheet: Sheet, **more: Any) -> dict[str, Any]:
    q = question_asked(request)
    context = {"sheet": sheet, "page": page, "workspace": page.matrix.workspace, "ask": request.path, "q": q}
    return {**context, "answers": sheet.answers(q) if q else (), **more}


def _framed_by(origins: list[str], answer: HttpResponse) -> HttpResponse:
    """Lets these sites, and nobody else, show the answer inside a page of theirs."""
    answer.xframe_options_exempt = True
    allow = csp_replace({"frame-ancestors": origins or [NONE]})
    return cast(HttpResponse, allow(lambda _: answer)(HttpRequest()))
