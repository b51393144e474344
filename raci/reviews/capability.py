"""What each role carries and whether it can: headcount beside duties, and skill and time for what it leads.

A role needs skill and bandwidth, and a deliberate departure with its reason and an end is a good answer: domain.md §5
(2), after Gartner and Forrester's post. C7, and what C6 and C8 gain, are those of domain/checks.md. Where a Lead is
weak or swamped there are options here, and no verdict.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from raci.grid.departures import decisions
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation, Words
from raci.grid.load import leads_in, load
from raci.grid.rules import RULES, Finding
from raci.grid.text import listed

from .agreement import OF_LEAD, Result, RowResult, is_role, median

WEAK = 2  # of 5: up to which a skill, or a lack of time, is spoken of
STRONG = 4
MOST_NAMED = 3  # roles in one sentence
OF_ANSWER = {"yes": 5, "partly": 3, "no": 1}
Ratings = Mapping[str, Mapping[str, Any]]
"""As Evidence keeps them: "activity:role" to skill, time, note, on and by."""


@dataclass(frozen=True, slots=True)
class Rating:
    """Skill or time of a role for an activity, 1 to 5. `is_own` where who fills the role, or an editor, rated it: then
    `on` is when, `by` the id of the account that did, and `note` what it added; otherwise a poll says it."""

    value: int
    is_own: bool
    note: str = ""
    on: date | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """An activity that a role leads, with what is known of its skill and time for it."""

    activity: Activity
    skill: Rating | None
    time: Rating | None

    @property
    def is_weak(self) -> bool:
        return self.skill is not None and self.skill.value <= WEAK

    @property
    def is_stretched(self) -> bool:
        return self.time is not None and self.time.value <= WEAK


@dataclass(frozen=True, slots=True)
class Carried:
    """What one role carries, beside all roles together.

    A duty is a Lead or a delivery, as C8 counts them. `people` is what all headcounts add up to, None unless every role
    has stated its own.
    """

    role: Role
    leads: int
    deliveries: int
    all_leads: int
    all_deliveries: int
    people: int | None
    led: tuple[Led, ...]

    @property
    def share_of_people(self) -> float | None:
        """0 to 1; None where it cannot be told."""
        return _share(self.role.headcount, self.people)

    @property
    def share_of_leads(self) -> float | None:
        return _share(self.leads, self.all_leads)

    @property
    def share_of_deliveries(self) -> float | None:
        return _share(self.deliveries, self.all_deliveries)

    @property
    def is_swamped(self) -> bool:
        """C8: it carries more than twice its share of people."""
        if not self.people or not self.role.headcount:
            return False
        duties = self.all_leads + self.all_deliveries
        return (self.leads + self.deliveries) * self.people > 2 * self.role.headcount * duties


class Way(StrEnum):
    """What can be done where a Lead is weak or swamped."""

    PAIR = "pair"
    SPLIT = "split"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Option:
    """One way, in a sentence; `roles` are the ids of those that come to mind for it, the likeliest first."""

    way: Way
    text: str
    roles: tuple[int, ...] = ()


def capability(grid: Grid, ratings: Ratings, result: Result | None = None) -> tuple[Carried, ...]:
    """What each role carries, in the order of the roles. `ratings` are those of Evidence, `result` the poll's."""
    loads = load(grid)
    stated = [role.headcount for role in grid.roles if role.headcount is not None]
    people = sum(stated) if len(stated) == len(grid.roles) else None
    all_leads, all_deliveries = sum(x.lead for x in loads.values()), sum(x.delivers for x in loads.values())
    led = _led(grid, ratings, result)
    return tuple(
        Carried(
            role, loads[role.id].lead, loads[role.id].delivers, all_leads, all_deliveries, people, tuple(led[role.id])
        )
        for role in grid.roles
    )


def rating_of(ratings: Ratings, result: Result | None, activity: int, role: int) -> tuple[Rating | None, Rating | None]:
    """Skill and time of a role for an activity: its own rating, and where it gave none, what the poll says.

    The poll's is the median of those who named the role: yes is 5, partly 3, no 1.
    """
    own = ratings.get(f"{activity}:{role}", {})
    row = result.rows.get(activity) if result else None
    polled = row.able.get(role, {}) if row else {}
    skill, time = (_rating(own, question, median(polled.get(question, {}))) for question in OF_LEAD)
    return skill, time


def capability_findings(
    grid: Grid,
    ratings: Ratings,
    result: Result | None = None,
    *,
    today: date,
    off: Collection[str] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
    settled: Collection[int] = (),
) -> tuple[Finding, ...]:
    """What C7 says: a role leads what its skill is rated 1 or 2 of 5 for, in the order of the rows.

    Silent where a departure says why that role leads, which is the answer asked for, until it ends; and, as far as the
    poll says it, where the row was decided upon since (`settled`).
    """
    if "C7" in off:
        return ()
    roles, leads = {role.id: role for role in grid.roles}, leads_in(grid)
    found, rated = [], {key.partition(":")[0] for key in ratings}
    for activity in grid.activities:
        heard = None if activity.id in settled or result is None else result.rows.get(activity.id)
        if str(activity.id) not in rated and (heard is None or not _lacks_skill(heard)):
            continue  # which are most rows
        lead = leads[activity.id]
        if lead is None or _is_explained(grid, activity, today):
            continue
        skill, _ = rating_of(ratings, None if activity.id in settled else result, activity.id, lead)
        if skill is not None and skill.value <= WEAK:
            found.append(_weak_lead(activity, roles[lead], skill, notation.words))
    return tuple(found)


def heard_in_poll(
    finding: Finding, grid: Grid, result: Result | None, *, notation: Notation = Notation.LEAD_SUPPORT
) -> Finding:
    """C6 and C8 with a sentence more, where the poll knows something of it; any other finding as it is.

    C6, nobody fills the role: how many of its activities people gave to another role. C8, it is swamped: for how many
    of them people say it lacks the time.
    """
    if result is None or finding.rule not in ("C6", "C8") or finding.role is None:
        return finding
    led = [activity.id for activity in grid.activities if grid.lead(activity.id) == finding.role]
    asked = [activity for activity in led if activity in result.rows]
    if finding.rule == "C6":
        number = sum(_is_given_away(result, activity, finding.role) for activity in asked)
        heard = f"In the poll, most who named a role gave {{}} of {len(asked)} to another."
    else:
        number = sum(_lacks_time(result, activity, finding.role) for activity in asked)
        heard = f"In the poll, it lacks the time for {{}} of {len(asked)} that it {notation.words.leads}."
    return replace(finding, text=f"{finding.text} {heard.format(number)}") if number else finding


def options(
    grid: Grid,
    activity: int,
    ratings: Ratings,
    result: Result | None = None,
    *,
    swamped: Collection[int] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
) -> tuple[Option, ...]:
    """Three ways to help the role that leads an activity, none of them better than the others; none without a Lead.

    They are those of domain/checks.md (C7, C8): pair, split, or lead elsewhere until a day, as a departure. The roles
    that come to mind are those whose skill for it is rated 4 or 5, then those that do or know something of it, the
    deeper involved first. Left out are those rated 1 or 2, those that nobody fills, and those that are `swamped`.
    """
    lead = next((role for role in grid.roles if role.id == grid.lead(activity)), None)
    if lead is None:
        return ()
    row = next(each for each in grid.activities if each.id == activity)
    able = _able(grid, activity, {lead.id, *swamped}, ratings, result)
    names = {role.id: role.name for role in grid.roles}
    likely = [names[role] for role in able[:MOST_NAMED]]
    perhaps = f" {listed(likely)} {'comes' if len(likely) == 1 else 'come'} to mind." if likely else ""
    words = notation.words
    return (
        Option(Way.PAIR, f"Pair: a role that knows this {words.supports} {lead.name} in it.{perhaps}", able),
        Option(Way.SPLIT, f"Split {row.name} in two, and leave {lead.name} the part that it can carry."),
        Option(
            Way.ELSEWHERE,
            f"For now another role {words.leads} {row.name}, until a day that you choose and for a reason that you "
            f"give.{perhaps}",
            able,
        ),
    )


def _led(grid: Grid, ratings: Ratings, result: Result | None) -> dict[int, list[Led]]:
    led: dict[int, list[Led]] = {role.id: [] for role in grid.roles}
    for activity in grid.activities:
        for lead in grid.leads(activity.id):
            led[lead].append(Led(activity, *rating_of(ratings, result, activity.id, lead)))
    return led


def _rating(own: Mapping[str, Any], question: str, polled: str) -> Rating | None:
    if own.get(question):
        on = date.fromisoformat(own["on"]) if own.get("on") else None
        return Rating(own[question], True, own.get("note", ""), on, own.get("by"))
    return Rating(OF_ANSWER[polled], False) if polled else None


def _weak_lead(activity: Activity, role: Role, skill: Rating, words: Words) -> Finding:
    rated = f"its skill is rated {skill.value} of 5" if skill.is_own else "the poll says that it lacks the skill"
    text = f"{role.name} {words.leads} {activity.name} and {rated}, so the work may be uneven or late."
    step = "Pair it, train it, or give the work to another role until a day that you set."
    return Finding("C7", RULES["C7"].severity, text, step, activity.id, role.id)


def _lacks_skill(row: RowResult) -> bool:
    """Whether the poll says of any role that it lacks the skill."""
    lacks: bool | None = row.made.get("lacks skill")
    if lacks is None:
        lacks = row.made["lacks skill"] = any(median(able.get("skill", {})) == "no" for able in row.able.values())
    return lacks


def _is_explained(grid: Grid, activity: Activity, today: date) -> bool:
    """Whether a departure that holds has a reason why another role leads than in its reference."""
    for unit in decisions(grid, activity):
        moves_lead = any(Level.LEAD in (each.theirs, grid.level(activity.id, each.role)) for each in unit)
        if moves_lead and any(each.reason for each in unit) and not any(each.has_ended(today) for each in unit):
            return True
    return False


def _is_given_away(result: Result, activity: int, role: int) -> bool:
    named = {said: n for said, n in result.rows[activity].leads.items() if is_role(said)}
    return 2 * named.get(str(role), 0) < sum(named.values())


def _lacks_time(result: Result, activity: int, role: int) -> bool:
    return median(result.rows[activity].able.get(role, {}).get("time", {})) == "no"


def _able(grid: Grid, activity: int, but: Collection[int], ratings: Ratings, result: Result | None) -> tuple[int, ...]:
    """The roles that could help, the likeliest first."""
    known: list[tuple[bool, int, int, int]] = []
    for place, role in enumerate(grid.roles):
        if role.id in but or role.headcount == 0:
            continue
        skill, _ = rating_of(ratings, result, activity, role.id)
        level = grid.level(activity, role.id)
        is_strong = skill is not None and skill.value >= STRONG
        if (skill is not None and skill.value <= WEAK) or not (is_strong or level in (Level.SUPPORT, Level.CONTRIBUTE)):
            continue
        known.append((not is_strong, -(level.depth if level else 0), place, role.id))
    return tuple(role for *_, role in sorted(known))


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole
