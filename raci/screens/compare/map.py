"""Where a matrix differs from what it is laid beside: each cell a small bar, those that differ outlined."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from raci.grid.grid import Grid

WIDTH = 128
MOST_ROWS = 60  # more would be hair lines; the numbers stand beside the picture
MOST_ROLES = 24
_HEIGHT, _STEP, _STAGE_GAP, _GAP = 7.0, 8.5, 3.0, 2.0


@dataclass(frozen=True, slots=True)
class DifferenceMap:
    """`fills` pairs a level ("lead" … "none") with the outline of all its cells; `frames` is one path around those that
    differ, half a unit outside of them, and `height` has room for that at both ends. `differing` counts them by role.
    `left_out` counts the activities below the last row, `roles_left_out` the roles behind the last column; of neither
    anything is drawn or counted."""

    height: str
    fills: tuple[tuple[str, str], ...]
    frames: str
    differing: Mapping[int, int]
    left_out: int = 0
    roles_left_out: int = 0

    @property
    def width(self) -> int:
        return WIDTH


def difference_map(grid: Grid, differing: Collection[tuple[int, int]]) -> DifferenceMap | None:
    """The map of the first rows and roles; `differing` are pairs of activity and role. None without cells."""
    roles = grid.roles[:MOST_ROLES]
    if not roles or not grid.activities:
        return None
    step = WIDTH / len(roles)
    gap = min(_GAP, step / 4)
    fills: defaultdict[str, list[str]] = defaultdict(list)
    frames: list[str] = []
    counts: Counter[int] = Counter()
    top, stage = 0.0, grid.activities[0].stage
    for activity in grid.activities[:MOST_ROWS]:
        if activity.stage != stage:
            top, stage = top + _STAGE_GAP, activity.stage
        levels = grid.cells.get(activity.id, {})
        for column, role in enumerate(roles):
            left, level = column * step + gap / 2, levels.get(role.id)
            fills[level.key if level else "none"].append(_bar(left, top, step - gap, _HEIGHT))
            if (activity.id, role.id) in differing:
                counts[role.id] += 1
                frames.append(_bar(left - 0.5, top - 0.5, step - gap + 1, _HEIGHT + 1))
        top += _STEP
    left_out = max(0, len(grid.activities) - MOST_ROWS)
    outlines = tuple((level, "".join(bars)) for level, bars in fills.items())
    height = _short(top - _STEP + _HEIGHT + 2)
    return DifferenceMap(height, outlines, "".join(frames), counts, left_out, len(grid.roles) - len(roles))


def _bar(left: float, top: float, width: float, height: float) -> str:
    return f"M{_short(left)} {_short(top)}h{_short(width)}v{_short(height)}h-{_short(width)}z"


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
