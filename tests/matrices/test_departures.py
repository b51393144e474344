"""Deciding on differences: keep, let go, take and follow, with what the log, undo and other editors make of it."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from culture.references import reference_grid
from raci.grid.departures import compare, taken
from raci.grid.levels import Level
from raci.grid.shift import shift
from raci.matrices import undo as undoing
from raci.matrices.departures import REASON_LIMIT, Carry, follow, keep, let_go, take
from raci.matrices.house import save_reference
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, set_level
from raci.matrices.sentences import tell
from raci.matrices.store import grid_of, read_grid
from raci.matrices.structure import merge_roles, remove_role
from raci.screens.sources import culture_reference
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from tests import invariants
from tests.factories import make_grid, make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of, to

KEY = "a-key-of-one-submission"
L, S, C, I = Level  # noqa: E741 - the letters of the grid


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LSC", "SL.")


def kept(row) -> dict:
    return Activity.objects.get(pk=row.pk).departures


def cells(matrix, **levels) -> dict:
    """role1=S -> the id of the first role and that level."""
    roles = roles_of(matrix)
    return {roles[int(name.removeprefix("role")) - 1].pk: level for name, level in levels.items()}


def keep_cell(matrix, member, *, row=0, seen=None, key="", until=None, reason="Our own way", **levels):
    """Keeps the cells named, whose levels here are given; the reference has nobody there."""
    ours = cells(matrix, **levels)
    return keep(
        **to(matrix, member, key),
        activity=rows_of(matrix)[row].pk,
        ours=ours,
        theirs=dict.fromkeys(ours),
        against="market",
        reference="market-led",
        reason=reason,
        until=until,
        seen=revision(matrix) if seen is None else seen,
    )


def take_cells(matrix, member, ours, theirs, *, row=0, seen=None, key=""):
    return take(
        **to(matrix, member, key),
        activity=rows_of(matrix)[row].pk,
        ours=ours,
        theirs=theirs,
        reference="market-led",
        seen=revision(matrix) if seen is None else seen,
    )


def set_cell(matrix, member, role, level, *, row=0):
    cell = {"activity": rows_of(matrix)[row].pk, "role": roles_of(matrix)[role - 1].pk, "level": level}
    return set_level(**to(matrix, member), **cell, seen=revision(matrix))


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


# ---- Follow


def moves_to(matrix, key):
    """All that moves when an untouched matrix follows the reference of another culture."""
    old, new = (culture_reference(one) for one in (matrix.culture_id, key))
    found: dict = {}
    for move in shift(read_grid(matrix), old, new, timezone.localdate()).moves:
        ours, theirs = found.setdefault(move.activity, ({}, {}))
        ours.update({cell.role: cell.ours for cell in move.cells})
        theirs.update(taken(move))
    return found


def follow_(matrix, member, culture, *, house=None, moves=None, seen=None, key=""):
    return follow(
        **to(matrix, member, key),
        culture=culture,
        house=house,
        moves=moves or {},
        seen=revision(matrix) if seen is None else seen,
    )


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


# ---- What holds for all of them


def operations(matrix):
    """Each as one would send it for the first row of `small`, by name."""
    return {
        "keep": lambda member, key: keep_cell(matrix, member, role2=S, seen=1, key=key),
        "let go": lambda member, key: let_go(
            **to(matrix, member, key),
            activity=rows_of(matrix)[0].pk,
            ours=cells(matrix, role2=S),
            against="market",
            reference="market-led",
            seen=1,
        ),
        "take": lambda member, key: take_cells(
            matrix, member, cells(matrix, role2=S), cells(matrix, role2=None), seen=1, key=key
        ),
        "follow": lambda member, key: follow_(matrix, member, "market", seen=1, key=key),
    }


@pytest.mark.parametrize("name", ["keep", "take", "follow"])
def test_a_submission_that_comes_twice_is_applied_once(small, editor, name):
    send = operations(small)[name]
    first, second = send(editor, KEY), send(editor, KEY)
    assert second.replayed
    assert first.change == second.change
    assert Change.objects.filter(matrix=small).count() == 2
    invariants.check([KEY])


@pytest.mark.parametrize("name", ["keep", "let go", "take", "follow"])
def test_only_editors_decide(small, viewer, reviewer, ex_member, stranger, name):
    send = operations(small)[name]
    for member in (viewer, reviewer):
        with pytest.raises(Forbidden):
            send(member, "")
    for member in (ex_member, stranger):
        with pytest.raises(Http404):
            send(member, "")
    assert revision(small) == 1


@pytest.mark.parametrize("name", ["keep", "let go", "take", "follow"])
def test_an_archived_matrix_stays_as_it_is(small, editor, name):
    archive(**to(small, editor), archived=True)
    with pytest.raises(Refused, match="archived"):
        operations(small)[name](editor, "")
    assert revision(small) == 2


@pytest.mark.parametrize("name", ["keep", "let go", "take"])
def test_a_revision_from_the_future_is_no_page_of_ours(small, editor, name):
    Matrix.objects.filter(pk=small.pk).update(revision=0)
    with pytest.raises(Malformed):
        operations(small)[name](editor, "")


def test_a_foreign_row_or_role_is_refused(small, editor, foreign_matrix):
    ours = {roles_of(foreign_matrix)[0].pk: L}
    with pytest.raises(Refused):
        take_cells(small, editor, ours, ours)
    about = {"against": "market", "reference": "market-led", "reason": "Ours", "until": None, "seen": 1}
    with pytest.raises(Refused):
        keep(**to(small, editor), activity=rows_of(foreign_matrix)[0].pk, ours={}, theirs={}, **about)
    assert revision(small) == 1


# ---- Old logs


def test_a_log_from_before_departures_and_house_references_is_replayed_and_undone(small, editor):
    """Its entries do not know these fields; rows that come back from it have none kept."""
    for change in Change.objects.filter(matrix=small):
        for edit in change.edits:
            for side in ("before", "after"):
                for field in ("departures", "house_id"):
                    (edit[side] or {}).pop(field, None)
        change.save(update_fields=["edits"])
    keep_cell(small, editor, role2=S)
    follow_(small, editor, "market")
    invariants.check()
    undoing.restore(**to(small, editor), revision=1)
    assert kept(rows_of(small)[0]) == {}
    assert Matrix.objects.get(pk=small.pk).culture_id is None
    invariants.check()


def test_a_matrix_made_from_a_grid_with_departures_keeps_them(small, editor):
    keep_cell(small, editor, role2=S)
    twin = create_matrix(sender=Sender(editor), name="Twin", grid=read_grid(small))
    assert list(kept(rows_of(twin)[0])) == [f"{roles_of(twin)[1].pk}:market"]
    undoing.restore(**to(small, editor), revision=1)
    assert len(kept(rows_of(twin)[0])) == 1
    invariants.check()
    plain = create_matrix(sender=Sender(editor), name="Plain", grid=make_grid("LS"))
    assert kept(rows_of(plain)[0]) == {}


def test_the_reference_itself_is_untouched_by_what_follows_it(matrix, editor):
    before = reference_grid("market")
    follow_(matrix, editor, "sales", moves=moves_to(matrix, "sales"))
    assert reference_grid("market") == before


# ---- Decisions that overtake each other


def test_a_departure_does_not_come_back_on_a_level_it_was_never_about(small, editor, owner):
    """Keep, undo, another level by somebody else: redo must not explain that one."""
    keep_cell(small, editor, role2=S, reason="Support is meant so")
    undoing.undo(**to(small, editor))
    set_cell(small, owner, 2, C)
    with pytest.raises(Conflict, match="another level now"):
        undoing.redo(**to(small, editor))
    assert kept(rows_of(small)[0]) == {}
    invariants.check()


def test_taking_back_a_let_go_needs_the_level_it_was_about(small, editor, owner):
    ours = cells(small, role1=L, role2=S)
    row = rows_of(small)[0].pk
    keep_cell(small, editor, role1=L, role2=S)
    done = let_go(
        **to(small, editor), activity=row, ours=ours, against="market", reference="market-led", seen=revision(small)
    )
    set_cell(small, owner, 1, None)
    with pytest.raises(Conflict, match="another level now"):
        undoing.take_back(**to(small, editor), revision=done.change.revision)
    assert kept(rows_of(small)[0]) == {}
    invariants.check()


def test_an_earlier_revision_comes_back_with_its_departure_though_a_later_one_reads_alike(small, editor):
    at = keep_cell(small, editor, role2=S, reason="The same").change.revision
    before = kept(rows_of(small)[0])
    set_cell(small, editor, 2, C)
    keep_cell(small, editor, role2=C, reason="The same")
    undoing.restore(**to(small, editor), revision=at)
    assert letters(small)[0] == "LSC"
    assert kept(rows_of(small)[0]) == before
    invariants.check()


@pytest.mark.parametrize("how", ["keep", "take", "let go"])
def test_a_decision_that_somebody_made_meanwhile_is_not_overwritten(small, editor, owner, how):
    """The page shows what was there before the owner wrote at length."""
    keep_cell(small, owner, role2=S, reason="First")
    old = revision(small)
    keep_cell(small, owner, role2=S, reason="At length")
    ours, row = cells(small, role2=S), rows_of(small)[0].pk
    against = {"against": "market", "reference": "market-led", "seen": old}
    decide = {
        "keep": lambda: keep_cell(small, editor, role2=S, reason="Mine", seen=old),
        "take": lambda: take_cells(small, editor, ours, dict.fromkeys(ours), seen=old),
        "let go": lambda: let_go(**to(small, editor), activity=row, ours=ours, **against),
    }
    with pytest.raises(Conflict, match="decided on “Activity 1” meanwhile: At length"):
        decide[how]()
    assert [each["reason"] for each in kept(rows_of(small)[0]).values()] == ["At length"]


def test_a_decision_against_another_reference_does_not_stand_in_the_way_of_keeping(small, editor, owner):
    old = revision(small)
    keep_cell(small, owner, role2=S, reason="Against market")
    ours = cells(small, role2=S)
    keep(
        **to(small, editor),
        activity=rows_of(small)[0].pk,
        ours=ours,
        theirs=dict.fromkeys(ours),
        against="sales",
        reference="sales-led",
        reason="Against sales",
        until=None,
        seen=old,
    )
    assert len(kept(rows_of(small)[0])) == 2


def test_following_from_a_revision_to_come_is_no_page_of_ours(small, editor):
    with pytest.raises(Malformed):
        follow(**to(small, editor), culture="sales", house=None, moves={}, seen=2**63 - 1)


def test_what_was_kept_is_kept_against_the_reference_that_is_followed_from_now_on(matrix, editor):
    """Where the new reference has our level, there is nothing to explain any more."""
    row = matrix.activities.get(origin="product-launch")
    roles = {role.origin: role.pk for role in matrix.roles.all()}
    ours = {}
    for origin, level in (("engineering", S), ("sales", S)):
        seen = revision(matrix)
        set_level(**to(matrix, editor), activity=row.pk, role=roles[origin], level=level, seen=seen)
        ours = {roles[origin]: level}
        keep(
            **to(matrix, editor),
            activity=row.pk,
            ours=ours,
            theirs={roles[origin]: I},
            against="market",
            reference="market-led",
            reason=f"For {origin}",
            until=None,
            seen=revision(matrix),
        )
    carry = Carry("market", "sales", {row.pk: {roles["engineering"]: I, roles["sales"]: S}})
    done = follow(**to(matrix, editor), culture="sales", house=None, moves={}, seen=revision(matrix), carry=carry)
    assert {key: each["reason"] for key, each in kept(row).items()} == {
        f"{roles['engineering']}:sales": "For engineering"
    }
    assert "to be decided again" not in " ".join(tell(done.change).details)
    undoing.undo(**to(matrix, editor))
    assert set(kept(row)) == {f"{roles['engineering']}:market", f"{roles['sales']}:market"}
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"
    invariants.check()
