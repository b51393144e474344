"""Which trouble with the database is a 503 to wait for and which a 500; both are logged (RELIABILITY.md)."""

import logging
import sqlite3
from contextlib import closing

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.urls import reverse

from raci.web.middleware import RefusalMiddleware
from raci.web.refusals import Busy
from raci.web.trouble import may_pass


def _caused_by(cause):
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def _sqlite_error(statement, *, file, before="", uri=""):
    with (
        closing(sqlite3.connect(file)) as other,
        closing(sqlite3.connect(f"file:{file}{uri}", uri=True, timeout=0)) as own,
    ):
        other.execute("CREATE TABLE IF NOT EXISTS matter (x)")
        other.commit()
        other.execute(before)
        with pytest.raises(sqlite3.OperationalError) as raised:
            own.execute(statement)
        return raised.value


@pytest.mark.parametrize(
    ("case", "passes"),
    [
        ({"statement": "INSERT INTO matter VALUES (1)", "before": "BEGIN EXCLUSIVE"}, True),
        ({"statement": "INSERT INTO matter VALUES (1)", "uri": "?mode=ro"}, True),
        ({"statement": "SELECT * FROM missing"}, False),
        ({"statement": "SELECT missing FROM matter"}, False),
        ({"statement": "SELEC"}, False),
    ],
)
def test_sqlite(tmp_path, case, passes):
    assert may_pass(_caused_by(_sqlite_error(file=tmp_path / "x.sqlite3", **case))) is passes


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, True),
        (sqlite3.SQLITE_CANTOPEN, True),
        (sqlite3.SQLITE_ERROR, False),
    ],
)
def test_sqlite_codes(code, passes):
    cause = sqlite3.OperationalError("made up")
    cause.sqlite_errorcode = code
    assert may_pass(_caused_by(cause)) is passes


@pytest.mark.parametrize(
    ("state", "passes"),
    [
        ("08006", True),
        ("53300", True),
        ("53100", True),
        ("57P01", True),
        ("57014", True),
        ("40001", True),
        ("40P01", True),
        ("55P03", True),
        ("42P01", False),
        ("58000", False),
    ],
)
def test_postgresql(state, passes):
    assert may_pass(_caused_by(psycopg.errors.lookup(state)("made up"))) is passes


def test_postgresql_without_a_connection_has_no_state():
    assert may_pass(_caused_by(psycopg.OperationalError("connection refused")))


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_answer_and_the_log(caplog, wrapped):
    middleware, request = RefusalMiddleware(lambda _: None), RequestFactory().get("/somewhere")
    cause = sqlite3.OperationalError("no such table: matter")
    cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
    for error, status in ((_caused_by(cause), 500), (OperationalError("database is locked"), 503)):
        raised = error
        if wrapped:  # as raci.matrices.operations does
            raised = Busy()
            raised.__cause__ = error
        caplog.clear()
        answer = middleware.process_exception(request, raised)
        if status == 500:
            assert answer is None  # left to Django
        else:
            assert answer.status_code == 503
            (record,) = [each for each in caplog.records if each.name == "raci.web.middleware"]
            assert record.exc_info[1] is error
            assert "/somewhere" in record.getMessage()


@pytest.mark.django_db
def test_a_fault_of_ours_is_a_500_and_logged(owner, sign_in, caplog):
    def broken(execute, sql, params, many, context):
        if "matrices_matrix" in sql:
            cause = sqlite3.OperationalError("no such column: matter")
            cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
            raise OperationalError("no such column: matter") from cause
        return execute(sql, params, many, context)

    client = sign_in(owner, raise_request_exception=False)
    with caplog.at_level(logging.ERROR), connection.execute_wrapper(broken):
        answer = client.get(reverse("matrices", args=[owner.workspace_id]))
    assert answer.status_code == 500
    assert "no such column" in caplog.text
