"""A matrix as it is written into files: with what the checks say, its latest history, and what is kept."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.timezone import localtime

from raci.accounts.models import name_of
from raci.exchange.export import CheckLine, Export, HistoryLine
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding, Severity
from raci.matrices.models import Change, Matrix
from raci.matrices.people import names_in, with_names
from raci.matrices.sentences import tell
from raci.matrices.sentences_roles import mentioned
from raci.matrices.store import read_settled
from raci.publishing.versions import grid_of

from .findings import check, where
from .kept import kept_lines
from .sheet import Sheet

MOST_HISTORY = 200
SEVERITIES = {Severity.ERROR: "Error", Severity.WARN: "Warning", Severity.NOTE: "Note"}


def export_of(matrix: Matrix, shown_in: Notation) -> Export:
    """The matrix as it is now, with what the checks say and its latest history."""
    matrix, grid = read_settled(matrix)
    return Export(
        grid=with_names(grid, matrix),
        matrix=matrix.pk,
        name=matrix.name,
        workspace=matrix.workspace.name,
        revision=matrix.revision,
        on=localtime(),
        notation=shown_in,
        findings=tuple(_check_lines(matrix, grid, shown_in)),
        history=tuple(_history_lines(matrix, shown_in)),
        departures=kept_lines(matrix.workspace, grid, shown_in),
    )


def version_export_of(sheet: Sheet, *, whole: bool) -> Export:
    """A version as its sheet tells it; `whole`, for members, with its notes and what is kept against references."""
    version, matrix, grid = sheet.version, sheet.version.matrix, sheet.grid
    if whole:
        grid = replace(grid_of(version), roles=grid.roles)
    return Export(
        grid=grid,
        matrix=matrix.pk,
        name=version.name,
        workspace=matrix.workspace.name,
        revision=version.revision,
        on=localtime(version.published_at),
        notation=sheet.notation,
        departures=kept_lines(matrix.workspace, grid, sheet.notation) if whole else (),
        version=version.number,
    )


def _check_lines(matrix: Matrix, grid: Grid, shown_in: Notation) -> Iterator[CheckLine]:
    activities = {activity.id: activity.name for activity in grid.activities}
    roles = {role.id: role.name for role in grid.roles}

    def line(finding: Finding, reason: str = "") -> CheckLine:
        names = [activities.get(finding.activity or 0, ""), roles.get(finding.role or 0, "")]
        about = where(grid, finding) if finding.rule == "E2" else ", ".join(filter(None, names))
        return CheckLine(SEVERITIES[finding.severity], about or "The whole matrix", finding.text, reason)

    checked = check(matrix, grid, shown_in, thorough=True, told=True)
    yield from (line(finding) for finding in checked.open)
    yield from (line(finding, reason) for finding, reason in checked.aside)


def _history_lines(matrix: Matrix, shown_in: Notation) -> Iterator[HistoryLine]:
    changes = Change.objects.filter(matrix=matrix).select_related("by").order_by("-revision")[:MOST_HISTORY]
    people = names_in(matrix.pk, mentioned(changes))
    for change in changes:
        told = tell(change, shown_in, people=people)
        yield HistoryLine(change.revision, localtime(change.at), name_of(change.by), told.headline)
