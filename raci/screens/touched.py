"""What happened to one activity: the last changes that touched it, in sentences, without reading the whole log."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from raci.grid.levels import Notation
from raci.matrices.models import Change, Matrix
from raci.matrices.sentences import tell

SHOWN = 10
READ = 40  # of which some only renumbered it, because others came or went


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as a line: `who` is "" where the account is gone, `is_today` says that the time stands for the day."""

    text: str
    who: str
    at: datetime
    revision: int

    @property
    def is_today(self) -> bool:
        return timezone.localdate(self.at) == timezone.localdate()


def last_changes(matrix: Matrix, activity: int, notation: Notation) -> list[Entry]:
    """The last changes of an activity, newest first. One it was made with says so without being read in full."""
    found = list(touching(matrix, activity).exclude(kind="create").select_related("by")[:READ])
    entries = [
        Entry(_text(change, activity, notation), str(change.by or ""), change.at, change.revision)
        for change in found
        if not _only_renumbered(change, activity)
    ]
    made_later = any((change.edit_of("activity", activity) or {}).get("before") is None for change in found)
    if len(found) < READ and len(entries) < SHOWN and not made_later:
        first = Change.objects.filter(matrix=matrix, kind="create").defer("edits").select_related("by").first()
        if first is not None:
            entries.append(Entry("Made with the matrix.", str(first.by or ""), first.at, first.revision))
    return entries[:SHOWN]


def touching(matrix: Matrix, activity: int) -> QuerySet[Change]:
    """The changes of a matrix that touched one of its activities, newest first; the database finds them."""
    changes = Change.objects.filter(matrix=matrix)
    if connection.features.supports_json_field_contains:
        return changes.filter(edits__contains=[{"table": "activity", "id": activity}])
    # SQLite keeps the text as Python's json wrote it, the keys in the order of `Edit`.
    text = f'{{"table": "activity", "id": {int(activity)}, "name": '
    return changes.annotate(edits_text=Cast("edits", TextField())).filter(edits_text__contains=text)


def _text(change: Change, activity: int, notation: Notation) -> str:
    told = tell(change, notation, only=activity)
    return " ".join(told.details) or told.headline


def _only_renumbered(change: Change, activity: int) -> bool:
    edit = change.edit_of("activity", activity)
    return edit is not None and edit["before"] is not None and set(edit["after"] or ()) == {"position"}
