"""Unguessable links: used once, in time, and not readable in the database."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from raci.workspaces.links import (
    SIGN_IN_LIFETIME,
    digest,
    find_open,
    is_open,
    is_token,
    make_link,
    make_sign_in_link,
    new_token,
    note_use,
    revoke,
    use_up,
)
from raci.workspaces.models import Access, Link, Member
from tests.factories import MemberFactory, UserFactory, WorkspaceFactory
from tests.stress.together import together

SIGN_IN, ASSESSMENT = Link.Purpose.SIGN_IN, Link.Purpose.ASSESSMENT


@pytest.fixture
def user(db):
    return UserFactory()


def test_a_link_finds_its_user(user):
    link = find_open(SIGN_IN, make_sign_in_link(user))
    assert link.user == user


def test_a_token_has_256_random_bits_and_is_never_the_same(user):
    tokens = {make_sign_in_link(user) for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_the_database_does_not_know_the_token(user):
    token = make_sign_in_link(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM workspaces_link")
        stored = str(cursor.fetchall())
    assert token not in stored
    assert digest(token) in stored


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "a\0b", "ä", "' OR 1=1 --"])
def test_a_wrong_token_finds_nothing(user, token):
    make_sign_in_link(user)
    assert find_open(SIGN_IN, token) is None


def test_the_digest_is_no_token(user):
    assert find_open(SIGN_IN, digest(make_sign_in_link(user))) is None


def test_a_link_ends_after_a_day_to_the_second(user):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = make_sign_in_link(user)
        clock.shift(SIGN_IN_LIFETIME - timedelta(seconds=1))
        link = find_open(SIGN_IN, token)
        assert link is not None
        clock.shift(timedelta(seconds=1))
        assert find_open(SIGN_IN, token) is None
        assert not use_up(link)  # found in time, used too late


def test_a_link_is_used_once(user):
    token = make_sign_in_link(user)
    link = find_open(SIGN_IN, token)
    assert use_up(link)
    assert not use_up(link)
    assert find_open(SIGN_IN, token) is None


def test_one_used_link_leaves_the_others_open(user):
    first, second = make_sign_in_link(user), make_sign_in_link(user)
    use_up(find_open(SIGN_IN, first))
    assert find_open(SIGN_IN, second) is not None


def test_a_link_of_a_closed_account_is_closed(user):
    token = make_sign_in_link(user)
    user.is_active = False
    user.save()
    assert find_open(SIGN_IN, token) is None


def test_a_link_goes_with_its_user(user):
    make_sign_in_link(user)
    user.delete()
    assert not Link.objects.exists()


def test_two_links_never_have_the_same_digest(user):
    make_sign_in_link(user)
    same = Link.objects.get()
    same.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        same.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_six_who_use_a_link_at_once_one_is_let_in():
    token = make_sign_in_link(UserFactory())
    link = find_open(SIGN_IN, token)
    results = together(*[lambda: use_up(link)] * 6)
    assert sorted(map(bool, results)) == [False] * 5 + [True]


# ---- Links for many


@pytest.fixture
def shared(user):
    workspace = MemberFactory(user=user).workspace
    return make_link(purpose=ASSESSMENT, workspace=workspace, by=user, until=timezone.now() + timedelta(days=1))


def test_a_link_for_many_stays_open_when_it_is_used(shared):
    link, token = shared
    for _ in range(2):
        note_use(find_open(ASSESSMENT, token))
    assert find_open(ASSESSMENT, token).last_used_at is not None
    assert is_open(link)


def test_finding_a_link_leaves_no_trace(shared):
    assert find_open(ASSESSMENT, shared[1]).last_used_at is None


def test_a_link_opens_nothing_of_another_purpose(user, shared):
    assert find_open(SIGN_IN, shared[1]) is None
    assert find_open(ASSESSMENT, make_sign_in_link(user)) is None


def test_a_revoked_link_is_dead_from_then_on(shared):
    link, token = shared
    revoke(link)
    link.refresh_from_db()
    first = link.revoked_at
    revoke(link)
    link.refresh_from_db()
    assert link.revoked_at == first
    assert find_open(ASSESSMENT, token) is None
    assert not is_open(link)
    assert not use_up(link)


def test_a_link_for_many_ends_to_the_second(user):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        link, token = make_link(
            purpose=ASSESSMENT, workspace=MemberFactory(user=user).workspace, by=user, until=now + timedelta(days=1)
        )
        clock.shift(timedelta(days=1) - timedelta(seconds=1))
        assert find_open(ASSESSMENT, token) is not None
        assert is_open(link)
        clock.shift(timedelta(seconds=1))
        assert find_open(ASSESSMENT, token) is None
        assert not is_open(link)


@pytest.mark.parametrize("text", ["", "x", "x" * 42, "x" * 44, "x" * 42 + "\n", "ä" * 43, "x" * 42 + "/"])
def test_what_has_not_the_form_of_a_token_is_none(text):
    assert not is_token(text)
    assert is_token(new_token())


@pytest.mark.parametrize("level", Access)
def test_a_link_into_a_workspace_is_open_while_its_maker_may_make_one_there(shared, level):
    link, token = shared
    Member.objects.update(access=level)
    works = level.covers(Access.EDITOR)
    assert (find_open(ASSESSMENT, token) is not None) is works
    assert is_open(link) is works


def test_a_link_into_a_workspace_is_dead_once_its_maker_has_left_it(user, shared):
    link, token = shared
    Member.objects.filter(user=user).update(workspace=WorkspaceFactory())
    assert find_open(ASSESSMENT, token) is None
    assert not is_open(link)


def test_a_link_to_sign_in_asks_for_no_membership(user):
    assert is_open(find_open(SIGN_IN, make_sign_in_link(user)))
