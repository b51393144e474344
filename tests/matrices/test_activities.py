import pytest

from raci.matrices.structure import (
    NewActivity,
    add_activities,
    edit_activity,
    edit_role,
    move_activity,
    remove_activity,
)
from raci.web.refusals import Conflict, Malformed, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, names, revision, roles_of, rows_of, stages_of, to


@pytest.fixture
def small(owner):
    """Two stages of two activities, three roles."""
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


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
