"""What stays open after a session: who sees to it, by when, and what came of it.

Editors follow up, and whoever something was handed to, whatever they may do in the workspace. What a later session
decides on the row settles it, too, as long as that decision stands.
"""

import hashlib
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from raci.grid.text import NAME_LIMIT, day, isolated
from raci.matrices.models import Activity, Matrix
from raci.matrices.operations import checked_line
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .locking import locked_matrix
from .models import Decision
from .settling import SETTLES
from .states import REVIEW_STEPS, review_after

OPEN = (Decision.Kind.ASK, Decision.Kind.OPEN)
MOVED_ON = "Somebody saw to this a moment before. Nothing was changed; look again, then save."
_NOT_YOURS = "Who it was handed to sees to this, or an editor. Ask one of them."
_OUTCOMES = {
    Decision.Kind.KEEP: "it stays as it is",
    Decision.Kind.LEAD: "{lead} answers for it",
    Decision.Kind.LEVELS: "its levels were set anew, and {lead} answers for it",
}
_MOST_OF_NAME = NAME_LIMIT // 3  # of a session and of a role, so that both stand in one line


def open_decisions(matrix: int) -> QuerySet[Decision]:
    """What the reviews of a matrix left open, the first that is due first, and last what has no day. A row that was
    removed has nothing open, until it is brought back."""
    rows = Decision.objects.filter(review__matrix=matrix, kind__in=OPEN, taken_back_at=None, settled_at=None)
    rows = rows.filter(Exists(Activity.objects.filter(matrix=matrix, pk=OuterRef("activity"))))
    rows = rows.filter(review__state__in=REVIEW_STEPS["follow up"].here)
    return rows.select_related("review", "owner").order_by(F("due").asc(nulls_last=True), "pk")


def seen_of(decision: Decision) -> str:
    """What a form sends along, to be told from what somebody else made of it meanwhile."""
    said = f"{decision.owner_id}:{decision.owner_name}:{decision.due}:{decision.settled_at}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def may_follow_up(decision: Decision, member: Member) -> bool:
    return member.may(Access.EDITOR) or decision.owner_id == member.user_id


@transaction.atomic
def settle(*, matrix: int, decision: int, by: Member, outcome: str) -> Decision:
    """Nothing is open there any more; `outcome` says what came of it, in a line. Sent twice, it is settled once; 409
    where somebody else has said otherwise."""
    said = checked_line(outcome, what="outcome")
    row, by = _locked(matrix, decision, by)
    if row.settled_at is not None:
        if row.outcome == said:
            return row
        raise Conflict(MOVED_ON)
    row.settled_at, row.settled_by, row.outcome = timezone.now(), by.user, said
    row.save(update_fields=["settled_at", "settled_by", "outcome"])
    return row


def settle_with(decisions: Iterable[Decision]) -> None:
    """What earlier sessions left open of these rows is settled by what was decided on them now; under the lock of the
    matrix. What was confirmed with the rest settles nothing: nobody talked about it."""
    for made in decisions:
        if made.kind not in SETTLES or made.together:
            continue
        rows = Decision.objects.filter(review__matrix=made.review.matrix_id, activity=made.activity, kind__in=OPEN)
        rows = rows.filter(taken_back_at=None, settled_at=None).exclude(review=made.review_id)
        rows.update(settled_at=made.at, settled_by=made.by_id, settled_with=made, outcome=_outcome(made))


def open_again(decisions: Iterable[Decision]) -> None:
    """What was settled with these, which stand no more, is open as before; under the lock of the matrix."""
    rows = Decision.objects.filter(settled_with__in=list(decisions))
    rows.update(settled_at=None, settled_by=None, settled_with=None, outcome="")


@transaction.atomic
def hand_over(
    *, matrix: int, decision: int, by: Member, owner: int | None, due: date, seen: str, owner_name: str = ""
) -> Decision:
    """From now on this member sees to it, or somebody without an account here, by that day. A member who is new to it
    hears of it. `seen` is what `seen_of` said on the page of the sender."""
    name = checked_line(owner_name) if owner_name and owner is None else ""
    row, by = _locked(matrix, decision, by)
    if row.settled_at is not None:
        raise Conflict(MOVED_ON)
    if (row.owner_id, row.owner_name, row.due) == (owner, name, due):
        return row
    if seen_of(row) != seen:
        raise Conflict(MOVED_ON)
    member = _member(row, owner)
    if member is None and not name:
        raise Refused("Say who sees to it: choose somebody, or write a name.")
    if due < days.today() and due != row.due:
        raise Refused("Choose a day to come.")
    is_new = member is not None and owner != row.owner_id
    row.owner_id, row.owner_name, row.due = owner, name, due
    row.save(update_fields=["owner", "owner_name", "due"])
    if member is not None and is_new and member.user_id != by.user_id:
        _tell(row, member, by, due)
    return row


def _locked(matrix: int, decision: int, by: Member) -> tuple[Decision, Member]:
    """What is open, and the member as they are now; 403 for who neither edits nor was handed it."""
    found = locked_matrix(matrix, by)
    by = still(by, Access.VIEWER)
    rows = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("review")
    row = rows.filter(pk=decision, review__matrix=found, kind__in=OPEN, taken_back_at=None).first()
    if row is None:
        raise Http404
    if not may_follow_up(row, by):
        raise Forbidden(_NOT_YOURS)
    review_after(row.review.state, "follow up")
    row.review.matrix = found
    return row, by


def _outcome(made: Decision) -> str:
    """What came of what was open, in a line: what which session decided."""
    said = _OUTCOMES[Decision.Kind(made.kind)].format(lead=_short(made.lead_name))
    return f"Decided in “{_short(made.review.title)}”: {said}."


def _short(name: str) -> str:
    return name if len(name) <= _MOST_OF_NAME else f"{name[: _MOST_OF_NAME - 1]}…"


def _member(row: Decision, owner: int | None) -> Member | None:
    if owner is None:
        return None
    found = Member.objects.filter(workspace=row.review.matrix.workspace_id, user=owner, user__is_active=True)
    member = found.select_related("user").first()
    if member is None:
        raise Refused("That person is not in this workspace any more. Choose somebody else.")
    return member


def _tell(row: Decision, member: Member, by: Member, due: date) -> None:
    matrix: Matrix = row.review.matrix
    headline = f"{sign_of(by.user)} asks you to see to “{isolated(row.name)}” of “{isolated(matrix.name)}”."
    url = reverse("reviews", args=[matrix.workspace_id, matrix.pk])
    key = f"open:{row.pk}:{due.isoformat()}:by-{by.user_id}"
    notify(member, text=f"{headline}\n\nIt stayed open in a review, and is due on {day(due)}.", url=url, key=key)
