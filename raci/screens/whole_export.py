"""All of a workspace in one zip file: a workbook and JSON files for each matrix, and one for the rest."""

import io
import json
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.timezone import localtime

from raci.exchange.export import file_name, safe_name
from raci.exchange.xlsx import to_xlsx
from raci.grid.levels import Notation
from raci.grid.text import day
from raci.matrices.models import Matrix
from raci.matrices.store import read_settled
from raci.publishing.models import Version
from raci.web.refusals import TooLarge
from raci.workspaces.models import Member, Workspace

from .exported import export_of, version_export_of
from .sheet import sheet
from .whole_export_parts import about_workspace, changes_of, matrix_itself
from .whole_export_published import published
from .whole_export_reviews import reviewed

MOST_BYTES = 200_000_000  # of the file, which stands in memory while it is made
README = """{name}
{line}

All of the workspace “{name}”, as it was on {on}, taken along by {by}.

workspace.json   Its members and invitations, references of the house, assessments with their answers, what was
                 answered about product marketing, and the audit log. An open assessment has no answers here:
                 nobody reads them before it is closed who has not answered.
matrices/        For each matrix, with its number first:
  ….xlsx         the workbook, as Export gives it in the matrix
  ….json         the same for a program: stages, roles, activities, levels (L, S, C and I), departures
                 (why a level stays unlike a reference) and the findings that were set aside
  …, changes.json
                 every change since it was made, the oldest first: who, when, in a sentence, and the values of
                 each touched row before and after
  …, version ….xlsx
                 each version that was published, as a workbook
  …, versions.json
                 the same for a program, with the letters, how many were told and have read it, who signed (a
                 signature names the digest of its version), when it is looked at again, and who shares it
  …, reviews.json
                 polls, with who said what once one with names is closed, and the counts alone of one by
                 function; how the rows go and how their Leads are rated; sessions with their agendas, what they
                 decided and who sees to what stays open; and what turned out wrong

Days and times in JSON are written as in ISO 8601. Persons stand there by the ids of their accounts; “people” in
workspace.json has their names.
"""


def zip_name(workspace: Workspace) -> str:
    """Such as “Acme, 22 Nov 2026.zip”, for every file system."""
    return f"{safe_name(workspace.name, 'Workspace')}, {day(localtime())}.zip"


def whole_export(member: Member) -> bytes:
    """The zip file, with what this owner may read; 413 where it grows too large. Each file is at one revision."""
    workspace, file = member.workspace, io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        about = {"by": str(member.user), "on": f"{localtime():%Y-%m-%d %H:%M %Z}", "line": "=" * len(workspace.name)}
        archive.writestr("README.txt", README.format(name=workspace.name, **about))
        archive.writestr("workspace.json", _json(about_workspace(member)))
        for matrix in Matrix.objects.filter(workspace=workspace).order_by("pk"):
            _write(archive, matrix)
            if file.tell() > MOST_BYTES:
                raise TooLarge("All of this workspace is too large for one file. Export its matrices one by one.")
    return file.getvalue()


def _write(archive: ZipFile, matrix: Matrix) -> None:
    """The files of one matrix. Its number comes first in their names, so that no two are called the same."""
    book = export_of(matrix, Notation.LEAD_SUPPORT)
    archive.writestr(f"matrices/{matrix.pk} {file_name(book, 'xlsx')}", to_xlsx(book))
    row, grid = read_settled(matrix)
    stem = f"matrices/{row.pk} {safe_name(row.name)}, revision {row.revision}"
    archive.writestr(f"{stem}.json", _json(matrix_itself(row, grid)))
    listed = ZipInfo(f"{stem}, changes.json", localtime().timetuple()[:6])
    listed.compress_type = ZIP_DEFLATED
    with archive.open(listed, "w", force_zip64=True) as log:
        for piece in _json_list(changes_of(row)):
            log.write(piece.encode())
    _write_versions(archive, row)
    if (found := reviewed(row)) is not None:
        archive.writestr(f"matrices/{row.pk} {safe_name(row.name)}, reviews.json", _json(found))


def _write_versions(archive: ZipFile, matrix: Matrix) -> None:
    """What was published of it; nothing where nothing was."""
    found = published(matrix)
    if found is None:
        return
    archive.writestr(f"matrices/{matrix.pk} {safe_name(matrix.name)}, versions.json", _json(found))
    for version in (
        Version.objects.filter(matrix=matrix).select_related("published_by").defer("grid").order_by("number")
    ):
        version.matrix = matrix
        shown = sheet(version, notation=Notation.LEAD_SUPPORT, shows_people=True, shows_reasons=True)
        book = version_export_of(shown, whole=True)
        archive.writestr(f"matrices/{matrix.pk} {file_name(book, 'xlsx')}", to_xlsx(book))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _json_list(values: Iterator[object]) -> Iterator[str]:
    """A long list one by one, so that it never stands in memory whole."""
    opening = "["
    for value in values:
        yield f"{opening}\n{json.dumps(value, ensure_ascii=False)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
