"""The page of a letter: what it says, what each role is told besides, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import counted
from raci.matrices.models import Matrix
from raci.publishing import telling
from raci.publishing.letters import part_for
from raci.publishing.models import Letter, Version
from raci.publishing.receipts import Progress, progress
from raci.publishing.recipients import Audience
from raci.publishing.versions import grid_of, latest_of

MOST_SHOWN = 40  # addresses of one kind
MOST_LINES = 60  # of a role's own part


@dataclass(frozen=True, slots=True)
class Part:
    """What one role is told besides; `more` is what stands where it is too long to show."""

    name: str
    text: str
    more: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Some of those who were chosen, and what becomes of them: "3 addresses stand in the list more than once"."""

    headline: str
    shown: Sequence[str]
    more: str


@dataclass
class LetterPage:
    """All of the page but its forms."""

    matrix: Matrix
    version: Version
    notation: Notation

    @cached_property
    def row(self) -> Letter | None:
        return getattr(self.version, "letter", None)

    @cached_property
    def said(self) -> telling.Said:
        return telling.said(self.version, self.row, self.notation)

    @cached_property
    def grid(self) -> Grid:
        return grid_of(self.version)

    @cached_property
    def obstacle(self) -> str:
        """Why nobody can be told of this version any more; "" where they can."""
        latest = latest_of(self.matrix) or self.version
        return telling.why_not(self.version, latest.number, is_archived=self.matrix.is_archived)

    @property
    def parts(self) -> list[Part]:
        before = telling.version_before(self.version)
        texts = ((role.name, part_for(self.version, before, role.id, self.notation)) for role in self.grid.roles)
        return [_part(name, text) for name, text in texts]

    @cached_property
    def progress(self) -> Progress:
        return progress(self.version)


def groups(to: Audience) -> list[Addresses]:
    """Who does not get it, or needs a word, kind by kind; those there are."""
    kinds = (
        (to.bad, "is no address", "are no addresses", "line"),
        (to.twice, "was chosen more than once, and gets it once", "were chosen more than once, and get it once", ""),
        (to.told, "has the letter already", "have the letter already", ""),
        (to.unsubscribed, "wants no more letters", "want no more letters", ""),
        (to.silent, "is a member who wants no mail", "are members who want no mail", ""),
    )
    return [
        addresses(
            f"{counted(len(found), noun or 'address', f'{noun}s' if noun else 'addresses')} "
            f"{one if len(found) == 1 else many}",
            found,
        )
        for found, one, many, noun in kinds
        if found
    ]


def addresses(headline: str, found: Sequence[str]) -> Addresses:
    left = len(found) - MOST_SHOWN
    return Addresses(headline, found[:MOST_SHOWN], f"and {left:,} more" if left > 0 else "")


def _part(name: str, text: str) -> Part:
    lines = text.splitlines()
    left = len(lines) - MOST_LINES
    more = f"And {counted(left, 'more line')}." if left > 0 else ""
    return Part(name, "\n".join(lines[:MOST_LINES]), more)
