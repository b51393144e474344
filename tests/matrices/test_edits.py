"""The arithmetic of changes: what is taken away can be put back, whatever the two states are."""

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from raci.matrices.edits import TABLES, applied, diff, inverse, overtaken

FIFTY = settings(max_examples=50, deadline=None)
LETTERS = st.sampled_from("LSCI")
IDS = st.integers(-6, 6).filter(bool)
CELLS = st.dictionaries(IDS.map(str), LETTERS, max_size=4)
NAMES = st.text(max_size=5)
ROWS = {
    "matrix": st.fixed_dictionaries(
        {"name": NAMES, "asides": st.dictionaries(NAMES, NAMES, max_size=3), "house_id": st.none() | IDS}
    ),
    "stage": st.fixed_dictionaries({"name": NAMES, "position": st.integers(1, 9)}),
    "role": st.fixed_dictionaries(
        {
            "name": NAMES,
            "position": st.integers(1, 9),
            "people": st.lists(NAMES, max_size=2),
            "members": st.lists(IDS, max_size=2),
            "answers": st.none() | IDS,
            "contact": NAMES,
        }
    ),
    "activity": st.fixed_dictionaries(
        {
            "name": NAMES,
            "position": st.integers(1, 9),
            "stage_id": st.none() | IDS,
            "cells": CELLS,
            "departures": st.dictionaries(IDS.map(lambda role: f"{role}:market"), NAMES, max_size=2),
        }
    ),
}
STATES = st.fixed_dictionaries({table: st.dictionaries(IDS, ROWS[table], max_size=4) for table in TABLES})


@FIFTY
@given(STATES, STATES)
def test_applying_the_difference_gives_the_other_state(before, after):
    assert applied(before, diff(before, after)) == after


@FIFTY
@given(STATES, STATES)
def test_applying_the_inverse_gives_the_first_state_back(before, after):
    edits = diff(before, after)
    assert applied(applied(before, edits), inverse(edits)) == before


@FIFTY
@given(STATES, STATES)
def test_the_inverse_of_the_inverse_is_the_edit(before, after):
    edits = diff(before, after)
    assert inverse(inverse(edits)) == edits


def test_a_row_made_before_a_field_was_there_has_its_first_value():
    """The log of an older release stays readable."""
    made = {"table": "activity", "id": 1, "name": "A", "before": None, "after": {"name": "A", "cells": {}}}
    assert applied({}, [made])["activity"] == {1: {"name": "A", "cells": {}, "departures": {}}}
    made = {"table": "role", "id": 1, "name": "A", "before": None, "after": {"name": "A"}}
    assert applied({}, [made])["role"] == {1: {"name": "A", "members": [], "answers": None, "contact": ""}}


@FIFTY
@given(STATES)
def test_equal_states_differ_in_nothing(state):
    assert diff(state, state) == []


@FIFTY
@given(STATES, STATES)
def test_applying_leaves_the_given_state_alone(before, after):
    copy = deepcopy(before)
    applied(before, diff(before, after))
    assert before == copy


@FIFTY
@given(STATES, STATES)
def test_a_change_stands_right_after_it_was_made(before, after):
    assert overtaken(after, diff(before, after)) == []


@FIFTY
@given(STATES, STATES, STATES)
def test_a_change_that_was_not_overtaken_leaves_later_values_alone_when_taken_back(first, second, third):
    edits = diff(first, second)
    if overtaken(third, edits):
        return
    back = applied(third, inverse(edits))
    touched = {(edit["table"], edit["id"]) for edit in edits}
    for table in TABLES:
        for pk in third[table].keys() | back[table].keys():
            if (table, pk) not in touched:
                assert third[table].get(pk) == back[table].get(pk)


def _row(**cells):
    return {"activity": {1: {"name": "Price", "position": 1, "cells": cells}}}


def test_two_cells_of_one_row_do_not_stand_in_each_others_way():
    edits = diff(_row(), _row(**{"7": "S"}))
    later = _row(**{"7": "S", "8": "C"})
    assert overtaken(later, edits) == []
    assert applied(later, inverse(edits))["activity"][1]["cells"] == {"8": "C"}


def test_a_cell_that_was_changed_again_is_overtaken():
    edits = diff(_row(), _row(**{"7": "S"}))
    assert overtaken(_row(**{"7": "C"}), edits) == edits
    assert overtaken(_row(), edits) == edits


def test_a_row_that_is_gone_is_overtaken():
    edits = diff(_row(), _row(**{"7": "S"}))
    assert overtaken({"activity": {}}, edits) == edits


def test_a_row_that_was_put_back_overtakes_its_removal():
    edits = diff(_row(), {"activity": {}})
    assert overtaken(_row(), edits) == edits
    assert overtaken({"activity": {}}, edits) == []


def test_a_new_place_alone_overtakes_nothing():
    before, after = _row(), _row()
    after["activity"][1] |= {"name": "Prices", "position": 3}
    edits = diff(before, after)
    after["activity"][1]["position"] = 5
    assert overtaken(after, edits) == []


def test_new_rows_come_in_the_order_they_were_added():
    after = {"activity": {-2: {"name": "b"}, 5: {"name": "old"}, -1: {"name": "a"}}}
    assert [edit["name"] for edit in diff({}, after)] == ["old", "a", "b"]


def test_an_edit_holds_the_changed_fields_and_cells_only():
    before, after = _row(**{"7": "S", "8": "C"}), _row(**{"7": "L", "8": "C"})
    assert diff(before, after) == [
        {"table": "activity", "id": 1, "name": "Price", "before": {"cells": {"7": "S"}}, "after": {"cells": {"7": "L"}}}
    ]
