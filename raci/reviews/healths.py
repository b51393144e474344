"""How it goes with an activity, as an editor sets it by hand, and the way back.

What was set stands in the evidence of the matrix, the latest first. `at` tells one entry from another: a form names the
one it showed, and the way back the one it takes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from raci.accounts.models import User, name_of
from raci.grid.levels import Level
from raci.grid.text import day
from raci.matrices.models import Activity, Assignment, Role
from raci.matrices.operations import checked_line
from raci.web import days
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .agreement import OF_LEAD
from .evidence import evidence_of
from .health import ANSWERS, Question
from .locking import locked_matrix
from .models import Evidence

KEPT = 20  # of one question on one activity; what was set before is forgotten

Entry = dict[str, Any]  # answer, note, on, by, at; of skill and time also the role that they are about


@dataclass(frozen=True, slots=True)
class Change:
    """What an editor says of one question: an answer ("" where nothing is known any more), perhaps with a note, and as
    of which day.

    `seen` is the `at` of the entry that was the latest when they looked, "" for none; `lead` is the role that led then,
    which skill and time are about.
    """

    question: Question
    answer: str
    note: str
    on: date
    seen: str
    lead: int | None = None


@transaction.atomic
def set_health(*, matrix: int, by: Member, activity: int, change: Change) -> Entry:
    """Sets the answer to one question. Sent twice, it is set once; 409 where somebody set another one since."""
    note = checked_line(change.note, what="note") if change.note.strip() else ""
    if change.answer not in ("", *ANSWERS):
        raise Malformed
    if change.on > days.today():
        raise Refused("That day is still to come. Say how it was on a day up to today.")
    evidence = _opened(matrix, by, activity)
    entries = entries_of(evidence, activity, change.question)
    said: Entry = {"answer": change.answer, "note": note, "on": change.on.isoformat(), "by": by.user_id}
    if change.question in OF_LEAD:
        said["role"] = _lead(matrix, activity, change.lead)
    if entries and {**entries[0], "at": ""} == {**said, "at": ""}:
        return entries[0]
    _refuse_overtaken(entries, change, by)
    entry = {**said, "at": timezone.now().isoformat()}
    _keep(evidence, activity, change.question, [entry, *entries][:KEPT])
    return entry


@transaction.atomic
def take_back(*, matrix: int, by: Member, activity: int, question: Question, entry: str) -> None:
    """Takes the latest answer back, so that the one before it stands; 409 where it is not the latest any more.

    One that has been taken back stays so.
    """
    evidence = _opened(matrix, by, activity)
    entries = entries_of(evidence, activity, question)
    if entry not in [each["at"] for each in entries]:
        return
    if entries[0]["at"] != entry:
        raise Conflict("It was set again since, so that stands. Nothing was taken back.")
    _keep(evidence, activity, question, entries[1:])


def entries_of(evidence: Evidence, activity: int, question: Question) -> list[Entry]:
    """What editors set for one question on one activity, the latest first."""
    kept: Mapping[str, list[Entry]] = evidence.health.get(str(activity), {})
    return list(kept.get(question.value, ()))


def lead_of(activity: int) -> int | None:
    """The role that leads an activity now."""
    found = Assignment.objects.filter(activity_id=activity, level=Level.LEAD.value)
    return found.values_list("role_id", flat=True).first()


def _opened(matrix: int, by: Member, activity: int) -> Evidence:
    """To be changed by an editor, about an activity that is there."""
    row = locked_matrix(matrix, by)
    still(by, Access.EDITOR)
    if not Activity.objects.filter(matrix=row, pk=activity).exists():
        raise Http404
    return evidence_of(row)


def _lead(matrix: int, activity: int, seen: int | None) -> int:
    """The role that skill and time are about: the one that led when the editor looked, and still does."""
    lead = lead_of(activity)
    if lead is None:
        raise Conflict("Nobody answers for it any more, so there is nobody to say this of. Nothing was changed.")
    if lead != seen:
        name = Role.objects.get(pk=lead).name
        raise Conflict(f"{name} answers for it now. Nothing was changed; look again, then say it of them.")
    return lead


def _refuse_overtaken(entries: list[Entry], change: Change, by: Member) -> None:
    latest = entries[0] if entries else None
    if latest is None or latest["at"] == change.seen:
        return
    who = "you, on another page" if latest["by"] == by.user_id else _name(latest["by"])
    answer = f"“{ANSWERS[latest['answer']]}”" if latest["answer"] else "not known"
    said = f"It is {answer} by now, as of {day(date.fromisoformat(latest['on']))}, set by {who}."
    raise Conflict(f"{said} Nothing was changed. Save again to use yours.")


def _keep(evidence: Evidence, activity: int, question: Question, entries: list[Entry]) -> None:
    """These entries and no others; an activity of which nothing is left has no place."""
    of_row = {**evidence.health.get(str(activity), {}), question.value: entries}
    of_row = {key: found for key, found in of_row.items() if found}
    rest = {key: rows for key, rows in evidence.health.items() if key != str(activity)}
    evidence.health = {**rest, str(activity): of_row} if of_row else rest
    evidence.save(update_fields=["health"])


def _name(user: int | None) -> str:
    return name_of(User.objects.filter(pk=user or 0).first())
