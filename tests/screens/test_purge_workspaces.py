"""`manage.py purge_workspaces NAME…`: only what was deleted and is named goes, and nothing where a name is doubtful."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from raci.workspaces import operations
from raci.workspaces.models import Workspace
from tests.factories import WorkspaceFactory
from tests.walk import digest


def purge(*names: str) -> str:
    out = io.StringIO()
    call_command("purge_workspaces", *names, stdout=out)
    return out.getvalue()


@pytest.fixture
def deleted(owner, matrix, stranger, foreign_matrix) -> Workspace:
    return operations.delete(by=owner, typed="Acme")


def test_a_named_workspace_goes_and_others_stay(deleted, stranger):
    others = digest(stranger.workspace_id)
    said = purge("Acme")
    assert "Removing “Acme”" in said
    assert "1 matrix, 1 person" in said
    assert "1 workspace removed." in said
    assert list(Workspace.objects.all()) == [stranger.workspace]
    assert digest(stranger.workspace_id) == others


def test_a_dry_run_says_what_would_go_and_removes_nothing(deleted):
    before = digest()
    said = purge("Acme", "--dry-run")
    assert "Would remove “Acme”" in said
    assert "Nothing was removed." in said
    assert digest() == before


@pytest.mark.parametrize("name", ["Bolt", "acme", "Nobody's", "", "0", "9" * 30])
def test_what_is_in_use_or_not_there_is_refused(deleted, name):
    before = digest()
    with pytest.raises(CommandError, match="No deleted workspace is called"):
        purge("Acme", name)
    assert digest() == before


def test_a_name_is_needed(deleted):
    with pytest.raises(CommandError, match="required"):
        purge()


def test_of_two_with_one_name_one_is_named_by_its_number(deleted):
    twin = WorkspaceFactory(name="Acme", deleted_at=timezone.now())
    with pytest.raises(CommandError, match=f"by its number: {deleted.pk}, {twin.pk}"):
        purge("Acme")
    purge(str(twin.pk), str(twin.pk))
    assert Workspace.objects.filter(name="Acme").get() == deleted


def test_more_than_twenty_at_once_are_refused(seeded):
    rows = [WorkspaceFactory(deleted_at=timezone.now()) for _ in range(21)]
    with pytest.raises(CommandError, match="21 at once are too many"):
        purge(*(row.name for row in rows))
    assert Workspace.objects.count() == 21
