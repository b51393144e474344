"""The matrix as a file."""

import io
import re
from datetime import date
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from culture.references import reference_grid
from raci.grid.levels import Level, Notation
from raci.matrices import departures
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, create_matrix, rename_matrix, set_aside, set_level
from raci.screens.exported import export_of
from raci.screens.views import exports
from raci.workspaces.models import AuditEvent
from tests.factories import make_matrix

AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
}


def url(matrix, kind) -> str:
    return reverse("export", args=[matrix.workspace_id, matrix.pk, kind])


def file_name(answer) -> str:
    """The name a browser saves it under."""
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; ")
    encoded = re.search(r"filename\*=UTF-8''([^;]+)", said)
    return unquote(encoded[1]) if encoded else re.search(r'filename="([^"]*)"', said)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_in_the_workspace_can_take_the_matrix_along(kind, sign_in, viewer, matrix):
    answer = sign_in(viewer).post(url(matrix, kind))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == KINDS[kind]
    assert file_name(answer) == f"Launch, revision 1.{'md' if kind == 'markdown' else kind}"


def test_the_workbook_opens_and_holds_the_activities(sign_in, viewer, matrix):
    book = openpyxl.load_workbook(io.BytesIO(sign_in(viewer).post(url(matrix, "xlsx")).content))
    texts = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert {"Pricing and Packaging", "Product Marketing"} <= texts


def test_the_file_speaks_the_readers_notation(sign_in, viewer, matrix):
    client = sign_in(viewer)
    assert "Size the Market Opportunity,L,S,I,I" in client.post(url(matrix, "csv")).text
    client.cookies["notation"] = "raci"
    assert "Size the Market Opportunity,A/R,R,I,I" in client.post(url(matrix, "csv")).text


def test_the_name_of_the_file_is_the_matrix_own_in_any_script(sign_in, owner, matrix):
    rename_matrix(matrix=matrix.pk, sender=Sender(owner), name='Müller "AG" / プロダクト; =1')
    answer = sign_in(owner).post(url(matrix, "csv"))
    assert file_name(answer) == "Müller AG - プロダクト; =1, revision 2.csv"
    header = answer.headers["Content-Disposition"]
    assert header.isascii()
    assert re.search(r'filename="[^"\\/]+\.csv"; filename\*=UTF-8', header)


def test_findings_come_with_the_reason_they_were_set_aside(sign_in, owner):
    matrix = make_matrix(owner, "L..", "LSC", ".S.")
    activity = matrix.activities.first()
    set_aside(matrix=matrix.pk, sender=Sender(owner), finding=f"R4:{activity.pk}:", reason="Agreed so")
    value = export_of(Matrix.objects.get(pk=matrix.pk), Notation.LEAD_SUPPORT)
    lines = {(line.severity, line.where, line.set_aside) for line in value.findings}
    assert ("Warning", "Activity 1", "Agreed so") in lines
    assert ("Error", "Activity 3", "") in lines


def test_the_latest_two_hundred_changes_come_along(owner, matrix):
    for number in range(205):
        rename_matrix(matrix=matrix.pk, sender=Sender(owner), name=f"Name {number}")
    value = export_of(Matrix.objects.get(pk=matrix.pk), Notation.LEAD_SUPPORT)
    assert [line.revision for line in value.history] == list(range(206, 6, -1))
    assert value.history[0].who == "Olive Owner"
    assert value.history[0].sentence == "The matrix “Name 203” is now called “Name 204”."


def test_there_is_no_other_kind(sign_in, viewer, matrix):
    assert sign_in(viewer).post(url(matrix, "pdf")).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_gets_what_a_nonexistent_matrix_gives(kind, sign_in, stranger, owner, matrix, foreign_matrix):
    client = sign_in(stranger)
    foreign = client.post(url(matrix, kind))
    none = client.post(reverse("export", args=[stranger.workspace_id, 999_999, kind]))
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content
    through_own = sign_in(owner).post(reverse("export", args=[owner.workspace_id, foreign_matrix.pk, kind]))
    assert through_own.status_code == 404


def test_who_took_it_along_stands_in_the_audit_log_and_looking_at_the_address_gives_nothing(sign_in, viewer, matrix):
    client = sign_in(viewer)
    assert client.get(url(matrix, "xlsx")).status_code == 405
    assert not AuditEvent.objects.exists()
    client.post(url(matrix, "xlsx"))
    (event,) = AuditEvent.objects.all()
    assert (event.workspace, event.kind, event.by) == (matrix.workspace, "exported", viewer.user)
    assert event.about == {"matrix": "Launch", "kind": "xlsx"}
    assert Change.objects.filter(matrix=matrix).count() == 1


def test_an_export_needs_the_token_of_a_page_of_ours(sign_in, viewer, matrix):
    assert sign_in(viewer, enforce_csrf_checks=True).post(url(matrix, "csv")).status_code == 403
    page = sign_in(viewer).get(reverse("matrix", args=[matrix.workspace_id, matrix.pk])).text
    assert f'formaction="{url(matrix, "csv")}"' in page


def test_somebody_removed_while_the_file_is_made_gets_nothing(sign_in, viewer, matrix, monkeypatch):
    def removed(matrix, shown_in, real=exports.export_of):
        viewer.delete()
        return real(matrix, shown_in)

    monkeypatch.setattr(exports, "export_of", removed)
    assert sign_in(viewer).post(url(matrix, "csv")).status_code == 404
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_needs_as_many_queries_for_many_rows(kind, sign_in, owner):
    client, counts = sign_in(owner), []
    for rows in (2, 60):
        matrix = make_matrix(owner, *["LSCI"] * rows, stages=2)
        with CaptureQueriesContext(connection) as asked:
            client.post(url(matrix, kind))
        counts.append(sum(not query["sql"].startswith(AROUND) for query in asked.captured_queries))
    assert counts[0] == counts[1] <= 12


def test_departures_go_along_with_who_decided_and_until_when(sign_in, owner, matrix):
    """Both cells of a move of the Lead are one line."""
    activity = matrix.activities.get(origin="win-loss-analysis")
    marketing, sales = matrix.roles.get(origin="product-marketing"), matrix.roles.get(origin="sales")
    theirs = {marketing.pk: Level.LEAD, sales.pk: Level.SUPPORT}
    ours = {marketing.pk: Level.SUPPORT, sales.pk: Level.LEAD}
    sender = Sender(owner)
    set_level(matrix=matrix.pk, sender=sender, activity=activity.pk, role=sales.pk, level=Level.LEAD, seen=1)
    departures.keep(
        matrix=matrix.pk,
        sender=sender,
        activity=activity.pk,
        ours=ours,
        theirs=theirs,
        against="market",
        reference="market-led",
        reason="Our wins hang on three long deals a year.",
        until=date(2090, 3, 12),
        seen=2,
    )
    (line,) = export_of(Matrix.objects.get(pk=matrix.pk), Notation.LEAD_SUPPORT).departures
    assert (line.activity, line.reference) == (activity.name, "Market-led")
    assert (line.roles, line.ours, line.theirs) == ("Product Marketing, Sales", "Support, Lead", "Lead, Support")
    assert (line.reason, line.until, line.by) == (
        "Our wins hang on three long deals a year.",
        "12 Mar 2090",
        "Olive Owner",
    )
    text = sign_in(owner).post(url(matrix, "markdown")).text
    assert "Our wins hang on three long deals a year." in text
    book = openpyxl.load_workbook(io.BytesIO(sign_in(owner).post(url(matrix, "xlsx")).content))
    assert "Departures" in book.sheetnames
    owner.user.delete()
    (line,) = export_of(Matrix.objects.get(pk=matrix.pk), Notation.LEAD_SUPPORT).departures
    assert line.by == "Somebody"


def test_a_departure_whose_reference_has_changed_is_marked(owner, matrix):
    other = create_matrix(sender=Sender(owner), name="Sister", grid=reference_grid("market"))
    activity, role = matrix.activities.get(origin="product-launch"), matrix.roles.get(origin="engineering")
    activity.departures = {
        f"{role.pk}:matrix-{other.pk}": {"ours": "I", "theirs": "C", "reason": "So", "until": None, "by": None},
    }
    activity.save()
    there = other.activities.get(origin="product-launch"), other.roles.get(origin="engineering")
    for level, seen, state in (
        (Level.CONTRIBUTE, 1, "Kept"),
        (Level.SUPPORT, 2, "To decide: the reference has changed"),
    ):
        where = {"activity": there[0].pk, "role": there[1].pk}
        set_level(matrix=other.pk, sender=Sender(owner), **where, level=level, seen=seen)
        (line,) = export_of(Matrix.objects.get(pk=matrix.pk), Notation.LEAD_SUPPORT).departures
        assert (line.reference, line.state) == ("Sister", state)
