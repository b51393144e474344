"""House references: an agreed matrix saved as the workspace's own, its page, and its whereabouts."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from raci.grid.text import NAME_LIMIT
from raci.matrices import house as houses
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.store import read_grid
from raci.screens.asked import matrix_of, notation, posted
from raci.screens.forms_pages import NameForm
from raci.screens.frame import question
from raci.screens.sources import house_key
from raci.screens.sources import house_reference as house_reference_of
from raci.screens.static_grid import static_grid
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

MOST_NAMED = 20  # activities without a Lead that are named, each with its link; of more it gives the number


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def house_save(request: MemberRequest, matrix: int) -> HttpResponse:
    """Asks for a name, and keeps what the matrix says now as a reference of the house.

    A matrix that cannot be one is not asked for a name: the page says which activities lack a Lead.
    """
    row = matrix_of(request, matrix)
    form = NameForm(posted(request), initial={"name": f"{row.name} reference"[:NAME_LIMIT]})
    status = 200 if request.method == "GET" else 422
    if form.is_valid():
        try:
            made = houses.save_reference(by=request.member, matrix=row, name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name" if isinstance(refused, Conflict) else None, refused.sentence)
            status = refused.status
        else:
            return _moved_on(request, made, f"“{made.name}” is a reference of the house now.")
    grid = read_grid(row)
    lacking = houses.without_lead(grid)
    context = {
        "form": form,
        "obstacle": houses.why_not(grid) if request.method == "GET" else "",
        "lacking": lacking[:MOST_NAMED],
        "more": len(lacking[MOST_NAMED:]),
    }
    return question(request, row, "screens/house_save.html", "Save as a house reference", status=status, **context)


@requires(Access.VIEWER)
@require_GET
def house_reference(request: MemberRequest, house: int) -> HttpResponse:
    return _page(request, _house(request, house))


@requires(Access.EDITOR)
@require_POST
def house_rename(request: MemberRequest, house: int) -> HttpResponse:
    form, was = NameForm(request.POST), request.POST.get("was")
    row = _house(request, house)
    if was is None:
        raise Malformed
    if not form.is_valid():
        return _page(request, row, form, 422)
    try:
        renamed = houses.rename(by=request.member, house=house, name=form.cleaned_data["name"], was=was)
    except Conflict as conflict:
        form.add_error("name", conflict.sentence)
        return _page(request, _house(request, house), form, conflict.status)
    return _moved_on(request, renamed, f"It is called “{renamed.name}” now.")


@requires(Access.EDITOR)
@require_POST
def house_put_away(request: MemberRequest, house: int) -> HttpResponse:
    row = houses.put_away(by=request.member, house=house)
    return _moved_on(request, row, f"“{row.name}” is put away. Who follows it still does.")


@requires(Access.EDITOR)
@require_POST
def house_bring_back(request: MemberRequest, house: int) -> HttpResponse:
    row = houses.bring_back(by=request.member, house=house)
    return _moved_on(request, row, f"“{row.name}” is back among the references.")


def _house(request: MemberRequest, house: int) -> HouseReference:
    """The reference of this workspace, or the same 404 as for one that does not exist."""
    rows = HouseReference.objects.filter(workspace=request.workspace).select_related("saved_by").defer("grid")
    row = rows.filter(pk=house).first()
    if row is None:
        raise Http404
    return row


def _page(request: MemberRequest, row: HouseReference, form: NameForm | None = None, status: int = 200) -> HttpResponse:
    """The page; `form` is the name that was not taken."""
    context = {
        "house": row,
        "static": static_grid(house_reference_of(row).grid, notation(request)),
        "label": row.name,
        "start": house_key(row.pk),
        "followers": list(Matrix.objects.filter(house=row).order_by("is_archived", "name", "pk")),
        "form": form or NameForm(initial={"name": row.name}),
        "can_edit": request.member.may(Access.EDITOR),
        "key": uuid4,
    }
    return render(request, "screens/house_reference.html", context, status=status)


def _moved_on(request: MemberRequest, row: HouseReference, said: str) -> HttpResponse:
    """To the page of the reference, with a toast."""
    messages.success(request, said)
    page = reverse("house_reference", args=[request.workspace.pk, row.pk])
    return HttpResponseClientRedirect(page) if is_htmx(request) else redirect(page)
