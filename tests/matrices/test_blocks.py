import pytest

from raci.matrices.conflicts import CellConflict
from raci.matrices.operations import (
    set_block,
)
from raci.web.refusals import Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import C, L, S, set_cell
from tests.matrices.reading import letters, revision, roles_of, rows_of, to


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture(autouse=True)
def _invariants_hold(request, db):
    yield
    invariants.check()


def _block(matrix, member, levels, *, rows=(0, 1), columns=(0, 1, 2), seen=None):
    at = revision(matrix) if seen is None else seen
    return set_block(
        **to(matrix, member),
        activities=[rows_of(matrix)[row].pk for row in rows],
        roles=[roles_of(matrix)[column].pk for column in columns],
        levels=levels,
        seen=[at] * len(rows),
    )


def test_a_block_is_one_change(small, editor):
    done, moved = _block(small, editor, [[None, L, S], [L, C, None]])
    assert letters(small) == [".LS", "LC."]
    assert (done.change.kind, done.change.revision, moved) == ("block", 2, 0)


def test_two_leads_in_a_row_of_a_block_become_one_and_it_says_so(small, editor):
    _, moved = _block(small, editor, [[L, L, L], [L, None, None]])
    assert letters(small) == ["LSS", "L.."]
    assert moved == 2


def test_a_lead_outside_the_block_becomes_support(small, editor):
    _block(small, editor, [[L]], rows=[0], columns=[2])
    assert letters(small)[0] == "SSL"


def test_a_block_is_refused_whole_when_one_cell_is_stale(small, owner, editor):
    set_cell(small, owner, 1, 2, C, seen=1)
    with pytest.raises(CellConflict):
        _block(small, editor, [[None, None, L], [None, None, L]], seen=1)
    assert letters(small) == ["LS.", ".LC"]


def test_a_block_with_a_foreign_row_is_refused_whole(small, editor, foreign_matrix):
    with pytest.raises(Refused, match="not in this matrix"):
        set_block(
            **to(small, editor),
            activities=[rows_of(small)[0].pk, rows_of(foreign_matrix)[0].pk],
            roles=[roles_of(small)[0].pk],
            levels=[[C], [C]],
            seen=[1, 1],
        )
    assert letters(small) == ["LS.", ".LI"]


def test_a_block_takes_no_more_statements_for_many_rows(owner, django_assert_max_num_queries):
    large = make_matrix(owner, *["LSCI"] * 60)
    rows, roles = [row.pk for row in rows_of(large)], [role.pk for role in roles_of(large)]
    with django_assert_max_num_queries(20):
        set_block(
            **to(large, owner), activities=rows, roles=roles, levels=[[S, L, S, C]] * 60, seen=[large.revision] * 60
        )
    assert letters(large) == ["SLSC"] * 60
