"""The letter of a version before anybody edits it: what is new since the version before, and what is each role's own.

It is written from two editions, pure values. It names neither who published nor whose accounts fill a role.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from raci.grid.grid import Grid
from raci.grid.levels import Level, Notation
from raci.grid.text import NAME_LIMIT, capitalised, isolated

from .lineage import lineage_between
from .models import Version
from .news import ActivityNews, News, duties, gone_roles, leads_moved, news, news_by_role
from .news_sides import UNKNOWN, Lineage, readable
from .news_words import you
from .versions import grids_of

MOST_ACTIVITIES = 100  # in a letter; the page has them all
MANY_LEADS = 3  # from so many on, it begins with how many activities another role leads now


@dataclass(frozen=True, slots=True)
class Edition:
    """What a letter is written from. `known` are the errors it was published with: what is wrong, and why it stays.
    `lineage` is what is known of the roles that came or went since the edition before. `minutes` is what the review
    decided that led to it."""

    name: str
    number: int
    grid: Grid
    note: str = ""
    known: tuple[tuple[str, str], ...] = ()
    lineage: Lineage = UNKNOWN
    minutes: str = ""


def subject_of(version: Version) -> str:
    """Its line in a list of mails."""
    ending = f", version {version.number}: {'who leads what' if version.number == 1 else 'what changed'}"
    room = NAME_LIMIT - len(ending)
    room -= len(isolated(version.name)) - len(version.name)
    name = version.name if len(version.name) <= room else version.name[: room - 1] + "…"
    return isolated(name) + ending


def text_of(
    version: Version, before: Version | None, notation: Notation = Notation.LEAD_SUPPORT, *, minutes: str = ""
) -> str:
    """What everyone is told; `before` is the version before it, None for the first."""
    after, former = editions(version, before)
    return letter(replace(after, minutes=minutes), former, notation)


def parts_for(
    version: Version, before: Version | None, roles: Collection[int], notation: Notation = Notation.LEAD_SUPPORT
) -> dict[int, str]:
    """What those who fill these roles are told besides, by their ids: what changed for them, and all that is theirs. Of
    a role that the version before had and this one lacks, what became of it; "" for those that neither has."""
    return parts(*editions(version, before), roles, notation)


def editions(version: Version, before: Version | None) -> tuple[Edition, Edition | None]:
    """Both as values; one query at most, and one where roles came or went between the two."""
    grids = grids_of([version] if before is None else [version, before])
    edition = _edition(version, grids[version.pk])
    if before is None:
        return edition, None
    return replace(edition, lineage=lineage_between(before, version)), _edition(before, grids[before.pk])


def letter(after: Edition, before: Edition | None, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """The text for everyone."""
    found = news(before.grid if before else None, after.grid, notation, after.lineage)
    formerly = f", called “{isolated(before.name)}” before," if before and before.name != after.name else ""
    blocks = [f"Version {after.number} of “{isolated(after.name)}”{formerly} is published."]
    if after.note:
        blocks.append(after.note)
    if before is None:
        blocks.append(" ".join(found.general))
    elif found.is_empty:
        blocks.append(nothing_new(after.number, before.number))
    else:
        blocks += _changes(after, before, found, notation)
    if after.known:
        known = [
            f"{isolated(capitalised(text.rstrip('.')))}. {isolated(reason.rstrip('.'))}."
            for text, reason in after.known
        ]
        blocks += ["What is known and stays as it is for now:", _items(known)]
    if after.minutes:
        blocks.append(after.minutes)
    return "\n\n".join(blocks)


def parts(
    after: Edition, before: Edition | None, roles: Collection[int], notation: Notation = Notation.LEAD_SUPPORT
) -> dict[int, str]:
    """The texts for these roles."""
    names = {role.id: role.name for role in readable(after.grid).roles}
    former = before.grid if before else None
    changed = news_by_role(former, after.grid, roles, notation, after.lineage)
    found = dict.fromkeys(roles, "")
    for gone in gone_roles(former, after.grid):
        if gone.id in found:
            found[gone.id] = "\n\n".join([gone.name, "What became of your part:", _items(changed[gone.id])])
    for role in names.keys() & found.keys():
        blocks = [names[role]]
        if changed[role]:
            blocks += ["What changed for you:", _items(changed[role])]
        elif before:
            blocks.append("Nothing changed for you.")
        mine = list(_duties(after.grid, role, notation))
        blocks += ["All that is yours now:", _items(mine)] if mine else ["No activity is yours now."]
        found[role] = "\n\n".join(blocks)
    return found


def nothing_new(number: int, before: int) -> str:
    """What is said of a version in which nothing is new."""
    return f"Version {number} says the same as version {before}: nobody’s part has changed."


def _edition(version: Version, grid: Grid) -> Edition:
    known = tuple((error["text"], error["reason"]) for error in version.known)
    return Edition(version.name, version.number, grid, version.note, known)


def _changes(after: Edition, before: Edition, found: News, notation: Notation) -> Iterator[str]:
    """The news as blocks: what is about the whole, then a line for each activity."""
    yield f"What changed since version {before.number}:"
    general = list(found.general)
    if (moved := leads_moved(before.grid, after.grid)) >= MANY_LEADS:
        now = "now leads" if notation is Notation.LEAD_SUPPORT else "is now accountable for"
        general.insert(0, f"Another role {now} {moved} of {len(after.grid.activities)} activities.")
    if general:
        yield _items(general)
    if found.activities:
        lines = [_line(each) for each in found.activities[:MOST_ACTIVITIES]]
        if more := len(found.activities) - len(lines):
            lines.append(f"And {more:,} more.")
        yield _items(lines)


def _line(each: ActivityNews) -> str:
    return f"{each.name}: {' '.join((*each.sentences, *each.reasons))}"


def _duties(grid: Grid, role: int, notation: Notation) -> Iterator[str]:
    mine = duties(grid, role)
    for does, names in (
        (you(Level.LEAD, notation), mine.leads),
        ("deliver", mine.delivers),
        (you(Level.SUPPORT, notation), mine.supports),
        (you(Level.CONTRIBUTE, notation), mine.contributes),
        (you(Level.INFORMED, notation), mine.informed),
    ):
        if names:
            yield f"You {does}: {'; '.join(names)}."


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
