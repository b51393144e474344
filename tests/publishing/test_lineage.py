"""Which roles were merged and split between two states of a matrix, as its log knows it."""

import pytest

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.matrices.structure import merge_roles, remove_role, split_role
from raci.matrices.undo import restore, undo
from raci.publishing.letters import parts_for, text_of
from raci.publishing.lineage import lineage_between, lineage_since
from raci.publishing.news_sides import UNKNOWN, Lineage
from raci.publishing.versions import grid_of
from tests.factories import make_matrix
from tests.publishing.making import publish


@pytest.fixture
def small(owner):
    """Three activities and three roles, of which the first leads two; version 1 stands."""
    matrix = make_matrix(owner, "LS.", "L.I", ".LS", name="Core")
    publish(matrix, owner)
    return matrix


@pytest.fixture
def roles(small):
    return [role.pk for role in small.roles.all()]


def now(matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def first(matrix):
    return matrix.versions.get(number=1)


def merge(matrix, owner, role, into):
    merge_roles(matrix=matrix.pk, sender=Sender(owner), role=role, into=into, seen=now(matrix).revision)


def split(matrix, owner, role, name) -> int:
    split_role(matrix=matrix.pk, sender=Sender(owner), role=role, name=name)
    return matrix.roles.get(name=name).pk


def since_first(matrix) -> Lineage:
    return lineage_since(first(matrix), now(matrix), read_grid(now(matrix)))


def test_the_draft_knows_what_was_merged_and_split_since_a_version(small, owner, roles):
    assert since_first(small) == UNKNOWN
    merge(small, owner, roles[0], roles[1])
    new = split(small, owner, roles[2], "Half")
    assert since_first(small) == Lineage({roles[0]: roles[1]}, {new: roles[2]})


def test_two_versions_know_it_of_the_time_between_them(small, owner, roles):
    merge(small, owner, roles[0], roles[1])
    second = publish(small, owner)
    new = split(small, owner, roles[2], "Half")
    third = publish(small, owner)
    assert lineage_between(first(small), second) == Lineage({roles[0]: roles[1]})
    assert lineage_between(second, third) == Lineage({}, {new: roles[2]})
    assert lineage_between(first(small), third) == Lineage({roles[0]: roles[1]}, {new: roles[2]})
    assert lineage_between(third, first(small)) == UNKNOWN
    assert lineage_between(None, first(small)) == UNKNOWN


def test_a_role_that_went_on_into_a_third_is_in_that_one(small, owner, roles):
    merge(small, owner, roles[0], roles[1])
    merge(small, owner, roles[1], roles[2])
    assert since_first(small).merged == {roles[0]: roles[2], roles[1]: roles[2]}


def test_a_merge_that_was_taken_back_is_none_and_a_role_may_be_removed_after_all(small, owner, roles):
    merge(small, owner, roles[0], roles[1])
    undo(matrix=small.pk, sender=Sender(owner))
    remove_role(matrix=small.pk, sender=Sender(owner), role=roles[0], heir=roles[1])
    assert since_first(small).merged == {}


def test_nothing_is_asked_where_both_have_the_same_roles_or_it_is_known(small, owner, roles, django_assert_num_queries):
    one, second = first(small), publish(small, owner)
    merge(small, owner, roles[0], roles[1])
    third, _ = publish(small, owner), (grid_of(one), grid_of(second))
    grid_of(third)
    with django_assert_num_queries(0):
        assert lineage_between(one, second) == UNKNOWN
    with django_assert_num_queries(1):
        assert lineage_between(one, third).merged
    with django_assert_num_queries(0):
        assert lineage_between(one, third).merged
    restore(matrix=small.pk, sender=Sender(owner), revision=one.revision)
    row = now(small)
    grid = read_grid(row)
    with django_assert_num_queries(0):
        assert lineage_since(third, row, grid_of(third)) == lineage_since(one, row, grid) == UNKNOWN


def test_the_letter_tells_of_it(small, owner, roles):
    merge(small, owner, roles[0], roles[1])
    second = publish(small, owner)
    assert "- Role 1 was merged into Role 2, which now leads its 2 activities.\n" in text_of(second, first(small))
    found = parts_for(second, first(small), roles)
    assert found[roles[0]] == (
        "Role 1\n\n"
        "What became of your part:\n\n"
        "- Role 1 was merged into Role 2.\n"
        "- Role 2 now leads “Activity 1” and “Activity 2”, which you led."
    )
    assert found[roles[1]].startswith("Role 2\n\nWhat changed for you:\n\n- Role 1 was merged into Role 2.\n- You now")
