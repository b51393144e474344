"""Signing what a session put up while others edit, sign and publish: nothing is signed but what was shown (C10)."""

import random

import pytest

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.store import grid_of as grid_in
from raci.matrices.undo import state_at
from raci.publishing.models import SignOff, Version
from raci.publishing.versions import digest_of
from raci.reviews import results
from raci.reviews.models import Result, Review
from raci.web.refusals import Busy, Conflict, Refused
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import revision, roles_of, rows_of
from tests.publishing.making import answers
from tests.reviews.ending import end, fresh, publish, put_up, sign, stands
from tests.reviews.holding import decide, running
from tests.stress.together import together, until_late

pytestmark = pytest.mark.django_db(transaction=True)


def _kinds(found) -> list:
    flat = [answer for each in found for answer in (each if isinstance(each, list) else [each])]
    broken = [answer for answer in flat if isinstance(answer, Exception) and not isinstance(answer, Refused)]
    assert not [*broken, *(answer for answer in flat if isinstance(answer, Busy))]
    return flat


@pytest.fixture
def matrix(owner, editor) -> Matrix:
    """The owner answers for the first role, the editor for the second."""
    made = make_matrix(owner, *["LSCI"] * 4)
    answers(made, owner, 0)
    answers(made, editor, 1, by=owner)
    return made


@pytest.fixture
def ended(matrix, owner) -> Review:
    review = running(matrix, owner, 0)
    decide(review, owner, 0)
    return end(review, owner)


def _edit(matrix: Matrix, member):
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]
    return lambda: set_level(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=random.choice(rows),
        role=random.choice(roles[2:]),
        level=random.choice((Level.CONTRIBUTE, Level.INFORMED)),
        seen=revision(matrix),
    )


def test_nothing_is_signed_but_what_an_editor_put_up_while_others_edit(matrix, ended, owner, editor):
    shown, put_up_by_hand = set(), {ended.result}

    def look_and_put_up():
        digest = stands(matrix)
        put_up_by_hand.add(digest)
        return put_up(ended, owner, digest)

    def look_and_sign(member, column):
        digest = fresh(ended).result
        shown.add((member.user_id, digest))
        return sign(ended, member, column, digest)

    found = together(
        until_late(look_and_put_up),
        until_late(lambda: look_and_sign(owner, 0)),
        until_late(lambda: look_and_sign(editor, 1)),
        until_late(_edit(matrix, MemberFactory(workspace=owner.workspace))),
    )
    assert any(isinstance(answer, Conflict) for answer in _kinds(found))
    signed = list(SignOff.objects.filter(matrix=matrix))
    assert signed
    assert {(each.by_id, each.digest) for each in signed} <= shown
    stood = dict(Result.objects.filter(review=ended).values_list("digest", "revision"))
    assert {each.digest for each in signed} <= stood.keys() <= put_up_by_hand
    matrix.refresh_from_db()
    for digest in stood:
        assert digest_of(grid_in(state_at(matrix, stood[digest]))) == digest
    invariants.check()


def test_who_signs_eight_times_at_once_signs_once(matrix, ended, owner):
    digest = ended.result
    found = _kinds(together(*[lambda: sign(ended, owner, 0, digest)] * 8))
    assert len({answer.pk for answer in found}) == SignOff.objects.count() == 1
    invariants.check()


def test_published_by_two_at_once_it_is_one_version_and_one_result(matrix, ended, owner, editor):
    found = _kinds(
        together(
            *(lambda member=member: publish(ended, member) for member in (owner, editor) * 2),
            lambda: sign(ended, owner, 0, ended.result),
        )
    )
    assert sum(isinstance(answer, Version) for answer in found) == 1
    assert fresh(ended).state == "published"
    invariants.check()


def test_ended_reopened_signed_and_edited_at_once_nothing_is_lost(matrix, ended, owner, editor):
    def again():
        row = fresh(ended)
        if row.state == "ended":
            return results.reopen(matrix=matrix.pk, review=row.pk, by=owner)
        return end(row, owner)

    found = together(
        until_late(again),
        until_late(lambda: sign(ended, editor, 1)),
        until_late(_edit(matrix, MemberFactory(workspace=owner.workspace))),
    )
    _kinds(found)
    invariants.check()
