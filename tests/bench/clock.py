"""How one request is measured: CPU and wall time, and of that what the database took."""

import gc
import gzip
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse

QUIET = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Spent:
    """What the database took in one request, in seconds; the statements, but for those around transactions."""

    cpu: float = 0.0
    wall: float = 0.0
    queries: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu


@dataclass(frozen=True)
class Measured:
    """Medians over several requests; times in ms."""

    cpu: float
    wall: float
    database_cpu: float
    database_wall: float
    queries: int
    raw: int
    zipped: int


def measure(ask: Callable[[], HttpResponse], times: int, *, cold: bool = False) -> Measured:
    """`ask` is called once to warm up, `times` for the clock, and a few more to look at the database."""
    first = ask()
    cpu, wall = [], []
    for _ in range(times):
        if cold:
            forget()
        gc.collect()
        gc.disable()
        begun = time.perf_counter(), time.process_time()
        ask()
        ended = time.perf_counter(), time.process_time()
        gc.enable()
        wall.append(1000 * (ended[0] - begun[0]))
        cpu.append(1000 * (ended[1] - begun[1]))
    spent = [looked_at(ask, cold) for _ in range(max(3, times // 3))]
    body = first.content
    plain = gzip.decompress(body) if first.headers.get("Content-Encoding") == "gzip" else body
    return Measured(
        cpu=statistics.median(cpu),
        wall=statistics.median(wall),
        database_cpu=statistics.median(1000 * one.cpu for one in spent),
        database_wall=statistics.median(1000 * one.wall for one in spent),
        queries=max(len(one.queries) for one in spent),
        raw=len(plain),
        zipped=len(body) if plain is not body else len(gzip.compress(body, 6)),
    )


def forget() -> None:
    """Empties every cache of our own functions, as after a start."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("raci.", "culture.")):
            for value in vars(module).values():
                if not isinstance(value, type) and hasattr(value, "cache_clear"):
                    value.cache_clear()


def looked_at(ask: Callable[[], HttpResponse], cold: bool) -> Spent:
    """One request with a clock on every statement, every fetch and every commit."""
    if cold:
        forget()
    spent = Spent()

    class Cursor(CursorWrapper):
        def execute(self, sql, params=None):
            return self._run(sql, super().execute, params)

        def executemany(self, sql, param_list):
            return self._run(sql, super().executemany, param_list)

        def _run(self, sql, run, params):
            if not sql.lstrip().upper().startswith(QUIET):
                spent.queries.append(sql)
            with spent.timed():
                return run(sql, params)

        def fetchmany(self, *args):
            with spent.timed():
                return self.cursor.fetchmany(*args)

        def fetchone(self):
            with spent.timed():
                return self.cursor.fetchone()

        def fetchall(self):
            with spent.timed():
                return self.cursor.fetchall()

    commit = connection._commit

    def timed_commit():
        with spent.timed():
            return commit()

    connection.make_cursor = lambda cursor: Cursor(cursor, connection)
    connection._commit = timed_commit
    try:
        ask()
    finally:
        del connection.make_cursor, connection._commit
    return spent
