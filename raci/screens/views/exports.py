"""The matrix as a file to send on. It is asked for by POST, for the audit log of the workspace keeps who took it."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from raci.exchange.csv import to_csv
from raci.exchange.export import Export, file_name
from raci.exchange.markdown import to_markdown
from raci.exchange.xlsx import to_xlsx
from raci.screens.asked import matrix_of, notation
from raci.screens.exported import export_of, version_export_of
from raci.screens.sheet import Sheet
from raci.workspaces import audit
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Writer = Callable[[Export], bytes]
KINDS: dict[str, tuple[str, str, Writer]] = {
    "xlsx": ("xlsx", XLSX, to_xlsx),
    "csv": ("csv", "text/csv; charset=utf-8", to_csv),
    "markdown": ("md", "text/markdown; charset=utf-8", lambda export: to_markdown(export).encode("utf-8", "replace")),
}


@requires(Access.VIEWER)
@require_POST
def export(request: MemberRequest, matrix: int, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    suffix, content_type, write = KINDS[kind]
    value = export_of(matrix_of(request, matrix), notation(request))
    response = HttpResponse(write(value), content_type=content_type)
    response.headers["Content-Disposition"] = attached(file_name(value, suffix))
    audit.note("exported", by=request.member, needed=Access.VIEWER, matrix=value.name, kind=kind)
    return response


def version_file(sheet: Sheet, *, whole: bool = False) -> HttpResponse:
    """A version as a workbook; `whole` for members, with what visitors are not told."""
    value = version_export_of(sheet, whole=whole)
    response = HttpResponse(to_xlsx(value), content_type=XLSX)
    response.headers["Content-Disposition"] = attached(file_name(value, "xlsx"))
    return response


def attached(name: str) -> str:
    """RFC 6266: the name itself, and before it one in ASCII for programs that read nothing else."""
    plain = name.encode("ascii", "ignore").decode().strip() or "Matrix"
    if plain == name:
        return content_disposition_header(True, name) or "attachment"
    return f"{content_disposition_header(True, plain)}; filename*=UTF-8''{quote(name, safe='')}"
