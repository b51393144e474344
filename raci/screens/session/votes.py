"""What people said of one activity when they were asked alone: a line for each role they named, and a sentence.

Where a poll showed names, whoever said it stands on the line; by function, only what was counted (see agreement.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import initials
from raci.reviews.agreement import Result, is_role
from raci.reviews.evidence import result_in
from raci.reviews.models import Answer, Poll, Respondent
from raci.screens.polls.votes import said_name, said_on, sentence

MOST_FACES = 8  # on one line


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody who said it."""

    initials: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """How many said the same: `note` is the way this role has a part in the draft, or where it went; `faces` are some
    of those who said it, and `others` how many more; `functions` are theirs, with how many of each."""

    name: str
    count: int
    note: str
    is_role: bool
    is_lead: bool
    faces: tuple[Face, ...]
    others: int
    functions: tuple[tuple[str, int], ...]

    @property
    def everybody(self) -> str:
        """All who are shown, as a sentence has them."""
        return ", ".join(face.name for face in self.faces) + (f" and {self.others} more" if self.others else "")


@dataclass(frozen=True, slots=True)
class Votes:
    """`sentence` says how far they agree; `lines` are empty where nothing can be shown."""

    sentence: str
    lines: tuple[Line, ...] = ()


def votes(poll: Poll | None, grid: Grid, activity: int, notation: Notation) -> Votes:
    """What the poll of a session says of one activity; one query where it showed names, else none."""
    if poll is None:
        return Votes("Nobody was asked before this session.")
    if poll.is_open:
        return Votes("The poll is still open. What was answered shows once it is closed.")
    result = result_in(poll)
    row = result.rows.get(activity)
    if row is None:
        return Votes("Nobody was asked about this activity." if result.rows else "Too few answered to show anything.")
    faces = _faces(poll, activity) if poll.is_named else {}
    functions = {} if poll.is_named else _functions(result, row.votes)
    names = {role.id: role.name for role in grid.roles}
    lead = grid.lead(activity)
    notes = {str(lead): f"{notation.words.leads} it in the draft"}
    lines = tuple(
        _line(said, count, names, notes.get(said, ""), faces.get(said, ()), functions.get(said, ()))
        for said, count in said_on(row, lead)
    )
    return Votes(sentence(row, names), lines)


def _line(
    said: str,
    count: int,
    names: Mapping[int, str],
    leads: str,
    faces: Sequence[Face],
    functions: Sequence[tuple[str, int]],
) -> Line:
    """`leads` says that this role leads in the draft, "" for the others."""
    shown, others = tuple(faces[:MOST_FACES]), len(faces[MOST_FACES:])
    return Line(said_name(said, names), count, leads, is_role(said), bool(leads), shown, others, tuple(functions))


def _faces(poll: Poll, activity: int) -> dict[str, list[Face]]:
    """What was said -> who said it, by name."""
    rows = Answer.objects.filter(
        respondent__poll=poll, respondent__submitted_at__isnull=False, activity=activity
    ).select_related("respondent__user")
    found: defaultdict[str, list[Face]] = defaultdict(list)
    for row in rows.order_by("respondent_id"):
        name = _name(row.respondent)
        found[str(row.lead) if row.said == "role" else row.said].append(Face(initials(name), name))
    return found


def _name(respondent: Respondent) -> str:
    who = str(respondent.user) if respondent.user else respondent.name
    return who or respondent.address.partition("@")[0] or "Somebody"


def _functions(result: Result, said: Mapping[str, Mapping[str, int]]) -> dict[str, list[tuple[str, int]]]:
    """What was said -> how many of which function said it."""
    names = {function.key: function.name for function in result.functions}
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for function, counts in said.items():
        for name, count in counts.items():
            if count:
                found[name].append((names.get(function, function), count))
    return found
