"""What the database itself refuses of versions and signatures, on both engines, whoever writes to it (T35)."""

import hashlib
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, JSONField, Value
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.plain import from_plain, to_plain
from raci.matrices.models import Matrix
from raci.publishing.models import Publication, Receipt, SharedPage, SignOff, Version
from raci.publishing.signing import sign_version
from raci.publishing.versions import digest_of, grid_of
from raci.screens import leaving
from raci.workspaces.links import NO_END, make_link
from raci.workspaces.models import Link, Workspace
from tests.factories import make_grid, make_matrix
from tests.invariants import check
from tests.publishing.making import answers, publish

UNCHANGED, UNSIGNED = "a version is never changed", "a signature is never changed"
KEPT, LEADS = "versions and signatures go with their workspace only", "exactly one role leads each activity"


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture
def version(small, editor) -> Version:
    return publish(small, editor, note="Agreed in March.")


@pytest.fixture
def signature(small, version, editor) -> SignOff:
    role = answers(small, editor)
    return sign_version(matrix=small.pk, role=role.pk, digest=version.digest, by=editor)


def _refused(write, saying=None):
    with pytest.raises(IntegrityError, match=saying), transaction.atomic():
        write()


def _sql(statement):
    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def _others(version, owner) -> dict:
    """A value for each field of a version that it does not have."""
    return {
        "matrix": make_matrix(owner, "L"),
        "number": 7,
        "revision": version.revision - 1,
        "logged": version.logged + 7,
        "name": "Another name",
        "grid": to_plain(make_grid("SL.")),
        "digest": "0" * 64,
        "filled": [1],
        "note": "",
        "known": [{"key": "R4:1:"}],
        "published_at": timezone.now(),
        "published_by": owner.user,
    }


def test_no_field_of_a_version_is_changed_by_any_way_of_writing(version, owner):
    others = _others(version, owner)
    names = {field.name for field in Version._meta.concrete_fields} - {"id"}
    assert set(others) == names
    before = Version.objects.values().get(pk=version.pk)
    for name, value in others.items():
        rows = Version.objects.filter(pk=version.pk)
        _refused(lambda: rows.update(**{name: value}), UNCHANGED)  # noqa: B023
        row = Version.objects.get(pk=version.pk)
        setattr(row, name, value)
        _refused(row.save, UNCHANGED)
        _refused(lambda: Version.objects.bulk_update([row], [name]), UNCHANGED)  # noqa: B023
    assert Version.objects.values().get(pk=version.pk) == before


def test_a_part_of_the_grid_is_not_changed_by_a_statement_either(version):
    new = "json_set(grid, '$.culture', 'x')" if connection.vendor == "sqlite" else """grid || '{"culture": "x"}'"""
    _refused(_sql(f"UPDATE publishing_version SET grid = {new}"), UNCHANGED)
    _refused(lambda: Version.objects.update(number=F("number") + 1), UNCHANGED)
    _refused(_sql("UPDATE publishing_version SET id = id + 1"), UNCHANGED)
    _refused(_sql("DELETE FROM publishing_version"), KEPT)


def test_a_version_is_not_removed_from_a_workspace_in_use(version, small):
    _refused(version.delete, KEPT)
    _refused(Version.objects.filter(pk=version.pk).delete, KEPT)
    _refused(small.delete, KEPT)
    _refused(Workspace.objects.get(pk=small.workspace_id).delete)
    assert Version.objects.get() == version


def test_a_signature_is_neither_changed_nor_removed(signature, owner, small):
    other = make_matrix(owner, "L")
    for name, value in {
        "matrix": other,
        "digest": "0" * 64,
        "role": 7_999_999,
        "name": "Another",
        "by": owner.user,
        "at": timezone.now(),
    }.items():
        rows = SignOff.objects.filter(pk=signature.pk)
        _refused(lambda: rows.update(**{name: value}), UNSIGNED)  # noqa: B023
        row = SignOff.objects.get(pk=signature.pk)
        setattr(row, name, value)
        _refused(row.save, UNSIGNED)
        _refused(lambda: SignOff.objects.bulk_update([row], [name]), UNSIGNED)  # noqa: B023
    _refused(signature.delete, KEPT)
    _refused(_sql("DELETE FROM publishing_signoff"), KEPT)
    assert SignOff.objects.get().by_id == signature.by_id


@pytest.mark.parametrize("rows", [("LS", "SC"), ("LL",), ("L.", "..")])
def test_a_version_in_which_not_exactly_one_role_leads_each_activity_is_refused(small, rows):
    grid = make_grid(*rows)
    fields = {"matrix": small, "number": 1, "revision": 2, "name": "x", "published_at": timezone.now()}
    row = Version(**fields, grid=to_plain(grid), digest=digest_of(grid))
    _refused(row.save, LEADS)
    _refused(lambda: Version.objects.bulk_create([row]), LEADS)
    assert not Version.objects.exists()


def test_an_activity_without_any_cell_in_what_is_kept_has_no_lead_either(small):
    plain = to_plain(make_grid("L."))
    fields = {"matrix": small, "number": 1, "revision": 2, "name": "x", "published_at": timezone.now()}
    _refused(lambda: Version.objects.create(**fields, grid={**plain, "cells": {}}, digest=""), LEADS)


@pytest.mark.parametrize(
    "grid",
    [
        {},
        [],
        "x",
        None,
        {"activities": None, "cells": {}},
        {"activities": {}, "cells": {}},
        {"activities": []},
        {"activities": [], "cells": []},
    ],
)
def test_what_is_no_grid_is_no_version(version, small, grid):
    fields = {"matrix": small, "number": 9, "revision": 90, "logged": 91, "name": "x", "published_at": timezone.now()}
    _refused(lambda: Version.objects.create(**fields, grid=Value(grid, JSONField()), digest=""), LEADS)
    assert Version.objects.get() == version


def test_no_statement_puts_a_row_in_the_place_of_another(version, signature):
    before = [Version.objects.values().get(), SignOff.objects.values().get()]
    for model, said, own in ((Version, UNCHANGED, "number"), (SignOff, UNSIGNED, "role")):
        table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
        for changed in (["name"], ["name", "id"], ["name", own]):
            new = [
                "'Another'" if column == "name" else f"{column} + 900" if column in changed else column
                for column in columns
            ]
            row = f"INTO {table} ({', '.join(columns)}) SELECT {', '.join(new)} FROM {table}"
            if connection.vendor == "sqlite":
                _refused(_sql(f"INSERT OR REPLACE {row}"), said)
                _refused(_sql(f"INSERT {row} WHERE true ON CONFLICT DO UPDATE SET name = 'Another'"), said)
            else:
                key = "id" if "id" not in changed else own
                on = {"id": "id", "number": "matrix_id, number", "role": "matrix_id, digest, role"}[key]
                _refused(_sql(f"INSERT {row} ON CONFLICT ({on}) DO UPDATE SET name = 'Another'"))
    assert [Version.objects.values().get(), SignOff.objects.values().get()] == before


def test_a_number_and_a_revision_are_given_once(version):
    copy = {
        field.attname: getattr(version, field.attname) for field in Version._meta.concrete_fields if field.name != "id"
    }
    _refused(lambda: Version.objects.create(**{**copy, "revision": 90}))
    _refused(lambda: Version.objects.create(**{**copy, "number": 90}))


def test_the_digest_is_that_of_the_grid_that_was_kept(version, small):
    row = Version.objects.get(pk=version.pk)
    assert digest_of(from_plain(row.grid)) == digest_of(grid_of(row)) == row.digest
    text = json.dumps(to_plain(from_plain(row.grid)), ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == row.digest
    assert len(row.digest) == 64


def test_an_account_that_is_deleted_takes_its_name_from_a_version_and_a_signature_and_nothing_else(
    signature, version, editor, owner
):
    kept = [Version.objects.values().get(), SignOff.objects.values().get()]
    leaving.delete_account(by=editor.user)
    assert Version.objects.values().get() == {**kept[0], "published_by_id": None}
    assert SignOff.objects.values().get() == {**kept[1], "by_id": None}
    _refused(lambda: Version.objects.update(published_by=owner.user), UNCHANGED)
    _refused(lambda: SignOff.objects.update(by=Value(owner.user_id)), UNSIGNED)
    check()


def test_a_deleted_workspace_goes_with_all_that_was_published_in_it(signature, version, small, editor, foreign_matrix):
    workspace = Workspace.objects.get(pk=small.workspace_id)
    link, _ = make_link(purpose=Link.Purpose.SHARED, workspace=workspace, by=editor.user, until=NO_END)
    SharedPage.objects.create(matrix=small, link=link, version=version)
    letter, _ = make_link(purpose=Link.Purpose.LETTER, workspace=workspace, by=editor.user, until=NO_END)
    Receipt.objects.create(version=version, address="a@example.org", link=letter)
    Workspace.objects.filter(pk=workspace.pk).update(deleted_at=timezone.now())
    workspace.delete()
    for model in (Version, SignOff, Publication, SharedPage, Receipt, Link):
        assert not model.objects.exists(), model
    assert list(Matrix.objects.all()) == [foreign_matrix]
    assert User.objects.filter(pk=editor.user_id).exists()
    check()


def test_the_next_version_and_one_of_another_matrix_are_no_changes(version, small, owner, editor):
    answers(small, owner)
    assert publish(small, owner).number == 2
    assert publish(make_matrix(owner, "L"), editor).number == 1
    assert Version.objects.count() == 3
