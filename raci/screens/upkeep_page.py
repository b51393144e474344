"""Review and upkeep of one matrix, as its page shows it: when it is reviewed next, and what to confirm until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from raci.grid.grid import Activity, Grid
from raci.matrices.models import Change, Matrix
from raci.matrices.store import read_grid
from raci.publishing.due import Review, review_of, why
from raci.publishing.models import MONTHS, Publication, Version
from raci.publishing.upkeep import Event, unconfirmed
from raci.publishing.upkeep_checks import TRIAL, confirmable, events_of
from raci.publishing.upkeeping import is_declared
from raci.publishing.versions import publication_read
from raci.web import days
from raci.workspaces.models import Member


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A row that waits for one event, and whether the reader may confirm it."""

    activity: Activity
    lead: str
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class Group:
    """An event with the rows that wait because of it; `confirmed` counts those that do no longer."""

    event: Event
    waiting: Sequence[ToConfirm]
    confirmed: int

    @property
    def mine(self) -> int:
        """How many of them the reader may confirm."""
        return sum(row.may_confirm for row in self.waiting)

    @property
    def total(self) -> int:
        return len(self.waiting) + self.confirmed


@dataclass
class UpkeepPage:
    """`publication` and `version` are None until something is published."""

    matrix: Matrix
    grid: Grid
    member: Member
    publication: Publication | None
    version: Version | None
    today: date

    @cached_property
    def review(self) -> Review | None:
        both = self.publication is not None and self.version is not None
        return review_of(self.publication, self.version) if both else None  # type: ignore[arg-type]

    @property
    def said(self) -> str:
        """How near the review is."""
        return self.review.said(self.today) if self.review else ""

    @property
    def is_overdue(self) -> bool:
        return self.review is not None and self.review.is_overdue(self.today)

    @property
    def is_soon(self) -> bool:
        return self.review is not None and self.review.is_soon(self.today)

    @property
    def why(self) -> str:
        return why(self.review, self.publication) if self.review and self.publication else ""

    @property
    def months(self) -> int:
        return self.publication.months if self.publication else MONTHS

    @property
    def is_declared(self) -> bool:
        """Whether strategy or culture are said to have changed since the version."""
        return self.publication is not None and self.version is not None and is_declared(self.publication, self.version)

    @property
    def is_trial(self) -> bool:
        """Whether it is time to look back on the first version, or that was done."""
        if self.version is None or self.version.number != 1 or self.publication is None or self.review is None:
            return False
        first, last = TRIAL
        return first <= (self.today - self.review.agreed).days <= last

    @cached_property
    def groups(self) -> list[Group]:
        """What happened since the version, with the rows to confirm; what is all confirmed comes last."""
        found = events_of(self.matrix, self.grid, _causes(self.matrix, self.version))
        waiting = unconfirmed(found, self.publication.confirmed) if self.publication else {}
        mine = confirmable(self.matrix, self.grid, self.member, list(waiting)) if waiting else set()
        rows = {row.id: row for row in self.grid.activities}
        roles = {role.id: role.name for role in self.grid.roles}
        groups = []
        for event in found:
            left = [row for row in event.rows if event in waiting.get(row, ())]
            shown = [ToConfirm(rows[row], roles.get(self.grid.lead(row) or 0, ""), row in mine) for row in left]
            groups.append(Group(event, shown, len(event.rows) - len(left)))
        return sorted(groups, key=lambda group: not group.waiting)

    @property
    def rows_waiting(self) -> int:
        """How many rows wait, each counted once."""
        return len({row.activity.id for group in self.groups for row in group.waiting})

    @property
    def mine(self) -> int:
        """How many of those the reader may confirm."""
        return len({row.activity.id for group in self.groups for row in group.waiting if row.may_confirm})

    @property
    def keys(self) -> str:
        """The events the page shows, as a form sends them."""
        return ",".join(group.event.key for group in self.groups if group.waiting)


def upkeep_page(matrix: Matrix, member: Member) -> UpkeepPage:
    publication = publication_read(matrix)
    version = publication.latest if publication else None
    return UpkeepPage(matrix, read_grid(matrix, stages=False), member, publication, version, days.today())


def _causes(matrix: Matrix, version: Version | None) -> dict[int, str]:
    """Role id -> how it went or came, where it was merged or split off since the version; one query."""
    if version is None or matrix.revision <= version.revision:
        return {}
    log = Change.objects.filter(matrix=matrix, revision__gt=version.revision, kind__in=("role_merge", "role_split"))
    return {role: said for change in log.order_by("revision") for role, said in _cause(change)}


def _cause(change: Change) -> list[tuple[int, str]]:
    about: dict[str, str] = change.names.get("about", {})
    roles = [edit for edit in change.edits if edit["table"] == "role"]
    if change.kind == "role_merge" and "into" in about:
        return [(e["id"], f"{e['name']} was merged into {about['into']}") for e in roles if e["after"] is None]
    if "from" in about:
        return [(e["id"], f"{e['name']} was split off {about['from']}") for e in roles if e["before"] is None]
    return []
