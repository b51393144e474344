"""Who reads a stream, and whether they still may: asked again each time something is sent, and every two seconds."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.utils import timezone

from raci.reviews.models import Review
from raci.screens.session.present import came_to, with_came
from raci.workspaces.models import Member

from .news import Variant

Send = Callable[[bytes | None], None]
ACCESS, GONE, SIGNED_OUT = "access", "gone", ""  # who is signed out learns it by asking again


@dataclass(frozen=True, slots=True)
class Seat:
    """A member at one of their pages, as they were when its stream was opened."""

    member: int
    user: int
    access: str
    session: str
    password: str  # as the database keeps it: a new one ends the sessions


@dataclass(slots=True)
class Following:
    """A session that a page follows, the step of it that the page has been told of, and how many had come by then."""

    review: int
    step: int
    came: int


class Where(NamedTuple):
    """How far a session of a matrix is."""

    matrix: int
    step: int
    came: int


@dataclass(eq=False, slots=True)
class Reader:
    """One open stream. `cursor` is the revision it has been sent; `send(None)` ends it. One that follows a session has
    no grid to bring up to date: it is told how far the session and the matrix are."""

    page: str
    workspace: int
    matrix: int
    seat: Seat
    variant: Variant
    cursor: int
    send: Send
    following: Following | None = None
    beat_at: float = field(default_factory=monotonic)


def sessions_now(readers: Iterable[Reader]) -> dict[int, Where]:
    """Where all the sessions are that are followed, by their ids; one query, or none."""
    followed = {reader.following.review for reader in readers if reader.following}
    rows = with_came(Review.objects.filter(pk__in=followed).only("matrix", "step")) if followed else ()
    return {row.pk: Where(row.matrix_id, row.step, came_to(row)) for row in rows}


def refused(readers: Collection[Reader]) -> dict[Reader, str]:
    """Those who may not read on, with the reason; two queries for all of them."""
    members = {
        row["pk"]: row
        for row in Member.objects.filter(
            pk__in={reader.seat.member for reader in readers}, workspace__deleted_at=None, user__is_active=True
        ).values("pk", "access", "workspace_id", "user__password")
    }
    open_sessions = Session.objects.filter(
        session_key__in={reader.seat.session for reader in readers}, expire_date__gt=timezone.now()
    )
    sessions = set(open_sessions.values_list("session_key", flat=True))
    return dict(_reasons(readers, members, sessions))


def _reasons(
    readers: Iterable[Reader], members: Mapping[int, Mapping[str, object]], sessions: Collection[str]
) -> Iterable[tuple[Reader, str]]:
    for reader in readers:
        member = members.get(reader.seat.member)
        if member is None or member["workspace_id"] != reader.workspace:
            yield reader, GONE
        elif reader.seat.session not in sessions or member["user__password"] != reader.seat.password:
            yield reader, SIGNED_OUT
        elif member["access"] != reader.seat.access:
            yield reader, ACCESS
