"""How much each role carries: its activities counted by level, and those whose work it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .grid import Grid
from .levels import Level

BLANK = "-"


@dataclass(frozen=True, slots=True)
class Load:
    """The activities of one role, counted.

    `delivers` counts the activities whose work the role does: those that name it as deliverer, and those it leads that
    name nobody. An activity it leads and another role delivers is in `lead` only.
    """

    lead: int = 0
    support: int = 0
    contribute: int = 0
    informed: int = 0
    delivers: int = 0

    @property
    def total(self) -> int:
        """The activities the role is involved in at any level."""
        return self.lead + self.support + self.contribute + self.informed

    def counts(self) -> Iterator[tuple[Level, int]]:
        """Each level, deepest first, with its count."""
        yield Level.LEAD, self.lead
        yield Level.SUPPORT, self.support
        yield Level.CONTRIBUTE, self.contribute
        yield Level.INFORMED, self.informed


def load(grid: Grid) -> dict[int, Load]:
    """The load of each role by its id, in the order of `grid.roles`."""
    return load_of(grid, letters(grid))


def letters(grid: Grid) -> list[str]:
    """The grid as one short text per activity: a letter per role in order, "-" where the role is not involved.

    Counting in a text is many times faster than asking cell by cell, which is what keeps 1,000 x 30 within
    milliseconds.
    """
    roles = [role.id for role in grid.roles]
    return [_letters_of(grid, activity.id, roles) for activity in grid.activities]


def leads_in(grid: Grid) -> dict[int, int | None]:
    """Activity id -> the role that leads, None where nobody does; many times faster than asking row by row."""
    place = {role.id: at for at, role in enumerate(grid.roles)}
    found: dict[int, int | None] = {}
    for activity in grid.activities:
        cells = grid.cells.get(activity.id, {})
        leads = [role for role, level in cells.items() if level is Level.LEAD and role in place]
        found[activity.id] = leads[0] if len(leads) == 1 else min(leads, key=place.__getitem__, default=None)
    return found


def letters_of(grid: Grid, activity: int) -> str:
    """One line of `letters`, for one activity."""
    return _letters_of(grid, activity, [role.id for role in grid.roles])


def load_of(grid: Grid, rows: Sequence[str]) -> dict[int, Load]:
    """`load` for a caller that already has the grid's `letters`."""
    width = len(grid.roles)
    delivered = _delivered(grid, rows)
    everything = "".join(rows)
    columns = (everything[place::width] for place in range(width))
    return {
        role.id: Load(
            column.count("L"), column.count("S"), column.count("C"), column.count("I"), column.count("L") + named
        )
        for role, column, named in zip(grid.roles, columns, delivered, strict=True)
    }


def _letters_of(grid: Grid, activity: int, roles: Sequence[int]) -> str:
    level = grid.cells.get(activity, {}).get
    return "".join([level(role, BLANK) for role in roles])


def _delivered(grid: Grid, rows: Sequence[str]) -> list[int]:
    """By place of the role: what named deliverers add to, or take from, the activities each role leads.

    A deliverer that is no role of this grid is as good as none: the Lead delivers.
    """
    place = {role.id: at for at, role in enumerate(grid.roles)}
    change = [0] * len(place)
    for activity, row in zip(grid.activities, rows, strict=True):
        if activity.deliverer is None or activity.deliverer not in place:
            continue
        change[place[activity.deliverer]] += 1
        for at, letter in enumerate(row):
            change[at] -= letter == "L"
    return change
