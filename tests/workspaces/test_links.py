"""Unguessable links: used once, in time, and not readable in the database."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from raci.workspaces.links import SIGN_IN_LIFETIME, digest, find_open, make_sign_in_link, use_up
from raci.workspaces.models import Link
from tests.factories import UserFactory
from tests.stress.together import together

SIGN_IN = Link.Purpose.SIGN_IN


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
