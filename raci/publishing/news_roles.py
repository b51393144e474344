"""The news for one role, told to those who fill it: what they do that they did not do before, and the reverse.

Activities to which the same happened share a sentence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from raci.grid.levels import Level, Notation
from raci.grid.text import capitalised, listed

from .news_sides import Row, Sides
from .news_words import verb, you

GAP = "\0"  # where activities are named; no name holds it


@dataclass(slots=True)
class Told:
    """Sentences with a gap, for one activity and for several, and the activities of each."""

    activities: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, activity: str, one: str, many: str = "") -> None:
        """Says `one` of the activity, or `many` where the same is said of others too."""
        self.activities.setdefault((one, many or one), []).append(f"“{activity}”")

    def sentences(self) -> Iterator[str]:
        """Each sentence once, in the order in which it was first said."""
        for (one, many), names in self.activities.items():
            yield (one if len(names) == 1 else many).replace(GAP, listed(names))


def role_news(sides: Sides, rows: Mapping[int, Row], role: int) -> tuple[str, ...]:
    """What is new for a role of either side; `rows` as of `rows_of`."""
    now = {each.id: each.name for each in sides.after.roles}
    was = {each.id: each.name for each in sides.before.roles}
    if role not in now:
        if role in sides.partner:
            return role_news(sides, rows, sides.partner[role])
        return _gone(sides, role) if role in was else ()
    former = {b: a for a, b in sides.partner.items()}.get(role)
    said = []
    if former is None:
        said.append(_came(sides, role))
    elif was[former] != now[role]:
        said.append(f"{was[former]} is now called {now[role]}.")
    said += _joined(sides, role)
    told, new = Told(), set(sides.found.alignment.activities_only_b)
    for activity in sides.after.activities:
        if row := rows.get(activity.id):
            _row(told, sides, row, role, former)
        elif activity.id in new and (level := sides.after.level(activity.id, role)):
            yours = f"You {you(level, sides.notation)} {GAP}"
            told.add(activity.name, f"{yours}, which is new.", f"{yours}, which are new.")
    gone = set(sides.found.alignment.activities_only_a)
    for activity in sides.before.activities:
        if activity.id in gone and former is not None and sides.before.level(activity.id, former):
            told.add(activity.name, f"{GAP} is no longer in the matrix.", f"{GAP} are no longer in the matrix.")
    return (*said, *told.sentences())


def _came(sides: Sides, role: int) -> str:
    parent = sides.split_off(role)
    return f"{sides.names[role]} {'is a new role' if parent is None else f'was split off {sides.names[parent]}'}."


def _joined(sides: Sides, role: int) -> Iterator[str]:
    """The roles that were merged into this one, and those that were split off it."""
    for gone in sides.found.alignment.roles_only_a:
        if sides.merged_into(gone) == role:
            yield f"{sides.names[gone]} was merged into {sides.names[role]}."
    for new in sides.found.alignment.roles_only_b:
        if sides.split_off(new) == role:
            yield _came(sides, new)


def _gone(sides: Sides, role: int) -> tuple[str, ...]:
    """What became of a role that is gone, and who leads and delivers now what it did."""
    into, is_active = sides.merged_into(role), sides.notation is Notation.LEAD_SUPPORT
    end = "is no longer a role" if into is None else f"was merged into {sides.names[into]}"
    told, there = Told(), dict(sides.found.alignment.activities)
    delivers = {activity.id: activity.deliverer for activity in sides.after.activities}
    for activity in sides.before.activities:
        is_led = role in sides.before.leads(activity.id)
        if not (is_led or activity.deliverer == role):
            continue
        did = ("led" if is_active else "were accountable for") if is_led else "delivered"
        here = there.get(activity.id)
        if here is None:
            yours = f"{GAP}, which you {did},"
            told.add(activity.name, f"{yours} is no longer in the matrix.", f"{yours} are no longer in the matrix.")
        elif is_led:
            tail = f", which you {did}" if is_active else ", as you were before"
            does = "now leads" if is_active else "is now accountable for"
            told.add(activity.name, f"{capitalised(_name(sides, sides.after.lead(here)))} {does} {GAP}{tail}.")
        else:
            heir = delivers[here] or sides.after.lead(here)
            told.add(activity.name, f"{capitalised(_name(sides, heir))} now delivers {GAP}, which you {did}.")
    return (f"{sides.names[role]} {end}.", *told.sentences())


def _row(told: Told, sides: Sides, row: Row, role: int, former: int | None) -> None:
    """What is new for a role in an activity that stands on both sides."""
    name = row.after.name
    before = sides.before.level(row.before.id, former) if former is not None else None
    after = sides.after.level(row.after.id, role)
    if before is not after:
        told.add(name, _level(sides, row, before, after))
    elif row.lead and after:
        told.add(name, _led_by_others(sides, row, after))
    if row.delivery and (said := _delivery(sides, row, role, before, after)):
        told.add(name, said)
    if after and row.before.name != name:
        told.add(name, f"“{row.before.name}” is now called {GAP}.")


def _level(sides: Sides, row: Row, before: Level | None, after: Level | None) -> str:
    """The step from one level to another."""
    notation = sides.notation
    if after is Level.LEAD:
        return f"You {you(after, notation, 'now')} {GAP}{_who_led(sides, row)}."
    if before is Level.LEAD:
        rest = verb(after, notation).only_does[1] if after else "are no longer involved"
        heir = row.lead.after if row.lead else None
        do = "does" if notation is Notation.LEAD_SUPPORT else "is"
        return f"You {you(before, notation, 'no longer')} {GAP}: {_name(sides, heir)} {do}, and you {rest}."
    if after is None:
        return f"You are no longer involved in {GAP}."
    if before is None:
        return f"You {you(after, notation, 'now')} {GAP}."
    if after.depth > before.depth:
        return f"You {you(after, notation, 'now')} {GAP}; you {verb(before, notation).only_did[1]} before."
    return f"You {you(before, notation, 'no longer')} {GAP}: you {verb(after, notation).only_does[1]}."


def _who_led(sides: Sides, row: Row) -> str:
    if row.lead is None:
        return ""
    who = _name(sides, sides.later(row.lead.before))
    return f", which {who} led" if sides.notation is Notation.LEAD_SUPPORT else f", as {who} was before"


def _led_by_others(sides: Sides, row: Row, after: Level) -> str:
    """Another role leads, and this one does what it did."""
    if row.lead is None:
        return ""
    leads = sides.notation.words.leads
    now = f"now {leads}" if leads == "leads" else leads.replace("is ", "is now ", 1)
    heir, former = _name(sides, row.lead.after), row.lead.before
    no_longer = "" if former is None else f", no longer {_name(sides, sides.later(former))}"
    still = verb(after, sides.notation).now[1].replace("now ", "still ", 1)
    return f"{capitalised(heir)} {now} {GAP}{no_longer}; you {still}."


def _delivery(sides: Sides, row: Row, role: int, before: Level | None, after: Level | None) -> str:
    """What the move of the delivery is to a role that takes it, gives it up, or leads."""
    did, does = sides.later(row.before.deliverer), row.after.deliverer
    if does == role:
        return f"You {'still' if did is None and before is Level.LEAD else 'now'} deliver {GAP}."
    if after is Level.LEAD:
        if does is not None:
            led = None if row.before.deliverer else sides.later(sides.before.lead(row.before.id))
            when = "still" if led == does else "now"
            return f"{sides.names[does]} {when} delivers {GAP}, which you {you(after, sides.notation)}."
        return "" if did == role else f"You now deliver {GAP} yourself."
    if did != role:
        return ""
    return f"You no longer deliver {GAP}: {_name(sides, does or sides.after.lead(row.after.id))} does."


def _name(sides: Sides, role: int | None) -> str:
    return "nobody" if role is None else sides.names[role]
