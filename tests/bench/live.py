"""`python -m tests.bench.live`: many people in one matrix at once, over real HTTP, against `uvicorn` in a process of its
own.

Three tables: 50 editors with 50 streams (one action in five seconds each, one in twenty a whole page; an open loop, so
that waiting counts); so many idle streams, and what an edit takes to reach all of them; and 16 editors without pause.
Times are wall time on a machine that also runs the load, memory is the server's. `--seconds` says how long each lasts.
"""

import argparse
import asyncio
import math
import os
import random
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.world import database, grid, machine, start, table

SERVER = """
import uvicorn
from raci.asgi import application
uvicorn.run(application, port={port}, log_level="error", lifespan="off", timeout_keep_alive=75)
"""
TOKEN = "a" * 32  # the CSRF cookie and the header that answers it
EDITORS = 60
MOST_STREAMS = 10  # a person


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", choices=("18x4", "200x12"), default="200x12")
    parser.add_argument("--idle", type=int, nargs="*", default=[200, 1000])
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    folder = start()
    try:
        with database() as url:
            print(machine(), end="\n\n")
            collect_static()
            world = World.made(tuple(int(part) for part in options.size.split("x")), max([EDITORS, *options.idle]))
            asyncio.run(run(world, url, folder, options))
    finally:
        shutil.rmtree(folder)


async def run(world: "World", url: str, folder: Path, options: argparse.Namespace) -> None:
    rows = [await with_server(world, url, lambda port: together(world, port, options.seconds))]
    print(
        table(["", "edits", "p50", "p95", "page p95", "others see p50", "p95", "refused", "failed"], rows), end="\n\n"
    )
    rows = [await with_server(world, url, lambda port, n=n: idle(world, port, n)) for n in options.idle]
    print(
        table(["idle streams", "MB before", "MB after", "kB each", "edit to median", "p95", "last"], rows), end="\n\n"
    )
    rows = [await with_server(world, url, lambda port: unpaused(world, port, options.seconds))]
    print(table(["", "edits a second", "p50", "p95", "slowest", "refused", "failed"], rows))


# ---- What is measured ----------------------------------------------------------------------------------------------


async def together(world: "World", port: int, seconds: float, people: int = 50) -> list[str]:
    """50 editors at 50 pages: each acts once in five seconds."""
    heard = Heard()
    tasks = [asyncio.create_task(listen(world, port, n, heard)) for n in range(people)]
    await heard.all_here(people)
    edits, pages, counts, dice = [], [], Counts(), random.Random(4)
    clients = [Client(port, world.cookies[n]) for n in range(people)]
    begun, acts = time.perf_counter() + 0.5, []
    for n in range(people):
        at = begun + dice.uniform(0, 5)
        while at < begun + seconds:
            acts.append((at, n, dice.random() < 0.05))
            at += 5

    async def act(at: float, n: int, is_page: bool) -> None:
        await asyncio.sleep(max(at - time.perf_counter(), 0))
        if is_page:
            counts.failed += (await clients[n].get(world.page))[0] != 200
            pages.append(time.perf_counter() - at)
            return
        revision = await edit(world, clients[n], n, dice, counts)
        edits.append(time.perf_counter() - at)
        if revision:
            heard.sent[revision] = at

    await asyncio.gather(*(act(*each) for each in sorted(acts)))
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    late = heard.delays()
    missed = len(heard.sent) * people - len(late)
    label = f"{people} editors, {people} streams, {world.size[0]} x {world.size[1]}"
    return [
        label,
        str(len(edits)),
        ms(statistics.median(edits)),
        ms(p95(edits)),
        ms(p95(pages)) if pages else "",
        ms(statistics.median(late)),
        ms(p95(late)) + (f" ({missed} told with a later one)" if missed else ""),
        str(counts.refused),
        str(counts.failed),
    ]


async def idle(world: "World", port: int, streams: int) -> list[str]:
    """So many pages that only look, and now and then an edit."""
    client, dice, counts, heard = Client(port, world.cookies[0]), random.Random(streams), Counts(), Heard()
    await client.get(world.page)
    before = memory(world.pid)
    tasks = []
    for n in range(streams):
        tasks.append(asyncio.create_task(listen(world, port, n, heard)))
        if n % 50 == 49:
            await heard.all_here(n + 1)
    await heard.all_here(streams)
    await asyncio.sleep(3)
    after = memory(world.pid)
    lasts = []
    for _ in range(10):
        at = time.perf_counter()
        while not (revision := await edit(world, client, 0, dice, counts)):
            at = time.perf_counter()  # it happened to be that level already
        heard.sent[revision] = at
        await heard.everybody(revision, streams)
        lasts.append(max(heard.seen.get(revision, [math.inf])) - at)
        await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    late = heard.delays()
    each = (after - before) * 1024 / streams
    return [
        str(streams),
        f"{before:.0f}",
        f"{after:.0f}",
        f"{each:.0f}",
        ms(statistics.median(late)),
        ms(p95(late)),
        ms(statistics.median(lasts)),
    ]


async def unpaused(world: "World", port: int, seconds: float, people: int = 16) -> list[str]:
    """16 editors, each sending the next edit as soon as the last was answered."""
    taken, counts, dice = [], Counts(), random.Random(6)
    end = time.perf_counter() + seconds

    async def one(n: int) -> None:
        client = Client(port, world.cookies[n])
        while time.perf_counter() < end:
            at = time.perf_counter()
            await edit(world, client, n, dice, counts)
            taken.append(time.perf_counter() - at)

    await asyncio.gather(*(one(n) for n in range(people)))
    done = len(taken) - counts.refused - counts.failed
    return [
        f"{people} editors without pause",
        f"{done / seconds:.0f}",
        ms(statistics.median(taken)),
        ms(p95(taken)),
        ms(max(taken)),
        str(counts.refused),
        str(counts.failed),
    ]


# ---- The world -----------------------------------------------------------------------------------------------------


@dataclass
class World:
    """One matrix, and people with open sessions, as the Cookie header of each."""

    size: tuple[int, ...]
    page: str
    activities: list[int]
    roles: list[int]
    cookies: list[str]
    pid: int = 0
    revision: int = 0

    @classmethod
    def made(cls, size: tuple[int, ...], people: int) -> "World":
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from raci.accounts.models import User
        from raci.matrices.operations import Sender, create_matrix
        from raci.workspaces.models import Access, Member
        from raci.workspaces.signup import open_workspace

        users = [User(email=f"p{n}@example.org", name=f"Person {n}", password="!") for n in range(people)]
        users = User.objects.bulk_create(users)
        workspace = open_workspace(users[0], "Bench")
        Member.objects.bulk_create(Member(workspace=workspace, user=user, access=Access.EDITOR) for user in users[1:])
        owner = Member.objects.select_related("user", "workspace").get(workspace=workspace, user=users[0])
        matrix = create_matrix(sender=Sender(owner), name="Bench", grid=grid(*size))
        cookies = []
        for user in users:
            store = SessionStore()
            store[SESSION_KEY] = str(user.pk)
            store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            store[HASH_SESSION_KEY] = user.get_session_auth_hash()
            store.create()
            cookies.append(f"{settings.SESSION_COOKIE_NAME}={store.session_key}; csrftoken={TOKEN}")
        return cls(
            size,
            f"/w/{workspace.pk}/matrices/{matrix.pk}/",
            list(matrix.activities.values_list("pk", flat=True)),
            list(matrix.roles.values_list("pk", flat=True)),
            cookies,
            revision=matrix.revision,
        )


async def with_server(world: World, url: str, work: Callable[[int], Awaitable[list[str]]]) -> list[str]:
    """Runs `work` against a server of its own, on the port it is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen([sys.executable, "-c", SERVER.format(port=port)], env=environment)
    world.pid = process.pid
    try:
        for _ in range(200):
            await asyncio.sleep(0.1)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        for _ in range(5):
            await Client(port, world.cookies[0]).get(world.page)
        return await work(port)
    finally:
        process.kill()
        process.wait()


# ---- Clients -------------------------------------------------------------------------------------------------------


@dataclass
class Counts:
    refused: int = 0
    failed: int = 0


@dataclass
class Heard:
    """When each stream was told of each revision."""

    here: int = 0
    sent: dict[int, float] = field(default_factory=dict)
    seen: dict[int, list[float]] = field(default_factory=dict)

    async def all_here(self, streams: int) -> None:
        until = time.perf_counter() + 60
        while self.here < streams:
            if time.perf_counter() > until:
                raise TimeoutError(f"only {self.here} of {streams} streams opened")
            await asyncio.sleep(0.05)

    async def everybody(self, revision: int, streams: int) -> None:
        until = time.perf_counter() + 10
        while len(self.seen.get(revision, ())) < streams and time.perf_counter() < until:
            await asyncio.sleep(0.01)

    def delays(self) -> list[float]:
        return [
            at - self.sent[revision] for revision, all_at in self.seen.items() for at in all_at if revision in self.sent
        ]


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self._busy = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        return await self._send(f"GET {path} HTTP/1.1\r\n", b"")

    async def post(self, path: str, body: str) -> tuple[int, dict[str, str], bytes]:
        kind = "Content-Type: application/x-www-form-urlencoded\r\nHX-Request: true\r\n"
        return await self._send(
            f"POST {path} HTTP/1.1\r\n{kind}X-CSRFToken: {TOKEN}\r\nContent-Length: {len(body)}\r\n", body.encode()
        )

    async def _send(self, head: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        async with self._busy:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
            reader, writer = self._streams
            writer.write(f"{head}Host: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode() + body)
            status = int((await reader.readline()).split()[1])
            headers = {}
            while line := (await reader.readline()).strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            if headers.get("connection") == "close":  # after a failure; what it says does not matter
                self._streams = None
                return status, headers, b""
            if "content-length" in headers:
                return status, headers, await reader.readexactly(int(headers["content-length"]))
            parts = []
            while size := int((await reader.readline()).strip(), 16):
                parts.append(await reader.readexactly(size + 2))
            await reader.readline()
            return status, headers, b"".join(parts)


async def edit(world: World, client: Client, person: int, dice: random.Random, counts: Counts) -> int:
    """One level set in a row of this person's own; the revision it made, 0 for none."""
    activity = world.activities[person % len(world.activities)]
    role, level = dice.choice(world.roles[1:]), dice.choice("SCI")
    values = {
        "activity": activity,
        "role": role,
        "level": level,
        "seen": world.revision,
        "key": f"{dice.random():.17f}",
    }
    body = "&".join(f"{name}={str(value).replace('.', '-')}" for name, value in values.items())
    status, headers, _ = await client.post(f"{world.page}levels/", body)
    counts.refused += status == 409
    counts.failed += status >= 500 or status in (400, 403, 422)
    revision = int(headers.get("x-revision", 0))
    world.revision = max(world.revision, revision)
    return revision


async def listen(world: World, port: int, person: int, heard: Heard) -> None:
    """One open page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"{world.page}stream/?after={world.revision}&page=bench-{person:06}"
    cookie = world.cookies[person % len(world.cookies)]
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
    try:
        while (line := await reader.readline()) != b"\r\n":
            if line.startswith(b"HTTP/1.1 ") and b" 200 " not in line:
                raise ConnectionError(line.decode())
        heard.here += 1
        while line := await reader.readline():
            if found := re.match(rb"id: (\d+)", line):
                heard.seen.setdefault(int(found[1]), []).append(time.perf_counter())
    finally:
        writer.close()


def collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def p95(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def ms(seconds: float) -> str:
    return "too late" if seconds == math.inf else f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
