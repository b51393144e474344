"""Signing: who may, what exactly they sign, and that it happens once (T34)."""

import pytest
from django.http import Http404

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.matrices.operations import archive
from raci.matrices.people import answer_for
from raci.publishing.models import SignOff, Version
from raci.publishing.signing import MOVED_ON, roles_to_sign, sign, sign_version, signatures, signed_counts
from raci.publishing.versions import digest_of
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_grid, make_matrix
from tests.invariants import check
from tests.matrices.operating import C, set_cell
from tests.matrices.reading import revision, roles_of, to
from tests.publishing.making import answers, publish


@pytest.fixture
def small(owner, viewer) -> Matrix:
    """The viewer answers for the first of three roles, the owner for the last, which has no row."""
    matrix = make_matrix(owner, "LS.", "SL.")
    answers(matrix, viewer, 0, by=owner)
    answers(matrix, owner, 2)
    return matrix


@pytest.fixture
def version(small, editor) -> Version:
    return publish(small, editor)


def _sign(matrix: Matrix, by: Member, digest: str, column: int = 0) -> SignOff:
    return sign_version(matrix=matrix.pk, role=roles_of(matrix)[column].pk, digest=digest, by=by)


def test_who_answers_for_a_role_signs_with_any_access_and_the_signature_says_who_when_and_what(small, version, viewer):
    signed = _sign(small, viewer, version.digest)
    assert (signed.by, signed.digest, signed.name) == (viewer.user, version.digest, "Role 1")
    assert signatures(small.pk, version.digest) == {roles_of(small)[0].pk: signed}
    assert signed_counts(small.pk, [version.digest, "x"]) == {version.digest: 1, "x": 0}
    check()


def test_signing_again_changes_nothing(small, version, viewer):
    assert _sign(small, viewer, version.digest) == _sign(small, viewer, version.digest)
    assert SignOff.objects.count() == 1


def test_nobody_signs_for_another(small, version, owner, editor, viewer):
    for member, column in ((owner, 0), (editor, 0), (viewer, 1), (owner, 1)):
        with pytest.raises(Forbidden, match="Only who answers for Role"):
            _sign(small, member, version.digest, column)
    assert not SignOff.objects.exists()


def test_who_answered_until_a_moment_ago_signs_no_more(small, version, owner, viewer):
    role = roles_of(small)[0].pk
    answer_for(**to(small, owner), role=role, user=None, seen=revision(small))
    with pytest.raises(Forbidden):
        _sign(small, viewer, version.digest)


def test_who_left_or_is_of_another_workspace_signs_nothing(small, version, viewer, stranger):
    with pytest.raises(Http404):
        _sign(small, stranger, version.digest)
    Member.objects.filter(pk=viewer.pk).delete()
    with pytest.raises(Gone):
        _sign(small, viewer, version.digest)
    assert not SignOff.objects.exists()


def test_an_older_version_is_not_signed(small, version, viewer, editor):
    set_cell(small, editor, 0, 2, C)
    newer = publish(small, editor)
    with pytest.raises(Conflict) as refused:
        _sign(small, viewer, version.digest)
    assert str(refused.value) == MOVED_ON
    assert _sign(small, viewer, newer.digest).digest == newer.digest


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_a_made_up_digest_is_not_signed(small, version, viewer, digest):
    with pytest.raises(Conflict):
        _sign(small, viewer, digest)
    assert not SignOff.objects.exists()


def test_a_signature_holds_for_the_same_grid_alone(small, version, viewer, editor):
    _sign(small, viewer, version.digest)
    same = publish(small, editor)
    assert same.digest == version.digest
    assert signatures(small.pk, same.digest)
    set_cell(small, editor, 0, 2, C)
    assert signatures(small.pk, publish(small, editor).digest) == {}


def test_the_draft_may_go_on_meanwhile(small, version, viewer, editor):
    set_cell(small, editor, 0, 0, None)
    assert _sign(small, viewer, version.digest)


def test_a_role_without_a_row_has_nothing_to_sign(small, version, owner):
    with pytest.raises(Refused, match="Role 3 is on no activity"):
        _sign(small, owner, version.digest, 2)


def test_a_role_that_the_version_does_not_have_is_not_there(small, version, viewer, foreign_matrix):
    for role in (roles_of(foreign_matrix)[0].pk, 7_999_999):
        with pytest.raises(Http404):
            sign_version(matrix=small.pk, role=role, digest=version.digest, by=viewer)


def test_what_was_never_published_and_what_is_archived_is_not_signed(small, owner, viewer, editor):
    with pytest.raises(Http404):
        _sign(small, viewer, "0" * 64)
    version = publish(small, editor)
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        _sign(small, viewer, version.digest)


def test_something_else_than_a_version_is_signed_the_same_way(small, viewer):
    """A review says itself which grid is to be signed."""
    grid = make_grid("LS")
    role = roles_of(small)[0].pk
    own = Grid(grid.activities, grid.roles, (), {1: {100 + 1: grid.cells[1][101]}})
    with pytest.raises(Http404):
        sign(matrix=small.pk, role=role, digest=digest_of(own), by=viewer, to_sign=lambda _: (digest_of(own), own))
    assert Member.objects.get(pk=viewer.pk).access == Access.VIEWER


def test_whoever_delivers_signs_too():
    grid = make_grid("L.", "LS")
    assert roles_to_sign(grid) == [101, 102]
    assert roles_to_sign(make_grid("L.")) == [101]
