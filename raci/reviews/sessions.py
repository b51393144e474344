"""Holding a session: what is on its screen, pausing it, and where everybody who follows it is.

Whoever changes something sends the step that their page showed. Where another facilitator was faster nothing is done,
and the answer says where things are now: `Session.is_late`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from raci.matrices.models import Activity
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.models import Access, Member

from . import agendas
from .agenda import Row
from .locking import locked, step_on
from .models import Decision, Item, Participant, Review
from .states import ReviewState, review_after

LIVE = (ReviewState.RUNNING, ReviewState.PAUSED)
TOUCHED = Exists(Activity.objects.filter(pk=OuterRef("activity"), revision__gt=OuterRef("change__revision")))


@dataclass(frozen=True, slots=True)
class Session:
    """Where a session is. `decisions` maps activities to what stands of them, `gone` are those on the agenda that are
    not in the matrix any more.

    `is_late` says that nothing was done, because the session had moved on from the step that the sender saw.
    """

    review: Review
    items: tuple[Item, ...]
    decisions: Mapping[int, Decision]
    gone: frozenset[int]
    is_late: bool = False

    @property
    def current(self) -> Item | None:
        """What is on the screen; None stands for the rest, which is confirmed together behind the agenda."""
        return next((item for item in self.items if item.pk == self.review.item_id), None)

    @property
    def place(self) -> int:
        """Which of its items is on the screen, from 1; behind the last of them, the rest."""
        return next((n for n, item in enumerate(self.items, 1) if item.pk == self.review.item_id), len(self.items) + 1)

    @property
    def decision(self) -> Decision | None:
        """What stands of what is on the screen."""
        return self.decisions.get(self.current.activity) if self.current else None

    @property
    def undecided(self) -> tuple[Item, ...]:
        """What is still to be decided of the agenda."""
        return tuple(item for item in self.items if item.activity not in self.gone | self.decisions.keys())

    def rest(self, activities: Iterable[int]) -> list[int]:
        """Those of these that are not on the agenda and that nobody decided apart: they are confirmed together."""
        apart = {activity for activity, decision in self.decisions.items() if not decision.together}
        apart |= {item.activity for item in self.items}
        return [activity for activity in activities if activity not in apart]

    def unconfirmed(self, activities: Iterable[int]) -> list[int]:
        """Those of the rest that are still to be confirmed."""
        return [activity for activity in self.rest(activities) if activity not in self.decisions]

    @property
    def last(self) -> Decision | None:
        """What was decided last of what stands: the one to take back first."""
        return max(self.decisions.values(), key=lambda each: (each.at, each.pk), default=None)

    @property
    def next_undecided(self) -> Item | None:
        """The next item to decide on behind the one on the screen, else the first; None where all are decided."""
        waiting = self.undecided
        behind = {item.pk for item in self.items[self.place :]}
        return next((item for item in waiting if item.pk in behind), next(iter(waiting), None))

    def seconds(self, now: datetime | None = None) -> int:
        """How long what is on the screen has been there in all; the pauses do not count."""
        return (self.current.seconds if self.current else 0) + _running(self.review, now or timezone.now())


def session_of(review: Review, *, is_late: bool = False, here: Iterable[int] | None = None) -> Session:
    """Where a session is, in three queries; in two where it is known which activities are `here`, in the matrix."""
    items = tuple(Item.objects.filter(review=review))
    standing = Decision.objects.filter(review=review, taken_back_at=None).select_related("by", "owner", "change")
    standing = standing.annotate(touched=TOUCHED)
    wanted = {item.activity for item in items}
    if here is None:
        here = Activity.objects.filter(matrix=review.matrix_id, pk__in=wanted).values_list("pk", flat=True)
    decisions = {decision.activity: decision for decision in standing.defer("change__edits")}
    return Session(review, items, decisions, frozenset(wanted.difference(here)), is_late)


@transaction.atomic
def start(*, matrix: int, review: int, by: Member, seen: int, rows: Sequence[Row] | None = None) -> Session:
    """Begins with the first item. `rows` make the agenda anew from the evidence, unless somebody has changed it since
    it was planned. One session of a matrix is held at a time."""
    row = locked(matrix, review, by, Access.EDITOR)
    if _is_late(row, seen):
        return session_of(row, is_late=True)
    begun = review_after(row.state, "start")
    if not Activity.objects.filter(matrix=row.matrix).exists():
        raise Refused("There is nothing to go through yet. Add activities first.")
    refuse_second(row)
    if rows is not None and agendas.is_untouched(row):
        agendas.renew(row, rows)
    row.state, row.started_at = begun, timezone.now()
    show(row, session_of(row).next_undecided)
    step_on(row, "state", "started_at", "item", "shown_at")
    return session_of(row)


@transaction.atomic
def pause(*, matrix: int, review: int, by: Member, seen: int) -> Session:
    """Stops its clock; nothing is decided until it is resumed."""
    row = locked(matrix, review, by, Access.EDITOR)
    if _is_late(row, seen):
        return session_of(row, is_late=True)
    row.state = review_after(row.state, "pause")
    stop_clock(row)
    step_on(row, "state", "shown_at")
    return session_of(row)


@transaction.atomic
def resume(*, matrix: int, review: int, by: Member, seen: int) -> Session:
    """Goes on where it was paused."""
    row = locked(matrix, review, by, Access.EDITOR)
    if _is_late(row, seen):
        return session_of(row, is_late=True)
    row.state = review_after(row.state, "resume")
    row.shown_at = timezone.now()
    step_on(row, "state", "shown_at")
    return session_of(row)


@transaction.atomic
def move(*, matrix: int, review: int, by: Member, to: str, seen: int) -> Session:
    """Puts another item on the screen: `to` is "next", "previous", "rest" or the id of one. Behind the last stands the
    rest, and before the first nothing: there it stays."""
    row = locked(matrix, review, by, Access.EDITOR)
    if _is_late(row, seen):
        return session_of(row, is_late=True)
    row.state = review_after(row.state, "move")
    wanted = _item(session_of(row), to)
    if (wanted.pk if wanted else None) != row.item_id:
        show(row, wanted)
        step_on(row, "item", "shown_at")
    return session_of(row)


def follow(*, matrix: int, review: int, by: Member) -> bool:
    """Notes when somebody who was asked to it first followed it while it was held; whether that was now.

    Others who follow are not noted. The step stays: nothing changed that a facilitator acts on.
    """
    asked = Participant.objects.filter(review=review, user=by.user, came_at=None)
    if not asked.filter(review__matrix=matrix, review__state__in=LIVE).exists():
        return False
    with transaction.atomic():
        row = locked(matrix, review, by, Access.VIEWER)
        return row.state in LIVE and asked.update(came_at=timezone.now()) == 1


def refuse_second(review: Review) -> None:
    """Refuses to hold a session while another one of the same matrix is; under the lock of the matrix."""
    other = Review.objects.filter(matrix=review.matrix_id, state__in=LIVE).exclude(pk=review.pk).first()
    if other is not None:
        raise Conflict(f"“{other.title}” is being held for this matrix. End that one first.")


def show(review: Review, item: Item | None) -> None:
    """Puts an item on the screen, None for the rest; its clock runs while the session does. Under the lock of the
    review, of which `item` and `shown_at` are to be saved."""
    stop_clock(review)
    review.item = item
    review.shown_at = timezone.now() if review.state == ReviewState.RUNNING else None


def stop_clock(review: Review) -> None:
    """Adds the time that what is on the screen has been there, and stops; `shown_at` is to be saved."""
    if review.item_id is not None and (passed := _running(review, timezone.now())):
        Item.objects.filter(pk=review.item_id).update(seconds=F("seconds") + passed)
    review.shown_at = None


def _running(review: Review, now: datetime) -> int:
    """The seconds since the screen last changed; 0 while it is paused."""
    return max(0, int((now - review.shown_at).total_seconds())) if review.shown_at else 0


def _is_late(review: Review, seen: int) -> bool:
    if not 0 <= seen <= review.step:
        raise Malformed
    return seen < review.step


def _item(session: Session, to: str) -> Item | None:
    """What `to` stands for, now."""
    items, place = session.items, session.place
    match to:
        case "rest":
            return None
        case "next":
            return items[place] if place < len(items) else None
        case "previous":
            return items[max(place - 2, 0)] if items else None
    found = next((item for item in items if str(item.pk) == to), None)
    if found is None:
        raise Refused("That is not on the agenda any more. Reload the page to see what is.", "not_found", 404)
    return found
