"""A matrix laid beside a reference: what the grid and the panel show of it.

Which reference is each reader's choice for each matrix. It is kept in a cookie that only the matrix's own addresses are
sent, so that every answer to an edit shows the same overlay as the page. Unless something else was chosen, it is the
reference that the matrix follows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from raci.grid.departures import Comparison, Difference, Reference, compare
from raci.grid.diff import differing
from raci.grid.grid import Departure, Grid
from raci.grid.levels import Notation
from raci.grid.text import capitalised, day
from raci.matrices.models import Matrix
from raci.matrices.rows import BLANK
from raci.matrices.rows import Beside as Cell
from raci.web import days
from raci.workspaces.access import MemberRequest

from .sources import followed, source, why_it_leads

COOKIE = "beside"
NOTHING = "nothing"
A_YEAR = 60 * 60 * 24 * 365


@dataclass(frozen=True, slots=True)
class Line:
    """One difference in words: its cells as (role, ours, theirs), why it stays ("" where nobody said), and whether it
    does."""

    cells: tuple[tuple[str, str, str], ...]
    kept: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The role that leads in a reference, and one line why."""

    lead: str
    reason: str
    reference: str


@dataclass
class Beside:
    """The comparison of one matrix with what it is laid beside, computed when first asked for."""

    grid: Grid
    reference: Reference
    notation: Notation
    only: Collection[int] | None = None  # an answer to an edit shows just these rows again

    @cached_property
    def comparison(self) -> Comparison:
        return compare(self.grid, self.reference, days.today(), only=self.only)

    @cached_property
    def by_activity(self) -> dict[int, list[Difference]]:
        found: defaultdict[int, list[Difference]] = defaultdict(list)
        for difference in self.comparison.differences:
            found[difference.activity].append(difference)
        return dict(found)

    @cached_property
    def cells(self) -> dict[int, dict[int, Cell]]:
        """Activity -> role -> what the reference has there, for the cells that differ."""
        return {
            activity: {role: cell for difference in found for role, cell in self._cells(difference)}
            for activity, found in self.by_activity.items()
        }

    @property
    def title(self) -> str:
        """The reference's name where it stands alone."""
        return capitalised(self.reference.name)

    @property
    def differing(self) -> int:
        """How many cells differ, in all rows."""
        if self.only is None:
            return len(self.comparison.diff.cells)
        return differing(self.grid, self.reference.grid, same=self.reference.is_same)

    def lines(self, activity: int) -> list[Line]:
        """The differences of one activity in words."""
        names = {role.id: role.name for role in self.grid.roles}
        return [
            Line(
                tuple(
                    (names[pair.role], self.notation.word(pair.ours), self.notation.word(pair.theirs))
                    for pair in difference.cells
                ),
                kept_sentence(difference.departure, ended=difference.ended),
                difference.is_kept,
            )
            for difference in self.by_activity.get(activity, ())
        ]

    def why(self, activity: int) -> Why | None:
        """Who leads it in the reference, and why; None where it says nothing of the activity, or not why."""
        theirs = dict(self.comparison.diff.alignment.activities).get(activity)
        if theirs is None:
            return None
        grid, reason = self.reference.grid, why_it_leads(self.reference, theirs)
        lead = next((role.name for role in grid.roles if role.id == grid.lead(theirs)), "")
        return Why(lead, reason, self.reference.name) if lead and reason else None

    def _cells(self, difference: Difference) -> Iterator[tuple[int, Cell]]:
        kept = kept_sentence(difference.departure, ended=difference.ended)
        for pair in difference.cells:
            level = BLANK if pair.theirs is None else pair.theirs.value
            said = f"{capitalised(self.reference.name)}: {self.notation.word(pair.theirs)}."
            yield pair.role, Cell(level, f"{said} {kept}".strip(), difference.is_kept)


def chosen(request: HttpRequest) -> str:
    """The key of what the reader chose for this matrix, NOTHING, or "" for what it follows."""
    return request.COOKIES.get(COOKIE, "")[:40]


def beside(
    key: str, matrix: Matrix, grid: Grid, notation: Notation, only: Collection[int] | None = None
) -> Beside | None:
    """The matrix laid beside what was `chosen`, None for nothing. What is gone meanwhile is nothing."""
    if key == NOTHING:
        return None
    reference = source(matrix.workspace, key, matrix) if key else followed(matrix)
    if reference is None or reference.key == f"matrix-{matrix.pk}":
        return None
    return Beside(grid, reference, notation, only)


def remember(request: MemberRequest, response: HttpResponse, matrix: int, key: str) -> None:
    """Lays the matrix beside this from now on, in this browser; "" is what it follows."""
    path = reverse("matrix", args=[request.workspace.pk, matrix])
    if not key:
        response.delete_cookie(COOKIE, path=path, samesite="Lax")
        return
    secure = request.is_secure()
    response.set_cookie(COOKIE, key, max_age=A_YEAR, path=path, secure=secure, httponly=True, samesite="Lax")


def kept_sentence(departure: Departure | None, *, ended: bool) -> str:
    """Why a difference stays, in one line; "" for one that nobody decided."""
    if departure is None:
        return ""
    reason = " ".join(departure.reason.split())
    if ended and departure.until:
        return f"Was kept until {day(departure.until)}: {reason}"
    until = f" until {day(departure.until)}" if departure.until else ""
    return f"Kept{until}: {reason}"
