"""What a poll's answers say together: counted by function, and read row by row.

A function is a role of the matrix or whatever else somebody works in. Where a poll is by function, nothing is kept that
tells what fewer than three people answered, or a function of fewer than three: `result_of` puts those together before
anything is counted, so that what is kept can be shown, added up and subtracted as anybody likes. That a group was of
one mind shows what each of it said; people are told so before they answer.

Whoever has the link of a poll can answer it more than once, so where it is by function only those count towards three
who were asked each by themselves, and members: answers that came by the link alone hide nobody among them, and two of
them beside one person are no crowd. They stand with the others that are put together.

What somebody left out is an answer nowhere in a poll with names. By function it counts as "unknown", so that every row
has as many votes, and a small function cannot be told apart by who is missing on a row.

The thresholds are those of domain/checks.md (P1 to P6). Asking each function apart and talking where answers differ is
the rapid diagnostic of SBI's article on product responsibilities; the first question, whether the work is done at all,
is that of Forrester's post on who should be responsible for what.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

POOL = "pool"
OTHERS = "Others"
FEWEST = 3  # answers of which something may be shown, and functions of which it is called agreement
NOBODY, UNKNOWN = "nobody", "unknown"
WORST_FIRST = ("no", "partly", "yes")
OF_WORK = ("done", "well", "on_time")
OF_LEAD = ("skill", "time")  # asked of the role that leads, or that somebody named

Counts = Mapping[str, int]
_Given = tuple[str, bool]  # an answer, and whether it is of somebody who is known


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person sent. `function` is "role:12" or "other:" with the normalised name of what else they work in.

    `leads` maps activities to the id of a role as text, "nobody" or "unknown", `health` maps them to questions to
    answers; of those that are in neither nothing was said. `name` is what the function is called. `is_known` says that
    they are a member or were asked by name or address, not only somebody who came by the link of the poll.
    """

    function: str
    name: str
    role: int | None
    leads: Mapping[int, str]
    health: Mapping[int, Mapping[str, str]]
    is_known: bool = True


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

    `votes` maps functions to who leads, as said, to how many said so; `left` are those who left it out and count in
    none of them. `health` maps the questions about the work to counts of answers. `able` maps roles that were named to
    skill and time to the counts of those who named them.
    """

    votes: Mapping[str, Counts]
    health: Mapping[str, Counts]
    able: Mapping[int, Mapping[str, Counts]]
    left: int = 0

    @cached_property
    def leads(self) -> Counts:
        """Who leads, as said, to how many said so, all functions together; the most often said first."""
        return _together(self.votes.values())

    @property
    def answering(self) -> tuple[str, ...]:
        """The functions that gave an answer, whichever; those that are put together are none."""
        return tuple(key for key, said in self.votes.items() if key != POOL and said)

    @cached_property
    def roles(self) -> Counts:
        """The roles named, as ids in text, all functions together; the most often named first."""
        return {said: n for said, n in self.leads.items() if is_role(said)}

    @cached_property
    def made(self) -> dict[Hashable, Any]:
        """What others made of it, which never changes either: for them to look up and to add to."""
        return {}

    @property
    def agreeing(self) -> tuple[int, int]:
        """How many named the most named role, and how many answered, whatever they said."""
        return max(self.roles.values(), default=0), sum(self.leads.values())


@dataclass(frozen=True)
class Result:
    """A closed poll, counted. `asked` counts all who were asked or came by the link, `answered` those who sent.

    `functions` are those that are shown, the largest first and what is put together last; none where fewer than three
    answered a poll by function. `rows` has every activity that was asked about, or is then empty. `leads` maps
    activities to the role that led them when it was closed, None for none, and `heirs` maps roles that were merged by
    then to those they were in; counting.py adds both.
    """

    answered: int
    asked: int
    functions: tuple[FunctionCount, ...]
    rows: Mapping[int, RowResult]
    leads: Mapping[int, int | None] = field(default_factory=dict)
    heirs: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def made(self) -> dict[Hashable, Any]:
        """The same as that of a row, of the whole."""
        return {}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """The result as `result_of` made it and Poll.result keeps it; that of a poll still open is empty."""
        return cls(
            plain.get("answered", 0),
            plain.get("asked", 0),
            tuple(FunctionCount(**each) for each in plain.get("functions", ())),
            {int(activity): _row(row) for activity, row in plain.get("rows", {}).items()},
            {int(activity): lead for activity, lead in plain.get("leads", {}).items()},
            {int(role): heir for role, heir in plain.get("heirs", {}).items()},
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
    UNANSWERED = "unanswered"
    AGREED = "agreed"


def result_of(
    activities: Sequence[int], answered: Sequence[Answered], asked: Mapping[str, int], *, is_named: bool
) -> dict[str, Any]:
    """The answers counted, as plain JSON.

    `asked` maps functions to how many of them were asked, those who never said theirs under "".

    With names each function is counted, and an activity that somebody left out has no vote of theirs. By function it
    has one for "unknown", so that every row has as many votes as there are answers; those with fewer than three answers
    are put together (see `groups`), the questions about the work are counted over all functions, and a question, or a
    role's skill or time, that fewer than three answered is left out. Where fewer than three who are known answered at
    all, they are left out, for nobody is there to hide them.
    """
    counted = answered if is_named else hidden_well(answered)
    counts = counted_functions(counted)
    known = Counter(each.function for each in counted if each.is_known)
    shown = counts if is_named else groups(counts, known)
    apart = {function.key for function in shown}
    rows = activities if shown else ()
    return {
        "answered": len(answered),
        "asked": sum(asked.values()),
        "functions": [asdict(function) for function in shown],
        "rows": {str(activity): _count(activity, counted, apart, is_named) for activity in rows},
    }


def counted_functions(answered: Iterable[Answered]) -> tuple[FunctionCount, ...]:
    """The functions that answered, the largest first, then by name; whoever came first leaves no trace."""
    counts = Counter(each.function for each in answered)
    names = {each.function: (each.name, each.role) for each in sorted(answered, key=lambda each: each.name)}
    return _largest_first(FunctionCount(key, *names[key], n) for key, n in counts.items())


def hidden_well(answered: Sequence[Answered]) -> Sequence[Answered]:
    """Those of whom something may be shown by function: all of them, but for fewer than three who are known."""
    known = sum(each.is_known for each in answered)
    return answered if is_crowd(len(answered), known) else [each for each in answered if not each.is_known]


def is_crowd(number: int, known: int) -> bool:
    """Whether so many answers hide each other: three at least, and of those who are known three or none."""
    return number >= FEWEST and (known == 0 or known >= FEWEST)


def groups(functions: Iterable[FunctionCount], known: Mapping[str, int] | None = None) -> tuple[FunctionCount, ...]:
    """The functions as a poll by function shows them: apart where three or more answered who are known, the others as
    one. `known` maps functions to how many of their answers are of such; without it all are.

    Those put together are a crowd (see `is_crowd`): where they would be none, the next smallest function joins them,
    since one that stands alone under another name is not hidden. Where that is still not enough, nothing is shown; a
    single function with three answers or more stands for itself.
    """
    functions = tuple(functions)
    known = {function.key: function.answered for function in functions} if known is None else known
    by_size = sorted(functions, key=lambda each: (known.get(each.key, 0), each.answered, each.name, each.key))
    small = [function for function in by_size if known.get(function.key, 0) < FEWEST]
    large = by_size[len(small) :]
    while small and large and not _hides(small, known):
        small.append(large.pop(0))
    pooled = (FunctionCount(POOL, OTHERS, None, _size(small)),) if _hides(small, known) else ()
    return (*_largest_first(large), *pooled)


def verdicts(row: RowResult, lead: int | None, functions: Iterable[FunctionCount]) -> tuple[Verdict, ...]:
    """What the answers on a row come to beside the role that leads it now, the worst first; `AGREED` stands alone.

    All agree where everybody who named somebody named the Lead: not to know is no disagreement, to say "nobody" is.
    They are `SPLIT` where they do not, also where all name one role that does not lead, and no rule speaks; where
    nobody answered, the row is `UNANSWERED`.
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
    if not row.leads:
        return (Verdict.UNANSWERED,)
    return (Verdict.AGREED,) if set(row.leads) - {UNKNOWN} == {str(lead)} else (Verdict.SPLIT,)


def is_contested(row: RowResult) -> bool:
    """P2: three functions or more answered, fewer than 60 in 100 of all answers name the most named role, and two roles
    at least are named. Not to know, and to say "nobody", are answers."""
    most, of = row.agreeing
    return len(row.answering) >= FEWEST and 100 * most < 60 * of and len(row.roles) >= 2


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
    able = {int(role): counts for role, counts in plain["able"].items()}
    return RowResult(plain["votes"], plain["health"], able, plain.get("left", 0))


def _count(activity: int, answered: Iterable[Answered], apart: Collection[str], is_named: bool) -> dict[str, Any]:
    votes: dict[str, Counter[str]] = {}
    health: dict[str, list[_Given]] = {}
    able: dict[str, dict[str, list[_Given]]] = {}
    left = 0
    for each in answered:
        said = each.leads.get(activity, "" if is_named else UNKNOWN)
        if not said:
            left += 1
            continue
        votes.setdefault(each.function if each.function in apart else POOL, Counter())[said] += 1
        if not (told := each.health.get(activity)):
            continue
        _add(health, told, OF_WORK, each)
        if is_role(said):
            _add(able.setdefault(said, {}), told, OF_LEAD, each)
    enough = {role: _enough(questions, is_named=is_named) for role, questions in able.items()}
    return {
        "votes": {key: _sorted(votes[key]) for key in sorted(votes)},
        "health": _enough(health, is_named=is_named),
        "able": {role: enough[role] for role in sorted(enough) if enough[role]},
        "left": left,
    }


def _add(counts: dict[str, list[_Given]], told: Mapping[str, str], questions: Iterable[str], by: Answered) -> None:
    for question in questions:
        if answer := told.get(question):
            counts.setdefault(question, []).append((answer, by.is_known))


def _enough(questions: Mapping[str, Sequence[_Given]], *, is_named: bool) -> dict[str, dict[str, int]]:
    return {
        question: _sorted(Counter(answer for answer, _ in questions[question]))
        for question in sorted(questions)
        if is_named or is_crowd(len(questions[question]), sum(is_known for _, is_known in questions[question]))
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


def _hides(functions: Sequence[FunctionCount], known: Mapping[str, int]) -> bool:
    return is_crowd(_size(functions), sum(known.get(function.key, 0) for function in functions))


def _size(functions: Iterable[FunctionCount]) -> int:
    return sum(function.answered for function in functions)


def _is_majority(count: int, of: Counts) -> bool:
    return 2 * count > sum(of.values())
