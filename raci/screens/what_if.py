"""What would change hands: the step from one reference to another as pages show it, row by row and role by role."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from culture.references import known_references
from raci.grid.checks import findings
from raci.grid.departures import Difference, Reference, taken
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.load import Load, load
from raci.grid.rules import RULES, Finding, Severity
from raci.grid.shift import Shift, Stay, Why, shift
from raci.matrices.models import HouseReference, Matrix
from raci.workspaces.models import Workspace

from .beside import capitalised
from .chips import Chip, chip
from .findings import Line, lines
from .sources import Source, followed, house_key, source, why_it_leads

MOST_CHOSEN = 300  # differences that are chosen one by one; of more, all are taken together


@dataclass(frozen=True, slots=True)
class CellStep:
    """One cell: the role's name, and its level now and then."""

    role: str
    before: Chip
    after: Chip


@dataclass(frozen=True, slots=True)
class Step:
    """What moves together. `leads` are the names of who leads now and then, "" for nobody; both "" where the Lead
    stays. `why` is why that role leads in the new culture, "" where nothing says."""

    key: str
    cells: tuple[CellStep, ...]
    moves_lead: bool
    leads: tuple[str, str] = ("", "")
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An activity and what moves in it, the Lead first."""

    activity: Activity
    stage: str
    steps: tuple[Step, ...]

    @property
    def lead(self) -> Step | None:
        return next((step for step in self.steps if step.moves_lead), None)


@dataclass(frozen=True, slots=True)
class Staying:
    """A cell that differs from the new reference and stays; `why` is a sentence, `kept` says whether it was decided."""

    activity: Activity
    cell: CellStep
    why: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many activities a role has at one level, now and then, and how wide their bars are, of 100."""

    level: str
    before: int
    after: int
    width_before: float
    width_after: float


@dataclass(frozen=True, slots=True)
class RoleLoad:
    role: str
    counts: tuple[Count, ...]


@dataclass
class Preview:
    """The step from the reference that a grid follows to another one."""

    grid: Grid
    step: Shift
    notation: Notation

    @property
    def title(self) -> str:
        """The new reference's name where it stands alone."""
        return capitalised(self.step.new.name)

    @cached_property
    def rows(self) -> list[Row]:
        """The activities in which something moves."""
        moves: defaultdict[int, list[Difference]] = defaultdict(list)
        for difference in self.step.moves:
            moves[difference.activity].append(difference)
        stages = {stage.id: stage.name for stage in self.grid.stages}
        return [
            Row(activity, stages.get(activity.stage or 0, ""), tuple(self._steps(activity, moves[activity.id])))
            for activity in self.grid.activities
            if activity.id in moves
        ]

    @property
    def shown(self) -> list[Row]:
        """The first of `rows`, where there are too many to choose from."""
        found, steps = [], 0
        for row in self.rows:
            steps += len(row.steps)
            if self.is_long and steps > MOST_CHOSEN:
                break
            found.append(row)
        return found

    @property
    def is_long(self) -> bool:
        return len(self.step.moves) > MOST_CHOSEN

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.shown)

    @property
    def leads_moved(self) -> int:
        """How many activities change their Lead."""
        return sum(difference.moves_lead for difference in self.step.moves)

    @property
    def cells_moved(self) -> int:
        return sum(len(taken(difference)) for difference in self.step.moves)

    @property
    def same_lead(self) -> list[Row]:
        """The activities in which levels move and the Lead stays."""
        return [row for row in self.rows if row.lead is None]

    @property
    def cells(self) -> int:
        return len(self.grid.activities) * len(self.grid.roles)

    @cached_property
    def loads(self) -> list[RoleLoad]:
        """Lead and Support of each role, now and then, on one scale."""
        before, after = load(self.grid), load(self.step.after)
        pairs = {role.id: tuple(_pairs(before[role.id], after[role.id])) for role in self.grid.roles}
        most = max((number for found in pairs.values() for _, *both in found for number in both), default=0) or 1
        return [
            RoleLoad(
                role.name,
                tuple(
                    Count(level.key, now, then, round(100 * now / most, 1), round(100 * then / most, 1))
                    for level, now, then in pairs[role.id]
                ),
            )
            for role in self.grid.roles
        ]

    @cached_property
    def stays(self) -> list[Staying]:
        """What differs from the new reference and stays as it is, in the order of rows."""
        activities = {activity.id: activity for activity in self.grid.activities}
        roles = {role.id: role for role in self.grid.roles}
        return [
            Staying(
                activities[stay.activity],
                self._cell(activities[stay.activity], roles[stay.role], stay.ours, stay.theirs),
                self._why_it_stays(stay),
                stay.why is Why.DEPARTURE,
            )
            for stay in self.step.stays
        ]

    @property
    def unknown_roles(self) -> list[str]:
        """Roles of the new reference that are not here."""
        missing = set(self.step.alignment.roles_only_b)
        return [role.name for role in self.step.new.grid.roles if role.id in missing]

    @property
    def own_roles(self) -> list[str]:
        """Roles of which the new reference says nothing."""
        alone = set(self.step.alignment.roles_only_a)
        return [role.name for role in self.grid.roles if role.id in alone]

    @property
    def own_activities(self) -> list[str]:
        """Activities of which the new reference says nothing."""
        alone = set(self.step.alignment.activities_only_a)
        return [activity.name for activity in self.grid.activities if activity.id in alone]

    @property
    def unknown_activities(self) -> list[str]:
        """Activities of the new reference that are not here."""
        missing = set(self.step.alignment.activities_only_b)
        return [activity.name for activity in self.step.new.grid.activities if activity.id in missing]

    def _steps(self, activity: Activity, moves: list[Difference]) -> Iterator[Step]:
        roles = {role.id: role for role in self.grid.roles}
        partners = dict(self.step.alignment.activities)
        for move in sorted(moves, key=lambda each: not each.moves_lead):
            cells = tuple(self._cell(activity, roles[pair.role], pair.ours, pair.theirs) for pair in move.cells)
            if not move.moves_lead:
                yield Step(move.key, cells, False)
                continue
            then = next((role for role, level in taken(move).items() if level is Level.LEAD), None)
            leads = tuple("" if role is None else roles[role].name for role in (self.grid.lead(activity.id), then))
            why = why_it_leads(self.step.new, partners[activity.id])
            yield Step(move.key, cells, True, (leads[0], leads[1]), why)

    def _cell(self, activity: Activity, role: Role, now: Level | None, then: Level | None) -> CellStep:
        delivers = activity.deliverer in (None, role.id)
        before, after = (chip(self.notation, level, delivers=delivers) for level in (now, then))
        return CellStep(role.name, before, after)

    def _why_it_stays(self, stay: Stay) -> str:
        if stay.why is not Why.OWN:
            return stay.reason
        known = self.step.before.diff.alignment
        old = capitalised(self.step.old.name)
        if stay.activity in known.activities_only_a or stay.role in known.roles_only_a:
            return f"{old} says nothing about it, so the choice is your own."
        return f"Your own choice: {old} has another level there already."


def preview(grid: Grid, old: Reference, new: Reference, notation: Notation) -> Preview:
    return Preview(grid, shift(grid, old, new, timezone.localdate()), notation)


@dataclass(frozen=True, slots=True)
class Findings:
    """Errors and warnings, and the notes apart from them."""

    grave: list[Line]
    notes: list[Line]

    def __len__(self) -> int:
        return len(self.grave) + len(self.notes)


@dataclass(frozen=True, slots=True)
class Checks:
    """What the checks stop saying and begin to say; `staying` counts what they go on to say."""

    closed: Findings
    opened: Findings
    staying: int


def checks_of(matrix: Matrix, page: Preview) -> Checks:
    """The open findings of the matrix now and with all moves made. What was set aside is left out on both sides."""
    before = _open(matrix, page.grid, page.step.old, page.notation)
    after = _open(matrix, page.step.after, page.step.new, page.notation)
    closed = [finding for key, finding in before.items() if key not in after]
    opened = [finding for key, finding in after.items() if key not in before]
    return Checks(_findings(page, closed), _findings(page, opened), len(before) - len(closed))


def targets(workspace: Workspace) -> list[Source]:
    """What a matrix can follow: the references of the cultures and those of the house in use; one query."""
    houses = HouseReference.objects.filter(workspace=workspace, is_put_away=False).values_list("pk", "name")
    return [
        *(Source(key, known.culture.name, "culture") for key, known in known_references().items()),
        *(Source(house_key(pk), name, "house") for pk, name in houses),
    ]


def target(workspace: Workspace, offered: list[Source], key: str) -> Reference | None:
    """The reference of that key, if it is offered."""
    return source(workspace, key) if key in {one.key for one in offered} else None


def next_target(matrix: Matrix, offered: list[Source]) -> str:
    """What a page shows that was asked for nothing: the first reference that the matrix does not follow."""
    old = followed(matrix)
    return next(one.key for one in offered if old is None or one.key != old.key)


def is_culture(reference: Reference) -> bool:
    return reference.key in known_references()


def _findings(page: Preview, found: list[Finding]) -> Findings:
    notes = [finding for finding in found if finding.severity is Severity.NOTE]
    grave = [finding for finding in found if finding.severity is not Severity.NOTE]
    return Findings(lines(page.grid, grave, page.notation), lines(page.grid, notes, page.notation))


def _pairs(before: Load, after: Load) -> Iterator[tuple[Level, int, int]]:
    yield Level.LEAD, before.lead, after.lead
    yield Level.SUPPORT, before.support, after.support


def _open(matrix: Matrix, grid: Grid, reference: Reference, notation: Notation) -> dict[str, Finding]:
    found = findings(grid, off=matrix.rules_off, notation=notation, reference=reference, today=timezone.localdate())
    return {
        finding.key: finding for finding in found if not (finding.key in matrix.asides and RULES[finding.rule].waivable)
    }
