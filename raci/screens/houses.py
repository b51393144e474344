"""House references as pages show them: with the picture of their grid, who saved them, and what follows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from raci.grid.grid import Grid
from raci.matrices.models import HouseReference
from raci.workspaces.models import Workspace

from .picture import Picture, picture
from .sources import house_grids, house_key


@dataclass(frozen=True, slots=True)
class ShownHouse:
    """`start` is how a new matrix names it; `followers` counts the matrices in use that follow it."""

    house: HouseReference
    grid: Grid
    picture: Picture
    start: str
    followers: int


def in_use(workspace: Workspace) -> list[HouseReference]:
    """Those that are offered, by name, without their grids; one query."""
    return list(_rows(workspace).filter(is_put_away=False))


def put_away(workspace: Workspace) -> QuerySet[HouseReference]:
    """The others, by name, without their grids. Each has its number of `followers`; one query."""
    return _rows(workspace).filter(is_put_away=True)


def shown(houses: Iterable[HouseReference]) -> list[ShownHouse]:
    """Those of `in_use` with their pictures; one query for all grids that were not read yet."""
    houses = list(houses)
    grids = house_grids(houses)
    return [_shown(row, grids[row.pk], row.followers) for row in houses]  # type: ignore[attr-defined]


def _rows(workspace: Workspace) -> QuerySet[HouseReference]:
    live = Count("matrices", Q(matrices__is_archived=False))
    rows = HouseReference.objects.filter(workspace=workspace).select_related("saved_by").defer("grid")
    return rows.annotate(followers=live).order_by("name", "pk")


def _shown(row: HouseReference, grid: Grid, followers: int) -> ShownHouse:
    return ShownHouse(row, grid, picture(grid), house_key(row.pk), followers)
