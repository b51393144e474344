"""The thumbnail of a grid: each cell a small bar, darker the deeper a role is involved. One path a level, for SVG."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from raci.grid.grid import Activity, Grid

WIDTH = 70
MOST_ROWS = 24  # more would be hair lines; the numbers stand beside the picture
MOST_ROLES = 12
_GAP, _HEIGHT, _STEP, _STAGE_GAP = 2.0, 6, 7.5, 3


@dataclass(frozen=True, slots=True)
class Picture:
    """`paths` pairs a level ("lead" … "none") with the outline of all its cells; empty for a grid without cells."""

    width: int
    height: str
    paths: tuple[tuple[str, str], ...]


def picture(grid: Grid) -> Picture:
    """The picture of the first rows and roles of a grid."""
    roles = grid.roles[:MOST_ROLES]
    if not roles or not grid.activities:
        return Picture(WIDTH, "60", ())
    across = (WIDTH - _GAP * len(roles)) / len(roles)
    bar = f"h{_short(across - 2)}q1 0 1 1v4q0 1-1 1h-{_short(across - 2)}q-1 0-1-1v-4q0-1 1-1z"
    outlines: defaultdict[str, list[str]] = defaultdict(list)
    down = 0.0
    for activity, top in _placed(grid):
        down = top + _HEIGHT
        for column, role in enumerate(roles):
            level = grid.level(activity.id, role.id)
            left = _GAP / 2 + column * (across + _GAP) + 1
            outlines[level.key if level else "none"].append(f"M{_short(left)} {_short(top)}{bar}")
    return Picture(WIDTH, _short(down), tuple((level, "".join(bars)) for level, bars in outlines.items()))


def _placed(grid: Grid) -> Iterator[tuple[Activity, float]]:
    """The first activities, each with how far down it stands; a gap sets the stages apart."""
    top = 0.0
    for before, activity in zip((None, *grid.activities), grid.activities[:MOST_ROWS], strict=False):
        if before is not None and before.stage != activity.stage:
            top += _STAGE_GAP
        yield activity, top
        top += _STEP


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
