"""When things happened in the demonstration: in sittings on working days, never in the future."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

LATEST = timedelta(minutes=40)  # the last edit was a while ago
BEFORE = timedelta(minutes=50)  # a version is published, the session that leads to it begins
EARLIER = BEFORE + timedelta(minutes=2)  # and by then the other edits are done


def moments(dice: Random, begun: int, count: int, until: int = 0) -> list[datetime]:
    """`count` times in order, the first `begun` working days ago, in sittings of a few edits each; all of them before
    the `evening` of the day `until`, where one is given."""
    if not count:
        return []
    sizes = _sittings(dice, count)
    days = _working_days(begun)[: begun - until + 1 if until else begun]
    chosen = [days[0], *sorted(dice.sample(days[1:], min(len(sizes), len(days)) - 1))]
    times: list[datetime] = []
    for n, size in enumerate(sizes):
        at = chosen[min(n, len(chosen) - 1)] + timedelta(minutes=dice.randint(5, 480))
        at = max(at, times[-1] + timedelta(minutes=7)) if times else at
        for _ in range(size):
            times.append(at)
            at += timedelta(seconds=dice.randint(14, 240))
    return _not_later(times, evening(until) - EARLIER if until else timezone.now() - LATEST)


def evening(days: int) -> datetime:
    """So many working days ago, after that day's work."""
    return _working_days(days)[0].replace(hour=18)


def working_day(days: int) -> datetime:
    """So many working days ago, in the morning."""
    return _working_days(days)[0] + timedelta(hours=1)


def _sittings(dice: Random, count: int) -> list[int]:
    """The first edit stands alone: it makes the matrix. Those after come in threes to eights."""
    sizes = [1]
    while sum(sizes) < count:
        sizes.append(min(dice.randint(3, 8), count - sum(sizes)))
    return sizes


def _working_days(begun: int) -> list[datetime]:
    """The mornings of the last working days, oldest first, up to yesterday."""
    return list(reversed(list(_back(begun))))


def _back(count: int) -> Iterator[datetime]:
    morning = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    while count:
        morning -= timedelta(days=1)
        if morning.weekday() < 5:
            count -= 1
            yield morning


def _not_later(times: list[datetime], end: datetime) -> list[datetime]:
    """The same times; those past the end come just before it, in their order."""
    result: list[datetime] = []
    for at in reversed(times):
        end = min(at, end)
        result.append(end)
        end -= timedelta(seconds=1)
    return result[::-1]
