"""A grid as JSON and back, exactly."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.grid import Activity, Departure, Grid, Named, Role, Stage
from raci.grid.levels import Level
from raci.grid.plain import from_plain, to_plain
from tests.grid.builders import catalogue_references, grids

FULL = Grid(
    activities=(
        Activity(
            7,
            "Preise “öffnen” 🚀",
            3,
            "pricing",
            "Erste Zeile\nzweite",
            "Notiz",
            12,
            (Named(11, "Zoë Ünal", "prüft"),),
            (Departure(11, "market", None, "Weil…", date(2026, 3, 12), 5), Departure(12, "house-3", Level.LEAD, "Why")),
        ),
        Activity(0, "Blank"),
    ),
    roles=(Role(11, "Sales", "SA", "sales", "Sells.", ("Zoë Ünal", "Jo"), 0), Role(12, "Legal")),
    stages=(Stage(3, "Sell", "sell"), Stage(4, "Empty")),
    cells={7: {11: Level.LEAD, 12: Level.SUPPORT}, 0: {}},
    culture="market",
)


def through_json(grid):
    return from_plain(json.loads(json.dumps(to_plain(grid))))


def test_every_field_comes_back_from_json_as_it_was():
    assert through_json(FULL) == FULL
    assert through_json(Grid()) == Grid()


def test_nothing_of_a_grid_is_left_out_but_the_accounts_that_fill_a_role():
    plain = to_plain(FULL)
    parts = [(Grid, plain), (Activity, plain["activities"][0]), (Role, plain["roles"][0]), (Stage, plain["stages"][0])]
    row = plain["activities"][0]
    for kind, data in [*parts, (Named, row["people"][0]), (Departure, row["departures"][0])]:
        assert set(data) == set(kind.__dataclass_fields__) - {"members", "answers"}
    filled = replace(FULL, roles=tuple(replace(role, members=(5, 7), answers=5) for role in FULL.roles))
    assert to_plain(filled) == plain


@pytest.mark.parametrize("reference", catalogue_references().values(), ids=lambda x: x.key)
def test_the_references_come_back_as_they_were(reference):
    assert through_json(reference.grid) == reference.grid


@given(grids(), st.text(), st.lists(st.text()).map(tuple))
def test_any_grid_and_any_text_come_back_as_they_were(grid, text, texts):
    role = Role(99, text, text, text, text, texts, None)
    grid = replace(grid, roles=(*grid.roles, role), stages=(Stage(1, text),), culture=text)
    assert through_json(grid) == grid


def test_equal_grids_give_the_same_text_whatever_the_order_their_cells_were_set_in():
    turned = {row: dict(reversed(levels.items())) for row, levels in reversed(FULL.cells.items())}
    again = replace(FULL, cells=turned)
    assert again == FULL
    assert json.dumps(to_plain(again)) == json.dumps(to_plain(FULL))


def changed(path, value):
    """The full grid as plain values, with one of them replaced."""
    data = json.loads(json.dumps(to_plain(FULL)))
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "The matrix is not a set of named fields."),
        ([], "The matrix is not a set of named fields."),
        ({}, "The matrix has no culture."),
        (changed(["extra"], 1), "The matrix has a field 'extra' that is not known."),
        (changed(["culture"], None), "The matrix: culture is not text."),
        (changed(["roles"], {}), "The matrix: roles is not a list."),
        (changed(["roles", 0], "Sales"), "A role is not a set of named fields."),
        (changed(["roles", 0, "id"], "11"), "A role: id is not a whole number."),
        (changed(["roles", 0, "id"], True), "A role: id is not a whole number."),
        (changed(["roles", 0, "headcount"], 1.5), "A role: headcount is not a whole number."),
        (changed(["roles", 0, "people"], [1]), "A role: people holds something that is not text."),
        (changed(["roles", 0, "id"], 12), "Two of the roles have one id."),
        (changed(["activities", 0, "id"], 0), "Two of the activities have one id."),
        (changed(["stages", 0, "id"], 4), "Two of the stages have one id."),
        (changed(["activities", 0, "people", 0], {"role": 1}), "A person on an activity has no name."),
        (
            changed(["activities", 0, "departures", 0, "until"], "12 Mar"),
            "A departure: until is not a day such as 2026-03-12.",
        ),
        (
            changed(["activities", 0, "departures", 0, "until"], 12),
            "A departure: until is not a day such as 2026-03-12.",
        ),
        (changed(["activities", 0, "departures", 0, "theirs"], "X"), "'X' is not a level; levels are L, S, C, I."),
        (changed(["cells", "7", "11"], None), "None is not a level; levels are L, S, C, I."),
        (changed(["cells", "7", "11"], ["L"]), "['L'] is not a level; levels are L, S, C, I."),
        (changed(["cells", "7"], "L"), "A row of cells: not a set of ids with their levels."),
        (changed(["cells"], []), "The cells: not a set of ids with their levels."),
        (changed(["cells", "seven"], {}), "The cells: 'seven' is not an id."),
        (changed(["cells", "07"], {}), "The cells: '07' is not an id."),
    ],
)
def test_what_is_no_grid_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(ValueError, match=r".") as refused:
        from_plain(data)
    assert str(refused.value) == sentence
