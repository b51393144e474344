"""The matrix as a file to send on."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from raci.exchange.csv import to_csv
from raci.exchange.export import CheckLine, Export, HistoryLine, file_name
from raci.exchange.markdown import to_markdown
from raci.exchange.xlsx import to_xlsx
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding, Severity
from raci.matrices.models import Change, Matrix
from raci.matrices.sentences import tell
from raci.matrices.store import read_settled
from raci.screens.asked import matrix_of, notation
from raci.screens.findings import check
from raci.screens.kept import kept_lines
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

MOST_HISTORY = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SEVERITIES = {Severity.ERROR: "Error", Severity.WARN: "Warning", Severity.NOTE: "Note"}

Writer = Callable[[Export], bytes]
KINDS: dict[str, tuple[str, str, Writer]] = {
    "xlsx": ("xlsx", XLSX, to_xlsx),
    "csv": ("csv", "text/csv; charset=utf-8", to_csv),
    "markdown": ("md", "text/markdown; charset=utf-8", lambda export: to_markdown(export).encode("utf-8", "replace")),
}


@requires(Access.VIEWER)
@require_GET
def export(request: MemberRequest, matrix: int, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    suffix, content_type, write = KINDS[kind]
    value = export_of(matrix_of(request, matrix), notation(request))
    response = HttpResponse(write(value), content_type=content_type)
    response.headers["Content-Disposition"] = _attached(file_name(value, suffix))
    return response


def export_of(matrix: Matrix, shown_in: Notation) -> Export:
    """The matrix as it is now, with what the checks say and its latest history."""
    matrix, grid = read_settled(matrix)
    return Export(
        grid=grid,
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


def _check_lines(matrix: Matrix, grid: Grid, shown_in: Notation) -> Iterator[CheckLine]:
    activities = {activity.id: activity.name for activity in grid.activities}
    roles = {role.id: role.name for role in grid.roles}

    def line(finding: Finding, reason: str = "") -> CheckLine:
        where = [activities.get(finding.activity or 0, ""), roles.get(finding.role or 0, "")]
        return CheckLine(
            SEVERITIES[finding.severity], ", ".join(filter(None, where)) or "The whole matrix", finding.text, reason
        )

    checked = check(matrix, grid, shown_in)
    yield from (line(finding) for finding in checked.open)
    yield from (line(finding, reason) for finding, reason in checked.aside)


def _history_lines(matrix: Matrix, shown_in: Notation) -> Iterator[HistoryLine]:
    for change in Change.objects.filter(matrix=matrix).select_related("by").order_by("-revision")[:MOST_HISTORY]:
        yield HistoryLine(
            change.revision, localtime(change.at), str(change.by or "Somebody"), tell(change, shown_in).headline
        )


def _attached(name: str) -> str:
    """RFC 6266: the name itself, and before it one in ASCII for programs that read nothing else."""
    plain = name.encode("ascii", "ignore").decode().strip() or "Matrix"
    if plain == name:
        return content_disposition_header(True, name) or "attachment"
    return f"{content_disposition_header(True, plain)}; filename*=UTF-8''{quote(name, safe='')}"
