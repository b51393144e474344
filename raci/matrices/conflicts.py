"""What somebody else changed while a page was open: a cell that was touched since is refused, with both values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from raci.accounts.models import name_of
from raci.grid.levels import Level, Notation
from raci.web.refusals import Conflict

from .models import Change
from .work import Work, check_seen


@dataclass
class CellConflict(Conflict):
    """Somebody changed the cell after the sender looked. `theirs` and `mine` are the two values.

    `event` says who changed what, `now` the role to look at and its level. `sentence` is in Lead-Support words.
    """

    def __init__(
        self,
        event: str,
        now: tuple[str, Level | None],
        *,
        activity: int,
        role: int,
        theirs: Level | None,
        mine: Level | None,
    ) -> None:
        self.event, self.now = event, now
        self.activity, self.role, self.theirs, self.mine = activity, role, theirs, mine
        super().__init__(self.said_in(Notation.LEAD_SUPPORT))

    def said_in(self, notation: Notation) -> str:
        """The sentence in the words of the reader."""
        name, level = self.now
        chosen, stands = notation.word(self.mine), notation.word(level)
        return f"{self.event} a moment before you chose {chosen}: {name} is {stands} now."


def refuse_stale_cells(
    work: Work, activity: int, wanted: Mapping[int, Level | None], seen: int, own: Collection[int] = ()
) -> None:
    """409 when a touched cell changed after the revision the sender saw; giving the Lead looks at the whole row.

    The sender's own changes with a revision in `own` do not count.
    """
    check_seen(work, seen)
    if work.revisions.get(activity, work.matrix.revision) <= seen:
        return
    cells = work.activity(activity)["cells"]
    for change in work.changes_since(seen):
        if change.revision in own and change.by_id == work.member.user_id:
            continue
        before, changed = (_cells_of(change, activity, side) for side in ("before", "after"))
        for role, level in wanted.items():
            theirs = cells.get(str(role))
            lead_moved = level is Level.LEAD and Level.LEAD.value in {*changed.values(), *before.values()}
            if (str(role) in changed or lead_moved) and theirs != (level.value if level else None):
                raise _cell_conflict(work, change, activity, role, level)


def _cells_of(change: Change, activity: int, side: str) -> dict[str, str | None]:
    """The cells on one side of a change; none where the row was not there then."""
    cells: dict[str, str | None] = ((change.edit_of("activity", activity) or {}).get(side) or {}).get("cells", {})
    return cells


def _cell_conflict(work: Work, change: Change, activity: int, role: int, mine: Level | None) -> CellConflict:
    cells, roles = work.activity(activity)["cells"], work.rows("role")
    who = name_of(change.by)
    if change.by_id == work.member.user_id:
        who = "You, on another page,"
    letter = cells.get(str(role))
    theirs = Level(letter) if letter else None
    changed = _cells_of(change, activity, "after")
    now = roles[role]["name"], theirs
    lead = next((int(r) for r, level in cells.items() if level == Level.LEAD), None)
    if str(role) not in changed and lead is not None:
        now = roles[lead]["name"], Level.LEAD
    return CellConflict(
        f"{who} changed “{work.activity(activity)['name']}”",
        now,
        activity=activity,
        role=role,
        theirs=theirs,
        mine=mine,
    )
