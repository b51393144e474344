"""What the checks say about a live matrix: the rules that are on, with what was set aside kept apart."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from raci.grid.checks import Tally, findings, tally
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Notation
from raci.grid.rules import RULES, Finding, Rule, rules_in
from raci.matrices.models import Matrix

from .sources import followed


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one matrix. `aside` pairs each finding that was set aside with the reason given.

    `tally` and `by_activity` count and group the open ones; an activity without any is not in `by_activity`.
    """

    open: tuple[Finding, ...]
    aside: tuple[tuple[Finding, str], ...]
    tally: Tally
    by_activity: dict[int, tuple[Finding, ...]]


def check(matrix: Matrix, grid: Grid, notation: Notation = Notation.LEAD_SUPPORT) -> Checked:
    """What the rules that are on say about `grid`, which is the matrix as it is now, in the words of the reader."""
    opened: list[Finding] = []
    aside: list[tuple[Finding, str]] = []
    found = findings(
        grid, off=matrix.rules_off, notation=notation, reference=followed(matrix), today=timezone.localdate()
    )
    for finding in found:
        reason = matrix.asides.get(finding.key)
        if reason is not None and RULES[finding.rule].waivable:
            aside.append((finding, reason["reason"]))
        else:
            opened.append(finding)
    by_activity: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in opened:
        if finding.activity is not None:
            by_activity[finding.activity].append(finding)
    grouped = {activity: tuple(found) for activity, found in by_activity.items()}
    return Checked(tuple(opened), tuple(aside), tally(opened), grouped)


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as pages print it: with its rule, what it is about, and why it was set aside ("" for an open one)."""

    finding: Finding
    rule: Rule
    activity: Activity | None
    role: Role | None
    reason: str = ""

    @property
    def id(self) -> str:
        """The finding's key as an HTML id."""
        return "f-" + self.finding.key.replace(":", "-").replace("+", "-")


def lines(grid: Grid, found: Iterable[Finding | tuple[Finding, str]], notation: Notation) -> list[Line]:
    """The findings, open ones or those set aside with their reasons, in their order."""
    activities = {activity.id: activity for activity in grid.activities}
    roles = {role.id: role for role in grid.roles}
    rules = rules_in(notation)
    result = []
    for item in found:
        finding, reason = item if isinstance(item, tuple) else (item, "")
        activity, role = activities.get(finding.activity or 0), roles.get(finding.role or 0)
        result.append(Line(finding, rules[finding.rule], activity, role, reason))
    return result
