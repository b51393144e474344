"""What the result of an assessment says, in sentences. Counts come with their whole; a near tie recommends nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from culture.functions import catalogue, functions
from culture.references import known_references
from culture.scoring import FunctionScore, Score, State, Tally
from raci.grid.diff import diff
from raci.grid.text import capitalised, counted, listed

_LED_BY = {"technology": "your technology", "sales": "sales", "market": "your market"}


@dataclass(frozen=True, slots=True)
class Part:
    """A few sentences under a heading."""

    title: str
    sentences: tuple[str, ...]


def culture_name(key: str) -> str:
    """As it begins a line: Market-led."""
    return next(culture.name for culture in catalogue().cultures if culture.key == key)


def led(key: str) -> str:
    """As it stands in a sentence: market-led."""
    return culture_name(key).lower()


def headline(score: Score) -> str:
    match score.state:
        case State.UNANSWERED:
            return "Nobody has answered yet"
        case State.NONE_FITS:
            return "None of the three describes you"
        case State.MOSTLY_NONE:
            return f"In {score.none:,} of {score.answers:,} answers none of the three fits"
        case State.NEAR_TIE:
            return f"You stand between {listed([led(culture) for culture in score.contenders])}"
        case State.NEAREST:
            first = score.tallies[0]
            if first.first * 2 > score.answers:
                return f"You are mostly led by {_LED_BY[first.culture]}"
            return f"You are nearest to {led(first.culture)}"


def lede(score: Score) -> str:
    match score.state:
        case State.UNANSWERED:
            return "The result stands here as soon as somebody has answered a question."
        case State.NONE_FITS:
            each = "the one answer" if score.answers == 1 else f"all {score.answers:,} answers"
            return f"In {each} none of the descriptions fitted, so there is no culture to recommend."
        case State.MOSTLY_NONE:
            return " ".join([_mostly_none_lede(score), *_unanswered(score)])
        case State.NEAR_TIE:
            close = f"{_counts(score, score.contenders)}: too close to recommend one. Look at where they part."
            return " ".join([close, *_none(score), *_unanswered(score)])
        case State.NEAREST:
            return " ".join(_nearest_lede(score))


def parts(score: Score) -> tuple[Part, ...]:
    """The sentences beside the counts."""
    match score.state:
        case State.UNANSWERED:
            return ()
        case State.NONE_FITS:
            return (Part("What you can do", _NONE_FITS),)
        case State.MOSTLY_NONE:
            return (
                Part("What you can do", _NONE_FITS),
                Part("Where one fits, and where none does", tuple(_pointing(score))),
            )
        case State.NEAR_TIE:
            return tuple(_tie_parts(score))
        case State.NEAREST:
            return tuple(_nearest_parts(score))


def seconds(count: int) -> str:
    return f"{count:,} second choice{'' if count == 1 else 's'}" if count else ""


def differing(cultures: Sequence[str], keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of these activities: those the references of these cultures, two or more, do not all give to the same
    Lead, and the others."""
    first, *others = (known_references()[culture].grid for culture in cultures)
    moved = {move.activity_a for other in others for move in diff(first, other).lead_moves}
    wanted = set(keys)
    rows = [activity for activity in first.activities if activity.origin in wanted]
    return [row.name for row in rows if row.id in moved], [row.name for row in rows if row.id not in moved]


_NONE_FITS = (
    "Look at the functions one by one: say in your own words how you work, and where you would like to be.",
    "Then start from the reference whose Leads come nearest to your own, whatever it is called.",
)


def _mostly_none_lede(score: Score) -> str:
    most = [tally for tally in score.tallies if tally.first == score.tallies[0].first]
    counts = [f"{led(tally.culture)} has {tally.first:,} of {score.answers:,}" for tally in most]
    return (
        f"{score.none:,} of {score.answers:,} answers say that none fits, more than chose any one culture: "
        f"{listed(counts)}. So there is no culture to recommend."
    )


def _nearest_lede(score: Score) -> Iterable[str]:
    start = f"Start from the {led(score.tallies[0].culture)} reference"
    unlike = [functions()[one.function].otherwise[one.top] for one in score.unlike if one.top]
    if unlike:
        those = {1: "that one", 2: "those two", 3: "those three"}.get(len(unlike), "those")
        yield f"Except in {', and in '.join(unlike)}. {start} and look closely at {those}."
    else:
        if all(one.top == score.nearest for one in score.functions):
            yield "Every function points the same way."
        yield from _undecided(score)
        yield f"{start}."
    yield from _none(score)
    yield from _unanswered(score)


def _none(score: Score) -> Iterable[str]:
    """How many of all answers found none fitting, where any did."""
    if score.none:
        yield f"In {score.none:,} of {score.answers:,} answers none fitted."


def _unanswered(score: Score) -> Iterable[str]:
    """How many questions have an answer, unless all have."""
    answered, whole = sum(one.answers > 0 for one in score.functions), len(score.functions)
    if answered < whole:
        yield f"Only {answered} of the {whole} questions {'has' if answered == 1 else 'have'} an answer."


def _nearest_parts(score: Score) -> Iterable[Part]:
    nearest = next(culture for culture in catalogue().cultures if culture.key == score.nearest)
    yield Part("Its danger", (nearest.danger,))
    if score.unlike:
        yield Part("Where you are otherwise", tuple(_otherwise(score)))
    yield Part("It suits", (f"{listed([nearest.suits[0], *(_lower(line) for line in nearest.suits[1:])])}.",))


def _otherwise(score: Score) -> Iterable[str]:
    """Each function unlike the rest, then the activities all of them touch, those with another Lead first."""
    moved: list[str] = []
    others: list[str] = []
    for one in score.unlike:
        if one.top is not None and score.nearest is not None:
            yield _seen(one, one.top)
            found, rest = differing((score.nearest, one.top), functions()[one.function].activities)
            moved += found
            others += rest
    moved, others = _once(moved), [name for name in _once(others) if name not in moved]
    if moved:
        leads = "its Lead differs" if len(moved) == 1 else "their Leads differ"
        yield f"Talk about {listed(moved)} first: {leads} between the references."
    if others:
        yield f"With the same Lead either way: {listed(others)}."


def _seen(one: FunctionScore, top: str) -> str:
    count, subject = len(one.chose[top]), functions()[one.function].subject
    sees = "sees" if count == 1 else "see"
    level = [culture for culture, people in one.chose.items() if culture and len(people) == count and culture != top]
    decided = f", as many as {listed([led(key) for key in level])}; second choices decide" if level else ""
    return f"{count:,} of {one.answers:,} {sees} {subject} as {led(top)}{decided}."


def _tie_parts(score: Score) -> Iterable[Part]:
    firsts = [score.tally(culture).first for culture in score.contenders]
    apart, are_two = max(firsts) - min(firsts), len(firsts) == 2
    close = f"{'Both' if are_two else 'All three'} have the same number of answers"
    if apart:
        close = f"They are {'' if are_two else 'at most '}{counted(apart, 'answer')} apart"
    yield Part(
        "Why no recommendation",
        (f"{close}; up to an eighth of the {counted(score.answers, 'answer')} given is too little to choose by.",),
    )
    yield Part("What to look at", (*_pointing(score), *_parting(score)))
    if any(score.tally(culture).second for culture in score.contenders):
        yield Part("What else would fit", tuple(_leaning(score)))


def _pointing(score: Score) -> Iterable[str]:
    """Which functions point where."""
    for tally in score.tallies:
        subjects = [functions()[one.function].subject for one in score.functions if one.top == tally.culture]
        if subjects:
            points = "points" if len(subjects) == 1 else "point"
            yield f"{capitalised(listed(subjects))} {points} to {led(tally.culture)}."
    yield from _undecided(score)


def _undecided(score: Score) -> Iterable[str]:
    """What stands in the functions in which no one culture was chosen most."""
    for one in score.functions:
        subject, tops = functions()[one.function].subject, [key for key in one.tops if key]
        if one.answers and not tops:
            yield f"In {subject} {len(one.none):,} of {one.answers:,} found none fitting."
        elif len(tops) > 1:
            yield f"{capitalised(subject)} is split between {listed([led(key) for key in tops])}."


def _parting(score: Score) -> Iterable[str]:
    """Where the references of those about as near part, over all activities."""
    keys = [activity.key for activity in catalogue().activities if activity.in_references]
    moved, _ = differing(score.contenders, keys)
    references = capitalised(listed([f"the {led(culture)}" for culture in score.contenders]))
    yield f"{references} reference give {len(moved)} of {len(keys)} activities to different Leads: {listed(moved)}."


def _leaning(score: Score) -> Iterable[str]:
    total = sum(tally.second for tally in score.tallies)
    shares = [f"{led(culture)} has {score.tally(culture).second}" for culture in score.contenders]
    yield f"Of {seconds(total)}, {listed(shares)}."
    if score.leaning:
        yield f"That leans to {led(score.leaning)}, and decides nothing."
    else:
        yield "That leans to none of them."


def _counts(score: Score, cultures: Sequence[str]) -> str:
    first, *others = (score.tally(culture) for culture in cultures)
    rest = [_count(score, tally) for tally in others]
    points = "points" if first.first == 1 else "point"
    return f"{first.first:,} of {score.answers:,} answers {points} to {led(first.culture)}, {listed(rest)}"


def _count(score: Score, tally: Tally) -> str:
    return f"{tally.first:,} of {score.answers:,} to {led(tally.culture)}"


def _once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
