"""What the result of an assessment says, in sentences. Counts come with their whole; a near tie recommends nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from culture.functions import catalogue, functions
from culture.scoring import FunctionScore, Score, State, Tally
from raci.grid.diff import diff
from raci.grid.text import counted, listed

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
        case State.NEAR_TIE:
            return f"You stand between {listed([led(culture) for culture in score.contenders])}"
        case State.NEAREST:
            first = score.tallies[0]
            if first.first * 2 >= score.answers:
                return f"You are mostly led by {_LED_BY[first.culture]}"
            return f"You are nearest to {led(first.culture)}"


def lede(score: Score) -> str:
    match score.state:
        case State.UNANSWERED:
            return "The result stands here as soon as somebody has answered a question."
        case State.NONE_FITS:
            each = "the one answer" if score.answers == 1 else f"all {score.answers:,} answers"
            return f"In {each} none of the descriptions fitted, so there is no culture to recommend."
        case State.NEAR_TIE:
            return f"{_counts(score, score.contenders)}: too close to recommend one. Look at where they part."
        case State.NEAREST:
            return _nearest_lede(score)


def parts(score: Score) -> tuple[Part, ...]:
    """The sentences beside the counts."""
    match score.state:
        case State.UNANSWERED:
            return ()
        case State.NONE_FITS:
            return (Part("What you can do", _NONE_FITS),)
        case State.NEAR_TIE:
            return tuple(_tie_parts(score))
        case State.NEAREST:
            return tuple(_nearest_parts(score))


def seconds(count: int) -> str:
    return f"{count:,} second choice{'' if count == 1 else 's'}" if count else ""


def differing(one: str, other: str, keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of these activities: those the references of two cultures give to different Leads, and the others."""
    a, b = catalogue().reference(one), catalogue().reference(other)
    moved = {move.activity_a for move in diff(a, b).lead_moves}
    wanted = set(keys)
    rows = [activity for activity in a.activities if activity.origin in wanted]
    return [row.name for row in rows if row.id in moved], [row.name for row in rows if row.id not in moved]


_NONE_FITS = (
    "Look at the functions one by one: say in your own words how you work, and where you would like to be.",
    "Then start from the reference whose Leads come nearest to your own, whatever it is called.",
)


def _nearest_lede(score: Score) -> str:
    start = f"Start from the {led(score.tallies[0].culture)} reference"
    unlike = [functions()[one.function].otherwise[one.top] for one in score.unlike if one.top]
    if not unlike:
        same = all(one.top == score.nearest for one in score.functions)
        ground = "Every function points the same way." if same else "No function points to another culture."
        return f"{ground} {start}."
    those = {1: "that one", 2: "those two", 3: "those three"}.get(len(unlike), "those")
    return f"Except in {', and in '.join(unlike)}. {start} and look closely at {those}."


def _nearest_parts(score: Score) -> Iterable[Part]:
    nearest = next(culture for culture in catalogue().cultures if culture.key == score.nearest)
    yield Part("What that asks of you", (nearest.danger,))
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
            found, rest = differing(score.nearest, one.top, functions()[one.function].activities)
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
    first, second = score.tallies[:2]
    apart = first.first - second.first
    close = f"They are {counted(apart, 'answer')} apart" if apart else "They have as many answers each"
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
            yield f"{_upper(listed(subjects))} {points} to {led(tally.culture)}."
    undecided = [functions()[one.function].subject for one in score.functions if one.top is None and one.answers]
    if undecided:
        yield f"{_upper(listed(undecided))} {'points' if len(undecided) == 1 else 'point'} to none alone."


def _parting(score: Score) -> Iterable[str]:
    """Where the references of the first two part, in the activities of the functions that point to one of them."""
    first, second = (tally.culture for tally in score.tallies[:2])
    keys = [activity.key for activity in catalogue().activities if activity.in_references]
    moved, _ = differing(first, second, keys)
    yield (
        f"The {led(first)} and the {led(second)} reference give {len(moved)} of {len(keys)} activities to different "
        f"Leads: {listed(moved)}."
    )


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


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
