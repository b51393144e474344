"""What the evidence puts on an agenda: the findings that are open, the poll, the health of rows, what earlier reviews
left open and what turned out wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding
from raci.grid.text import day, isolated
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.reviews import agendas, evidence
from raci.reviews.agenda import Row, agenda
from raci.reviews.agreement import Result
from raci.reviews.follow_ups import open_decisions
from raci.reviews.models import Decision, Poll, Review
from raci.reviews.poll_checks import poll_findings
from raci.reviews.states import ReviewState
from raci.screens.asked import BESIDE, UNREAD
from raci.screens.findings import check

_WRONG = "This turned out wrong, said the look-back."


@dataclass(frozen=True, slots=True)
class Proposed:
    """The agenda as the evidence makes it now, and the grid it is of."""

    grid: Grid
    rows: tuple[Row, ...]

    @property
    def activities(self) -> Mapping[int, Activity]:
        return {activity.id: activity for activity in self.grid.activities}


def proposed(matrix: Matrix, poll: Poll | None, *, is_kept: bool = True) -> Proposed:
    """What a session that looks at the answers of `poll` (none, where that is None) should talk about; nothing is known
    of those of a poll that is open.

    `matrix` was read as `asked.matrix_of` does, `poll` with its result. Unless it `is_kept`, it is not put in the words
    of RACI, too.
    """
    poll = None if poll is None or poll.is_open else poll
    grid = read_grid(matrix)
    settled = evidence.settled(matrix) if _is_latest(matrix, poll) else frozenset[int]()
    result = evidence.result_in(poll) if poll else None
    rows = agenda(
        grid,
        findings=_findings(matrix, grid, poll, result, Notation.LEAD_SUPPORT),
        result=result,
        health=evidence.healths(matrix, grid),
        settled=settled,
        open_items=_left_open(open_decisions(matrix.pk)),
        wrong=_wrong(evidence.evidence_read(matrix).wrong),
        raci=_in_raci(matrix, grid, poll, result) if is_kept else None,
    )
    return Proposed(grid, rows)


def make_anew(poll: Poll) -> None:
    """The agendas of the sessions that wait for what was answered in this poll, which was closed a moment before, under
    the lock of its matrix; but for those that somebody has changed."""
    waiting = Review.objects.select_for_update(no_key=True).filter(poll=poll, state=ReviewState.PLANNED)
    untouched = [review for review in waiting.order_by("pk") if agendas.is_untouched(review)]
    if not untouched:
        return
    rows = Matrix.objects.select_related("workspace", *BESIDE).defer(*UNREAD)
    found = proposed(rows.get(pk=poll.matrix_id), poll).rows
    for review in untouched:
        agendas.renew(review, found)


def _in_raci(matrix: Matrix, grid: Grid, poll: Poll | None, result: Result | None) -> dict[str, str]:
    """What each finding says in the words of RACI, by its key."""
    return {finding.key: finding.text for finding in _findings(matrix, grid, poll, result, Notation.RACI)}


def _findings(
    matrix: Matrix, grid: Grid, poll: Poll | None, result: Result | None, notation: Notation
) -> tuple[Finding, ...]:
    """The open ones; where the session looks at another poll than the checks do, or at none, what that one says."""
    found = check(matrix, grid, notation).open
    if _is_latest(matrix, poll) and evidence.speaking(matrix) is not None:
        return found
    others = tuple(finding for finding in found if not finding.rule.startswith("P"))
    if result is None:
        return others
    said = poll_findings(result, grid, off=matrix.rules_off, notation=notation, of=str(poll.pk if poll else ""))
    return (*others, *(finding for finding in said if finding.key not in matrix.asides))


def _is_latest(matrix: Matrix, poll: Poll | None) -> bool:
    """Whether it is the poll that the checks look at."""
    return poll is not None and evidence.evidence_read(matrix).poll_id == poll.pk


def _left_open(decisions: Iterable[Decision]) -> dict[int, str]:
    """Activity -> what a review left open of it, without a name of anybody."""
    found: dict[int, str] = {}
    for decision in decisions:
        due = f"; it is due on {day(decision.due)}" if decision.due else ""
        found.setdefault(decision.activity, f"“{isolated(decision.review.title)}” left this open{due}.")
    return found


def _wrong(said: Mapping[str, Mapping[str, str]]) -> dict[int, str]:
    """Activity -> what the look-back said of it."""
    return {
        int(activity): f"This turned out wrong: “{isolated(each['note'])}”" if each.get("note") else _WRONG
        for activity, each in said.items()
    }
