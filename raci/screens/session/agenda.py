"""What stands beside the activity of a session: the agenda with what was decided, and how far it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from raci.grid.grid import Activity
from raci.grid.levels import Notation
from raci.grid.text import counted, day
from raci.reviews.models import Decision, Item
from raci.reviews.sessions import LIVE, Session

MOST_SQUARES = 60  # beyond that each is too small to be seen, and the bar has three parts
NO_LEAD = ("R1", "R3")  # the rules that say that nobody leads it
STEP, WIDTH = 10, 8  # of a square


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the agenda. `state` is done, asked (somebody finds out, or it stays open), current, open, changed
    where it is not any more what was decided, or gone where it was removed since; `note` says what was decided, or what
    is amiss."""

    item: Item
    place: int
    state: str
    note: str

    @property
    def is_current(self) -> bool:
        return self.state == "current"


@dataclass(frozen=True, slots=True)
class Square:
    """A piece of the bar that shows how far a session is."""

    x: int
    width: int
    state: str


@dataclass(frozen=True, slots=True)
class Progress:
    decided: int
    to_talk: int
    rest: int
    is_rest_confirmed: bool
    squares: tuple[Square, ...]

    @property
    def total(self) -> int:
        return self.decided + self.to_talk + self.rest

    @property
    def settled(self) -> int:
        return self.decided + (self.rest if self.is_rest_confirmed else 0)

    @property
    def said(self) -> str:
        """The bar for those who cannot see it."""
        return f"{self.settled} of {counted(self.total, 'activity', 'activities')} settled"

    @property
    def width(self) -> int:
        """Of all squares together."""
        return max((square.x + square.width for square in self.squares), default=WIDTH)


def agenda_lines(session: Session, notation: Notation, changed: Collection[int] = ()) -> tuple[Line, ...]:
    """The agenda in its order; `changed` are the activities that are not any more what was decided on them."""
    return tuple(_line(session, item, place, notation, changed) for place, item in enumerate(session.items, start=1))


def progress(session: Session, rest: Sequence[Activity]) -> Progress:
    """How much is decided, still to talk about, and confirmed together at the end."""
    decided = {item.activity for item in session.items if item.activity in session.decisions}
    is_confirmed = bool(rest) and all(row.id in session.decisions for row in rest)
    states = ["done" if item.activity in decided | session.gone else "open" for item in session.items]
    if session.current and session.review.state in LIVE:
        states[session.place - 1] = "now"
    states += ["done" if is_confirmed else "open"] * len(rest)
    return Progress(len(decided), len(session.undecided), len(rest), is_confirmed, _squares(states))


def summary(decision: Decision, notation: Notation) -> str:
    """What was decided, in a few words."""
    leads = f"{decision.lead_name} {notation.words.leads} it" if decision.lead_name else ""
    match decision.kind:
        case Decision.Kind.KEEP:
            return f"{leads}, as before" if leads else "Stays as it is"
        case Decision.Kind.LEAD:
            return leads
        case Decision.Kind.LEVELS:
            return f"Other levels; {leads}" if leads else "Other levels"
        case _:
            return _left(decision)


def _left(decision: Decision) -> str:
    """Who sees to what stays open, and until when."""
    who = str(decision.owner) if decision.owner else decision.owner_name
    until = f" by {day(decision.due)}" if decision.due else ""
    if decision.kind == Decision.Kind.ASK:
        return f"{who or 'Somebody'} finds out{until}"
    return f"Left open: {who or 'somebody'} sees to it{until}" if who or until else "Left open"


def _line(session: Session, item: Item, place: int, notation: Notation, changed: Collection[int]) -> Line:
    decision = session.decisions.get(item.activity)
    state = "open"
    if item.activity in session.gone:
        state = "gone"
    elif item.activity in changed:
        state = "changed"
    elif decision is not None:
        state = "asked" if decision.is_open else "done"
    note = _note(item, decision, state, notation)
    is_current = item.pk == session.review.item_id and session.review.state in LIVE
    return Line(item, place, "current" if is_current else state, note)


def _note(item: Item, decision: Decision | None, state: str, notation: Notation) -> str:
    if state == "gone":
        return "removed since"
    if state == "changed":
        return "changed since it was decided"
    if decision is not None:
        return summary(decision, notation)
    return f"no {notation.words.lead_role}" if any(reason["rule"] in NO_LEAD for reason in item.reasons) else ""


def _squares(states: Sequence[str]) -> tuple[Square, ...]:
    if len(states) <= MOST_SQUARES:
        return tuple(Square(STEP * place, WIDTH, state) for place, state in enumerate(states))
    full, x, found = STEP * MOST_SQUARES - (STEP - WIDTH), 0, []
    for state in ("done", "now", "open"):
        width = round(full * states.count(state) / len(states))
        found.append(Square(x, width, state))
        x += width
    return tuple(square for square in found if square.width)
