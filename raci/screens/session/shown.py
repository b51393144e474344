"""The activity that a session talks about: its levels in the draft, what is known of it, and what came before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.rules import rules_in
from raci.matrices.models import Matrix
from raci.matrices.people import names_in
from raci.publishing.versions import grid_of, latest_of
from raci.reviews.agenda import HEALTH, SPLIT, in_words
from raci.reviews.evidence import evidence_read, polled_on, result_read
from raci.reviews.health import ANSWERS, Question, health_of, question_text
from raci.reviews.models import Decision, Item, Poll
from raci.screens.chips import Chip, chip, chips
from raci.screens.touched import MADE, last_changes

from .agenda import summary
from .votes import Votes, votes

MOST_PAST = 3  # as many as fit on the screen
# Reasons that can be seen beside them, each with its name where it is no rule's
EVIDENT = dict.fromkeys(("P1", "P2", "P3", "P4", "P5", "R1", "R2", "R3"), "") | {SPLIT: "Not quite agreed"}


@dataclass(frozen=True, slots=True)
class Seat:
    """A role and its level as it stands in the draft."""

    role: Role
    chip: Chip
    delivers: bool

    @property
    def chosen(self) -> str:
        """The level as a list of them has it."""
        return self.chip.value


@dataclass(frozen=True, slots=True)
class Answer:
    """A question about the work, and what is known."""

    question: str
    answer: str
    word: str
    note: str


@dataclass(frozen=True, slots=True)
class Past:
    """Something that came before: `who` is "" where nobody in particular did it."""

    on: date
    text: str
    who: str = ""


@dataclass
class Shown:
    """What the page prints of one activity, its queries made when it is printed."""

    matrix: Matrix
    grid: Grid
    notation: Notation
    item: Item
    poll: Poll | None
    decision: Decision | None

    @cached_property
    def activity(self) -> Activity | None:
        """None where it was removed since."""
        return next((row for row in self.grid.activities if row.id == self.item.activity), None)

    @property
    def name(self) -> str:
        return self.activity.name if self.activity else self.item.name

    @property
    def stage(self) -> str:
        stage = self.activity.stage if self.activity else None
        return next((each.name for each in self.grid.stages if each.id == stage), "")

    @property
    def lead(self) -> Role | None:
        lead = self.grid.lead(self.item.activity)
        return next((role for role in self.grid.roles if role.id == lead), None)

    @property
    def seats(self) -> list[Seat]:
        deliverer = self.activity.deliverer if self.activity else None
        levels = zip(self.grid.roles, self.grid.row(self.item.activity), strict=True)
        return [
            Seat(role, chip(self.notation, level, delivers=deliverer in (None, role.id)), deliverer == role.id)
            for role, level in levels
        ]

    @cached_property
    def votes(self) -> Votes:
        return votes(self.poll, self.grid, self.item.activity, self.notation)

    @cached_property
    def health(self) -> list[Answer]:
        """What is known, in the order of the questions."""
        result, lead = result_read(self.matrix), self.lead
        row = result.rows.get(self.item.activity) if result else None
        kept = evidence_read(self.matrix).health.get(str(self.item.activity), {})
        known = health_of(kept, row, polled_on(self.matrix), lead.id if lead else None)
        return [
            Answer(question_text(question, lead.name if lead else ""), said.answer, ANSWERS[said.answer], said.note)
            for question, said in known.items()
        ]

    @property
    def evident(self) -> list[str]:
        """Why it is on the agenda as far as the answers and the levels on the screen say it, in a word each; the worst
        first."""
        rules = rules_in(self.notation)
        found = [reason["rule"] for reason in self.item.reasons if reason["rule"] in EVIDENT]
        return [rules[rule].name if rule in rules else EVIDENT[rule] for rule in found]

    @property
    def reasons(self) -> list[str]:
        """Why else, in sentences; how it goes stands above."""
        told = [reason for reason in self.item.reasons if reason["rule"] not in (HEALTH, *EVIDENT)]
        return [in_words(reason, self.notation) for reason in told]

    @property
    def options(self) -> list[Chip]:
        """Every level to choose from."""
        return chips(self.notation)

    @property
    def can_stay(self) -> bool:
        """Whether it can be decided that it stays as it is: somebody leads it, and nothing was decided for good."""
        return self.lead is not None and (self.decision is None or self.decision.is_open)

    @property
    def note_kind(self) -> str:
        """What a note is about: what was decided, or else that it stays; what nobody leads is left open."""
        if self.decision is not None:
            return "note"
        return Decision.Kind.KEEP if self.lead else Decision.Kind.OPEN

    @property
    def decided(self) -> str:
        """What was decided in this session, "" for nothing yet."""
        return summary(self.decision, self.notation) if self.decision else ""

    @property
    def past(self) -> list[Past]:
        """What came before, the latest first: changes of its row, what was published, notes on how it goes. Who did it
        stands there by name, for many read it together."""
        found = [*self._changes(), *self._published(), *self._notes()]
        return sorted(found, key=lambda past: past.on, reverse=True)[:MOST_PAST]

    def _changes(self) -> Iterator[Past]:
        found = last_changes(self.matrix, self.item.activity, self.notation, reader=0)
        for entry in [entry for entry in found if entry.text != MADE][:MOST_PAST]:
            yield Past(_day(entry.at), entry.text, entry.who)

    def _published(self) -> Iterable[Past]:
        version = latest_of(self.matrix)
        if version is None:
            return
        then = grid_of(version)
        lead = next((role.name for role in then.roles if role.id == then.lead(self.item.activity)), "")
        if lead:
            as_what = self.notation.word(Level.LEAD)
            yield Past(_day(version.published_at), f"Published as version {version.number}, {lead} as {as_what}.")

    def _notes(self) -> Iterator[Past]:
        kept = evidence_read(self.matrix).health.get(str(self.item.activity), {})
        above = {each.note for each in self.health}
        entries = [entry for question in Question for entry in kept.get(question, ())[:MOST_PAST]]
        found = [entry for entry in entries if entry.get("note") and entry["note"] not in above]
        names = names_in(self.matrix.pk, {entry["by"] for entry in found if entry.get("by")})
        for entry in found:
            yield Past(date.fromisoformat(entry["on"]), f"“{entry['note']}”", names.get(entry.get("by") or 0, ""))


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)
