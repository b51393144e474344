"""What happened to roles between two grids, and which rows are to be confirmed because of it."""

from dataclasses import replace
from datetime import date

from raci.grid.grid import Grid, Role
from raci.grid.levels import Level
from raci.publishing.upkeep import Happened, events, unconfirmed
from tests.factories import make_grid

FIRST, SECOND, THIRD = 101, 102, 103


def grid(*rows: str) -> Grid:
    return make_grid(*rows)


def with_role(before: Grid, role: int, **values) -> Grid:
    return replace(before, roles=tuple(replace(r, **values) if r.id == role else r for r in before.roles))


def without_role(before: Grid, role: int) -> Grid:
    cells = {row: {r: level for r, level in levels.items() if r != role} for row, levels in before.cells.items()}
    return replace(before, roles=tuple(r for r in before.roles if r.id != role), cells=cells)


def test_nothing_happened_to_a_grid_that_is_the_same():
    same = grid("LSC", "SLI")
    assert events(same, same, filled=[]) == ()


def test_a_renamed_role_concerns_the_rows_it_leads_or_supports():
    before = grid("LSC", "SLI", "CSL", "..L")
    (event,) = events(before, with_role(before, FIRST, name="Client Care"))
    assert (event.kind, event.what) == (Happened.RENAMED, "Role 1 was renamed to Client Care")
    assert event.rows == (1, 2)


def test_a_role_that_delivers_is_concerned_too():
    before = grid("L.C", "SL.")
    rows = tuple(replace(row, deliverer=THIRD if row.id == 1 else None) for row in before.activities)
    before = replace(before, activities=rows)
    (event,) = events(before, with_role(before, THIRD, name="Agency"))
    assert event.rows == (1,)


def test_another_name_is_another_event_and_the_old_name_again_is_none():
    before = grid("LS")
    (one,) = events(before, with_role(before, FIRST, name="One"))
    (two,) = events(before, with_role(before, FIRST, name="Two"))
    assert one.key.startswith("renamed:101:")
    assert one.key != two.key
    assert events(before, with_role(before, FIRST, name="Role 1")) == ()


def test_a_role_is_emptied_only_where_somebody_filled_it():
    before = with_role(grid("LS", "SL"), FIRST, people=("Mei",))
    after = with_role(before, FIRST, people=())
    (event,) = events(before, after, filled=[FIRST])
    assert (event.key, event.what) == ("emptied:101", "Role 1 lost everybody who filled it")
    assert event.rows == (1, 2)
    assert events(before, after, filled=[]) == ()


def test_whoever_is_left_in_a_role_fills_it():
    before = with_role(grid("LS"), FIRST, people=("Mei",))
    for left in ({"members": (7,)}, {"headcount": 2}, {"people": ("Ben",)}):
        assert events(before, with_role(before, FIRST, **{"people": (), **left}), filled=[FIRST]) == ()
    (event,) = events(before, with_role(before, FIRST, people=(), headcount=0), filled=[FIRST])
    assert event.kind is Happened.EMPTIED


def test_a_role_that_is_gone_concerns_the_rows_of_the_version_that_are_still_there():
    before = grid("LSC", "SLI", "CCL", "LS.")
    after = without_role(before, FIRST)
    after = replace(after, activities=tuple(row for row in after.activities if row.id != 4))
    (event,) = events(before, after)
    assert (event.key, event.what, event.rows) == ("gone:101", "Role 1 was removed", (1, 2))


def test_a_new_role_concerns_the_rows_it_has_in_the_draft():
    before = grid("LS", "SL", "LS")
    new = Role(999, "Data Science")
    cells = {**before.cells, 1: {new.id: Level.LEAD}, 2: {**before.cells[2], new.id: Level.CONTRIBUTE}}
    (event,) = events(before, replace(before, roles=(*before.roles, new), cells=cells))
    assert (event.key, event.what, event.rows) == ("new:999", "Data Science was added", (1,))


def test_a_role_without_part_in_anything_concerns_nobody():
    before = grid("L.", "L.")
    assert events(before, with_role(before, SECOND, name="Spectator")) == ()


def test_a_change_of_strategy_concerns_every_row():
    same = grid("LS", "SL", "..")
    (event,) = events(same, same, changed_on=date(2026, 11, 2))
    assert (event.key, event.rows) == ("changed:2026-11-02", (1, 2, 3))


def test_a_cause_from_the_log_says_it_better():
    before = grid("LS", "SL")
    (event,) = events(before, without_role(before, FIRST), causes={FIRST: "Role 1 was merged into Role 2"})
    assert event.what == "Role 1 was merged into Role 2"
    assert event.key == "gone:101"


def test_a_row_waits_for_each_event_until_it_is_confirmed_for_it():
    before = grid("LS", "SL")
    after = with_role(with_role(before, FIRST, name="One"), SECOND, name="Two")
    one, two = events(before, after)
    assert unconfirmed((one, two), {}) == {1: (one, two), 2: (one, two)}
    assert unconfirmed((one, two), {"1": [one.key], "2": [one.key, two.key]}) == {1: (two,)}
    assert unconfirmed((one,), {"1": ["renamed:101:another"]}) == {1: (one,), 2: (one,)}
