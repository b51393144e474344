"""One planned session, as its page shows it: when, who, and the agenda with the reasons of each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from raci.grid.grid import Activity
from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.reviews.agenda import in_words
from raci.reviews.agendas import is_untouched
from raci.reviews.models import Item, Participant, Review
from raci.reviews.states import ReviewState, review_may

from .agenda_rows import Proposed, proposed

MOST_REASONS = 3  # named in a line; the others are counted


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the agenda. `is_gone` says that the activity is not in the matrix any more."""

    item: Item
    notation: Notation
    place: int
    is_gone: bool
    is_first: bool
    is_last: bool

    @property
    def reasons(self) -> Sequence[str]:
        return [in_words(reason, self.notation) for reason in self.item.reasons[:MOST_REASONS]]

    @property
    def more(self) -> int:
        return max(0, len(self.item.reasons) - MOST_REASONS)


@dataclass
class ReviewPage:
    """`proposed` is the agenda as the evidence makes it now."""

    matrix: Matrix
    review: Review
    items: Sequence[Item]
    people: Sequence[Participant]
    proposed: Proposed
    notation: Notation
    can_edit: bool

    @property
    def ends(self) -> datetime:
        return self.review.planned_at + timedelta(minutes=self.review.minutes)

    @property
    def is_planned(self) -> bool:
        return self.review.state == ReviewState.PLANNED

    @property
    def is_live(self) -> bool:
        return self.review.state in (ReviewState.RUNNING, ReviewState.PAUSED)

    @property
    def can_arrange(self) -> bool:
        return self.can_edit and review_may(self.review.state, "arrange")

    @property
    def can_plan(self) -> bool:
        return self.can_edit and review_may(self.review.state, "plan")

    @property
    def can_cancel(self) -> bool:
        """Of one that is held, only whether its state allows it; see planning.cancel."""
        return self.can_edit and review_may(self.review.state, "cancel")

    @cached_property
    def lines(self) -> Sequence[Line]:
        here, last = self.proposed.activities, len(self.items)
        return [
            Line(item, self.notation, place, item.activity not in here, place == 1, place == last)
            for place, item in enumerate(self.items, 1)
        ]

    @cached_property
    def others(self) -> Sequence[Activity]:
        """The activities that are not on it, in their order."""
        there = {item.activity for item in self.items}
        return [activity for activity in self.proposed.grid.activities if activity.id not in there]

    @property
    def is_untouched(self) -> bool:
        """Whether it is made anew by itself, when the session starts."""
        return is_untouched(self.review)

    @property
    def would_change(self) -> bool:
        """Whether it would have other rows if it were made anew."""
        return bool(self.would_come or self.would_go)

    @property
    def would_come(self) -> int:
        """How many rows the evidence would put on the agenda now that are not on it."""
        there = {item.activity for item in self.items}
        return sum(row.activity not in there for row in self.proposed.rows)

    @property
    def would_go(self) -> int:
        """How many rows it would leave out that nobody put there by hand."""
        wanted = {row.activity for row in self.proposed.rows}
        return sum(not item.by_hand and item.activity not in wanted for item in self.items)


def review_page(matrix: Matrix, review: Review, notation: Notation, *, can_edit: bool) -> ReviewPage:
    """`review` was read with its poll. Queries: the agenda, the people, and what `proposed` asks."""
    people = list(Participant.objects.filter(review=review).select_related("user"))
    people.sort(key=lambda one: str(one.user).casefold())
    items = list(review.items.all())
    found = proposed(matrix, review.poll, is_kept=False)
    return ReviewPage(matrix, review, items, people, found, notation, can_edit)
