import pytest

from raci.grid.levels import Notation
from raci.matrices.conflicts import CellConflict
from raci.matrices.operations import (
    Sender,
    create_matrix,
)
from raci.matrices.structure import remove_activity
from raci.web.refusals import Malformed, Refused
from tests import invariants
from tests.factories import make_grid, make_matrix
from tests.matrices.operating import C, I, L, set_cell
from tests.matrices.reading import letters, revision, rows_of, to


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture(autouse=True)
def _invariants_hold(request, db):
    yield
    invariants.check()


# ---- Two people at once


def test_a_cell_that_somebody_changed_meanwhile_is_refused_with_both_values(small, owner, editor):
    set_cell(small, owner, 0, 1, C, seen=1)
    with pytest.raises(CellConflict) as refusal:
        set_cell(small, editor, 0, 1, I, seen=1)
    assert (refusal.value.status, refusal.value.theirs, refusal.value.mine) == (409, C, I)
    assert "Olive Owner" in str(refusal.value)
    assert letters(small)[0] == "LC."


def test_both_wanting_the_same_is_no_conflict(small, owner, editor):
    set_cell(small, owner, 0, 1, C, seen=1)
    assert set_cell(small, editor, 0, 1, C, seen=1).change is None


def test_another_cell_of_the_same_row_is_no_conflict(small, owner, editor):
    set_cell(small, owner, 0, 1, C, seen=1)
    set_cell(small, editor, 0, 2, I, seen=1)
    assert letters(small)[0] == "LCI"


def test_giving_the_lead_looks_at_the_whole_row(small, owner, editor):
    set_cell(small, owner, 0, 1, L, seen=1)
    with pytest.raises(CellConflict, match="you chose Lead: Role 2 is Lead now") as refusal:
        set_cell(small, editor, 0, 2, L, seen=1)
    assert refusal.value.mine is L
    assert refusal.value.said_in(Notation.RACI).endswith("you chose Accountable: Role 2 is Accountable now.")
    assert letters(small)[0] == "SL."


def test_my_own_other_page_is_named_as_such(small, owner):
    set_cell(small, owner, 0, 1, C, seen=1)
    with pytest.raises(CellConflict, match="You, on another page"):
        set_cell(small, owner, 0, 1, I, seen=1)


def test_a_level_in_a_removed_and_restored_row_is_looked_at_too(small, owner, editor):
    from raci.matrices.undo import undo

    remove_activity(**to(small, owner), activity=rows_of(small)[0].pk)
    undo(**to(small, owner))
    with pytest.raises(CellConflict):
        set_cell(small, editor, 0, 1, I, seen=1)


# ---- The same submission again


def test_the_same_key_is_applied_once(small, editor):
    first = set_cell(small, editor, 0, 1, C, seen=1, key="one")
    again = set_cell(small, editor, 0, 1, C, seen=1, key="one")
    assert again.replayed
    assert again.change == first.change
    assert revision(small) == 2


def test_a_late_repetition_does_not_overwrite_what_came_after(small, owner, editor):
    set_cell(small, editor, 0, 1, C, seen=1, key="one")
    set_cell(small, owner, 0, 1, I, seen=2)
    assert set_cell(small, editor, 0, 1, C, seen=1, key="one").replayed
    assert letters(small)[0] == "LI."


def test_the_same_key_with_other_values_is_refused(small, editor):
    set_cell(small, editor, 0, 1, C, key="one")
    with pytest.raises(Refused, match="other values") as refusal:
        set_cell(small, editor, 0, 1, I, key="one")
    assert refusal.value.status == 422
    assert letters(small)[0] == "LC."


def test_the_same_key_for_another_matrix_is_refused(small, editor):
    other = make_matrix(editor, "LS.")
    set_cell(small, editor, 0, 1, C, key="one")
    with pytest.raises(Refused, match="other values"):
        set_cell(other, editor, 0, 1, C, key="one")


def test_two_people_may_use_the_same_key(small, owner, editor):
    set_cell(small, owner, 0, 1, C, key="one")
    set_cell(small, editor, 0, 2, C, key="one")
    assert letters(small)[0] == "LCC"


@pytest.mark.parametrize("key", ["x" * 65, "a\0b", "\ud800"])
def test_a_key_that_no_page_of_ours_sends_is_malformed(small, editor, key):
    with pytest.raises(Malformed):
        set_cell(small, editor, 0, 1, C, key=key)
    with pytest.raises(Malformed):
        create_matrix(sender=Sender(editor, key), name="Launch", grid=make_grid("L"))
