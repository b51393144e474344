"""Small grids for tests: a row is a name and its letters, one per role, "-" where a role is not involved."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from culture.catalogue import load
from raci.grid.departures import Reference
from raci.grid.grid import Activity, Departure, Grid, Role
from raci.grid.levels import Level

REFERENCES = Path(__file__).parents[2] / "culture" / "data" / "reference_matrices.csv"
ORIGINS = {
    "Product Management": "product-management",
    "Product Marketing": "product-marketing",
    "Engineering": "engineering",
    "Sales": "sales",
}
TODAY = date(2026, 11, 22)
# No two of these share enough letters or words to be twins.
NAMES = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima")


def grid_of(*rows, roles=None, deliverers=None, headcounts=None, culture=""):
    """A grid of rows such as "LSCI", or ("Name", "LSCI"); activity ids are 1, 2, …, role ids 101, 102, …

    `roles` are names; `deliverers` maps activity id -> role id; `headcounts` are given in the order of the roles.
    """
    named = [row if isinstance(row, tuple) else (f"Task {at}", row) for at, row in enumerate(rows, 1)]
    width = len(named[0][1]) if named else len(roles or ())
    names = roles or [f"Role {at}" for at in range(1, width + 1)]
    heads = headcounts or [None] * width
    columns = tuple(
        Role(100 + at, name, origin=ORIGINS.get(name, ""), headcount=head)
        for at, (name, head) in enumerate(zip(names, heads, strict=True), 1)
    )
    activities = tuple(
        Activity(at, name, deliverer=(deliverers or {}).get(at)) for at, (name, _) in enumerate(named, 1)
    )
    cells = {
        at: {role.id: Level(letter) for role, letter in zip(columns, letters, strict=True) if letter != "-"}
        for at, (_, letters) in enumerate(named, 1)
    }
    return Grid(activities, columns, (), cells, culture)


def with_names(grid, *names):
    """The grid with its first activities renamed."""
    renamed = [replace(row, name=name) for row, name in zip(grid.activities, names, strict=False)]
    return replace(grid, activities=(*renamed, *grid.activities[len(renamed) :]))


def references():
    """The house references by culture, each 18 activities and 4 roles, as the catalogue gives them."""
    with REFERENCES.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return {culture: _reference(culture, [x for x in lines if x["culture"] == culture]) for culture in _cultures(lines)}


def catalogue_references():
    """The references of the cultures as a matrix is measured against them, from the catalogue itself."""
    catalogue = load()
    return {x.key: Reference(x.key, x.name.lower(), catalogue.reference(x.key)) for x in catalogue.cultures}


def keeping(grid, activity, *departures):
    """The grid with these departures on one activity."""
    rows = (replace(row, departures=departures) if row.id == activity else row for row in grid.activities)
    return replace(grid, activities=tuple(rows))


def with_levels(grid, activity, levels):
    """The grid with some levels of one activity changed: role id -> letter, "-" for not involved."""
    row = {**grid.cells[activity], **levels}
    cells = {role: Level(letter) for role, letter in row.items() if letter != "-"}
    return replace(grid, cells={**grid.cells, activity: cells})


@st.composite
def grids(draw, max_rows=6, max_roles=5):
    """Any small grid: alike names, shared origins, rows without a Lead and with two, departures of all ages."""
    roles = tuple(
        Role(at, draw(st.sampled_from(NAMES)), origin=draw(st.sampled_from(["", "a", "b"])), headcount=draw(_headcount))
        for at in draw(_ids(max_roles))
    )
    role_ids = [role.id for role in roles]
    activities = tuple(
        Activity(
            at,
            draw(st.sampled_from(NAMES)),
            origin=draw(st.sampled_from(["", "x", "y"])),
            deliverer=draw(st.sampled_from([None, *role_ids])),
            departures=draw(_departures(role_ids)),
        )
        for at in draw(_ids(max_rows))
    )
    cells = {a.id: {r: level for r in role_ids if (level := draw(_level))} for a in activities}
    return Grid(activities, roles, (), cells, draw(st.sampled_from(["", "sales"])))


_level = st.sampled_from([None, *Level])
_headcount = st.sampled_from([None, 0, 1, 20])


def _departures(roles):
    """A few, at most one for a role and reference."""
    if not roles:
        return st.just(())
    keys, ends = st.sampled_from(["market", "house-3"]), st.sampled_from([None, date(2026, 11, 21), TODAY])
    each = st.builds(Departure, st.sampled_from(roles), keys, _level, st.just("Agreed."), ends)
    return st.lists(each, max_size=3, unique_by=lambda x: (x.role, x.against)).map(tuple)


def _ids(most):
    return st.lists(st.integers(0, 50), unique=True, max_size=most)


def _cultures(lines):
    return dict.fromkeys(line["culture"] for line in lines)


def _reference(culture, lines):
    roles = tuple(Role(at, name, origin=origin) for at, (name, origin) in enumerate(ORIGINS.items(), 1))
    activities = tuple(Activity(int(x["position"]), x["activity"], origin=f"house-{x['position']}") for x in lines)
    cells = {int(x["position"]): {role.id: Level[x[role.name].upper()] for role in roles} for x in lines}
    return Grid(activities, roles, (), cells, culture)
