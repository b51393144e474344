"""What a matrix can be laid beside: the references of the cultures, those of the house, and the other matrices.

Each has a key, which addresses and departures use: "market", "house-3", "matrix-7".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock

from culture.references import known_references
from raci.grid.departures import Reference
from raci.grid.grid import Grid
from raci.grid.plain import from_plain
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.store import read_grid
from raci.workspaces.models import Workspace

KEPT_GRIDS = 32  # a process; each of up to 30,000 cells
KEPT_HOUSES = 64  # the house references that one workspace may have in use, and some
_NUMBERED = re.compile(r"(house|matrix)-([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """One of them as a menu lists it. `kind` is culture, house or matrix."""

    key: str
    name: str
    kind: str


def sources(workspace: Workspace, matrix: Matrix | None = None) -> list[Source]:
    """All that can be chosen in a workspace, without `matrix` itself and what is put away; two queries."""
    houses = HouseReference.objects.filter(workspace=workspace, is_put_away=False).values_list("pk", "name")
    others = Matrix.objects.live().filter(workspace=workspace).order_by("name", "pk").values_list("pk", "name")
    return [
        *(Source(key, known.culture.name, "culture") for key, known in known_references().items()),
        *(Source(house_key(pk), name, "house") for pk, name in houses),
        *(Source(f"matrix-{pk}", name, "matrix") for pk, name in others if matrix is None or pk != matrix.pk),
    ]


def source(workspace: Workspace, key: str) -> Reference | None:
    """What stands behind a key, also what is put away or archived; None for what is not in this workspace."""
    if key in known_references():
        return culture_reference(key)
    numbered = kind_and_id(key)
    if numbered is None:
        return None
    kind, pk = numbered
    if kind == "house":
        house = HouseReference.objects.filter(workspace=workspace, pk=pk).defer("grid").first()
        return None if house is None else house_reference(house)
    other = Matrix.objects.filter(workspace=workspace, pk=pk).first()
    if other is None:
        return None
    return Reference(key, other.name, _grid_at(other.pk, other.culture_id, other.created_at, other.revision))


def followed(matrix: Matrix) -> Reference | None:
    """The reference that a matrix follows: that of the house, else that of its culture. A query for one of the house,
    unless the matrix was read with it."""
    if matrix.house is not None:
        return house_reference(matrix.house)
    return None if matrix.culture_id is None else culture_reference(matrix.culture_id)


def culture_reference(key: str) -> Reference:
    """The reference of a culture, named as in a sentence: market-led."""
    known = known_references()[key]
    return Reference(key, known.culture.name.lower(), known.grid)


def house_reference(house: HouseReference) -> Reference:
    """A reference of the house; its grid is read once a process, for it never changes."""
    return Reference(house_key(house.pk), house.name, house_grids([house])[house.pk])


def house_grids(houses: Iterable[HouseReference]) -> dict[int, Grid]:
    """House reference id -> its grid; one query for all that this process does not have yet, else none."""
    return _HOUSE_GRIDS.of(houses)


def house_key(pk: int) -> str:
    return f"house-{pk}"


def kind_and_id(key: str) -> tuple[str, int] | None:
    """("house", 3) or ("matrix", 7) of such a key; None for the key of a culture, or of nothing."""
    numbered = _NUMBERED.fullmatch(key)
    return (numbered[1], int(numbered[2])) if numbered else None


def why_it_leads(reference: Reference, activity: int) -> str:
    """Why, in that culture, the Lead of an activity of its reference leads it; "" where nothing says."""
    known = known_references().get(reference.key)
    return known.reasons.get(activity, "") if known else ""


class _HouseGrids:
    """The grids that this process has read, last asked for, last. `saved_at` tells apart what shares an id."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, datetime], Grid] = {}
        self._lock = Lock()

    def of(self, houses: Iterable[HouseReference]) -> dict[int, Grid]:
        wanted = {(house.pk, house.saved_at) for house in houses}
        with self._lock:
            found = {key: self._kept[key] for key in wanted & self._kept.keys()}
        if missing := wanted - found.keys():
            rows = HouseReference.objects.filter(pk__in=[pk for pk, _ in missing]).order_by()
            found |= {(pk, at): from_plain(plain) for pk, at, plain in rows.values_list("pk", "saved_at", "grid")}
        with self._lock:
            for key, grid in found.items():
                self._kept.pop(key, None)
                self._kept[key] = grid
            for key in list(self._kept)[:-KEPT_HOUSES]:
                del self._kept[key]
        return {pk: grid for (pk, _), grid in found.items()}

    def cache_clear(self) -> None:
        """Forgets them all, as after a start."""
        with self._lock:
            self._kept.clear()


_HOUSE_GRIDS = _HouseGrids()


@lru_cache(maxsize=KEPT_GRIDS)
def _grid_at(pk: int, culture: str | None, created_at: datetime, revision: int) -> Grid:
    """The grid of another matrix, read again when that has changed. `created_at` tells apart what shares an id."""
    return read_grid(Matrix(pk=pk, culture_id=culture, created_at=created_at, revision=revision), stages=False)
