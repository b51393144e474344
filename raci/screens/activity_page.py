"""One activity as its page and the panel show it: who leads, delivers and is named, the findings, what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.forms import Form
from django.http import Http404

from raci.exchange.export import DepartureLine
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level, Notation
from raci.grid.rules import Finding
from raci.grid.text import initials
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.workspaces.access import MemberRequest
from raci.workspaces.models import Member

from .asked import notation
from .beside import Beside, Why, beside, chosen
from .beside import Line as Difference
from .chips import Chip, chip, chips
from .findings import Checked, Line, check, lines
from .forms import TEXTS, DelivererForm, PersonForm, StageForm
from .health_page import PARTS as HEALTH_PARTS
from .health_page import HealthPart
from .kept import kept_lines
from .order import Moves, activity_moves
from .polls.summary import Polled, polled
from .sources import followed
from .touched import Entry, last_changes

PARTS = ("name", "description", "notes", "stage", "deliverer", "person", *HEALTH_PARTS)


@dataclass(frozen=True, slots=True)
class Seat:
    """A role on the activity: its level, the level in the form, and what there is to choose from."""

    role: Role
    chip: Chip
    chosen: str
    options: list[Chip]
    delivers: bool


@dataclass(frozen=True, slots=True)
class Person:
    named: Named
    role: str
    initials: str


@dataclass
class ActivityPage:
    """`refused` holds the form of a part that was refused; `edit` is the part that stands open, "" for none;
    `typed` maps role ids to the letters of a levels form that was refused. `saved` is the part, or the key of the
    finding, that was just changed, which keeps the focus; "row" for all of it. `reader` is the user, and `member` says
    what they may."""

    matrix: Matrix
    grid: Grid
    notation: Notation
    activity: Activity
    reader: int
    edit: str = ""
    panel: bool = False
    refused: Mapping[str, Form] = field(default_factory=dict)
    typed: Mapping[int, str] = field(default_factory=dict)
    refusal: str = ""
    saved: str = ""
    beside: Beside | None = None
    member: Member | None = None

    @cached_property
    def roles(self) -> dict[int, Role]:
        return {role.id: role for role in self.grid.roles}

    @property
    def stage(self) -> Stage | None:
        return next((stage for stage in self.grid.stages if stage.id == self.activity.stage), None)

    @property
    def lead(self) -> Role | None:
        return self.roles.get(self.grid.lead(self.activity.id) or 0)

    @property
    def lead_chip(self) -> Chip:
        return chip(self.notation, Level.LEAD, delivers=self.deliverer is None)

    @property
    def deliverer(self) -> Role | None:
        return self.roles.get(self.activity.deliverer or 0)

    @property
    def people(self) -> list[Person]:
        """Who is named; not those in a role that was removed between the two statements that read this."""
        return [
            Person(named, self.roles[named.role].name, initials(named.name))
            for named in self.activity.people
            if named.role in self.roles
        ]

    @cached_property
    def seats(self) -> list[Seat]:
        options = chips(self.notation)
        levels = zip(self.grid.roles, self.grid.row(self.activity.id), strict=True)
        return [self._seat(role, level, options) for role, level in levels]

    @cached_property
    def checked(self) -> Checked:
        return check(self.matrix, self.grid, self.notation, told=True)

    @property
    def findings(self) -> list[Line]:
        found = self.checked.by_activity.get(self.activity.id, ())
        return lines(self.grid, found, self.notation, self.matrix, self.member)

    @property
    def set_aside(self) -> list[Line]:
        mine: list[Finding | tuple[Finding, str]] = [
            pair for pair in self.checked.aside if pair[0].activity == self.activity.id
        ]
        return lines(self.grid, mine, self.notation, self.matrix)

    @property
    def differences(self) -> list[Difference]:
        return self.beside.lines(self.activity.id) if self.beside else []

    @property
    def why(self) -> Why | None:
        """Why somebody leads it in what it is laid beside, or else in what the matrix follows."""
        reference = self.beside.reference if self.beside else followed(self.matrix)
        if reference is None:
            return None
        return Beside(self.grid, reference, self.notation, {self.activity.id}).why(self.activity.id)

    @cached_property
    def kept(self) -> list[DepartureLine]:
        """What is kept here for a reason against other references than the one it is laid beside."""
        against = self.beside.reference.key if self.beside else ""
        others = tuple(each for each in self.activity.departures if each.against != against)
        row = replace(self.activity, departures=others)
        return list(kept_lines(self.matrix.workspace, replace(self.grid, activities=(row,)), self.notation))

    @cached_property
    def health(self) -> HealthPart:
        refused = self.refused.get(self.edit)
        return HealthPart(
            self.matrix, self.grid, self.activity, self.lead, self.reader, self.edit, refused, panel=self.panel
        )

    @cached_property
    def polled(self) -> Polled | None:
        return polled(self.matrix, self.grid, self.activity, self.notation)

    @cached_property
    def history(self) -> list[Entry]:
        return last_changes(self.matrix, self.activity.id, self.notation, self.reader)

    @cached_property
    def moves(self) -> Moves:
        return activity_moves(self.grid)[self.activity.id]

    @cached_property
    def _place(self) -> int:
        return next(at for at, row in enumerate(self.grid.activities) if row.id == self.activity.id)

    @property
    def previous(self) -> Activity | None:
        return self.grid.activities[self._place - 1] if self._place else None

    @property
    def next(self) -> Activity | None:
        rows = self.grid.activities
        return rows[self._place + 1] if self._place + 1 < len(rows) else None

    @property
    def name_form(self) -> Form:
        return self.form("name")

    @property
    def description_form(self) -> Form:
        return self.form("description")

    @property
    def notes_form(self) -> Form:
        return self.form("notes")

    @property
    def stage_form(self) -> Form:
        return self.form("stage")

    @property
    def deliverer_form(self) -> Form:
        return self.form("deliverer")

    @property
    def person_form(self) -> Form:
        return self.form("person")

    def form(self, part: str, data: Any = None) -> Form:
        """The form of a part: bound to `data`, or as it was refused, or with what stands now."""
        form = self.refused[part] if data is None and part in self.refused else self._new_form(part, data)
        if part == self.edit:
            next(iter(form.fields.values())).widget.attrs["autofocus"] = True
        return form

    def _new_form(self, part: str, data: Any) -> Form:
        kept: dict[str, Any] = {"data": data, "auto_id": "panel-%s" if self.panel else "activity-%s"}
        row = self.activity
        match part:
            case "name" | "description" | "notes":
                return TEXTS[part](initial={part: getattr(row, part)}, **kept)
            case "stage":
                return StageForm(grid=self.grid, initial={"stage": row.stage}, **kept)
            case "deliverer":
                lead = self.lead.id if self.lead else None
                kept |= {"grid": self.grid, "notation": self.notation, "lead": lead}
                return DelivererForm(initial={"deliverer": row.deliverer}, **kept)
            case _:
                return PersonForm(grid=self.grid, **kept)

    def _seat(self, role: Role, level: Level | None, options: list[Chip]) -> Seat:
        delivers = self.activity.deliverer == role.id
        shown = chip(self.notation, level, delivers=self.activity.deliverer is None or delivers)
        return Seat(role, shown, self.typed.get(role.id, shown.value), options, delivers)


def activity_page(
    request: MemberRequest, matrix: Matrix, activity: int, *, grid: Grid | None = None, panel: bool = False, **more: Any
) -> ActivityPage:
    """The page of an activity of this matrix, or 404."""
    grid = grid or read_grid(matrix, stages=not panel)
    row = next((row for row in grid.activities if row.id == activity), None)
    if row is None:
        raise Http404
    words = notation(request)
    laid = beside(chosen(request), matrix, grid, words)
    member = request.member
    return ActivityPage(matrix, grid, words, row, member.user_id, panel=panel, beside=laid, member=member, **more)
