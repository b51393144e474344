"""manage.py backup and restore, on both engines, while somebody writes."""

import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from raci.grid.levels import Level
from raci.matrices import store
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import rename_matrix, set_level
from raci.web import databases
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of, to
from tests.stress import processes

pytestmark = pytest.mark.django_db(transaction=True)


def _run(*arguments, **options):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "remit.backup"


@pytest.fixture(autouse=True)
def _nothing_left_beside_the_database():
    yield
    for left in Path(connection.settings_dict["NAME"]).parent.glob("*.before-restore*"):
        left.unlink()


def test_a_restored_backup_is_what_was_there(small, owner, matrix, file):
    set_level(**to(small, owner), activity=rows_of(small)[0].pk, role=roles_of(small)[2].pk, level=Level.LEAD, seen=1)
    before = {each.pk: store.read_state(each.pk) for each in (small, matrix)}
    assert "Wrote" in _run("backup", file)
    rename_matrix(**to(small, owner), name="Lost")
    matrix.delete()
    assert "Restored" in _run("restore", file, "--yes")
    assert {each.pk: store.read_state(each.pk) for each in Matrix.objects.all()} == before
    invariants.check()
    rename_matrix(**to(small, owner), name="Goes on")  # ids and triggers go on where they were
    make_matrix(owner, "LS")
    invariants.check()


def test_a_backup_made_while_somebody_writes_is_sound_and_misses_nothing_acknowledged(small, owner, file):
    connection.close()
    writer = processes.start("-m", "tests.stress.writer", str(small.pk), str(owner.pk))
    backups = []
    try:
        told = [writer.stdout.readline() for _ in range(20)]
        for number in range(3):
            known = processes.acknowledged(told)
            backups.append((known, file.with_name(f"{number}.backup")))
            _run("backup", backups[-1][1])
            told += [writer.stdout.readline() for _ in range(10)]
    finally:
        writer.kill()
        writer.wait()
    assert len(processes.acknowledged(told)) > len(backups[0][0])  # it wrote all the while
    for known, backup in backups:
        _run("restore", backup, "--yes")
        invariants.check(known)


def test_a_backup_is_for_the_eyes_of_its_owner(small, file):
    _run("backup", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [left.name for left in file.parent.iterdir()] == [file.name]


def test_a_backup_overwrites_nothing_unless_told(small, file):
    file.write_text("precious")
    with pytest.raises(CommandError, match="exists\\. Choose another name"):
        _run("backup", file)
    assert file.read_text() == "precious"
    _run("backup", file, "--force")
    databases.check_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_into_a_folder_that_is_not_there_is_refused(small, tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        _run("backup", tmp_path / "no" / "where")


def test_a_restore_asks_before_it_replaces_data(small, owner, file):
    _run("backup", file)
    rename_matrix(**to(small, owner), name="Newer")
    with pytest.raises(CommandError, match="Add --yes"):
        _run("restore", file)
    assert Matrix.objects.get(pk=small.pk).name == "Newer"


def test_what_a_restore_replaces_is_kept_aside_each_time(small, owner, file):
    _run("backup", file)
    rename_matrix(**to(small, owner), name="Newer")
    told = _run("restore", file, "--yes")
    aside = Path(told.split("Kept what was here as ")[1].split(".\n")[0])
    assert aside.name.endswith(".before-restore")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert Matrix.objects.get(pk=small.pk).name == "Small"
    assert ".before-restore-2.\n" in _run("restore", file, "--yes")
    _run("restore", aside, "--yes")
    assert Matrix.objects.get(pk=small.pk).name == "Newer"
    invariants.check()


def _refusal(file):
    with pytest.raises(CommandError) as refusal:
        _run("restore", file, "--yes")
    return str(refusal.value)


def test_a_file_that_is_no_backup_changes_nothing(small, file, tmp_path):
    assert "no file" in _refusal(file)
    file.write_bytes(b"")
    assert "not a backup" in _refusal(file)
    file.write_bytes(b"PK\x03\x04 a workbook perhaps" * 100)
    assert "not a backup" in _refusal(file)
    assert Matrix.objects.get() == small


def test_a_backup_that_was_cut_off_or_damaged_changes_nothing(small, file):
    _run("backup", file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert _refusal(file)
    file.write_bytes(whole[:100] + b"\0" * 20_000 + whole[20_100:])
    assert _refusal(file)
    assert Matrix.objects.get() == small
    assert Change.objects.count() == 1
    invariants.check()


def _altered(file, statement):
    """A backup of a database on which this statement was run."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
    _run("backup", file)


def test_a_backup_of_a_newer_remit_is_refused_by_name(small, file):
    _altered(file, "INSERT INTO django_migrations (app, name, applied) VALUES ('matrices', '0999_next', '2030-01-01')")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0999_next'")
    assert "newer Remit (matrices.0999_next)" in _refusal(file)


def test_a_database_of_another_program_is_refused(small, file):
    if connection.vendor == "sqlite":
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE songs (name text)")
    else:
        subprocess.run(
            ["pg_dump", "--format=custom", "--table=culture_culture", f"--file={file}"],
            env=databases._environment(),
            check=True,
        )
    assert "not a backup of Remit" in _refusal(file)
    assert Matrix.objects.get() == small


def test_a_backup_of_an_older_remit_is_restored_and_says_what_is_next(small, owner, file):
    """And tables that the newer one has added are gone, so that migrating makes them anew."""
    try:
        call_command("migrate", "matrices", "0001_initial", verbosity=0)
        _run("backup", file)
        call_command("migrate", verbosity=0)
        assert "manage.py migrate" in _run("restore", file, "--yes")
    finally:
        call_command("migrate", verbosity=0)
    assert Matrix.objects.get() == small
    invariants.check()


def test_without_the_programs_of_postgresql_a_sentence_says_what_to_install(small, file, monkeypatch, tmp_path):
    """SQLite needs no program."""
    monkeypatch.setenv("PATH", str(tmp_path))
    if connection.vendor == "sqlite":
        _run("backup", file)
        return
    with pytest.raises(CommandError, match="pg_dump is missing\\. Install"):
        _run("backup", file)
    assert not file.exists()


def test_a_real_process_restores_an_empty_place_and_serves_it(small, owner, file, tmp_path):
    """The drill: another machine, the backup and nothing else."""
    _run("backup", file)
    if connection.vendor != "sqlite":
        done = processes.run("manage.py", "restore", str(file), "--yes")
        assert "Restored" in done.stdout
        return
    (tmp_path / "elsewhere").mkdir()
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'remit.sqlite3'}"
    done = processes.run("manage.py", "restore", str(file), DATABASE_URL=elsewhere)
    assert "Restored" in done.stdout
    script = (
        "import django; django.setup();"
        "from tests import invariants; from raci.matrices.models import Matrix; from tests.matrices.reading import *;"
        "from raci.matrices.operations import *; from raci.workspaces.models import Member;"
        "invariants.check(); rename_matrix(matrix=Matrix.objects.get().pk, sender=Sender(Member.objects.get()),"
        "name='Elsewhere'); invariants.check(); print(Matrix.objects.get().name)"
    )
    assert processes.run("-c", script, DATABASE_URL=elsewhere).stdout == "Elsewhere\n"
    assert stat.S_IMODE((tmp_path / "elsewhere" / "remit.sqlite3").stat().st_mode) == 0o600


def test_a_damaged_database_of_sqlite_is_kept_and_replaced(small, owner, file, tmp_path):
    """The day a backup is for. (A damaged PostgreSQL cluster is made anew first; that is its own handbook.)"""
    if connection.vendor != "sqlite":
        assert databases.is_empty() is False
        return
    _run("backup", file)
    damaged = tmp_path / "remit.sqlite3"
    damaged.write_bytes(b"\0garbage" * 10_000)
    done = processes.run("manage.py", "restore", str(file), "--yes", DATABASE_URL=f"sqlite:///{damaged}")
    assert "before-restore" in done.stdout
    assert (tmp_path / "remit.sqlite3.before-restore").read_bytes() == b"\0garbage" * 10_000
    with sqlite3.connect(damaged) as restored:
        assert restored.execute("SELECT name FROM matrices_matrix").fetchall() == [("Small",)]


def test_a_plain_copy_of_the_file_is_why_there_is_a_command(small, tmp_path, monkeypatch):
    """Negative control (M13), SQLite: the copied file holds a write that was never committed; a backup waits."""
    if connection.vendor != "sqlite":
        return
    monkeypatch.setattr(databases, "PATIENCE", 0.5)
    source, copied, backed = Path(connection.settings_dict["NAME"]), tmp_path / "copied", tmp_path / "backed"
    connection.close()
    with closing(sqlite3.connect(source, isolation_level=None)) as writing:
        writing.execute("PRAGMA cache_size=1")  # so that it writes into the file before the commit
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE matrices_matrix SET name = 'Never'")
        writing.execute("CREATE TABLE filler AS SELECT randomblob(4000) AS b FROM culture_referencelevel LIMIT 400")
        shutil.copyfile(source, copied)
        if settings.SQLITE_JOURNAL != "WAL":
            with pytest.raises(databases.NotPossible, match="locked all the time"):
                databases.write_to(backed)
        writing.execute("ROLLBACK")
    databases.write_to(backed)
    with closing(sqlite3.connect(backed)) as opened:
        assert opened.execute("SELECT name FROM matrices_matrix").fetchall() == [("Small",)]
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(sqlite3.connect(copied)) as opened:
        try:
            torn = opened.execute("SELECT name FROM matrices_matrix").fetchall() != [("Small",)]
        except sqlite3.DatabaseError:
            torn = True
    assert torn or settings.SQLITE_JOURNAL == "WAL"
