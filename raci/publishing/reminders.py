"""Reminders of reviews: 30 and 7 days before one is due, and when it is overdue; each once for every day it is due on.

A notice is kept for 30 days after it was mailed (see raci.notices.notices), so the time for each reminder is shorter
than that: none can be forgotten, and written again, while it is time for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from raci.grid.text import counted, day
from raci.matrices.models import Matrix, Role
from raci.notices.models import Notice
from raci.notices.notices import notify
from raci.workspaces.links import MAKERS
from raci.workspaces.models import Member

from .due import NextReview, day_of, review_of
from .models import Publication

FIRST, LAST = 30, 7  # days before
AFTER = 28  # days for which an overdue review is still told


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be said of the review of a matrix now. `stage` is "30", "7" or "0"."""

    matrix: Matrix
    review: NextReview
    stage: str
    today: date

    @property
    def key(self) -> str:
        return f"review:{self.matrix.pk}:{self.review.due.isoformat()}:{self.stage}"

    @property
    def text(self) -> str:
        """The headline, and what to do below it."""
        return f"{self._headline}\n\nLook at it again with those who do the work, then publish it."

    @property
    def _headline(self) -> str:
        name, due = self.matrix.name, day(self.review.due)
        if self.review.is_declared:
            return f"“{name}” is to be reviewed: strategy or culture changed on {due}."
        if self.stage == "0":
            return f"The review of “{name}” is overdue: it was due on {due}."
        left = self.review.left(self.today)
        when = f"in {counted(left, 'day')}" if left else "today"
        return f"The review of “{name}” is due on {due}, {when}."


def write_reminders(now: datetime) -> str:
    """Tells owners, editors and those who answer for a role of the reviews whose time has come."""
    told = sum(_tell(reminder) for reminder in _due(day_of(now)))
    return f"{counted(told, 'reminder')} of reviews written." if told else ""


def stage_of(review: NextReview, today: date) -> str:
    """Which reminder it is time for; "" for none, nor for one whose day had come when it was agreed."""
    left = review.left(today)
    if review.is_overdue(today):
        return "0" if left > -AFTER else ""
    before = LAST if left <= LAST else FIRST
    is_time = left <= before and review.agreed < review.due - timedelta(days=before)  # not at once, where it is soon
    return str(before) if is_time else ""


def _due(today: date) -> Iterator[Reminder]:
    live = Publication.objects.filter(matrix__is_archived=False, matrix__workspace__deleted_at=None, latest__gt=0)
    for publication in live.select_related("matrix", "latest").defer("latest__grid").order_by("pk"):
        if publication.latest is None:
            continue
        review = review_of(publication, publication.latest)
        if stage := stage_of(review, today):
            yield Reminder(publication.matrix, review, stage, today)


def _tell(reminder: Reminder) -> int:
    matrix = reminder.matrix
    answering = Role.objects.filter(matrix=matrix, answers__isnull=False).values_list("answers", flat=True)
    concerned = Member.objects.filter(workspace=matrix.workspace_id, user__is_active=True)
    concerned = concerned.filter(Q(access__in=MAKERS) | Q(user__in=list(answering)))
    untold = concerned.exclude(pk__in=Notice.objects.filter(key=reminder.key).values("member"))
    members = list(untold.order_by("pk"))
    if members:
        url = reverse("upkeep", args=[matrix.workspace_id, matrix.pk])
        notify(*members, text=reminder.text, url=url, key=reminder.key)
    return len(members)
