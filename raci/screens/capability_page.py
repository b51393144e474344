"""What each role carries beside how many it is, and how well it can lead what it leads: the page, and its forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse

from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Notation
from raci.grid.text import SOMEBODY, day
from raci.matrices.departures import REASON_LIMIT
from raci.matrices.models import Matrix
from raci.reviews.capability import Carried, Led, Option, Rating, Way, capability, options
from raci.reviews.elsewhere import for_now
from raci.reviews.evidence import evidence_read, healths, polled_on, result_read
from raci.reviews.health import Health, Vital, vital
from raci.reviews.ratings import HIGHEST, LOWEST, may_rate, rating_of
from raci.web import days
from raci.web.fields import LineField, ProseField
from raci.workspaces.models import Member

from .forms import IdField, offer, roles
from .kept import names_of

BAR = 100  # the length of a full bar
_MARKS = [("", "Not said"), *((str(mark), str(mark)) for mark in range(LOWEST, HIGHEST + 1))]


class MarkField(forms.TypedChoiceField):
    """1 to 5, or nothing."""

    def __init__(self, **options: Any) -> None:
        wrong = {"invalid_choice": f"Choose a number from {LOWEST} to {HIGHEST}, or “Not said”."}
        super().__init__(
            choices=_MARKS,
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            error_messages=wrong,
            **options,
        )


class RatingForm(forms.Form):
    skill = MarkField(label="Skill", help_text="1 is new at this, 5 could teach it.")
    time = MarkField(label="Time", help_text="1 has none for it, 5 has all it needs.")
    note = LineField(label="Note", what="note", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ElsewhereForm(forms.Form):
    """Which role leads for now, why, and until when."""

    role = IdField(label="Which role", error_messages={"required": "Choose the role that takes it on for now."})
    reason = ProseField(
        label="Why?",
        what="reason",
        max_length=REASON_LIMIT,
        rows=2,
        required=True,
        error_messages={"required": "Say why: one sentence is enough."},
    )
    until = forms.DateField(
        label="Until",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": "Choose the day on which it is looked at again.",
            "invalid": "That is no day. Write it as 2027-03-12.",
        },
    )

    def __init__(self, *args: Any, grid: Grid, lead: int | None, likely: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        first = {role: place for place, role in enumerate(likely)}
        others = sorted(
            (each for each in roles(grid) if each[0] != lead), key=lambda each: first.get(each[0], len(first))
        )
        offer(self, "role", others)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if not reason:
            raise forms.ValidationError("Say why: one sentence is enough.")
        return reason

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < days.today():
            raise forms.ValidationError("That day has passed. Choose one that is still to come.")
        return until


@dataclass(frozen=True, slots=True)
class Mark:
    """Skill or time as a line says it: "Skill", 2, and whether that is weak; `source` says whose word it is."""

    what: str
    value: int | None
    is_weak: bool
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """An activity that a role leads. `said` is who rated it and when, `note` what they added; `entry` names that
    rating, "" for none. `for_now` says until when it leads, and why, "" where there is no end."""

    activity: Activity
    marks: tuple[Mark, ...]
    said: str
    note: str
    entry: str
    vital: Vital | None
    is_asked: bool
    needs_help: bool
    for_now: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One of the shares of a role: a number of a whole, and how long its bar is. `whole` is None where it is not known,
    `number` where the role has not said."""

    number: int | None
    whole: int | None
    length: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A role: its shares, and what it leads."""

    carried: Carried
    rows: tuple[Row, ...]
    may_rate: bool

    @property
    def role(self) -> Role:
        return self.carried.role

    @property
    def shares(self) -> tuple[Share, Share, Share]:
        """Of the people, the Leads and the deliveries."""
        one = self.carried
        return (
            Share(one.role.headcount, one.people, _length(one.share_of_people)),
            Share(one.leads, one.all_leads, _length(one.share_of_leads)),
            Share(one.deliveries, one.all_deliveries, _length(one.share_of_deliveries)),
        )


@dataclass(frozen=True, slots=True)
class Help:
    """One way to help a Lead, and where it is taken: an address and what its link says, for those who may edit."""

    option: Option
    to: str
    link: str
    is_question: bool = False


@dataclass
class CapabilityPage:
    """`rating` and `helping` are the ids of the activities whose form, or whose options, stand open, 0 for none;
    `form` is the form where it was refused."""

    matrix: Matrix
    grid: Grid
    notation: Notation
    member: Member
    rating: int = 0
    helping: int = 0
    form: forms.Form | None = None

    @cached_property
    def seats(self) -> list[Seat]:
        evidence = evidence_read(self.matrix)
        found = capability(self.grid, evidence.ratings, result_read(self.matrix))
        return [
            Seat(one, tuple(self._row(one.role, led) for led in one.led), may_rate(self.member, one.role))
            for one in found
        ]

    @property
    def leading(self) -> list[Seat]:
        """The roles that lead anything."""
        return [seat for seat in self.seats if seat.rows]

    @property
    def unstated(self) -> list[Role]:
        """The roles whose headcount nobody has stated; until then no share of people can be told."""
        return [role for role in self.grid.roles if role.headcount is None]

    @property
    def without_lead(self) -> list[Row]:
        rows = (row for row in self.grid.activities if not self.grid.leads(row.id))
        return [Row(row, (), "", "", "", *self._how(row), needs_help=False) for row in rows]

    @cached_property
    def rating_form(self) -> forms.Form:
        """Of the activity that is being rated."""
        if self.form is not None:
            return self.form
        row = rating_of_lead(self.matrix, self.grid, self.rating) or {}
        form = rating_form()
        form.initial = {"skill": row.get("skill"), "time": row.get("time"), "note": row.get("note", "")}
        return form

    @cached_property
    def helps(self) -> list[Help]:
        """The ways to help the Lead of the activity whose options stand open."""
        evidence, pk = evidence_read(self.matrix), self.helping
        found = options(self.grid, pk, evidence.ratings, result_read(self.matrix), notation=self.notation)
        return [self._help(option, pk) for option in found]

    def _help(self, option: Option, activity: int) -> Help:
        place = [self.matrix.workspace_id, self.matrix.pk]
        match option.way:
            case Way.PAIR:
                support = self.notation.words.support
                return Help(option, reverse("activity", args=[*place, activity]), f"Give another role {support}")
            case Way.SPLIT:
                add = f"{reverse('activity_add', args=place)}?after={activity}"
                return Help(option, add, "Add the other part", is_question=True)
            case Way.ELSEWHERE:
                ask = f"{reverse('lead_elsewhere', args=place)}?activity={activity}"
                return Help(option, ask, "Choose a role", is_question=True)

    def _row(self, role: Role, led: Led) -> Row:
        rating = rating_of(evidence_read(self.matrix), led.activity.id, role.id)
        own = next((mark for mark in (led.skill, led.time) if mark and mark.is_own), None)
        marks = (_mark("Skill", led.skill, led.is_weak), _mark("Time", led.time, led.is_stretched))
        return Row(
            led.activity,
            marks,
            self._said(own, marks),
            own.note if own else "",
            rating["at"] if rating else "",
            *self._how(led.activity),
            needs_help=led.is_weak or led.is_stretched,
            for_now=for_now(self.grid, led.activity, days.today()),
        )

    def _said(self, own: Rating | None, marks: Sequence[Mark]) -> str:
        """Who says it, and when."""
        on = polled_on(self.matrix)
        polled = f"the poll of {day(on)}" if on and any(mark.source == "poll" for mark in marks) else ""
        if own is None:
            return f"From {polled}" if polled else ""
        who = self._people.get(own.by or 0, SOMEBODY)
        said = f"Rated by {who}, {day(own.on)}" if own.on else f"Rated by {who}"
        return f"{said}; the rest from {polled}" if polled else said

    def _how(self, row: Activity) -> tuple[Vital | None, bool]:
        """What is first wrong with how it goes, and whether anything is known of it."""
        health: Health = self._healths.get(row.id, {})
        return vital(health), bool(health)

    @cached_property
    def _healths(self) -> Mapping[int, Health]:
        return healths(self.matrix, self.grid)

    @cached_property
    def _people(self) -> Mapping[int, str]:
        """Those who rated; one query, none where that is the reader alone."""
        reader = self.member.user_id
        others = {rating["by"] for rating in evidence_read(self.matrix).ratings.values() if rating["by"]} - {reader}
        return {**(names_of(others) if others else {}), reader: "you"}


def rating_of_lead(matrix: Matrix, grid: Grid, activity: int) -> Mapping[str, Any] | None:
    """How the role that leads an activity is rated on it."""
    return rating_of(evidence_read(matrix), activity, grid.lead(activity) or 0)


def rating_form(data: Any = None) -> RatingForm:
    return RatingForm(data, auto_id="rating-%s")


def _mark(what: str, rating: Rating | None, is_weak: bool) -> Mark:
    source = "" if rating is None else "own" if rating.is_own else "poll"
    return Mark(what, rating.value if rating else None, is_weak, source)


def _length(share: float | None) -> int:
    return round(BAR * (share or 0))
