"""The letter of a version before anybody edits it: what is new since the version before, and what is each role's own.

It is written from two editions, pure values. It names neither who published nor whose accounts fill a role.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from raci.grid.grid import Grid
from raci.grid.levels import Level, Notation
from raci.grid.text import NAME_LIMIT, capitalised

from .models import Version
from .news import ActivityNews, News, duties, leads_moved, news, news_by_role
from .news_words import you
from .versions import grids_of

MOST_ACTIVITIES = 100  # in a letter; the page has them all
MANY_LEADS = 3  # from so many on, it begins with how many activities another role leads now


@dataclass(frozen=True, slots=True)
class Edition:
    """What a letter is written from. `known` are the errors it was published with: what is wrong, and why it stays."""

    name: str
    number: int
    grid: Grid
    note: str = ""
    known: tuple[tuple[str, str], ...] = ()


def subject_of(version: Version) -> str:
    """Its line in a list of mails."""
    ending = f", version {version.number}: {'who leads what' if version.number == 1 else 'what changed'}"
    room = NAME_LIMIT - len(ending)
    name = version.name if len(version.name) <= room else version.name[: room - 1] + "…"
    return name + ending


def text_of(version: Version, before: Version | None, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """What everyone is told; `before` is the version before it, None for the first."""
    return letter(*editions(version, before), notation)


def part_for(version: Version, before: Version | None, role: int, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """What those who fill a role of the version are told besides: what changed for them, and all that is theirs."""
    return parts_for(version, before, (role,), notation)[role]


def parts_for(
    version: Version, before: Version | None, roles: Collection[int], notation: Notation = Notation.LEAD_SUPPORT
) -> dict[int, str]:
    """The same for several roles, by their ids; "" for those that the version does not have."""
    return parts(*editions(version, before), roles, notation)


def editions(version: Version, before: Version | None) -> tuple[Edition, Edition | None]:
    """Both as values; one query at most."""
    grids = grids_of([version] if before is None else [version, before])
    return _edition(version, grids[version.pk]), None if before is None else _edition(before, grids[before.pk])


def letter(after: Edition, before: Edition | None, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """The text for everyone."""
    found = news(before.grid if before else None, after.grid, notation)
    formerly = f", called “{before.name}” before," if before and before.name != after.name else ""
    blocks = [f"Version {after.number} of “{after.name}”{formerly} is published."]
    if after.note:
        blocks.append(after.note)
    if before is None:
        blocks.append(" ".join(found.general))
    elif found.is_empty:
        blocks.append(nothing_new(after.number, before.number))
    else:
        blocks += _changes(after, before, found, notation)
    if after.known:
        known = [f"{capitalised(text.rstrip('.'))}. {reason.rstrip('.')}." for text, reason in after.known]
        blocks += ["What is known and stays as it is for now:", _items(known)]
    return "\n\n".join(blocks)


def parts(
    after: Edition, before: Edition | None, roles: Collection[int], notation: Notation = Notation.LEAD_SUPPORT
) -> dict[int, str]:
    """The texts for these roles."""
    names = {role.id: role.name for role in after.grid.roles}
    changed = news_by_role(before.grid if before else None, after.grid, roles, notation)
    found = dict.fromkeys(roles, "")
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
