"""What is known of a matrix beside who does what, read with it: the last poll, the health of its rows, ratings.

A poll speaks until a version is published after it was closed: by then the team has agreed. It is silent, too, on rows
that a session decided upon since. What it says never changes: a process that has read it keeps it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from raci.grid.grid import Grid
from raci.grid.load import leads_in
from raci.matrices import kept
from raci.matrices.models import Matrix
from raci.publishing.due import day_of
from raci.publishing.versions import latest_of

from .agreement import Result
from .health import Health, Kept, health_of
from .models import Evidence, Poll

BESIDE = ("publication__latest__letter", "publication__latest__published_by", "evidence__poll")  # read with a matrix
UNREAD = ("publication__latest__grid", "evidence__poll__asked", "evidence__poll__result")  # without these of them


def _size(result: Result) -> int:
    """A result takes room as it has rows and functions."""
    return (len(result.rows) + 1) * (len(result.functions) + 4)


# By id and when it was closed, which tells apart what shares an id.
_RESULTS: kept.Kept[tuple[int, datetime], Result] = kept.Kept(150_000, _size)


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
    rows = Evidence.objects.select_related("poll").defer("poll__asked", "poll__result")
    evidence, _ = rows.get_or_create(matrix=matrix)
    return evidence


def result_read(matrix: Matrix) -> Result | None:
    """What the last poll that was closed says, whatever was published since; None without one."""
    poll = evidence_read(matrix).poll
    return result_in(poll) if poll else None


def result_in(poll: Poll) -> Result:
    """What a closed poll says; one query where this process has not read it yet. One that is open says nothing."""
    if poll.as_result is None:
        results_of([poll])
    return poll.as_result or Result.read({})


def results_of(polls: Iterable[Poll]) -> None:
    """Gives closed polls what they say; one query for all that this process has not read yet."""
    closed: list[tuple[tuple[int, datetime], Poll]] = [
        ((poll.pk, at), poll) for poll in polls if (at := poll.closed_at) is not None
    ]
    here = {key: poll for key, poll in closed if "result" in poll.__dict__}

    def read(keys: set[tuple[int, datetime]]) -> dict[tuple[int, datetime], Result]:
        missing = keys - here.keys()
        return {key: Result.read(here[key].result) for key in keys & here.keys()} | (_read(missing) if missing else {})

    found = _RESULTS.of({key for key, _ in closed}, read)
    for key, poll in closed:
        poll.as_result = found.get(key)


def _read(keys: set[tuple[int, datetime]]) -> dict[tuple[int, datetime], Result]:
    rows = Poll.objects.order_by().filter(pk__in=[pk for pk, _ in keys], closed_at__isnull=False)
    return {(pk, at): Result.read(plain) for pk, at, plain in rows.values_list("pk", "closed_at", "result") if at}


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
    """Activity id -> what is known of how it goes; an activity of which nothing is known is not in it.

    A row is looked at when it is asked for, and once for all who ask about the same grid.
    """
    evidence, result = evidence_read(matrix), result_read(matrix)
    if result is None and not evidence.health:
        return {}
    known: Healths | None = evidence.as_healths
    if known is None or not known.is_of(grid, evidence.health, result):
        known = evidence.as_healths = Healths(grid, evidence.health, result, polled_on(matrix))
    return known


class Healths(Mapping[int, Health]):
    """What is known of the rows of a grid, made row by row."""

    def __init__(self, grid: Grid, kept: Mapping[str, Kept], result: Result | None, on: date | None) -> None:
        """`kept` is Evidence.health; the result is that of a poll closed `on` that day."""
        self._grid, self._kept, self._result, self._on = grid, kept, result, on
        self._leads = leads_in(grid)

    def is_of(self, grid: Grid, kept: Mapping[str, Kept], result: Result | None) -> bool:
        """Whether it was made of these."""
        return self._grid is grid and self._kept is kept and self._result is result

    def __getitem__(self, activity: int) -> Health:
        lead, row = self._leads[activity], self._result.rows.get(activity) if self._result else None
        if health := health_of(self._kept.get(str(activity), {}), row, self._on, lead):
            return health
        raise KeyError(activity)

    def __iter__(self) -> Iterator[int]:
        return (activity for activity in self._leads if activity in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
