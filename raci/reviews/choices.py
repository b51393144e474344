"""What may be decided on an activity: checked before anything is locked, then done to its row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from raci.accounts.models import User
from raci.grid.levels import Level
from raci.grid.text import day, prose
from raci.matrices.models import Matrix
from raci.matrices.operations import checked_line, give
from raci.matrices.work import Work
from raci.web import days
from raci.web.refusals import Malformed, Refused
from raci.workspaces.models import Member

from .models import Decision

Kind = Decision.Kind
NOTE_LIMIT = 1_000
LATEST = timedelta(days=5 * 365)  # until which something is found out


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to decide. `owner` is the account of a member who finds out, or sees to what stays open."""

    kind: Kind
    lead: int | None = None
    levels: Mapping[int, Level | None] = field(default_factory=dict)
    note: str = ""
    owner: int | None = None
    owner_name: str = ""
    due: date | None = None

    def body(self) -> list[Any]:
        """All of it, to tell one submission from another."""
        levels = sorted((role, level.value if level else "") for role, level in self.levels.items())
        return [self.kind, self.lead, levels, self.note, self.owner, self.owner_name, self.due]

    def member(self, matrix: Matrix) -> User | None:
        """The account of the owner; refused where it is no member's any more."""
        if self.owner is None:
            return None
        members = Member.objects.filter(workspace=matrix.workspace_id, user=self.owner, user__is_active=True)
        found = members.select_related("user").first()
        if found is None:
            raise Refused("That person is no member of this workspace any more. Choose another, or write a name.")
        return found.user


def checked_choice(
    kind: str,
    *,
    lead: int | None,
    levels: Mapping[int, Level | None] | None,
    note: str,
    owner: int | None,
    owner_name: str,
    due: date | None,
) -> Choice:
    """What may be decided, with only that which belongs to its kind; refused with a sentence otherwise."""
    if kind not in Kind.values:
        raise Malformed
    text = checked_note(note)
    match Kind(kind):
        case Kind.KEEP:
            return Choice(Kind.KEEP, note=text)
        case Kind.LEAD:
            if lead is None:
                raise Refused("Choose the role that leads it.")
            return Choice(Kind.LEAD, lead=lead, note=text)
        case Kind.LEVELS:
            if levels is None:
                raise Malformed
            if list(levels.values()).count(Level.LEAD) > 1:
                raise Refused("Exactly one role leads an activity. Choose one.")
            return Choice(Kind.LEVELS, levels=dict(levels), note=text)
    open_kind, name = Kind(kind), checked_line(owner_name) if owner_name.strip() else ""
    if open_kind is Kind.ASK and owner is None and not name:
        raise Refused("Say who finds out: choose a member, or write a name.")
    if open_kind is Kind.ASK and due is None:
        raise Refused("Say by when: choose a day.")
    if due is not None:
        check_due(due)
    return Choice(open_kind, note=text, owner=owner, owner_name="" if owner else name, due=due)


def check_due(due: date) -> None:
    """Refuses a day that has passed, or one that nobody will remember."""
    if due < days.today():
        raise Refused("That day has passed. Choose today or a later one.")
    if due > days.today() + LATEST:
        raise Refused("That day is too far off. Choose one within five years.")


def checked_note(note: str) -> str:
    try:
        return prose(note, limit=NOTE_LIMIT, what="note")
    except ValueError as error:
        raise Refused(str(error)) from error


def choose(work: Work, activity: int, choice: Choice, *, again: bool) -> None:
    """Does to the row what was chosen. `again` says that something else had been decided on it before."""
    row = work.activity(activity)
    cells, name, lead = row["cells"], row["name"], lead_of(work, activity)
    match choice.kind:
        case Kind.KEEP if lead is None:
            raise Refused(f"Nobody leads “{name}”, so it can't stay as it is. Choose who leads it, or leave it open.")
        case Kind.LEAD if choice.lead is not None:
            role = work.role(choice.lead)["name"]
            if lead == choice.lead:
                what = "led it before. Take the decision back" if again else "leads it already. Keep it as it is"
                raise Refused(f"{role} {what} instead.")
            give(cells, choice.lead, Level.LEAD)
        case Kind.LEVELS:
            before = dict(cells)
            for changed, level in sorted(choice.levels.items(), key=lambda cell: cell[1] is Level.LEAD):
                work.role(changed)
                give(cells, changed, level)
            if lead_of(work, activity) is None:
                raise Refused(f"Somebody has to lead “{name}”. Choose a role, or leave it open.")
            if cells == before:
                raise Refused(f"Those are the levels of “{name}” already. Keep it as it is instead.")


def lead_of(work: Work, activity: int) -> int | None:
    """The role that leads an activity, as it is in the plan."""
    cells = work.activity(activity)["cells"]
    return next((int(role) for role, level in cells.items() if level == Level.LEAD), None)


def said(decision: Decision) -> str:
    """What was decided, for the end of a sentence."""
    match Kind(decision.kind):
        case Kind.KEEP:
            return "it stays as it is"
        case Kind.LEAD:
            return f"{decision.lead_name} leads it"
        case Kind.LEVELS:
            return f"it has other levels, and {decision.lead_name} leads it"
        case Kind.ASK:
            return f"someone finds out by {day(decision.due)}" if decision.due else "someone finds out"
        case Kind.OPEN:
            return "it stays open"
