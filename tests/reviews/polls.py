"""Polls with their answers in the database, opened and closed by the real operations."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from raci.matrices.models import Matrix
from raci.reviews.models import Answer, Poll, Respondent
from raci.reviews.polling import close, open_poll
from raci.workspaces.models import Member

Said = int | str | None  # the id of a role, "nobody", "unknown", or None where somebody left it out


def opened(
    member: Member, matrix: Matrix, *, naming: str = "named", title: str = "Who leads what?", days: int = 14
) -> Poll:
    until = timezone.now() + timedelta(days=days)
    return open_poll(matrix=matrix.pk, by=member, title=title, until=until, naming=naming).poll


def answered(
    poll: Poll,
    role: int | None,
    leads: Sequence[Said],
    *,
    name: str = "",
    function: str = "",
    user: int | None = None,
    address: str = "",
    health: Mapping[str, str] | None = None,
    sent: bool = True,
) -> Respondent:
    """Somebody of a role, or another function, and what they say of the activities in their order; `health` is what
    they say of each of them. Without an account or an address they came by the link."""
    now = timezone.now()
    row = Respondent.objects.create(
        poll=poll,
        role=role,
        function=function,
        name=name,
        user_id=user,
        address=address,
        joined_at=now,
        submitted_at=now if sent else None,
    )
    rows = [activity["id"] for activity in poll.asked["activities"]]
    Answer.objects.bulk_create(
        _answer(row, activity, said, health or {}) for activity, said in zip(rows, leads, strict=False) if said
    )
    return row


def closed(poll: Poll, member: Member) -> Poll:
    return close(poll=poll.pk, by=member)


def _answer(respondent: Respondent, activity: int, said: int | str, health: Mapping[str, Any]) -> Answer:
    lead = said if isinstance(said, int) else None
    return Answer(respondent=respondent, activity=activity, said="role" if lead else said, lead=lead, **health)
