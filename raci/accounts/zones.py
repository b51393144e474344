"""Time zones by their names, as people find theirs in a list."""

import zoneinfo
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from .models import User

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)

Choices = list[tuple[str, list[tuple[str, str]]]]


@cache
def choices() -> Choices:
    """The zones this machine knows, by region: (name, place) such as ("America/New_York", "New York")."""
    names = sorted(name for name in zoneinfo.available_timezones() if _region(name) in REGIONS)
    return [(region, list(_places(names))) for region, names in groupby(names, key=_region)]


def zone_of(user: User) -> ZoneInfo | None:
    """The zone somebody chose; None for that of the server, or for one this machine does not know."""
    if not user.time_zone:
        return None
    try:
        return ZoneInfo(user.time_zone)
    except (KeyError, ValueError, OSError):  # chosen on another machine, whose list was longer, or no zone at all
        return None


def _region(name: str) -> str:
    return name.partition("/")[0]


def _places(names: Iterator[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        *within, place = name.partition("/")[2].replace("_", " ").split("/")
        yield name, f"{place} ({', '.join(within)})" if within else place
