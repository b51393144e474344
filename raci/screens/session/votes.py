"""What people said of one activity when they were asked alone: a line for each role they named, and a sentence.

Where a poll showed names, whoever said it stands on the line; by function, only what was counted (see agreement.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import capitalised
from raci.reviews.agreement import NOBODY, Result, is_role
from raci.reviews.evidence import result_in
from raci.reviews.models import Answer, Poll, Respondent
from raci.screens.activity_page import initials

MOST_FACES = 8  # on one line
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


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
    if row is None or not row.leads:
        return Votes("Nobody was asked about this activity." if result.rows else "Too few answered to show anything.")
    faces = _faces(poll, activity) if poll.is_named else {}
    functions = {} if poll.is_named else _functions(result, row.votes)
    said = sorted(row.leads.items(), key=lambda pair: (not is_role(pair[0]), -pair[1], pair[0]))
    lines = tuple(
        _line(grid, activity, notation, name, count, faces.get(name, ()), functions.get(name, ()))
        for name, count in said
        if count
    )
    return Votes(_sentence(lines), lines)


def _line(
    grid: Grid,
    activity: int,
    notation: Notation,
    said: str,
    count: int,
    faces: Sequence[Face],
    functions: Sequence[tuple[str, int]],
) -> Line:
    is_lead = is_role(said) and grid.lead(activity) == int(said)
    note = f"{notation.words.leads} it in the draft" if is_lead else ""
    shown, others = tuple(faces[:MOST_FACES]), len(faces[MOST_FACES:])
    return Line(_named(grid, said), count, note, is_role(said), is_lead, shown, others, tuple(functions))


def _named(grid: Grid, said: str) -> str:
    if not is_role(said):
        return "Nobody" if said == NOBODY else "Don’t know"
    return next((role.name for role in grid.roles if role.id == int(said)), "A role that was removed since")


def _sentence(lines: Iterable[Line]) -> str:
    """“Six of you, asked alone, named three different roles.”"""
    each = list(lines)
    answered, named = sum(line.count for line in each), [line for line in each if line.is_role]
    sure = sum(line.count for line in named)
    if not named:
        return f"{capitalised(_people(answered))}, asked alone, named no role."
    if len(named) == 1 and sure == answered:
        together = "both" if answered == 2 else f"all {_word(answered)}"
        said = "One of you, asked alone," if answered == 1 else f"{capitalised(together)} of you, asked alone,"
        return f"{said} named {'a' if answered == 1 else 'the same'} role."
    if sure < answered:
        roles = "one role" if len(named) == 1 else f"{_word(len(named))} different roles"
        return f"{capitalised(_word(sure))} of {_word(answered)}, asked alone, named {roles}."
    return f"{capitalised(_people(answered))}, asked alone, named {_word(len(named))} different roles."


def _people(number: int) -> str:
    return f"{_word(number)} of you"


def _word(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


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
