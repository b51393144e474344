"""Deleting an account: what goes, what stays without a name, and what stands in the way."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import OperationalError, connection, models
from django.db.models.functions import Cast
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from culture.asking import answer_as_member, close, open_assessment
from culture.functions import Function
from culture.models import Assessment, Respondent
from culture.scoring import Choice
from raci.accounts.models import User
from raci.grid.levels import Level
from raci.matrices import departures, people
from raci.matrices.house import save_reference
from raci.matrices.models import Activity, Change, Matrix, Role
from raci.matrices.operations import Sender, set_level
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.notices.outbox import Letter, put
from raci.notices.sending import send_due
from raci.screens import inviting, leaving, membership
from raci.web.refusals import Busy, Conflict
from raci.workspaces import audit
from raci.workspaces.links import make_link
from raci.workspaces.models import Access, AuditEvent, Invitation, Link, Member, Workspace
from raci.workspaces.operations import RESTORABLE
from tests.factories import MemberFactory, UserFactory, WorkspaceFactory
from tests.invariants import check

NAME, EMAIL, PASSWORD = "Zacharias Quillfeather", "zq@quill.example", "a-long-passphrase-77"
DELETE = "account_delete"


@pytest.fixture
def person(workspace, owner, matrix) -> Member:
    """An owner beside the owner, who has done a bit of everything."""
    user = UserFactory(name=NAME, email=EMAIL, password=PASSWORD)
    member = MemberFactory(workspace=workspace, user=user, access=Access.OWNER)
    sender, seen = Sender(member), 1
    row = Activity.objects.filter(matrix=matrix).first()
    role = Role.objects.filter(matrix=matrix).last()
    done = set_level(matrix=matrix.pk, sender=sender, activity=row.pk, role=role.pk, level=Level.CONTRIBUTE, seen=seen)
    done = departures.keep(
        matrix=matrix.pk,
        sender=sender,
        activity=row.pk,
        ours={role.pk: Level.CONTRIBUTE},
        theirs={role.pk: None},
        against="sales",
        reference="sales",
        reason="It is meant so",
        until=None,
        seen=done.matrix.revision,
    )
    people.take_part(matrix=matrix.pk, sender=sender, role=role.pk, user=user.pk)
    save_reference(by=member, matrix=Matrix.objects.get(pk=matrix.pk), name="The house")
    round_of_all = open_assessment(by=member, title="A round", asks_others=True).assessment
    open_assessment(by=member, title="On my own", asks_others=False)
    for function in Function:
        answer_as_member(by=member, assessment=round_of_all.pk, function=function, choice=Choice("market", "sales"))
        answer_as_member(by=owner, assessment=round_of_all.pk, function=function, choice=Choice("sales", None))
    close(assessment=round_of_all.pk, by=owner, share=True)
    _invited(owner, EMAIL)
    _invited(member, "friend@example.org")
    audit.record(workspace, "member.joined", by=user, whom=user, access="owner")
    notify(owner, text=f"{sign_of(user)} made you answer for Sales.", url="/", key="one")
    put(Letter("For you", "Hello", "<p>Hello</p>"), to=EMAIL, user=user)
    inviting.invite(by=member, email="x@example.org", access=Access.VIEWER, until=timezone.now() + timedelta(days=7))
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    TOTP.activate(user, generate_totp_secret())
    return member


@pytest.fixture
def alone(seeded) -> Member:
    """Somebody in no workspace but their own."""
    user = UserFactory(name=NAME, email=EMAIL)
    return MemberFactory(workspace=WorkspaceFactory(name="Mine alone"), user=user, access=Access.OWNER)


def _invited(by: Member, email: str) -> None:
    until = timezone.now() + timedelta(days=7)
    link, _ = make_link(purpose=Link.Purpose.INVITATION, workspace=by.workspace, by=by.user, until=until)
    Invitation.objects.create(workspace=by.workspace, link=link, email=email, access=Access.EDITOR)


def found_in_tables(*texts: str) -> list[str]:
    """Every column of every table that holds one of these, whatever its type."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            rows = model._default_manager.annotate(as_text=Cast(field.attname, models.TextField()))
            there = [text for text in texts if rows.filter(as_text__icontains=text).exists()]
            found += [f"{model._meta.label}.{field.name}: {text}" for text in there]
    return found


def pages(matrix: Matrix, round_of_all: int) -> list[str]:
    inside, ids = [matrix.workspace_id], [matrix.workspace_id, matrix.pk]
    activity = Activity.objects.filter(matrix=matrix).first().pk
    role = Role.objects.filter(matrix=matrix).last().pk
    return [
        *(
            reverse(name, args=inside)
            for name in ("matrices", "references", "assessments", "advisor", "members", "audit")
        ),
        *(reverse(name, args=ids) for name in ("matrix", "history", "checks", "arrange", "compare")),
        reverse("compare", args=ids) + "?with=sales",
        reverse("activity", args=[*ids, activity]),
        reverse("role", args=[*ids, role]),
        *(reverse(name, args=[*inside, round_of_all]) for name in ("assessment", "assessment_result")),
    ]


def test_what_they_did_stays_and_their_name_and_address_are_nowhere(person, owner, matrix, sign_in):
    assert found_in_tables(NAME, EMAIL)  # or nothing would be looked for
    round_of_all, client = Assessment.objects.get(title="A round"), sign_in(owner)
    before = {path: client.get(path) for path in pages(matrix, round_of_all.pk)}
    assert sum(NAME in answer.content.decode() for answer in before.values()) > 4
    revision = Matrix.objects.get(pk=matrix.pk).revision
    leaving.delete_account(by=person.user)
    assert found_in_tables(NAME, NAME.split()[1], EMAIL) == []
    for path in before:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert NAME not in answer.content.decode(), path
        assert EMAIL not in answer.content.decode(), path
    assert Matrix.objects.get(pk=matrix.pk).revision == revision
    assert Change.objects.filter(matrix=matrix, by=None).count() == 3
    assert Activity.objects.filter(matrix=matrix).first().departures
    check()


def test_their_answers_count_on_under_somebody(person, owner):
    round_of_all = Assessment.objects.get(title="A round")
    leaving.delete_account(by=person.user)
    rows = Respondent.objects.filter(assessment=round_of_all)
    assert sorted((row.name, row.answers.count()) for row in rows) == [("Olive Owner", 4), ("Somebody", 4)]
    assert not Assessment.objects.filter(title="On my own").exists()


def test_their_links_go_and_those_of_others_stay(person, owner):
    leaving.delete_account(by=person.user)
    assert [invitation.email for invitation in Invitation.objects.all()] == []
    _invited(owner, "another@example.org")
    assert Invitation.objects.count() == 1


def test_the_only_owner_hands_over_first(person, owner, workspace):
    Member.objects.filter(pk=owner.pk).update(access=Access.EDITOR)
    with pytest.raises(Conflict, match="“Acme” would be without an owner"):
        leaving.delete_account(by=person.user)
    assert User.objects.filter(pk=person.user_id).exists()
    assert found_in_tables(EMAIL)
    Member.objects.filter(pk=owner.pk).update(access=Access.OWNER)
    leaving.delete_account(by=person.user)
    assert Workspace.objects.filter(pk=workspace.pk).exists()


def test_a_workspace_they_are_alone_in_goes_with_them(alone, owner):
    assert leaving.what_goes(alone.user) == leaving.Leaving(["Mine alone"], staying=[], ownerless=[], lost=[])
    leaving.delete_account(by=alone.user)
    assert list(Workspace.objects.values_list("name", flat=True)) == ["Acme"]
    assert found_in_tables(NAME, EMAIL) == []


def test_a_deleted_workspace_keeps_the_only_one_who_can_restore_it_for_others(alone, viewer, sign_in):
    MemberFactory(workspace=alone.workspace, user=viewer.user, access=Access.VIEWER)
    assert leaving.what_goes(alone.user).ownerless == ["Mine alone"]
    Workspace.objects.filter(pk=alone.workspace_id).update(deleted_at=timezone.now())
    assert leaving.what_goes(alone.user) == leaving.Leaving(going=[], staying=[], ownerless=[], lost=["Mine alone"])
    with pytest.raises(Conflict, match="Only you can restore “Mine alone”"):
        leaving.delete_account(by=alone.user)
    page = sign_in(alone).get(reverse(DELETE)).content.decode()
    assert "Only you can restore “<bdi>Mine alone</bdi>”, which was deleted" in page
    assert "Delete my account" not in page
    MemberFactory(workspace=alone.workspace, access=Access.OWNER)
    leaving.delete_account(by=alone.user)
    assert Workspace.objects.filter(pk=alone.workspace_id).exists()


def test_one_that_nobody_can_restore_any_more_keeps_nobody_from_leaving(alone, viewer):
    MemberFactory(workspace=alone.workspace, user=viewer.user, access=Access.VIEWER)
    Workspace.objects.filter(pk=alone.workspace_id).update(deleted_at=timezone.now() - RESTORABLE)
    leaving.delete_account(by=alone.user)
    assert not User.objects.filter(pk=alone.user_id).exists()


def test_mails_that_wait_name_nobody_who_is_gone_and_lose_no_word_of_others(owner, editor):
    """However plain a word the name was."""
    gone = MemberFactory(workspace=owner.workspace, user__name="p", access=Access.OWNER)
    membership.remove(by=gone, member=editor.pk)
    inviting.invite(by=gone, email=EMAIL, access=Access.VIEWER, until=timezone.now() + timedelta(days=7))
    leaving.delete_account(by=gone.user)
    send_due()
    (sent,) = mail.outbox  # the invitation went with who made it
    assert sent.subject == "Somebody took you out of “Acme”"
    assert "Ask Somebody if you do not know why." in sent.body
    html = sent.alternatives[0].content
    assert html.count("<p>") == 3
    assert "<p>Somebody took you out of the workspace “Acme”." in html


def test_the_audit_log_of_those_who_stay_says_that_somebody_deleted_their_account(person, owner, sign_in):
    leaving.delete_account(by=person.user)
    event = AuditEvent.objects.filter(workspace=owner.workspace_id).latest("pk")
    assert (event.kind, event.by, event.about) == ("member.left", None, {"deleted": True})
    page = sign_in(owner).get(reverse("audit", args=[owner.workspace_id]))
    assert page.context["lines"][0].text == "Somebody deleted their account."


@pytest.mark.parametrize("stays", [True, False])
def test_what_stays_is_said_to_be_there_only_where_a_workspace_stays(alone, owner, stays):
    if stays:
        MemberFactory(workspace=owner.workspace, user=alone.user, access=Access.VIEWER)
    user = alone.user
    user.set_unusable_password()
    user.save()
    client = Client()
    client.force_login(user)
    page = client.get(reverse(DELETE)).text
    assert f"answered and decided{' there' if stays else ''}." in page
    refused = client.post(reverse(DELETE))
    assert refused.status_code == 422
    assert "Type your address to confirm." in refused.text


def test_a_fault_halfway_leaves_everything_as_it_was(person):
    def fail_at_the_account(execute, sql, *rest):
        if sql.startswith("DELETE") and "accounts_user" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, *rest)

    before = found_in_tables(NAME, EMAIL)
    with pytest.raises(Busy), connection.execute_wrapper(fail_at_the_account):
        leaving.delete_account(by=person.user)
    assert found_in_tables(NAME, EMAIL) == before
    assert Respondent.objects.filter(user=person.user).exists()


# ---- The page ------------------------------------------------------------------------------------------------------


def test_the_page_says_what_goes_and_what_stays_and_asks_for_the_password(owner, editor, seeded):
    owner.user.set_password(PASSWORD)
    owner.user.save()
    MemberFactory(workspace=WorkspaceFactory(name="Mine alone"), user=owner.user, access=Access.OWNER)
    Member.objects.filter(pk=editor.pk).update(access=Access.OWNER)
    client, elsewhere = Client(), Client()
    for one in (client, elsewhere):
        one.post(reverse("account_login"), {"login": owner.user.email, "password": PASSWORD})
    asked = client.get(reverse(DELETE))
    assert asked["Location"] == f"{reverse('account_reauthenticate')}?next=%2Faccount%2Fdelete%2F"
    wrong = client.post(asked["Location"], {"password": "not this one"})
    assert wrong.status_code == 200
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert "The workspace “<bdi>Mine alone</bdi>” with everything in it" in page
    assert "The workspace “<bdi>Acme</bdi>”, for the others." in page
    assert 'name="email"' not in page
    answer = client.post(reverse(DELETE), follow=True)
    assert "Your account is deleted" in answer.content.decode()
    for one in (client, elsewhere):
        assert one.get(reverse("account")).status_code == 302
    assert not Session.objects.filter(session_key=elsewhere.session.session_key).exists()
    assert not User.objects.filter(pk=owner.user_id).exists()
    again = Client().post(reverse("account_login"), {"login": owner.user.email, "password": PASSWORD})
    assert again.status_code == 200


def test_without_a_password_the_address_is_typed(alone, sign_in):
    client = sign_in(alone)
    assert 'name="email"' in client.get(reverse(DELETE)).content.decode()
    for typed in ("", "another@example.org"):
        answer = client.post(reverse(DELETE), {"email": typed})
        assert answer.status_code == 422
        assert User.objects.filter(pk=alone.user_id).exists()
    answer = client.post(reverse(DELETE), {"email": f" {EMAIL.upper()} "})
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not User.objects.filter(pk=alone.user_id).exists()


def test_the_only_owner_is_told_whom_to_think_of(owner, editor, sign_in):
    owner.user.set_unusable_password()
    owner.user.save()
    client = sign_in(owner)
    page = client.get(reverse(DELETE)).content.decode()
    assert "You are the only owner of “<bdi>Acme</bdi>”, and others are in there." in page
    assert 'name="email"' not in page
    answer = client.post(reverse(DELETE), {"email": owner.user.email})
    assert answer.status_code == 409
    assert User.objects.filter(pk=owner.user_id).exists()


def test_the_scan_finds_a_name_in_every_kind_of_column(person):
    found = found_in_tables(NAME)
    assert {"accounts.User.name: " + NAME, "culture.Respondent.name: " + NAME} <= set(found)
    Role.objects.update(people=[NAME])
    assert "matrices.Role.people: " + NAME in found_in_tables(NAME)
