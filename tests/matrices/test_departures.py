"""Deciding on differences: keep, let go, take and follow, with what the log, undo and other editors make of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from raci.matrices import undo as undoing
from raci.matrices.departures import REASON_LIMIT, let_go
from raci.matrices.models import Matrix
from raci.matrices.sentences import tell
from raci.matrices.structure import merge_roles, remove_role
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.departing import C, I, L, S, cells, keep_cell, kept, set_cell, take_cells
from tests.matrices.reading import letters, revision, roles_of, rows_of, to


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LSC", "SL.")


# ---- Keep


def test_a_departure_says_what_is_kept_why_by_whom_and_until_when(small, editor):
    until = timezone.localdate() + timedelta(days=30)
    done = keep_cell(small, editor, role2=S, until=until, reason="  We sell in person.  ")
    role = roles_of(small)[1]
    assert kept(rows_of(small)[0]) == {
        f"{role.pk}:market": {
            "ours": "S",
            "theirs": None,
            "reason": "We sell in person.",
            "until": until.isoformat(),
            "by": editor.user_id,
        }
    }
    assert letters(small) == ["LSC", "SL."]
    assert "keeps Role 2 as it is until" in tell(done.change).headline
    assert "We sell in person." in tell(done.change).headline
    invariants.check()


def test_said_again_it_renews_the_reason_and_the_end(small, editor, owner):
    keep_cell(small, editor, role2=S, reason="First")
    keep_cell(small, owner, role2=S, reason="Second", until=timezone.localdate())
    (departure,) = kept(rows_of(small)[0]).values()
    assert (departure["reason"], departure["by"]) == ("Second", owner.user_id)
    assert departure["until"] == timezone.localdate().isoformat()


def test_a_reason_is_needed_and_has_its_length(small, editor):
    for reason in ("", "  \n ", "x" * (REASON_LIMIT + 1), "a\x00b"):
        with pytest.raises(Refused):
            keep_cell(small, editor, role2=S, reason=reason)
    assert keep_cell(small, editor, role2=S, reason="x" * REASON_LIMIT).change


def test_an_end_is_today_or_later(small, editor):
    with pytest.raises(Refused, match="That day has passed"):
        keep_cell(small, editor, role2=S, until=timezone.localdate() - timedelta(days=1))
    assert keep_cell(small, editor, role2=S, until=timezone.localdate()).change


def test_a_level_that_is_another_by_now_is_not_kept(small, editor, owner):
    seen = revision(small)
    set_cell(small, owner, 2, C)
    with pytest.raises(Conflict):
        keep_cell(small, editor, role2=S, seen=seen)
    with pytest.raises(Conflict):
        keep_cell(small, editor, role2=S)  # a fresh page that says something else than the matrix
    assert kept(rows_of(small)[0]) == {}


def test_another_cell_of_the_row_may_have_changed(small, editor, owner):
    seen = revision(small)
    set_cell(small, owner, 3, I)
    assert keep_cell(small, editor, role2=S, seen=seen).change


# ---- It goes with what it explains


def test_it_goes_with_its_level_and_comes_back_with_it(small, editor):
    keep_cell(small, editor, role2=S)
    before = kept(rows_of(small)[0])
    set_cell(small, editor, 2, C)
    assert kept(rows_of(small)[0]) == {}
    undoing.undo(**to(small, editor))
    assert kept(rows_of(small)[0]) == before
    undoing.redo(**to(small, editor))
    assert kept(rows_of(small)[0]) == {}
    invariants.check()


def test_it_stays_when_another_cell_changes(small, editor):
    keep_cell(small, editor, role2=S)
    set_cell(small, editor, 3, I)
    assert len(kept(rows_of(small)[0])) == 1


def test_giving_the_lead_elsewhere_lets_the_former_leads_departure_go(small, editor):
    keep_cell(small, editor, role1=L)
    set_cell(small, editor, 3, L)
    assert letters(small)[0] == "SSL"
    assert kept(rows_of(small)[0]) == {}


def test_keeping_is_undone_and_redone(small, editor):
    keep_cell(small, editor, role2=S)
    after = kept(rows_of(small)[0])
    undoing.undo(**to(small, editor))
    assert kept(rows_of(small)[0]) == {}
    undoing.redo(**to(small, editor))
    assert kept(rows_of(small)[0]) == after
    invariants.check()


def test_two_departures_of_one_row_are_undone_apart(small, editor, owner):
    keep_cell(small, editor, role2=S)
    keep_cell(small, owner, role3=C, reason="The other one")
    undoing.undo(**to(small, editor))
    assert [departure["reason"] for departure in kept(rows_of(small)[0]).values()] == ["The other one"]
    invariants.check()


def test_it_goes_with_its_role_and_comes_back_with_it(small, editor):
    keep_cell(small, editor, role2=S)
    before = kept(rows_of(small)[0])
    gone, heir = roles_of(small)[1], roles_of(small)[0]
    remove_role(**to(small, editor), role=gone.pk, heir=heir.pk)
    assert kept(rows_of(small)[0]) == {}
    undoing.undo(**to(small, editor))
    assert kept(rows_of(small)[0]) == before
    invariants.check()


def test_a_merge_lets_the_departures_of_the_role_that_goes_go(small, editor):
    keep_cell(small, editor, role2=S)
    keep_cell(small, editor, role3=C)
    gone, into = roles_of(small)[1], roles_of(small)[0]
    merge_roles(**to(small, editor), role=gone.pk, into=into.pk, seen=revision(small))
    assert [key.partition(":")[0] for key in kept(rows_of(small)[0])] == [str(roles_of(small)[1].pk)]
    undoing.undo(**to(small, editor))
    assert len(kept(rows_of(small)[0])) == 2
    invariants.check()


# ---- Let go


def test_a_difference_let_go_is_to_be_decided_again(small, editor):
    keep_cell(small, editor, role2=S)
    keep_cell(small, editor, role3=C)
    ours = cells(small, role2=S)
    done = let_go(
        **to(small, editor),
        activity=rows_of(small)[0].pk,
        ours=ours,
        against="market",
        reference="market-led",
        seen=revision(small),
    )
    assert list(kept(rows_of(small)[0])) == [f"{roles_of(small)[2].pk}:market"]
    assert "is to be decided again against market-led" in tell(done.change).headline
    undoing.undo(**to(small, editor))
    assert len(kept(rows_of(small)[0])) == 2
    invariants.check()


def test_letting_go_of_what_nobody_keeps_changes_nothing(small, editor):
    done = let_go(
        **to(small, editor),
        activity=rows_of(small)[0].pk,
        ours=cells(small, role2=S),
        against="market",
        reference="market-led",
        seen=1,
    )
    assert done.change is None
    assert revision(small) == 1


# ---- Take


def test_a_cell_is_taken(small, editor):
    take_cells(small, editor, cells(small, role2=S), cells(small, role2=None))
    assert letters(small) == ["L.C", "SL."]
    undoing.undo(**to(small, editor))
    assert letters(small) == ["LSC", "SL."]
    invariants.check()


def test_both_cells_of_a_move_of_the_lead_are_taken_in_one_change(small, editor):
    take_cells(small, editor, cells(small, role1=L, role2=S), cells(small, role1=I, role2=L))
    assert letters(small)[0] == "ILC"
    assert revision(small) == 2
    undoing.undo(**to(small, editor))
    assert letters(small)[0] == "LSC"
    invariants.check()


def test_taking_what_leaves_nobody_to_lead_is_refused(small, editor):
    with pytest.raises(Refused, match="Nobody would lead “Activity 1” then"):
        take_cells(small, editor, cells(small, role1=L), cells(small, role1=None))
    assert letters(small)[0] == "LSC"


def test_taking_lets_the_departure_of_the_cell_go(small, editor):
    keep_cell(small, editor, role2=S)
    take_cells(small, editor, cells(small, role2=S), cells(small, role2=None))
    assert kept(rows_of(small)[0]) == {}


def test_a_cell_that_somebody_changed_meanwhile_is_not_taken(small, editor, owner):
    seen, ours, theirs = revision(small), cells(small, role2=S), cells(small, role2=None)
    set_cell(small, owner, 2, C)
    with pytest.raises(Conflict):
        take_cells(small, editor, ours, theirs, seen=seen)
    assert letters(small)[0] == "LCC"


def test_a_lead_that_moved_meanwhile_is_not_taken(small, editor, owner):
    seen = revision(small)
    set_cell(small, owner, 3, L)
    with pytest.raises(Conflict):
        take_cells(small, editor, cells(small, role2=S), cells(small, role2=L), seen=seen)
    assert letters(small)[0] == "SSL"
