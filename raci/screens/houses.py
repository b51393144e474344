"""House references as pages show them: with the picture of their grid, who saved them, and what follows them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from raci.grid.grid import Grid
from raci.grid.plain import from_plain
from raci.matrices.models import HouseReference
from raci.workspaces.models import Workspace

from .picture import Picture, picture
from .sources import house_key


@dataclass(frozen=True, slots=True)
class ShownHouse:
    """`start` is how a new matrix names it; `followers` counts the matrices in use that follow it."""

    house: HouseReference
    grid: Grid
    picture: Picture
    start: str
    followers: int


def shown_houses(workspace: Workspace, *, put_away: bool) -> list[ShownHouse]:
    """Those in use, with `put_away` the others too, each kind by name; one query."""
    rows = HouseReference.objects.filter(workspace=workspace).select_related("saved_by")
    if not put_away:
        rows = rows.filter(is_put_away=False)
    in_use = Count("matrices", Q(matrices__is_archived=False))
    return [_shown(row, row.followers) for row in rows.annotate(followers=in_use).order_by("is_put_away", "name", "pk")]


def _shown(row: HouseReference, followers: int) -> ShownHouse:
    grid = from_plain(row.grid)
    return ShownHouse(row, grid, picture(grid), house_key(row.pk), followers)
