"""Keeping an agreed matrix up: when it is reviewed, that strategy or culture changed, that rows still stand, and that
the team looked back. Each is done under the lock of the matrix, as publishing is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from raci.grid.grid import Grid
from raci.matrices.models import Activity, Matrix
from raci.matrices.operations import checked_line
from raci.matrices.store import read_grid
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .models import Publication, Version
from .upkeep import Event, Happened, unconfirmed
from .upkeep_checks import confirmable, events_of
from .versions import publication_of

SHORTEST, LONGEST = 1, 60  # months between two reviews
MOVED_ON = "This row changed since you looked. Nothing was confirmed; look at it again."
_NOT_YOURS = "Who fills the role that leads this row confirms it, or an editor where no member does. Ask one of them."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many rows were confirmed, and how many were left because they had changed since they were looked at; the name
    of the row, where it was one."""

    rows: int
    changed: int = 0
    name: str = field(default="", compare=False)


@transaction.atomic
def set_interval(*, matrix: int, months: int, by: Member) -> Publication:
    """From now on so many months lie between two reviews, also where another day was chosen for the next one; again,
    nothing changes."""
    if not SHORTEST <= months <= LONGEST:
        raise Refused(f"Between two reviews lie {SHORTEST} to {LONGEST} months. Choose a number in between.")
    publication = _opened(matrix, by)
    if publication.months != months or publication.next_on is not None:
        publication.months, publication.next_on = months, None
        _move(publication, "months", "next_on")
    return publication


@transaction.atomic
def declare_changed(*, matrix: int, why: str, by: Member) -> Publication:
    """Strategy or culture has changed: the review is due now, and every row needs confirming. Sent twice, it is said
    once."""
    said = checked_line(why, what="reason")
    publication = _opened(matrix, by)
    version = _version(publication)
    if is_declared(publication, version) and publication.changed_why == said:
        return publication
    publication.changed_at, publication.changed_why, publication.changed_by = timezone.now(), said, by.user
    publication.confirmed = _without_changes(publication.confirmed)
    _move(publication, "changed_at", "changed_why", "changed_by", "confirmed")
    return publication


@transaction.atomic
def withdraw_change(*, matrix: int, by: Member) -> Publication:
    """Strategy and culture are as they were: the review is due when it was before. Again, nothing changes."""
    publication = _opened(matrix, by)
    if publication.changed_at is not None:
        publication.changed_at, publication.changed_why, publication.changed_by = None, "", None
        _move(publication, "changed_at", "changed_why", "changed_by")
    return publication


@transaction.atomic
def look_back(*, matrix: int, by: Member) -> Publication:
    """The team has looked back on its first version; again, nothing changes."""
    publication = _opened(matrix, by)
    _version(publication)
    if publication.looked_back_at is None:
        publication.looked_back_at = timezone.now()
        publication.save(update_fields=["looked_back_at"])
    return publication


@transaction.atomic
def confirm(*, matrix: int, by: Member, events: Collection[str], seen: int, activity: int | None = None) -> Confirmed:
    """A row still stands though these events, named by their keys, happened; without `activity`, so does every row that
    this member may confirm.

    `seen` is the revision they looked at. One row that changed since, or an event that is none any more, is a 409; of
    many rows, those that changed since are left as they are.
    """
    row = _locked(matrix, by)
    by = still(by, Access.VIEWER)
    _refuse_archived(row)
    publication, grid = publication_of(row), read_grid(row, stages=False)
    row.publication = publication
    found = [event for event in events_of(row, grid) if event.key in events]
    if activity is not None:
        _refuse_one(row, grid, found, activity, set(events), by)
    waiting = unconfirmed(found, publication.confirmed)
    chosen = [pk for pk in waiting if activity in (None, pk)]
    mine = confirmable(row, grid, by, chosen)
    stale = _changed_since(seen, mine)
    if activity is not None and stale:
        raise Conflict(MOVED_ON)
    fresh = {pk: events for pk, events in waiting.items() if pk in mine - stale}
    if fresh:
        publication.confirmed = _with(publication.confirmed, fresh)
        publication.save(update_fields=["confirmed"])
    return Confirmed(len(fresh), len(stale), next((each.name for each in grid.activities if each.id == activity), ""))


def is_declared(publication: Publication, version: Version) -> bool:
    """Whether strategy or culture are said to have changed since the version."""
    return publication.changed_at is not None and publication.changed_at > version.published_at


def _refuse_one(
    row: Matrix, grid: Grid, found: Collection[Event], activity: int, keys: Collection[str], by: Member
) -> None:
    """A single row: of this matrix, concerned by each of the events, and this member's to confirm."""
    if activity not in {each.id for each in grid.activities}:
        raise Http404
    if {event.key for event in found if activity in event.rows} != keys or not keys:
        raise Conflict(MOVED_ON)
    if not confirmable(row, grid, by, [activity]):
        raise Forbidden(_NOT_YOURS)


def _changed_since(seen: int, rows: Collection[int]) -> set[int]:
    return set(Activity.objects.filter(pk__in=rows, revision__gt=seen).values_list("pk", flat=True))


def _with(confirmed: Mapping[str, list[str]], fresh: Mapping[int, Collection[Event]]) -> dict[str, list[str]]:
    added = {str(pk): sorted({*confirmed.get(str(pk), ()), *(e.key for e in found)}) for pk, found in fresh.items()}
    return {**confirmed, **added}


def _without_changes(confirmed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was confirmed but for an earlier change of strategy or culture."""
    start = f"{Happened.CHANGED}:"
    kept = {row: [key for key in keys if not key.startswith(start)] for row, keys in confirmed.items()}
    return {row: keys for row, keys in kept.items() if keys}


def _move(publication: Publication, *fields: str) -> None:
    """Saves what moves the day of the next review, and that it was moved."""
    publication.moves += 1
    publication.moved_at = timezone.now()
    publication.save(update_fields=[*fields, "moves", "moved_at"])


def _opened(matrix: int, by: Member) -> Publication:
    """To be changed by an editor, of a matrix that is not archived."""
    row = _locked(matrix, by)
    still(by, Access.EDITOR)
    _refuse_archived(row)
    return publication_of(row)


def _version(publication: Publication) -> Version:
    if publication.latest is None:
        raise Refused("Nothing is published yet, so there is nothing to look at again.")
    return publication.latest


def _locked(matrix: int, by: Member) -> Matrix:
    """Under its lock nothing in it changes, and nothing of it is published."""
    found = Matrix.objects.select_for_update(no_key=True).filter(pk=matrix, workspace_id=by.workspace_id).first()
    if found is None:
        raise Http404
    return found


def _refuse_archived(matrix: Matrix) -> None:
    if matrix.is_archived:
        raise Refused("This matrix is archived. Bring it back to change it.", "conflict", 409)
