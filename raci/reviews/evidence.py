"""What is known of a matrix beside who does what, read with it: the last poll, the health of its rows, ratings.

A poll speaks until a version is published after it was closed: by then the team has agreed. It is silent, too, on rows
that a session decided upon since.
"""

from collections.abc import Mapping
from datetime import date

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.publishing.due import day_of
from raci.publishing.versions import latest_of

from .agreement import Result
from .health import Health, health_of
from .models import Evidence, Poll

BESIDE = ("publication__latest__letter", "publication__latest__published_by", "evidence__poll")  # read with a matrix
UNREAD = ("publication__latest__grid", "evidence__poll__asked")  # and what is left out of that


def read_beside(matrix: Matrix) -> None:
    """Reads what is published of a matrix and what is known of its rows, which the matrix keeps.

    One query for both, none where it was read with them (`BESIDE`).
    """
    fields = (Matrix._meta.get_field("publication"), Matrix._meta.get_field("evidence"))
    missing = [field for field in fields if not field.is_cached(matrix)]
    if not missing:
        return
    rows = Matrix.objects.select_related(*BESIDE).defer(*UNREAD)
    found = rows.filter(pk=matrix.pk).first()
    for field in missing:
        field.set_cached_value(matrix, getattr(found, field.name, None))


def evidence_read(matrix: Matrix) -> Evidence:
    """What is known of its rows, with the last poll that was closed but not what that asked; an unsaved one where
    nothing is. No query where the matrix was read with it."""
    read_beside(matrix)
    evidence: Evidence | None = getattr(matrix, "evidence", None)
    return evidence or Evidence(matrix=matrix)


def evidence_of(matrix: Matrix) -> Evidence:
    """The one of a matrix, made where it has none yet; to be called under the lock of the matrix."""
    rows = Evidence.objects.select_related("poll").defer("poll__asked")
    evidence, _ = rows.get_or_create(matrix=matrix)
    return evidence


def result_read(matrix: Matrix) -> Result | None:
    """What the last poll that was closed says, whatever was published since; None without one."""
    poll = evidence_read(matrix).poll
    return result_in(poll) if poll else None


def result_in(poll: Poll) -> Result:
    """What a closed poll says; made of its plain values once."""
    if poll.as_result is None:
        poll.as_result = Result.read(poll.result)
    return poll.as_result


def speaking(matrix: Matrix) -> Result | None:
    """The same as long as it speaks: until a version was published after the poll was closed."""
    poll = evidence_read(matrix).poll
    if poll is None or poll.closed_at is None or matrix.is_archived:
        return None
    latest = latest_of(matrix)
    return None if latest and latest.published_at > poll.closed_at else result_in(poll)


def settled(matrix: Matrix) -> frozenset[int]:
    """The activities on which a session decided since the poll was closed."""
    return frozenset(evidence_read(matrix).settled)


def polled_on(matrix: Matrix) -> date | None:
    """The day on which the last poll was closed."""
    poll = evidence_read(matrix).poll
    return day_of(poll.closed_at) if poll and poll.closed_at else None


def healths(matrix: Matrix, grid: Grid) -> Mapping[int, Health]:
    """Activity id -> what is known of how it goes; an activity of which nothing is known is not in it."""
    kept, result, on = evidence_read(matrix).health, result_read(matrix), polled_on(matrix)
    if not kept and result is None:
        return {}
    rows = result.rows if result else {}
    found = {
        row.id: health_of(kept.get(str(row.id), {}), rows.get(row.id), on, grid.lead(row.id)) for row in grid.activities
    }
    return {activity: health for activity, health in found.items() if health}
