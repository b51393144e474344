"""How an activity does, in the four questions' order, from what an editor set and from what the last poll said.

The questions and their order are those of domain.md §5, after Forrester's post on who should be responsible for what:
is it done, is it done well, at the right time, and can the role that leads it lead it, which is two questions here:
skill and time. Where the answer to the first is no, who leads matters least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .agreement import OF_LEAD, WORST_FIRST, Counts, RowResult, median


class Question(StrEnum):
    """In the order in which they are asked."""

    DONE = "done"
    WELL = "well"
    ON_TIME = "on_time"
    SKILL = "skill"
    TIME = "time"


ANSWERS = {"yes": "Yes", "partly": "Partly", "no": "No"}
"""The answers as people read them."""

_ABLE = {"no": "can’t lead", "partly": "stretched"}
_WORDS = {
    Question.DONE: {"no": "not done", "partly": "half done"},
    Question.WELL: {"no": "done badly", "partly": "uneven"},
    Question.ON_TIME: {"no": "late", "partly": "often late"},
    Question.SKILL: _ABLE,
    Question.TIME: _ABLE,
}


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to one question, "yes", "partly" or "no", and since when; `by` is the id of the account that set it.

    `is_poll` where it is what a poll says; then nobody set it, and there is no note.
    """

    answer: str
    note: str = ""
    on: date | None = None
    by: int | None = None
    is_poll: bool = False


Kept = Mapping[str, Sequence[Mapping[str, Any]]]
"""An activity's part of Evidence.health: questions to what was set by hand, the latest first."""
Health = Mapping[Question, Said]
"""What is known of one activity: the questions that have an answer, in their order."""


@dataclass(frozen=True, slots=True)
class Vital:
    """The first question that is not a yes: its answer, "partly" or "no", in a word or two."""

    question: Question
    answer: str
    word: str


def health_of(kept: Kept, row: RowResult | None, polled_on: date | None, lead: int | None) -> Health:
    """For each question the newer of what was set by hand and what the last closed poll says; of one day, the former.

    In `kept` an entry without an answer says that nothing is known any more. `lead` is who leads now: of skill and time
    counts what was said of that role, and by those who named it. What only the poll says is made once.
    """
    if kept or row is None:
        return _health_of(kept, row, polled_on, lead)
    made: Health | None = row.made.get((polled_on, lead))
    if made is None:
        made = row.made[polled_on, lead] = _health_of(kept, row, polled_on, lead)
    return made


def _health_of(kept: Kept, row: RowResult | None, polled_on: date | None, lead: int | None) -> Health:
    found = {question: _said(question, kept.get(question, ()), row, polled_on, lead) for question in Question}
    return {question: said for question, said in found.items() if said is not None}


def vital(health: Health) -> Vital | None:
    """The first of the four questions that is not a yes; None where all that is known are. Skill and time are one
    question, the worse of the two answers it."""
    for question in (Question.DONE, Question.WELL, Question.ON_TIME):
        said = health.get(question)
        if said is not None and said.answer != "yes":
            return Vital(question, said.answer, _WORDS[question][said.answer])
    able = [(WORST_FIRST.index(health[each].answer), each) for each in Question if each in OF_LEAD and each in health]
    place, question = min(able, key=lambda pair: pair[0], default=(len(_ABLE), Question.SKILL))
    answer = WORST_FIRST[place]
    return None if answer == "yes" else Vital(question, answer, _WORDS[question][answer])


def question_text(question: Question, lead_name: str = "") -> str:
    """The question as people read it; `lead_name` is "" where nobody leads."""
    who = lead_name or "whoever leads it"
    match question:
        case Question.DONE:
            return "Is it done?"
        case Question.WELL:
            return "Is it done well?"
        case Question.ON_TIME:
            return "Is it done at the right time?"
        case Question.SKILL:
            return f"Has {who} the skill?"
        case Question.TIME:
            return f"Has {who} the time?"


def _said(
    question: Question,
    kept: Sequence[Mapping[str, Any]],
    row: RowResult | None,
    polled_on: date | None,
    lead: int | None,
) -> Said | None:
    polled = median(_counts(question, row, lead)) if row is not None else ""
    newest = next((entry for entry in kept if question not in OF_LEAD or entry.get("role", lead) == lead), None)
    on = date.fromisoformat(newest["on"]) if newest is not None else None
    if polled and (on is None or (polled_on is not None and on < polled_on)):
        return Said(polled, on=polled_on, is_poll=True)
    if newest is None or not newest["answer"]:
        return None
    return Said(newest["answer"], newest.get("note", ""), on, newest.get("by"))


def _counts(question: Question, row: RowResult, lead: int | None) -> Counts:
    if question not in OF_LEAD:
        return row.health.get(question, {})
    return row.able.get(lead, {}).get(question, {}) if lead is not None else {}
