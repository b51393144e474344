"""What is due is done in rounds of tasks: `manage.py run_due` makes them until nothing is left, `serve` goes on.

Each task may run twice at once, in two processes: it takes what it does under a lock or by a claim.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from .outbox import woken

BREATH = 5.0  # seconds from one round to the next, unless mail is put
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """`work` gets the time and says what it did, in a sentence, or "". A loop does it every so many seconds."""

    name: str
    work: Callable[[datetime], str]
    every: float = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a round did, and the names of the tasks that failed."""

    done: tuple[str, ...]
    failed: tuple[str, ...]


def run_due(tasks: Sequence[Task]) -> Report:
    """One round. A task that fails is logged, and the others are done all the same."""
    done, failed = [], []
    for task in tasks:
        try:
            done.append(task.work(timezone.now()))
        except Exception:
            log.exception("What is due failed: %s", task.name)
            failed.append(task.name)
    return Report(tuple(filter(None, done)), tuple(failed))


def run_all(tasks: Sequence[Task]) -> Iterator[Report]:
    """Round after round until no task has left something for the next one."""
    woken.set()
    while woken.is_set():
        woken.clear()
        yield run_due(tasks)


def run_on(tasks: Sequence[Task], *, stop: threading.Event, tell: Callable[[Report], None] = lambda _: None) -> None:
    """Round after round until `stop` is set; at once when mail was put in this process."""
    next_at = dict.fromkeys((task.name for task in tasks), 0.0)
    while not stop.is_set():
        woken.clear()
        now = time.monotonic()
        tell(run_due(turn := [task for task in tasks if next_at[task.name] <= now]))
        next_at |= {task.name: now + task.every for task in turn}
        connection.close()  # none is held while nothing is to do
        woken.wait(BREATH)


@contextmanager
def running(make_tasks: Callable[[Callable[[], bool]], Sequence[Task]]) -> Iterator[None]:
    """Does what is due beside the block, in a thread that ends with it; `make_tasks` is given how to ask for that."""
    stop = threading.Event()
    thread = threading.Thread(
        target=run_on, args=(make_tasks(stop.is_set),), kwargs={"stop": stop}, name="what is due", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        woken.set()
        thread.join(3)
