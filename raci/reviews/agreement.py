"""What a poll's answers say together: counted by function, and read row by row.

A function is a role of the matrix or whatever else somebody works in. Where a poll is by function, nothing is kept that
tells what fewer than three people answered, or a function of fewer than three: `result_of` puts those together before
anything is counted, so that what is kept can be shown, added up and subtracted as anybody likes. That a group was of
one mind shows what each of it said; people are told so before they answer.

The thresholds are those of domain/checks.md (P1 to P6). Asking each function apart and talking where answers differ is
the rapid diagnostic of SBI's article on product responsibilities; the first question, whether the work is done at all,
is that of Forrester's post on who should be responsible for what.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

POOL = "pool"
OTHERS = "Others"
FEWEST = 3  # answers of which something may be shown, and functions of which it is called agreement
NOBODY, UNKNOWN = "nobody", "unknown"
WORST_FIRST = ("no", "partly", "yes")
OF_WORK = ("done", "well", "on_time")
OF_LEAD = ("skill", "time")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person sent. `function` is "role:12" or "other:" with the normalised name of what else they work in.

    `leads` maps activities to the id of a role as text, "nobody" or "unknown", `health` maps them to questions to
    answers; of those that are in neither nothing was said. `name` is what the function is called.
    """

    function: str
    name: str
    role: int | None
    leads: Mapping[int, str]
    health: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class FunctionCount:
    """A function, or several that are shown as one (`key` is then "pool"), and how many of it answered."""

    key: str
    name: str
    role: int | None
    answered: int

    @property
    def is_pool(self) -> bool:
        return self.key == POOL


@dataclass(frozen=True)
class RowResult:
    """What was answered on one activity.

    `votes` maps functions to who leads, as said, to how many said so. `health` maps the questions about the work to
    counts of answers. `able` maps roles that were named to skill and time to the counts of those who named them.
    """

    votes: Mapping[str, Counts]
    health: Mapping[str, Counts]
    able: Mapping[int, Mapping[str, Counts]]

    @cached_property
    def leads(self) -> Counts:
        """Who leads, as said, to how many said so, all functions together; the most often said first."""
        return _together(self.votes.values())

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The functions of which somebody named a role; those that are put together are none."""
        return tuple(key for key, said in self.votes.items() if key != POOL and any(map(is_role, said)))

    @cached_property
    def roles(self) -> Counts:
        """The roles named, as ids in text, by the functions that are shown apart; the most often named first."""
        return {said: n for said, n in _together(self.votes[key] for key in self.named).items() if is_role(said)}

    @property
    def agreeing(self) -> tuple[int, int]:
        """How many of these named the most named role, and how many named any."""
        return max(self.roles.values(), default=0), sum(self.roles.values())


@dataclass(frozen=True)
class Result:
    """A closed poll, counted. `asked` counts all who were asked or came by the link, `answered` those who sent.

    `functions` are those that are shown, the largest first and what is put together last; none where fewer than three
    answered a poll by function. `rows` has every activity that was asked about, or is then empty.
    """

    answered: int
    asked: int
    functions: tuple[FunctionCount, ...]
    rows: Mapping[int, RowResult]

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """The result as `result_of` made it and Poll.result keeps it; that of a poll still open is empty."""
        return cls(
            plain.get("answered", 0),
            plain.get("asked", 0),
            tuple(FunctionCount(**each) for each in plain.get("functions", ())),
            {int(activity): _row(row) for activity, row in plain.get("rows", {}).items()},
        )

    @property
    def shown(self) -> tuple[FunctionCount, ...]:
        """The functions that stand for themselves."""
        return tuple(function for function in self.functions if not function.is_pool)

    @property
    def is_thin(self) -> bool:
        """P6: fewer than three functions answered that can be shown apart, or fewer than half of those asked."""
        return len(self.shown) < FEWEST or 2 * self.answered < self.asked


class Verdict(StrEnum):
    """What the answers on one row come to, the worst first."""

    NOT_DONE = "not-done"
    UNAWARE = "unaware"
    CONTESTED = "contested"
    RIVAL = "rival"
    UNCLAIMED = "unclaimed"
    SPLIT = "split"
    AGREED = "agreed"


def result_of(
    activities: Sequence[int], answered: Sequence[Answered], asked: Mapping[str, int], *, is_named: bool
) -> dict[str, Any]:
    """The answers counted, as plain JSON.

    `asked` maps functions to how many of them were asked, those who never said theirs under "". An activity that
    somebody left out counts as "unknown", so that every row has as many votes as there are answers.

    With names each function is counted. By function those with fewer than three answers are put together (see
    `groups`), the questions about the work are counted over all functions, and a question, or a role's skill or time,
    that fewer than three answered is left out.
    """
    counts = counted_functions(answered)
    shown = counts if is_named else groups(counts)
    fewest = 1 if is_named else FEWEST
    apart = {function.key for function in shown}
    return {
        "answered": len(answered),
        "asked": sum(asked.values()),
        "functions": [asdict(function) for function in shown],
        "rows": {str(activity): _count(activity, answered, apart, fewest) for activity in activities} if shown else {},
    }


def counted_functions(answered: Iterable[Answered]) -> tuple[FunctionCount, ...]:
    """The functions that answered, the largest first, then by name; whoever came first leaves no trace."""
    counts = Counter(each.function for each in answered)
    names = {each.function: (each.name, each.role) for each in sorted(answered, key=lambda each: each.name)}
    return _largest_first(FunctionCount(key, *names[key], n) for key, n in counts.items())


def groups(functions: Iterable[FunctionCount]) -> tuple[FunctionCount, ...]:
    """The functions as a poll by function shows them: apart where three or more answered, the others as one.

    Those put together are at least two functions and three answers: where they would be fewer, the next smallest
    function joins them, since one that stands alone under another name is not hidden. Where that is still not enough,
    nothing is shown; a single function with three answers or more stands for itself.
    """
    by_size = sorted(functions, key=lambda function: (function.answered, function.name, function.key))
    small = [function for function in by_size if function.answered < FEWEST]
    large = by_size[len(small) :]
    while small and large and _size(small) < FEWEST:
        small.append(large.pop(0))
    pooled = (FunctionCount(POOL, OTHERS, None, _size(small)),) if _size(small) >= FEWEST else ()
    return (*_largest_first(large), *pooled)


def verdicts(row: RowResult, lead: int | None, functions: Iterable[FunctionCount]) -> tuple[Verdict, ...]:
    """What the answers on a row come to beside the role that leads it now, the worst first; `AGREED` stands alone.

    All agree where everybody who named somebody named the Lead: not to know is no disagreement, to say "nobody" is.
    They are `SPLIT` where they do not, also where all name one role that does not lead, and no rule speaks.
    """
    told = {
        Verdict.NOT_DONE: median(row.health.get("done", {})) == "no",
        Verdict.UNAWARE: is_unaware(row, lead, functions),
        Verdict.CONTESTED: is_contested(row),
        Verdict.RIVAL: len(claims(row, functions)) >= 2,
        Verdict.UNCLAIMED: is_unclaimed(row),
    }
    found = tuple(verdict for verdict, is_so in told.items() if is_so)
    if found:
        return found
    return (Verdict.AGREED,) if set(row.leads) - {UNKNOWN} == {str(lead)} else (Verdict.SPLIT,)


def is_contested(row: RowResult) -> bool:
    """P2: three functions or more named a role, and fewer than 60 in 100 of their answers that did name the same."""
    most, of = row.agreeing
    return len(row.named) >= FEWEST and 100 * most < 60 * of


def is_unaware(row: RowResult, lead: int | None, functions: Iterable[FunctionCount]) -> bool:
    """P3: of those who answered for the role that leads, more than half did not name it, whatever else they said."""
    own = next((row.votes.get(each.key, {}) for each in functions if each.role is not None and each.role == lead), {})
    return _is_majority(sum(own.values()) - own.get(str(lead), 0), own)


def claims(row: RowResult, functions: Iterable[FunctionCount]) -> tuple[int, ...]:
    """P4, where they are two or more: the roles of whose own answers more than half name themselves."""
    found = []
    for function in functions:
        own = row.votes.get(function.key, {})
        if function.role is not None and _is_majority(own.get(str(function.role), 0), own):
            found.append(function.role)
    return tuple(found)


def is_unclaimed(row: RowResult) -> bool:
    """P5: more than half of all answers are "nobody" or "unknown"."""
    return _is_majority(row.leads.get(NOBODY, 0) + row.leads.get(UNKNOWN, 0), row.leads)


def median(counts: Counts) -> str:
    """The answer in the middle, the worse of two; "" where nobody gave one. P1 is a "no" to whether it is done."""
    given = [answer for answer in WORST_FIRST for _ in range(counts.get(answer, 0))]
    return given[(len(given) - 1) // 2] if given else ""


def is_role(said: str) -> bool:
    """Whether it names a role."""
    return said not in (NOBODY, UNKNOWN)


def _row(plain: Mapping[str, Any]) -> RowResult:
    return RowResult(plain["votes"], plain["health"], {int(role): counts for role, counts in plain["able"].items()})


def _count(activity: int, answered: Iterable[Answered], apart: Collection[str], fewest: int) -> dict[str, Any]:
    votes: dict[str, Counter[str]] = {}
    health: dict[str, Counter[str]] = {}
    able: dict[str, dict[str, Counter[str]]] = {}
    for each in answered:
        said = each.leads.get(activity, UNKNOWN)
        votes.setdefault(each.function if each.function in apart else POOL, Counter())[said] += 1
        if not (told := each.health.get(activity)):
            continue
        _add(health, told, OF_WORK)
        if is_role(said):
            _add(able.setdefault(said, {}), told, OF_LEAD)
    known = {role: _enough(questions, fewest) for role, questions in able.items()}
    return {
        "votes": {key: _sorted(votes[key]) for key in sorted(votes)},
        "health": _enough(health, fewest),
        "able": {role: known[role] for role in sorted(known) if known[role]},
    }


def _add(counts: dict[str, Counter[str]], told: Mapping[str, str], questions: Iterable[str]) -> None:
    for question in questions:
        if answer := told.get(question):
            counts.setdefault(question, Counter())[answer] += 1


def _enough(questions: Mapping[str, Counter[str]], fewest: int) -> dict[str, dict[str, int]]:
    return {
        question: _sorted(questions[question])
        for question in sorted(questions)
        if questions[question].total() >= fewest
    }


def _sorted(counts: Counts) -> dict[str, int]:
    """The most often said first; which was said first leaves no trace."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _together(votes: Iterable[Counts]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in votes:
        total.update(counts)
    return _sorted(total)


def _largest_first(functions: Iterable[FunctionCount]) -> tuple[FunctionCount, ...]:
    return tuple(sorted(functions, key=lambda function: (-function.answered, function.name, function.key)))


def _size(functions: Iterable[FunctionCount]) -> int:
    return sum(function.answered for function in functions)


def _is_majority(count: int, of: Counts) -> bool:
    return 2 * count > sum(of.values())
