"""House references: what is kept of a matrix, what is refused, and that it is never lost."""

import pytest
from django.db.models import RestrictedError
from django.http import Http404

from raci.grid.align import align
from raci.grid.levels import Level
from raci.grid.plain import from_plain
from raci.matrices.departures import keep
from raci.matrices.house import bring_back, put_away, rename, save_reference
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.operations import Sender, create_matrix, set_level
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity, edit_role
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of, to


def grid_of(house):
    return from_plain(HouseReference.objects.get(pk=house.pk).grid)


# ---- Saving


def test_a_reference_keeps_levels_stages_texts_and_deliverers(owner, matrix):
    row, role = rows_of(matrix)[0], roles_of(matrix)[1]
    edit_activity(**to(matrix, owner), activity=row.pk, values={"deliverer_id": role.pk}, seen=1)
    house = save_reference(by=owner, matrix=matrix, name="  House 2026 ")
    kept, live = grid_of(house), read_grid(matrix)
    assert (house.name, house.saved_by, house.workspace) == ("House 2026", owner.user, owner.workspace)
    assert [kept.row(activity.id) for activity in kept.activities] == [live.row(row.id) for row in live.activities]
    assert [stage.name for stage in kept.stages] == [stage.name for stage in live.stages]
    assert [activity.description for activity in kept.activities] == [row.description for row in live.activities]
    assert [role.purpose for role in kept.roles] == [role.purpose for role in live.roles]
    assert kept.activities[0].deliverer == role.pk
    assert kept.culture == "market"
    assert revision(matrix) == 2


def test_it_keeps_no_people_headcounts_notes_or_departures(owner, matrix):
    row, role = rows_of(matrix)[0], roles_of(matrix)[0]
    people = [{"role": role.pk, "name": "Mei", "task": "numbers"}]
    edit_activity(**to(matrix, owner), activity=row.pk, values={"notes": "Ask Mei", "people": people}, seen=1)
    edit_role(**to(matrix, owner), role=role.pk, values={"people": ["Mei"], "headcount": 3}, seen=2)
    level = read_grid(matrix).level(row.pk, role.pk)
    cell = {"activity": row.pk, "ours": {role.pk: level}, "theirs": {role.pk: None}, "seen": 3}
    keep(**to(matrix, owner), **cell, against="sales", reference="sales-led", reason="Mei", until=None)
    house = save_reference(by=owner, matrix=matrix, name="House")
    assert "Mei" not in str(house.grid)
    kept = grid_of(house)
    assert {(role.people, role.headcount) for role in kept.roles} == {((), None)}
    assert {(activity.notes, activity.people, activity.departures) for activity in kept.activities} == {("", (), ())}


def test_rows_and_roles_of_no_origin_get_one_and_the_others_keep_theirs(owner, matrix):
    own = make_matrix(owner, "LS")
    kept = grid_of(save_reference(by=owner, matrix=own, name="Own"))
    assert kept.activities[0].origin == f"m{own.pk}-{rows_of(own)[0].pk}"
    assert [role.origin for role in kept.roles] == ["role-1", "role-2"]
    kept = grid_of(save_reference(by=owner, matrix=matrix, name="House"))
    assert [activity.origin for activity in kept.activities] == [row.origin for row in rows_of(matrix)]


def test_a_matrix_started_from_it_finds_its_rows_again_when_they_are_renamed(owner):
    house = save_reference(by=owner, matrix=make_matrix(owner, "LS", "SL"), name="House")
    made = create_matrix(sender=Sender(owner), name="Made", grid=grid_of(house), house=house.pk)
    row = rows_of(made)[0]
    edit_activity(**to(made, owner), activity=row.pk, values={"name": "Something else"}, seen=1)
    assert align(read_grid(made), grid_of(house)).is_complete


def test_a_later_edit_of_the_matrix_leaves_it_as_it_was(owner):
    matrix = make_matrix(owner, "LS")
    house = save_reference(by=owner, matrix=matrix, name="House")
    cell = {"activity": rows_of(matrix)[0].pk, "role": roles_of(matrix)[1].pk, "level": Level.LEAD}
    set_level(**to(matrix, owner), **cell, seen=1)
    assert letters(matrix) == ["SL"]
    assert [str(level) for level in grid_of(house).row(grid_of(house).activities[0].id)] == ["L", "S"]


def test_the_matrix_as_it_is_now_is_saved_not_as_the_caller_read_it(owner):
    matrix = make_matrix(owner, "LS")
    cell = {"activity": rows_of(matrix)[0].pk, "role": roles_of(matrix)[1].pk, "level": Level.LEAD}
    set_level(**to(matrix, owner), **cell, seen=1)
    kept = grid_of(save_reference(by=owner, matrix=matrix, name="House"))
    assert [str(level) for level in kept.row(kept.activities[0].id)] == ["S", "L"]


def test_every_activity_needs_its_lead(owner):
    with pytest.raises(Refused) as refused:
        save_reference(by=owner, matrix=make_matrix(owner, "LS", ".S", "SL"), name="House")
    assert "1 activity of 3 lacks one: “Activity 2”." in refused.value.sentence
    with pytest.raises(Refused) as refused:
        save_reference(by=owner, matrix=make_matrix(owner, *["SS"] * 5), name="House")
    named = "5 activities of 5 lack one: “Activity 1”, “Activity 2”, “Activity 3” and 2 more."
    assert named in refused.value.sentence
    assert not HouseReference.objects.exists()
    assert save_reference(by=owner, matrix=make_matrix(owner, "L"), name="House").pk


def test_an_empty_matrix_is_no_reference(owner):
    with pytest.raises(Refused, match="at least one activity"):
        save_reference(by=owner, matrix=make_matrix(owner, roles=2), name="House")


def test_a_name_is_one_visible_line(owner, matrix):
    for name in ("", "  ", "a\x00b", "n" * 201):
        with pytest.raises(Refused):
            save_reference(by=owner, matrix=matrix, name=name)
    assert save_reference(by=owner, matrix=matrix, name="n" * 200).name == "n" * 200


def test_sent_twice_it_is_saved_once(owner, matrix):
    first, second = (save_reference(by=owner, matrix=matrix, name="House") for _ in range(2))
    assert first == second
    assert HouseReference.objects.count() == 1


def test_two_in_use_never_have_one_name(owner, matrix):
    other = make_matrix(owner, "LS")
    save_reference(by=owner, matrix=matrix, name="House 2026")
    with pytest.raises(Conflict, match="called “House 2026” already"):
        save_reference(by=owner, matrix=other, name="house  2026")
    assert save_reference(by=owner, matrix=other, name="House 2027").pk


def test_the_same_name_may_stand_in_another_workspace(owner, matrix, stranger, foreign_matrix):
    names = {save_reference(by=owner, matrix=matrix, name="House").name}
    names.add(save_reference(by=stranger, matrix=foreign_matrix, name="House").name)
    assert names == {"House"}


# ---- Who may


def test_editors_and_owners_save_and_nobody_else(owner, editor, reviewer, viewer, ex_member, matrix):
    for member in (reviewer, viewer):
        with pytest.raises(Forbidden):
            save_reference(by=member, matrix=matrix, name="House")
    with pytest.raises(Http404):
        save_reference(by=ex_member, matrix=matrix, name="House")
    assert save_reference(by=editor, matrix=matrix, name="House").pk
    assert HouseReference.objects.count() == 1


def test_permission_is_asked_again_when_it_is_saved(editor, matrix):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)  # the object still says editor
    with pytest.raises(Forbidden):
        save_reference(by=editor, matrix=matrix, name="House")


def test_a_foreign_matrix_is_like_none(stranger, matrix):
    with pytest.raises(Http404):
        save_reference(by=stranger, matrix=matrix, name="House")


@pytest.mark.parametrize("change", [put_away, bring_back, lambda **at: rename(**at, name="Mine")])
def test_a_foreign_or_unknown_reference_is_like_none(owner, stranger, viewer, foreign_matrix, matrix, change):
    foreign = save_reference(by=stranger, matrix=foreign_matrix, name="Theirs")
    for pk in (foreign.pk, 999_999):
        with pytest.raises(Http404):
            change(by=owner, house=pk)
    ours = save_reference(by=owner, matrix=matrix, name="Ours")
    with pytest.raises(Forbidden):
        change(by=viewer, house=ours.pk)
    assert set(HouseReference.objects.values_list("name", "is_put_away")) == {("Theirs", False), ("Ours", False)}


# ---- Afterwards


def test_one_that_is_put_away_can_be_brought_back(editor, matrix):
    house = save_reference(by=editor, matrix=matrix, name="House")
    for _ in range(2):
        assert put_away(by=editor, house=house.pk).is_put_away
    assert not bring_back(by=editor, house=house.pk).is_put_away
    assert HouseReference.objects.get().grid == house.grid


def test_its_name_is_free_while_it_is_put_away_and_then_stands_in_its_way(editor, matrix):
    first = save_reference(by=editor, matrix=matrix, name="House")
    put_away(by=editor, house=first.pk)
    second = save_reference(by=editor, matrix=make_matrix(editor, "LS"), name="House")
    with pytest.raises(Conflict):
        bring_back(by=editor, house=first.pk)
    rename(by=editor, house=second.pk, name="House two")
    assert not bring_back(by=editor, house=first.pk).is_put_away


def test_it_is_renamed_and_may_keep_its_own_name(editor, matrix):
    house = save_reference(by=editor, matrix=matrix, name="House")
    assert rename(by=editor, house=house.pk, name="HOUSE").name == "HOUSE"
    with pytest.raises(Refused):
        rename(by=editor, house=house.pk, name=" ")
    save_reference(by=editor, matrix=make_matrix(editor, "LS"), name="Other")
    with pytest.raises(Conflict):
        rename(by=editor, house=house.pk, name="other")
    assert HouseReference.objects.get(pk=house.pk).name == "HOUSE"


def test_one_that_is_followed_cannot_be_deleted_from_under_its_matrices(owner, matrix):
    house = save_reference(by=owner, matrix=matrix, name="House")
    made = create_matrix(sender=Sender(owner), name="Made", grid=grid_of(house), house=house.pk)
    with pytest.raises(RestrictedError):
        house.delete()
    assert Matrix.objects.get(pk=made.pk).house_id == house.pk


def test_a_workspace_goes_whole_with_its_references_and_who_follows_them(owner, matrix):
    house = save_reference(by=owner, matrix=matrix, name="Ours")
    create_matrix(sender=Sender(owner), name="Follower", grid=from_plain(house.grid), house=house.pk)
    owner.workspace.delete()
    assert not HouseReference.objects.exists()
    assert not Matrix.objects.exists()
