"""The rules R1 to R13, which look at one row each."""

from collections.abc import Callable
from dataclasses import dataclass

from .grid import Activity, Grid, Role
from .levels import Level, Words
from .rules import RULES, Finding
from .text import listed, normalised


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the checks read it: its letters in the order of the roles, and how many of each there are."""

    grid: Grid
    words: Words
    activity: Activity
    letters: str
    name: str
    roles: int
    leads: int
    support: int
    contribute: int
    informed: int

    @property
    def is_blank(self) -> bool:
        return self.leads + self.support + self.contribute + self.informed == 0

    @property
    def lead(self) -> Role:
        """The role that leads; only to be asked where one does."""
        return self.grid.roles[self.letters.index("L")]

    def says(self, rule: str, text: str, step: str, role: int | None = None) -> Finding:
        return Finding(rule, RULES[rule].severity, text, step, self.activity.id, role)


def row_of(grid: Grid, activity: Activity, text: str, words: Words) -> Row:
    """One row, with its letters counted."""
    counts = text.count("L"), text.count("S"), text.count("C"), text.count("I")
    return Row(grid, words, activity, text, activity.name, len(text), *counts)


def _no_lead(row: Row) -> Finding | None:
    if row.leads or row.is_blank:
        return None
    return row.says(
        "R1",
        f"Nobody {row.words.leads} {row.name} yet, so nobody answers for it.",
        "Pick the role that would be asked if it went wrong.",
    )


def _two_leads(row: Row) -> Finding | None:
    if row.leads < 2:
        return None
    names = [role.name for role, letter in zip(row.grid.roles, row.letters, strict=True) if letter == "L"]
    text = f"{listed(names)} {row.words.all_lead} {row.name}, so each may wait for the other."
    return row.says("R2", text, f"Choose one; the other moves to {row.words.support}.")


def _blank_row(row: Row) -> Finding | None:
    if not row.is_blank:
        return None
    return row.says("R3", f"No role is on {row.name}, so it may not happen at all.", "Assign it, or retire it.")


def _lead_alone(row: Row) -> Finding | None:
    if row.leads != 1 or row.support or row.contribute or row.roles < 3:
        return None
    text = f"{row.lead.name} has {row.name} alone, without what others know about it."
    return row.says("R4", text, "Ask who helps, or who knows something about it.")


def _all_hands(row: Row) -> Finding | None:
    if row.roles < 4 or row.support != row.roles - 1:
        return None
    text = f"Every other role {row.words.supports} {row.name}. If all are heavily involved, it may be two activities."
    return row.says("R5", text, f"Split it, or move those who give input to {row.words.contribute}.")


def _many_doers(row: Row) -> Finding | None:
    if row.support < _half(row.roles):
        return None
    text = f"{row.support} of {row.roles} roles {row.words.all_support} {row.name}, and each handover costs time."
    return row.says("R6", text, "See if it splits into pieces with fewer hands.")


def _many_asked(row: Row) -> Finding | None:
    if row.contribute < _half(row.roles):
        return None
    text = f"{row.contribute} of {row.roles} roles {row.words.all_contribute} {row.name}, and each can hold it up."
    return row.says("R7", text, "See who could simply be told.")


def _many_told(row: Row) -> Finding | None:
    if row.roles < 6 or row.informed < row.roles - 2:
        return None
    text = f"{row.informed} of {row.roles} roles {row.words.all_hear} {row.name}; news for everyone is read by few."
    return row.says("R8", text, "Ask whether each of them uses the news.")


def _silent_row(row: Row) -> Finding | None:
    if row.roles < 3 or row.contribute or row.informed or row.is_blank:
        return None
    text = f"Nobody outside the work hears of {row.name}, which is how the same work starts elsewhere."
    return row.says("R9", text, "Add who should be asked or told.")


def _no_support(row: Row) -> Finding | None:
    if row.support or not row.contribute or row.leads != 1:
        return None
    text = f"{row.name} has input but no hands besides {row.lead.name}."
    return row.says("R10", text, f"Fine if {row.lead.name} does it all; otherwise name who {row.words.supports} it.")


def _full_row(row: Row) -> Finding | None:
    if row.roles < 6 or "-" in row.letters:
        return None
    text = f"All {row.roles} roles are on {row.name}, some perhaps as a courtesy."
    return row.says("R11", text, "Clear those who would not miss it.")


def _deliverer_off(row: Row) -> Finding | None:
    if row.activity.deliverer is None or row.is_blank:
        return None
    role = next((role for role in row.grid.roles if role.id == row.activity.deliverer), None)
    if role is None:
        return None
    level = row.grid.level(row.activity.id, role.id)
    if level in (Level.LEAD, Level.SUPPORT):
        return None
    only = row.words.only_contributes if level is Level.CONTRIBUTE else "is only informed"
    what = "is not on it" if level is None else only
    text = f"{role.name} is named as delivering {row.name} but {what}, so the row says two things."
    return row.says("R12", text, f"Move {role.name} to {row.words.support}, or name another deliverer.", role.id)


def _formal_lead(row: Row) -> Finding | None:
    if row.grid.culture != "sales" or row.activity.deliverer is not None or row.leads != 1 or row.support != 1:
        return None
    if (row.lead.origin or normalised(row.lead.name)) != "sales":
        return None
    doer = row.grid.roles[row.letters.index("S")]
    words = row.words
    on_paper = f"{row.lead.name} {words.leads} {row.name}, perhaps on paper only"
    text = f"{on_paper}: {doer.name} {words.supports} it and may in effect deliver."
    return row.says("R13", text, f"If so, name {doer.name} as deliverer.", doer.id)


RowCheck = Callable[[Row], Finding | None]
ROW_CHECKS: dict[str, RowCheck] = {
    "R1": _no_lead,
    "R2": _two_leads,
    "R3": _blank_row,
    "R4": _lead_alone,
    "R5": _all_hands,
    "R6": _many_doers,
    "R7": _many_asked,
    "R8": _many_told,
    "R9": _silent_row,
    "R10": _no_support,
    "R11": _full_row,
    "R12": _deliverer_off,
    "R13": _formal_lead,
}


def _half(roles: int) -> int:
    """From how many of one level on R6 and R7 speak: half of the roles and at least four; below six roles never."""
    return max(4, (roles + 1) // 2) if roles >= 6 else roles + 1
