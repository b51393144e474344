"""Who should own product marketing: a few questions, and an answer with its reasons. Plain values only.

After one practitioner's view, named in `data/advice.toml`, which also holds every sentence. The rules, each on its own:

- With dedicated product marketers, product owns it; without, marketing does; at about ten people without, neither is
  hired separately.
- More products than product marketers is a spread to watch.
- Signs of a need: segments one cannot name, or only in part, with data; and a launch that was shaky.
- Reasons to keep product management and product marketing apart are for those who have grown.
- What the source does not say, but follows for the question, is ours; the file lists it, and pages mark it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

from raci.grid.text import counted

from . import files
from .catalogue import DATA, about
from .files import Entry

MOST = 1_000  # product marketers, or products


class Owner(StrEnum):
    MARKETING = "marketing"
    PRODUCT = "product"
    NEITHER = "neither"


class Size(StrEnum):
    """How large the company is; words rather than numbers, for the source knows no limits."""

    SMALL = "small"
    GROWING = "growing"
    GROWN = "grown"

    @property
    def label(self) -> str:
        return _SIZES[self]


class Segments(StrEnum):
    """Whether one can say which segments one aims at, and why, with data."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"

    @property
    def label(self) -> str:
        return _SEGMENTS[self]


class Launch(StrEnum):
    """How the last launch was."""

    WELL = "well"
    SHAKY = "shaky"
    NONE = "none"

    @property
    def label(self) -> str:
        return _LAUNCHES[self]


_SIZES = {
    Size.SMALL: "About ten people, or fewer",
    Size.GROWING: "More than that, and still finding its shape",
    Size.GROWN: "Grown: product and marketing are departments",
}
_SEGMENTS = {Segments.YES: "Yes, with data", Segments.PARTLY: "In part, or without data", Segments.NO: "No"}
_LAUNCHES = {Launch.WELL: "It went well", Launch.SHAKY: "It was shaky", Launch.NONE: "There was none yet"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. `marketers` and `products` are None where nobody is dedicated to product marketing."""

    is_dedicated: bool
    marketers: int | None
    products: int | None
    size: Size
    segments: Segments
    launch: Launch

    def as_json(self) -> dict[str, Any]:
        return {
            "dedicated": self.is_dedicated,
            "marketers": self.marketers,
            "products": self.products,
            "size": self.size.value,
            "segments": self.segments.value,
            "launch": self.launch.value,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` made."""
        return cls(
            kept["dedicated"],
            kept["marketers"],
            kept["products"],
            Size(kept["size"]),
            Segments(kept["segments"]),
            Launch(kept["launch"]),
        )


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that can be seen where product marketing works as it is owned."""

    key: str
    owner: Owner
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one owner whatever else was answered."""

    answer: str
    reasons: tuple[str, ...]
    concentrate: tuple[str, ...]
    watch: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """All the sentences of the data file, and the source they go back to as one line.

    `ours` names what does not go back to it: a note, or what is said of an owner as "neither.watch".
    """

    source: str
    caution: str
    owners: Mapping[Owner, Words]
    notes: Mapping[str, str]
    signs: tuple[Sign, ...]
    ours: frozenset[str]


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer. `needs` are the signs of a need that the answers hold, and `need` what those come to.

    `signs` are what to look for once product marketing is owned as advised. `ours` are the names of those of these that
    are not the source's.
    """

    owner: Owner
    answer: str
    reasons: tuple[str, ...]
    concentrate: tuple[str, ...]
    watch: tuple[str, ...]
    needs: tuple[str, ...]
    need: str
    signs: tuple[Sign, ...]
    ours: frozenset[str]


def advise(answers: Answers) -> Advice:
    """What these answers come to, in the view of the source."""
    said, owner = texts(), _owner(answers)
    words, needs = said.owners[owner], tuple(_needs(answers, said.notes))
    need = f"need-{owner}" if needs else "no-need"
    return Advice(
        owner=owner,
        answer=words.answer,
        reasons=(*words.reasons, *_further_reasons(answers, owner, said.notes)),
        concentrate=words.concentrate,
        watch=(*words.watch, *_spread(answers, said.notes)),
        needs=needs,
        need=said.notes[need],
        signs=tuple(sign for sign in said.signs if sign.owner is owner),
        ours=frozenset(part for part, name in _named(owner, need).items() if name in said.ours),
    )


@cache
def texts() -> Texts:
    """The sentences, read once a process."""
    return load_texts()


def load_texts(folder: Path = DATA) -> Texts:
    """The sentences in a folder. Raises ValueError saying entry and what is wrong."""
    file = files.toml(folder / "advice.toml")
    file.knows_only(["source", "caution", "ours", "notes", "signs", *Owner])
    notes = file.table("notes")
    notes.knows_only(_NOTES)
    signs = tuple(_sign(entry) for entry in file.entries("signs"))
    if len({sign.key for sign in signs}) < len(signs):
        raise ValueError(f"{file.where}: a sign has the key of another.")
    for owner in Owner:
        if not any(sign.owner is owner for sign in signs):
            raise ValueError(f"{file.where}: no sign shows that it works where the owner is {owner}.")
    return Texts(
        source=_cited(file, folder),
        caution=file.prose("caution"),
        owners={owner: _words(file.table(owner)) for owner in Owner},
        notes={name: notes.prose(name) for name in _NOTES},
        signs=signs,
        ours=_ours(file),
    )


_PARTS = ("concentrate", "watch", "signs")  # what the page marks where it is ours
_NEEDS = tuple(f"need-{owner}" for owner in Owner)
_NOTES = (
    "small",
    "grown-marketing",
    "grown-product",
    "spread",
    "segments-no",
    "segments-partly",
    "launch-shaky",
    "no-need",
    *_NEEDS,
)


def _named(owner: Owner, need: str) -> dict[str, str]:
    """Field of an advice -> how the file names what stands in it."""
    return {part: f"{owner}.{part}" for part in _PARTS} | {"need": need}


def _ours(file: Entry) -> frozenset[str]:
    known = {name for owner in Owner for name in _named(owner, "no-need").values()} | {*_NEEDS}
    for name in file.lines("ours"):
        if name not in known:
            raise ValueError(f"{file.where}, ours: {name!r} is nothing this file says.")
    return frozenset(file.lines("ours"))


def _cited(file: Entry, folder: Path) -> str:
    """The source as the page about the references names it."""
    title = file.line("source")
    for source in about(folder).sources:
        if source.title == title:
            return source.cited
    raise ValueError(f"{file.where}: {title!r} is no source of sources.toml.")


def _words(entry: Entry) -> Words:
    entry.knows_only(["answer", "reasons", "concentrate", "watch"])
    return Words(entry.line("answer"), entry.lines("reasons"), entry.lines("concentrate"), entry.lines("watch"))


def _sign(entry: Entry) -> Sign:
    entry.knows_only(["key", "owner", "text"])
    owner = entry.line("owner")
    if owner not in list(Owner):
        raise ValueError(f"{entry.where}: the owner is {owner!r}; there are {', '.join(Owner)}.")
    return Sign(entry.key(), Owner(owner), entry.line("text"))


def _owner(answers: Answers) -> Owner:
    if answers.is_dedicated:
        return Owner.PRODUCT
    return Owner.NEITHER if answers.size is Size.SMALL else Owner.MARKETING


def _further_reasons(answers: Answers, owner: Owner, notes: Mapping[str, str]) -> list[str]:
    if answers.size is Size.SMALL and answers.is_dedicated:
        return [notes["small"]]
    return [notes[f"grown-{owner}"]] if answers.size is Size.GROWN else []


def _needs(answers: Answers, notes: Mapping[str, str]) -> list[str]:
    found = []
    if answers.segments is not Segments.YES:
        found.append(notes[f"segments-{answers.segments.value}"])
    if answers.launch is Launch.SHAKY:
        found.append(notes["launch-shaky"])
    return found


def _spread(answers: Answers, notes: Mapping[str, str]) -> list[str]:
    marketers, products = answers.marketers, answers.products
    if not answers.is_dedicated or marketers is None or products is None or products <= marketers:
        return []
    return [
        notes["spread"].format(marketers=counted(marketers, "product marketer"), products=counted(products, "product"))
    ]
