"""`python -m tests.bench`: what a page, an edit and an export cost the server, at three sizes.

Requests go through Django's test client and the whole middleware. The shares are of CPU time, which other programs
disturb least: framework is a view that does nothing, its two queries apart; database is every statement, fetch and
commit (on PostgreSQL the driver's part; the wall time beside it has the server's too); the rest is ours: reading,
checking, rendering, zipping.
`--queries` lists the statements of each request as well.
"""

import argparse
import gzip
import re
import shutil
from collections.abc import Callable
from itertools import count, cycle

from tests.bench.world import (
    SIZES,
    assessed,
    database,
    machine,
    others,
    polled,
    populate,
    shared,
    start,
    table,
    what_ifs,
)

TIMES = {(18, 4): 41, (200, 12): 21, (1000, 30): 7}
AIMS = {  # ms of server time
    "open": {(18, 4): 15, (200, 12): 30, (1000, 30): 150},
    "edit": {(18, 4): 12, (200, 12): 15, (1000, 30): 25},
    "compare": {(18, 4): 30, (200, 12): 150, (1000, 30): 500},
    "read": {(18, 4): 25, (200, 12): 60, (1000, 30): 250},
    "export": {(18, 4): 80, (200, 12): 150, (1000, 30): 1500},
}
MOST_QUERIES = 12
HEAD = [
    "",
    "CPU ms",
    "wall ms",
    "aim ms",
    "framework",
    "database",
    "rest",
    "db wall ms",
    "queries",
    "bytes",
    "zipped",
    "",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", action="store_true", help="list the statements of each request")
    parser.add_argument(
        "--size", type=int, choices=[size[0] for size in SIZES], help="one size only, by its activities"
    )
    options = parser.parse_args()
    folder = start()
    try:
        with database():
            run(options)
    finally:
        shutil.rmtree(folder)


def run(options: argparse.Namespace) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from tests.bench.clock import measure

    call_command("collectstatic", verbosity=0, interactive=False)
    settings.ROOT_URLCONF = "tests.bench.urls"
    member, matrices = populate()
    beside, assessment = others(member), assessed(member)
    instead, tokens = what_ifs(member, beside), shared(member, beside)
    client = Client(headers={"Accept-Encoding": "gzip"}, SERVER_NAME="localhost")
    client.force_login(member.user)
    print(machine(), end="\n\n")

    empty = measure(lambda: client.get("/empty/"), 81)
    framework = empty.cpu - empty.database_cpu
    rows = [_line("empty view", empty, None, framework)]
    for size in SIZES:
        if options.size in (None, size[0]):
            own = asks(client, matrices[size], beside[size], instead[size])
            for name, kind, ask, cold in [*own, *visits(tokens[size])]:
                if options.queries:
                    _list(f"{name} {size[0]}x{size[1]}", ask)
                found = measure(ask, TIMES[size], cold=cold)
                rows.append(_line(f"{name} {size[0]}x{size[1]}", found, AIMS[kind][size], framework))
            known = polled(member, size)
            for name, kind, ask, cold in asks(client, known.matrix, beside[size], instead[size])[:4]:
                found = measure(ask, TIMES[size], cold=cold)
                rows.append(_line(f"polled: {name} {size[0]}x{size[1]}", found, AIMS[kind][size], framework))
    result = f"/w/{member.workspace_id}/assessments/{assessment.pk}/result/"
    rows.append(_line("result of 1,000", measure(lambda: _done(client.get(result)), 11), 300, framework))
    poll = polled(member, respondents=500)
    said = f"/w/{member.workspace_id}/matrices/{poll.matrix_id}/polls/{poll.pk}/"
    rows.append(_line("poll of 500 x 18", measure(lambda: _done(client.get(said)), 11), 300, framework))
    print(table(HEAD, rows))
    print("\nThe shares are of CPU time. First: every cache of ours is empty, as after a start.")


def asks(client, matrix, other, instead: str) -> list[tuple[str, str, Callable, bool]]:
    """(name, kind, request, whether caches are emptied before it); `instead` is what it could follow."""
    from raci.grid.levels import Level
    from raci.matrices.store import read_grid

    page = f"/w/{matrix.workspace_id}/matrices/{matrix.pk}/"
    grid = read_grid(matrix)
    activity = grid.activities[len(grid.activities) // 2].id
    free = next(role.id for role in grid.roles if grid.level(activity, role.id) is not Level.LEAD)
    lead = grid.lead(activity)
    keys, letters, leads = count(), cycle("SCI"), cycle([free, lead])
    seen = [matrix.revision]

    def post(role: int, level: str):
        key = f"bench-{matrix.pk}-{next(keys):06}"
        values = {"activity": activity, "role": role, "level": level, "seen": seen[0], "key": key}
        answer = _done(client.post(f"{page}levels/", values, headers={"HX-Request": "true"}))
        seen[0] = _revision(answer)
        return answer

    def download(kind: str):
        return lambda: _done(client.post(f"{page}export/{kind}/"))

    def compare():
        return _done(client.get(f"{page}compare/?with=matrix-{other.pk}"))

    def beside(ask: Callable):
        def asked():
            client.cookies["beside"] = f"matrix-{other.pk}"
            try:
                return ask()
            finally:
                del client.cookies["beside"]

        return asked

    return [
        ("open, first", "open", lambda: _done(client.get(page)), True),
        ("open", "open", lambda: _done(client.get(page)), False),
        ("set a level", "edit", lambda: post(free, next(letters)), False),
        ("move a Lead", "edit", lambda: post(next(leads), "L"), False),
        ("open beside another", "open", beside(lambda: _done(client.get(page))), False),
        ("set beside another", "edit", beside(lambda: post(free, next(letters))), False),
        ("compare with another", "compare", compare, False),
        ("what if", "compare", lambda: _done(client.get(f"{page}what-if/?to={instead}")), False),
        ("export xlsx", "export", download("xlsx"), False),
        ("export csv", "export", download("csv"), False),
        ("export md", "export", download("markdown"), False),
    ]


def visits(token: str) -> list[tuple[str, str, Callable, bool]]:
    """The same of the published page, as somebody without an account reads it."""
    from django.test import Client

    visitor = Client(headers={"Accept-Encoding": "gzip"}, SERVER_NAME="localhost")
    page = visitor.get(f"/shared/{token}/").url
    tag = _done(visitor.get(page)).headers["ETag"]

    def again():
        answer = visitor.get(page, headers={"If-None-Match": tag})
        assert answer.status_code == 304, answer.status_code
        return answer

    return [
        ("published page, first", "read", lambda: _done(visitor.get(page)), True),
        ("published page", "read", lambda: _done(visitor.get(page)), False),
        ("published page, known", "read", again, False),
    ]


def _done(response):
    assert response.status_code == 200, (response.status_code, response.content[:500])
    return response


def _revision(answer) -> int:
    """The revision an edit led to, which the next one says it has seen."""
    body = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    return int(re.search(rb'#revision"[^>]*>(\d+)', body)[1])


def _line(name: str, found, aim: int | None, framework: float) -> list[str]:
    rest = max(0.0, found.cpu - framework - found.database_cpu)
    missed = [] if aim is None else [word for word, bad in _misses(found, aim) if bad]
    return [
        name,
        f"{found.cpu:.1f}",
        f"{found.wall:.1f}",
        "" if aim is None else str(aim),
        *(f"{100 * part / found.cpu:.0f} %" for part in (framework, found.database_cpu, rest)),
        f"{found.database_wall:.1f}",
        str(found.queries),
        f"{found.raw:,}",
        f"{found.zipped:,}",
        ", ".join(missed),
    ]


def _misses(found, aim: int) -> list[tuple[str, bool]]:
    return [(f"{found.cpu / aim:.2f} x aim", found.cpu > aim), ("queries", found.queries > MOST_QUERIES)]


def _list(name: str, ask: Callable) -> None:
    from tests.bench.clock import looked_at

    print(f"{name}:")
    for sql in looked_at(ask, cold=False).queries:
        print(f"  {sql[:200]}")
    print()


if __name__ == "__main__":
    main()
