"""What a session decided, as pages print it: on the page of its result, and on that of the version it led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from raci.publishing.due import day_of
from raci.publishing.models import Version
from raci.reviews.minutes import sentence
from raci.reviews.models import Decision, Review
from raci.reviews.results import decided


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A decision: what it was, in a sentence that stands beside the name of the activity, and why."""

    activity: int
    name: str
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that a session decided: one by one, what was confirmed `together`, and what stays open (`left`)."""

    review: Review
    on: date
    done: tuple[DecidedLine, ...]
    together: tuple[DecidedLine, ...]
    left: tuple[DecidedLine, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.together or self.left)


def record(review: Review, rows: Sequence[Decision]) -> Record:
    """What these decisions say; they are read with those who see to what stays open."""
    return Record(
        review=review,
        on=day_of(review.ended_at or review.planned_at),
        done=tuple(_line(row) for row in rows if not row.is_open and not row.together),
        together=tuple(_line(row) for row in rows if row.together and not row.is_open),
        left=tuple(_line(row) for row in rows if row.is_open),
    )


def record_of(version: Version) -> Record | None:
    """The record of the session that led to a version; None without one. One query."""
    rows = Decision.objects.filter(review__version=version, taken_back_at=None)
    found = list(rows.select_related("review", "owner").order_by("at", "pk"))
    return record(found[0].review, found) if found else None


def _line(row: Decision) -> DecidedLine:
    return DecidedLine(row.activity, row.name, sentence(decided(row)), row.note)
