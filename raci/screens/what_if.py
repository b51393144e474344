"""What would change hands: the step from one reference to another as pages show it, row by row and role by role."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from culture.references import known_references
from raci.grid.checks import findings
from raci.grid.departures import Difference, Reference, taken
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.load import Load, load
from raci.grid.rules import RULES, Finding, Severity
from raci.grid.shift import Shift, Stay, Why, followed_by, shift
from raci.grid.text import capitalised, listed
from raci.matrices.models import HouseReference, Matrix
from raci.web import days
from raci.workspaces.models import Workspace

from .chips import Chip, chip
from .findings import Line, lines
from .sources import Source, followed, house_key, source, why_it_leads

MOST_CHOSEN = 300  # differences that are chosen one by one; of more, all are taken together
MOST_LISTED = 150  # of such differences, and of cells that stay


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
    """A cell that differs from the new reference and stays; `why` is a sentence.

    `kept` says whether it was decided, and `ended` is the last day for which it was, where that has passed.
    """

    activity: Activity
    cell: CellStep
    why: str
    kept: bool
    ended: date | None


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
    """The step from the reference that a grid follows to another one.

    `chosen` are the keys of the moves that are counted, None for all.
    """

    grid: Grid
    step: Shift
    notation: Notation
    chosen: frozenset[str] | None = None

    @property
    def title(self) -> str:
        """The new reference's name where it stands alone."""
        return capitalised(self.step.new.name)

    @cached_property
    def made(self) -> tuple[Difference, ...]:
        """The moves that are counted."""
        if self.chosen is None:
            return self.step.moves
        return tuple(move for move in self.step.moves if move.key in self.chosen)

    @cached_property
    def after(self) -> Grid:
        """The grid once it follows the new reference, with these moves made."""
        step = self.step
        if self.chosen is None:
            return step.after
        return followed_by(self.grid, step.old, step.new, step.carried, self.made)

    @cached_property
    def moving(self) -> dict[int, list[Difference]]:
        """Activity -> what moves in it, the Lead first."""
        found: defaultdict[int, list[Difference]] = defaultdict(list)
        for move in sorted(self.step.moves, key=lambda each: not each.moves_lead):
            found[move.activity].append(move)
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """The activities in which something moves; the first of them, where there are too many to choose from."""
        stages = {stage.id: stage.name for stage in self.grid.stages}
        found, steps = [], 0
        for activity in self.grid.activities:
            moves = self.moving.get(activity.id, ())
            steps += len(moves)
            if self.is_long and steps > MOST_LISTED:
                break
            if moves:
                row = Row(activity, stages.get(activity.stage or 0, ""), tuple(self._steps(activity, moves)))
                found.append(row)
        return found

    @property
    def is_long(self) -> bool:
        return len(self.step.moves) > MOST_CHOSEN

    @property
    def left_out(self) -> int:
        """How many activities in which something moves are not among the rows."""
        return len(self.moving) - len(self.rows)

    @property
    def leads_moved(self) -> int:
        """How many activities change their Lead."""
        return sum(difference.moves_lead for difference in self.made)

    @property
    def cells_moved(self) -> int:
        return sum(len(taken(difference)) for difference in self.made)

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
        before, after = load(self.grid), load(self.after)
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
        """What differs from the new reference and stays as it is, in the order of rows; the first of many."""
        return [
            Staying(
                self._activities[stay.activity],
                self._cell(self._activities[stay.activity], self._roles[stay.role], stay.ours, stay.theirs),
                self._why_it_stays(stay),
                stay.why is Why.DEPARTURE,
                stay.ended,
            )
            for stay in islice(self.step.stays, MOST_LISTED)
        ]

    @property
    def stays_left_out(self) -> int:
        return len(self.step.stays) - len(self.stays)

    @property
    def why_they_stay(self) -> str:
        """How many cells stay for which reason: 2 kept for a reason and 1 as your own choice."""
        numbers = Counter(stay.why for stay in self.step.stays)
        return listed([f"{numbers[why]} {words}" for why, words in _STAYING.items() if numbers[why]])

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

    @cached_property
    def _activities(self) -> Mapping[int, Activity]:
        return {activity.id: activity for activity in self.grid.activities}

    @cached_property
    def _roles(self) -> Mapping[int, Role]:
        return {role.id: role for role in self.grid.roles}

    @cached_property
    def _partners(self) -> Mapping[int, int]:
        return dict(self.step.alignment.activities)

    @cached_property
    def _chips(self) -> Mapping[tuple[Level | None, bool], Chip]:
        """Each level, of a role that delivers and of one that does not."""
        levels = [(level, delivers) for level in (*Level, None) for delivers in (True, False)]
        return {(level, delivers): chip(self.notation, level, delivers=delivers) for level, delivers in levels}

    def _steps(self, activity: Activity, moves: Collection[Difference]) -> Iterator[Step]:
        roles = self._roles
        for move in moves:
            cells = tuple(self._cell(activity, roles[pair.role], pair.ours, pair.theirs) for pair in move.cells)
            if not move.moves_lead:
                yield Step(move.key, cells, False)
                continue
            then = next((role for role, level in taken(move).items() if level is Level.LEAD), None)
            leads = tuple("" if role is None else roles[role].name for role in (self.grid.lead(activity.id), then))
            why = why_it_leads(self.step.new, self._partners[activity.id])
            yield Step(move.key, cells, True, (leads[0], leads[1]), why)

    def _cell(self, activity: Activity, role: Role, now: Level | None, then: Level | None) -> CellStep:
        delivers = activity.deliverer in (None, role.id)
        return CellStep(role.name, self._chips[now, delivers], self._chips[then, delivers])

    def _why_it_stays(self, stay: Stay) -> str:
        if stay.why is not Why.OWN:
            return stay.reason
        known = self.step.before.diff.alignment
        old = capitalised(self.step.old.name)
        if stay.activity in known.activities_only_a or stay.role in known.roles_only_a:
            return f"{old} says nothing about it, so the choice is your own."
        return f"Your own choice: {old} has another level there already."


_STAYING = {
    Why.DEPARTURE: "kept for a reason",
    Why.OWN: "as your own choice",
    Why.LEAD: "because who answers for the activity stays",
}


def preview(
    grid: Grid, old: Reference, new: Reference, notation: Notation, chosen: Collection[str] | None = None
) -> Preview:
    """The step, counted with what is `chosen`, and with everything for None and where there is too much to choose."""
    page = Preview(grid, shift(grid, old, new, days.today()), notation)
    if chosen is not None and not page.is_long:
        page.chosen = frozenset(chosen)
    return page


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
    """The open findings of the matrix now and with the counted moves made. What was set aside is left out on both."""
    before = _open(matrix, page.grid, page.step.old, page.notation)
    after = _open(matrix, page.after, page.step.new, page.notation)
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
    found = findings(grid, off=matrix.rules_off, notation=notation, reference=reference, today=days.today())
    return {
        finding.key: finding for finding in found if not (finding.key in matrix.asides and RULES[finding.rule].waivable)
    }
