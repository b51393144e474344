"""Several people at once: real threads with real connections, started at the same moment."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

SECONDS = 3.0  # how long a stress lasts in the suite; programs under tests/bench run longer


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each work returned, or the exception it raised, in order."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(at: int, work: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[at] = work()
        except Exception as error:
            results[at] = error
        finally:
            connection.close()

    connection.close()  # the pool is for the workers
    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def until_late(work: Callable[[], Any], seconds: float = SECONDS) -> Callable[[], list[Any]]:
    """A work that repeats `work` until the time is over; returns what came of each, refusals and errors too."""

    def loop() -> list[Any]:
        end, results = time.monotonic() + seconds, []
        while time.monotonic() < end:
            try:
                results.append(work())
            except Exception as error:
                results.append(error)
            time.sleep(0.002)  # SQLite is unfair: who has just written would write again and again
        return results

    return loop
