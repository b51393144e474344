"""The doorbell of a deployment: says to every process that there is something to look at, and never what.

`ring` reaches this process at once and, on PostgreSQL, the others by NOTIFY; the log of changes rings there by itself
(a trigger, see matrices migration 0004). A bell that is lost loses nothing: whoever listens also looks every few
seconds. On SQLite there is one process to tell, and another one that writes is noticed by looking.
"""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection

CHANNEL = "remit"
MOST_BYTES = 7_000  # PostgreSQL takes less than 8,000
Listener = Callable[[str], None]
logger = logging.getLogger(__name__)

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Calls `listener` with each message from now on, from any thread; it must not take long."""
    if listener not in _listeners:
        _listeners.append(listener)


def ignore(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def ring(message: str) -> None:
    """Tells this process."""
    for listener in tuple(_listeners):
        listener(message)


def ring_others(message: str) -> None:
    """Tells the other processes, where there can be some. A message that is too long, or lost, is no harm."""
    if connection.vendor != "postgresql" or len(message.encode()) > MOST_BYTES:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, message])


class Wire:
    """Rings in this process what other processes ring; a thread with a connection of its own, on PostgreSQL alone."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if connection.vendor == "postgresql" and self._thread is None:
            self._stopped.clear()
            self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread; its connection is closed when this returns."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def _listen(self) -> None:
        while not self._stopped.is_set():
            line = connection.copy()
            line.settings_dict["OPTIONS"].pop("pool", None)  # it is held for ever, so it is none of the pool's
            try:
                with line.cursor() as cursor:
                    cursor.execute(f"LISTEN {CHANNEL}")
                while not self._stopped.is_set():
                    with line.wrap_database_errors:
                        for notice in line.connection.notifies(timeout=1):
                            ring(notice.payload)
            except DatabaseError:
                logger.warning("The bell lost its connection and tries again.", exc_info=True)
                self._stopped.wait(1)
            finally:
                line.close()
