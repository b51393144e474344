"""How it goes with one activity, question by question, as its page and the panel show it, and the form that sets it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django import forms

from raci.grid.grid import Activity, Grid, Role
from raci.grid.text import SOMEBODY, day
from raci.matrices.models import Matrix
from raci.reviews.agreement import OF_LEAD
from raci.reviews.evidence import evidence_read, healths
from raci.reviews.health import ANSWERS, Health, Question, Said, question_text
from raci.reviews.healths import Entry, entries_of
from raci.web import days
from raci.web.fields import LineField

from .kept import names_of

PART = "health-"  # and the question: a part of an activity's page that stands open
PARTS = tuple(f"{PART}{question}" for question in Question)
UNKNOWN = "unknown"
NOT_ASKED, NOT_KNOWN = "Not asked", "Not known"


class HealthForm(forms.Form):
    answer = forms.ChoiceField(
        label="Answer",
        choices=[*ANSWERS.items(), (UNKNOWN, NOT_KNOWN)],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the answers."),
    )
    note = LineField(label="Note", what="note", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    on = forms.DateField(
        label="As of",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=dict.fromkeys(("required", "invalid"), "That is no day. Write it as 2027-03-12."),
    )

    def clean_answer(self) -> str:
        """As it is kept: "" where nothing is known any more."""
        answer: str = self.cleaned_data["answer"]
        return "" if answer == UNKNOWN else answer

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > days.today():
            raise forms.ValidationError("That day is still to come. Say how it was on a day up to today.")
        return on


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One question. `answer` is yes, partly, no or "", `word` how people read it; `source` says where it comes from, ""
    where nobody was asked. `entry` names the latest answer that an editor set, "" for none."""

    question: Question
    text: str
    answer: str
    word: str
    note: str
    source: str
    entry: str

    @property
    def part(self) -> str:
        """As the address of the page names it, and its HTML id."""
        return PART + self.question

    @property
    def needs_help(self) -> bool:
        """Whether the Lead can't, or only just, lead it."""
        return self.question in OF_LEAD and self.answer in ("partly", "no")


@dataclass
class HealthPart:
    """The questions of one activity, in their order. `opened` is the part of the page that stands open; `refused` the
    form where it was refused; `reader` is the user who reads "you"."""

    matrix: Matrix
    grid: Grid
    activity: Activity
    lead: Role | None
    reader: int
    opened: str = ""
    refused: forms.Form | None = None
    panel: bool = False

    @cached_property
    def lines(self) -> list[HealthLine]:
        """Without a Lead nobody can be asked whether they can lead it."""
        return [self._line(question) for question in Question if self.lead or question not in OF_LEAD]

    @property
    def first(self) -> HealthLine:
        return self.lines[0]

    @property
    def rest(self) -> list[HealthLine]:
        return self.lines[1:]

    @property
    def is_folded(self) -> bool:
        """Where it is not done at all, the other questions can wait."""
        return self.first.answer == "no"

    @property
    def is_unfolded(self) -> bool:
        """Whether they stand open all the same: one of them is being answered."""
        return any(line.part == self.opened for line in self.rest)

    @property
    def needs_help(self) -> bool:
        """Whether there is something to say about what its Lead can do."""
        return any(line.needs_help for line in self.lines)

    @property
    def form(self) -> forms.Form | None:
        """Of the question that stands open: as it was refused, or with what stands now and today."""
        line = next((line for line in self.lines if line.part == self.opened), None)
        if line is None:
            return None
        if self.refused is not None:
            return self.refused
        form = new_form(line.question, panel=self.panel)
        form.initial = {"answer": line.answer or None, "note": line.note, "on": days.today()}
        return form

    @cached_property
    def _health(self) -> Health:
        return healths(self.matrix, replace(self.grid, activities=(self.activity,))).get(self.activity.id, {})

    @cached_property
    def _entries(self) -> Mapping[Question, Entry]:
        """What an editor set last, where one did."""
        evidence = evidence_read(self.matrix)
        found = {question: entries_of(evidence, self.activity.id, question) for question in Question}
        return {question: entries[0] for question, entries in found.items() if entries}

    @cached_property
    def _people(self) -> Mapping[int, str]:
        """Those who set what stands; one query, none where that is the reader alone. The panel, which answers each edit
        that is made in it, names nobody else."""
        others = {said.by for said in self._health.values() if said.by} - {self.reader}
        return {**(names_of(others) if others and not self.panel else {}), self.reader: "you"}

    def _line(self, question: Question) -> HealthLine:
        said, entry = self._health.get(question), self._entries.get(question)
        is_unknown = said is None and entry is not None and not entry["answer"]
        return HealthLine(
            question=question,
            text=question_text(question, self.lead.name if self.lead else ""),
            answer=said.answer if said else "",
            word=ANSWERS[said.answer] if said else NOT_KNOWN if is_unknown else NOT_ASKED,
            note=said.note if said else "",
            source=self._source(said) if said else "",
            entry=entry["at"] if entry else "",
        )

    def _source(self, said: Said) -> str:
        on = day(said.on) if said.on else ""
        if said.is_poll:
            return f"Poll, {on}"
        if self.panel and said.by != self.reader:
            return f"Set on {on}"
        return f"Set by {self._people.get(said.by or 0, SOMEBODY)}, {on}"


def new_form(question: Question, data: Any = None, *, panel: bool) -> HealthForm:
    place = "panel" if panel else "activity"
    return HealthForm(data, auto_id=f"{place}-{question}-%s")
