"""Who people think leads an activity, as pages print it: each answer with how many gave it, and what that comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from raci.grid.levels import Notation
from raci.grid.rules import rules_in
from raci.grid.text import capitalised, counted
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
_MILD = {Verdict.AGREED: ("All agree", "ok"), Verdict.SPLIT: ("Not quite agreed", "note")}
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


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
    """What was answered on one activity, the most often given first, "nobody" and "don't know" last."""
    total = sum(row.leads.values()) or 1
    said = sorted(row.leads.items(), key=lambda pair: (not is_role(pair[0]), pair[0] == UNKNOWN, -pair[1]))
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
        for answer, count in said
    ]


def said_name(said: str, names: Mapping[int, str]) -> str:
    """An answer in words: the name of the role, “Nobody” or “Don’t know”."""
    return names.get(int(said), GONE) if is_role(said) else _SAID[said]


def sentence(row: RowResult, names: Mapping[int, str], notation: Notation) -> str:
    """What was answered, in a sentence."""
    leads = row.leads
    total, roles = sum(leads.values()), [said for said in leads if is_role(said)]
    if not roles:
        return f"None of the {counted(total, 'person', 'people')} asked could name a role."
    if len(roles) > 1:
        people = capitalised(_small(total))
        return f"{people} people, asked alone, named {_small(len(roles))} different roles."
    count, name = leads[roles[0]], said_name(roles[0], names)
    says = f"{'says' if count == 1 else 'say'} that {name} {notation.words.leads} it."
    if count < total:
        return f"{capitalised(_small(count))} of {_small(total)} {says}"
    everybody = {1: "The one who answered", 2: "Both"}.get(total, f"All {_small(total)}")
    return f"{everybody} {says}"


def named(verdict: Verdict, notation: Notation) -> Named:
    """A verdict in the words of the reader: that of its rule, where it has one."""
    rule = _RULES.get(verdict)
    return Named(verdict, rules_in(notation)[rule].name, "warn") if rule else Named(verdict, *_MILD[verdict])


def _small(number: int) -> str:
    return _SMALL[number] if number < len(_SMALL) else f"{number:,}"
