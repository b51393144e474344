"""What the database itself forbids, on both engines, whoever writes to it."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import BigAutoField, BigIntegerField
from django.utils import timezone

from raci.matrices.models import Activity, Assignment, Change, Matrix, Role
from tests.factories import make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of

OURS = ("matrices", "workspaces", "accounts", "culture")


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


def _refused(write, *, saying=None):
    with pytest.raises(IntegrityError, match=saying), transaction.atomic():
        write()


def test_a_second_lead_is_refused_however_it_is_written(small):
    row, roles = rows_of(small)[0], roles_of(small)
    _refused(lambda: Assignment.objects.create(activity=row, role=roles[2], level="L"))
    _refused(lambda: Assignment.objects.filter(activity=row, role=roles[1]).update(level="L"))
    assert letters(small) == ["LS.", ".LI"]


def test_the_lead_cannot_be_swapped_in_one_statement(small):
    """Why `writing.write` takes levels out before it puts them in: a conditional constraint is never deferred."""
    swapped = models.Case(models.When(level="L", then=models.Value("S")), default=models.Value("L"))
    refused = 0
    for row in rows_of(small)[:1]:
        for _ in range(2):  # one of the two directions meets the other Lead on its way
            try:
                with transaction.atomic():
                    Assignment.objects.filter(activity=row).update(level=swapped)
            except IntegrityError:
                refused += 1
    assert refused >= 1


def test_two_levels_in_one_cell_are_refused(small):
    row, role = rows_of(small)[0], roles_of(small)[1]
    _refused(lambda: Assignment.objects.create(activity=row, role=role, level="C"))


@pytest.mark.parametrize("level", ["X", "l", "", "A", " "])
def test_an_unknown_level_is_refused(small, level):
    row, roles = rows_of(small)[0], roles_of(small)
    _refused(lambda: Assignment.objects.create(activity=row, role=roles[2], level=level))
    _refused(lambda: Assignment.objects.filter(activity=row, role=roles[1]).update(level=level))


def test_a_cell_across_two_matrices_is_refused_when_made_and_when_changed(small, owner, foreign_matrix):
    sibling = make_matrix(owner, "LS.")
    cell = Assignment.objects.get(activity=rows_of(small)[0], role=roles_of(small)[1])
    for other in (sibling, foreign_matrix):
        role, row = roles_of(other)[0], rows_of(other)[0]
        message = "belong to different matrices"
        _refused(lambda: Assignment.objects.create(activity=rows_of(small)[0], role=role, level="C"), saying=message)  # noqa: B023
        _refused(lambda: Assignment.objects.filter(pk=cell.pk).update(role=role), saying=message)  # noqa: B023
        _refused(lambda: Assignment.objects.filter(pk=cell.pk).update(activity=row), saying=message)  # noqa: B023
        _refused(
            lambda: Assignment.objects.bulk_create([Assignment(activity=row, role=roles_of(small)[0], level="C")]),  # noqa: B023
            saying=message,
        )
    assert letters(small) == ["LS.", ".LI"]


def test_a_revision_has_one_change(small, owner):
    _refused(
        lambda: Change.objects.create(
            matrix=small, revision=1, kind="level", by=owner.user, at=timezone.now(), edits=[]
        )
    )


def test_a_key_of_one_person_has_one_change(small, owner):
    def change(at):
        return Change.objects.create(
            matrix=small, revision=at, kind="level", by=owner.user, at=timezone.now(), edits=[], key="k"
        )

    change(2)
    _refused(lambda: change(3))


def test_changes_without_a_key_do_not_meet(small, owner):
    for at in (2, 3):
        Change.objects.create(matrix=small, revision=at, kind="level", by=owner.user, at=timezone.now(), edits=[])


@pytest.mark.parametrize("model", [Role, Activity])
def test_a_negative_position_is_refused(small, model):
    _refused(lambda: model.objects.filter(matrix=small).update(position=-1))


def test_a_removed_role_takes_its_cells_along_and_clears_who_delivers(small):
    role, row = roles_of(small)[0], rows_of(small)[0]
    Activity.objects.filter(pk=row.pk).update(deliverer=role)
    role.delete()
    row.refresh_from_db()
    assert (row.deliverer, letters(small)) == (None, ["S.", "LI"])


def test_a_workspace_takes_its_matrices_along_and_no_others(small, foreign_matrix, owner):
    owner.workspace.delete()
    assert list(Matrix.objects.all()) == [foreign_matrix]
    assert set(Assignment.objects.values_list("activity__matrix", flat=True)) == {foreign_matrix.pk}


# --- 64 bits


@pytest.mark.parametrize("model", [m for m in apps.get_models() if m._meta.app_label in OURS], ids=lambda m: m.__name__)
def test_every_key_is_64_bit(model):
    key = model._meta.pk
    assert isinstance(key, BigAutoField | BigIntegerField) or key.target_field.__class__ is BigAutoField


@pytest.mark.django_db
def test_every_key_and_revision_is_64_bit_in_the_database():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name LIKE 'matrices_%' AND type = 'table'")
            assert all("integer NOT NULL PRIMARY KEY AUTOINCREMENT" in sql for (sql,) in cursor.fetchall())
        return  # every integer of SQLite has 64 bits; AUTOINCREMENT: an id is never given twice
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
            "AND (column_name = 'id' OR column_name LIKE '%%_id' OR column_name = 'revision') AND data_type = 'integer'"
        )
        narrow = [row for row in cursor.fetchall() if row[0].split("_")[0] in OURS]
    # Django's own groups and permissions have narrow keys; ours only point at them.
    assert [row for row in narrow if row[1] not in ("group_id", "permission_id")] == []


def test_ids_and_revisions_past_32_bits_work(small, owner):
    Matrix.objects.filter(pk=small.pk).update(revision=2**31)
    role = Role.objects.create(pk=2**31 + 7, matrix=small, name="Late", position=4)
    Activity.objects.filter(pk=rows_of(small)[0].pk).update(revision=2**31)
    Assignment.objects.create(pk=2**33, activity=rows_of(small)[0], role=role, level="C")
    assert revision(small) == 2**31
    assert letters(small)[0] == "LS.C"


def test_an_id_is_never_given_twice(small, owner):
    """A role removed and another added: undo of the removal must not meet a stranger under the old id."""
    last = roles_of(small)[-1]
    old = last.pk
    last.delete()
    assert Role.objects.create(matrix=small, name="New", position=3).pk > old
