"""The rules P1 to P6, which hold what people answered, each alone, against who leads.

Their conditions stand beside what they count, in agreement.py; here they become sentences. Where a poll is by function,
P2 to P4 see the functions that are shown apart; where those are fewer than three, P6 says so.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation, Words
from raci.grid.load import leads_in
from raci.grid.rules import RULES, Finding
from raci.grid.text import counted, listed

from .agreement import FEWEST, FunctionCount, Result, RowResult, claims, is_contested, is_unaware, is_unclaimed, median
from .health import Health, Question, Said

MOST_MADE = 4  # of what is said of one poll: two notations, and roles as they were and are


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules need beside one row: the poll's functions and the matrix's roles, in the words of the reader.

    `leads` maps activities to the role that leads. `settled` are the rows that were decided upon since; `of` tells one
    poll from the next (see Finding). `known` is what was said before, in these words and with these roles: activity ->
    its name and Lead then, and the findings.
    """

    leads: Mapping[int, int | None]
    functions: tuple[FunctionCount, ...]
    names: Mapping[int, str]
    words: Words
    settled: Collection[int]
    of: str
    known: dict[int, tuple[str, int | None, tuple[Finding, ...]]]

    def says(self, rule: str, activity: Activity, text: str, step: str) -> Finding:
        return Finding(rule, RULES[rule].severity, text, step, activity.id, of=self.of)


def poll_findings(
    result: Result | None,
    grid: Grid,
    *,
    off: Collection[str] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
    settled: Collection[int] = (),
    health: Mapping[int, Health] | None = None,
    of: str = "",
) -> tuple[Finding, ...]:
    """What P1 to P6 say, but for those in `off` and for rows that were decided upon since, which are `settled`.

    With `health`, P1 is read from what is known now, so that what an editor set since the poll counts; it speaks then
    also without a poll. `of` is the id of the poll: what is set aside is so for that one. Warnings first, in the order
    of the rows, then the note on the whole.
    """
    names = {role.id: role.name for role in grid.roles}
    functions = functions_in(result, grid) if result else ()
    known = _known(result, (of, notation, *names.items())) if result else {}
    asked = Asked(leads_in(grid), functions, names, notation.words, settled, of, known)
    found: list[Finding] = []
    for activity in grid.activities:
        row = result.rows.get(activity.id) if result else None
        found += _not_done(asked, activity, row, health)
        if row is not None and activity.id not in settled:
            found += _of_answers(asked, activity, row)
    return tuple(finding for finding in (*found, *thin(result, of)) if finding.rule not in off)


def functions_in(result: Result, grid: Grid) -> tuple[FunctionCount, ...]:
    """The functions of a poll as the matrix knows them now: one that is no role of it any more is just a function."""
    roles = {role.id for role in grid.roles}
    return tuple(each if each.role in roles else replace(each, role=None) for each in result.functions)


def _known(result: Result, key: tuple[object, ...]) -> dict[int, Any]:
    """What was said of the result before, for `Asked`: as long as its words and the roles are the same."""
    if key not in result.made and len(result.made) >= MOST_MADE:
        result.made.clear()
    known: dict[int, Any] = result.made.setdefault(key, {})
    return known


def _of_answers(asked: Asked, activity: Activity, row: RowResult) -> tuple[Finding, ...]:
    """P2 to P5, which depend on the name of the row and on who leads it; asked anew only where one of them changed."""
    name, lead = activity.name, asked.leads[activity.id]
    known = asked.known.get(activity.id)
    if known is not None and known[1] == lead and known[0] == name:
        return known[2]
    checks = (_unaware, _contested, _rivals, _unclaimed)
    found = tuple(finding for check in checks for finding in check(asked, activity, row))
    asked.known[activity.id] = name, lead, found
    return found


def _not_done(
    asked: Asked, activity: Activity, row: RowResult | None, health: Mapping[int, Health] | None
) -> Iterator[Finding]:
    """P1. What the poll says of a row ends with a decision on it, what was set by hand does not."""
    if health is not None:
        said = health.get(activity.id, {}).get(Question.DONE)
    else:
        said = Said(median(row.health.get("done", {})), is_poll=True) if row else None
    if said is None or said.answer != "no" or (said.is_poll and activity.id in asked.settled):
        return
    text = f"{activity.name} does not happen today, so who would do it comes second."
    found = asked.says("P1", activity, text, "Decide whether to start before who answers for it.")
    yield found if said.is_poll or said.on is None else replace(found, of=said.on.isoformat())


def _unaware(asked: Asked, activity: Activity, row: RowResult) -> Iterator[Finding]:
    lead = asked.leads[activity.id]
    if lead is None or not is_unaware(row, lead, asked.functions):
        return
    name = asked.names[lead]
    text = f"{name} {asked.words.leads} {activity.name} here and does not think so, so nobody may be driving it."
    yield asked.says("P3", activity, text, f"Hear from {name} first, then settle it together.")


def _contested(asked: Asked, activity: Activity, row: RowResult) -> Iterator[Finding]:
    if not is_contested(row):
        return
    who = f"{len(row.answering)} functions answered and {len(row.roles)} different {asked.words.lead_role}s are named"
    text = f"{who} for {activity.name}, so it is fought over, or each waits for another."
    yield asked.says("P2", activity, text, "Talk about this one first.")


def _rivals(asked: Asked, activity: Activity, row: RowResult) -> Iterator[Finding]:
    names = [asked.names[role] for role in claims(row, asked.functions)]
    if len(names) < 2:
        return
    believe = "both believe" if len(names) == 2 else "all believe"
    text = f"{listed(names)} {believe} that {activity.name} is theirs, so the work may be done twice."
    yield asked.says("P4", activity, text, "Ask what each of them does, then name one.")


def _unclaimed(asked: Asked, activity: Activity, row: RowResult) -> Iterator[Finding]:
    if not is_unclaimed(row):
        return
    text = f"Most people could not say who {asked.words.leads} {activity.name}, so they do not know whom to ask."
    yield asked.says("P5", activity, text, "Settle it, and tell those who work on it.")


def thin(result: Result | None, of: str = "") -> Iterator[Finding]:
    """P6, that too few answered to call it agreement; nothing where there were enough."""
    if result is None or not result.is_thin:
        return
    shown, missing = len(result.shown), result.asked - result.answered
    text = f"{result.answered} of {counted(result.asked, 'person', 'people')} answered the poll"
    if shown < FEWEST:
        text = f"{text}, and {counted(shown, 'function') if shown else 'no function'} can be told apart"
    step = "Hear from those who are missing in the session, or ask again."
    if not missing:
        step = "Hear from more people of each function in the session, or ask more of them."
    yield Finding("P6", RULES["P6"].severity, f"{text}: too few to call it agreement.", step, of=of)
