"""What the comparison page says in sentences: how far both agree, and what stands on one side only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from culture.functions import catalogue
from raci.grid.departures import Comparison, Difference, Reference
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.text import counted, day, listed
from raci.screens.compare.map import DifferenceMap
from raci.screens.sources import kind_and_id

NAMED = 4  # so many names stand in a sentence; more stand in a list below it
LISTED = 100  # the names of such a list
IN_WORDS = 6  # the roles that the map names


@dataclass(frozen=True, slots=True)
class Alone:
    """What has no partner on the other side, in a sentence; `names` where it does not name them, `more` are left out.

    `in_catalogue` says that the catalogue has some of it, which could be added here: activities, or else roles.
    """

    sentence: str
    names: tuple[str, ...] = ()
    more: int = 0
    in_catalogue: bool = False
    is_activity: bool = False


def kind_of(key: str) -> str:
    """What a reference is: "house", "version", "matrix", or "culture"."""
    numbered = kind_and_id(key)
    return numbered[0] if numbered else "culture"


def lede(comparison: Comparison) -> str:
    """How much differs, how much of it is kept and how much is to decide; and that it is no mistake."""
    differing, compared = len(comparison.diff.cells), comparison.diff.compared
    if not compared:
        return "No cell stands on both sides, so there is nothing to compare."
    if not differing:
        return f"All {counted(compared, 'cell')} agree."
    return f"You differ in {differing} of {counted(compared, 'cell')}. {_decided(comparison)} {_guidance(comparison)}"


def _decided(comparison: Comparison) -> str:
    """In decisions, for all cells of a move of the Lead are one."""
    differences, kept = len(comparison.differences), len(comparison.kept)
    to_decide, ended = len(comparison.open), sum(difference.ended for difference in comparison.differences)
    if not to_decide:
        return f"You keep {'all of it' if kept > 1 else 'it'} for a reason."
    be = "is" if to_decide == 1 else "are"
    if not kept:
        said = f"{counted(to_decide, 'decision')} {be} to be made"
    elif differences == len(comparison.diff.cells):
        said = f"{to_decide} {be} still to decide"
    else:
        said = f"{to_decide} of {counted(differences, 'decision')} {be} still to be made"
    if ended:
        said += f", {ended} of them because the end you set has passed"
    return f"{said}; {kept} you keep for a reason." if kept else f"{said}."


def _guidance(comparison: Comparison) -> str:
    if kind_of(comparison.reference.key) == "matrix":
        return "A difference is no mistake: the other matrix is a comparison, not a rule."
    if kind_of(comparison.reference.key) == "version":
        return "A difference is no mistake: a version is what was agreed when it was published."
    return "A difference is no mistake: the reference is guidance."


def lead_elsewhere(comparison: Comparison, notation: Notation) -> str:
    """In how many activities another role leads; "" where none does."""
    moved, compared = len(comparison.lead_elsewhere), len(comparison.diff.alignment.activities)
    if not moved:
        return ""
    return f"There, another role {notation.words.leads} {moved} of {counted(compared, 'activity', 'activities')}."


def on_one_side(grid: Grid, comparison: Comparison) -> Iterator[Alone]:
    """What is only here, then what is only there; roles before activities."""
    alignment, other = comparison.diff.alignment, comparison.reference.grid
    silent = "the reference says nothing about"
    there = "the reference"
    if kind_of(comparison.reference.key) == "matrix":
        silent, there = f"“{comparison.reference.name}” has nothing like", f"“{comparison.reference.name}”"
    if kind_of(comparison.reference.key) == "version":
        silent, there = f"{comparison.reference.name} has nothing like", comparison.reference.name
    ours, rows = {role.id: role.name for role in grid.roles}, {row.id: row.name for row in grid.activities}
    yield from _own([ours[pk] for pk in alignment.roles_only_a], "a role", "roles", silent)
    yield from _own([f"“{rows[pk]}”" for pk in alignment.activities_only_a], "an activity", "activities", silent)
    missing_roles, missing_rows = set(alignment.roles_only_b), set(alignment.activities_only_b)
    yield from _missing([role for role in other.roles if role.id in missing_roles], there)
    yield from _missing([row for row in other.activities if row.id in missing_rows], there)


def _own(names: Sequence[str], one: str, many: str, silent: str) -> Iterator[Alone]:
    """… is a role of your own, so the reference says nothing about it."""
    if len(names) > NAMED:
        yield Alone(f"{len(names)} {many} are your own, so {silent} them.", *_cut(names))
    elif names:
        be, it = (f"is {one}", "it") if len(names) == 1 else (f"are {many}", "them")
        yield Alone(f"{listed(names)} {be} of your own, so {silent} {it}.")


def _missing(items: Sequence[Activity] | Sequence[Role], there: str) -> Iterator[Alone]:
    """… stands in the reference and not here."""
    if not items:
        return
    is_activity = isinstance(items[0], Activity)
    one, many = ("an activity", "activities") if is_activity else ("a role", "roles")
    names, more = [f"“{item.name}”" if is_activity else item.name for item in items], 0
    if len(names) > NAMED:
        sentence = f"{len(names)} {many} of {there} are not in this matrix."
        shown, more = _cut(names)
    else:
        be = f"is {one}" if len(names) == 1 else f"are {many}"
        sentence, shown = f"{listed(names)} {be} of {there} and not in this matrix.", ()
    known = {entry.key for entry in (catalogue().activities if is_activity else catalogue().roles)}
    in_catalogue = any(item.origin in known for item in items)
    yield Alone(sentence, shown, more, in_catalogue=in_catalogue, is_activity=is_activity)


def _cut(names: Sequence[str]) -> tuple[tuple[str, ...], int]:
    return tuple(names[:LISTED]), max(0, len(names) - LISTED)


def map_words(drawn: DifferenceMap, names: Mapping[int, str]) -> str:
    """What the map shows, for those who do not see it."""
    count = sum(drawn.differing.values())
    be = "differs and is" if count == 1 else "differ and are"
    said = f"Your matrix in small. {counted(count, 'cell')} {be} outlined"
    most = sorted(drawn.differing.items(), key=lambda item: (-item[1], item[0]))[:IN_WORDS]
    parts = [f"{many} of {names[role]}" for role, many in most]
    return f"{said}: {listed(parts)}." if parts else f"{said}."


def map_lacks(drawn: DifferenceMap) -> str:
    """What the map has no room for; "" where all is drawn."""
    parts = []
    if drawn.roles_left_out:
        parts.append(counted(drawn.roles_left_out, "role"))
    if drawn.left_out:
        parts.append(counted(drawn.left_out, "activity", "activities"))
    one = drawn.roles_left_out + drawn.left_out == 1
    return f"{listed(parts)} {'is' if one else 'are'} not drawn." if parts else ""


def was_kept(difference: Difference, reference: Reference, names: Mapping[int, str], notation: Notation) -> str:
    """When a difference was kept whose reason says nothing any more; "" for any other. Its reason comes after it."""
    departure = difference.lapsed
    if departure is None:
        return ""
    whose = f" for {names[departure.role]}" if len(difference.cells) > 1 else ""
    return f"Was kept when {reference.name} had {notation.word(departure.theirs)}{whose}:"


def step_down(difference: Difference, names: dict[int, str], notation: Notation, reference: str) -> str:
    """Which role of ours gives the Lead up when theirs is taken, where no cell says so; "" where none does."""
    if not difference.steps_down or difference.reason_no_take:
        return ""
    who = listed([names[role] for role in difference.steps_down])
    leads = notation.words.leads if len(difference.steps_down) == 1 else notation.words.all_lead
    moves = "moves" if len(difference.steps_down) == 1 else "move"
    return f"{who} {leads} this here, and {moves} to {notation.word(Level.SUPPORT)} if you use {reference}."


def term(difference: Difference, who: str) -> str:
    """Who decided, and until when it is meant to hold."""
    departure = difference.departure
    if departure is None:
        return ""
    if difference.ended:
        return f"{who}."
    return f"{who}, until {day(departure.until)}." if departure.until else f"{who}, no end date."
