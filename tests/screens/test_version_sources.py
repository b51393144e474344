"""Versions as what a matrix can be laid beside: on the comparison page and in the grid."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity
from raci.publishing.models import Version
from raci.screens.kept import reference_names
from raci.screens.sources import source, sources
from tests.factories import make_matrix
from tests.publishing.making import publish
from tests.screens.test_versions import lead


@pytest.fixture
def core(owner):
    """Version 1 stands; since then the second role leads the first row, which has another name."""
    matrix = make_matrix(owner, "LS.", ".LI", name="Core")
    publish(matrix, owner)
    lead(matrix, owner, 0, 1)
    values, seen = {"name": "Something else"}, Matrix.objects.get(pk=matrix.pk).revision
    row = matrix.activities.first().pk
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=row, values=values, seen=seen)
    return matrix


@pytest.fixture
def version(core) -> Version:
    return Version.objects.get(matrix=core)


def compared(matrix) -> str:
    return reverse("compare", args=[matrix.workspace_id, matrix.pk])


def test_a_version_of_the_matrix_itself_is_compared_by_ids_so_a_new_name_is_no_new_row(sign_in, viewer, core, version):
    page = sign_in(viewer).get(compared(core), {"with": f"version-{version.pk}"})
    comparison = page.context["page"].comparison
    assert "Compared with <bdi>version 1 of this matrix</bdi>" in page.text
    assert comparison.diff.alignment.is_complete
    assert len(comparison.differences) == 1
    assert "a version is what was agreed when it was published" in page.text


def test_a_version_of_another_matrix_is_compared_by_names(sign_in, viewer, owner, core, version):
    other = make_matrix(owner, "SL.", ".LI", name="Other")
    page = sign_in(viewer).get(compared(other), {"with": f"version-{version.pk}"})
    assert "Compared with <bdi>version 1 of Core</bdi>" in page.text
    assert len(page.context["page"].comparison.differences) == 1


def test_the_version_can_be_used_like_a_reference(sign_in, editor, core, version):
    client, with_ = sign_in(editor), f"version-{version.pk}"
    page = client.get(compared(core), {"with": with_})
    assert "Use the version" in page.text
    (decision,) = page.context["page"].to_decide[0].decisions
    url = reverse("difference_take", args=[core.workspace_id, core.pk])
    sent = {
        "with": with_,
        "difference": decision.key,
        "seen": Matrix.objects.get(pk=core.pk).revision,
        "key": "a-key-of-this-form",
    }
    assert client.post(url, sent).status_code == 302
    row = core.activities.first().pk
    assert read_grid(core).lead(row) == core.roles.first().pk


def test_ours_can_be_kept_against_a_version_and_is_named_in_exports(sign_in, editor, core, version):
    with_ = f"version-{version.pk}"
    client = sign_in(editor)
    (decision,) = client.get(compared(core), {"with": with_}).context["page"].to_decide[0].decisions
    sent = {
        "with": with_,
        "difference": decision.key,
        "seen": Matrix.objects.get(pk=core.pk).revision,
        "key": "a-key-of-this-form",
        "reason": "It went well.",
    }
    assert client.post(reverse("difference_keep", args=[core.workspace_id, core.pk]), sent).status_code == 302
    assert read_grid(core).activities[0].departures[0].against == with_
    assert reference_names(core.workspace, {with_}) == {with_: "Version 1 of Core"}


def test_the_grid_can_be_laid_beside_a_version(sign_in, editor, core, version):
    client = sign_in(editor)
    url = reverse("overlay_set", args=[core.workspace_id, core.pk])
    client.post(url, {"with": f"version-{version.pk}"})
    page = client.get(reverse("matrix", args=[core.workspace_id, core.pk]))
    assert page.context["page"].beside.reference.name == "version 1 of this matrix"
    assert page.context["page"].beside.differing == 2


def test_all_versions_of_the_matrix_are_offered_and_of_others_the_latest(owner, core):
    other = make_matrix(owner, "L", name="Another")
    put_away = make_matrix(owner, "L", name="Put away")
    for matrix in (other, other, put_away, core):
        publish(matrix, owner)
    archive(matrix=put_away.pk, sender=Sender(owner), archived=True)
    row = Matrix.objects.get(pk=core.pk)
    assert [each.name for each in sources(owner.workspace, row) if each.kind == "version"] == [
        "Version 2 of this matrix",
        "Version 1 of this matrix",
        "Version 2 of Another",
    ]


def test_the_menu_reads_no_grid(owner, core):
    row = Matrix.objects.select_related("publication__latest").defer("publication__latest__grid").get(pk=core.pk)
    with CaptureQueriesContext(connection) as asked:
        sources(owner.workspace, row)
    assert len(asked) == 3
    assert not [query for query in asked.captured_queries if '"grid"' in query["sql"]]


def test_a_version_of_another_workspace_is_as_good_as_none(sign_in, viewer, stranger, core):
    foreign = publish(make_matrix(stranger, "L", name="Bolt canary"), stranger)
    page = sign_in(viewer).get(compared(core), {"with": f"version-{foreign.pk}"})
    assert page.status_code == 404
    assert source(core.workspace, f"version-{foreign.pk}") is None
    assert "Bolt canary" not in sign_in(viewer).get(compared(core)).text


def test_the_comparison_with_a_version_needs_few_queries(sign_in, viewer, core, version, django_assert_max_num_queries):
    client = sign_in(viewer)
    with django_assert_max_num_queries(12):
        client.get(compared(core), {"with": f"version-{version.pk}"})


def test_a_level_that_was_cleared_since_is_shown_as_the_version_has_it(sign_in, viewer, owner, core, version):
    lead(core, owner, 1, 2, None)
    page = sign_in(viewer).get(compared(core), {"with": f"version-{version.pk}"}).context["page"]
    cells = [(cell.ours, cell.theirs) for each in page.comparison.differences for cell in each.cells]
    assert (None, Level.INFORMED) in cells
