"""What pages and other rooms ask about the references: one as a grid, all three to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from raci.grid.grid import Grid

from .models import Culture, Reference


@dataclass(frozen=True, slots=True)
class CultureReference:
    """A culture with its reference. `reasons` maps activity id in `grid` -> why its Lead leads it there."""

    culture: Culture
    grid: Grid
    reasons: Mapping[int, str]


@lru_cache(maxsize=1)
def known_references() -> Mapping[str, CultureReference]:
    """Culture key -> reference, as this process first read them: only a migration changes them, before a start."""
    found = {reference.culture.key: reference for reference in references()}
    if not found:
        raise LookupError("There is no reference in the database. Run: manage.py migrate")
    return found


def reference_grid(culture_key: str) -> Grid:
    """The reference of one culture; Reference.DoesNotExist where there is none of that key."""
    return Reference.objects.get(culture__key=culture_key).grid()


def references() -> list[CultureReference]:
    """All references in the order of their cultures; seven queries."""
    rows = Reference.objects.select_related("culture")
    grids, reasons = rows.grids(), rows.reasons()
    return [CultureReference(row.culture, grids[row.pk], reasons.get(row.pk, {})) for row in rows]
