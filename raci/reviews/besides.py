"""What is put up although no decision says it: rows that were changed since their decision, or that have none.

It is worked out once, when a grid is put up, for that grid and those decisions stay what they are; the sentences are
kept in both notations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from raci.grid.levels import Notation
from raci.matrices.edits import Row, State, applied, inverse, is_renumbered
from raci.matrices.models import Change
from raci.matrices.store import grid_of, read_state
from raci.matrices.work import changes_since
from raci.publishing.news import ActivityNews, news

from .models import Decision, Review
from .settling import SETTLES


@dataclass(frozen=True, slots=True)
class Beside:
    """A row and what changed in it, in sentences that stand beside its name."""

    activity: int
    name: str
    text: str


def besides_now(review: Review) -> list[dict[str, Any]]:
    """As it is kept, of the draft as it stands: a row with a decision is compared with what it was when that was taken,
    any other with what it was when the session began. Three queries, and one more where a row was touched since."""
    begun = Change.objects.order_by().filter(matrix=review.matrix, at__lte=review.started_at or review.planned_at)
    since = begun.aggregate(last=Max("revision"))["last"] or 1
    changes = changes_since(review.matrix_id, since)
    bases = _bases(changes, since, decided_at(review))
    if not bases:
        return []
    now = read_state(review.matrix_id)
    before, after = _rows(now, changes, bases)
    told = {shown_in: _told(before, after, shown_in) for shown_in in Notation}
    first = told[Notation.LEAD_SUPPORT]
    return [
        {
            "activity": row.activity,
            "name": row.name,
            "gone": row.is_gone,
            "said": {shown_in.value: _text(rows[place]) for shown_in, rows in told.items()},
        }
        for place, row in enumerate(first)
    ]


def changed_since(review: Review, decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """The same of the rows that these decisions, read with whether their row was `touched`, had settled: what they say
    does not stand any more. No query where none was touched."""
    wanted = {row.activity for row in decisions if row.kind in SETTLES and getattr(row, "touched", False)}
    return [row for row in besides_now(review) if row["activity"] in wanted] if wanted else []


def besides_of(kept: Iterable[Mapping[str, Any]], notation: Notation) -> list[Beside]:
    """What was kept, in the words of a notation."""
    return [Beside(each["activity"], each["name"], each["said"][notation.value]) for each in kept]


def decided_at(review: Review) -> dict[int, int]:
    """Activity id -> the revision at which what stands of it was decided; one query."""
    rows = Decision.objects.order_by().filter(review=review, taken_back_at=None, change__isnull=False)
    return dict(rows.values_list("activity", "change__revision"))


def _bases(changes: Sequence[Change], since: int, decided: Mapping[int, int]) -> dict[int, int]:
    """Activity id -> the revision to compare it with, of each that was touched after that."""
    found = dict[int, int]()
    for change in changes:
        for edit in change.edits:
            base = decided.get(edit["id"], since)
            if edit["table"] == "activity" and not is_renumbered(edit) and change.revision > base:
                found[edit["id"]] = base
    return found


def _rows(now: State, changes: Sequence[Change], bases: Mapping[int, int]) -> tuple[State, State]:
    """These rows as they were, each at its own revision, and as they are, with all the roles and stages that either
    needs; one that was not there then, or is not there now, lacks on that side. `changes` are the latest first."""
    state, left, was = now, list(changes), dict[int, Row]()
    roles, stages = dict(now["role"]), dict(now["stage"])
    for base in sorted(set(bases.values()), reverse=True):
        while left and left[0].revision > base:
            state = applied(state, inverse(left.pop(0).edits))
        rows = state["activity"]
        was |= {row: rows[row] for row, at in bases.items() if at == base and row in rows}
        roles, stages = {**state["role"], **roles}, {**state["stage"], **stages}
    are = {row: now["activity"][row] for row in bases if row in now["activity"]}
    return {**now, "role": roles, "stage": stages, "activity": was}, {**now, "activity": are}


def _told(before: State, after: State, notation: Notation) -> tuple[ActivityNews, ...]:
    return news(grid_of(before), grid_of(after), notation).activities


def _text(row: ActivityNews) -> str:
    return " ".join((*row.sentences, *row.reasons))
