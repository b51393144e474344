"""Where things stand on the sheet Matrix: rows, columns, widths. No cell is written here."""

from dataclasses import dataclass

from openpyxl.utils import get_column_letter as column_name

from raci.grid.grid import Activity, Stage

from .export import Export, delivered_by

IDS_ROW = 4
ROLES_ROW = 5
PEOPLE_ROW = 6
ID, ACTIVITY, FIRST_ROLE = 1, 2, 3
# Up to here the names of roles stand level; more columns are narrow and their names are turned.
_LEVEL_HEADS = 12
TEXT_WIDTHS = {"Delivered by": 22.0, "People": 34.0, "Description": 52.0, "Notes": 52.0}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things stand on the sheet. Rows and columns count from 1; `last` is the row below the activities.

    That row is empty and belongs to every range, so that a row inserted at the end is counted and coloured too.
    """

    rows: tuple[tuple[int, Stage | Activity], ...]
    roles: int
    first: int
    texts: tuple[str, ...]

    @property
    def header(self) -> int:
        return self.first - 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows)

    @property
    def turned(self) -> bool:
        return self.roles > _LEVEL_HEADS

    @property
    def filtered(self) -> bool:
        """Turned names leave no room for the buttons of a filter."""
        return bool(self.rows) and not self.turned

    @property
    def last_role(self) -> int:
        return FIRST_ROLE + self.roles - 1

    @property
    def leads(self) -> int:
        return FIRST_ROLE + self.roles

    @property
    def flag(self) -> int:
        return self.leads + 1

    @property
    def last_column(self) -> int:
        return self.flag + len(self.texts)

    def span(self, first: int, last: int, *, row: int | None = None) -> str:
        """A range over whole columns of the body, or over one row of them."""
        top, bottom = (row, row) if row else (self.first, self.last)
        return f"{column_name(first)}{top}:{column_name(last)}{bottom}"

    @property
    def name_width(self) -> float:
        """Of the column of activities, in characters."""
        return 36.0 if self.turned else 44.0

    @property
    def role_width(self) -> float:
        """Of the column of a role, in characters."""
        return 5.0 if self.turned else max(12.0, min(20.0, 96.0 / max(1, self.roles)))


def plan_for(export: Export) -> Plan:
    """Stages with their activities below the header; columns of prose only where some activity has any."""
    grid = export.grid
    first = PEOPLE_ROW + 1 if any(role.people for role in grid.roles) else PEOPLE_ROW
    entries: list[Stage | Activity] = []
    for stage, activities in grid.by_stage():
        entries.extend([stage] if stage else [])
        entries.extend(activities)
    wanted = {
        "Delivered by": any(delivered_by(grid, a) for a in grid.activities),
        "People": any(a.people for a in grid.activities),
        "Description": any(a.description for a in grid.activities),
        "Notes": any(a.notes for a in grid.activities),
    }
    texts = tuple(head for head, present in wanted.items() if present)
    return Plan(tuple(enumerate(entries, start=first)), len(grid.roles), first, texts)
