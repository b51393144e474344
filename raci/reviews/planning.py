"""Planning a session: when it is, who is asked to it, and telling them; moving it, and cancelling it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from raci.accounts.zones import zone_of
from raci.grid.text import day, isolated
from raci.matrices.models import Matrix
from raci.matrices.operations import KEY_LIMIT, checked_line
from raci.notices.models import Notice
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from . import agendas
from .agenda import Row
from .locking import locked, locked_matrix, step_on
from .models import Decision, Participant, Poll, Review
from .sessions import LIVE, stop_clock
from .states import ReviewState, review_after

SHORTEST, LONGEST = 5, 480  # minutes
MOST_PEOPLE = 200
MOST_PLANNED = 20  # of one matrix, at a time
EARLIEST, LATEST = timedelta(hours=1), timedelta(days=3 * 365)  # before and after now
MOVED_ON = "Somebody planned this session anew a moment before. Nothing was changed; look again, then save."
DECIDED = "This session has decided something already. Take that back first, or end the session."
ASKS = " asks you to "
_TOLD = ("title", "planned_at", "minutes", "place")  # what calendars show of it


@dataclass(frozen=True, slots=True)
class Plan:
    """A session as somebody wants it. `people` are the ids of the accounts that are asked to it; `poll` is the one
    whose answers it looks at, once it is closed."""

    title: str
    at: datetime
    minutes: int = 60
    place: str = ""
    people: Collection[int] = field(default_factory=tuple)
    poll: int | None = None


@transaction.atomic
def plan(*, matrix: int, by: Member, wanted: Plan, rows: Sequence[Row] = (), key: str = "") -> Review:
    """A new session, with an agenda of these rows. Those who are asked to it hear of it. Sent twice, it is planned
    once."""
    found = locked_matrix(matrix, by)
    by = still(by, Access.EDITOR)
    if len(key) > KEY_LIMIT or not key.isascii():
        raise Malformed
    made = Review.objects.filter(matrix=found, made_by=by.user, key=key).first() if key else None
    if made is not None:
        return made
    if Review.objects.filter(matrix=found, state=ReviewState.PLANNED).count() >= MOST_PLANNED:
        raise Refused(f"Up to {MOST_PLANNED} sessions of one matrix wait at a time. Cancel one that is not needed.")
    review = Review(matrix=found, made_by=by.user, key=key)
    _take(review, wanted)
    review.save()
    agendas.renew(review, rows)
    members = _asked(found, wanted.people)
    Participant.objects.bulk_create([Participant(review=review, user=member.user) for member in members])
    _tell(review, members, by, f"{sign_of(by.user)}{ASKS}{_named(review)}")
    return review


@transaction.atomic
def replan(
    *, matrix: int, review: int, by: Member, wanted: Plan, seen: int, rows: Sequence[Row] | None = None
) -> Review:
    """Another day, place or title, other people, another poll. `seen` is the `moves` that the sender's page showed.
    Where it is another poll, `rows` make the agenda anew, unless somebody has changed it.

    Who is asked now, and was not, hears of it; the others where what their calendars show is different.
    """
    row = locked(matrix, review, by, Access.EDITOR)
    review_after(row.state, "plan")
    if row.moves != seen:
        raise Conflict(MOVED_ON)
    was, looked_at = [getattr(row, name) for name in _TOLD], row.poll_id
    _take(row, wanted)
    is_told = was != [getattr(row, name) for name in _TOLD]
    if is_told:
        row.moves, row.moved_at = row.moves + 1, timezone.now()
    row.save(update_fields=[*_TOLD, "poll", "moves", "moved_at"])
    if rows is not None and row.poll_id != looked_at and agendas.is_untouched(row):
        agendas.renew(row, rows)
    members = _asked(row.matrix, wanted.people)
    new = _seat(row, members)
    _tell(row, [member for member in members if member in new], by, f"{sign_of(by.user)}{ASKS}{_named(row)}")
    if is_told:
        _tell(row, [member for member in members if member not in new], by, f"{_named(row)} was planned anew")
    return row


@transaction.atomic
def cancel(*, matrix: int, review: int, by: Member) -> Review:
    """It does not take place, and those who were asked to it hear so; one that is held, as long as nothing is decided.
    Again, nothing changes."""
    row = locked(matrix, review, by, Access.EDITOR)
    if row.state == ReviewState.CANCELLED:
        return row
    after = review_after(row.state, "cancel")
    if row.state in LIVE:
        if Decision.objects.filter(review=row, taken_back_at=None).exists():
            raise Conflict(DECIDED)
        stop_clock(row)
    row.state, row.moves, row.moved_at = after, row.moves + 1, timezone.now()
    step_on(row, "state", "moves", "moved_at", "shown_at")
    _tell(row, _asked(row.matrix, participants(row)), by, f"{_named(row)} is cancelled")
    return row


def participants(review: Review) -> list[int]:
    """The accounts that are asked to it; one query."""
    return list(Participant.objects.filter(review=review).values_list("user_id", flat=True))


def said_at(review: Review, zone: ZoneInfo) -> str:
    """When it is, where somebody is: Tue 24 Nov 2026, 14:00 to 15:00 (Europe/Berlin)."""
    start = review.planned_at.astimezone(zone)
    end = start + timedelta(minutes=review.minutes)
    return f"{start:%a} {day(start.date())}, {start:%H:%M} to {end:%H:%M} ({zone.key})"


def _take(review: Review, wanted: Plan) -> None:
    now = timezone.now()
    if wanted.at != review.planned_at and not now - EARLIEST <= wanted.at <= now + LATEST:
        raise Refused("Choose a day and time to come, within three years.")
    if not SHORTEST <= wanted.minutes <= LONGEST:
        raise Refused(f"A session takes {SHORTEST} to {LONGEST} minutes. Choose a number in between.")
    review.title = checked_line(wanted.title, what="title")
    review.place = checked_line(wanted.place, what="place") if wanted.place else ""
    review.planned_at, review.minutes = wanted.at, wanted.minutes
    review.poll = None if wanted.poll is None else _poll(review.matrix, wanted.poll)


def _poll(matrix: Matrix, poll: int) -> Poll:
    found = Poll.objects.filter(pk=poll, matrix=matrix).defer("asked", "result").first()
    if found is None:
        raise Refused("That poll is not of this matrix. Choose another, or none.")
    return found


def _asked(matrix: Matrix, people: Collection[int]) -> list[Member]:
    """Those of them who are members now; one query."""
    if len(people) > MOST_PEOPLE:
        raise Refused(f"Up to {MOST_PEOPLE} people are asked to a session. Choose fewer; anyone here can follow it.")
    rows = Member.objects.filter(workspace=matrix.workspace_id, user__in=list(people), user__is_active=True)
    return list(rows.select_related("user").order_by("pk"))


def _seat(review: Review, members: Sequence[Member]) -> list[Member]:
    """These members take part, and nobody else; which of them are new."""
    wanted = {member.user_id for member in members}
    Participant.objects.filter(review=review).exclude(user__in=wanted).delete()
    here = set(participants(review))
    new = [member for member in members if member.user_id not in here]
    Participant.objects.bulk_create([Participant(review=review, user=member.user) for member in new])
    return new


def _named(review: Review) -> str:
    return f"“{isolated(review.title)}” of “{isolated(review.matrix.name)}”"


def _unsent(review: Review, members: Sequence[Member]) -> dict[int, list[str]]:
    """Member -> what they should hear of it and were not sent yet. It is taken out: however often a session is moved
    before that, each of them hears once, and where it came to."""
    rows = Notice.objects.filter(member__in=members, key__startswith=f"session:{review.pk}:", mailed_at=None)
    found = dict[int, list[str]]()
    for member, text in rows.values_list("member", "text"):
        found.setdefault(member, []).append(text)
    rows.delete()
    return found


def _tell(review: Review, members: Sequence[Member], by: Member, headline: str) -> None:
    """A notice to each of them but who did it, with the time it is where they are."""
    url = reverse("review", args=[review.matrix.workspace_id, review.matrix_id, review.pk])
    members = [member for member in members if member.user_id != by.user_id]
    unsent = _unsent(review, members)
    for member in members:
        zone = zone_of(member.user) or ZoneInfo(settings.TIME_ZONE)
        is_off = review.state == ReviewState.CANCELLED
        more = "It was to be on" if is_off else "It is on"
        was_asked = not is_off and any(ASKS in text for text in unsent.get(member.pk, ()))
        said = f"{sign_of(by.user)}{ASKS}{_named(review)}" if was_asked else headline
        text = f"{said}.\n\n{more} {said_at(review, zone)}."
        notify(member, text=text, url=url, key=f"session:{review.pk}:{review.moves}")
