"""What a session talks about, made from evidence and ordered by how badly it needs talk; the rest is agreed.

The order, and where each comes from (the sources are those of domain.md §7 and domain/checks.md):

1. P1, not done: whether it happens comes before who leads it (Forrester's post, the four questions).
2. P3, the Lead does not know (checks.md, "top of agenda"; Beckhard and Harris's responsibility charting: each says yes
   to its part).
3. R2, R1, R3, not exactly one Lead (Gartner: one Lead per activity), and any other error, which would block publishing.
4. P2, contested, by how few agree (SBI's rapid diagnostic: where answers differ is where the friction is).
5. P4, rival claims, and 6. P5, unclaimed (the same).
7. Not quite agreed: no rule speaks, yet not all name the role that leads it (Atlassian's play: compare, then agree).
8. D2, a departure that ended (domain.md §5: a departure has an end date; Gartner and Forrester on capability).
9. E2, rows to confirm (Gartner: review when strategy or culture changes).
10. What earlier sessions left open, and 11. what turned out wrong at the look-back (checks.md: live with it for one or
   two months, then look back).
12. A vital question answered with no: late, done badly, can't lead (Forrester's post).
13. Other warnings, as practitioners read a matrix row by row (track+, Kantor, Burt Cohen, Smith and Erwin).

That the rest is confirmed together, not row by row, is ours: an hour is for what people argue about (Atlassian's play:
each alone first, then compare, then agree).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding, Severity
from raci.grid.text import capitalised
from raci.publishing.upkeep_checks import ToConfirm, row_to_confirm

from .agreement import Result, RowResult, Verdict, verdicts
from .health import Health, vital
from .poll_checks import functions_in

SPLIT, OPEN, WRONG, HEALTH = "split", "open", "wrong", "health"  # reasons that are no rule's

_ORDER = ("P1", "P3", "R2", "R1", "R3", "error", "P2", "P4", "P5", SPLIT, "D2", "E2", OPEN, WRONG, HEALTH, "warn")
_OF_ANSWERS = ("P2", "P3", "P4", "P5")
_PLACE = {rule: place for place, rule in enumerate(_ORDER)}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row needs talk: the id of a rule, or "split", "open", "wrong" or "health", and a sentence; `raci` is that
    sentence in the words of RACI, "" where they are the same."""

    rule: str
    text: str
    raci: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One activity to talk about, with its reasons, the worst first."""

    activity: int
    name: str
    reasons: tuple[Reason, ...]


def agenda(
    grid: Grid,
    *,
    findings: Iterable[Finding],
    result: Result | None = None,
    health: Mapping[int, Health] | None = None,
    settled: Collection[int] = (),
    open_items: Mapping[int, str] | None = None,
    wrong: Mapping[int, str] | None = None,
    raci: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """The rows to talk about, the worst first; of those alike the one with more reasons, then as they stand.

    `findings` are the open ones, P1 to P6 and C7 among them; notes give no reason, nor does what people answered on who
    leads rows in `settled`. `open_items` maps activities to what an earlier session left open, `wrong` to what the
    look-back said of them, each in a sentence. `raci` maps the keys of findings to what they say in the words of RACI.
    """
    reasons: defaultdict[int, list[tuple[int, Reason]]] = defaultdict(list)
    for activity, finding in _on_rows(findings):
        if finding.severity is not Severity.NOTE and not (finding.rule in _OF_ANSWERS and activity in settled):
            reasons[activity].append((_place(finding), _reason(finding, raci or {})))
    split = _split(grid, result, settled) if result else {}
    for kind, told in ((SPLIT, split), (OPEN, open_items), (WRONG, wrong), (HEALTH, _bad(health))):
        for activity, text in (told or {}).items():
            reasons[activity].append((_PLACE[kind], Reason(kind, text)))
    found = [
        (activity, sorted(why, key=lambda pair: pair[0]))
        for activity in grid.activities
        if (why := reasons[activity.id])
    ]
    found.sort(key=lambda pair: (pair[1][0][0], _agreement(result, pair[0].id, pair[1][0][1]), -len(pair[1])))
    return tuple(Row(activity.id, activity.name, _each_once(reason for _, reason in why)) for activity, why in found)


def in_words(reason: Mapping[str, str], notation: Notation) -> str:
    """A reason that was kept (see Item.reasons), in the words of the reader."""
    return (reason.get("raci") if notation is Notation.RACI else "") or reason["text"]


def _on_rows(findings: Iterable[Finding]) -> Iterable[tuple[int, Finding]]:
    """Each finding with its activity. What E2 says of an event is said of each of its rows, once for all events."""
    waiting: defaultdict[int, list[ToConfirm]] = defaultdict(list)
    for finding in findings:
        if isinstance(finding, ToConfirm):
            for row in finding.rows:
                waiting[row].append(finding)
        elif finding.activity is not None:
            yield finding.activity, finding
    for row, events in waiting.items():
        yield row, row_to_confirm(row, events)


def _reason(finding: Finding, raci: Mapping[str, str]) -> Reason:
    said = raci.get(finding.key, "")
    return Reason(finding.rule, finding.text, "" if said == finding.text else said)


def _place(finding: Finding) -> int:
    return _PLACE.get(finding.rule, _PLACE[finding.severity.value])


def _split(grid: Grid, result: Result, settled: Collection[int]) -> dict[int, str]:
    """Activity -> who was named most, where not all named the role that leads and no rule says more of it."""
    functions = functions_in(result, grid)
    found = {}
    for activity in grid.activities:
        row = None if activity.id in settled else result.rows.get(activity.id)
        if row is not None and Verdict.SPLIT in verdicts(row, grid.lead(activity.id), functions):
            found[activity.id] = _most_named(grid, activity.id, row)
    return found


def _most_named(grid: Grid, activity: int, row: RowResult) -> str:
    names = {str(role.id): role.name for role in grid.roles}
    (most, of), first, lead = row.agreeing, next(iter(row.roles)), grid.lead(activity)
    text = f"Not quite agreed: {most} of {of}, asked alone, named {names.get(first, 'a role that is gone')}"
    return f"{text}." if first == str(lead) else f"{text}, and the draft has {names.get(str(lead), 'nobody')}."


def _bad(health: Mapping[int, Health] | None) -> dict[int, str]:
    """Activity -> a vital "no" in a sentence. That it is not done is P1's to say."""
    found = {activity: vital(known) for activity, known in (health or {}).items()}
    return {
        activity: f"{capitalised(sign.word)}."
        for activity, sign in found.items()
        if sign is not None and sign.answer == "no" and sign.question != "done"
    }


def _agreement(result: Result | None, activity: int, worst: Reason) -> float:
    """How few agree on a contested row, 0 to 1; the same for all others."""
    row = result.rows.get(activity) if result and worst.rule == "P2" else None
    most, of = row.agreeing if row else (0, 0)
    return most / of if of else 1.0


def _each_once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))
