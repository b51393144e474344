"""The result of an assessment as its page shows it, for members and, once it is shared, for guests.

Nothing here asks who may read it: that is `culture.asking.may_read_result`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from culture.asking import respondents_of
from culture.catalogue import CULTURES
from culture.entries import Culture
from culture.functions import catalogue
from culture.models import Assessment
from culture.references import known_references
from culture.scoring import FunctionScore, Score, State, Tally, score
from raci.grid.text import counted
from raci.screens.assessments.result_beside import Beside, beside
from raci.screens.assessments.result_drawing import Drawing, drawing
from raci.screens.assessments.result_people import MOST_AVATARS, Person, person, tags
from raci.screens.assessments.result_words import Part, culture_name, headline, lede, parts, seconds
from raci.screens.picture import Picture, picture

MOST_NAMES = 60  # of one group; the others are counted
BAR = 240  # how wide a bar of all answers is


@dataclass(frozen=True, slots=True)
class Bar:
    """How many of all answers a culture has, in words and as a length; `fill` is a class of the ramp."""

    name: str
    count: str
    of: str
    seconds: str
    length: float
    fill: str


@dataclass(frozen=True, slots=True)
class Group:
    """Those who chose the same for one function; `rest` are how many of them `people` leaves out."""

    name: str
    people: tuple[Person, ...]
    rest: int
    count: int
    is_top: bool
    seconds: str


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One function: who chose what, and how far they agree. `on` says on what, where that is "none fits"."""

    label: str
    groups: tuple[Group, ...]
    agreement: str
    on: str
    is_unlike: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One of the references to start from."""

    culture: Culture
    suits: str
    picture: Picture
    is_nearest: bool
    is_near: bool


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Everything `_assessment_result.html` prints. `nearest` is the key of the culture recommended, or "".

    `whose` says whose initials stand in the table, in the order people joined; a crowd has none.
    """

    assessment: Assessment
    people: str
    headline: str
    lede: str
    answers: str
    nearest: str
    bars: tuple[Bar, ...]
    parts: tuple[Part, ...]
    drawing: Drawing | None
    columns: tuple[str, ...]
    functions: tuple[FunctionRow, ...]
    whose: tuple[Person, ...]
    has_product_led: bool
    is_mostly_none: bool
    is_alone: bool
    has_many: bool
    cards: tuple[Card, ...]
    beside: Beside | None

    @property
    def nearest_name(self) -> str:
        """As a button says it: market-led."""
        return culture_name(self.nearest).lower() if self.nearest else ""


def result_of(assessment: Assessment, *, earlier: Assessment | None = None) -> ResultPage:
    """The result, beside an earlier one where that is given; two queries for each of them."""
    now = score(respondents_of(assessment))
    then = score(respondents_of(earlier)) if earlier else None
    known, columns = tags(now.respondents), _columns(now)
    return ResultPage(
        assessment=assessment,
        people=counted(len(now.respondents), "person", "people"),
        headline=headline(now),
        lede=lede(now),
        answers=counted(now.answers, "answer"),
        nearest=now.nearest or "",
        bars=tuple(_bars(now)) if now.answers else (),
        parts=parts(now),
        drawing=drawing(now, known, earlier=then, named=earlier.title if earlier else "") if now.answers else None,
        columns=tuple(_column(key) for key in columns),
        functions=tuple(_row(function, columns, known) for function in now.functions) if now.answers else (),
        whose=tuple(person(one, known) for one in now.respondents) if len(now.respondents) <= MOST_AVATARS else (),
        has_product_led=now.is_confused_with_product_led,
        is_mostly_none=now.state in (State.NONE_FITS, State.MOSTLY_NONE),
        is_alone=len(now.respondents) == 1,
        has_many=len(now.respondents) > MOST_AVATARS,
        cards=tuple(_cards(now)),
        beside=beside(earlier, then, now) if earlier and then else None,
    )


def _bars(found: Score) -> Iterable[Bar]:
    for tally in found.tallies:
        yield _bar(culture_name(tally.culture), tally, found)
    if found.none:
        yield _bar("None fits", Tally("", found.none, 0), found)


def _bar(name: str, tally: Tally, found: Score) -> Bar:
    fill = "f-none" if not tally.culture else "f-lead" if tally.culture == found.nearest else "f-support"
    length = round(BAR * tally.first / found.answers, 1)
    return Bar(name, f"{tally.first:,}", f"of {found.answers:,}", seconds(tally.second), length, fill)


def _columns(found: Score) -> tuple[str | None, ...]:
    """The cultures, and None for "none fits" where somebody found so."""
    return (*CULTURES, None) if found.none else CULTURES


def _column(key: str | None) -> str:
    return culture_name(key) if key else "None fits"


def _row(one: FunctionScore, columns: Sequence[str | None], known: Mapping[int, str]) -> FunctionRow:
    return FunctionRow(
        label=one.function.label,
        groups=tuple(_group(one, key, known) for key in columns),
        agreement=f"{one.agreement:,} of {one.answers:,}" if one.answers else "no answers yet",
        on="found none fitting" if one.tops == (None,) else "",
        is_unlike=one.unlike,
    )


def _group(one: FunctionScore, key: str | None, known: Mapping[int, str]) -> Group:
    people = one.chose[key]
    return Group(
        name=_column(key),
        people=tuple(person(one, known) for one in people[:MOST_NAMES]),
        rest=max(0, len(people) - MOST_NAMES),
        count=len(people),
        is_top=key is not None and key == one.top,
        seconds=seconds(one.seconds[key]) if key else "",
    )


def _cards(found: Score) -> Iterable[Card]:
    """The references, that of the culture chosen most first; in the order of the catalogue where none was."""
    cultures: Mapping[str, Culture] = {culture.key: culture for culture in catalogue().cultures}
    for tally in found.tallies:
        culture = cultures[tally.culture]
        yield Card(
            culture=culture,
            suits="; ".join([culture.suits[0], *(line[:1].lower() + line[1:] for line in culture.suits[1:])]) + ".",
            picture=picture(known_references()[culture.key].grid),
            is_nearest=culture.key == found.nearest,
            is_near=culture.key in found.contenders,
        )
