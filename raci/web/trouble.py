"""Which trouble with the database may pass by itself."""

import sqlite3

from django.db import OperationalError

SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Connection, resources, operator; serialization failure, deadlock, lock not available.
POSTGRESQL_STATES = ("08", "53", "57", "40001", "40P01", "55P03")


def may_pass(error: OperationalError) -> bool:
    """True for a lock, a lost connection or a full disk; false for a missing table and other faults of ours."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in SQLITE_CODES  # the rest of the code is detail
    state: str | None = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(POSTGRESQL_STATES)  # none where there is no connection to ask
