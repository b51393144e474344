"""Who hears that they fill a role, answer for it, or no longer do."""

import pytest
from django.urls import reverse

from raci.accounts.models import User
from raci.matrices.models import Change, Matrix, Role
from raci.notices import names
from raci.notices.models import Notice
from raci.screens import filling
from raci.workspaces.models import Access, Member
from tests.factories import MemberFactory, UserFactory, make_matrix
from tests.matrices.reading import revision, roles_of


@pytest.fixture
def small(editor) -> Matrix:
    return make_matrix(editor, "LS", "SL")


@pytest.fixture
def role(small) -> Role:
    return small.roles.first()


@pytest.fixture
def mei(workspace) -> Member:
    return MemberFactory(workspace=workspace, user=UserFactory(name="Mei Tanaka"), access=Access.VIEWER)


@pytest.fixture
def client(sign_in, editor):
    return sign_in(editor)


def post(client, matrix, name, *ids, **fields):
    address = reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])
    return client.post(address, {"seen": revision(matrix), **fields})


def heard(member):
    """What the member is told, without the name of the matrix."""
    rows = member.notices.order_by("pk")
    return [names.named(row.text, names.look_up(row.text)).replace(" in “Test matrix”", "") for row in rows]


def test_a_member_hears_of_each_step(client, small, role, mei):
    Matrix.objects.filter(pk=small.pk).update(name="Test matrix")
    for name in ("role_member_add", "role_answers"):
        post(client, small, name, role.pk, user=mei.user_id)
    post(client, small, "role_answers", role.pk)
    post(client, small, "role_member_remove", role.pk, user=mei.user_id)
    assert heard(mei) == [
        "Eddie Editor put you into the role Role 1.",
        "Eddie Editor chose you to answer for Role 1.",
        "Eddie Editor chose that you no longer answer for Role 1.",
        "Eddie Editor took you out of the role Role 1.",
    ]
    assert {row.url for row in mei.notices.all()} == {reverse("role", args=[small.workspace_id, small.pk, role.pk])}


def test_the_notice_holds_no_name_of_a_person(client, small, role, mei):
    post(client, small, "role_member_add", role.pk, user=mei.user_id)
    assert "Eddie" not in mei.notices.get().text


def test_what_one_does_to_oneself_and_what_changes_nothing_is_no_news(client, small, role, editor, mei):
    post(client, small, "role_member_add", role.pk, user=editor.user_id)
    post(client, small, "role_answers", role.pk, user=editor.user_id)
    assert not Notice.objects.exists()
    for _ in range(2):
        post(client, small, "role_member_add", role.pk, user=mei.user_id)
    assert Notice.objects.count() == 1


def test_whoever_answered_before_hears_that_somebody_else_does(client, small, role, mei, viewer):
    Matrix.objects.filter(pk=small.pk).update(name="Test matrix")
    for member in (mei, viewer):
        post(client, small, "role_member_add", role.pk, user=member.user_id)
        post(client, small, "role_answers", role.pk, user=member.user_id)
    assert heard(mei)[-1] == "Eddie Editor chose that you no longer answer for Role 1."
    assert heard(viewer)[-1] == "Eddie Editor chose you to answer for Role 1."


def test_undo_redo_and_restore_are_told_too(client, small, role, mei):
    Matrix.objects.filter(pk=small.pk).update(name="Test matrix")
    before = revision(small)
    post(client, small, "role_member_add", role.pk, user=mei.user_id)
    post(client, small, "undo")
    post(client, small, "redo")
    post(client, small, "history_restore", before)
    put, took = "Eddie Editor put you into the role Role 1.", "Eddie Editor took you out of the role Role 1."
    assert heard(mei) == [put, took, put, took]


def test_of_two_roles_that_become_one_each_is_told(client, small, role, mei):
    Matrix.objects.filter(pk=small.pk).update(name="Test matrix")
    kept = roles_of(small)[1]
    post(client, small, "role_member_add", role.pk, user=mei.user_id)
    post(client, small, "role_answers", role.pk, user=mei.user_id)
    post(client, small, "role_merge", role.pk, into=kept.pk)
    assert set(heard(mei)[2:]) == {
        "Eddie Editor took you out of the role Role 1.",
        "Eddie Editor put you into the role Role 2, to answer for it.",
    }
    of_the_gone = mei.notices.get(key__endswith=f":{role.pk}", text__contains="took you out")
    assert of_the_gone.url == reverse("matrix", args=[small.workspace_id, small.pk])


def test_a_role_that_is_removed_is_told_to_who_filled_it(client, small, role, mei):
    post(client, small, "role_member_add", role.pk, user=mei.user_id)
    post(client, small, "role_remove", role.pk, asked="1", heir=str(roles_of(small)[1].pk))
    assert not Role.objects.filter(pk=role.pk).exists()
    assert "took you out of the role Role 1" in mei.notices.last().text


def test_who_has_left_the_workspace_hears_nothing(client, small, role, mei):
    post(client, small, "role_member_add", role.pk, user=mei.user_id)
    Notice.objects.all().delete()
    user = User.objects.get(pk=mei.user_id)
    mei.delete()
    post(client, small, "role_member_remove", role.pk, user=user.pk)
    role.refresh_from_db()
    assert role.members == []
    assert not Notice.objects.exists()


def test_where_the_notice_cannot_be_written_nothing_is_changed(client, small, role, mei, monkeypatch):
    def fail(*args, **named):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(filling, "notify", fail)
    before = Change.objects.count()
    with pytest.raises(RuntimeError):
        post(client, small, "role_member_add", role.pk, user=mei.user_id)
    role.refresh_from_db()
    assert (role.members, Change.objects.count()) == ([], before)
