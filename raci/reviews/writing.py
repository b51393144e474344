"""What a decision writes: the row of its own, under the lock of the review, and what the log says of it."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404
from django.utils import timezone

from raci.accounts.models import User
from raci.matrices.models import Change
from raci.matrices.work import Work

from .choices import Choice, lead_of
from .follow_ups import open_again, settle_with
from .locking import step_on
from .models import Decision, Item, Review
from .sessions import session_of, show
from .settling import settle
from .states import ReviewState


def locked_in(work: Work, review: int) -> Review:
    """The review, locked after its matrix; 404 for one of another."""
    row = Review.objects.select_for_update(no_key=True).filter(pk=review, matrix=work.matrix).first()
    if row is None:
        raise Http404
    row.matrix = work.matrix
    return row


def decision_of(
    work: Work, review: Review, activity: int, choice: Choice, owner: User | None = None, *, together: bool = False
) -> Decision:
    """As it will stand, once the row has the levels that were chosen. `owner` is whom the choice names, as read."""
    lead = lead_of(work, activity)
    return Decision(
        review=review,
        activity=activity,
        name=work.activity(activity)["name"],
        kind=choice.kind,
        lead=lead,
        lead_name="" if lead is None else work.role(lead)["name"],
        note=choice.note,
        owner=owner,
        owner_name="" if choice.owner else choice.owner_name,
        due=choice.due,
        together=together,
        by=work.member.user,
    )


def about(
    review: Review, kind: Decision.Kind, name: str = "", due: date | None = None, rows: int = 0
) -> dict[str, str]:
    """What the history says of it: of one activity by its name, else of how many rows."""
    said = {"review": review.title, "review_id": str(review.pk), "decision": kind.value, "activity": name}
    return {**said, "due": due.isoformat() if due else "", "rows": str(rows) if rows else ""}


def keep(work: Work, review: Review, change: Change, made: Sequence[Decision], gone: Sequence[Decision] = ()) -> None:
    """Writes what was decided, in the place of what is gone; what was on the screen makes room for the next."""
    now = timezone.now()
    if gone:
        Decision.objects.filter(pk__in=[each.pk for each in gone]).update(taken_back_at=now)
        open_again(gone)
    for each in made:
        each.change, each.at = change, now
    Decision.objects.bulk_create(made)
    settle_with(made)
    settle(work.matrix, [each.activity for each in made])
    session = session_of(review)
    if session.current is not None and session.current.activity in {each.activity for each in made}:
        show(review, session.next_undecided)
    step_on(review, "item", "shown_at")


def let_go(work: Work, review: Review, gone: Sequence[Decision]) -> None:
    """Writes that these count no more; one that is on the agenda comes back to the screen."""
    for each in gone:
        each.taken_back_at = timezone.now()
    Decision.objects.bulk_update(gone, ["taken_back_at"], batch_size=200)
    open_again(gone)
    settle(work.matrix, [each.activity for each in gone])
    item = Item.objects.filter(review=review, activity=gone[0].activity).first()
    if item is not None and review.state == ReviewState.RUNNING and review.item_id != item.pk:
        show(review, item)
    step_on(review, "item", "shown_at")
