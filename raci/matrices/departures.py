"""Deciding on differences from a reference: take its levels, keep ours for a reason, or follow another reference.

A departure stands on its activity under "role:reference key". It goes by itself when the level it explains does (see
`Work.finish`).
"""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from raci.grid.levels import Level
from raci.grid.text import prose
from raci.web.refusals import Conflict, Refused

from .edits import Row
from .models import Change, HouseReference
from .operations import Done, Sender, commit, give, refuse_stale_cells
from .store import departure_key
from .work import Work

REASON_LIMIT = 500

Levels = Mapping[int, Level | None]  # role id -> level, None for not involved


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
    if until is not None and until < timezone.localdate():
        raise Refused("That day has passed. Choose one that is still to come, or none.")

    def plan(work: Work) -> None:
        row = _row(work, activity, ours, seen)
        by = sender.member.user_id
        for role, level in theirs.items():
            row["departures"][departure_key(role, against)] = {
                "theirs": None if level is None else level.value,
                "reason": because,
                "until": None if until is None else until.isoformat(),
                "by": by,
            }
        work.about = {"reference": reference}

    body = [activity, sorted(ours), against, because, until]
    return commit(plan, matrix=matrix, sender=sender, kind="keep", body=body)


def let_go(
    *, matrix: int, sender: Sender, activity: int, ours: Levels, against: str, reference: str, seen: int
) -> Done:
    """Forgets why these cells are kept: the difference is to be decided again."""

    def plan(work: Work) -> None:
        row = _row(work, activity, ours, seen)
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
) -> Done:
    """From now on the matrix follows this reference, and these cells move at once.

    `moves` maps activity ids to their levels before and after. `house` is a house reference of this workspace, None
    for the reference of the culture itself.
    """
    if house is not None:
        check_house(sender, house)

    def plan(work: Work) -> None:
        work.load_activities(list(moves))
        for activity, (ours, theirs) in moves.items():
            row = _row(work, activity, ours, seen, theirs)
            _set(row["cells"], theirs, row["name"])
        settings = work.settings()
        if any(_follows_another(change, matrix) for change in work.changes_since(seen)):
            raise Conflict(
                "Somebody chose another reference to follow meanwhile. Nothing was changed; look again first."
            )
        settings["culture_id"], settings["house_id"] = culture, house

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


def _row(work: Work, activity: int, ours: Levels, seen: int, wanted: Levels | None = None) -> Row:
    """The activity, if these cells are still as the sender saw them."""
    row = work.activity(activity)
    for role in ours:
        work.role(role)
    refuse_stale_cells(work, activity, ours if wanted is None else wanted, seen)
    now = {role: row["cells"].get(str(role)) for role in ours}
    if now != {role: None if level is None else level.value for role, level in ours.items()}:
        raise Conflict(f"“{row['name']}” has changed since. Nothing was changed; look again first.")
    return row


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
