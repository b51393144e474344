"""What those who are asked do in a poll: say where they work, answer, send. Each locks the poll first, so nothing of it
is kept after the poll closed, and nobody answers who was told something else of names than what holds.

What is asked stands in `Poll.asked`; nothing here reads the matrix, which a guest is not to see.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import salted_hmac

from raci.grid.text import normalised
from raci.matrices.operations import checked_line
from raci.publishing.recipients import address_of
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces.access import still
from raci.workspaces.links import digest, find_open, note_use
from raci.workspaces.models import Access, Link, Member

from .agreement import OF_LEAD
from .counting import role_names
from .models import ANSWERS, QUESTIONS, Answer, Poll, Respondent
from .polling import lock_poll
from .states import poll_after

RESPONDENT_LIMIT = 5_000  # of those who are asked, and again of those who come by the link
BY_LINK = Q(user=None, address="")  # who came by the link of the poll alone
ARCHIVED = "What this poll is about was put away, so nothing is answered for now. Ask whoever sent it to you."
TOLD_ANEW = "How names are treated has changed since you read it. Read it again, then go on."


@dataclass(frozen=True, slots=True)
class About:
    """What somebody says of themselves: the role of the matrix they belong to, or None and what else they work in; and,
    where they are asked for it, what they are called. `told` is the naming they read before they said it."""

    told: str
    role: int | None = None
    function: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answers on one activity: `said` is "role" with the id of the `lead`, "nobody" or "unknown".
    `health` maps the questions of how it goes to "yes", "partly" or "no"."""

    said: str
    lead: int | None = None
    health: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def join(*, link_token: str, about: About, token: str) -> Respondent:
    """Somebody comes by the link of a poll and says where they work. `token` is their own; sent again, they join
    once."""
    found = Poll.objects.filter(link__digest=digest(link_token)).values_list("pk", flat=True).first()
    poll = _lock(found) if found else None  # before the link is looked at: one revoked a moment ago lets nobody in
    link = find_open(Link.Purpose.POLL, link_token)
    if poll is None or link is None or poll.link_id != link.pk or not poll.is_open:
        raise Gone
    _refuse_archived(poll)
    known = Respondent.objects.filter(digest=digest(token)).first()
    if known is not None:
        if known.poll_id != poll.pk:
            raise Gone
        return known
    if Respondent.objects.filter(BY_LINK, poll=poll, is_left_out=False).count() >= RESPONDENT_LIMIT:
        raise Refused(f"{RESPONDENT_LIMIT:,} people came by this link, and no more fit. Tell whoever asked you.")
    respondent = Respondent(poll=poll, digest=digest(token))
    _take(respondent, about, asks_name=True)
    respondent.save()
    note_use(link)
    return respondent


@transaction.atomic
def join_as_member(*, poll: int, by: Member) -> tuple[Respondent, str]:
    """A member wants to answer; and a token by which they are known outside the workspace, the same whenever they do.
    Where they work they say there, as everyone does."""
    by = still(by, Access.VIEWER)
    row = lock_poll(poll, by.workspace_id)
    poll_after(row.state, "join")
    _refuse_archived(row)
    respondent = _as_member(row, by)
    token = token_of(respondent)
    if respondent.digest != digest(token):
        respondent.digest = digest(token)
        respondent.save(update_fields=["digest"])
    return respondent, token


@transaction.atomic
def introduce(*, respondent: int, about: About) -> Respondent:
    """Somebody who is known by a link or a token of their own says where they work, or says it anew."""
    row = _locked(respondent, "join")
    _take(row, about, asks_name=row.user_id is None)
    row.save(update_fields=["role", "function", "name", "joined_at"])
    return row


@transaction.atomic
def answer(*, respondent: int, activity: int, given: Given, told: str) -> Answer:
    """Keeps what they say of one activity; what they said before of the same one goes. After they have sent their
    answers, it counts as it is now."""
    row = _locked(respondent, "answer")
    if told != row.poll.naming or row.joined_at is None:
        raise Conflict(TOLD_ANEW)
    if activity not in {each["id"] for each in row.poll.asked["activities"]}:
        raise Http404
    if (given.said, given.lead) not in _choices(row.poll):
        raise Refused("Choose a role, “Nobody” or “I don’t know”.")
    kept, _ = Answer.objects.update_or_create(
        respondent=row,
        activity=activity,
        defaults={"said": given.said, "lead": given.lead, **_checked_health(given)},
    )
    return kept


@transaction.atomic
def submit(*, respondent: int) -> Respondent:
    """Sends what they have answered. What they left out counts nowhere, by function as “I don’t know” (see
    agreement.py); they read it before. Again, nothing changes."""
    row = _locked(respondent, "answer")
    if not Answer.objects.filter(respondent=row).exists():
        raise Refused("You have answered nothing yet. Answer one activity at least, then send.")
    if row.submitted_at is None:
        row.submitted_at = timezone.now()
        row.save(update_fields=["submitted_at"])
    return row


def answers_of(respondent: Respondent) -> dict[int, Answer]:
    """What they have answered so far, by the id of the activity; one query."""
    return {each.activity: each for each in Answer.objects.filter(respondent=respondent)}


def asks_health(given: Given) -> tuple[str, ...]:
    """The questions that matter beside this answer: whether a role can lead it only where one was named, and none after
    “not done”, which comes before any question of ownership (Forrester; see domain/checks.md)."""
    if given.health.get("done") == "no":
        return ("done",)
    return tuple(question for question in QUESTIONS if question not in OF_LEAD or given.lead is not None)


def token_of(respondent: Respondent) -> str:
    """The token of a member who answers: as long as any other, made of what only this Remit knows."""
    made = salted_hmac("raci.reviews.answering", f"{respondent.poll_id}:{respondent.pk}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _as_member(poll: Poll, by: Member) -> Respondent:
    """The member among those who are asked; who was asked by that address before they were one is the same person."""
    rows = Respondent.objects.filter(poll=poll)
    same = Q(user=None, address=address_of(by.user)) & ~Q(address="")
    found = rows.filter(user=by.user).first() or rows.filter(same).first()
    if found is None:
        return Respondent.objects.create(poll=poll, user=by.user)
    if found.user_id is None:
        found.user, found.address, found.name = by.user, "", ""
        found.save(update_fields=["user", "address", "name"])
    return found


def _refuse_archived(poll: Poll) -> None:
    """Nothing is said about a matrix that is put away, by nobody."""
    if poll.matrix.is_archived:
        raise Conflict(ARCHIVED)


def _choices(poll: Poll) -> set[tuple[str, int | None]]:
    return {("nobody", None), ("unknown", None), *(("role", role) for role in role_names(poll))}


def _checked_health(given: Given) -> dict[str, str]:
    """An answer to each question, "" where there is none or it does not matter."""
    if not set(given.health.values()) <= {"", *ANSWERS}:
        raise Refused("Choose “yes”, “partly” or “no”.")
    wanted = asks_health(given)
    return {question: given.health.get(question, "") if question in wanted else "" for question in QUESTIONS}


def _take(respondent: Respondent, about: About, *, asks_name: bool) -> None:
    """Takes down what somebody says of themselves. Where a poll is by function, no name is asked for, nor kept."""
    poll = respondent.poll
    if about.told != poll.naming:
        raise Conflict(TOLD_ANEW)
    if about.role is not None and about.role not in role_names(poll):
        raise Refused("Choose one of the roles, or say what else you work in.")
    respondent.role, respondent.function = about.role, ""
    if about.role is None:
        other = checked_line(about.function, what="function")
        respondent.role = _role_called(poll, other)
        respondent.function = other if respondent.role is None else ""
    respondent.name = checked_line(about.name) if poll.is_named and asks_name else ""
    respondent.joined_at = respondent.joined_at or timezone.now()


def _role_called(poll: Poll, name: str) -> int | None:
    """The role that somebody names in their own words, where it is called just that."""
    wanted = normalised(name)
    return next((role for role, called in role_names(poll).items() if wanted and normalised(called) == wanted), None)


def _locked(respondent: int, step: str) -> Respondent:
    """Somebody who is asked, and their poll, locked, so that this step can be done."""
    found = Respondent.objects.filter(pk=respondent).values_list("poll", flat=True).first()
    poll = _lock(found) if found else None
    row = Respondent.objects.select_related("user").filter(pk=respondent, poll=poll).first() if poll else None
    if poll is None or row is None:
        raise Gone
    poll_after(poll.state, step)
    _refuse_archived(poll)
    row.poll = poll
    return row


def _lock(poll: int) -> Poll | None:
    try:
        return lock_poll(poll)
    except Http404:
        return None
