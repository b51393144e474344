"""The migrations of workspaces on a database with data in it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from raci.workspaces.links import make_link, make_sign_in_link
from raci.workspaces.models import Link


@pytest.fixture
def _migrated_again(transactional_db):
    yield
    call_command("migrate", verbosity=0)


def _migrate(name):
    executor = MigrationExecutor(connection)
    executor.migrate([("workspaces", name)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_migrated_again")
def test_links_of_assessments_go_with_the_release_that_knows_them_and_those_to_sign_in_stay(editor):
    make_sign_in_link(editor.user)
    until = timezone.now() + timedelta(days=1)
    make_link(purpose=Link.Purpose.ASSESSMENT, workspace=editor.workspace, by=editor.user, until=until)
    kept = Link.objects.get(purpose=Link.Purpose.SIGN_IN)
    _migrate("0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("SELECT purpose FROM workspaces_link")
        assert cursor.fetchall() == [("sign-in",)]
    call_command("migrate", verbosity=0)
    assert list(Link.objects.values_list("pk", "digest", "user")) == [(kept.pk, kept.digest, editor.user.pk)]
