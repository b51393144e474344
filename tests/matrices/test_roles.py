import pytest

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.levels import Level
from raci.matrices.operations import Sender, create_matrix, set_level
from raci.matrices.sentences import tell
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    add_role,
    edit_activity,
    edit_role,
    merge_roles,
    move_role,
    remove_role,
    rename_stage,
    split_role,
)
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, names, roles_of, rows_of, stages_of, to
from tests.matrices.structuring import NEW_ROLE, _peopled


@pytest.fixture
def small(owner):
    """Two stages of two activities, three roles."""
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


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
