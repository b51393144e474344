"""What a session decided, as pages print it: on the page of its result, and on that of the version it led to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from raci.grid.levels import Notation
from raci.publishing.due import day_of
from raci.publishing.models import Version
from raci.reviews.minutes import Decided, sentence
from raci.reviews.models import Decision, Result, Review
from raci.reviews.recorded import told


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A decision: what it was, in a sentence that stands beside the name of the activity, and why."""

    activity: int
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """All that a session decided: one by one, what was confirmed `together`, what was changed `besides`, and what stays
    open (`left`)."""

    review: Review
    on: date
    done: tuple[DecidedLine, ...]
    together: tuple[DecidedLine, ...]
    besides: tuple[DecidedLine, ...]
    left: tuple[DecidedLine, ...]


def record(
    review: Review,
    rows: Sequence[Decision],
    kept: Iterable[Mapping[str, Any]] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
) -> Record:
    """What these decisions say, which are read with those who see to what stays open; `kept` is what was changed
    besides, as a result keeps it."""
    found = told(rows, kept, notation)
    pairs = list(zip(rows, found.decisions, strict=True))
    return Record(
        review=review,
        on=day_of(review.ended_at or review.planned_at),
        done=tuple(
            _line(row, one, notation) for row, one in pairs if one.stands and not one.is_open and not one.together
        ),
        together=tuple(_line(row, one, notation) for row, one in pairs if one.stands and one.together),
        besides=tuple(DecidedLine(each.activity, each.name, each.text) for each in found.besides),
        left=tuple(_line(row, one, notation) for row, one in pairs if one.is_open),
    )


def record_of(version: Version, notation: Notation) -> Record | None:
    """The record of the session that led to a version; None without one. Two queries, one without one."""
    rows = Decision.objects.filter(review__version=version, taken_back_at=None)
    found = list(rows.select_related("review", "owner").order_by("at", "pk"))
    if not found:
        return None
    results = Result.objects.filter(review=found[0].review, digest=version.digest)
    return record(found[0].review, found, results.values_list("besides", flat=True).first() or (), notation)


def _line(row: Decision, one: Decided, notation: Notation) -> DecidedLine:
    return DecidedLine(row.activity, row.name, sentence(one, notation), row.note)
