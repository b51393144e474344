"""The page of a letter: what it says, what each role is told besides, who would get it, and how far it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from raci.grid.grid import Grid, Role
from raci.grid.levels import Notation
from raci.grid.text import counted, isolated, listed
from raci.matrices.models import Matrix
from raci.publishing import telling
from raci.publishing.models import Letter, Version
from raci.publishing.news import gone_roles
from raci.publishing.receipts import Progress, progress
from raci.publishing.recipients import Audience, Recipient, filled
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
    """Some of those who were chosen, and what becomes of them: "3 addresses were chosen more than once". `is_open`
    where somebody should look at them; `parts` is what they are told besides, `asked` whether they are asked to sign.
    """

    headline: str
    shown: Sequence[str]
    more: str
    is_open: bool = False
    parts: Sequence[Part] = ()
    asked: str = ""


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
        return telling.read(telling.said(self.version, self.row, self.notation))

    @cached_property
    def grid(self) -> Grid:
        return grid_of(self.version)

    @cached_property
    def obstacle(self) -> str:
        """Why nobody can be told of this version any more; "" where they can."""
        latest = latest_of(self.matrix) or self.version
        return telling.why_not(self.version, latest.number, is_archived=self.matrix.is_archived)

    @cached_property
    def gone(self) -> list[Role]:
        """The roles of the version before that this one has no more."""
        before = self.version.before
        return list(gone_roles(grid_of(before), self.grid)) if before else []

    @cached_property
    def members(self) -> list[tuple[int, ...]]:
        """The roles that each member fills now."""
        return filled(self.version)

    @property
    def filled(self) -> Counter[int]:
        """How many members fill each role now."""
        return Counter(role for roles in self.members for role in roles)

    @cached_property
    def _parts(self) -> dict[int, Part]:
        names = {role.id: role.name for role in self.grid.roles}
        names |= {role.id: f"{role.name} (no longer a role)" for role in self.gone}
        own = telling.own_parts(self.version, names, self.notation)
        return {role: _part(name, own[role].text) for role, name in names.items() if role in own}

    @property
    def parts(self) -> list[Part]:
        return list(self._parts.values())

    @cached_property
    def progress(self) -> Progress:
        return progress(self.version)

    def getting(self, to: Audience) -> list[Addresses]:
        """Who would get it, together with those who get the same."""
        alike = dict[tuple[int, ...], list[Recipient]]()
        for each in to.to:
            alike.setdefault(each.roles, []).append(each)
        return [self._alike(roles, alike[roles]) for roles in sorted(alike)]

    def unfilled(self, to: Audience) -> str:
        """The chosen roles that nobody fills, as a sentence; "" for none."""
        names = [isolated(role.name) for role in self.grid.roles if role.id in to.unfilled]
        return f"Nobody fills {listed(names)}." if names else ""

    def _alike(self, roles: tuple[int, ...], found: Sequence[Recipient]) -> Addresses:
        parts = [self._parts[role] for role in roles if role in self._parts]
        besides = f", with the part of {listed([isolated(part.name) for part in parts])}" if parts else ""
        headline = f"{counted(len(found), 'person gets', 'people get')} the letter{besides}"
        asked = sum(bool(each.signs) for each in found)
        said = f"{asked:,} of them {'is' if asked == 1 else 'are'} asked to sign." if asked else ""
        shown, more = _cut([each.address for each in found])
        return Addresses(headline, shown, more, parts=parts, asked=said)


def groups(to: Audience) -> list[Addresses]:
    """Who does not get it, or needs a word, kind by kind; those there are. What somebody could mend is open."""
    found = [
        _group(to.bad, "line is no address", "lines are no addresses", is_open=True),
        _group(
            to.twice,
            "address was chosen more than once, and gets it once",
            "addresses were chosen more than once, and get it once",
            is_open=True,
        ),
        _group(
            to.failed,
            "letter failed: send it once more on the letter page",
            "letters failed: send them once more on the letter page",
            is_open=True,
        ),
        _group(to.told, "address has the letter already", "addresses have the letter already"),
        _group(to.unsubscribed, "address wants no more letters", "addresses want no more letters"),
        _group(to.silent, "address is a member who wants no mail", "addresses are members who want no mail"),
    ]
    return [group for group in found if group.shown]


def _group(found: Sequence[str], one: str, many: str, *, is_open: bool = False) -> Addresses:
    shown, more = _cut(found)
    return Addresses(counted(len(found), one, many), shown, more, is_open=is_open)


def _cut(found: Sequence[str]) -> tuple[Sequence[str], str]:
    left = len(found) - MOST_SHOWN
    return found[:MOST_SHOWN], f"and {left:,} more" if left > 0 else ""


def _part(name: str, text: str) -> Part:
    lines = text.splitlines()
    left = len(lines) - MOST_LINES
    more = f"And {counted(left, 'more line')}." if left > 0 else ""
    return Part(name, "\n".join(lines[:MOST_LINES]), more)
