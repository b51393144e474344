"""What the people of the demonstration do to a matrix, step by step, all of it through the operations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from culture.references import reference_grid
from raci.grid.departures import Difference, Reference, compare, taken
from raci.grid.grid import Activity, Grid, Role, Stage
from raci.grid.levels import Level
from raci.matrices import departures, operations, people, structure, undo
from raci.matrices.models import Activity as ActivityRow
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.operations import Done, Sender
from raci.matrices.store import read_grid
from raci.publishing.versions import obstacles, publish
from raci.reviews.models import Review
from raci.screens.findings import check
from raci.screens.sources import culture_reference
from raci.web import days
from raci.workspaces.models import Member

from .calendar import evening
from .reviews import hold, led_to

Step = Mapping[str, Any]

_NEXT = {None: Level.INFORMED, Level.INFORMED: Level.CONTRIBUTE, Level.CONTRIBUTE: Level.INFORMED}


@dataclass
class Story:
    """One matrix and those who work on it. `roles` says what is said of which role, `fills` which members fill it, the
    one who answers for it first; `made` are the changes in their order, `published` those of them that made a version,
    by id, with how many working days ago. `held` are the sessions by id, with when they were published, and `review` is
    the one that has ended and is published next."""

    matrix: Matrix
    people: Sequence[Member]
    roles: Mapping[str, Mapping[str, Any]]
    fills: Mapping[str, Sequence[Member]]
    dice: Random
    made: list[Change] = field(default_factory=list)
    published: dict[int, int] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    review: Review | None = None

    def __post_init__(self) -> None:
        self.made += Change.objects.filter(matrix=self.matrix)

    def tell(self, steps: Sequence[Step], edits: int) -> None:
        """The steps, with small edits between them until something is published or put away."""
        settled = [n for n, step in enumerate(steps) if step.keys() & {"publish", "archive"}]
        open_steps = settled[0] if settled else len(steps)
        for n, step in enumerate([{"staff": True}, *steps]):
            self._steps(step)
            if n <= open_steps:
                for _ in range(edits // (open_steps + 1)):
                    self._small_edit()

    def follow(self, house: HouseReference, by: Member) -> None:
        """From now on the matrix follows a reference of the house; its levels stay."""
        self.record(
            departures.follow(
                matrix=self.matrix.pk,
                sender=Sender(by),
                culture=house.grid["culture"] or None,
                house=house.pk,
                moves={},
                seen=self._seen(),
            )
        )

    def record(self, done: Done) -> None:
        """Remembers what was changed, for its time to be set back."""
        if done.change is not None:
            self.made.append(done.change)

    def _steps(self, step: Step) -> None:
        for verb, value in step.items():
            act: Callable[[Any], None] = getattr(self, f"_{verb}")
            act(value)

    def _staff(self, _: Any) -> None:
        """Whoever fills the roles there are is written down."""
        for role in self._grid().roles:
            if values := self.roles.get(role.name):
                self._do(structure.edit_role, role=role.id, values=dict(values), seen=self._seen())
            self._fill(role.id, role.name)

    def _fill(self, role: int, name: str) -> None:
        """Members fill it; the first answers for it."""
        about: dict[str, Any] = {"matrix": self.matrix.pk, "sender": Sender(self.people[0]), "role": role}
        for n, member in enumerate(self.fills.get(name, ())):
            self.record(people.take_part(**about, user=member.user_id))
            if n == 0:
                self.record(people.answer_for(**about, user=member.user_id, seen=self._seen()))

    def _role(self, name: str) -> None:
        self._do(structure.add_role, values={"name": name, **self.roles[name]})
        role = self._column(name)
        self._fill(role, name)
        for activity in self._grid().activities:
            if activity.origin.startswith(("manage-customer", "measure-", "product-launch", "identify-market")):
                self._set(activity.id, role, Level.SUPPORT if "customer" in activity.origin else Level.INFORMED)

    def _headcount(self, value: tuple[str, int]) -> None:
        self._do(structure.edit_role, role=self._column(value[0]), values={"headcount": value[1]}, seen=self._seen())

    def _deliverer(self, value: tuple[str, str]) -> None:
        activity, role = self._row(value[0]), self._column(value[1])
        self._do(structure.edit_activity, activity=activity, values={"deliverer_id": role}, seen=self._seen())

    def _note(self, value: tuple[str, str]) -> None:
        self._do(structure.edit_activity, activity=self._row(value[0]), values={"notes": value[1]}, seen=self._seen())

    def _person(self, value: tuple[str, str, str, str]) -> None:
        activity, role, name, task = value
        row = next(row for row in self._grid().activities if row.name == activity)
        people = [{"role": p.role, "name": p.name, "task": p.task} for p in row.people]
        people.append({"role": self._column(role), "name": name, "task": task})
        self._do(structure.edit_activity, activity=row.id, values={"people": people}, seen=self._seen())

    def _lead(self, value: tuple[str, str]) -> None:
        self._set(self._row(value[0]), self._column(value[1]), Level.LEAD)

    def _clear(self, activity: str) -> None:
        row = self._row(activity)
        if lead := self._grid().lead(row):
            self._set(row, lead, None)

    def _alone(self, activity: str) -> None:
        row, grid = self._row(activity), self._grid()
        self._block([row], [role.id for role in grid.roles if role.id != grid.lead(row)], None)

    def _blank(self, activities: Sequence[str]) -> None:
        self._block([self._row(name) for name in activities], [role.id for role in self._grid().roles], None)

    def _new(self, value: tuple[str, str]) -> None:
        stage = next(stage.id for stage in self._grid().stages if stage.name == value[0])
        self._do(structure.add_activities, activities=[structure.NewActivity(value[1], stage=stage)])
        row, grid = self._row(value[1]), self._grid()
        levels: list[Level | None] = [Level.LEAD, Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED]
        self.dice.shuffle(levels)
        for role, level in zip(grid.roles, levels, strict=False):
            self._set(row, role.id, level)

    def _undo(self, _: Any) -> None:
        """Whoever made the last change takes it back."""
        last = self.made[-1]
        sender = next(Sender(member) for member in self.people if member.user_id == last.by_id)
        self.record(undo.undo(matrix=self.matrix.pk, sender=sender))

    def _aside(self, value: tuple[str, str]) -> None:
        rule, reason = value
        grid = self._grid()
        self.matrix.refresh_from_db()
        found = next((finding for finding in check(self.matrix, grid).open if finding.rule == rule), None)
        if found is not None:
            self._do(operations.set_aside, finding=found.key, reason=reason)

    def _level(self, value: tuple[str, str, str]) -> None:
        self._set(self._row(value[0]), self._column(value[1]), Level(value[2]))

    def _keep(self, value: Sequence[Any]) -> None:
        """What a role does in an activity stays unlike the reference, for a reason and perhaps for some days."""
        activity, role, reason, *lasting = value
        difference, today = self._difference(activity, role), days.today()
        until = today + timedelta(days=lasting[0]) if lasting else None
        self._do(
            departures.keep,
            **self._beside(difference),
            theirs={cell.role: cell.theirs for cell in difference.cells},
            against=self._reference.key,
            reason=reason,
            until=None if until is None else max(until, today),
        )
        if until is not None and until < today:
            self._let_end(self.made[-1], until)

    def _take(self, value: tuple[str, str]) -> None:
        difference = self._difference(*value)
        self._do(departures.take, **self._beside(difference), theirs=taken(difference))

    def _review(self, entry: Mapping[str, Any]) -> None:
        """A session of all who work on it; what is published next is what it put up."""
        seen = self._seen()
        self.review = hold(self.matrix, entry, self._named(entry["by"]), self.people)
        self.made += Change.objects.filter(matrix=self.matrix, revision__gt=seen).order_by("revision")

    def _publish(self, about: Mapping[str, Any]) -> None:
        """The next version, after work on a day that has passed."""
        self.matrix.refresh_from_db()
        errors = obstacles(self.matrix, self._grid()).nameable
        version = publish(
            matrix=self.matrix,
            sender=Sender(self._named(about["by"])),
            seen=self.matrix.revision,
            note=about.get("note", ""),
            known={error.key: about["known"] for error in errors},
            at=evening(about["days"]),
            **led_to(self.review),
        )
        change = Change.objects.get(matrix=self.matrix, revision=version.logged)
        self.made.append(change)
        self.published[change.pk] = about["days"]
        if self.review is not None:
            self.held[self.review.pk], self.review = about["days"], None

    def _archive(self, _: Any) -> None:
        self._do(operations.archive, archived=True)

    @property
    def _reference(self) -> Reference:
        return culture_reference(self.matrix.culture_id or "")

    def _difference(self, activity: str, role: str) -> Difference:
        """How that role's level differs there from the reference that the matrix follows."""
        row, column = self._row(activity), self._column(role)
        found = compare(self._grid(), self._reference, days.today()).differences
        return next(each for each in found if each.activity == row and column in [cell.role for cell in each.cells])

    def _beside(self, difference: Difference) -> dict[str, Any]:
        """What the operations on a difference ask for."""
        return {
            "activity": difference.activity,
            "ours": {cell.role: cell.ours for cell in difference.cells},
            "reference": self._reference.name,
            "seen": self._seen(),
        }

    def _let_end(self, change: Change, until: date) -> None:
        """No operation keeps anything until a day that has passed: here that day has come meanwhile."""
        (edit,) = change.edits
        for kept in edit["after"]["departures"].values():
            kept["until"] = until.isoformat()
        change.save(update_fields=["edits"])
        row = ActivityRow.objects.get(pk=edit["id"])
        row.departures |= edit["after"]["departures"]
        row.save(update_fields=["departures"])

    def _small_edit(self) -> None:
        """One cell between not involved, informed and giving input: what is talked over most."""
        grid = self._grid()
        cells = [
            (activity.id, role.id, level)
            for activity in grid.activities
            for role, level in zip(grid.roles, grid.row(activity.id), strict=True)
            if level in _NEXT and grid.lead(activity.id)
        ]
        activity, role, level = self.dice.choice(cells)
        self._set(activity, role, _NEXT[level])

    def _block(self, rows: list[int], columns: list[int], level: Level | None) -> None:
        levels, seen = [[level] * len(columns) for _ in rows], [self._seen()] * len(rows)
        self.record(self._by(operations.set_block, activities=rows, roles=columns, levels=levels, seen=seen)[0])

    def _set(self, activity: int, role: int, level: Level | None) -> None:
        self._do(operations.set_level, activity=activity, role=role, level=level, seen=self._seen())

    def _do(self, operation: Callable[..., Done], **values: Any) -> None:
        self.record(self._by(operation, **values))

    def _by(self, operation: Callable[..., Any], **values: Any) -> Any:
        """By whoever's turn it is: mostly the one who was at it last."""
        if self.dice.random() < 0.3 or not self.made:
            self.turn = self.dice.choice(self.people)
        return operation(matrix=self.matrix.pk, sender=Sender(getattr(self, "turn", self.people[0])), **values)

    def _grid(self) -> Grid:
        return read_grid(self.matrix)

    def _seen(self) -> int:
        return self.made[-1].revision

    def _named(self, name: str) -> Member:
        return next(member for member in self.people if str(member.user) == name)

    def _row(self, name: str) -> int:
        return next(row.id for row in self._grid().activities if row.name == name)

    def _column(self, name: str) -> int:
        return next(row.id for row in self._grid().roles if row.name == name)


def begin(
    entry: Mapping[str, Any],
    people: Sequence[Member],
    roles: Mapping[str, Any],
    fills: Mapping[str, Sequence[Member]],
    dice: Random,
) -> Story:
    """A matrix made from a reference or, where it names stages and roles of its own, at once as an import would."""
    grid = reference_grid(entry["culture"]) if "culture" in entry else _wide(entry, dice)
    matrix = operations.create_matrix(sender=Sender(people[0]), name=entry["name"], grid=grid)
    return Story(matrix, people, roles, fills, dice)


def _wide(wide: Mapping[str, Any], dice: Random) -> Grid:
    columns = tuple(Role(i, name, short) for i, (name, short) in enumerate(wide["roles"].items(), start=1))
    stages = tuple(Stage(i, name) for i, name in enumerate(wide["stages"], start=1))
    rows = [(stage.id, name) for stage in stages for name in wide["stages"][stage.name]]
    activities = tuple(Activity(i, name, stage) for i, (stage, name) in enumerate(rows, start=1))
    cells = {activity.id: _plausible(columns, activity.stage or 1, dice) for activity in activities}
    return Grid(activities, columns, stages, cells)


def _plausible(columns: Sequence[Role], stage: int, dice: Random) -> dict[int, Level]:
    """One Lead, from the roles nearest to the stage; one or two in support, a few asked, some told."""
    near = [columns[(stage + i) % len(columns)].id for i in range(4)]
    lead = dice.choice(near)
    others = [role.id for role in columns if role.id != lead]
    dice.shuffle(others)
    wanted = [Level.SUPPORT] * dice.randint(1, 2) + [Level.CONTRIBUTE] * dice.randint(1, 3) + [Level.INFORMED] * 3
    return {lead: Level.LEAD, **dict(zip(others, wanted, strict=False))}
