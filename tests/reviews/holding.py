"""Short ways to hold a session."""

from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.reviews import deciding, sessions
from raci.reviews.models import Decision, Item, Participant, Review
from raci.reviews.sessions import Session
from raci.workspaces.models import Member
from tests.matrices.reading import revision, roles_of, rows_of


def planned(matrix: Matrix, *rows: int, asked: tuple[Member, ...] = (), title: str = "Autumn review") -> Review:
    """A session with these rows of the matrix on its agenda, in this order."""
    review = Review.objects.create(matrix=matrix, title=title, planned_at=timezone.now())
    activities = rows_of(matrix)
    for position, row in enumerate(rows, 1):
        activity = activities[row]
        Item.objects.create(
            review=review, activity=activity.pk, name=activity.name, position=position, by_hand=True, reasons=[]
        )
    for member in asked:
        Participant.objects.create(review=review, user=member.user)
    return review


def running(matrix: Matrix, member: Member, *rows: int, **more) -> Review:
    """The same, begun."""
    review = planned(matrix, *rows, **more)
    do("start", review, member)
    return Review.objects.get(pk=review.pk)


def do(what: str, review: Review, member: Member, *, seen: int | None = None, **more) -> Session:
    """Starts, pauses, resumes or moves a session, as who sees where it is now."""
    step = Review.objects.values_list("step", flat=True).get(pk=review.pk) if seen is None else seen
    return getattr(sessions, what)(matrix=review.matrix_id, review=review.pk, by=member, seen=step, **more)


def decide(review: Review, member: Member, row: int, kind: str = "keep", *, key: str = "", **more) -> Decision:
    """Decides on a row of the matrix; `lead` is a column, `levels` the letters of the row."""
    matrix = Matrix.objects.get(pk=review.matrix_id)
    columns = [role.pk for role in roles_of(matrix)]
    if more.get("lead", len(columns)) < len(columns):
        more["lead"] = columns[more["lead"]]
    if isinstance(more.get("levels"), str):
        more["levels"] = {
            pk: None if letter == "." else Level(letter) for pk, letter in zip(columns, more["levels"], strict=True)
        }
    more.setdefault("seen", revision(matrix))
    more.setdefault("activity", rows_of(matrix)[row].pk)
    return deciding.decide(matrix=matrix.pk, review=review.pk, sender=Sender(member, key), kind=kind, **more)


def take_back(review: Review, member: Member, decision: Decision, key: str = "") -> Decision:
    return deciding.take_back(
        matrix=review.matrix_id, review=review.pk, sender=Sender(member, key), decision=decision.pk
    )


def confirm_rest(review: Review, member: Member, key: str = "", **more) -> list[Decision]:
    now = Review.objects.get(pk=review.pk)
    more.setdefault("seen", revision(now.matrix))
    more.setdefault("seen_step", now.step)
    return deciding.confirm_rest(matrix=now.matrix_id, review=now.pk, sender=Sender(member, key), **more)


def note(review: Review, member: Member, decision: Decision, text: str, seen: str = "") -> Decision:
    return deciding.note(
        matrix=review.matrix_id, review=review.pk, by=member, decision=decision.pk, note=text, seen=seen
    )


def on_screen(review: Review) -> str:
    """The name of what is on the screen, "" for the rest."""
    item = Review.objects.select_related("item").get(pk=review.pk).item
    return item.name if item else ""
