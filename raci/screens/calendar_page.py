"""The reviews of a workspace as a list: what is due, when, and how near that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from raci.publishing.calendars import Entry


@dataclass(frozen=True, slots=True)
class Line:
    """One review; `said` tells how near it is."""

    entry: Entry
    said: str
    is_overdue: bool
    is_soon: bool


def lines_of(entries: Iterable[Entry], today: date) -> list[Line]:
    return [
        Line(entry, entry.review.said(today), entry.review.is_overdue(today), entry.review.is_soon(today))
        for entry in entries
    ]
