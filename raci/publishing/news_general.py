"""The news that is about no single activity: of roles, of stages, and of the matrix as a whole."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from raci.grid.grid import Grid, Role, Stage
from raci.grid.levels import Level, Notation
from raci.grid.text import counted, listed

from .news_sides import Sides

_GONE = -1  # no id of a stage
NAMED = 6  # so many activities are named in one sentence; of more, the first


def first_version(grid: Grid, notation: Notation) -> tuple[str, ...]:
    """What a version is that none came before: how much it holds, and how much each role leads."""
    rows, roles = counted(len(grid.activities), "activity", "activities"), counted(len(grid.roles), "role")
    led = Counter(grid.lead(activity.id) for activity in grid.activities)
    leading = [(role.name, led[role.id]) for role in grid.roles if led[role.id]]
    said = [f"This is the first version. It has {rows} and {roles}."]
    if leading:
        said.append(f"{listed(list(_shares(leading, notation)))}.")
    if idle := [role.name for role in grid.roles if not led[role.id]]:
        verb = notation.words.leads if len(idle) == 1 else notation.words.all_lead
        said.append(f"{listed(idle)} {verb} none.")
    return tuple(said)


def general_news(sides: Sides) -> Iterator[str]:
    """What is new of the whole, then of roles, then of stages, then of the order of all."""
    yield from _culture(sides.before.culture, sides.after.culture)
    yield from _roles(sides)
    stages = _paired(sides.before.stages, sides.after.stages)
    yield from _stages(sides, stages)
    yield from _order(sides, stages)


def _culture(before: str, after: str) -> Iterator[str]:
    if before == after:
        return
    if not after:
        yield f"The matrix no longer follows the {before}-led reference."
    elif before:
        yield f"The matrix now follows the {after}-led reference, no longer the {before}-led one."
    else:
        yield f"The matrix now follows the {after}-led reference."


def _roles(sides: Sides) -> Iterator[str]:
    before, after, found = sides.before, sides.after, sides.found
    gone, new = set(found.alignment.roles_only_a), set(found.alignment.roles_only_b)
    for role in before.roles:
        if role.id in gone:
            yield _gone(sides, role)
    for role in after.roles:
        if role.id in new:
            yield _new(sides, role)
    for rename in found.renamed_roles:
        yield f"{rename.before} is now called {rename.after}."
    old = {role.id: role for role in before.roles}
    now = {role.id: role for role in after.roles}
    pairs = [(old[a], now[b]) for a, b in found.alignment.roles]
    if changed := [b.name for a, b in pairs if a.contact != b.contact]:
        yield f"How to reach {listed(changed)} changed."
    if changed := [b.name for a, b in pairs if a.people != b.people]:
        yield f"Who fills {listed(changed)} changed."
    if changed := [b.name for a, b in pairs if a.purpose != b.purpose]:
        yield f"What {listed(changed)} {'is' if len(changed) == 1 else 'are'} for changed."


def _gone(sides: Sides, role: Role) -> str:
    """A role that is no more, and who leads now what it led."""
    before, after, notation = sides.before, sides.after, sides.notation
    into = sides.merged_into(role.id)
    said = f"{role.name} is no longer a role." if into is None else f"{role.name} was merged into {sides.names[into]}."
    led = [activity.id for activity in before.activities if role.id in before.leads(activity.id)]
    if not led:
        return said
    there, names = dict(sides.found.alignment.activities), {each.id: each.name for each in after.roles}
    heirs = Counter(after.lead(there[activity]) for activity in led if activity in there)
    is_active = notation is Notation.LEAD_SUPPORT
    if into is not None and heirs == {into: len(led)}:
        now = "now leads" if is_active else "is now accountable for"
        return f"{said[:-1]}, which {now} its {'one activity' if len(led) == 1 else f'{len(led):,} activities'}."
    said += f" It {'led' if is_active else 'was accountable for'} {counted(len(led), 'activity', 'activities')}"
    dropped = len(led) - heirs.total()
    if dropped == len(led):
        return f"{said}, which {'is' if dropped == 1 else 'are'} gone too."
    if len(heirs) == 1 and not dropped:
        (heir,) = heirs
        return f"{said}; now {'nobody' if heir is None else names[heir]} {'does' if is_active else 'is'}."
    shares = [("nobody" if heir is None else names[heir], many) for heir, many in heirs.items()]
    gone = [f"{dropped} {'is' if dropped == 1 else 'are'} gone"] if dropped else []
    return f"{said}; now {listed([*_shares(shares, notation, of='of them'), *gone])}."


def _shares(shares: Sequence[tuple[str, int]], notation: Notation, *, of: str = "") -> Iterator[str]:
    """Sales leads 3 activities; then, for the others, Engineering 2."""
    for at, (name, many) in enumerate(shares):
        if at:
            yield f"{name} {'' if notation is Notation.LEAD_SUPPORT else 'for '}{many}"
        else:
            number = f"{many} {of}" if of else counted(many, "activity", "activities")
            yield f"{name} {notation.words.leads} {number}"


def _new(sides: Sides, role: Role) -> str:
    """A role that was added, and how much it does."""
    grid, words, parent = sides.after, sides.notation.words, sides.split_off(role.id)
    levels = Counter(grid.level(activity.id, role.id) for activity in grid.activities)
    parts: list[str] = []
    for level, verb in zip(Level, (words.leads, words.supports, words.contributes, words.hears), strict=True):
        if levels[level]:
            parts.append(f"{verb} {levels[level] if parts else counted(levels[level], 'activity', 'activities')}")
    came = "is a new role" if parent is None else f"was split off {sides.names[parent]}"
    return f"{role.name} {came}: it {listed(parts)}." if parts else f"{role.name} {came}."


def _stages(sides: Sides, partner: Mapping[int, int]) -> Iterator[str]:
    """What became of stages, and which activities stand in another one. `partner` says which stage is which."""
    before, after = sides.before, sides.after
    names = {stage.id: stage.name for stage in after.stages}
    for stage in before.stages:
        if stage.id not in partner:
            yield f"The stage {stage.name} is gone."
        elif stage.name != names[partner[stage.id]]:
            yield f"The stage {stage.name} is now called {names[partner[stage.id]]}."
    kept = set(partner.values())
    for stage in after.stages:
        if stage.id not in kept:
            yield f"The stage {stage.name} is new."
    stood, former = _stood(before, partner), _former(sides)
    moved: defaultdict[int | None, list[str]] = defaultdict(list)
    for activity in after.activities:
        if activity.id in former and activity.stage != stood[former[activity.id]]:
            moved[activity.stage].append(f"“{activity.name}”")
    for to, rows in moved.items():
        who = listed(rows if len(rows) <= NAMED else [*rows[: NAMED - 1], f"{len(rows) - NAMED + 1} more"])
        if to is None:
            yield f"{who} {'stands' if len(rows) == 1 else 'stand'} without a stage now."
        else:
            yield f"{who} moved to {names[to]}."


def _order(sides: Sides, stages: Mapping[int, int]) -> Iterator[str]:
    """Whether what stands on both sides stands in another order. Activities are looked at stage by stage: that one went
    to another stage, or its stage to another place, is told of the stage."""
    before, after = sides.before, sides.after
    stood, former = _stood(before, stages), _former(sides)
    by_stage: defaultdict[int | None, list[int]] = defaultdict(list)
    place = {activity.id: at for at, activity in enumerate(before.activities)}
    for activity in after.activities:
        if activity.id in former and activity.stage == stood[former[activity.id]]:
            by_stage[activity.stage].append(place[former[activity.id]])
    roles = {b: a for a, b in sides.partner.items()}
    kept = {b: a for a, b in stages.items()}
    moved = {
        "activities": any(map(_is_mixed, by_stage.values())),
        "roles": _is_mixed(_places(before.roles, after.roles, roles)),
        "stages": _is_mixed(_places(before.stages, after.stages, kept)),
    }
    if any(moved.values()):
        yield f"The order of {listed([what for what, is_moved in moved.items() if is_moved])} changed."


def _places(before: Sequence[Role | Stage], after: Sequence[Role | Stage], former: Mapping[int, int]) -> list[int]:
    """Where what stands in `after` stood before, in its order now; `former` maps ids of later ones to those before."""
    place = {each.id: at for at, each in enumerate(before)}
    return [place[former[each.id]] for each in after if each.id in former]


def _is_mixed(places: Sequence[int]) -> bool:
    return any(one > two for one, two in pairwise(places))


def _stood(before: Grid, partner: Mapping[int, int]) -> dict[int, int | None]:
    """Activity id -> the stage it stood in, by the id of that in the later grid."""
    return {
        activity.id: None if activity.stage is None else partner.get(activity.stage, _GONE)
        for activity in before.activities
    }


def _former(sides: Sides) -> dict[int, int]:
    """The id of each activity that stands on both sides -> its id before. Rows that are equal are not paired in
    `found`: these have the same id."""
    here = {activity.id for activity in sides.before.activities}
    former = {activity.id: activity.id for activity in sides.after.activities if activity.id in here}
    return former | {b: a for a, b in sides.found.alignment.activities}


def _paired(before: Sequence[Stage], after: Sequence[Stage]) -> dict[int, int]:
    """Which stage is which: by id, else by name."""
    ids, by_name = {stage.id for stage in after}, {stage.name: stage.id for stage in after}
    partner = {stage.id: stage.id for stage in before if stage.id in ids}
    for stage in before:
        if stage.id not in partner and by_name.get(stage.name, 0) not in {0, *partner.values()}:
            partner[stage.id] = by_name[stage.name]
    return partner
