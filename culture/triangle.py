"""The triangle between the three cultures: where each respondent stands, and all of them. Geometry alone, no markup.

A respondent stands at the shares of their own first choices; "none fits" has no place in it. Four answers allow few
shares, so a thousand respondents are about twenty dots.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from .catalogue import CULTURES
from .scoring import Respondent

WIDTH, HEIGHT = 460, 404
CORNERS = {"market": (230.0, 36.0), "technology": (40.0, 364.0), "sales": (420.0, 364.0)}
RADIUS = 14
_LETTER = 5.8  # about how wide a letter of a label is
_STEPS = 4  # grid lines at each quarter: the shares four answers have

Shares = Mapping[str, int]  # culture -> first choices, without those that found none fitting


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the drawing; y grows downwards."""

    x: float
    y: float

    def distance(self, other: "Point") -> float:
        return hypot(self.x - other.x, self.y - other.y)


@dataclass(frozen=True, slots=True)
class Dot:
    """Everybody who stands at one place.

    `shares` are the first choices of each; in lowest terms where they gave different numbers of answers.
    """

    at: Point
    people: tuple[Respondent, ...]
    shares: Shares


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the first choices of all come to. `gap` is how far its mark begins from the middle, to clear a dot there.

    `label` is where the word beside it stands, None where there is no room; `anchor` is which end of the word that is.
    """

    at: Point
    gap: float
    label: Point | None
    anchor: str


@dataclass(frozen=True, slots=True)
class Triangle:
    """What there is to draw. `missing` are those without a place: they answered, and in every answer none fitted."""

    dots: tuple[Dot, ...]
    centre: Centre | None
    earlier: Point | None
    missing: tuple[Respondent, ...]


def triangle(respondents: Sequence[Respondent], *, centre: Shares, earlier: Shares | None = None) -> Triangle:
    """The drawing of these respondents. `centre` and `earlier` are first choices of all, now and in another assessment.

    The dots stand from the top down, those with most people first where they are level.
    """
    places: defaultdict[tuple[float, ...], list[Respondent]] = defaultdict(list)
    missing = []
    for one in (one for one in respondents if one.answers):
        shares = shares_of(one)
        if any(shares.values()):
            places[tuple(_portion(shares, culture) for culture in CULTURES)].append(one)
        else:
            missing.append(one)
    dots = [_dot(people) for people in places.values()]
    dots.sort(key=lambda dot: (round(dot.at.y, 3), -len(dot.people), dot.at.x))
    middle = place(centre) if any(centre.values()) and len(dots) > 1 else None
    return Triangle(
        dots=tuple(dots),
        centre=_centre(middle, [dot.at for dot in dots]) if middle else None,
        earlier=place(earlier) if earlier and any(earlier.values()) else None,
        missing=tuple(missing),
    )


def shares_of(respondent: Respondent) -> Shares:
    """How often each culture was this person's first choice."""
    counts = Counter(choice.first for choice in respondent.answers.values())
    return {culture: counts[culture] for culture in CULTURES}


def place(shares: Shares) -> Point:
    """Where these first choices stand: at a corner when all are for one culture. There must be at least one."""
    return Point(
        sum(_portion(shares, culture) * x for culture, (x, _) in CORNERS.items()),
        sum(_portion(shares, culture) * y for culture, (_, y) in CORNERS.items()),
    )


def zone(culture: str) -> tuple[Point, ...]:
    """The part of the triangle nearer to this culture than to the others, as a polygon."""
    first, second = (other for other in CULTURES if other != culture)
    sides = ({culture: 1, first: 1}, dict.fromkeys(CULTURES, 1), {culture: 1, second: 1})
    return (place({culture: 1}), *(place(shares) for shares in sides))


def grid_lines() -> tuple[tuple[Point, Point], ...]:
    """The lines at each quarter, parallel to each side."""
    lines = []
    for culture in CULTURES:
        first, second = (other for other in CULTURES if other != culture)
        for step in range(1, _STEPS):
            rest = _STEPS - step
            lines.append((place({culture: step, first: rest}), place({culture: step, second: rest})))
    return tuple(lines)


def _portion(shares: Shares, culture: str) -> float:
    return shares.get(culture, 0) / sum(shares.values())


def _dot(people: list[Respondent]) -> Dot:
    own = [shares_of(one) for one in people]
    return Dot(place(own[0]), tuple(people), own[0] if own.count(own[0]) == len(own) else _lowest(own[0]))


def _lowest(shares: Shares) -> Shares:
    """The same shares in the smallest whole numbers."""
    for divisor in (4, 3, 2):
        if all(count % divisor == 0 for count in shares.values()):
            return {culture: count // divisor for culture, count in shares.items()}
    return shares


def _centre(at: Point, dots: Sequence[Point]) -> Centre:
    """The mark of the centre, with its label on the first side where no dot stands in the way."""
    nearest = min(at.distance(dot) for dot in dots)
    gap = nearest + RADIUS + 2 if nearest < RADIUS + 5 else 0.0
    clear, width = gap + 14, _LETTER * len("all of you")
    sides = (
        (Point(at.x + clear, at.y + 4), "start", Point(at.x + clear + width / 2, at.y)),
        (Point(at.x - clear, at.y + 4), "end", Point(at.x - clear - width / 2, at.y)),
        (Point(at.x, at.y + clear + 10), "middle", Point(at.x, at.y + clear + 6)),
        (Point(at.x, at.y - clear - 2), "middle", Point(at.x, at.y - clear - 6)),
    )
    free = (side for side in sides if not any(_covers(side[2], width, dot) for dot in dots))
    label, anchor, _ = next(free, (None, "", at))
    return Centre(at, gap, label, anchor)


def _covers(middle: Point, width: float, dot: Point) -> bool:
    """Whether a label of this width around `middle` would touch a dot."""
    return abs(middle.x - dot.x) < width / 2 + RADIUS + 2 and abs(middle.y - dot.y) < RADIUS + 8
