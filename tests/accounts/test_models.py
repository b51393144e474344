"""People: one account per address, a name to show, a password only where one was given."""

import pytest
from django.db import IntegrityError, transaction

from raci.accounts.models import User, display_name
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_small_letters():
    assert User.objects.create_user("Ann.Lee@Example.ORG").email == "ann.lee@example.org"


def test_a_second_account_for_an_address_is_refused_whatever_its_case():
    User.objects.create_user("ann@example.org")
    for again in ("ann@example.org", "ANN@example.org"):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(again)
        with pytest.raises(IntegrityError), transaction.atomic():
            User(email=again).save()


def test_without_a_password_nobody_signs_in_with_one():
    user = User.objects.create_user("ann@example.org")
    assert not user.has_usable_password()
    assert not user.check_password("")


def test_a_password_is_kept_as_a_hash():
    user = User.objects.create_user("ann@example.org", "a long enough phrase")
    assert "phrase" not in user.password
    assert user.check_password("a long enough phrase")


def test_a_new_user_is_neither_staff_nor_superuser():
    user = User.objects.create_user("ann@example.org")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)


@pytest.mark.parametrize(
    ("name", "shown", "initials"),
    [("Ann Lee", "Ann Lee", "AL"), ("", "ann.lee", "AL"), ("Ann", "Ann", "A"), ("ann b. cee", "ann b. cee", "AB")],
)
def test_people_are_shown_by_their_name_or_else_by_their_address(name, shown, initials):
    user = UserFactory(name=name, email="ann.lee@example.org")
    assert (str(user), display_name(user), user.initials) == (shown, shown, initials)


def test_initials_are_never_empty():
    assert User(name="", email="").initials == "?"
