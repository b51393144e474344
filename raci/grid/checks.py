"""What a check says about a matrix: the rules practitioners read one by, row by row and column by column.

The rules and their thresholds are those of domain/checks.md (R and C; not C7, which needs skills). The thresholds are
set so that no error and no warning fires on a reference matrix. Nothing here knows who asked or what was set aside.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from .align import name_key
from .grid import Activity, Grid, Role
from .levels import Level
from .load import Load, letters, letters_of, load_of


class Severity(StrEnum):
    """An error blocks publishing, a warning is shown, a note waits until asked for."""

    ERROR = "error"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: `about` says what it looks for and why; `waivable` is False where publishing insists."""

    id: str
    name: str
    severity: Severity
    about: str
    waivable: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about a row (`activity`), a column (`role`), a cell (both) or the whole grid (neither).

    `text` names its subject and says why it matters, `step` is what to do next; both are sentences. `other` is the
    second row of a pair, which only R14 has.
    """

    rule: str
    severity: Severity
    text: str
    step: str
    activity: int | None = None
    role: int | None = None
    other: int | None = None

    @property
    def key(self) -> str:
        """What a finding is set aside by, "R4:12:" or "C1::3": the same as long as rule and subject are.

        A pair is named by both ids, the smaller first ("R14:5+12:"), so that moving a row does not bring it back.
        """
        rows = "+".join(map(str, sorted(row for row in (self.activity, self.other) if row is not None)))
        return f"{self.rule}:{rows}:{'' if self.role is None else self.role}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of each severity."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0


_ERROR, _WARN, _NOTE = Severity

_RULES = (
    Rule("R1", "No Lead", _ERROR, "Roles are on the activity and none leads, so nobody answers for it.", False),
    Rule("R2", "Two Leads", _ERROR, "More than one role leads. Where two lead, each waits for the other.", False),
    Rule("R3", "Blank row", _ERROR, "No role is on the activity: it is not done, or not agreed.", False),
    Rule("R4", "Lead alone", _WARN, "Nobody supports the Lead or gives input. Few activities need one role only."),
    Rule("R5", "All hands", _WARN, "Every other role supports. That is often two activities in one."),
    Rule("R6", "Many doers", _WARN, "Half of six or more roles support. Each handover between them costs time."),
    Rule("R7", "Many asked", _WARN, "Half of six or more roles give input. Each can hold the work up."),
    Rule("R8", "Many told", _NOTE, "Nearly every role is told. News for everyone is read by few."),
    Rule("R9", "Silent row", _WARN, "Nobody is asked or told. What others do not hear of is started twice."),
    Rule("R10", "No support", _NOTE, "There is input and no Support, so the Lead does all the work."),
    Rule("R11", "Full row", _NOTE, "Every one of six or more roles is on the row, some perhaps as a courtesy."),
    Rule("R12", "Deliverer off", _ERROR, "The deliverer neither leads nor supports, so the row says two things."),
    Rule("R13", "Formal Lead", _NOTE, "In a sales-led culture, Sales leads much that the role in Support delivers."),
    Rule("R14", "Twin activities", _WARN, "Two activities have nearly one name: perhaps the same work twice."),
    Rule("R15", "Too long", _NOTE, "There are over 40 activities or 12 roles. Long matrices stop being read."),
    Rule("C1", "Leads too much", _WARN, "A role leads more than 55 in 100 activities, and much waits on it."),
    Rule("C2", "Carries too much", _WARN, "A role leads or supports more than 9 in 10. Few can carry that."),
    Rule("C3", "On every row", _NOTE, "One of six or more roles is on every activity, and some may not need it."),
    Rule("C4", "Spectator", _WARN, "A role never leads or supports: perhaps the right role in the wrong matrix."),
    Rule("C5", "Empty column", _WARN, "A role is on no activity, so its column says nothing."),
    Rule("C6", "Orphan Lead", _ERROR, "A role with a stated headcount of 0 leads, so nobody answers for the work."),
    Rule("C8", "Swamped Lead", _WARN, "A role carries over twice its share of people, all headcounts being stated."),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""The table of rules by id, in the order of the page that lists them."""


def findings(grid: Grid, *, off: Collection[str] = ()) -> tuple[Finding, ...]:
    """All that the rules find, but for those whose ids are in `off`.

    Errors first, then warnings, then notes; within each the whole grid, then rows and then roles in their order.
    """
    rows = letters(grid)
    found = [*_grid_findings(grid, off), *_all_row_findings(grid, rows, off), *_role_findings(grid, rows, off)]
    return _worst_first(found)


def row_findings(grid: Grid, activity_id: int, *, off: Collection[str] = ()) -> tuple[Finding, ...]:
    """What `findings` says about one activity, without reading the other rows. Raises KeyError for an unknown id.

    R14 reads all names, and only when one of them has changed since.
    """
    place, activity = _placed(grid, activity_id)
    row = _row(grid, activity, letters_of(grid, activity_id))
    found = [finding for check in _row_checks(off) if (finding := check(row))]
    if "R14" not in off:
        found += _twin_findings(grid, place, _twins(_names(grid)).get(place, ()))
    return _worst_first(found)


def tally(found: Iterable[Finding]) -> Tally:
    """The findings counted by severity."""
    severities = [finding.severity for finding in found]
    return Tally(*(severities.count(severity) for severity in Severity))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as the checks read it: its letters in the order of the roles, and how many of each there are."""

    grid: Grid
    activity: Activity
    letters: str
    name: str
    roles: int
    leads: int
    support: int
    contribute: int
    informed: int

    @property
    def is_blank(self) -> bool:
        return self.leads + self.support + self.contribute + self.informed == 0

    @property
    def lead(self) -> Role:
        """The role that leads; only to be asked where one does."""
        return self.grid.roles[self.letters.index("L")]

    def says(self, rule: str, text: str, step: str, role: int | None = None) -> Finding:
        return Finding(rule, RULES[rule].severity, text, step, self.activity.id, role)


def _row(grid: Grid, activity: Activity, text: str) -> _Row:
    counts = text.count("L"), text.count("S"), text.count("C"), text.count("I")
    return _Row(grid, activity, text, activity.name, len(text), *counts)


def _no_lead(row: _Row) -> Finding | None:
    if row.leads or row.is_blank:
        return None
    return row.says(
        "R1",
        f"Nobody leads {row.name} yet, so nobody answers for it.",
        "Pick the role that would be asked if it went wrong.",
    )


def _two_leads(row: _Row) -> Finding | None:
    if row.leads < 2:
        return None
    names = [role.name for role, letter in zip(row.grid.roles, row.letters, strict=True) if letter == "L"]
    text = f"{_listed(names)} lead {row.name}, so each may wait for the other."
    return row.says("R2", text, "Choose one; the other moves to Support.")


def _blank_row(row: _Row) -> Finding | None:
    if not row.is_blank:
        return None
    return row.says("R3", f"No role is on {row.name}, so it may not happen at all.", "Assign it, or retire it.")


def _lead_alone(row: _Row) -> Finding | None:
    if row.leads != 1 or row.support or row.contribute or row.roles < 3:
        return None
    text = f"{row.lead.name} has {row.name} alone, without what others know about it."
    return row.says("R4", text, "Ask who helps, or who knows something about it.")


def _all_hands(row: _Row) -> Finding | None:
    if row.roles < 4 or row.support != row.roles - 1:
        return None
    text = f"Every other role supports {row.name}. If all are heavily involved, it may be two activities."
    return row.says("R5", text, "Split it, or move those who give input to Contribute.")


def _many_doers(row: _Row) -> Finding | None:
    if row.support < _half(row.roles):
        return None
    text = f"{row.support} of {row.roles} roles support {row.name}, and each handover costs time."
    return row.says("R6", text, "See if it splits into pieces with fewer hands.")


def _many_asked(row: _Row) -> Finding | None:
    if row.contribute < _half(row.roles):
        return None
    text = f"{row.contribute} of {row.roles} roles are asked about {row.name}, and each can hold it up."
    return row.says("R7", text, "See who could simply be told.")


def _many_told(row: _Row) -> Finding | None:
    if row.roles < 6 or row.informed < row.roles - 2:
        return None
    text = f"{row.informed} of {row.roles} roles are told about {row.name}; news for everyone is read by few."
    return row.says("R8", text, "Ask whether each of them uses the news.")


def _silent_row(row: _Row) -> Finding | None:
    if row.roles < 3 or row.contribute or row.informed or row.is_blank:
        return None
    text = f"Nobody outside the work hears of {row.name}, which is how the same work starts elsewhere."
    return row.says("R9", text, "Add who should be asked or told.")


def _no_support(row: _Row) -> Finding | None:
    if row.support or not row.contribute or row.leads != 1:
        return None
    text = f"{row.name} has input but no hands besides {row.lead.name}."
    return row.says("R10", text, f"Fine if {row.lead.name} does it all; otherwise name who supports.")


def _full_row(row: _Row) -> Finding | None:
    if row.roles < 6 or "-" in row.letters:
        return None
    text = f"All {row.roles} roles are on {row.name}, some perhaps as a courtesy."
    return row.says("R11", text, "Clear those who would not miss it.")


def _deliverer_off(row: _Row) -> Finding | None:
    if row.activity.deliverer is None or row.is_blank:
        return None
    role = next((role for role in row.grid.roles if role.id == row.activity.deliverer), None)
    if role is None:
        return None
    level = row.grid.level(row.activity.id, role.id)
    if level in (Level.LEAD, Level.SUPPORT):
        return None
    what = "is not on it" if level is None else _ONLY[level]
    text = f"{role.name} is named as delivering {row.name} but {what}, so the row says two things."
    return row.says("R12", text, f"Move {role.name} to Support, or name another deliverer.", role.id)


def _formal_lead(row: _Row) -> Finding | None:
    if row.grid.culture != "sales" or row.activity.deliverer is not None or row.leads != 1 or row.support != 1:
        return None
    if row.lead.origin != "sales":
        return None
    doer = row.grid.roles[row.letters.index("S")]
    text = (
        f"{row.lead.name} leads {row.name}, perhaps on paper only: {doer.name} supports it and may in effect deliver."
    )
    return row.says("R13", text, f"If so, name {doer.name} as deliverer.", doer.id)


_ONLY = {Level.CONTRIBUTE: "only contributes", Level.INFORMED: "is only informed"}

_ROW_CHECKS: dict[str, Callable[[_Row], Finding | None]] = {
    "R1": _no_lead,
    "R2": _two_leads,
    "R3": _blank_row,
    "R4": _lead_alone,
    "R5": _all_hands,
    "R6": _many_doers,
    "R7": _many_asked,
    "R8": _many_told,
    "R9": _silent_row,
    "R10": _no_support,
    "R11": _full_row,
    "R12": _deliverer_off,
    "R13": _formal_lead,
}


def _row_checks(off: Collection[str]) -> list[Callable[[_Row], Finding | None]]:
    return [check for rule, check in _ROW_CHECKS.items() if rule not in off]


def _all_row_findings(grid: Grid, rows: list[str], off: Collection[str]) -> Iterator[Finding]:
    checks = _row_checks(off)
    twins = {} if "R14" in off else _twins(_names(grid))
    for place, (activity, text) in enumerate(zip(grid.activities, rows, strict=True)):
        row = _row(grid, activity, text)
        for check in checks:
            if finding := check(row):
                yield finding
        if place in twins:
            yield from _twin_findings(grid, place, twins[place])


def _twin_findings(grid: Grid, place: int, twins: tuple[int, ...]) -> Iterator[Finding]:
    """R14 for the row at that place: one finding for each earlier row it looks like."""
    activity = grid.activities[place]
    for other in (grid.activities[twin] for twin in twins):
        text = f"{activity.name} looks like {other.name}, so the same work may be done twice."
        step = "Merge the two, or give one a name that tells them apart."
        yield Finding("R14", RULES["R14"].severity, text, step, activity.id, other=other.id)


_TWINS_NAMED = 5  # 1,000 rows of one name are half a million pairs; nobody reads more than a few for a row


@lru_cache(maxsize=64)
def _twins(names: tuple[str, ...]) -> dict[int, tuple[int, ...]]:
    """By place in `names`: the places of the first few earlier names that are the same or share 4 of 5 words.

    Two sets of words that overlap so far must share one of the rarest fifth (and one more) of either, so only rows
    found by those words are compared. Kept by the names alone: setting a cell changes none.
    """
    words = [frozenset(name_key(name).split()) for name in names]
    spread = Counter(word for each in words for word in each)
    bit = {word: 1 << at for at, word in enumerate(spread)}
    masks = [sum(bit[word] for word in each) for each in words]
    having: defaultdict[str, list[int]] = defaultdict(list)
    twins: dict[int, tuple[int, ...]] = {}
    for place, mine in enumerate(words):
        rarest = sorted(mine, key=lambda word: (spread[word], word))[: len(mine) // 5 + 1]
        near = sorted({other for word in rarest for other in having[word]})
        if alike := tuple(islice((other for other in near if _are_alike(masks[place], masks[other])), _TWINS_NAMED)):
            twins[place] = alike
        for word in rarest:
            having[word].append(place)
    return twins


def _are_alike(one: int, other: int) -> bool:
    """Whether two sets of words, a bit for each, share 4 of 5. Bits, for sets of 100 words each took seconds in all."""
    return 5 * (one & other).bit_count() >= 4 * (one | other).bit_count()  # whole numbers: 0.8 is none in binary


def _grid_findings(grid: Grid, off: Collection[str]) -> list[Finding]:
    activities, roles = len(grid.activities), len(grid.roles)
    if "R15" in off or (activities <= 40 and roles <= 12):
        return []
    size = f"{_count(activities, 'activity', 'activities')} and {_count(roles, 'role', 'roles')}"
    text = f"The matrix has {size}, and long matrices stop being read."
    return [Finding("R15", RULES["R15"].severity, text, "Keep what people have argued about.")]


@dataclass(frozen=True, slots=True)
class _Column:
    """One role as the checks read it: its load, and what all activities, roles, people and duties add up to.

    `people` is None unless every role has stated its headcount. A duty is a Lead or a delivery: an activity has two.
    """

    role: Role
    load: Load
    activities: int
    roles: int
    people: int | None
    duties: int

    def says(self, rule: str, text: str, step: str) -> Finding:
        return Finding(rule, RULES[rule].severity, text, step, role=self.role.id)


def _leads_too_much(column: _Column) -> Finding | None:
    leads, activities = column.load.lead, column.activities
    if activities < 8 or column.roles < 3 or 100 * leads <= 55 * activities:
        return None
    text = f"{column.role.name} leads {leads} of {activities} activities, so much waits on one role."
    return column.says("C1", text, "See what could be led elsewhere.")


def _carries_too_much(column: _Column) -> Finding | None:
    carried, activities = column.load.lead + column.load.support, column.activities
    if activities < 8 or 10 * carried <= 9 * activities:
        return None
    text = f"{column.role.name} leads or supports {carried} of {activities} activities, which few roles can carry."
    return column.says("C2", text, "See where input would be enough.")


def _on_every_row(column: _Column) -> Finding | None:
    if column.roles < 6 or column.activities < 8 or column.load.total < column.activities:
        return None
    text = f"{column.role.name} is on all {column.activities} activities, and some may not need it."
    return column.says("C3", text, "Clear those it would not miss.")


def _spectator(column: _Column) -> Finding | None:
    if column.load.lead or column.load.support or not column.load.total:
        return None
    text = f"{column.role.name} never leads or supports, so this may be the wrong matrix for it."
    return column.says("C4", text, "Give it work it carries, or leave it out.")


def _empty_column(column: _Column) -> Finding | None:
    if column.load.total or not column.activities:
        return None
    text = f"{column.role.name} is on no activity, so its column says nothing."
    return column.says("C5", text, "Remove it, or say what it should do.")


def _orphan_lead(column: _Column) -> Finding | None:
    if column.role.headcount != 0 or not column.load.lead:
        return None
    led = _count(column.load.lead, "activity", "activities")
    text = f"{column.role.name} leads {led} and has 0 people, so nobody answers for them."
    return column.says("C6", text, "Move the Lead to another role, or correct the headcount.")


def _swamped_lead(column: _Column) -> Finding | None:
    people, headcount, load = column.people, column.role.headcount, column.load
    if not people or not headcount or (load.lead + load.delivers) * people <= 2 * headcount * column.duties:
        return None
    work = f"leads {load.lead} of {column.activities} activities and delivers {load.delivers}"
    text = f"{column.role.name} is {headcount} of {people} people, {work}: more than twice its share."
    return column.says("C8", text, "Share it, or plan for fewer.")


_ROLE_CHECKS: dict[str, Callable[[_Column], Finding | None]] = {
    "C1": _leads_too_much,
    "C2": _carries_too_much,
    "C3": _on_every_row,
    "C4": _spectator,
    "C5": _empty_column,
    "C6": _orphan_lead,
    "C8": _swamped_lead,
}


def _role_findings(grid: Grid, rows: list[str], off: Collection[str]) -> list[Finding]:
    checks = [check for rule, check in _ROLE_CHECKS.items() if rule not in off]
    columns = _columns(grid, rows)
    return [finding for column in columns for check in checks if (finding := check(column))]


def _columns(grid: Grid, rows: list[str]) -> list[_Column]:
    loads = load_of(grid, rows)
    stated = [role.headcount for role in grid.roles if role.headcount is not None]
    people = sum(stated) if len(stated) == len(grid.roles) else None
    duties = sum(load.lead + load.delivers for load in loads.values())
    sizes = len(grid.activities), len(grid.roles)
    return [_Column(role, loads[role.id], *sizes, people, duties) for role in grid.roles]


def _worst_first(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for severity in Severity for finding in found if finding.severity is severity)


def _placed(grid: Grid, activity_id: int) -> tuple[int, Activity]:
    for place, activity in enumerate(grid.activities):
        if activity.id == activity_id:
            return place, activity
    raise KeyError(activity_id)


def _names(grid: Grid) -> tuple[str, ...]:
    return tuple(activity.name for activity in grid.activities)


def _half(roles: int) -> int:
    """From how many of one level on R6 and R7 speak: half of the roles and at least four; below six roles never."""
    return max(4, (roles + 1) // 2) if roles >= 6 else roles + 1


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
