"""Deciding on differences from a reference: take its levels, keep ours for a reason, or follow another reference.

A departure stands on its activity under "role:reference key". It goes by itself when the level it explains does (see
`Work.finish`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from raci.accounts.models import name_of
from raci.grid.grid import Departure
from raci.grid.levels import Level
from raci.grid.text import prose
from raci.web import days
from raci.web.refusals import Conflict, Refused

from .conflicts import refuse_stale_cells
from .edits import Row
from .models import Change, HouseReference
from .operations import Done, Sender, commit, give
from .store import departure_key, departure_row
from .work import Work, check_seen

REASON_LIMIT = 500

Levels = Mapping[int, Level | None]  # role id -> level, None for not involved


@dataclass(frozen=True, slots=True)
class Carry:
    """The departures from the reference with the key `old` are from now on from `new`.

    `theirs` maps activities to the levels of the new reference in their cells that have one. Where that is our level,
    there is nothing left to explain.
    """

    old: str
    new: str
    theirs: Mapping[int, Levels]


def keep(
    *,
    matrix: int,
    sender: Sender,
    activity: int,
    ours: Levels,
    theirs: Levels,
    against: str,
    reference: str,
    reason: str,
    until: date | None,
    seen: int,
) -> Done:
    """Keeps the levels of some cells of one activity, although a reference has others there.

    `ours` and `theirs` are the levels of the same cells here and in the reference whose key is `against` and whose
    name `reference`. Said again, it renews the reason and the end.
    """
    because = checked_reason(reason)
    if until is not None and until < days.today():
        raise Refused("That day has passed. Choose one that is still to come, or none.")

    def plan(work: Work) -> None:
        row = _row(work, activity, ours, seen, against=against)
        by = sender.member.user_id
        for role, level in theirs.items():
            departure = Departure(role, against, level, because, until, by)
            row["departures"][departure_key(role, against)] = departure_row(departure, ours[role])
        work.about = {"reference": reference}

    body = [activity, sorted(ours), against, because, until]
    return commit(plan, matrix=matrix, sender=sender, kind="keep", body=body)


def let_go(
    *, matrix: int, sender: Sender, activity: int, ours: Levels, against: str, reference: str, seen: int
) -> Done:
    """Forgets why these cells are kept: the difference is to be decided again."""

    def plan(work: Work) -> None:
        row = _row(work, activity, ours, seen, against=against)
        for role in ours:
            row["departures"].pop(departure_key(role, against), None)
        work.about = {"reference": reference}

    return commit(plan, matrix=matrix, sender=sender, kind="let_go", body=[activity, sorted(ours), against])


def take(
    *, matrix: int, sender: Sender, activity: int, ours: Levels, theirs: Levels, reference: str, seen: int
) -> Done:
    """Sets cells of one activity to the levels that a reference has there. Refused where that leaves nobody to lead."""

    def plan(work: Work) -> None:
        row = _row(work, activity, ours, seen, theirs)
        _set(row["cells"], theirs, row["name"])
        work.about = {"reference": reference}

    body = [activity, sorted((role, level) for role, level in theirs.items())]
    return commit(plan, matrix=matrix, sender=sender, kind="take", body=body)


def follow(
    *,
    matrix: int,
    sender: Sender,
    culture: str | None,
    house: int | None,
    moves: Mapping[int, tuple[Levels, Levels]],
    seen: int,
    carry: Carry | None = None,
) -> Done:
    """From now on the matrix follows this reference, and these cells move at once.

    `moves` maps activity ids to their levels before and after. `house` is a house reference of this workspace, None
    for the reference of the culture itself. What was kept against the reference followed so far is kept against this
    one, as `carry` says.
    """
    if house is not None:
        check_house(sender, house)

    def plan(work: Work) -> None:
        check_seen(work, seen)
        work.load_activities([*moves, *(carry.theirs if carry else ())])
        for activity, (ours, theirs) in moves.items():
            row = _row(work, activity, ours, seen, theirs)
            _set(row["cells"], theirs, row["name"])
        settings = work.settings()
        if any(_follows_another(change, matrix) for change in work.changes_since(seen)):
            raise Conflict(
                "Somebody chose another reference to follow meanwhile. Nothing was changed; look again first."
            )
        settings["culture_id"], settings["house_id"] = culture, house
        if settings["culture_id"] == work.matrix.culture_id:
            work.about["culture"] = culture or ""  # which the edits lack, being the same before and after
        if carry:
            work.about["carried"] = carry.new
            _carry(work, carry)

    body = [culture, house, sorted((activity, sorted(theirs.items())) for activity, (_, theirs) in moves.items())]
    return commit(plan, matrix=matrix, sender=sender, kind="follow", body=body)


def check_house(sender: Sender, house: int) -> None:
    """Refuses a house reference that is not this workspace's."""
    if not HouseReference.objects.filter(pk=house, workspace_id=sender.member.workspace_id).exists():
        raise Refused("There is no such house reference in this workspace. Reload the page.")


def checked_reason(text: str) -> str:
    """Why something is kept, or a refusal that says what is wrong with it."""
    try:
        because = prose(text, limit=REASON_LIMIT, what="reason")
    except ValueError as error:
        raise Refused(str(error)) from error
    if not because:
        raise Refused("Say why you keep yours: one sentence is enough.")
    return because


def _row(work: Work, activity: int, ours: Levels, seen: int, wanted: Levels | None = None, *, against: str = "") -> Row:
    """The activity, if these cells are still as the sender saw them, and so is what was decided on them.

    `against` narrows that to the decisions against one reference.
    """
    row = work.activity(activity)
    _refuse_overtaken(work, activity, ours, seen, against)
    for role in ours:
        work.role(role)
    refuse_stale_cells(work, activity, ours if wanted is None else wanted, seen)
    now = {role: row["cells"].get(str(role)) for role in ours}
    if now != {role: None if level is None else level.value for role, level in ours.items()}:
        raise Conflict(f"“{row['name']}” has changed since. Nothing was changed; look again first.")
    return row


def _carry(work: Work, carry: Carry) -> None:
    """A decision that the new reference has its own departure for stays as it is."""
    for activity, theirs in carry.theirs.items():
        row = work.activity(activity)
        for role, level in theirs.items():
            kept = row["departures"].pop(departure_key(role, carry.old), None)
            letter = None if level is None else level.value
            if kept is not None and row["cells"].get(str(role)) != letter:
                row["departures"].setdefault(departure_key(role, carry.new), {**kept, "theirs": letter})


def _refuse_overtaken(work: Work, activity: int, ours: Levels, seen: int, against: str) -> None:
    """409 where somebody decided on one of these cells after the sender looked."""
    check_seen(work, seen)
    if work.revisions.get(activity, 0) <= seen:
        return
    for change in work.changes_since(seen):
        decided = ((change.edit_of("activity", activity) or {}).get("after") or {}).get("departures", {})
        for key in decided:
            role, _, reference = key.partition(":")
            if int(role) in ours and against in ("", reference):
                who = "You, on another page," if change.by_id == work.member.user_id else name_of(change.by)
                said = f": {decided[key]['reason']}" if decided[key] else ""
                name = work.activity(activity)["name"]
                raise Conflict(f"{who} decided on “{name}” meanwhile{said}. Nothing was changed; look again first.")


def _follows_another(change: Change, matrix: int) -> bool:
    """Whether this change made the matrix follow another reference."""
    after = (change.edit_of("matrix", matrix) or {}).get("after") or {}
    return bool({"culture_id", "house_id"} & set(after))


def _set(cells: dict[str, str], levels: Levels, name: str) -> None:
    """Sets these cells of a row, the Lead last, so that it finds the former one's level already set."""
    had_lead = Level.LEAD.value in cells.values()
    for role, level in sorted(levels.items(), key=lambda cell: cell[1] is Level.LEAD):
        give(cells, role, level)
    if had_lead and Level.LEAD.value not in cells.values():
        raise Refused(f"Nobody would lead “{name}” then. Give it to another role first.")
