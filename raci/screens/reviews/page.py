"""The reviews of a matrix over time, as their page shows them: what is going on, what stays open, what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, F, Q, QuerySet

from raci.grid.text import counted
from raci.matrices.models import Matrix
from raci.reviews import follow_ups
from raci.reviews.models import Decision, Poll, Review
from raci.reviews.states import ReviewState
from raci.web import days
from raci.workspaces.models import Member

from .charts import Chart, charts

MOST_POLLS = 10
MOST_PAST = 20
MOST_OPEN = 100
_LIVE = (ReviewState.RUNNING, ReviewState.PAUSED)
_HELD = (ReviewState.ENDED, ReviewState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class PollLine:
    """One poll, and how many have answered."""

    poll: Poll
    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Something that stays open, and whether the reader may see to it. `said` tells how near its day is."""

    decision: Decision
    is_mine: bool
    may: bool
    said: str
    is_late: bool

    @property
    def seen(self) -> str:
        return follow_ups.seen_of(self.decision)


@dataclass
class ReviewsPage:
    matrix: Matrix
    member: Member
    today: date
    wanted: int | None = None  # the open item whose forms are shown
    shows_all: bool = False  # of what stays open; else the first that are due

    @cached_property
    def live(self) -> Sequence[Review]:
        """What is held now: one at most."""
        return [review for review in self._reviews if review.state in _LIVE]

    @property
    def planned(self) -> Sequence[Review]:
        """The next one first."""
        return [review for review in reversed(self._reviews) if review.state == ReviewState.PLANNED]

    @property
    def ended(self) -> Sequence[Review]:
        """Those that wait to be signed and published."""
        return [review for review in self._reviews if review.state == ReviewState.ENDED]

    @property
    def past(self) -> Sequence[Review]:
        """The one held last first, or last planned, where it was cancelled."""
        over = (ReviewState.PUBLISHED, ReviewState.CANCELLED)
        past = [review for review in self._reviews if review.state in over]
        return sorted(past, key=lambda review: review.held_at, reverse=True)[:MOST_PAST]

    @property
    def charts(self) -> Sequence[Chart]:
        return charts([review for review in self._reviews if review.state in _HELD])

    @cached_property
    def polls(self) -> Sequence[PollLine]:
        """The latest; one query."""
        rows = Poll.objects.filter(matrix=self.matrix).defer("asked", "result")
        rows = rows.annotate(total=Count("respondents"), sent=_SENT)
        return [PollLine(poll, poll.sent, poll.total) for poll in rows[:MOST_POLLS]]

    @cached_property
    def open(self) -> Sequence[OpenLine]:
        """What stays open; one query, and one more for the one that is wanted where that is not among the first."""
        rows = follow_ups.open_decisions(self.matrix.pk)
        shown = list(rows if self.shows_all else rows[:MOST_OPEN])
        if self.wanted is not None and len(shown) == MOST_OPEN and self.wanted not in {row.pk for row in shown}:
            shown += rows.filter(pk=self.wanted)
        return [self._line(decision) for decision in shown]

    @cached_property
    def open_count(self) -> int:
        """How many stay open; one query where they are many."""
        return len(self.open) if len(self.open) < MOST_OPEN else follow_ups.open_decisions(self.matrix.pk).count()

    @property
    def chosen(self) -> OpenLine | None:
        return next((line for line in self.open if line.decision.pk == self.wanted and line.may), None)

    @property
    def is_empty(self) -> bool:
        return not (self._reviews or self.polls or self.open)

    @cached_property
    def _reviews(self) -> Sequence[Review]:
        """The newest first; one query."""
        rows = Review.objects.filter(matrix=self.matrix).select_related("version").defer("version__grid")
        return list(rows[: 4 * MOST_PAST])

    def _line(self, decision: Decision) -> OpenLine:
        left = (decision.due - self.today).days if decision.due else None
        may = follow_ups.may_follow_up(decision, self.member)
        is_late = left is not None and left < 0
        return OpenLine(decision, decision.owner_id == self.member.user_id, may, _said(left), is_late)


_SENT = Count("respondents", Q(respondents__submitted_at__isnull=False))


def polls_to_look_at(matrix: Matrix) -> QuerySet[Poll]:
    """Those whose answers a session can look at: the one that is open, once it is closed, and the last ones that are,
    without what they say."""
    rows = Poll.objects.filter(matrix=matrix).order_by(F("closed_at").desc(nulls_first=True), "-pk")
    return rows.defer("asked", "result")[:MOST_POLLS]


def reviews_page(matrix: Matrix, member: Member, wanted: int | None = None, *, shows_all: bool = False) -> ReviewsPage:
    return ReviewsPage(matrix, member, days.today(), wanted, shows_all)


def _said(left: int | None) -> str:
    if left is None:
        return ""
    if left < 0:
        return f"overdue by {counted(-left, 'day')}"
    return f"due in {counted(left, 'day')}" if left else "due today"
