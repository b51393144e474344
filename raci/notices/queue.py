"""What waits to be sent, mails or whatever else: rows with `due_at`, `claimed_until`, `attempts`, `sent_at`,
`failed_at` and `error`.

Each is claimed before it is sent, so that two processes never send the same one. A claim is an UPDATE with a condition,
and ends by itself: what a killed process had in hand is sent by the next one. What fails for now is tried again, later
and later, for a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from raci.grid.text import counted

LEASE = timedelta(minutes=10)  # longer than any one takes
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP_AFTER, TRIED_AT_LEAST = timedelta(hours=24), 5
BATCH = 100

Row = TypeVar("Row", bound=Model)


@dataclass
class Tally:
    """What a round of sending came to; `what` is one of them, as a word."""

    what: str
    sent: int = 0
    failed: int = 0
    later: int = 0

    def __str__(self) -> str:
        parts = {"sent": self.sent, "failed": self.failed, "to be tried again": self.later}
        said = [f"{counted(number, self.what)} {became}" for became, number in parts.items() if number]
        return f"{', '.join(said)}." if said else ""


def waiting(rows: QuerySet[Row], moment: datetime) -> QuerySet[Row]:
    """Those that are due and in nobody's hand."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=moment)
    return rows.filter(free, sent_at=None, failed_at=None, due_at__lte=moment)


def claimed(rows: QuerySet[Row], *first: str) -> Iterator[int]:
    """The ids of those that are now ours to send, one by one; what somebody else took meanwhile is passed over. They
    come in the order of `first`, fields, then as they are due."""
    order = (*first, "due_at", "pk")
    while batch := list(waiting(rows, timezone.now()).order_by(*order).values_list("pk", flat=True)[:BATCH]):
        for pk in batch:
            moment = timezone.now()
            taken = waiting(rows, moment).filter(pk=pk)
            if taken.update(claimed_until=moment + LEASE, attempts=F("attempts") + 1) == 1:
                yield pk


def next_try(due_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again what failed for now, the `attempts` this one included; None where it has failed for good."""
    if now - due_at > GIVE_UP_AFTER and attempts >= TRIED_AT_LEAST:
        return None
    wait: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return now + wait


def note_sent(row: QuerySet[Row], now: datetime, **emptied: str) -> None:
    """`emptied` are the fields that keep nothing of what was told."""
    row.update(sent_at=now, claimed_until=None, error="", **emptied)


def note_failed(row: QuerySet[Row], now: datetime, reason: str, **emptied: str) -> None:
    """It is not tried again."""
    row.update(failed_at=now, claimed_until=None, error=reason, **emptied)


def note_later(row: QuerySet[Row], again: datetime, reason: str) -> None:
    row.update(claimed_until=again, error=reason)
