"""How well a role can lead an activity, from 1 to 5 for skill and for time: rated by who fills it, or by an editor.

A rating stands in the evidence of the matrix under "activity:role". `at` tells it from another one, and `was` is the
rating before it, so that the latest can be taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from raci.accounts.models import User, name_of
from raci.grid.grid import Role
from raci.matrices.models import Activity
from raci.matrices.models import Role as RoleRow
from raci.matrices.operations import checked_line
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Malformed
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .evidence import evidence_of
from .healths import lead_of
from .locking import locked_matrix
from .models import Evidence

LOWEST, HIGHEST = 1, 5

Rating = dict[str, Any]  # skill, time, note, on, by, at, was


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody says of a role and an activity that it leads; None where they say nothing. `seen` is the `at` of
    the rating that stood when they looked, "" for none."""

    skill: int | None
    time: int | None
    note: str
    seen: str


@transaction.atomic
def rate(*, matrix: int, by: Member, activity: int, role: int, rated: Rated) -> Rating:
    """Rates a role on an activity that it leads. Sent twice, it is rated once; 409 where somebody rated it since."""
    note = checked_line(rated.note, what="note") if rated.note.strip() else ""
    if any(value is not None and not LOWEST <= value <= HIGHEST for value in (rated.skill, rated.time)):
        raise Malformed
    evidence, row = _opened(matrix, by, activity, role)
    if lead_of(activity) != role:
        raise Conflict(f"Another role than {row.name} answers for it now. Nothing was changed; look again first.")
    stands = rating_of(evidence, activity, role)
    said = {"skill": rated.skill, "time": rated.time, "note": note, "by": by.user_id}
    if stands and all(stands[name] == value for name, value in said.items()):
        return stands
    if stands and stands["at"] != rated.seen:
        who = "you, on another page" if stands["by"] == by.user_id else _name(stands["by"])
        raise Conflict(f"It was rated by {who} meanwhile. Nothing was changed. Save again to use yours.")
    was = {name: value for name, value in stands.items() if name != "was"} if stands else None
    rating = {**said, "on": days.today().isoformat(), "at": timezone.now().isoformat(), "was": was}
    _keep(evidence, activity, role, rating)
    return rating


@transaction.atomic
def take_back(*, matrix: int, by: Member, activity: int, role: int, rating: str) -> None:
    """The rating before the latest stands again; 409 where the latest is another one. What was taken back stays so."""
    evidence, _ = _opened(matrix, by, activity, role)
    stands = rating_of(evidence, activity, role)
    if stands is None or "was" not in stands:
        return
    if stands["at"] != rating:
        raise Conflict("It was rated again since, so that stands. Nothing was taken back.")
    _keep(evidence, activity, role, stands["was"])


def rating_of(evidence: Evidence, activity: int, role: int) -> Rating | None:
    """How a role is rated on an activity, None where nobody rated it."""
    ratings: Mapping[str, Rating] = evidence.ratings
    return ratings.get(_key(activity, role))


def may_rate(member: Member, role: Role | RoleRow) -> bool:
    """Who fills the role, whatever else they may, or an editor."""
    return member.may(Access.EDITOR) or member.user_id in role.members


def _opened(matrix: int, by: Member, activity: int, role: int) -> tuple[Evidence, RoleRow]:
    """To be changed by who may, about an activity and a role that are there."""
    found = locked_matrix(matrix, by)
    member = still(by, Access.VIEWER)
    row = RoleRow.objects.filter(matrix=found, pk=role).first()
    if row is None or not Activity.objects.filter(matrix=found, pk=activity).exists():
        raise Http404
    if not may_rate(member, row):
        raise Forbidden(f"Who fills {row.name} rates it, or an editor. Ask one of them.")
    return evidence_of(found), row


def _keep(evidence: Evidence, activity: int, role: int, rating: Rating | None) -> None:
    rest = {key: kept for key, kept in evidence.ratings.items() if key != _key(activity, role)}
    evidence.ratings = rest if rating is None else {**rest, _key(activity, role): rating}
    evidence.save(update_fields=["ratings"])


def _key(activity: int, role: int) -> str:
    return f"{activity}:{role}"


def _name(user: int | None) -> str:
    return name_of(User.objects.filter(pk=user or 0).first())
