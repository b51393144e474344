"""What a page has seen, when it sends edits one after another: its own do not stand in its way, those of others do."""

import pytest

from raci.grid.levels import Level
from raci.matrices.conflicts import CellConflict
from raci.matrices.operations import Sender, set_block, set_level
from tests.factories import make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


def _set(matrix, member, column, level, seen, own=()):
    return set_level(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=rows_of(matrix)[0].pk,
        role=roles_of(matrix)[column].pk,
        level=level,
        seen=seen,
        own=own,
    ).change


def test_two_quick_presses_on_one_cell_are_both_taken(small, editor):
    seen = revision(small)
    first = _set(small, editor, 2, Level.INFORMED, seen)
    _set(small, editor, 2, Level.CONTRIBUTE, seen, [first.revision])
    assert letters(small)[0] == "LSC"


def test_what_a_colleague_did_between_two_quick_presses_is_not_overwritten(small, editor, owner):
    seen = revision(small)
    first = _set(small, editor, 0, None, seen)
    _set(small, owner, 2, Level.SUPPORT, revision(small))
    with pytest.raises(CellConflict) as refused:
        _set(small, editor, 2, Level.INFORMED, seen, [first.revision])
    assert (refused.value.theirs, refused.value.mine) == (Level.SUPPORT, Level.INFORMED)
    assert letters(small)[0] == ".SS"


def test_nobody_passes_a_colleagues_change_off_as_their_own(small, editor, owner):
    seen = revision(small)
    theirs = _set(small, owner, 2, Level.SUPPORT, seen)
    with pytest.raises(CellConflict):
        _set(small, editor, 2, Level.INFORMED, seen, [theirs.revision])


def test_ones_own_change_on_another_page_is_not_overwritten_either(small, editor):
    seen = revision(small)
    _set(small, editor, 2, Level.SUPPORT, seen)
    with pytest.raises(CellConflict, match="on another page"):
        _set(small, editor, 2, Level.INFORMED, seen)


def test_a_block_knows_the_pages_own_changes_too(small, editor, owner):
    seen = revision(small)
    first = _set(small, editor, 2, Level.INFORMED, seen)
    told = {
        "matrix": small.pk,
        "sender": Sender(editor),
        "activities": [rows_of(small)[0].pk],
        "roles": [roles_of(small)[2].pk],
        "levels": [[Level.CONTRIBUTE]],
        "seen": [seen],
    }
    with pytest.raises(CellConflict):
        set_block(**told)
    set_block(**told, own=[first.revision])
    assert letters(small)[0] == "LSC"
