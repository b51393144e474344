"""What happened to one activity: the changes that touched it, found by the database, the last of them in sentences."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Case, F, JSONField, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.utils import timezone

from raci.grid.levels import Notation
from raci.matrices.edits import is_renumbered
from raci.matrices.models import Change, Matrix
from raci.matrices.sentences import tell

SHOWN = 10
MADE = "Made with the matrix."
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


def touches(activity: int) -> Q:
    """For `Change`: those with an edit of that activity."""
    if connection.features.supports_json_field_contains:
        return Q(edits__contains=[{"table": "activity", "id": activity}])
    # SQLite keeps the text as Python's json wrote it, the keys in the order of `Edit`. A name can't stand for this: its
    # quotes are escaped.
    text = f'{{"table": "activity", "id": {int(activity)}, "name": '
    return Q(Contains(Cast("edits", TextField()), text))


def only_renumbered(change: Change, activity: int) -> bool:
    """Whether the activity merely gave way to others: nothing to tell of it."""
    edit = change.edit_of("activity", activity)
    return edit is not None and is_renumbered(edit) and not change.moved("activity", activity)


def last_changes(matrix: Matrix, activity: int, notation: Notation, reader: int) -> list[Entry]:
    """The last changes of an activity, newest first, in one query; `reader` is the user who reads "You"."""
    found = _read(matrix, activity)
    made_later = any(_made(change, activity) for change in found)
    told = (_text(change, activity, notation) for change in found)
    return [
        Entry(text, "You" if change.by_id == reader else str(change.by or ""), change.at, change.revision)
        for change, text in zip(found, told, strict=True)
        if not only_renumbered(change, activity) and not (made_later and change.kind == "create")
    ][:SHOWN]


def _read(matrix: Matrix, activity: int) -> list[Change]:
    """The last changes that touched it, and the first of the matrix without its edits: they are all the rows."""
    edits = Case(When(kind="create", then=Value([], JSONField())), default=F("edits"), output_field=JSONField())
    changes = Change.objects.filter(Q(kind="create") | touches(activity), matrix=matrix).order_by("-revision")
    found = list(changes.defer("edits").annotate(few_edits=edits).select_related("by")[:READ])
    for change in found:
        change.edits = change.few_edits
    return list(found)


def _made(change: Change, activity: int) -> bool:
    edit = change.edit_of("activity", activity)
    return edit is not None and edit["before"] is None


def _text(change: Change, activity: int, notation: Notation) -> str:
    if change.kind == "create":
        return MADE
    told = tell(change, notation, only=activity)
    return " ".join(told.details) or told.headline
