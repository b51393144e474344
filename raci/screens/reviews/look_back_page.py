"""Looking back on the latest version, as its page asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from raci.grid.grid import Activity, Grid, Stage
from raci.matrices.models import Matrix
from raci.publishing.models import Version
from raci.publishing.versions import grid_of, latest_of
from raci.reviews.models import LookBack
from raci.screens.asked import number

MOST_NOTES = 400  # rows with a line for a note each: a form has 1,000 fields at most


@dataclass(frozen=True, slots=True)
class Line:
    """One activity, who leads it, and what was said of it the last time."""

    activity: Activity
    lead: str
    is_wrong: bool
    note: str


@dataclass(frozen=True, slots=True)
class LookBackPage:
    """`version` is None where nothing is published, `grid` what it says and `last` what was said of it so far. Rows
    that are not in the matrix any more, which has those `here`, are not asked about."""

    matrix: Matrix
    version: Version | None
    grid: Grid
    here: frozenset[int]
    last: LookBack | None

    @property
    def has_notes(self) -> bool:
        return len(self.here) <= MOST_NOTES

    @property
    def groups(self) -> Sequence[tuple[Stage | None, Sequence[Line]]]:
        """The rows by their stages."""
        names = {role.id: role.name for role in self.grid.roles}
        said: Mapping[str, Mapping[str, str]] = self.last.wrong if self.last else {}
        return [
            (stage, [self._line(row, names, said.get(str(row.id))) for row in asked])
            for stage, rows in self.grid.by_stage()
            if (asked := [row for row in rows if row.id in self.here])
        ]

    def _line(self, row: Activity, names: Mapping[int, str], said: Mapping[str, str] | None) -> Line:
        lead = names.get(self.grid.lead(row.id) or 0, "")
        return Line(row, lead, said is not None, (said or {}).get("note", ""))


def look_back_page(matrix: Matrix) -> LookBackPage:
    """Two queries, and one for the grid of a version that this process has not read yet."""
    version = latest_of(matrix)
    if version is None:
        return LookBackPage(matrix, None, Grid(), frozenset(), None)
    last = LookBack.objects.select_related("by").filter(version=version).first()
    here = frozenset(matrix.activities.values_list("pk", flat=True))
    return LookBackPage(matrix, version, grid_of(version), here, last)


def wrong_in(sent: QueryDict) -> dict[int, str]:
    """Activity -> its note, of those that are ticked."""
    return {number(each): sent.get(f"note-{each}", "") for each in sent.getlist("wrong")}
