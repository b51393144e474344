"""The comparison of a matrix, decision by decision, a page of them at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from culture.references import known_references
from raci.grid.departures import Comparison, Difference, Pair, Reference, RoleScore, compare
from raci.grid.diff import diff
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.text import SOMEBODY, capitalised, listed
from raci.matrices.models import Matrix
from raci.screens.chips import Chip, chip
from raci.screens.compare.form import Draft, KeepForm, draft_form, keep_form
from raci.screens.compare.map import DifferenceMap, difference_map
from raci.screens.compare.parts import Cell, Decision, Group, Other, Score, Settled
from raci.screens.compare.words import (
    Alone,
    kind_of,
    lead_elsewhere,
    lede,
    map_lacks,
    map_words,
    on_one_side,
    step_down,
    term,
    was_kept,
)
from raci.screens.kept import names_of
from raci.screens.sources import Source, house_key, sources, why_it_leads
from raci.web import days

A_PAGE = 100  # decisions; an activity is never cut in two
MANY_ROLES = 8  # with more, the column of scores is taller than a window
BAR = 100  # the length of a full bar


@dataclass
class ComparePage:
    """A matrix laid beside a reference, in the words of `notation`.

    `start` is how many groups stand on the pages before this one. `opened` is the key of the difference whose form
    stands open, `form` that form where it was refused, `drafts` what is typed into others that stand open too. `saved`
    is the key of the one that gets the focus, `closed` of one whose form was just closed: the focus goes back to what
    opened it. `reader` is the id and name of who asks.
    """

    matrix: Matrix
    grid: Grid
    reference: Reference
    notation: Notation
    start: int = 0
    opened: str = ""
    form: KeepForm | None = None
    saved: str = ""
    closed: str = ""
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    reader: tuple[int, str] | None = None

    @cached_property
    def comparison(self) -> Comparison:
        return compare(self.grid, self.reference, days.today())

    @property
    def kind(self) -> str:
        return kind_of(self.reference.key)

    @property
    def use(self) -> str:
        """What the button that takes the reference says."""
        return {"matrix": "Use theirs", "version": "Use the version"}.get(self.kind, "Use the reference")

    @property
    def heading(self) -> str:
        """The name over the reference's column."""
        return capitalised(self.reference.name)

    @property
    def lede(self) -> str:
        return lede(self.comparison)

    @property
    def is_followed(self) -> bool:
        """Whether the matrix follows this reference."""
        house = self.matrix.house_id
        return self.reference.key == (house_key(house) if house else self.matrix.culture_id)

    @cached_property
    def sources(self) -> list[Source]:
        """All it can be laid beside; three queries."""
        return sources(self.matrix.workspace, self.matrix)

    @property
    def cultures(self) -> list[Source]:
        return [source for source in self.sources if source.kind == "culture"]

    @property
    def houses(self) -> list[Source]:
        return [source for source in self.sources if source.kind == "house"]

    @property
    def versions(self) -> list[Source]:
        return [source for source in self.sources if source.kind == "version"]

    @property
    def matrices(self) -> list[Source]:
        return [source for source in self.sources if source.kind == "matrix"]

    # ---- How far both agree

    @property
    def scores(self) -> list[Score]:
        return [self._score(score) for score in self.comparison.roles]

    @property
    def has_many_roles(self) -> bool:
        return len(self.comparison.roles) > MANY_ROLES

    @property
    def lead_elsewhere(self) -> str:
        return lead_elsewhere(self.comparison, self.notation)

    @cached_property
    def alone(self) -> list[Alone]:
        return list(on_one_side(self.grid, self.comparison))

    @cached_property
    def map(self) -> DifferenceMap | None:
        return difference_map(self.grid, {(cell.activity_a, cell.role_a) for cell in self.comparison.diff.cells})

    @property
    def map_words(self) -> str:
        return map_words(self.map, self._names) if self.map else ""

    @property
    def map_lacks(self) -> str:
        return map_lacks(self.map) if self.map else ""

    @property
    def others(self) -> list[Other]:
        """The references of the other cultures, where they have anything to compare."""
        beside = [(known.culture, diff(self.grid, known.grid)) for known in known_references().values()]
        return [
            Other(culture.key, culture.name.lower(), found.agreeing, found.compared)
            for culture, found in beside
            if culture.key != self.reference.key and found.compared
        ]

    # ---- What is different

    @cached_property
    def order(self) -> list[tuple[str, Difference]]:
        """Every difference with its kind, in the order of the page: those that ended, those to decide, those kept."""
        to_decide = self.comparison.open
        return [
            *(("ended", difference) for difference in to_decide if difference.ended),
            *(("open", difference) for difference in to_decide if not difference.ended),
            *(("kept", difference) for difference in self.comparison.kept),
        ]

    @cached_property
    def begin(self) -> int:
        """How many groups stand before this page; it never begins behind the last, which may have gone meanwhile."""
        return min(self.start, max(0, len(self._slices) - 1))

    @cached_property
    def groups(self) -> list[Group]:
        """Those of this page."""
        groups = [self._group(kind, found) for kind, found in self._slices[self.begin : self._end]]
        first = {group.activity.id: group for group in reversed(groups)}
        return [replace(group, is_first=first[group.activity.id] is group) for group in groups]

    @property
    def to_decide(self) -> list[Group]:
        return [group for group in self.groups if group.kind != "kept"]

    @property
    def kept(self) -> list[Group]:
        return [group for group in self.groups if group.kind == "kept"]

    @property
    def earlier(self) -> int | None:
        """Where the page before this one begins, None on the first."""
        if not self.begin:
            return None
        begin, decisions = self.begin, 0
        while begin and (decisions := decisions + len(self._slices[begin - 1][1])) <= A_PAGE:
            begin -= 1
        return min(begin, self.begin - 1)

    @property
    def later(self) -> int | None:
        """Where the next page begins, None on the last."""
        return self._end if self._end < len(self._slices) else None

    @property
    def left(self) -> int:
        """How many groups come after this page."""
        return len(self._slices) - self._end

    @cached_property
    def all_settled(self) -> list[Settled]:
        return [Settled(self._activities[pk], self._roles[kept.role], kept) for pk, kept in self.comparison.settled]

    @property
    def settled(self) -> list[Settled]:
        """What no longer differs, on the last page only."""
        return [] if self.later else self.all_settled

    @property
    def has_reasons(self) -> bool:
        """Whether anything here can be let go of."""
        return bool(self.all_settled or self.kept or any(difference.lapsed for difference in self.comparison.open))

    def listed_with(self, key: str) -> list[str]:
        """The keys of the list that a difference stands in: to decide, kept, or no longer different."""
        kinds = {each.key: kind == "kept" for kind, each in self.order}
        if key not in kinds:
            return [each.key for each in self.all_settled if key in {one.key for one in self.all_settled}]
        return [each for each, is_kept in kinds.items() if is_kept == kinds[key]]

    @property
    def query(self) -> str:
        """What the address of this page says behind the question mark; keys have nothing to escape."""
        return f"with={self.reference.key}" + (f"&start={self.begin}" if self.begin else "")

    @property
    def is_lost(self) -> bool:
        """Whether nothing of the page has the key that was to get the focus: the whole list then gets it."""
        settled = {each.key for each in self.settled}
        shown = {decision.key for group in self.groups for decision in group.decisions}
        return bool(self.saved) and self.saved not in shown | settled

    def decision(self, key: str) -> tuple[Group, Decision] | None:
        """One decision with its group; None where there is no such difference any more."""
        found = next(((kind, each) for kind, each in self.order if each.key == key), None)
        if found is None:
            return None
        group = self._group(found[0], [found[1]])
        return group, group.decisions[0]

    def first_of(self, activities: Collection[int]) -> str:
        """The key of the first decision of this page about one of these activities; "" for none."""
        found = (each.key for group in self.groups if group.activity.id in activities for each in group.decisions)
        return next(found, "")

    @cached_property
    def _slices(self) -> list[tuple[str, list[Difference]]]:
        groups = groupby(self.order, key=lambda item: (item[0], item[1].activity))
        return [(kind, [difference for _, difference in items]) for (kind, _), items in groups]

    @cached_property
    def _end(self) -> int:
        """Where this page ends: it holds whole groups, at least one, and at most A_PAGE decisions."""
        end, decisions = self.begin, 0
        for _, found in self._slices[self.begin :]:
            decisions += len(found)
            if end > self.begin and decisions > A_PAGE:
                break
            end += 1
        return end

    @cached_property
    def _roles(self) -> Mapping[int, Role]:
        return {role.id: role for role in self.grid.roles}

    @cached_property
    def _activities(self) -> Mapping[int, Activity]:
        return {activity.id: activity for activity in self.grid.activities}

    @cached_property
    def _stages(self) -> Mapping[int | None, str]:
        return {stage.id: stage.name for stage in self.grid.stages}

    @cached_property
    def _partner(self) -> Mapping[int, int]:
        return dict(self.comparison.diff.alignment.activities)

    @cached_property
    def _people(self) -> Mapping[int, str]:
        """Those who decided, by their names; one query, none where nobody did."""
        known = dict([self.reader]) if self.reader else {}
        ids = {each.departure.by for each in self.comparison.differences if each.departure and each.departure.by}
        return known | (names_of(ids - known.keys()) if ids - known.keys() else {})

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return {pk: role.name for pk, role in self._roles.items()}

    @cached_property
    def _chips(self) -> Mapping[tuple[Level | None, bool], Chip]:
        """By the level, and whether who has it does the work."""
        levels: tuple[Level | None, ...] = (*Level, None)
        return {(level, does): chip(self.notation, level, delivers=does) for level in levels for does in (True, False)}

    @cached_property
    def _theirs(self) -> tuple[Mapping[int, Activity], Mapping[int, int]]:
        """The reference's activities by id, and its roles by ours."""
        rows = {activity.id: activity for activity in self.reference.grid.activities}
        return rows, dict(self.comparison.diff.alignment.roles)

    def _cell(self, pair: Pair, activity: int) -> Cell:
        """One cell in the letters that the grid has for it."""
        rows, partner = self._theirs
        ours = self._activities[activity].deliverer in (None, pair.role)
        theirs = rows[self._partner[activity]].deliverer in (None, partner[pair.role])
        return Cell(self._roles[pair.role], self._chips[pair.ours, ours], self._chips[pair.theirs, theirs])

    def _group(self, kind: str, found: Sequence[Difference]) -> Group:
        activity = self._activities[found[0].activity]
        decisions = tuple(self._decision(difference) for difference in found)
        return Group(kind, activity, self._stages.get(activity.stage, ""), decisions)

    def _decision(self, difference: Difference) -> Decision:
        cells = tuple(self._cell(pair, difference.activity) for pair in difference.cells)
        names = {pk: self._names[pk] for pk in difference.steps_down}
        taken = {"matrix": "theirs", "version": "the version"}.get(self.kind, "the reference")
        return Decision(
            difference=difference,
            cells=cells,
            moves=listed([f"{cell.role.name} to {cell.theirs.word}" for cell in cells]),
            why=why_it_leads(self.reference, self._partner[difference.activity]) if difference.moves_lead else "",
            also=step_down(difference, names, self.notation, taken),
            term=term(difference, self._who(difference)),
            was_kept=was_kept(difference, self.reference, self._names, self.notation),
            form=self._form(difference),
        )

    def _form(self, difference: Difference) -> KeepForm | None:
        if difference.key == self.opened:
            return self.form or keep_form(difference)
        typed = self.drafts.get(difference.key)
        return None if typed is None else draft_form(difference, typed)

    def _who(self, difference: Difference) -> str:
        by = difference.departure.by if difference.departure else None
        return self._people.get(by or 0, SOMEBODY)

    def _score(self, score: RoleScore) -> Score:
        length = round(BAR * score.agreeing / score.compared) if score.compared else 0
        return Score(self._roles[score.role], score.agreeing, score.compared, length)
