"""The database as one file: written while people work, checked before it replaces anything.

SQLite is copied through its backup API, which takes the locks that a copy of the file would not: of such copies under
load one in a hundred is corrupt and nearly all miss writes. PostgreSQL has its own programs for it.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

SQLITE_HEADER = b"SQLite format 3\0"
POSTGRESQL_HEADER = b"PGDMP"
MIGRATIONS = "django_migrations"
PATIENCE = 60.0  # seconds


class NotPossible(Exception):
    """Nothing was changed; the message is a sentence for the person at the terminal."""


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def is_empty() -> bool:
    """Whether there is nothing here that a restore would overwrite."""
    if is_sqlite():
        database = _sqlite_file()
        return not database.exists() or database.stat().st_size == 0
    return not connection.introspection.table_names()


def write_to(file: Path) -> None:
    """Writes the whole database to `file`, readable by its owner alone. Either all of it is there or no file."""
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if is_sqlite():
            _copy_sqlite(_sqlite_file(), partial)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={partial}")
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def check_file(file: Path) -> None:
    """Refuses a file that is no backup of Remit on this engine, is damaged, or comes from a newer Remit."""
    if not file.is_file():
        raise NotPossible(f"There is no file {file}.")
    applied = _migrations_in_sqlite(file) if is_sqlite() else _migrations_in_dump(file)
    if ("matrices", "0001_initial") not in applied:
        raise NotPossible(f"{file} is not a backup of Remit: it holds other tables.")
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    ours = {app for app, _ in known}
    if unknown := sorted(f"{app}.{name}" for app, name in applied - known if app in ours):
        raise NotPossible(f"{file} comes from a newer Remit ({', '.join(unknown)}). Update Remit first.")


def read_from(file: Path) -> None:
    """Makes the database what `file` says, in one transaction: it is all of the old or all of the new."""
    if is_sqlite():
        _restore_sqlite(file, _sqlite_file())
    else:
        _restore_postgresql(file)
    connection.close()


def keep_aside(file: Path) -> Path:
    """Keeps what is there now, beside the database or (PostgreSQL) beside the file that is restored."""
    beside = _sqlite_file() if is_sqlite() else file
    aside = beside.with_name(beside.name + ".before-restore")
    number = 1
    while aside.exists():
        number += 1
        aside = beside.with_name(f"{beside.name}.before-restore-{number}")
    if is_sqlite() and not _is_sound(beside):  # which may be why it is restored: keep it as it is
        shutil.copyfile(beside, aside)
        aside.chmod(0o600)
    else:
        write_to(aside)
    return aside


def _sqlite_file() -> Path:
    return Path(connection.settings_dict["NAME"]).absolute()


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(_open_live(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, progress=_patience())
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    with closing(_open_file(target)) as copy:
        _check_pages(copy, target)


def _restore_sqlite(file: Path, database: Path) -> None:
    """Writes through SQLite itself: a server that runs meanwhile waits, and then sees the new contents."""
    if database.exists() and not _is_sound(database):
        for end in ("", "-journal", "-wal", "-shm"):
            database.with_name(database.name + end).unlink(missing_ok=True)
    if not database.exists():
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(_open_file(file)) as backup, closing(_open_live(database)) as live:
        live.execute("PRAGMA synchronous=FULL")
        backup.backup(live, progress=_patience())


def _patience() -> Callable[[int, int, int], None]:
    """Ends a copy that has waited too long for somebody's lock; SQLite itself would wait for ever."""
    end = time.monotonic() + PATIENCE

    def check(status: int, remaining: int, total: int) -> None:
        if status != sqlite3.SQLITE_DONE and time.monotonic() > end:
            raise NotPossible("The database has been locked all the time. Try again when less is going on.")

    return check


def _restore_postgresql(file: Path) -> None:
    """Clears all tables and functions and fills them again in one transaction.

    `pg_restore --clean` alone would stumble over tables that a newer Remit has added since.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP TABLE %s CASCADE;', oid::regclass) FROM pg_class "
            "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace UNION ALL "
            "SELECT format('DROP ROUTINE %s CASCADE;', oid::regprocedure) FROM pg_proc AS routine "
            "WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS "
            "(SELECT FROM pg_depend WHERE objid = routine.oid AND deptype = 'e')"
        )
        clear = " ".join(statement for (statement,) in cursor.fetchall())
    connection.close()
    with tempfile.TemporaryDirectory() as folder:
        script = f"{folder}/restore.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        quiet = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction")
        _run("psql", *quiet, "--command", clear or "SELECT 1", "--file", script)


def _check_pages(opened: sqlite3.Connection, file: Path) -> None:
    answer = opened.execute("PRAGMA integrity_check").fetchall()
    if answer != [("ok",)]:
        raise NotPossible(f"{file} is damaged: {answer[0][0]}.")


def _is_sound(database: Path) -> bool:
    try:
        with closing(_open_live(database)) as live:
            _check_pages(live, database)
    except (sqlite3.DatabaseError, NotPossible):
        return False
    return True


def _open_live(database: Path) -> sqlite3.Connection:
    """A database others may be using: with what a crash has left to be rolled back, hence not read-only."""
    return sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=PATIENCE)


def _open_file(file: Path) -> sqlite3.Connection:
    """A file that nobody writes to."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _migrations_in_sqlite(file: Path) -> set[tuple[str, str]]:
    with file.open("rb") as opened:
        if opened.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise NotPossible(f"{file} is not a backup made by this command: it is no SQLite database.")
    try:
        with closing(_open_file(file)) as database:
            _check_pages(database, file)
            return set(database.execute(f"SELECT app, name FROM {MIGRATIONS}"))
    except sqlite3.OperationalError as error:
        raise NotPossible(f"{file} is not a backup of Remit: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise NotPossible(f"{file} is damaged: {error}.") from error


def _migrations_in_dump(file: Path) -> set[tuple[str, str]]:
    with file.open("rb") as opened:
        if opened.read(len(POSTGRESQL_HEADER)) != POSTGRESQL_HEADER:
            raise NotPossible(f"{file} is not a backup made by this command: it is no dump of PostgreSQL.")
    _run("pg_restore", "--file=/dev/null", str(file))  # reads all of it, so a file that was cut off is found out
    lines = _run("pg_restore", "--data-only", f"--table={MIGRATIONS}", "--file=-", str(file)).splitlines()
    rows = [line.split("\t") for line in lines if line.count("\t") == 3]
    return {(app, name) for _, app, name, _ in rows}


def _run(program: str, *arguments: str) -> str:
    """Runs a program of PostgreSQL on our database. The password goes by the environment: `ps` does not show it."""
    found = shutil.which(program)
    if found is None:
        raise NotPossible(f"{program} is missing. Install PostgreSQL's client programs (Debian: postgresql-client).")
    done = subprocess.run([found, *arguments], env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPossible(f"{program} failed: {done.stderr.strip() or 'it did not say why'}")
    return done.stdout


def _environment() -> dict[str, str]:
    given: dict[str, Any] = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    own = {name: str(given[setting]) for name, setting in names.items() if given[setting]}
    for name in ("sslmode", "sslrootcert", "sslcert", "sslkey"):
        if value := given["OPTIONS"].get(name):
            own[f"PG{name.upper()}"] = str(value)
    return {**os.environ, **own}
