"""Reviews as a calendar: the day on which each is due, and the hours that are planned for it, without a name of anybody
(iCalendar, RFC 5545).

What is written depends on nothing but what is kept, so the same reviews make the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vText

from raci.grid.text import day
from raci.matrices.models import Matrix
from raci.workspaces.models import Workspace

from .due import NextReview, review_of
from .models import Publication, Version
from .versions import publication_read

MAKER = "-//Remit//Reviews//EN"
OFTEN = timedelta(hours=12)  # how often a program that subscribed should ask again


@dataclass(frozen=True, slots=True)
class Entry:
    """The next review of one matrix."""

    matrix: Matrix
    publication: Publication
    version: Version
    review: NextReview


@dataclass(frozen=True, slots=True)
class Appointment:
    """Some hours that are planned for a review. `sequence` is higher the later it was planned anew, which `stamp` says
    when; `path` is that of its page."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    summary: str
    about: str
    place: str
    path: str
    is_cancelled: bool = False


def entry_of(matrix: Matrix) -> Entry | None:
    """The next review; None where nothing was published, or it is archived."""
    publication = None if matrix.is_archived else publication_read(matrix)
    if publication is None or publication.latest is None:
        return None
    return Entry(matrix, publication, publication.latest, review_of(publication, publication.latest))


def matrices_of(workspace: Workspace) -> list[Matrix]:
    """Those in use, by name, with what is published of each; one query."""
    rows = Matrix.objects.live().filter(workspace=workspace).select_related("publication__latest")
    return list(rows.defer("publication__latest__grid").order_by("name", "pk"))


def entries_of(matrices: Iterable[Matrix]) -> list[Entry]:
    """Their next reviews, the first that is due first."""
    found = [entry for matrix in matrices if (entry := entry_of(matrix)) is not None]
    return sorted(found, key=lambda entry: (entry.review.due, entry.matrix.name, entry.matrix.pk))


def calendar_file(entries: Iterable[Entry], *, name: str, appointments: Iterable[Appointment] = ()) -> bytes:
    """A calendar that programs can take over, or subscribe to."""
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", vText(name))  # as it is given, these two would be written without escapes
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", OFTEN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    for entry in entries:
        calendar.add_component(_event(entry))
    for appointment in appointments:
        calendar.add_component(_hours(appointment))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry) -> Event:
    matrix, review = entry.matrix, entry.review
    event = Event()
    event.add("uid", f"review-{matrix.pk}-{matrix.created_at:%Y%m%d%H%M%S}@remit")  # whatever Remit's address is
    event.add("sequence", entry.version.number + entry.publication.moves)
    event.add("dtstamp", _stamp(entry))
    event.add("dtstart", review.due)
    event.add("dtend", review.due + timedelta(days=1))
    event.add("summary", f"Review “{matrix.name}”")
    about = f"Version {entry.version.number} was agreed on {day(review.agreed)}. "
    event.add("description", about + "Look again at who does what, with those who do it, then publish it.")
    event.add("url", f"{settings.SITE_URL}{reverse('upkeep', args=[matrix.workspace_id, matrix.pk])}")
    event.add("transp", "TRANSPARENT")
    return event


def _hours(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", _second(appointment.stamp))
    event.add("dtstart", _second(appointment.start))
    event.add("dtend", _second(appointment.end))
    event.add("summary", appointment.summary)
    event.add("description", appointment.about)
    if appointment.place:
        event.add("location", appointment.place)
    event.add("url", f"{settings.SITE_URL}{appointment.path}")
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    return event


def _stamp(entry: Entry) -> datetime:
    """When it was last said when the review is due."""
    moments = [entry.version.published_at, entry.publication.moved_at]
    return _second(max(moment for moment in moments if moment is not None))


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
