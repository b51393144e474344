"""Review and upkeep of one matrix, as its page shows it: when it is reviewed next, and what to confirm until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from raci.grid.grid import Activity, Grid
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.publishing.due import NextReview, review_of, why
from raci.publishing.models import MONTHS, Publication, Version
from raci.publishing.upkeep import Event, unconfirmed
from raci.publishing.upkeep_checks import TRIAL, confirmable, events_of
from raci.publishing.upkeeping import is_declared
from raci.publishing.versions import publication_read
from raci.web import days
from raci.workspaces.models import Member


@dataclass(frozen=True, slots=True)
class Row:
    """A row that waits for what happened, and whether the reader may confirm it."""

    activity: Activity
    lead: str
    happened: Sequence[Event]
    may_confirm: bool

    @property
    def keys(self) -> str:
        """The events, as a form sends them."""
        return ",".join(event.key for event in self.happened)


@dataclass
class UpkeepPage:
    """`publication` and `version` are None until something is published. `saved` is the row that gets the focus after
    another was confirmed, 0 for the heading of the list; None where nothing was."""

    matrix: Matrix
    grid: Grid
    member: Member
    publication: Publication | None
    version: Version | None
    today: date
    saved: int | None = None

    @cached_property
    def review(self) -> NextReview | None:
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
    def events(self) -> tuple[Event, ...]:
        """What happened since the version."""
        return events_of(self.matrix, self.grid, told=True)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows to confirm, in their order."""
        waiting = unconfirmed(self.events, self.publication.confirmed) if self.publication else {}
        mine = confirmable(self.matrix, self.grid, self.member, list(waiting)) if waiting else set()
        roles = {role.id: role.name for role in self.grid.roles}
        return [
            Row(row, roles.get(self.grid.lead(row.id) or 0, ""), waiting[row.id], row.id in mine)
            for row in self.grid.activities
            if row.id in waiting
        ]

    @property
    def total(self) -> int:
        """How many rows something happened to, confirmed or not."""
        return len({row for event in self.events for row in event.rows})

    @property
    def confirmed(self) -> int:
        return self.total - len(self.rows)

    @property
    def mine(self) -> list[int]:
        """Those the reader may confirm."""
        return [row.activity.id for row in self.rows if row.may_confirm]

    @property
    def keys(self) -> str:
        """The events the page shows, as a form sends them."""
        return ",".join(event.key for event in self.events if any(event in row.happened for row in self.rows))

    def behind(self, activity: int) -> int:
        """The next row that the reader may confirm, behind one that has left the list, or the last; 0 for none."""
        order = [row.id for row in self.grid.activities]
        later = [row for row in self.mine if activity in order and order.index(row) > order.index(activity)]
        return next(iter([*later, *self.mine[-1:]]), 0)


def upkeep_page(matrix: Matrix, member: Member) -> UpkeepPage:
    publication = publication_read(matrix)
    version = publication.latest if publication else None
    return UpkeepPage(matrix, read_grid(matrix, stages=False), member, publication, version, days.today())
