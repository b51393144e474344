"""Migrations on a database with data in it: forward, back, forward, and the data is what it was."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from culture.models import Culture
from raci.grid.levels import Level
from raci.matrices import drafts
from raci.matrices.departures import follow, keep
from raci.matrices.house import save_reference
from raci.matrices.models import Activity, Assignment, HouseReference, Matrix, Role
from raci.matrices.people import answer_for, take_part
from tests import invariants
from tests.matrices.reading import revision, roles_of, rows_of, to


def _digest():
    """Every row of every table of ours; what the log says of a row follows the row's columns, so it stands apart."""
    models = [model for model in apps.get_models() if model._meta.app_label in ("matrices", "workspaces", "culture")]
    rows = {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}
    return {label: [{**row, "edits": None} for row in found] for label, found in rows.items()}


def _tables():
    """The same read without models, for a database between two migrations: table -> rows, each as text by column."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(("matrices_", "workspaces_")):
                cursor.execute(f"SELECT * FROM {table} ORDER BY id")
                columns = [column[0] for column in cursor.description]
                rows = [dict(zip(columns, map(str, row), strict=True)) for row in cursor.fetchall()]
                found[table] = [{name: value for name, value in row.items() if name != "edits"} for row in rows]
    return found


def _kept(before, now):
    """What both have, of the tables and columns that are there now."""
    return {
        table: [{c: row[c] for c in rows[0]} for row in before[table]] if rows else [] for table, rows in now.items()
    }


def _migrate(app, name):
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name)])


def _triggers():
    """How many there are on the tables of matrices."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'matrices_%'")
        else:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'matrices_%'"
            )
        return cursor.fetchone()[0]


def _bells():
    """How many of the triggers came later: the one that rings for a change, where the database can."""
    return 1 if connection.vendor == "postgresql" else 0


@pytest.fixture
def _migrated_again(transactional_db):
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_the_triggers_go_and_come_back_on_a_full_database(matrix, foreign_matrix, owner):
    whole, before, triggers = _digest(), _tables(), _triggers()
    _migrate("matrices", "0001_initial")
    assert _triggers() == 0
    now = _tables()
    assert now["matrices_activity"]
    assert now == _kept(before, now)
    call_command("migrate", verbosity=0)
    assert _triggers() == triggers > 0
    assert _digest() == whole
    with pytest.raises(IntegrityError, match="different matrices"), transaction.atomic():
        Assignment.objects.create(activity=rows_of(matrix)[0], role=roles_of(foreign_matrix)[0], level="C")
    invariants.check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_departures_and_house_references_can_be_taken_out_of_a_full_database(matrix):
    """What they hold goes with them; all else stays, and the triggers with it."""
    activity = rows_of(matrix)[0]
    house = HouseReference.objects.create(workspace=matrix.workspace, name="Ours", grid={})
    Activity.objects.filter(pk=activity.pk).update(departures={"1:market": {"reason": "x"}})
    Matrix.objects.filter(pk=matrix.pk).update(house=house)
    before, triggers = _tables(), _triggers()
    _migrate("matrices", "0002_cell_in_one_matrix")
    now = _tables()
    assert "matrices_housereference" not in now
    assert "departures" not in now["matrices_activity"][0]
    assert now == _kept(before, now)
    assert _triggers() == triggers - _bells()
    call_command("migrate", verbosity=0)
    assert _triggers() == triggers
    assert Activity.objects.get(pk=activity.pk).departures == {}
    assert Matrix.objects.get(pk=matrix.pk).house is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_the_log_still_leads_to_the_tables_after_a_step_back_and_forward(matrix, owner):
    """A departure that was kept, and a house reference that was followed, are in neither then."""
    row, role = rows_of(matrix)[0].pk, roles_of(matrix)[3].pk
    house = save_reference(by=owner, matrix=matrix, name="Ours")
    keep(
        **to(matrix, owner),
        activity=row,
        ours={role: Level.INFORMED},
        theirs={role: Level.SUPPORT},
        against="sales",
        reference="sales-led",
        reason="They hear of it early enough.",
        until=None,
        seen=revision(matrix),
    )
    follow(**to(matrix, owner), culture="market", house=house.pk, moves={}, seen=revision(matrix))
    invariants.check()
    _migrate("matrices", "0002_cell_in_one_matrix")
    call_command("migrate", verbosity=0)
    invariants.check()
    assert revision(matrix) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_members_in_roles_and_draft_links_can_be_taken_out_of_a_full_database(matrix, owner):
    """Nobody fills a role then, in the tables and in the log; all else stays, and the triggers with it."""
    role = roles_of(matrix)[0].pk
    take_part(**to(matrix, owner), role=role, user=owner.user_id)
    answer_for(**to(matrix, owner), role=role, user=owner.user_id, seen=revision(matrix))
    drafts.make(matrix=matrix.pk, by=owner, name="For the board")
    invariants.check()
    before, triggers = _tables(), _triggers()
    _migrate("matrices", "0003_departures_and_house_references")
    now = _tables()
    assert "matrices_draftlink" not in now
    assert "members" not in now["matrices_role"][0]
    assert now == _kept(before, now)
    assert _triggers() == triggers - _bells()
    call_command("migrate", verbosity=0)
    assert _triggers() == triggers
    filled = Role.objects.get(pk=role)
    assert (filled.members, filled.answers) == ([], None)
    assert revision(matrix) == 3
    invariants.check()
    take_part(**to(matrix, owner), role=role, user=owner.user_id)
    invariants.check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_all_of_the_app_can_be_taken_out_and_put_back(matrix):
    """Data goes with its tables; what other apps hold stays."""
    before = {label: rows for label, rows in _digest().items() if not label.startswith("matrices.")}
    _migrate("matrices", None)
    assert not [name for name in connection.introspection.table_names() if name.startswith("matrices_")]
    call_command("migrate", verbosity=0)
    after = _digest()
    assert {label: rows for label, rows in after.items() if not label.startswith("matrices.")} == before
    assert _triggers() > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_the_catalogue_can_be_unseeded_and_seeded_again(seeded):
    before = {label: len(rows) for label, rows in _digest().items() if label.startswith("culture.")}
    assert before["culture.Culture"] == 3
    _migrate("culture", "0001_initial")
    assert not Culture.objects.exists()
    call_command("migrate", verbosity=0)
    assert {label: len(rows) for label, rows in _digest().items() if label.startswith("culture.")} == before


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
