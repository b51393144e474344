"""`manage.py check_invariants`: it finds what was broken behind the operations' back, and says what it looked at."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from raci.matrices import drafts
from raci.matrices.models import Activity, Assignment, Change, Matrix, Role, Told
from raci.matrices.people import answer_for, take_part
from raci.notices.models import Outbox
from raci.notices.outbox import Letter, put
from raci.web.orphans import orphans
from raci.workspaces.invitations import invite
from raci.workspaces.models import Access, Link, Member, Workspace
from raci.workspaces.operations import RESTORABLE
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import revision, roles_of, to
from tests.walk import digest


@pytest.fixture
def small(owner) -> Matrix:
    """With somebody who answers for the first role."""
    matrix = make_matrix(owner, "LS", "SL", stages=1)
    role = roles_of(matrix)[0].pk
    take_part(**to(matrix, owner), role=role, user=owner.user_id)
    answer_for(**to(matrix, owner), role=role, user=owner.user_id, seen=revision(matrix))
    return matrix


def said() -> str:
    out = io.StringIO()
    call_command("check_invariants", stdout=out)
    return out.getvalue()


def found() -> str:
    """What it prints where something is broken."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_invariants", stdout=out)
    assert error.value.returncode == 1
    assert "broken in" in str(error.value)
    return out.getvalue()


def test_it_says_what_it_looked_at_and_writes_nothing(small, matrix):
    before = digest()
    assert said() == "Looked at 1 workspace, 2 matrices and 4 changes. Everything holds.\n"
    assert digest() == before


def test_an_empty_database_holds(db):
    assert said() == "Looked at 0 workspaces, 0 matrices and 0 changes. Everything holds.\n"


BREAKING = {
    "I3: matrix": lambda matrix: Matrix.objects.filter(pk=matrix.pk).update(revision=9),
    "I3: activity": lambda matrix: Activity.objects.filter(matrix=matrix).update(revision=9),
    "I4: role of matrix": lambda matrix: Role.objects.filter(matrix=matrix).update(members=[]),
    "I4: activity of matrix": lambda matrix: Assignment.objects.filter(role__matrix=matrix).update(level="C"),
    "differs from its log": lambda matrix: Change.objects.filter(matrix=matrix, revision=2).update(edits=[]),
    "who does not fill it": lambda matrix: Role.objects.filter(matrix=matrix).update(members=[]),
    "is filled twice": lambda matrix: Role.objects.filter(matrix=matrix).update(members=[7, 7]),
    "names somebody in a role": lambda matrix: Activity.objects.filter(matrix=matrix).update(
        people=[{"role": 987654, "name": "Ann", "task": ""}]
    ),
    "keeps 1:market on C": lambda matrix: Activity.objects.filter(matrix=matrix).update(
        departures={"1:market": {"ours": "C"}}
    ),
    "I10: Role positions": lambda matrix: Role.objects.filter(matrix=matrix).update(position=5),
    "I8: workspace": lambda matrix: Member.objects.filter(workspace=matrix.workspace, access=Access.OWNER).update(
        access=Access.EDITOR
    ),
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_what_is_broken_is_said_and_the_command_fails(small, sentence):
    BREAKING[sentence](small)
    assert sentence in found()
    with pytest.raises(AssertionError, match=sentence):
        invariants.check()


def test_what_points_into_another_matrix_is_found(small, owner):
    other = make_matrix(owner, "LS", stages=1)
    Activity.objects.filter(matrix=small).update(stage=other.stages.first())
    assert f"of matrix {small.pk} points into another matrix" in found()


def test_a_submission_that_was_acknowledged_and_is_not_in_the_log_is_found(small):
    with pytest.raises(AssertionError, match="lost was acknowledged and stands 0 times"):
        invariants.check(["lost"])


def test_a_deleted_workspace_has_an_owner_for_as_long_as_it_can_be_restored(small, workspace):
    Member.objects.all().delete()
    Workspace.objects.update(deleted_at=timezone.now() - RESTORABLE + timedelta(hours=1))
    assert "I8" in found()
    Workspace.objects.update(deleted_at=timezone.now() - RESTORABLE)
    assert "Everything holds" in said()


def test_what_leads_into_another_workspace_is_found(small, owner, stranger):
    draft, invited = drafts.make(matrix=small.pk, by=owner).draft, invite(by=owner, access=Access.VIEWER).invitation
    assert "Everything holds" in said()
    Link.objects.filter(pk=draft.link_id).update(workspace=stranger.workspace)
    assert f"Draft link {draft.pk} to matrix {small.pk} is one of another workspace" in found()
    draft.link.save()
    Link.objects.filter(pk=invited.link_id).update(workspace=None)
    assert f"Invitation {invited.pk} of workspace {owner.workspace_id} has a link into another" in found()


def test_who_was_told_of_what_is_not_there_is_found(small, owner):
    told = Told.objects.create(matrix=small, member=owner, revision=revision(small))
    assert "Everything holds" in said()
    Told.objects.filter(pk=told.pk).update(revision=99)
    assert f"was told of revision 99 of matrix {small.pk}" in found()


@pytest.mark.parametrize("done", ["sent_at", "failed_at"])
def test_a_mail_that_is_done_and_still_says_something_is_found(db, done):
    mail = put(Letter("News", "Some.", ""), to="ann@example.org")
    assert "Everything holds" in said()
    Outbox.objects.filter(pk=mail.pk).update(**{done: timezone.now()})
    assert f"Mail {mail.pk} is done and still has its text" in found()
    Outbox.objects.update(subject="", text="")
    assert "Everything holds" in said()


@pytest.mark.django_db(transaction=True)
def test_a_pointer_at_nothing_is_found(small):
    """Made as no operation could: with the database's own check off."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE matrices_change SET by_id = 987654 WHERE matrix_id = %s", [small.pk])
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
    assert len(orphans()) >= 1
    assert all(sentence.startswith("I9: ") for sentence in orphans())
    Change.objects.filter(matrix=small).update(by=None)
    assert orphans() == []
