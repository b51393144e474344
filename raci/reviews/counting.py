"""Answers, counted: how many were sent while a poll is open, and what they say when it closes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from raci.grid.text import normalised

from .agreement import Answered, result_of
from .models import QUESTIONS, Answer, Poll, Respondent

UNSAID = ""  # the function of those who have not said where they work


@dataclass(frozen=True, slots=True)
class Answering:
    """How many of one function were asked, or came by the link, and how many of them have sent their answers. `key` is
    that of agreement.py, `UNSAID` for those who have not said where they work."""

    key: str
    name: str
    asked: int
    sent: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people were asked, or came by the link; how many have begun, and have sent their answers; and the same
    by function: roles in the order of the matrix, then others, then those of whom it is not known."""

    asked: int
    begun: int
    sent: int
    functions: Sequence[Answering]


def progress(poll: Poll) -> Progress:
    """How far a poll is, never what was answered; one query."""
    names = {function_key(role): name for role, name in role_names(poll).items()}
    asked, sent, begun = Counter[str](), Counter[str](), 0
    rows = Respondent.objects.filter(poll=poll)
    for role, function, joined_at, submitted_at in rows.values_list("role", "function", "joined_at", "submitted_at"):
        key = function_key(role, function) if joined_at else UNSAID
        if key != UNSAID:
            names.setdefault(key, function)
        asked[key] += 1
        begun += joined_at is not None
        sent[key] += submitted_at is not None
    names[UNSAID] = ""
    functions = [Answering(key, name, asked[key], sent[key]) for key, name in names.items() if asked[key]]
    return Progress(asked.total(), begun, sent.total(), functions)


def count(poll: Poll) -> dict[str, Any]:
    """What agreement.py makes of the answers that were sent; two queries, however many there are."""
    leads, health = _answers(poll)
    names, asked, answered = role_names(poll), Counter[str](), []
    people = Respondent.objects.filter(poll=poll).values_list("pk", "role", "function", "joined_at", "submitted_at")
    for pk, role, function, joined_at, submitted_at in people:
        key = function_key(role, function) if joined_at else UNSAID
        asked[key] += 1
        if submitted_at is not None:
            name = function if role is None else names.get(role, "")
            answered.append(Answered(key, name, role, leads.get(pk, {}), health.get(pk, {})))
    activities = [activity["id"] for activity in poll.asked["activities"]]
    return result_of(activities, answered, asked, is_named=poll.is_named)


def role_names(poll: Poll) -> dict[int, str]:
    """The roles a poll asks about, by their ids, in the order of the matrix."""
    return {role["id"]: role["name"] for role in poll.asked["roles"]}


def function_key(role: int | None, function: str = "") -> str:
    """What agreement.py calls where somebody works; `UNSAID` where they have not said it."""
    if role is not None:
        return f"role:{role}"
    return f"other:{normalised(function) or function.casefold()}" if function else UNSAID


def _answers(poll: Poll) -> tuple[dict[int, dict[int, str]], dict[int, dict[int, Mapping[str, str]]]]:
    """Who leads, and how it goes, as those said who have sent their answers: respondent -> activity -> either."""
    leads: dict[int, dict[int, str]] = {}
    health: dict[int, dict[int, Mapping[str, str]]] = {}
    sent = Answer.objects.filter(respondent__poll=poll, respondent__submitted_at__isnull=False)
    rows = sent.values_list("respondent", "activity", "said", "lead", *QUESTIONS)
    for respondent, activity, said, lead, *how in rows:
        leads.setdefault(respondent, {})[activity] = said if lead is None else str(lead)
        given = {question: answer for question, answer in zip(QUESTIONS, how, strict=True) if answer}
        health.setdefault(respondent, {})[activity] = given
    return leads, health
