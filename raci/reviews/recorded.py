"""What a session decided and what became of it, as pages and the letter about its version tell it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from raci.grid.levels import Notation
from raci.notices.names import sign_of
from raci.publishing.due import day_of

from .besides import Beside, besides_of
from .minutes import Decided, minutes, was
from .models import Decision, Result, Review

_OF_ROWS = (Decision.Kind.KEEP, Decision.Kind.LEAD, Decision.Kind.LEVELS)  # say how a row is


@dataclass(frozen=True, slots=True)
class Told:
    """Each decision, in the order they were taken, and what was changed besides them."""

    decisions: tuple[Decided, ...]
    besides: tuple[Beside, ...]


def told(
    rows: Sequence[Decision],
    kept: Iterable[Mapping[str, Any]],
    notation: Notation = Notation.LEAD_SUPPORT,
    *,
    with_signs: bool = False,
) -> Told:
    """What these decisions say beside what was changed without them, as a result keeps it. What was decided on a row
    that was changed since is told there."""
    kept = list(kept)
    besides = besides_of(kept, notation)
    changed, lost = {each.activity for each in besides}, {each["activity"] for each in kept if each.get("gone")}
    found = [_decided(row, changed, lost, with_signs=with_signs) for row in rows]
    gone = {row.activity: was(one, notation) for row, one in zip(rows, found, strict=True) if not one.stands}
    lines = (replace(each, text=" ".join(filter(None, (each.text, gone.get(each.activity))))) for each in besides)
    return Told(tuple(found), tuple(lines))


def minutes_of(review: Review, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """What the letter about its version says of it, with signs for the names of persons; two queries."""
    on = day_of(review.ended_at or review.planned_at)
    kept = Result.objects.filter(review=review, digest=review.result).values_list("besides", flat=True).first()
    found = told(standing(review), kept or (), notation, with_signs=True)
    return minutes(review.title, on, found.decisions, found.besides, notation)


def standing(review: Review) -> list[Decision]:
    """What it decided and nobody took back, with those who see to what stays open; one query."""
    rows = Decision.objects.filter(review=review, taken_back_at=None).select_related("owner", "by")
    return list(rows.order_by("at", "pk"))


def _decided(row: Decision, changed: set[int], lost: set[int], *, with_signs: bool) -> Decided:
    """A decision as sentences are made of it; with a sign for its owner where the text is to be kept. `lost` are the
    rows that were removed: nothing is open there."""
    owner = row.owner_name
    if row.owner is not None:
        owner = sign_of(row.owner) if with_signs else str(row.owner)
    return Decided(
        activity=row.name,
        kind=row.kind,
        lead=row.lead_name,
        note=row.note,
        owner=owner,
        due=row.due,
        outcome=row.outcome,
        together=row.together,
        is_open=row.is_open and row.activity not in lost,
        stands=row.activity not in (changed if row.kind in _OF_ROWS else lost),
    )
