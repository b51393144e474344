"""What a matrix could still have: activities and roles of the catalogue, to choose from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from culture.models import CatalogueActivity, CatalogueRole, CatalogueStage, ReferenceLevel
from raci.grid.align import name_key
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level
from raci.grid.plain import from_plain
from raci.matrices.models import Matrix
from raci.matrices.operations import Done
from raci.matrices.store import read_grid
from raci.matrices.structure import NewActivity, add_activities, add_role
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, sender
from raci.screens.frame import frame
from raci.web.refusals import Malformed
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

_NAME = "name: "  # sets names apart from keys, which have no space


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity the matrix lacks. `lead` is the role a source names for it, `from_reference` where that source is
    the reference the matrix follows; `has_lead` says whether the matrix has the role."""

    entry: CatalogueActivity
    lead: CatalogueRole | None
    from_reference: bool
    has_lead: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The offers of one stage. `stage` is that of the matrix, None where it has no such stage."""

    name: str
    stage: int | None
    offers: list[Offer]


@requires(Access.VIEWER)
@require_GET
def catalogue(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    return _page(request, row, read_grid(row))


@requires(Access.EDITOR)
@require_POST
def catalogue_add(request: MemberRequest, matrix: int) -> HttpResponse:
    """Adds the chosen activities as one change; those the matrix has by now are left out."""
    row = matrix_of(request, matrix)
    grid, chosen = read_grid(row), set(request.POST.getlist("activity"))
    if not chosen:
        return _page(request, row, grid, error="Choose at least one activity.", status=422)
    if CatalogueActivity.objects.filter(key__in=chosen).count() != len(chosen):
        raise Malformed
    new = [
        NewActivity(
            offer.entry.name, group.stage, offer.entry.key, offer.entry.help, offer.lead.key if offer.lead else ""
        )
        for group in _groups(row, grid)
        for offer in group.offers
        if offer.entry.key in chosen
    ]
    page = reverse("matrix", args=[request.workspace.pk, row.pk])
    if not new:
        return changed(request, Done(row, None), to=page, text="They are in the matrix already.")
    return changed(request, add_activities(matrix=row.pk, sender=sender(request), activities=new), to=page)


@requires(Access.EDITOR)
@require_POST
def catalogue_role_add(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    role = CatalogueRole.objects.filter(key=request.POST.get("role", "")).first()
    if role is None:
        raise Malformed
    page = reverse("catalogue", args=[request.workspace.pk, row.pk])
    if not _lacks(role, _known(read_grid(row).roles)):
        return changed(request, Done(row, None), to=page, text=f"{role.name} is in the matrix already.")
    values = {"name": role.name, "short": role.short, "origin": role.key, "purpose": role.purpose}
    return changed(request, add_role(matrix=row.pk, sender=sender(request), values=values), to=page)


def _page(request: MemberRequest, matrix: Matrix, grid: Grid, *, error: str = "", status: int = 200) -> HttpResponse:
    known = _known(grid.roles)
    context = frame(
        request,
        matrix,
        groups=list(_groups(matrix, grid)),
        roles=[role for role in CatalogueRole.objects.all() if _lacks(role, known)],
        error=error,
        may_edit=request.member.may(Access.EDITOR),
    )
    return render(request, "screens/catalogue.html", context, status=status)


def _groups(matrix: Matrix, grid: Grid) -> Iterator[Group]:
    """The stages of the catalogue that have something the matrix lacks; two queries."""
    leads = _reference_leads(matrix)
    have = {role.origin for role in grid.roles}
    entries = CatalogueActivity.objects.select_related("stage", "proposed_lead").order_by("stage__position", "position")
    known = _known(grid.activities)
    lacking = (entry for entry in entries if _lacks(entry, known))
    for stage, of_stage in groupby(lacking, key=lambda entry: entry.stage):
        offers = []
        for entry in of_stage:
            lead = entry.proposed_lead or leads.get(entry.key)
            offers.append(Offer(entry, lead, entry.key in leads, lead is not None and lead.key in have))
        yield Group(stage.name, _stage_of(stage, grid), offers)


def _reference_leads(matrix: Matrix) -> dict[str, CatalogueRole]:
    """Key of a catalogue activity -> who leads it in the reference the matrix follows."""
    if matrix.house is not None:
        return _house_leads(from_plain(matrix.house.grid))
    levels = ReferenceLevel.objects.filter(reference__culture__key=matrix.culture_id, level=Level.LEAD)
    return {level.activity.key: level.role for level in levels.select_related("activity", "role")}


def _house_leads(grid: Grid) -> dict[str, CatalogueRole]:
    """The same in a house reference, of the roles it has from the catalogue; one query."""
    origins = {role.id: role.origin for role in grid.roles}
    leads = {activity.origin: origins.get(grid.lead(activity.id) or 0, "") for activity in grid.activities}
    known = {role.key: role for role in CatalogueRole.objects.filter(key__in=set(leads.values()))}
    return {origin: known[role] for origin, role in leads.items() if role in known}


def _known(items: Sequence[Activity] | Sequence[Role]) -> frozenset[str]:
    """What a matrix has, by origin and by name, as everywhere."""
    return frozenset(key for item in items for key in (item.origin, _NAME + name_key(item.name)))


def _lacks(entry: CatalogueActivity | CatalogueRole, known: frozenset[str]) -> bool:
    return entry.key not in known and _NAME + name_key(entry.name) not in known


def _stage_of(stage: CatalogueStage, grid: Grid) -> int | None:
    by_origin = (own.id for own in grid.stages if own.origin == stage.key)
    by_name = (own.id for own in grid.stages if name_key(own.name) == name_key(stage.name))
    return next(by_origin, next(by_name, None))
