"""Answers, counted: how many were sent while a poll is open, and what they say when it closes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from raci.grid.grid import Grid
from raci.grid.text import normalised
from raci.matrices.store import read_grid
from raci.publishing.lineage import read_lineage

from .agreement import Answered, result_of
from .models import QUESTIONS, Answer, Poll, Respondent

UNSAID = ""  # the function of those who have not said where they work


@dataclass(frozen=True, slots=True)
class Answering:
    """How many of one function were asked, or came by the link, and how many of them have sent their answers; `known`
    are those of these who did not only come by the link. `key` is that of agreement.py, `UNSAID` for those who have not
    said where they work."""

    key: str
    name: str
    asked: int
    sent: int
    known: int = 0


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
    asked, sent, known, begun = Counter[str](), Counter[str](), Counter[str](), 0
    for each in _counted(poll):
        key = function_key(each.role, each.function) if each.joined_at else UNSAID
        if key != UNSAID:
            names.setdefault(key, each.function)
        asked[key] += 1
        begun += each.joined_at is not None
        sent[key] += each.submitted_at is not None
        known[key] += each.submitted_at is not None and each.is_known
    names[UNSAID] = ""
    functions = [Answering(key, name, asked[key], sent[key], known[key]) for key, name in names.items() if asked[key]]
    return Progress(asked.total(), begun, sent.total(), functions)


def count(poll: Poll) -> dict[str, Any]:
    """What agreement.py makes of the answers that were sent, and who leads each activity now, which they are judged by;
    as many queries however many there are. A role that was merged into another since counts as that one; `heirs` says
    so."""
    grid = read_grid(poll.matrix, stages=False)
    heirs = _heirs(poll, grid)
    leads, health = _answers(poll, heirs)
    names = {role.id: role.name for role in grid.roles} | role_names(poll)
    asked, answered = Counter[str](), []
    for each in _counted(poll):
        role = heirs.get(each.role or 0, each.role)
        key = function_key(role, each.function) if each.joined_at else UNSAID
        asked[key] += 1
        if each.submitted_at is not None:
            name = each.function if role is None else names.get(role, "")
            said = leads.get(each.pk, {}), health.get(each.pk, {})
            answered.append(Answered(key, name, role, *said, is_known=each.is_known))
    activities = [activity["id"] for activity in poll.asked["activities"]]
    result = result_of(activities, answered, asked, is_named=poll.is_named)
    result["leads"] = {str(row.id): grid.lead(row.id) for row in grid.activities}
    if heirs:
        result["heirs"] = {str(role): heir for role, heir in heirs.items()}
    return result


def role_names(poll: Poll) -> dict[int, str]:
    """The roles a poll asks about, by their ids, in the order of the matrix."""
    return {role["id"]: role["name"] for role in poll.asked["roles"]}


def function_key(role: int | None, function: str = "") -> str:
    """What agreement.py calls where somebody works; `UNSAID` where they have not said it."""
    if role is not None:
        return f"role:{role}"
    return f"other:{normalised(function) or function.casefold()}" if function else UNSAID


def _counted(poll: Poll) -> QuerySet[Respondent]:
    """Everyone but those who were left out."""
    return Respondent.objects.filter(poll=poll, is_left_out=False)


def _heirs(poll: Poll, grid: Grid) -> dict[int, int]:
    """The roles a poll asks about that were merged since it was opened -> the roles they are in now. No query where all
    of them are still there."""
    here = {role.id for role in grid.roles}
    if here.issuperset(role_names(poll)):
        return {}
    merged = read_lineage(poll.matrix_id, poll.asked.get("revision", 0), poll.matrix.revision).merged
    return {role: heir for role, heir in merged.items() if role not in here and heir in here}


def _answers(
    poll: Poll, heirs: Mapping[int, int]
) -> tuple[dict[int, dict[int, str]], dict[int, dict[int, Mapping[str, str]]]]:
    """Who leads, and how it goes, as those said who have sent their answers: respondent -> activity -> either."""
    leads: dict[int, dict[int, str]] = {}
    health: dict[int, dict[int, Mapping[str, str]]] = {}
    sent = Answer.objects.filter(respondent__in=_counted(poll).filter(submitted_at__isnull=False).values("pk"))
    rows = sent.values_list("respondent", "activity", "said", "lead", *QUESTIONS)
    for respondent, activity, said, lead, *how in rows:
        leads.setdefault(respondent, {})[activity] = said if lead is None else str(heirs.get(lead, lead))
        given = {question: answer for question, answer in zip(QUESTIONS, how, strict=True) if answer}
        health.setdefault(respondent, {})[activity] = given
    return leads, health
