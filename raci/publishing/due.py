"""When an agreed matrix is to be looked at again, and how near that is.

Days are those of the server, for the whole team the same (see raci.web.days).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from raci.grid.text import counted, day

from .models import Publication, Version

SOON = 30  # days before a review is due, from which on it is said


@dataclass(frozen=True, slots=True)
class NextReview:
    """The next review of a matrix: due on a day, because so much time has passed since `agreed` or, where it
    `is_declared`, because somebody said that strategy or culture had changed."""

    due: date
    agreed: date
    is_declared: bool = False

    def left(self, today: date) -> int:
        """How many days are left; 0 on the day itself, fewer after it."""
        return (self.due - today).days

    def is_overdue(self, today: date) -> bool:
        return self.left(today) < 0 or self.is_now(today)

    def is_now(self, today: date) -> bool:
        """Whether somebody said so today: due at once, and not late for it."""
        return self.is_declared and self.left(today) == 0

    def is_soon(self, today: date) -> bool:
        """Whether it is due within 30 days, and not overdue."""
        return not self.is_overdue(today) and self.left(today) <= SOON

    def said(self, today: date) -> str:
        """How near it is, as it stands beside the day."""
        match self.left(today):
            case 0 if self.is_declared:
                return "due now"
            case 0:
                return "due today"
            case left if left > 0:
                return f"due in {counted(left, 'day')}"
            case left:
                return f"overdue by {counted(-left, 'day')}"


def review_of(publication: Publication, version: Version) -> NextReview:
    """The next review of a matrix whose latest version this is."""
    agreed = day_of(version.published_at)
    regular = publication.next_on or months_after(agreed, publication.months)
    declared = changed_on(publication, version)
    if declared is not None and declared < regular:
        return NextReview(declared, agreed, is_declared=True)
    return NextReview(regular, agreed)


def next_review(publication: Publication, version: Version) -> date:
    return review_of(publication, version).due


def changed_on(publication: Publication, version: Version) -> date | None:
    """The day on which somebody said that strategy or culture had changed, if that was after the version."""
    at = publication.changed_at
    return day_of(at) if at is not None and at > version.published_at else None


def day_of(moment: datetime) -> date:
    """The day it was for the team."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def ago(then: date, today: date) -> str:
    """How long ago a day was, in whole months where it is any: 13 months ago, 12 days ago, today."""
    months = (today.year - then.year) * 12 + today.month - then.month
    if months and months_after(then, months) > today:
        months -= 1
    if months > 0:
        return f"{counted(months, 'month')} ago"
    days = (today - then).days
    return f"{counted(days, 'day')} ago" if days > 0 else "today"


def why(review: NextReview, publication: Publication) -> str:
    """Why it is due on that day, in a sentence."""
    if review.is_declared:
        return f"Strategy or culture changed on {day(review.due)}: “{publication.changed_why}”."
    if publication.next_on is not None:
        return f"That day was chosen when it was last agreed, on {day(review.agreed)}."
    return f"That is {counted(publication.months, 'month')} after it was last agreed, on {day(review.agreed)}."
