"""Rows, stages and columns: added, changed, moved, removed; roles merged and split."""

import pytest
from django.http import Http404

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.levels import Level
from raci.matrices import work
from raci.matrices.models import Activity, Change, Role
from raci.matrices.operations import Sender, archive, create_matrix, set_level
from raci.matrices.sentences import tell
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    add_role,
    add_stage,
    edit_activity,
    edit_role,
    merge_roles,
    move_activity,
    move_role,
    move_stage,
    remove_activity,
    remove_role,
    remove_stage,
    rename_stage,
    split_role,
)
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from tests import invariants
from tests.factories import make_grid, make_matrix
from tests.matrices.reading import letters, names, revision, roles_of, rows_of, stages_of, to

NEW_ROLE = {"name": "Legal", "short": "Leg", "purpose": "Contracts", "people": ["Ann"], "headcount": 2}


@pytest.fixture
def small(owner):
    """Two stages of two activities, three roles."""
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


def _peopled(owner):
    """One activity that names people of both roles and is delivered by the second."""
    people = (Named(1, "Ann", "decides"), Named(2, "Bob", "writes"))
    grid = Grid(
        activities=(GridActivity(1, "Price", deliverer=2, people=people),),
        roles=(
            GridRole(1, "Product", people=("Ann",), headcount=2),
            GridRole(2, "Sales", people=("Bob", "Ann"), headcount=3),
        ),
        cells={1: {1: Level.LEAD, 2: Level.SUPPORT}},
    )
    return create_matrix(sender=Sender(owner), name="Peopled", grid=grid)


# --- Activities


def test_activities_are_added_at_the_end_of_their_stage_in_one_change(small, editor):
    first, second = stages_of(small)
    news = [NewActivity("New 1", stage=first.pk), NewActivity("New 2", stage=second.pk, description="Why")]
    done = add_activities(**to(small, editor), activities=news)
    assert done.change.revision == 2
    assert [(row.name, row.stage, row.revision) for row in rows_of(small)[-2:]] == [
        ("New 1", first, 2),
        ("New 2", second, 2),
    ]
    assert rows_of(small)[-1].description == "Why"


def test_activities_are_added_behind_another(small, editor):
    rows = rows_of(small)
    add_activities(**to(small, editor), activities=[NewActivity("x"), NewActivity("y")], after=rows[0].pk)
    assert names(rows_of(small)) == ["Activity 1", "x", "y", "Activity 2", "Activity 3", "Activity 4"]


def test_the_catalogues_proposed_lead_leads_the_new_row(small, editor):
    add_activities(**to(small, editor), activities=[NewActivity("New", lead="role-2"), NewActivity("Other", lead="x")])
    assert letters(small)[-2:] == [".L.", "..."]


def test_a_foreign_stage_is_refused_like_a_missing_one(small, owner, foreign_matrix):
    sentences = set()
    for stage in (stages_of(foreign_matrix)[0].pk, 987654, -1, 2**70):
        with pytest.raises(Refused) as refusal:
            add_activities(**to(small, owner), activities=[NewActivity("New", stage=stage)])
        assert refusal.value.status == 422
        sentences.add(refusal.value.sentence)
    assert len(sentences) == 1
    assert len(rows_of(small)) == 4


def test_one_bad_name_among_many_adds_nothing(small, editor):
    with pytest.raises(Refused, match="visible"):
        add_activities(**to(small, editor), activities=[NewActivity("Fine"), NewActivity(" ")])
    assert len(rows_of(small)) == 4


def test_the_same_addition_sent_twice_adds_once(small, editor):
    news = [NewActivity("New", description="One")]
    add_activities(**to(small, editor, "k"), activities=news)
    assert add_activities(**to(small, editor, "k"), activities=news).replayed
    assert len(rows_of(small)) == 5


@pytest.mark.parametrize("field", ["description", "lead", "after"])
def test_the_same_key_with_any_other_value_is_refused(small, editor, field):
    add_activities(**to(small, editor, "k"), activities=[NewActivity("New")])
    other = {} if field == "after" else {field: "role-2"}
    after = rows_of(small)[0].pk if field == "after" else None
    with pytest.raises(Refused, match="other values"):
        add_activities(**to(small, editor, "k"), activities=[NewActivity("New", **other)], after=after)


def test_every_value_of_an_activity_can_be_edited(small, editor):
    row, role, stage = rows_of(small)[0], roles_of(small)[1], stages_of(small)[1]
    values = {
        "name": " Set the price ",
        "description": "One\r\ntwo",
        "notes": "n",
        "stage_id": stage.pk,
        "deliverer_id": role.pk,
        "people": [{"role": role.pk, "name": "Ann", "task": ""}],
    }
    edit_activity(**to(small, editor), activity=row.pk, values=values, seen=1)
    row.refresh_from_db()
    assert (row.name, row.description, row.notes) == ("Set the price", "One\ntwo", "n")
    assert (row.stage, row.deliverer, row.people) == (stage, role, [{"role": role.pk, "name": "Ann", "task": ""}])
    assert names(rows_of(small))[-1] == "Set the price"  # the end of its new stage


@pytest.mark.parametrize("name", ["", "\u200b", "x" * 201, "a\0b", "a\nb", "a\ud800"])
def test_a_bad_name_of_an_activity_changes_nothing(small, editor, name):
    with pytest.raises(Refused) as refusal:
        edit_activity(**to(small, editor), activity=rows_of(small)[0].pk, values={"name": name}, seen=1)
    assert refusal.value.status == 422
    assert revision(small) == 1


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\ud800b", "x" * 4001])
def test_a_bad_text_of_an_activity_changes_nothing(small, editor, text):
    for field in ("description", "notes"):
        with pytest.raises(Refused):
            edit_activity(**to(small, editor), activity=rows_of(small)[0].pk, values={field: text}, seen=1)
    assert revision(small) == 1


@pytest.mark.parametrize("field", ["deliverer_id", "stage_id", "people"])
def test_an_activity_points_into_its_own_matrix_only(small, editor, foreign_matrix, field):
    role, stage = roles_of(foreign_matrix)[0].pk, stages_of(foreign_matrix)[0].pk
    value = {"deliverer_id": role, "stage_id": stage, "people": [{"role": role, "name": "Ann", "task": ""}]}[field]
    with pytest.raises(Refused, match="not in this matrix"):
        edit_activity(**to(small, editor), activity=rows_of(small)[0].pk, values={field: value}, seen=1)


def test_a_field_no_form_has_is_an_error_of_ours(small, editor):
    with pytest.raises(KeyError):
        edit_activity(**to(small, editor), activity=rows_of(small)[0].pk, values={"position": 1}, seen=1)
    with pytest.raises(KeyError):
        edit_role(**to(small, editor), role=roles_of(small)[0].pk, values={"position": 1}, seen=1)


def test_two_people_writing_the_same_field_both_see_both_values(small, owner, editor):
    row = rows_of(small)[0]
    edit_activity(**to(small, owner), activity=row.pk, values={"name": "Theirs"}, seen=1)
    with pytest.raises(Conflict) as refusal:
        edit_activity(**to(small, editor), activity=row.pk, values={"name": "Mine"}, seen=1)
    assert refusal.value.status == 409
    assert all(word in str(refusal.value) for word in ("Olive Owner", "“Theirs”", "“Mine”"))
    edit_activity(**to(small, editor), activity=row.pk, values={"name": "Mine"}, seen=2)
    row.refresh_from_db()
    assert row.name == "Mine"


def test_two_people_writing_different_fields_are_both_served(small, owner, editor):
    row = rows_of(small)[0]
    edit_activity(**to(small, owner), activity=row.pk, values={"name": "Theirs"}, seen=1)
    edit_activity(**to(small, editor), activity=row.pk, values={"notes": "Mine"}, seen=1)
    row.refresh_from_db()
    assert (row.name, row.notes) == ("Theirs", "Mine")


def test_a_revision_that_cannot_have_been_seen_is_malformed(small, editor):
    with pytest.raises(Malformed):
        edit_activity(**to(small, editor), activity=rows_of(small)[0].pk, values={"name": "x"}, seen=2)
    with pytest.raises(Malformed):
        edit_role(**to(small, editor), role=roles_of(small)[0].pk, values={"name": "x"}, seen=-1)


def test_up_to_50_people_fit_on_an_activity(small, editor):
    row, person = rows_of(small)[0], {"role": roles_of(small)[0].pk, "name": "Ann", "task": ""}
    edit_activity(**to(small, editor), activity=row.pk, values={"people": [person] * 50}, seen=1)
    with pytest.raises(Refused, match="50 people"):
        edit_activity(**to(small, editor), activity=row.pk, values={"people": [person] * 51}, seen=2)


def test_an_activity_is_moved_before_another_and_into_its_stage(small, editor):
    rows, stages = rows_of(small), stages_of(small)
    move_activity(**to(small, editor), activity=rows[0].pk, stage=stages[1].pk, before=rows[3].pk)
    assert names(rows_of(small)) == ["Activity 2", "Activity 3", "Activity 1", "Activity 4"]
    assert rows_of(small)[2].stage == stages[1]


def test_an_activity_is_moved_to_the_end(small, editor):
    rows = rows_of(small)
    move_activity(**to(small, editor), activity=rows[0].pk, stage=None, before=None)
    assert names(rows_of(small))[-1] == "Activity 1"


def test_moving_to_where_it_is_changes_nothing(small, editor):
    rows = rows_of(small)
    done = move_activity(**to(small, editor), activity=rows[1].pk, stage=rows[1].stage_id, before=rows[2].pk)
    assert done.change is None


def test_moving_before_something_that_is_gone_is_refused(small, editor):
    rows = rows_of(small)
    with pytest.raises(Refused, match="gone"):
        move_activity(**to(small, editor), activity=rows[0].pk, stage=None, before=987654)


def test_an_activity_is_removed_with_its_cells(small, editor):
    remove_activity(**to(small, editor), activity=rows_of(small)[1].pk)
    assert letters(small) == ["LS.", "C.L", "L.."]


# --- Stages


def test_a_stage_is_added_renamed_and_moved(small, editor):
    add_stage(**to(small, editor), name="Retire")
    first, _, third = stages_of(small)
    rename_stage(**to(small, editor), stage=third.pk, name="Phase out", seen=revision(small))
    move_stage(**to(small, editor), stage=third.pk, before=first.pk)
    assert names(stages_of(small)) == ["Phase out", "Stage 1", "Stage 2"]


@pytest.mark.parametrize("into", [True, False])
def test_the_activities_of_a_removed_stage_stay(small, editor, into):
    first, second = stages_of(small)
    remove_stage(**to(small, editor), stage=first.pk, into=second.pk if into else None)
    assert [row.stage_id for row in rows_of(small)] == [second.pk if into else None] * 2 + [second.pk] * 2


def test_a_stage_cannot_go_into_itself(small, editor):
    stage = stages_of(small)[0].pk
    with pytest.raises(Refused, match="another stage"):
        remove_stage(**to(small, editor), stage=stage, into=stage)


# --- Roles


def test_a_role_is_added_at_the_end(small, editor):
    add_role(**to(small, editor), values=NEW_ROLE)
    role = roles_of(small)[-1]
    assert (role.name, role.short, role.purpose, role.people, role.headcount) == (
        "Legal",
        "Leg",
        "Contracts",
        ["Ann"],
        2,
    )


@pytest.mark.parametrize("name", ["", "\u200b", "x" * 201, "a\0b", "a\nb", "a\ud800"])
def test_a_bad_name_of_a_role_is_refused(small, editor, name):
    with pytest.raises(Refused):
        add_role(**to(small, editor), values={**NEW_ROLE, "name": name})
    with pytest.raises(Refused):
        edit_role(**to(small, editor), role=roles_of(small)[0].pk, values={"name": name}, seen=1)
    with pytest.raises(Refused):
        split_role(**to(small, editor), role=roles_of(small)[0].pk, name=name)


@pytest.mark.parametrize(
    "values",
    [
        {"short": "x" * 13},
        {"short": "a\0"},
        {"purpose": "x" * 201},
        {"people": ["a\nb"]},
        {"people": ["Ann"] * 201},
        {"headcount": -1},
        {"headcount": 2**31},
        {"origin": "x" * 81},
        {"origin": "a\0"},
    ],
)
def test_a_value_that_one_engine_would_take_and_the_other_not_is_refused_on_both(small, editor, values):
    with pytest.raises(Refused) as refusal:
        add_role(**to(small, editor), values={**NEW_ROLE, **values})
    assert refusal.value.status == 422
    assert len(roles_of(small)) == 3


@pytest.mark.parametrize("origin", ["x" * 81, "a\0", "a\ud800"])
def test_an_impossible_origin_of_an_activity_is_refused_on_both_engines(small, editor, origin):
    with pytest.raises(Refused):
        add_activities(**to(small, editor), activities=[NewActivity("New", origin=origin)])


def test_a_role_is_edited(small, editor):
    role = roles_of(small)[0]
    edit_role(
        **to(small, editor), role=role.pk, values={"name": "Product", "headcount": None, "people": ["Ann", " "]}, seen=1
    )
    role.refresh_from_db()
    assert (role.name, role.headcount, role.people) == ("Product", None, ["Ann"])


def test_a_role_somebody_edited_meanwhile_is_refused_with_both_values(small, owner, editor):
    role = roles_of(small)[0]
    edit_role(**to(small, owner), role=role.pk, values={"name": "Theirs"}, seen=1)
    with pytest.raises(Conflict, match="“Theirs”; you wrote “Mine”"):
        edit_role(**to(small, editor), role=role.pk, values={"name": "Mine"}, seen=1)


def test_a_role_is_moved(small, editor):
    roles = roles_of(small)
    move_role(**to(small, editor), role=roles[2].pk, before=roles[0].pk)
    assert names(roles_of(small)) == ["Role 3", "Role 1", "Role 2"]
    assert letters(small)[0] == ".LS"


def test_a_role_that_leads_nothing_is_removed_with_its_cells(owner):
    matrix = make_matrix(owner, "LSI", "LC.")
    remove_role(**to(matrix, owner), role=roles_of(matrix)[1].pk, heir=None)
    assert letters(matrix) == ["LI", "L."]


def test_a_role_that_leads_is_not_removed_without_an_heir(small, editor):
    with pytest.raises(Conflict, match="Role 1 answers for 2 activities"):
        remove_role(**to(small, editor), role=roles_of(small)[0].pk, heir=None)
    assert letters(small) == ["LS.", ".LI", "C.L", "L.."]


def test_an_heir_takes_the_leads_over(small, editor):
    roles = roles_of(small)
    remove_role(**to(small, editor), role=roles[0].pk, heir=roles[1].pk)
    assert letters(small) == ["L.", "LI", ".L", "L."]


def test_rows_can_be_left_without_a_lead_on_purpose(small, editor):
    remove_role(**to(small, editor), role=roles_of(small)[0].pk, heir=None, leaderless=True)
    assert letters(small) == ["S.", "LI", ".L", ".."]


def test_a_role_cannot_be_its_own_heir(small, editor):
    role = roles_of(small)[0].pk
    with pytest.raises(Refused, match="another role"):
        remove_role(**to(small, editor), role=role, heir=role)


def test_a_removed_role_is_named_nowhere_any_more(owner):
    matrix = _peopled(owner)
    product, sales = roles_of(matrix)
    remove_role(**to(matrix, owner), role=sales.pk, heir=None)
    row = rows_of(matrix)[0]
    assert row.deliverer is None
    assert row.people == [{"role": product.pk, "name": "Ann", "task": "decides"}]


@pytest.mark.parametrize(
    ("before", "after"),
    [("LS", "L"), ("SL", "L"), ("CI", "C"), ("IC", "C"), (".I", "I"), ("S.", "S"), ("..", "."), ("SS", "S")],
)
def test_merging_keeps_the_deeper_level_lead_first(owner, before, after):
    matrix = make_matrix(owner, before)
    kept, gone = roles_of(matrix)
    merge_roles(**to(matrix, owner), role=gone.pk, into=kept.pk, seen=1)
    assert letters(matrix) == [after]


def test_merging_adds_people_and_headcounts_and_moves_the_named(owner):
    matrix = _peopled(owner)
    product, sales = roles_of(matrix)
    merge_roles(**to(matrix, owner), role=sales.pk, into=product.pk, seen=1)
    product.refresh_from_db()
    assert (product.people, product.headcount) == (["Ann", "Bob"], 5)
    row = rows_of(matrix)[0]
    assert row.deliverer is None  # the Lead delivers
    assert {person["role"] for person in row.people} == {product.pk}


def test_a_role_that_leads_is_not_kept_as_its_own_deliverer(small, editor):
    row, (first, second, _) = rows_of(small)[0].pk, roles_of(small)
    edit_activity(**to(small, editor), activity=row, values={"deliverer_id": second.pk}, seen=1)
    set_level(**to(small, editor), activity=row, role=second.pk, level=Level.LEAD, seen=2)
    assert rows_of(small)[0].deliverer is None
    done = edit_activity(**to(small, editor), activity=row, values={"deliverer_id": second.pk}, seen=3)
    assert done.change is None
    edit_activity(**to(small, editor), activity=row, values={"deliverer_id": first.pk}, seen=3)
    assert rows_of(small)[0].deliverer == first


def test_a_merge_names_nobody_twice(owner):
    people = (Named(1, "Ann", ""), Named(2, "Ann", "decides"), Named(2, "Bob", ""), Named(1, "Bob", ""))
    grid = Grid((GridActivity(1, "Price", people=people),), (GridRole(1, "Product"), GridRole(2, "Sales")))
    matrix = create_matrix(sender=Sender(owner), name="x", grid=grid)
    product, sales = roles_of(matrix)
    change = merge_roles(**to(matrix, owner), role=sales.pk, into=product.pk, seen=1).change
    assert [(p["name"], p["task"]) for p in rows_of(matrix)[0].people] == [("Ann", "decides"), ("Bob", "")]
    assert "The roles of those named on “Price” changed." in tell(change).details


def test_a_merge_keeps_to_the_limit_of_names(small, editor):
    one, two, _ = roles_of(small)
    for at, role in enumerate((one, two)):
        names = [f"Person {at} {number}" for number in range(150)]
        edit_role(**to(small, editor), role=role.pk, values={"people": names}, seen=1)
    with pytest.raises(Refused, match="Up to 200 names fit on a role; these are 300"):
        merge_roles(**to(small, editor), role=one.pk, into=two.pk, seen=3)


def test_a_merge_of_what_changed_since_is_refused(small, owner, editor):
    one, two, _ = roles_of(small)
    rename_stage(**to(small, owner), stage=stages_of(small)[0].pk, name="Theirs", seen=1)
    with pytest.raises(Conflict, match="has changed since"):
        merge_roles(**to(small, editor), role=one.pk, into=two.pk, seen=1)


def test_a_stage_that_somebody_else_renamed_is_not_renamed_unseen(small, owner, editor):
    stage = stages_of(small)[0].pk
    rename_stage(**to(small, owner), stage=stage, name="Theirs", seen=1)
    with pytest.raises(Conflict, match="It is now “Theirs”; you wrote “Mine”"):
        rename_stage(**to(small, editor), stage=stage, name="Mine", seen=1)


def test_a_role_is_not_merged_with_itself(small, editor):
    role = roles_of(small)[0].pk
    with pytest.raises(Refused, match="two different roles"):
        merge_roles(**to(small, editor), role=role, into=role, seen=1)


def test_splitting_makes_a_second_role_that_supports_where_the_first_leads(small, editor):
    split_role(**to(small, editor), role=roles_of(small)[0].pk, name="Portfolio")
    assert names(roles_of(small)) == ["Role 1", "Portfolio", "Role 2", "Role 3"]
    assert letters(small) == ["LSS.", "..LI", "CC.L", "LS.."]


# --- What holds for each operation


def _each_operation(matrix, sender, *, ids_of=None):
    """Every operation of this module with values that would change something; ids may come from another matrix."""
    source = ids_of or matrix
    rows, roles, stages = rows_of(source), roles_of(source), stages_of(source)
    to_it = {"matrix": matrix.pk, "sender": sender}
    a, r, s = rows[0].pk, roles[0].pk, stages[0].pk
    return {
        "add_activities": lambda: add_activities(**to_it, activities=[NewActivity("New")]),
        "edit_activity": lambda: edit_activity(**to_it, activity=a, values={"name": "x"}, seen=revision(matrix)),
        "move_activity": lambda: move_activity(**to_it, activity=a, stage=None, before=None),
        "remove_activity": lambda: remove_activity(**to_it, activity=a),
        "add_stage": lambda: add_stage(**to_it, name="New"),
        "rename_stage": lambda: rename_stage(**to_it, stage=s, name="x", seen=1),
        "move_stage": lambda: move_stage(**to_it, stage=s, before=None),
        "remove_stage": lambda: remove_stage(**to_it, stage=s, into=None),
        "add_role": lambda: add_role(**to_it, values=NEW_ROLE),
        "edit_role": lambda: edit_role(**to_it, role=r, values={"name": "x"}, seen=revision(matrix)),
        "move_role": lambda: move_role(**to_it, role=r, before=None),
        "remove_role": lambda: remove_role(**to_it, role=r, heir=roles[1].pk),
        "merge_roles": lambda: merge_roles(**to_it, role=r, into=roles[1].pk, seen=1),
        "split_role": lambda: split_role(**to_it, role=r, name="New"),
    }


OPERATIONS = [
    "add_activities",
    "edit_activity",
    "move_activity",
    "remove_activity",
    "add_stage",
    "rename_stage",
    "move_stage",
    "remove_stage",
    "add_role",
    "edit_role",
    "move_role",
    "remove_role",
    "merge_roles",
    "split_role",
]


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_one_change_by_its_sender(small, editor, name):
    change = _each_operation(small, Sender(editor))[name]().change
    assert (change.revision, change.by, revision(small)) == (2, editor.user, 2)
    assert Change.objects.filter(matrix=small).count() == 2


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_refuses_viewers_strangers_and_archived_matrices(small, owner, viewer, stranger, name):
    with pytest.raises(Forbidden):
        _each_operation(small, Sender(viewer))[name]()
    with pytest.raises(Http404):
        _each_operation(small, Sender(stranger))[name]()
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        _each_operation(small, Sender(owner))[name]()
    assert revision(small) == 2


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_applied_once_for_one_key(small, editor, name):
    act = _each_operation(small, Sender(editor, "k"))[name]
    first, again = act(), act()
    assert (again.replayed, again.change) == (True, first.change)
    assert revision(small) == 2


@pytest.mark.parametrize("name", [name for name in OPERATIONS if not name.startswith("add_")])
def test_each_operation_refuses_rows_of_another_tenant(owner, small, foreign_matrix, name):
    act = _each_operation(small, Sender(owner), ids_of=foreign_matrix)[name]
    with pytest.raises(Refused, match="is not in this matrix") as refusal:
        act()
    assert refusal.value.status == 422
    assert (revision(small), revision(foreign_matrix)) == (1, 1)


# --- Limits


def test_one_activity_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "L", "L")
    monkeypatch.setattr(work, "MAX_ACTIVITIES", 3)
    add_activities(**to(matrix, owner), activities=[NewActivity("x")])
    with pytest.raises(Refused, match="up to 3 activities") as refusal:
        add_activities(**to(matrix, owner), activities=[NewActivity("y")])
    assert refusal.value.status == 422
    assert Activity.objects.filter(matrix=matrix).count() == 3


def test_one_role_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "L", "L")
    monkeypatch.setattr(work, "MAX_ROLES", 2)
    add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 2 roles"):
        add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 2 roles"):
        split_role(**to(matrix, owner), role=roles_of(matrix)[0].pk, name="x")
    assert Role.objects.filter(matrix=matrix).count() == 2


def test_one_cell_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "LS", "LS")
    monkeypatch.setattr(work, "MAX_CELLS", 6)
    add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 6 cells; this would make 9"):
        add_activities(**to(matrix, owner), activities=[NewActivity("x")])


def test_a_grid_past_the_limit_makes_no_matrix(owner, monkeypatch):
    monkeypatch.setattr(work, "MAX_ACTIVITIES", 2)
    with pytest.raises(Refused, match="up to 2 activities"):
        create_matrix(sender=Sender(owner), name="Large", grid=make_grid("L", "L", "L"))
    assert not owner.workspace.matrices.exists()


def test_merged_headcounts_stay_within_what_both_engines_hold(owner):
    matrix = _peopled(owner)
    product, sales = roles_of(matrix)
    edit_role(**to(matrix, owner), role=sales.pk, values={"headcount": 1_000_000}, seen=1)
    edit_role(**to(matrix, owner), role=product.pk, values={"headcount": 1_000_000}, seen=1)
    merge_roles(**to(matrix, owner), role=sales.pk, into=product.pk, seen=3)
    product.refresh_from_db()
    assert product.headcount == 2_000_000


def test_a_level_can_be_set_in_a_role_that_was_just_added(small, editor):
    add_role(**to(small, editor), values=NEW_ROLE)
    set_level(**to(small, editor), activity=rows_of(small)[0].pk, role=roles_of(small)[-1].pk, level=Level.LEAD, seen=2)
    assert letters(small)[0] == "SS.L"
