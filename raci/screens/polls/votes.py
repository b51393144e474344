"""Who people think leads an activity, as pages print it: each answer with how many gave it, and what that comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from raci.grid.levels import Notation
from raci.grid.rules import rules_in
from raci.grid.text import capitalised
from raci.reviews.agreement import NOBODY, UNKNOWN, FunctionCount, RowResult, Verdict, is_role

GONE = "A role that is gone"
_SAID = {NOBODY: "Nobody", UNKNOWN: "Don’t know"}
_RULES = {
    Verdict.NOT_DONE: "P1",
    Verdict.UNAWARE: "P3",
    Verdict.CONTESTED: "P2",
    Verdict.RIVAL: "P4",
    Verdict.UNCLAIMED: "P5",
}
_MILD = {
    Verdict.AGREED: ("All agree", "ok"),
    Verdict.SPLIT: ("Not quite agreed", "note"),
    Verdict.UNANSWERED: ("Not answered", "note"),
}
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Named:
    """A verdict in words; `kind` is warn, note or ok."""

    verdict: Verdict
    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer and how many gave it, `length` in a hundred of all. `of` pairs each function, by its name, with how
    many of it did; `names` are people who did, as far as they are named, and `more` how many are not. `is_lead` says
    that this role leads now."""

    said: str
    name: str
    count: int
    length: int
    of: tuple[tuple[str, int], ...]
    is_lead: bool
    names: tuple[str, ...] = ()
    more: int = 0


def votes_of(
    row: RowResult, functions: Sequence[FunctionCount], names: Mapping[int, str], lead: int | None
) -> list[Vote]:
    """What was answered on one activity, the most often given first, "nobody" and "don't know" last. The role that
    leads is always among it."""
    total = sum(row.leads.values()) or 1
    return [
        Vote(
            said=answer,
            name=said_name(answer, names),
            count=count,
            length=round(100 * count / total),
            of=tuple(
                (each.name, row.votes[each.key][answer])
                for each in functions
                if row.votes.get(each.key, {}).get(answer)
            ),
            is_lead=lead is not None and answer == str(lead),
        )
        for answer, count in said_on(row, lead)
    ]


def said_on(row: RowResult, lead: int | None) -> list[tuple[str, int]]:
    """Each answer with how many gave it, in the order of `votes_of`; the role that leads also where nobody named it."""
    counts = {str(lead): 0, **row.leads} if lead is not None else row.leads
    return sorted(counts.items(), key=lambda pair: (not is_role(pair[0]), pair[0] == UNKNOWN, -pair[1]))


def said_name(said: str, names: Mapping[int, str]) -> str:
    """An answer in words: the name of the role, “Nobody” or “Don’t know”."""
    return names.get(int(said), GONE) if is_role(said) else _SAID[said]


def sentence(row: RowResult, names: Mapping[int, str]) -> str:
    """What was answered on one activity; the same wherever it is read.

    “Two of three, asked alone, named two different roles.” “One of nine named a role: Sales.” “All six named Sales.”
    """
    total, sure, roles = sum(row.leads.values()), sum(row.roles.values()), list(row.roles)
    if not total:
        said = "Nobody answered this one."
    elif not roles:
        said = {1: "The one who answered named no role.", 2: "Neither of two named a role."}.get(
            total, f"None of {_small(total)} named a role."
        )
    elif len(roles) > 1:
        who = f"{_small(total)} people" if sure == total else f"{_small(sure)} of {_small(total)}"
        said = f"{capitalised(who)}, asked alone, named {_small(len(roles))} different roles."
    elif sure == total:
        said = f"{_everybody(total)} named {_role(roles[0], names)}."
    else:
        what = "a role" if sure == 1 else "the same role"
        said = f"{capitalised(_small(sure))} of {_small(total)} named {what}: {_role(roles[0], names)}."
    return f"{said} {capitalised(_small(row.left))} left it out." if row.left else said


def named(verdict: Verdict, notation: Notation) -> Named:
    """A verdict in the words of the reader: that of its rule, where it has one."""
    rule = _RULES.get(verdict)
    return Named(verdict, rules_in(notation)[rule].name, "warn") if rule else Named(verdict, *_MILD[verdict])


def _everybody(number: int) -> str:
    return {1: "The one who answered", 2: "Both"}.get(number, f"All {_small(number)}")


def _role(said: str, names: Mapping[int, str]) -> str:
    return names.get(int(said), "a role that is gone")


def _small(number: int) -> str:
    return _SMALL[number] if number < len(_SMALL) else f"{number:,}"
