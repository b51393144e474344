"""The triangle of an assessment as SVG needs it: paths, dots and words. The places come from culture.triangle."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from culture.catalogue import CULTURES
from culture.scoring import Respondent, Score
from culture.triangle import CORNERS, HEIGHT, WIDTH, Centre, Dot, Point, Shares, grid_lines, place, triangle, zone
from raci.grid.text import counted, listed
from raci.screens.assessments.result_words import culture_name, led

MOST_NAMED = 8  # people of one dot who are named; the others are counted


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot. `text` is the initials of one person, else how many stand there; `said` is who, and their choices."""

    x: str
    y: str
    text_y: str
    text: str
    who: str
    shares: str

    @property
    def said(self) -> str:
        return f"{self.who}: {self.shares}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in the drawing; `anchor` is which end of it stands at x."""

    x: str
    y: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Outlines are paths of an SVG of `width` by `height`; "" where there is nothing of the kind.

    `words` says in a line what the picture shows; `missing` are those who found none fitting in any answer.
    """

    width: int
    height: int
    title: str
    words: str
    edge: str
    grid: str
    zone: str
    corners: tuple[Word, ...]
    marks: tuple[Mark, ...]
    centre: str
    centre_word: Word | None
    earlier: Word | None
    path: str
    missing: str
    missing_verb: str


def drawing(found: Score, tags: Mapping[int, str], *, earlier: Score | None = None, named: str = "") -> Drawing:
    """The triangle of these answers, with the centre of an earlier assessment, called `named`, where there is one.

    `tags` are the initials of each respondent by id.
    """
    now, before = _firsts(found), _firsts(earlier) if earlier else None
    drawn = triangle(found.respondents, centre=now, earlier=before)
    marks = tuple(_mark(dot, tags) for dot in drawn.dots)
    people = counted(len(found.respondents), "person", "people")
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        title=f"{people} between {listed([led(culture) for culture in CULTURES])}",
        words=" ".join(_words(found, marks, before, named)),
        edge=_outline([Point(*corner) for corner in CORNERS.values()]),
        grid="".join(f"M{_pair(a)} {_pair(b)}" for a, b in grid_lines()),
        zone=_outline(zone(found.nearest)) if found.nearest else "",
        corners=_corners(),
        marks=marks,
        centre=_cross(drawn.centre.at, drawn.centre.gap) if drawn.centre else "",
        centre_word=_centre_word(drawn.centre),
        earlier=_word(drawn.earlier, named) if drawn.earlier else None,
        path=f"M{_pair(drawn.earlier)} {_pair(place(now))}" if drawn.earlier and any(now.values()) else "",
        missing=_names(drawn.missing),
        missing_verb="has" if len(drawn.missing) == 1 else "have",
    )


def _firsts(found: Score) -> Shares:
    return {tally.culture: tally.first for tally in found.tallies}


def _mark(dot: Dot, tags: Mapping[int, str]) -> Mark:
    text = tags[dot.people[0].id] if len(dot.people) == 1 else str(len(dot.people))
    return Mark(_n(dot.at.x), _n(dot.at.y), _n(dot.at.y + 4), text, _names(dot.people), _shares(dot))


def _shares(dot: Dot) -> str:
    """What those at one place chose, the most first: 3 of 4 market-led, 1 of 4 sales-led."""
    whole = sum(dot.shares.values())
    chosen = sorted((culture for culture in CULTURES if dot.shares[culture]), key=lambda key: -dot.shares[key])
    each = " each" if len(dot.people) > 1 else ""
    return listed([f"{dot.shares[culture]} of {whole} {led(culture)}" for culture in chosen]) + each


def _words(found: Score, marks: Iterable[Mark], before: Shares | None, named: str) -> Iterable[str]:
    yield from (f"{mark.said}." for mark in marks)
    counts = [f"{tally.first:,} of {found.answers:,} {led(tally.culture)}" for tally in found.tallies]
    yield f"All together: {listed(counts)}."
    if before and any(before.values()):
        yield f"A hollow mark shows the centre of “{named}”."


def _names(people: Sequence[Respondent]) -> str:
    """Who they are. Namesakes are told apart by their number of namesakes, a crowd by its size."""
    if not people:
        return ""
    counts = Counter(one.name for one in people[:MOST_NAMED])
    names = [name if count == 1 else f"{count} called {name}" for name, count in counts.items()]
    rest = len(people) - MOST_NAMED
    return listed([*names, counted(rest, "other")] if rest > 0 else names)


def _corners() -> tuple[Word, ...]:
    top, left, right = (culture_name(culture) for culture in ("market", "technology", "sales"))
    return (Word("230", "14", top), Word("20", "396", left, "start"), Word("440", "396", right, "end"))


def _cross(at: Point, gap: float) -> str:
    """Four strokes around a point; they begin `gap` from it, to go round a dot that stands there."""
    end = gap + 8
    sides = ((-1, 0), (1, 0), (0, -1), (0, 1))
    return "".join(
        f"M{_pair(Point(at.x + x * gap, at.y + y * gap))} {_pair(Point(at.x + x * end, at.y + y * end))}"
        for x, y in sides
    )


def _centre_word(centre: Centre | None) -> Word | None:
    if centre is None or centre.label is None:
        return None
    return _word(centre.label, "all of you", centre.anchor)


def _word(at: Point, text: str, anchor: str = "middle") -> Word:
    return Word(_n(at.x), _n(at.y), text, anchor)


def _outline(points: Sequence[Point]) -> str:
    return f"M{' '.join(_pair(point) for point in points)}z"


def _pair(point: Point) -> str:
    return f"{_n(point.x)} {_n(point.y)}"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
