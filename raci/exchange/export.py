"""What leaves the app as one value, and the small questions that every format asks of it.

Belongs here: `Export`, its lines, the name of the file, and what the workbook, CSV and Markdown must answer alike: the
letters of a row, who delivers, which text a spreadsheet would take for a formula.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from raci.grid.grid import Activity, Grid
from raci.grid.levels import Level, Notation

FORMULA_STARTS = "=+-@＝＋－＠"
_FORMULA = re.compile(rf"\s*[{re.escape(FORMULA_STARTS)}]|[\t\r\n]")
_UNSAFE_IN_NAMES = re.compile(r'[<>:"|?*]+')
_SEPARATORS = re.compile(r"[/\\⁄∕⧵／＼]+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*$", re.IGNORECASE)
_NAME_BYTES = 150


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One finding as plain words. `set_aside` is the reason it was set aside, or "" while it stands."""

    severity: str
    where: str
    text: str
    set_aside: str = ""


@dataclass(frozen=True, slots=True)
class DepartureLine:
    """One level that is kept against a reference, as plain words.

    `roles` are the names of the roles it is about, two for a move of the Lead; `ours` and `theirs` are their levels
    here and there in the same order: "Product Marketing, Sales", "Support, Lead", "Lead, Support". `until` is the last
    day it is meant to hold, "" for no end; `state` says whether it holds, has ended, or is to be decided for another
    cause.
    """

    activity: str
    roles: str
    ours: str
    theirs: str
    reference: str
    reason: str
    until: str = ""
    by: str = ""
    state: str = "Kept"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of the log: `when` is aware, `sentence` says what changed."""

    revision: int
    when: datetime
    who: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Export:
    """A matrix at one revision, ready to be written. `on` is aware; dates and times are shown in its time zone.

    `version` is the number of the version it was published as, None for a draft; a version is written without its
    history and without what the checks say.
    """

    grid: Grid
    matrix: int
    name: str
    workspace: str
    revision: int
    on: datetime
    notation: Notation
    findings: tuple[CheckLine, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    departures: tuple[DepartureLine, ...] = ()
    version: int | None = None

    @property
    def state(self) -> str:
        """Which state of the matrix it is, as titles and feet name it."""
        return f"Revision {self.revision}" if self.version is None else f"Version {self.version}"


def file_name(export: Export, suffix: str) -> str:
    """The matrix and its revision or version as the name of a file."""
    return f"{safe_name(export.name)}, {export.state.lower()}.{suffix.lstrip('.')}"


def safe_name(text: str, otherwise: str = "Matrix") -> str:
    """A name every file system takes: no separators, controls or direction marks, at most 150 bytes of UTF-8.

    `otherwise` is what it is called where nothing is left of the text, and stands before a name that means a device.
    """
    name = _SEPARATORS.sub("-", text)
    name = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in name)
    name = " ".join(_UNSAFE_IN_NAMES.sub(" ", name).split())
    name = name.encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").strip(" .-")
    # Windows reads CON.x as the device CON, whatever follows the first dot.
    if _DEVICE.match(name.split(".")[0]):
        return f"{otherwise} {name}"
    return name or otherwise


def row_letters(export: Export, activity: Activity) -> tuple[str, ...]:
    """The letters of one activity in the order of the roles; in RACI a Lead that does not deliver is A, not A/R."""
    cells = export.grid.cells.get(activity.id, {})
    return tuple(
        export.notation.letter(cells.get(role.id), delivers=activity.deliverer in (None, role.id))
        for role in export.grid.roles
    )


def lead_letters(notation: Notation) -> tuple[str, ...]:
    """Every letter that marks a Lead: L, or A/R and A."""
    return ("L",) if notation is Notation.LEAD_SUPPORT else ("A/R", "A")


def level_letters(notation: Notation, level: Level) -> tuple[str, ...]:
    """Every letter a level is shown with."""
    return lead_letters(notation) if level is Level.LEAD else (notation.letter(level),)


def lead_noun(notation: Notation) -> str:
    """What an activity has exactly one of: one Lead, one A."""
    return "Lead" if notation is Notation.LEAD_SUPPORT else "A"


def delivered_by(grid: Grid, activity: Activity) -> str:
    """The name of the role that does the work, "" where the Lead does it itself."""
    if activity.deliverer is None or activity.deliverer in grid.leads(activity.id):
        return ""
    return next((role.name for role in grid.roles if role.id == activity.deliverer), "")


def people_named(grid: Grid, activity: Activity) -> str:
    """The people named on an activity, one a line: who, in which role, what for."""
    roles = {role.id: role.name for role in grid.roles}
    lines = []
    for person in activity.people:
        who = ", ".join(filter(None, (person.name, roles.get(person.role, ""))))
        lines.append(f"{who}: {person.task}" if person.task else who)
    return "\n".join(lines)


def reads_as_formula(text: str) -> bool:
    """Whether a spreadsheet might compute this text instead of showing it."""
    return _FORMULA.match(text) is not None
