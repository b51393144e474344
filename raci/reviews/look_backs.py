"""Looking back on a version: which of its rows turned out wrong. The next agenda begins with what is said here."""

from collections.abc import Mapping

from django.db import transaction

from raci.matrices.models import Activity
from raci.matrices.operations import checked_line
from raci.publishing import upkeeping
from raci.web.refusals import Conflict, Refused
from raci.workspaces.models import Member

from .evidence import evidence_of
from .locking import locked_matrix
from .models import LookBack

MOVED_ON = "Another version was published a moment before. Nothing was noted; look at that one."


@transaction.atomic
def look_back(*, matrix: int, by: Member, version: int, wrong: Mapping[int, str]) -> LookBack:
    """What the team says of the version with this number: `wrong` maps the activities that turned out wrong to a note,
    "" for none. It takes the place of what it said before; the same again changes nothing.

    Refused with 409 where another version is the latest by now.
    """
    notes = {activity: checked_line(note, what="note") if note.strip() else "" for activity, note in wrong.items()}
    found = locked_matrix(matrix, by)
    publication = upkeeping.look_back(matrix=matrix, by=by)
    if publication.latest is None or publication.latest.number != version:
        raise Conflict(MOVED_ON)
    names = dict(Activity.objects.filter(matrix=found, pk__in=notes).values_list("pk", "name"))
    if names.keys() != notes.keys():
        raise Refused("A row was removed since you looked. Look again, then save.", "conflict", 409)
    said = {str(activity): {"name": names[activity], "note": note} for activity, note in sorted(notes.items())}
    last = LookBack.objects.filter(version=publication.latest).first()
    if last is not None and last.wrong == said:
        return last
    evidence = evidence_of(found)
    evidence.wrong = said
    evidence.save(update_fields=["wrong"])
    return LookBack.objects.create(matrix=found, version=publication.latest, by=by.user, wrong=said)
