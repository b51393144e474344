"""What a matrix can be laid beside: the references of the cultures, those of the house, other matrices, and versions.

Each has a key, which addresses and departures use: "market", "house-3", "matrix-7", "version-12".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import F, Q

from culture.references import known_references
from raci.grid.departures import Reference
from raci.grid.grid import Grid
from raci.grid.plain import from_plain
from raci.grid.text import capitalised
from raci.matrices.kept import KeptGrids
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.store import read_grid
from raci.publishing.models import Version
from raci.publishing.versions import grid_of as version_grid
from raci.publishing.versions import latest_of
from raci.workspaces.models import Workspace

OWN_VERSIONS = 20  # of the matrix itself, the newest, in a menu
THIS = "this matrix"
KEPT_GRIDS = 32  # a process; each of up to 30,000 cells
# By id and when it was saved, which tells apart what shares an id; as many as one workspace may have in use, and some.
_HOUSE_GRIDS: KeptGrids[tuple[int, datetime]] = KeptGrids(64 * 30_000)
_NUMBERED = re.compile(r"(house|matrix|version)-([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """One of them as a menu lists it. `kind` is culture, house, version or matrix."""

    key: str
    name: str
    kind: str


def sources(workspace: Workspace, matrix: Matrix | None = None) -> list[Source]:
    """All that can be chosen in a workspace, without `matrix` itself and what is put away; three queries."""
    houses = HouseReference.objects.filter(workspace=workspace, is_put_away=False).values_list("pk", "name")
    others = Matrix.objects.live().filter(workspace=workspace).order_by("name", "pk").values_list("pk", "name")
    return [
        *(Source(key, known.culture.name, "culture") for key, known in known_references().items()),
        *(Source(house_key(pk), name, "house") for pk, name in houses),
        *_versions(workspace, matrix),
        *(Source(f"matrix-{pk}", name, "matrix") for pk, name in others if matrix is None or pk != matrix.pk),
    ]


def source(workspace: Workspace, key: str, matrix: Matrix | None = None) -> Reference | None:
    """What stands behind a key, also what is put away or archived; None for what is not in this workspace. `matrix` is
    what it is laid beside."""
    if key in known_references():
        return culture_reference(key)
    numbered = kind_and_id(key)
    if numbered is None:
        return None
    kind, pk = numbered
    if kind == "house":
        house = HouseReference.objects.filter(workspace=workspace, pk=pk).defer("grid").first()
        return None if house is None else house_reference(house)
    if kind == "version":
        return _version(workspace, pk, matrix)
    other = Matrix.objects.filter(workspace=workspace, pk=pk).first()
    if other is None:
        return None
    return Reference(key, other.name, _grid_at(other.pk, other.culture_id, other.created_at, other.revision))


def version_key(pk: int) -> str:
    return f"version-{pk}"


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
    found = _HOUSE_GRIDS.of({(house.pk, house.saved_at) for house in houses}, _read_houses)
    return {pk: grid for (pk, _), grid in found.items()}


def house_key(pk: int) -> str:
    return f"house-{pk}"


def kind_and_id(key: str) -> tuple[str, int] | None:
    """("house", 3), ("version", 12) or ("matrix", 7) of such a key; None for the key of a culture, or of nothing."""
    numbered = _NUMBERED.fullmatch(key)
    return (numbered[1], int(numbered[2])) if numbered else None


def why_it_leads(reference: Reference, activity: int) -> str:
    """Why, in that culture, the Lead of an activity of its reference leads it; "" where nothing says."""
    known = known_references().get(reference.key)
    return known.reasons.get(activity, "") if known else ""


def version_name(number: int, matrix: str) -> str:
    """What a version of another matrix is called in a sentence."""
    return f"version {number} of {matrix}"


def _versions(workspace: Workspace, matrix: Matrix | None) -> list[Source]:
    """The newest versions of the matrix itself, then what people read of each other; one query, no grids."""
    wanted = Q(matrix__publication__latest=F("pk"))
    if matrix is not None and (latest := latest_of(matrix)):
        wanted |= Q(matrix=matrix, number__gt=latest.number - OWN_VERSIONS)
    rows = Version.objects.filter(wanted, matrix__workspace=workspace, matrix__is_archived=False)
    rows = rows.order_by("matrix__name", "matrix_id", "-number")
    own, others = [], []
    for pk, number, of, name in rows.values_list("pk", "number", "matrix_id", "matrix__name"):
        if matrix is not None and of == matrix.pk:
            own.append(Source(version_key(pk), capitalised(version_name(number, THIS)), "version"))
        else:
            others.append(Source(version_key(pk), capitalised(version_name(number, name)), "version"))
    return [*own, *others]


def _version(workspace: Workspace, pk: int, matrix: Matrix | None) -> Reference | None:
    rows = Version.objects.select_related("matrix").defer("grid")
    found = rows.filter(matrix__workspace=workspace, pk=pk).first()
    if found is None:
        return None
    is_same = matrix is not None and found.matrix_id == matrix.pk
    name = version_name(found.number, THIS if is_same else found.matrix.name)
    return Reference(version_key(pk), name, version_grid(found), is_same)


def _read_houses(wanted: set[tuple[int, datetime]]) -> dict[tuple[int, datetime], Grid]:
    rows = HouseReference.objects.filter(pk__in=[pk for pk, _ in wanted]).order_by()
    return {(pk, at): from_plain(plain) for pk, at, plain in rows.values_list("pk", "saved_at", "grid")}


@lru_cache(maxsize=KEPT_GRIDS)
def _grid_at(pk: int, culture: str | None, created_at: datetime, revision: int) -> Grid:
    """The grid of another matrix, read again when that has changed. `created_at` tells apart what shares an id."""
    return read_grid(Matrix(pk=pk, culture_id=culture, created_at=created_at, revision=revision), stages=False)
