"""The agenda of a session: which activities it talks about, in which order. It makes itself from the evidence (see
agenda.py), and whoever plans the session changes it by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from raci.matrices.models import Activity
from raci.web.refusals import Conflict, Gone
from raci.workspaces.models import Access, Member

from .agenda import Row
from .locking import locked, step_on
from .models import Decision, Item, Review
from .states import ReviewState, review_after

MOVED_ON = "Somebody changed the agenda a moment before. Nothing was changed; look again, then move it."


@dataclass(frozen=True, slots=True)
class Made:
    """What making an agenda anew changed: the names of the rows that came and of those that went."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@transaction.atomic
def make(*, matrix: int, review: int, by: Member, rows: Sequence[Row], seen: int) -> Made:
    """The agenda anew from the evidence, before the session begins. What somebody put there stays, ahead of the rest.

    `seen` is the step of the review that the sender's page showed.
    """
    row = locked(matrix, review, by, Access.EDITOR)
    review_after(row.state, "plan")
    _refuse_stale(row, seen)
    made = renew(row, rows)
    step_on(row)
    return made


def renew(review: Review, rows: Sequence[Row]) -> Made:
    """The same inside an operation that holds the lock of the review: when it is planned, and when it is started
    without anybody having changed its agenda (`is_untouched`)."""
    known = {item.activity: item for item in review.items.all()}
    evidence = {row.activity: row for row in rows}
    names = _names(review.matrix_id, [*known, *evidence])
    by_hand = [item for item in known.values() if item.by_hand and item.activity in names]
    kept = {item.activity for item in by_hand}
    made = [row for row in rows if row.activity in names and row.activity not in kept]
    went = [item for item in known.values() if item.activity not in kept | {row.activity for row in made}]
    for item in by_hand:
        item.name = names[item.activity]
        item.reasons = _reasons(evidence[item.activity]) if item.activity in evidence else []
    items = [known.get(row.activity) or Item(review=review, activity=row.activity) for row in made]
    for item, row in zip(items, made, strict=True):
        item.name, item.reasons = names[row.activity], _reasons(row)
    Item.objects.filter(pk__in=[item.pk for item in went]).delete()
    came = tuple(item.name for item in items if item.pk is None)
    _in_order([*by_hand, *items])
    return Made(came, tuple(item.name for item in went))


def is_untouched(review: Review) -> bool:
    """Whether nobody has changed its agenda, nor made it anew, since it was planned."""
    return review.state == ReviewState.PLANNED and review.step == 0


@transaction.atomic
def add(*, matrix: int, review: int, by: Member, activity: int) -> Item:
    """Puts an activity on the agenda, at its end; one that is on it stays where it is."""
    row = _to_arrange(matrix, review, by)
    items = list(row.items.all())
    found = next((item for item in items if item.activity == activity), None)
    if found is not None:
        return found
    name = _names(matrix, [activity]).get(activity)
    if name is None:
        raise Gone("That activity is not in this matrix any more. Choose another.")
    made = Item.objects.create(
        review=row, activity=activity, name=name, position=_last(items) + 1, reasons=[], by_hand=True
    )
    step_on(row)
    return made


@transaction.atomic
def remove(*, matrix: int, review: int, by: Member, activity: int) -> Item | None:
    """Leaves an activity out; None where it is not on the agenda any more. What is on the screen, or decided, stays."""
    row = _to_arrange(matrix, review, by)
    found: Item | None = row.items.filter(activity=activity).first()
    if found is None:
        return None
    if row.item_id == found.pk:
        raise Conflict(f"“{found.name}” is what the session talks about now. Move on first.")
    if Decision.objects.filter(review=row, activity=activity, taken_back_at=None).exists():
        raise Conflict(f"“{found.name}” is decided already. Take the decision back first.")
    Item.objects.filter(pk=found.pk).delete()
    step_on(row)
    return found


@transaction.atomic
def move(*, matrix: int, review: int, by: Member, activity: int, up: bool, seen: int) -> Item:
    """Puts an activity before the one above it, or behind the one below; where there is none, it stays. `seen` is the
    step of the review that the sender's page showed."""
    row = _to_arrange(matrix, review, by)
    _refuse_stale(row, seen)
    items = list(row.items.all())
    place = next((place for place, item in enumerate(items) if item.activity == activity), None)
    if place is None:
        raise Gone("That is not on the agenda any more. Reload the page to see what is.")
    other = place - 1 if up else place + 1
    item = items[place]
    if 0 <= other < len(items):
        _swap(item, items[other])
        step_on(row)
    return item


def _to_arrange(matrix: int, review: int, by: Member) -> Review:
    row = locked(matrix, review, by, Access.EDITOR)
    review_after(row.state, "arrange")
    return row


def _refuse_stale(review: Review, seen: int) -> None:
    if review.step != seen:
        raise Conflict(MOVED_ON)


def _swap(item: Item, other: Item) -> None:
    """Saves each at the place of the other."""
    item.position, other.position = other.position, item.position
    Item.objects.bulk_update([item, other], ["position"])


def _in_order(items: Sequence[Item]) -> None:
    """Saves them, each at its place."""
    for position, item in enumerate(items, 1):
        item.position = position
    Item.objects.bulk_create([item for item in items if item.pk is None])
    Item.objects.bulk_update([item for item in items if item.pk is not None], ["position", "name", "reasons"])


def _last(items: Sequence[Item]) -> int:
    return max((item.position for item in items), default=0)


def _names(matrix: int, activities: Iterable[int]) -> Mapping[int, str]:
    """Activity id -> name, of those that are in the matrix now; one query, none for nothing."""
    wanted = set(activities)
    if not wanted:
        return {}
    return dict(Activity.objects.filter(matrix=matrix, pk__in=wanted).values_list("pk", "name"))


def _reasons(row: Row) -> list[dict[str, str]]:
    """As they are kept: {rule, text}, with `raci` where the words of RACI are others."""
    return [{key: said for key, said in asdict(reason).items() if said} for reason in row.reasons]
