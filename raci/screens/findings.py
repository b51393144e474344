"""What the checks say about a live matrix: the rules that are on, with what was set aside kept apart.

The grid is asked first, then what people said of it (raci.reviews), then what is published."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from culture.references import known_references
from raci.grid.checks import Tally, findings, tally
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Notation
from raci.grid.rules import RULES, Finding, Rule, Severity, rules_in
from raci.matrices.models import Matrix
from raci.publishing.upkeep_checks import ToConfirm, confirmable, row_to_confirm, upkeep_findings
from raci.reviews.capability import capability_findings, heard_in_poll
from raci.reviews.evidence import evidence_read, healths, read_beside, settled, speaking
from raci.reviews.poll_checks import poll_findings
from raci.web import days
from raci.workspaces.models import Access, Member

from .kept import reference_names
from .sources import culture_reference, followed

_WORST = list(Severity)
MOST_ROWS = 3  # that a finding on several names


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one matrix. `aside` pairs each finding that was set aside with the reason given.

    `tally` and `by_activity` count and group the open ones; an activity without any is not in `by_activity`. What E2
    says of an event counts once; each row that waits has one finding, for all of its events.
    """

    open: tuple[Finding, ...]
    aside: tuple[tuple[Finding, str], ...]
    tally: Tally
    by_activity: dict[int, tuple[Finding, ...]]


def check(
    matrix: Matrix,
    grid: Grid,
    notation: Notation = Notation.LEAD_SUPPORT,
    *,
    thorough: bool = False,
    told: bool = False,
) -> Checked:
    """What the rules that are on say about `grid`, which is the matrix as it is now, in the words of the reader.

    Unless it is `thorough`, notes on the whole matrix that need another look at the database are left out (E4, E6).
    Where it is `told`, E2 says what became of a role that was merged or split off, for one query at most.
    """
    opened: list[Finding] = []
    aside: list[tuple[Finding, str]] = []
    for finding in _found(matrix, grid, notation, thorough, told):
        reason = matrix.asides.get(finding.key)
        if reason is not None and RULES[finding.rule].waivable:
            aside.append((finding, reason["reason"]))
        else:
            opened.append(finding)
    return Checked(tuple(opened), tuple(aside), tally(opened), _by_activity(opened))


def _by_activity(found: Iterable[Finding]) -> dict[int, tuple[Finding, ...]]:
    grouped: defaultdict[int, list[Finding]] = defaultdict(list)
    waiting: defaultdict[int, list[ToConfirm]] = defaultdict(list)
    for finding in found:
        if isinstance(finding, ToConfirm):
            for row in finding.rows:
                waiting[row].append(finding)
        elif finding.activity is not None:
            grouped[finding.activity].append(finding)
    for row, events in waiting.items():
        grouped[row].append(row_to_confirm(row, events))
    return {activity: _worst_first(about) for activity, about in grouped.items()}


def _worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: _WORST.index(finding.severity)))


def _found(matrix: Matrix, grid: Grid, notation: Notation, thorough: bool, told: bool) -> tuple[Finding, ...]:
    """The worst first; of each severity, first what the grid alone shows, then what people said."""
    read_beside(matrix)
    today = days.today()
    found = findings(grid, off=matrix.rules_off, notation=notation, reference=followed(matrix), today=today)
    heard = _heard(matrix, grid, found, notation)
    kept_up = upkeep_findings(matrix, grid, today=today, thorough=thorough, told=told)
    return _worst_first([*heard, *kept_up])


def _heard(matrix: Matrix, grid: Grid, found: Iterable[Finding], notation: Notation) -> Iterator[Finding]:
    """What was found, with what the poll says of it, then C7 and P1 to P6.

    What was set by hand speaks always; what the poll says, as long as it speaks (see evidence.py).
    """
    evidence, result, off = evidence_read(matrix), speaking(matrix), matrix.rules_off
    for finding in found:
        yield heard_in_poll(finding, grid, result, notation=notation)
    if result is None and not evidence.health and not evidence.ratings:
        return
    quiet = settled(matrix) if result is not None else frozenset(row.id for row in grid.activities)
    yield from capability_findings(
        grid, evidence.ratings, result, today=days.today(), off=off, notation=notation, settled=quiet
    )
    known, of = healths(matrix, grid), str(evidence.poll_id or "")
    yield from poll_findings(result, grid, off=off, notation=notation, settled=quiet, health=known, of=of)


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as pages print it: with its rule, what it is about, and why it was set aside ("" for an open one).

    `beside` is the reference that D1 and D2 are about, where the difference is decided: its key and name. `events` is
    what the reader may confirm the row for, "" for nothing; `to` is the page where C6 to C8 and E1 to E6 are seen to,
    and its name. `rows` are all the activities of a finding on several.
    """

    finding: Finding
    rule: Rule
    activity: Activity | None
    role: Role | None
    reason: str = ""
    beside: tuple[str, str] | None = None
    events: str = ""
    to: tuple[str, str] | None = None
    rows: tuple[Activity, ...] = ()

    @property
    def id(self) -> str:
        """The finding's key as an HTML id."""
        return "f-" + self.finding.key.translate(str.maketrans(":+,", "---"))

    @property
    def can_be_set_aside(self) -> bool:
        """Not what E2 says of one row: that is confirmed, and the event is set aside for all of its rows."""
        return self.rule.waivable and not self.reason and not (self.rule.id == "E2" and self.activity)

    @property
    def named(self) -> tuple[Activity, ...]:
        """Those of its rows that are named."""
        return self.rows if len(self.rows) <= MOST_ROWS + 1 else self.rows[:MOST_ROWS]

    @property
    def more(self) -> int:
        """How many are not."""
        return len(self.rows) - len(self.named)


def lines(
    grid: Grid,
    found: Iterable[Finding | tuple[Finding, str]],
    notation: Notation,
    matrix: Matrix | None = None,
    reader: Member | None = None,
) -> list[Line]:
    """The findings, open ones or those set aside with their reasons, in their order.

    With the matrix each names the reference it is about: two queries at most, where that is not what it follows. With
    the reader it knows what they may confirm: one query, where members fill a role that leads such a row.
    """
    pairs = [item if isinstance(item, tuple) else (item, "") for item in found]
    names = _names_of_references(matrix, {_against(finding) for finding, _ in pairs} - {""}) if matrix else {}
    activities = {activity.id: activity for activity in grid.activities}
    roles = {role.id: role for role in grid.roles}
    rules = rules_in(notation)
    rows = [finding.activity for finding, reason in pairs if finding.rule == "E2" and finding.activity and not reason]
    mine = confirmable(matrix, grid, reader, rows) if matrix and reader and rows else set()
    result = []
    for finding, reason in pairs:
        key = _against(finding)
        beside = (key, names[key]) if key in names else None
        activity, role = activities.get(finding.activity or 0), roles.get(finding.role or 0)
        events = finding.of if finding.rule == "E2" and finding.activity in mine and not reason else ""
        several = tuple(activities[row] for row in rows_of(finding)) if isinstance(finding, ToConfirm) else ()
        to = _page_of(finding, matrix, reader) if matrix else None
        result.append(Line(finding, rules[finding.rule], activity, role, reason, beside, events, to, several))
    return result


def rows_of(finding: Finding) -> Sequence[int]:
    """The activities it is about."""
    if isinstance(finding, ToConfirm):
        return finding.rows
    return [row for row in (finding.activity, finding.other) if row is not None]


def where(grid: Grid, finding: Finding) -> str:
    """The activities and the role a finding is about, by name; "" for the whole matrix."""
    about = rows_of(finding)
    rows = [f"“{row.name}”" for row in grid.activities if row.id in about]
    if len(rows) > MOST_ROWS + 1:
        rows = [*rows[:MOST_ROWS], f"{len(rows) - MOST_ROWS} more"]
    return ", ".join([*rows, *(role.name for role in grid.roles if role.id == finding.role)])


def _page_of(finding: Finding, matrix: Matrix, reader: Member | None) -> tuple[str, str] | None:
    """Where a finding of C6 to C8, or of the rules E, is seen to, and where one of the rules P comes from: the address
    of the page that the reader may see, and its name."""
    place = [matrix.workspace_id, matrix.pk]
    match finding.rule:
        case "C7":
            return f"{reverse('capability', args=place)}?help={finding.activity}#a{finding.activity}", "What can help"
        case "C6" | "C8":
            return f"{reverse('capability', args=place)}#r{finding.role}", "Capability"
        case "E3" if reader is not None and reader.may(Access.EDITOR):
            return reverse("look_back", args=place), "Look back"
        case "E1" | "E3":
            return reverse("upkeep", args=place), "Review and upkeep"
        case "E2" if finding.activity is None:
            return reverse("upkeep", args=place) + "#confirm", "Rows to confirm"
        case "E4":
            return reverse("version_changes", args=place), "What changed"
        case "E5" if reader is not None and reader.may(Access.EDITOR):
            return reverse("letter", args=[*place, int(finding.of)]), "The letter"
        case "E5" | "E6":
            return reverse("readers", args=[*place, int(finding.of)]), "Who was told"
        case "P1" | "P2" | "P3" | "P4" | "P5" | "P6" if finding.of.isdecimal():  # not what was set by hand
            row = f"?row={finding.activity}#a{finding.activity}" if finding.activity else ""
            return reverse("poll", args=[*place, int(finding.of)]) + row, "The poll"
    return None


def _against(finding: Finding) -> str:
    """The key of the reference that it is about, "" for none."""
    return finding.of.partition(":")[0] if finding.rule in ("D1", "D2") else ""


def _names_of_references(matrix: Matrix, keys: set[str]) -> dict[str, str]:
    """Those that are still there, as in a sentence."""
    own = followed(matrix) if keys else None
    known = {own.key: own.name} if own and own.key in keys else {}
    cultures = {key: culture_reference(key).name for key in keys & known_references().keys()}
    rest = keys - known.keys() - cultures.keys()
    return known | cultures | (reference_names(matrix.workspace, rest) if rest else {})
