"""Writes a matrix as a workbook a product leader can send on as it is: Matrix, Legend, Checks, History, and
Roles and Departures where there is anything to say of them.

Belongs here: the order of the sheets and what the file says of itself. The sheets are in `xlsx_matrix` (with
`xlsx_plan` and `xlsx_rules`) and `xlsx_pages`, looks and safe text in `xlsx_book`.
"""

import io
from datetime import UTC
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.writer.excel import ExcelWriter

from raci.grid.text import day

from .export import Export
from .xlsx_book import Book, xml_text
from .xlsx_matrix import write_matrix
from .xlsx_pages import write_checks, write_departures, write_history, write_legend, write_origin, write_roles


def to_xlsx(export: Export) -> bytes:
    """The workbook as bytes. Every text is written as text; the only formulas are our own counts."""
    book = Book()
    write_matrix(book, export)
    write_legend(book, export)
    write_roles(book, export)
    if export.version is None:
        write_checks(book, export)
    write_departures(book, export)
    if export.version is None:
        write_history(book, export)
    write_origin(book, export)
    book.close()
    _describe(book, export)
    file = io.BytesIO()
    # Not workbook.save(): it would put the clock of the server over the time of the export.
    ExcelWriter(book.workbook, ZipFile(file, "w", ZIP_DEFLATED)).save()
    return file.getvalue()


def _describe(book: Book, export: Export) -> None:
    on = export.on.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties = book.workbook.properties
    properties.title = xml_text(export.name)
    properties.subject = f"Responsibility matrix, {export.state.lower()}, {day(export.on)}"
    properties.keywords = f"responsibility matrix, {export.state.lower()}, {on.date().isoformat()}"
    properties.creator = properties.lastModifiedBy = "Remit"
    properties.created = properties.modified = on
