"""The hub of a process: one thread that looks what changed when the bell rings, and tells every open stream.

Streams themselves ask nothing of the database. The thread looks at the matrices that are being read, whether the bell
rang or not, every two seconds: then a bell that was lost, a member who was removed and a session that was ended come
out too.
"""

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from uuid import uuid4

from django.db import DatabaseError, connection

from raci.grid.grid import Grid
from raci.matrices.models import Change, Matrix
from raci.screens.asked import BESIDE, UNREAD
from raci.web import bell

from .news import Variant, changes_between, fragments, grid_now, news_of
from .presence import Presence, Present, heard, told
from .readers import GONE, Reader, Where, refused, sessions_now

LOOK_EVERY = 2.0  # seconds
BEAT_EVERY = 10.0
PEOPLE_EVERY = 0.2  # who moves about is told no oftener
PEOPLE_EVERY_READER = 0.005  # and where there are many, not that often
MOVE_EVERY = 0.02  # of one user, on all their pages
MOST_STREAMS = 10  # of one user
logger = logging.getLogger(__name__)


def framed(data: str, *, event: str = "", revision: int | None = None) -> bytes:
    """One event of a stream. Each line of the data is its own, so that no text in it can begin another field."""
    head = f"id: {revision}\n" if revision is not None else ""
    head += f"event: {event}\n" if event else ""
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (head + "".join(f"data: {line}\n" for line in lines) + "\n").encode()


class Hub:
    """All streams of this process."""

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._lock = threading.Lock()
        self._readers: dict[int, set[Reader]] = {}
        self._presence = Presence()
        self._rung: set[int] = set()
        self._last_moves: dict[int, float] = {}
        self._moved: set[int] = set()
        self._grids: dict[int, tuple[int, Grid]] = {}
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._wire = bell.Wire()
        self._told_at: dict[int, float] = {}
        self._looked_at = self._announced_at = 0.0

    # ---- Called by streams and views, from any thread ----------------------------------------------------------

    def join(self, reader: Reader, person: Present) -> bool:
        """From now on this stream is told what happens after its cursor; False where its reader has too many.

        Starts the thread with the first. A page that comes again takes the place of the stream it had.
        """
        with self._lock:
            if self._is_full(reader.matrix, reader.page, reader.seat.user):
                return False
            readers = self._readers.setdefault(reader.matrix, set())
            for earlier in _of_page(readers, reader.page, reader.seat.user):
                readers.discard(earlier)
                earlier.send(None)
            readers.add(reader)
            self._presence.come(reader.matrix, person)
            self._rung.add(reader.matrix)
            self._moved.add(reader.matrix)
            self._start()
        self._wake.set()
        return True

    def leave(self, reader: Reader) -> None:
        with self._lock:
            readers = self._readers.get(reader.matrix, set())
            if reader not in readers:
                return
            readers.discard(reader)
            if not readers:
                del self._readers[reader.matrix]
                self._grids.pop(reader.matrix, None)
            self._presence.leave(reader.matrix, reader.page, reader.seat.user)
            self._moved.add(reader.matrix)
        self._wake.set()

    def move(self, matrix: int, page: str, user: int, cell: str) -> None:
        """Somebody is on another cell. Where their stream is not in this process, the others are told."""
        with self._lock:
            now = monotonic()
            if now - self._last_moves.get(user, 0.0) < MOVE_EVERY:
                return  # no page of ours sends as many
            self._last_moves[user] = now
            is_here = self._presence.move(matrix, page, user, cell)
            if is_here:
                self._moved.add(matrix)
        if is_here:
            self._wake.set()
        else:
            bell.ring_others(f"cell-{matrix} {user} {page} {cell}")

    def is_full(self, matrix: int, page: str, user: int) -> bool:
        """Whether somebody has as many streams as one may, and this page none of them."""
        with self._lock:
            return self._is_full(matrix, page, user)

    def close(self) -> None:
        """Ends every stream, and the thread; when this returns, its connections are closed."""
        with self._lock:  # a stream that just began has started it whole
            thread, self._thread = self._thread, None
            self._stopped.set()
        self._wake.set()
        if thread is not None:
            thread.join(timeout=5)
        self._wire.stop()
        bell.ignore(self._hear)

    def _is_full(self, matrix: int, page: str, user: int) -> bool:
        here = sum(reader.seat.user == user for readers in self._readers.values() for reader in readers)
        has_one = any(_of_page(self._readers.get(matrix, ()), page, user))
        return not has_one and here + self._presence.elsewhere(user) >= MOST_STREAMS

    # ---- The thread --------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._thread is None:
            self._stopped = threading.Event()
            bell.listen(self._hear)
            self._wire.start()
            self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="live", daemon=True)
            self._thread.start()

    def _hear(self, message: str) -> None:
        """A ring of the bell: a matrix that changed, or what another process says of its people."""
        kind, _, rest = message.partition("-")
        with self._lock:
            match kind:
                case "matrix" if rest.isdecimal() and int(rest) in self._readers:
                    self._rung.add(int(rest))
                case "people":
                    self._hear_of_people(rest)
                case "cell":
                    self._hear_of_cell(rest)
                case _:
                    return
        self._wake.set()

    def _hear_of_people(self, text: str) -> None:
        try:
            process, matrix, people = heard(text)
        except (ValueError, KeyError, TypeError):
            logger.warning("The bell said something that is not ours.")
            return
        if process == self._name:
            return
        self._presence.hear(matrix, process, people, monotonic())
        if matrix in self._readers:
            self._moved.add(matrix)

    def _hear_of_cell(self, text: str) -> None:
        matrix, _, rest = text.partition(" ")
        user, _, rest = rest.partition(" ")
        page, _, cell = rest.partition(" ")
        if matrix.isdecimal() and user.isdecimal() and self._presence.move(int(matrix), page, int(user), cell):
            self._moved.add(int(matrix))

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self._wake.wait(timeout=self._patience())
            self._wake.clear()
            try:
                self._turn()
            except DatabaseError:
                logger.warning("The live streams could not look at the database.", exc_info=True)
                connection.close()
                self._looked_at = 0.0
                stopped.wait(0.5)
            except Exception:
                logger.exception("The live streams stumbled.")
                stopped.wait(0.5)
        self._end_all()
        connection.close()

    def _patience(self) -> float | None:
        """How long to wait when nobody rings."""
        with self._lock:
            if self._moved:
                return min(max(min(map(self._told_from, self._moved)) - monotonic(), 0.0), LOOK_EVERY)
            return LOOK_EVERY if self._readers else 60.0

    def _turn(self) -> None:
        """One look at whatever is due."""
        now = monotonic()
        with self._lock:
            is_time = now - self._looked_at >= LOOK_EVERY
            wanted = set(self._readers) if is_time else self._rung & self._readers.keys()
            self._rung.clear()
            if is_time:
                self._moved |= self._presence.forget_silent(now) & self._readers.keys()
        if is_time:
            self._looked_at = now
            self._beat(now)
        if wanted:
            self._look(wanted)
        self._tell_people(now)
        if is_time:
            self._announce(now)

    def _look(self, matrices: Collection[int]) -> None:
        """Sends each reader of these matrices what changed since their cursor, if they may still have it."""
        with self._lock:
            readers = [reader for matrix in matrices for reader in self._readers.get(matrix, ())]
        for reader, reason in refused(readers).items():
            self._end(reader, reason)
        beside = Matrix.objects.select_related("workspace", *BESIDE).defer(*UNREAD)
        rows, sessions = beside.in_bulk(list(matrices)), sessions_now(readers)
        for matrix in matrices:
            with self._lock:
                waiting = list(self._readers.get(matrix, ()))
            row = rows.get(matrix)
            if row is None:
                for reader in waiting:
                    self._end(reader, GONE)
                continue
            behind = [reader for reader in waiting if reader.cursor != row.revision and reader.following is None]
            if behind:
                self._catch_up(row, behind)
            _tell_followers(row, waiting, sessions)

    def _catch_up(self, matrix: Matrix, readers: Collection[Reader]) -> None:
        """What changed; where that cannot be shown, that it did: one matrix never holds up the others."""
        try:
            self._send_news(matrix, readers)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("What changed in matrix %s could not be shown.", matrix.pk)
            self._send_whole(matrix.revision, readers)

    def _send_whole(self, revision: int, readers: Iterable[Reader]) -> None:
        _send(framed(json.dumps({"revision": revision}), event="whole", revision=revision), revision, readers)

    def _send_news(self, matrix: Matrix, readers: Iterable[Reader]) -> None:
        """What changed, rendered once for all that read from the same revision in the same variant."""
        groups: defaultdict[int, defaultdict[Variant, list[Reader]]] = defaultdict(lambda: defaultdict(list))
        for reader in readers:
            groups[reader.cursor][reader.variant].append(reader)
        for cursor, variants in groups.items():
            changes = changes_between(matrix, cursor)
            news = news_of(matrix, cursor, changes)
            grid = None if news.rows is None else self._grid(matrix, changes)
            for variant, group in variants.items():
                if news.rows is None or grid is None:
                    self._send_whole(news.revision, group)
                else:
                    html = fragments(matrix, grid, news.rows, variant)
                    _send(framed(html, revision=news.revision), news.revision, group)

    def _grid(self, matrix: Matrix, changes: Collection[Change]) -> Grid:
        grid = grid_now(matrix, self._grids.get(matrix.pk), changes)
        with self._lock:
            if matrix.pk in self._readers:  # else nobody would ever drop it
                self._grids[matrix.pk] = (matrix.revision, grid)
        return grid

    def _told_from(self, matrix: int) -> float:
        """When the people of a matrix may be told again; many readers are told less often."""
        pause = max(PEOPLE_EVERY, PEOPLE_EVERY_READER * len(self._readers.get(matrix, ())))
        return self._told_at.get(matrix, 0.0) + pause

    def _tell_people(self, now: float) -> None:
        """Who is there and where, to all readers of a matrix in which somebody came, went or moved."""
        with self._lock:
            moved = {matrix for matrix in self._moved if self._told_from(matrix) <= now}
            self._moved -= moved
            self._told_at = {m: at for m, at in self._told_at.items() if m in self._readers} | dict.fromkeys(moved, now)
            events = {matrix: framed(self._presence.event(matrix), event="people") for matrix in moved}
            own = {matrix: self._presence.own(matrix) for matrix in moved}
            readers = {matrix: list(self._readers.get(matrix, ())) for matrix in moved}
        for matrix, message in events.items():
            for reader in readers[matrix]:
                reader.send(message)
        for matrix, people in own.items():
            bell.ring_others(f"people-{told(self._name, matrix, people)}")

    def _announce(self, now: float) -> None:
        """Tells other processes again who is here, so that they go on believing it."""
        if now - self._announced_at < BEAT_EVERY:
            return
        self._announced_at = now
        with self._lock:
            own = {matrix: self._presence.own(matrix) for matrix in self._readers}
            self._last_moves.clear()
        for matrix, people in own.items():
            bell.ring_others(f"people-{told(self._name, matrix, people)}")

    def _beat(self, now: float) -> None:
        """A sign of life with the revision a page should be at."""
        with self._lock:
            due = [reader for each in self._readers.values() for reader in each if now - reader.beat_at >= BEAT_EVERY]
        for reader in due:
            reader.beat_at = now
            reader.send(framed(json.dumps({"revision": reader.cursor}), event="beat"))

    def _end(self, reader: Reader, reason: str) -> None:
        """Ends a stream for a reason, "" where the page finds out by asking again: it may be signed in anew."""
        if reason:
            reader.send(framed(json.dumps({"why": reason}), event="over"))
        reader.send(None)
        self.leave(reader)

    def _end_all(self) -> None:
        with self._lock:
            readers = [reader for each in self._readers.values() for reader in each]
        for reader in readers:
            reader.send(None)
            self.leave(reader)


def _of_page(readers: Iterable[Reader], page: str, user: int) -> list[Reader]:
    return [reader for reader in readers if reader.page == page and reader.seat.user == user]


def _tell_followers(matrix: Matrix, readers: Iterable[Reader], sessions: Mapping[int, Where]) -> None:
    """Where a session is, and the matrix it is about, to those whose page shows less."""
    for reader in readers:
        following = reader.following
        now = sessions.get(following.review) if following else None
        if following is None or now is None or now.matrix != matrix.pk:
            continue
        if (following.step, following.came, reader.cursor) != (now.step, now.came, matrix.revision):
            following.step, following.came, reader.cursor = now.step, now.came, matrix.revision
            news = {"step": now.step, "came": now.came, "revision": matrix.revision}
            reader.send(framed(json.dumps(news), event="review"))


def _send(message: bytes, revision: int, readers: Iterable[Reader]) -> None:
    for reader in readers:
        reader.cursor = revision
        reader.send(message)


hub = Hub()
