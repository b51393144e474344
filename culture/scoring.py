"""What the answers of an assessment come to: the counts, the nearest culture, and each function. Plain values only.

The rules, each on its own:

- The whole is every answer given, those for "none of these fits" too. First choices are counted a culture; "none fits"
  counts for no culture and is told beside them.
- Second choices are told, and decide only the order of cultures that have as many first choices. They never add to a
  count, and never make one culture the nearest where two are about as near.
- Where more answers say that none fits than chose the culture chosen most, none is the nearest.
- Two cultures are about as near where they differ by at most an eighth of the whole. Then none is the nearest. A
  culture nobody chose first is never one of them: the first would have too few itself, and "none fits" more.
- The top of a function is the culture most chose in it, second choices deciding between equals. It has none where they
  decide nothing either, and where more people found none fitting than chose any one culture.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from .catalogue import CULTURES
from .entries import Function

REACH = 8  # two cultures are about as near where their difference is at most the whole divided by this


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the key of the culture that fits best, None for none of them, and that of one that fits as well."""

    first: str | None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who answered. `group` is the function they work in, as they said it; `answers` may lack functions."""

    id: int
    name: str
    group: str
    answers: Mapping[Function, Choice]


class State(Enum):
    """What the answers allow to be said."""

    UNANSWERED = "unanswered"
    NONE_FITS = "none fits"  # there are answers, and in every one of them none fitted
    MOSTLY_NONE = "mostly none"  # more of them found none fitting than chose any one culture
    NEAR_TIE = "near tie"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a culture was chosen first, and how often second."""

    culture: str
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class FunctionScore:
    """One function: `chose` maps each culture, and None for none of them, to the people, in the order they were given.

    `tops` are the cultures chosen most, several where neither first nor second choices decide; None alone stands for
    "none fits" where more found so, and there is none without an answer. `agreement` is the size of the largest group
    of like answers, `answers` its whole.
    """

    function: Function
    chose: Mapping[str | None, tuple[Respondent, ...]]
    seconds: Mapping[str, int]
    tops: tuple[str | None, ...]
    agreement: int
    answers: int
    unlike: bool

    @property
    def top(self) -> str | None:
        """The culture chosen most, None where no single one is."""
        return self.tops[0] if len(self.tops) == 1 else None

    @property
    def none(self) -> tuple[Respondent, ...]:
        """Those who found none fitting."""
        return self.chose[None]


@dataclass(frozen=True, slots=True)
class Score:
    """What all answers come to. `tallies` begin with the culture chosen most; `nearest` is None in every other state.

    `respondents` are those who gave at least one answer. `functions` stand in the order they are asked.
    """

    respondents: tuple[Respondent, ...]
    answers: int
    none: int
    tallies: tuple[Tally, ...]
    state: State
    nearest: str | None
    functions: tuple[FunctionScore, ...]

    def tally(self, culture: str) -> Tally:
        return next(tally for tally in self.tallies if tally.culture == culture)

    @property
    def contenders(self) -> tuple[str, ...]:
        """In a near tie the cultures within reach of the first, itself included: two or three. Otherwise none."""
        if self.state is not State.NEAR_TIE:
            return ()
        most = self.tallies[0].first
        return tuple(tally.culture for tally in self.tallies if is_within_reach(most, tally.first, self.answers))

    @property
    def leaning(self) -> str | None:
        """Which of the contenders has the most second choices, None where no single one has."""
        return _most({culture: self.tally(culture).second for culture in self.contenders})

    @property
    def unlike(self) -> tuple[FunctionScore, ...]:
        """The functions whose top is another culture than the nearest."""
        return tuple(function for function in self.functions if function.unlike)

    @property
    def is_confused_with_product_led(self) -> bool:
        """Whether the word "product-led" is likely to stand in the way: between market and technology, or none fits."""
        return self.none > 0 or {"market", "technology"} <= set(self.contenders)


def score(respondents: Sequence[Respondent]) -> Score:
    """What these people's answers come to; those without an answer are left out."""
    answered = tuple(one for one in respondents if one.answers)
    choices = [choice for one in answered for choice in one.answers.values()]
    state, tallies = standing(choices)
    nearest = tallies[0].culture if state is State.NEAREST else None
    return Score(
        respondents=answered,
        answers=len(choices),
        none=sum(choice.first is None for choice in choices),
        tallies=tallies,
        state=state,
        nearest=nearest,
        functions=tuple(_function(function, answered, nearest) for function in Function),
    )


def standing(choices: Sequence[Choice]) -> tuple[State, tuple[Tally, ...]]:
    """How the cultures stand, the one chosen most first, and what that allows to be said."""
    firsts, seconds = Counter(choice.first for choice in choices), _seconds(choices)
    tallies = tuple(
        Tally(culture, firsts[culture], seconds[culture])
        for culture in sorted(CULTURES, key=lambda key: (-firsts[key], -seconds[key]))
    )
    return _state(tallies, firsts[None], len(choices)), tallies


def is_within_reach(more: int, fewer: int, answers: int) -> bool:
    """Whether two counts differ by at most an eighth of the answers given."""
    return (more - fewer) * REACH <= answers


def _state(tallies: tuple[Tally, ...], none: int, answers: int) -> State:
    first, second, *_ = tallies
    if not answers:
        return State.UNANSWERED
    if not first.first:
        return State.NONE_FITS
    if none > first.first:
        return State.MOSTLY_NONE
    return State.NEAR_TIE if is_within_reach(first.first, second.first, answers) else State.NEAREST


def _function(function: Function, answered: tuple[Respondent, ...], nearest: str | None) -> FunctionScore:
    groups: defaultdict[str | None, list[Respondent]] = defaultdict(list)
    for one in answered:
        if function in one.answers:
            groups[one.answers[function].first].append(one)
    seconds = _seconds(one.answers[function] for group in groups.values() for one in group)
    chose = {culture: tuple(groups[culture]) for culture in (*CULTURES, None)}
    tops = _tops(chose, seconds)
    return FunctionScore(
        function=function,
        chose=chose,
        seconds={culture: seconds[culture] for culture in CULTURES},
        tops=tops,
        agreement=max(len(group) for group in chose.values()),
        answers=sum(len(group) for group in chose.values()),
        unlike=nearest is not None and len(tops) == 1 and tops[0] not in (None, nearest),
    )


def _tops(chose: Mapping[str | None, tuple[Respondent, ...]], seconds: Mapping[str, int]) -> tuple[str | None, ...]:
    most = max(len(chose[culture]) for culture in CULTURES)
    if len(chose[None]) > most:
        return (None,)
    if not most:
        return ()
    first = tuple(culture for culture in CULTURES if len(chose[culture]) == most)
    decided = _most({culture: seconds[culture] for culture in first})
    return (decided,) if decided else first


def _seconds(choices: Iterable[Choice]) -> Counter[str]:
    """How often each culture stands second. Beside itself, or beside "none fits", a second choice says nothing."""
    return Counter(c.second for c in choices if c.second is not None and c.first not in (None, c.second))


def _most(counts: Mapping[str, int]) -> str | None:
    """The key with the largest count, None where two share it or nothing was counted."""
    most = max(counts.values(), default=0)
    found = [key for key, count in counts.items() if count == most]
    return found[0] if most and len(found) == 1 else None
