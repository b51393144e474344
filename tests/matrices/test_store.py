"""Between the tables and plain values: nothing is lost on the way there and back."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from culture.references import reference_grid
from raci.grid.diff import diff
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level
from raci.matrices import departures, store
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, create_matrix, set_level
from raci.matrices.structure import edit_activity
from raci.matrices.undo import undo
from tests import invariants
from tests.factories import make_grid, make_matrix

WORDS = st.text("abc ä=<&'\"\u202e𝔏", min_size=1, max_size=6)


@st.composite
def whole_grids(draw):
    """Grids that use every field, with ids as an import numbers them."""
    stages = [Stage(i, draw(WORDS), draw(st.sampled_from(["", "s"]))) for i in range(1, draw(st.integers(0, 2)) + 1)]
    roles = [
        Role(
            i,
            draw(WORDS),
            draw(WORDS),
            "",
            draw(WORDS),
            tuple(draw(st.lists(WORDS, max_size=2))),
            draw(st.none() | st.integers(0, 9)),
        )
        for i in range(1, draw(st.integers(1, 4)) + 1)
    ]
    role_ids = st.sampled_from([role.id for role in roles])
    people = st.lists(st.builds(Named, role_ids, WORDS, st.just("") | WORDS), max_size=2).map(tuple)
    activities, cells = [], {}
    for pk in range(1, draw(st.integers(0, 4)) + 1):
        stage = draw(st.sampled_from([None, *(stage.id for stage in stages)]))
        activities.append(
            Activity(
                pk,
                draw(WORDS),
                stage,
                draw(st.sampled_from(["", "a"])),
                draw(WORDS),
                draw(WORDS),
                draw(st.none() | role_ids),
                draw(people),
            )
        )
        lead = draw(st.none() | role_ids)
        row = draw(st.dictionaries(role_ids, st.sampled_from([Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED])))
        cells[pk] = row | ({lead: Level.LEAD} if lead else {})
    order = [None, *(stage.id for stage in stages)]
    return Grid(
        tuple(sorted(activities, key=lambda a: order.index(a.stage))), tuple(roles), tuple(stages), cells, "market"
    )


def _told(grid):
    """What a grid says, without ids."""
    stage = {s.id: s.name for s in grid.stages}
    role = {r.id: (i, r.name) for i, r in enumerate(grid.roles)}

    def deliverer(activity):
        return None if activity.deliverer in grid.leads(activity.id) else activity.deliverer

    return (
        grid.culture,
        [(s.name, s.origin) for s in grid.stages],
        [(r.name, r.short, r.origin, r.purpose, r.people, r.headcount) for r in grid.roles],
        [
            (a.name, stage.get(a.stage), a.origin, a.description, a.notes, role.get(deliverer(a)), grid.row(a.id))
            for a in grid.activities
        ],
        [[(role[p.role], p.name, p.task) for p in a.people] for a in grid.activities],
    )


@given(whole_grids())
@settings(max_examples=50, deadline=None)
def test_a_grid_becomes_a_state_and_a_grid_again(grid):
    assert _told(store.grid_of(store.state_of(grid, name="x"))) == _told(grid)


@given(grid=whole_grids())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_grid_becomes_a_matrix_and_a_grid_again(owner, grid):
    matrix = create_matrix(sender=Sender(owner), name="x", grid=grid)
    read = store.read_grid(matrix)
    assert _told(read) == _told(grid)
    assert store.grid_of(store.read_state(matrix.pk)) == read
    matrix.delete()


@pytest.mark.parametrize("culture", ["market", "sales", "technology"])
def test_a_matrix_of_a_reference_differs_from_it_in_nothing(owner, culture):
    reference = reference_grid(culture)
    matrix = create_matrix(sender=Sender(owner), name="x", grid=reference)
    assert diff(reference, store.read_grid(matrix)).is_empty
    assert (matrix.culture_id, matrix.revision) == (culture, 1)
    invariants.check()


@pytest.mark.parametrize("rows", [1, 40])
def test_a_matrix_is_read_in_four_queries_whatever_its_size(owner, rows, django_assert_num_queries):
    matrix = create_matrix(sender=Sender(owner), name="x", grid=make_grid(*["LSCI"] * rows, stages=1))
    with django_assert_num_queries(4):
        store.read_grid(matrix)


def test_an_empty_grid_is_a_matrix_too(owner):
    matrix = create_matrix(sender=Sender(owner), name="x", grid=Grid())
    assert store.read_grid(matrix) == Grid()
    invariants.check()


def _next(matrix, act):
    """The grid as it is worked out from the change that `act` makes, and as it is read."""
    before = store.read_grid(Matrix.objects.get(pk=matrix.pk))
    done = act()
    return store.grid_after(before, done.change), store.read_grid(Matrix.objects.get(pk=matrix.pk))


def test_what_a_small_change_makes_of_a_grid_is_what_is_read_after_it(owner):
    matrix = make_matrix(owner, "LSI", "LS.")
    row, sender = matrix.activities.first().pk, Sender(owner)
    first, second, third = matrix.roles.values_list("pk", flat=True)
    what = {"matrix": matrix.pk, "sender": sender, "activity": row, "against": "market", "reference": "market-led"}
    a, b = {"ours": {second: Level.SUPPORT}}, {"ours": {first: Level.LEAD}}
    until = date(2099, 1, 1)
    for act in (
        lambda: set_level(matrix=matrix.pk, sender=sender, activity=row, role=third, level=None, seen=1),
        lambda: departures.keep(**what, **a, theirs={second: None}, reason="So", until=None, seen=2),
        lambda: departures.keep(**what, **b, theirs={first: None}, reason="Why", until=until, seen=3),
        lambda: departures.let_go(**what, **b, seen=4),
        lambda: set_level(matrix=matrix.pk, sender=sender, activity=row, role=second, level=Level.LEAD, seen=5),
        lambda: undo(matrix=matrix.pk, sender=sender),
    ):
        worked_out, read = _next(matrix, act)
        assert worked_out == read


def test_what_a_larger_change_makes_of_a_grid_is_to_be_read(owner):
    matrix = make_matrix(owner, "LSI")
    row, sender = matrix.activities.get().pk, Sender(owner)
    renamed = {"matrix": matrix.pk, "sender": sender, "activity": row, "values": {"name": "Another"}, "seen": 1}
    worked_out, _ = _next(matrix, lambda: edit_activity(**renamed))
    assert worked_out is None
