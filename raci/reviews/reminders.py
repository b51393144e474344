"""Reminders of what a review left open: three days before it is due, on the day, and when it is a week overdue; each
once for every day it is due on. Who sees to it hears them; where that is no member, who edits the matrix does.

A notice is kept for 30 days after it was mailed (see raci.notices.notices), so the time for each reminder is shorter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from raci.grid.text import counted, day, isolated
from raci.matrices.models import Activity
from raci.notices.models import Notice
from raci.notices.notices import notify
from raci.publishing.due import day_of
from raci.workspaces.links import MAKERS
from raci.workspaces.models import Member

from .follow_ups import OPEN
from .models import Decision
from .states import REVIEW_STEPS

BEFORE, LATE = 3, 7  # days
AFTER = 28  # days for which what is overdue is still told


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be said of something that is open, now. `stage` is "3", "0" or "7"."""

    decision: Decision
    due: date
    stage: str
    today: date

    @property
    def key(self) -> str:
        return f"open:{self.decision.pk}:{self.due.isoformat()}:{self.stage}"

    def text(self, *, is_owner: bool) -> str:
        """The headline, and what to do below it."""
        what = f"“{isolated(self.decision.name)}” of “{isolated(self.decision.review.matrix.name)}”"
        left = (self.due - self.today).days
        if left > 0:
            when = f"is due on {day(self.due)}, in {counted(left, 'day')}"
        else:
            when = "is due today" if left == 0 else f"was due on {day(self.due)}"
        whose = "You see to it" if is_owner else "Nobody with an account here sees to it"
        headline = f"What a review left open of {what} {when}."
        return f"{headline}\n\n{whose}. Say what came of it, or choose another day."


def write_reminders(now: datetime) -> str:
    """Tells those concerned of what is due."""
    told = sum(_tell(reminder) for reminder in _due(day_of(now)))
    return f"{counted(told, 'reminder')} of what stays open written." if told else ""


def stage_of(due: date, decided: date, today: date) -> str:
    """Which reminder it is time for; "" for none, nor on the day it was decided, nor where it was soon then."""
    left = (due - today).days
    if left < -AFTER or decided >= today:
        return ""
    if left <= -LATE:
        return "7"
    if left <= 0:
        return "0"
    return "3" if left <= BEFORE and decided < due - timedelta(days=BEFORE) else ""


def _due(today: date) -> Iterator[Reminder]:
    rows = Decision.objects.filter(kind__in=OPEN, taken_back_at=None, settled_at=None)
    rows = rows.filter(Exists(Activity.objects.filter(matrix=OuterRef("review__matrix"), pk=OuterRef("activity"))))
    rows = rows.filter(due__lte=today + timedelta(days=BEFORE), due__gte=today - timedelta(days=AFTER))
    rows = rows.filter(
        review__state__in=REVIEW_STEPS["follow up"].here,
        review__matrix__is_archived=False,
        review__matrix__workspace__deleted_at=None,
    )
    for decision in rows.select_related("review__matrix").order_by("pk"):
        if decision.due and (stage := stage_of(decision.due, day_of(decision.at), today)):
            yield Reminder(decision, decision.due, stage, today)


def _tell(reminder: Reminder) -> int:
    matrix = reminder.decision.review.matrix
    members = Member.objects.filter(workspace=matrix.workspace_id, user__is_active=True)
    owner = members.filter(user=reminder.decision.owner_id) if reminder.decision.owner_id else members.none()
    is_owner = owner.exists()
    concerned = owner if is_owner else members.filter(access__in=MAKERS)
    untold = concerned.exclude(pk__in=Notice.objects.filter(key=reminder.key).values("member"))
    told = list(untold.order_by("pk"))
    if told:
        url = reverse("reviews", args=[matrix.workspace_id, matrix.pk])
        notify(*told, text=reminder.text(is_owner=is_owner), url=url, key=reminder.key)
    return len(told)
