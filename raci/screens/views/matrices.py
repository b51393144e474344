"""The matrices of a workspace: the list, a new one, and their names and whereabouts."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from culture.references import CultureReference, known_references
from raci.grid.grid import Grid
from raci.grid.text import NAME_LIMIT
from raci.matrices import operations
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.store import read_settled
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, number_or_none, sender
from raci.screens.cultures import shown_cultures
from raci.screens.forms_pages import COPY, EMPTY, NameForm, StartForm
from raci.screens.houses import in_use, shown
from raci.screens.sources import house_key, house_reference
from raci.screens.tiles import lede, overview
from raci.web.refusals import Conflict
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What a new matrix can begin with. `sources` are the matrices that can be copied, by id."""

    cultures: list[CultureReference]
    houses: list[HouseReference]
    sources: dict[int, Matrix]

    def form(self, *args: Any, **options: Any) -> StartForm:
        cultures = [one.culture for one in self.cultures]
        houses = {house_key(one.pk): one.name for one in self.houses}
        return StartForm(*args, cultures=cultures, houses=houses, sources=self.sources, **options)


@requires(Access.VIEWER)
@require_GET
def matrices(request: MemberRequest) -> HttpResponse:
    live, archived = overview(request.workspace)
    context = {
        "tiles": live,
        "archived": archived,
        "lede": lede(live),
        "can_edit": request.member.may(Access.EDITOR),
        "key": uuid4,
    }
    return render(request, "screens/matrices.html", context)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def matrix_new(request: MemberRequest) -> HttpResponse:
    """Chooses how to begin. `?start=market` or `?copy=12` says it beforehand."""
    begin = Beginnings(list(known_references().values()), in_use(request.workspace), _sources(request))
    if request.method == "GET":
        return _start_page(request, begin.form(initial=_asked(request, begin)), begin)
    form = begin.form(request.POST)
    if not form.is_valid():
        return _start_page(request, form, begin, status=422)
    grid, house = _first_grid(form, begin)
    name = form.cleaned_data["name"]
    matrix = operations.create_matrix(sender=sender(request), name=name, grid=grid, house=house)
    return redirect("matrix", workspace=request.workspace.pk, matrix=matrix.pk)


@requires(Access.EDITOR)
@require_POST
def matrix_rename(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _name_again(request, row, form, 422)
    name, revision = form.cleaned_data["name"], number_or_none(request.POST.get("seen"))
    try:
        done = operations.rename_matrix(matrix=matrix, sender=sender(request), name=name, seen=revision)
    except Conflict as conflict:
        form.add_error("name", conflict.sentence)
        return _name_again(request, matrix_of(request, matrix), form, conflict.status)
    return changed(request, done, to=_back(request, row))


@requires(Access.EDITOR)
@require_POST
def matrix_archive(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    done = operations.archive(matrix=matrix, sender=sender(request), archived=True)
    text = f"“{row.name}” is archived. It stands below the others and can be brought back."
    return changed(request, done, to=reverse("matrices", args=[request.workspace.pk]), text=text)


@requires(Access.EDITOR)
@require_POST
def matrix_unarchive(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    done = operations.archive(matrix=matrix, sender=sender(request), archived=False)
    return changed(request, done, to=_back(request, row), text=f"“{row.name}” is back.")


def _name_again(request: MemberRequest, matrix: Matrix, form: NameForm, status: int) -> HttpResponse:
    """The form with what was typed and why it was not taken; sent again, it is measured against the name as it is."""
    context = {"matrix": matrix, "form": form, "back": request.POST.get("back"), "key": uuid4}
    return render(request, "screens/matrix_rename.html", context, status=status)


def _sources(request: MemberRequest) -> dict[int, Matrix]:
    """The matrices that can be copied, those in use first."""
    rows = Matrix.objects.filter(workspace=request.workspace).order_by("is_archived", "name", "pk")
    return {matrix.pk: matrix for matrix in rows}


def _asked(request: MemberRequest, begin: Beginnings) -> dict[str, object]:
    """What the address says beforehand; anything else it says is left unheard."""
    start, copy = request.GET.get("start", ""), request.GET.get("copy", "")
    source = next((matrix for pk, matrix in begin.sources.items() if str(pk) == copy), None)
    if source is not None:
        return {"usual": True, "start": COPY, "source": source.pk, "name": f"Copy of {source.name}"[:NAME_LIMIT]}
    known = {EMPTY, COPY, *(one.culture.key for one in begin.cultures), *(house_key(one.pk) for one in begin.houses)}
    return {"usual": True, "start": start if start in known else ""}


def _start_page(request: MemberRequest, form: StartForm, begin: Beginnings, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "choices": shown_cultures(begin.cultures),
        "houses": shown(begin.houses),
        "chosen": form["start"].value(),
        "can_copy": bool(begin.sources),
        "key": uuid4,
    }
    return render(request, "screens/matrix_new.html", context, status=status)


def _first_grid(form: StartForm, begin: Beginnings) -> tuple[Grid, int | None]:
    """What a new matrix holds, and the id of the house reference it follows, if any: a copy follows what its source
    does."""
    start = form.cleaned_data["start"]
    if start == COPY:
        source, grid = read_settled(begin.sources[form.cleaned_data["source"]])
        return grid, source.house_id
    if start == EMPTY:
        frame = begin.cultures[0].grid
        return Grid(roles=frame.roles, stages=frame.stages) if form.cleaned_data["usual"] else Grid(), None
    house = next((one for one in begin.houses if house_key(one.pk) == start), None)
    if house is not None:
        return house_reference(house).grid, house.pk
    return next(one.grid for one in begin.cultures if one.culture.key == start), None


def _back(request: MemberRequest, matrix: Matrix) -> str:
    """The page the form stood on: the matrix's own, or the list."""
    if request.POST.get("back") == "matrix":
        return reverse("matrix", args=[request.workspace.pk, matrix.pk])
    return reverse("matrices", args=[request.workspace.pk])
