"""What the comparison page is made of: decisions, their groups, and the scores."""

from dataclasses import dataclass

from raci.grid.departures import Difference
from raci.grid.grid import Activity, Departure, Role
from raci.grid.text import day
from raci.screens.chips import Chip

from .form import KeepForm


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a decision, on both sides."""

    role: Role
    ours: Chip
    theirs: Chip


@dataclass(frozen=True, slots=True)
class Decision:
    """One difference as it is printed. `moves` says what taking the reference does to its cells: "Sales to Informed";
    `why` is why the Lead leads it there, `also` what else moves, `term` who decided and until when, `was_kept` when it
    was kept where that says nothing any more; `form` is the question why, where it stands open."""

    difference: Difference
    cells: tuple[Cell, ...]
    moves: str
    why: str
    also: str
    term: str
    was_kept: str
    form: KeepForm | None

    @property
    def key(self) -> str:
        return self.difference.key

    @property
    def sent(self) -> str:
        """What a form sends to name it: with the levels shown, so that it decides about what was seen."""
        return f"{self.key}:{shown_levels(self.difference)}"

    @property
    def reason(self) -> str:
        kept = self.difference.departure or self.difference.lapsed
        return kept.reason if kept else ""

    @property
    def ended_on(self) -> str:
        departure = self.difference.departure
        return day(departure.until) if self.difference.ended and departure and departure.until else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The decisions of one kind about one activity: those whose end has passed, those to decide, those kept. The first
    group of an activity on a page `is_first`: links to the activity lead there."""

    kind: str
    activity: Activity
    stage: str
    decisions: tuple[Decision, ...]
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How far one role agrees; `length` is that of its bar, of 100."""

    role: Role
    agreeing: int
    compared: int
    length: int


@dataclass(frozen=True, slots=True)
class Other:
    """How far the matrix agrees with another culture's reference."""

    key: str
    name: str
    agreeing: int
    compared: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A departure whose cell no longer differs."""

    activity: Activity
    role: Role
    departure: Departure

    @property
    def key(self) -> str:
        return f"{self.activity.id}-{self.role.id}"


def shown_levels(difference: Difference) -> str:
    """Both levels of each cell, in the order of roles, as letters: "SI" or, for a move of the Lead, "SLLS"."""
    return "".join(f"{cell.ours or '-'}{cell.theirs or '-'}" for cell in difference.cells)
