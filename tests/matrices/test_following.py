import pytest
from django.utils import timezone

from raci.grid.departures import compare
from raci.matrices import undo as undoing
from raci.matrices.departures import keep
from raci.matrices.house import save_reference
from raci.matrices.models import Matrix
from raci.matrices.operations import set_level
from raci.matrices.sentences import tell
from raci.matrices.store import grid_of, read_grid
from raci.screens.sources import culture_reference
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.matrices.departing import C, I, L, follow_, kept, moves_to
from tests.matrices.reading import letters, revision, roles_of, rows_of, to


def test_following_another_culture_moves_the_cells_in_one_change_that_is_undone_at_once(matrix, editor):
    before = read_grid(matrix)
    done = follow_(matrix, editor, "sales", moves=moves_to(matrix, "sales"))
    row = Matrix.objects.get(pk=matrix.pk)
    assert (row.culture_id, row.house_id, row.revision) == ("sales", None, 2)
    assert compare(read_grid(row), culture_reference("sales"), timezone.localdate()).differences == ()
    assert tell(done.change).headline.startswith("The matrix follows the sales-led reference now; 18 activities")
    undoing.undo(**to(matrix, editor))
    row.refresh_from_db()
    assert row.culture_id == "market"
    assert read_grid(row) == before
    undoing.redo(**to(matrix, editor))
    row.refresh_from_db()
    assert row.culture_id == "sales"
    invariants.check()


def test_following_alone_leaves_every_level(matrix, editor):
    before = letters(matrix)
    follow_(matrix, editor, "sales")
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "sales"


def test_following_what_it_follows_changes_nothing(matrix, editor):
    assert follow_(matrix, editor, "market").change is None
    assert revision(matrix) == 1


def test_departures_stay_where_nothing_moves(matrix, editor):
    grid = read_grid(matrix)
    row, role = grid.activities[0], grid.roles[0]
    keep(
        **to(matrix, editor),
        activity=row.id,
        ours={role.id: grid.level(row.id, role.id)},
        theirs={role.id: None},
        against="sales",
        reference="sales-led",
        reason="Ours",
        until=None,
        seen=1,
    )
    follow_(matrix, editor, "technology", moves=moves_to(matrix, "technology"))
    assert len(kept(rows_of(matrix)[0])) == 1


def test_a_page_older_than_an_edit_of_a_cell_that_moves_is_refused_whole(matrix, editor, owner):
    moves, seen = moves_to(matrix, "sales"), revision(matrix)
    row, (ours, _) = next(iter(moves.items()))
    role = next(iter(ours))
    now = read_grid(matrix).level(row, role)
    set_level(**to(matrix, owner), activity=row, role=role, level=I if now is not I else C, seen=seen)
    before = letters(matrix)
    with pytest.raises(Conflict):
        follow_(matrix, editor, "sales", moves=moves, seen=seen)
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"


def test_an_edit_elsewhere_does_not_stand_in_its_way(matrix, editor, owner):
    moves, seen = moves_to(matrix, "sales"), revision(matrix)
    still = rows_of(matrix)[0]
    del moves[still.pk]
    role = next(role for role in roles_of(matrix) if not still.assignments.filter(role=role, level="L"))
    now = read_grid(matrix).level(still.pk, role.pk)
    set_level(**to(matrix, owner), activity=still.pk, role=role.pk, level=I if now is not I else C, seen=seen)
    assert follow_(matrix, editor, "sales", moves=moves, seen=seen).change


def test_another_reference_chosen_meanwhile_is_a_conflict(matrix, editor, owner):
    seen = revision(matrix)
    follow_(matrix, owner, "technology")
    with pytest.raises(Conflict, match="chose another reference"):
        follow_(matrix, editor, "sales", seen=seen)
    assert follow_(matrix, editor, "sales").change


def test_a_row_that_is_gone_or_foreign_is_refused(matrix, editor, foreign_matrix):
    foreign = rows_of(foreign_matrix)[0]
    for activity in (foreign.pk, 999_999):
        with pytest.raises(Refused):
            follow_(matrix, editor, "sales", moves={activity: ({}, {})})
    assert revision(matrix) == 1


def test_what_leaves_nobody_to_lead_is_refused_whole(matrix, editor):
    grid = read_grid(matrix)
    row = grid.activities[0].id
    lead = grid.lead(row)
    with pytest.raises(Refused, match="Nobody would lead"):
        follow_(matrix, editor, "sales", moves={row: ({lead: L}, {lead: None})})
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"


def test_a_house_reference_is_followed_and_named_in_the_log(matrix, editor):
    house = save_reference(by=editor, matrix=matrix, name="House 2026")
    done = follow_(matrix, editor, "market", house=house.pk)
    assert tell(done.change).headline == "The matrix follows “House 2026” now."
    assert Matrix.objects.get(pk=matrix.pk).house_id == house.pk
    done = follow_(matrix, editor, "market")
    assert Matrix.objects.get(pk=matrix.pk).house_id is None
    undoing.undo(**to(matrix, editor))
    assert Matrix.objects.get(pk=matrix.pk).house_id == house.pk
    invariants.check()


def test_a_house_reference_of_another_workspace_is_refused_like_none(matrix, editor, stranger, foreign_matrix):
    foreign = save_reference(by=stranger, matrix=foreign_matrix, name="Bolt's own")
    said = set()
    for pk in (foreign.pk, 999_999):
        with pytest.raises(Refused) as refused:
            follow_(matrix, editor, "market", house=pk)
        said.add(refused.value.sentence)
    assert len(said) == 1
    assert revision(matrix) == 1


def test_an_earlier_revision_is_shown_and_restored_with_what_it_followed(matrix, editor):
    house = save_reference(by=editor, matrix=matrix, name="House 2026")
    follow_(matrix, editor, "market", house=house.pk)
    follow_(matrix, editor, "sales", moves=moves_to(Matrix.objects.get(pk=matrix.pk), "sales"))
    assert grid_of(undoing.state_at(Matrix.objects.get(pk=matrix.pk), 2)).culture == "market"
    undoing.restore(**to(matrix, editor), revision=2)
    row = Matrix.objects.get(pk=matrix.pk)
    assert (row.culture_id, row.house_id) == ("market", house.pk)
    invariants.check()
