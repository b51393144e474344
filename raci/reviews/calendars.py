"""Planned sessions as calendars have them: their hours, and nobody's name."""

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse

from raci.publishing.calendars import Appointment
from raci.workspaces.models import Workspace

from .models import Review
from .states import ReviewState

MOST = 50  # of a workspace, the latest: a calendar that is asked for again and again stays small
COMING = (ReviewState.RUNNING, ReviewState.PAUSED, ReviewState.PLANNED)


def appointment_of(review: Review) -> Appointment:
    """The session, of a review that was read with its matrix."""
    matrix = review.matrix
    return Appointment(
        uid=f"session-{review.pk}-{review.made_at:%Y%m%d%H%M%S}@remit",
        sequence=review.moves,
        stamp=review.moved_at,
        start=review.planned_at,
        end=review.planned_at + timedelta(minutes=review.minutes),
        summary=f"{review.title}: {matrix.name}",
        about=f"The review of “{matrix.name}”. Its page follows it, and leads to the agenda.",
        place=review.place,
        path=reverse("session", args=[matrix.workspace_id, matrix.pk, review.pk]),
        is_cancelled=review.state == ReviewState.CANCELLED,
    )


def appointments_of(workspace: Workspace) -> list[Appointment]:
    """The latest sessions of its matrices in use, cancelled ones too, so that programs take them out; one query."""
    return [appointment_of(review) for review in reversed(_sessions(workspace)[:MOST])]


def coming(workspace: Workspace) -> list[Review]:
    """The sessions that are planned or going on, the first one first; one query."""
    return list(_sessions(workspace).filter(state__in=COMING).order_by("planned_at", "pk")[:MOST])


def _sessions(workspace: Workspace) -> QuerySet[Review]:
    rows = Review.objects.filter(matrix__workspace=workspace, matrix__is_archived=False)
    return rows.select_related("matrix").defer("figures").order_by("-planned_at", "-pk")
