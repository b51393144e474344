"""One small grid, and ways to change it: what the news and the letters are told from."""

from dataclasses import replace

from raci.grid.grid import Grid, Stage
from tests.grid.builders import grid_of, with_levels

ROLES = ["Product Management", "Product Marketing", "Engineering", "Sales"]
PM, PMM, ENG, SALES = 101, 102, 103, 104
WIN_LOSS, DEVELOP, LAUNCH = 1, 2, 3
BASE = grid_of(("Win/Loss Analysis", "CSIL"), ("Develop the Product", "SCLI"), ("Product Launch", "SLIS"), roles=ROLES)


def levels(grid: Grid, activity: int, **letters: str) -> Grid:
    """The grid with levels of one activity changed, by role: pm, pmm, eng, sales."""
    ids = {"pm": PM, "pmm": PMM, "eng": ENG, "sales": SALES}
    return with_levels(grid, activity, {ids[name]: letter for name, letter in letters.items()})


def activity(grid: Grid, pk: int, **fields) -> Grid:
    """The grid with one activity changed."""
    return replace(grid, activities=tuple(replace(row, **fields) if row.id == pk else row for row in grid.activities))


def role(grid: Grid, pk: int, **fields) -> Grid:
    """The grid with one role changed."""
    return replace(grid, roles=tuple(replace(each, **fields) if each.id == pk else each for each in grid.roles))


def without(grid: Grid, *, activities=(), roles=()) -> Grid:
    """The grid without some rows and columns."""
    return replace(
        grid,
        activities=tuple(row for row in grid.activities if row.id not in activities),
        roles=tuple(each for each in grid.roles if each.id not in roles),
        cells={
            pk: {of: level for of, level in row.items() if of not in roles}
            for pk, row in grid.cells.items()
            if pk not in activities
        },
    )


def staged(grid: Grid, *stages: str, of: list[int | None]) -> Grid:
    """The grid with stages 201, 202, …, and the activities in these."""
    rows = tuple(replace(row, stage=stage) for row, stage in zip(grid.activities, of, strict=True))
    return replace(grid, stages=tuple(Stage(201 + at, name) for at, name in enumerate(stages)), activities=rows)
