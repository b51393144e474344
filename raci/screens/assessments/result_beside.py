"""Two assessments side by side: the counts then and now, each with its whole, and what moved in each function."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from culture.models import Assessment
from culture.scoring import FunctionScore, Score, State
from raci.grid.text import capitalised, listed
from raci.screens.assessments.result_words import culture_name, led


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what is compared, then and now in words, and whether it is another now."""

    label: str
    then: str
    now: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """An earlier assessment beside this one; `at` is when it was closed."""

    title: str
    at: datetime | None
    sentences: tuple[str, ...]
    counts: tuple[Line, ...]
    functions: tuple[Line, ...]


def beside(earlier: Assessment, then: Score, now: Score) -> Beside:
    return Beside(
        title=earlier.title,
        at=earlier.closed_at,
        sentences=tuple(_sentences(then, now)),
        counts=tuple(_counts(then, now)),
        functions=tuple(_functions(then, now)),
    )


def _sentences(then: Score, now: Score) -> Iterable[str]:
    before, after = _stand(then), _stand(now)
    yield f"Then as now: {after}." if before == after else f"Then: {before}. Now: {after}."
    moved, stayed = [], []
    for old, new in zip(then.functions, now.functions, strict=True):
        label = new.function.label
        if _has_moved(old, new):
            moved.append(f"{label} moved from {_tops(old, 'a split')} to {_tops(new, 'a split')}.")
        elif old.answers and new.answers:
            stayed.append(label)
    yield from moved
    if stayed:
        yield f"{listed(stayed)} stayed where {'it was' if len(stayed) == 1 else 'they were'}."


def _stand(score: Score) -> str:
    match score.state:
        case State.UNANSWERED:
            return "nobody had answered"
        case State.NONE_FITS:
            return "none of the three fitted"
        case State.MOSTLY_NONE:
            return f"none fitted in {score.none:,} of {score.answers:,} answers"
        case State.NEAR_TIE:
            return f"between {listed([led(culture) for culture in sorted(score.contenders)])}"
        case State.NEAREST:
            return f"nearest to {led(score.tallies[0].culture)}"


def _counts(then: Score, now: Score) -> Iterable[Line]:
    for tally in now.tallies:
        old = then.tally(tally.culture).first
        yield _line(culture_name(tally.culture), (old, then.answers), (tally.first, now.answers))
    if then.none or now.none:
        yield _line("None fits", (then.none, then.answers), (now.none, now.answers))


def _line(label: str, then: tuple[int, int], now: tuple[int, int]) -> Line:
    (old, old_whole), (new, new_whole) = then, now
    # Shares are compared crosswise, so that nothing is rounded.
    return Line(label, f"{old:,} of {old_whole:,}", f"{new:,} of {new_whole:,}", old * new_whole != new * old_whole)


def _functions(then: Score, now: Score) -> Iterable[Line]:
    for old, new in zip(then.functions, now.functions, strict=True):
        yield Line(new.function.label, capitalised(_tops(old)), capitalised(_tops(new)), _has_moved(old, new))


def _has_moved(old: FunctionScore, new: FunctionScore) -> bool:
    """Whether something else stands at the top now: another culture, a split between others, or none fits."""
    return bool(old.answers and new.answers) and set(old.tops) != set(new.tops)


def _tops(one: FunctionScore, split: str = "split") -> str:
    """What most chose; `split` is what several that stand level are called."""
    cultures = [led(key) for key in one.tops if key]
    if len(cultures) > 1:
        return f"{split} between {listed(cultures)}"
    return cultures[0] if cultures else "none fits" if one.answers else "no answer yet"
