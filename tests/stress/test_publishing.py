"""Publishing while others do: numbers without gaps, and each version is what the log leads to (C5)."""

import random

import pytest
from django.db.models import Max

from raci.grid.levels import Level
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.store import grid_of as grid_in
from raci.matrices.undo import state_at
from raci.publishing.models import SignOff, Version
from raci.publishing.signing import sign_version
from raci.publishing.versions import digest_of
from raci.web.refusals import Busy, Conflict, Refused
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of
from tests.publishing.making import answers, publish
from tests.stress.together import together, until_late

pytestmark = pytest.mark.django_db(transaction=True)


def _kinds(results) -> list:
    flat = [answer for result in results for answer in (result if isinstance(result, list) else [result])]
    broken = [answer for answer in flat if isinstance(answer, Exception) and not isinstance(answer, Refused)]
    assert not [*broken, *(answer for answer in flat if isinstance(answer, Busy))]
    return flat


def test_two_who_publish_the_same_at_once_make_one_version(owner, editor):
    matrix = make_matrix(owner, "LS", "SL")
    results = _kinds(
        together(*(lambda member=member: publish(matrix, member, seen=1) for member in (owner, editor) * 3))
    )
    assert sum(isinstance(answer, Version) for answer in results) == 1
    assert sum(isinstance(answer, Conflict) for answer in results) == 5
    invariants.check()


def test_one_submission_sent_eight_times_at_once_is_one_version(owner):
    matrix = make_matrix(owner, "LS", "SL")
    results = _kinds(together(*[lambda: publish(matrix, owner, "publish-once", seen=1)] * 8))
    assert {answer.number for answer in results} == {1}
    assert Version.objects.count() == Change.objects.filter(kind="publish").count() == 1
    invariants.check()


def test_those_who_publish_as_fast_as_they_can_leave_no_gap(owner, editor):
    matrix = make_matrix(owner, "LS", "SL")
    loops = [until_late(lambda member=member: publish(matrix, member), 1.5) for member in (owner, editor)]
    made = [answer.number for answer in _kinds(together(*loops)) if isinstance(answer, Version)]
    assert sorted(made) == list(range(1, len(made) + 1))
    assert len(made) > 3
    invariants.check()


def test_each_version_published_while_others_edit_is_what_the_log_leads_to(owner):
    matrix = make_matrix(owner, *["LSCI.."] * 5)
    editors = [MemberFactory(workspace=owner.workspace) for _ in range(4)]
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]

    def edit(member):
        return lambda: set_level(
            matrix=matrix.pk,
            sender=Sender(member),
            activity=random.choice(rows),
            role=random.choice(roles),
            level=Level.LEAD,
            seen=revision(matrix),
        )

    results = together(until_late(lambda: publish(matrix, owner)), *(until_late(edit(member)) for member in editors))
    _kinds(results)
    made = list(Version.objects.filter(matrix=matrix))
    edits = Change.objects.filter(matrix=matrix, kind="level")
    assert len(made) > 1
    assert edits.filter(revision__gt=made[-1].revision).exists()  # the others went on
    row = Matrix.objects.get(pk=matrix.pk)
    for version in made:
        assert digest_of(grid_in(state_at(row, version.revision))) == version.digest
    assert row.revision == Change.objects.filter(matrix=matrix).aggregate(last=Max("revision"))["last"]
    assert [line.count("L") for line in letters(matrix)] == [1] * 5
    invariants.check()


def test_a_signature_sent_eight_times_at_once_stands_once(owner):
    matrix = make_matrix(owner, "LS", "SL")
    role = answers(matrix, owner)
    version = publish(matrix, owner)
    signed = _kinds(
        together(*[lambda: sign_version(matrix=matrix.pk, role=role.pk, digest=version.digest, by=owner)] * 8)
    )
    assert {answer.pk for answer in signed} == {SignOff.objects.get().pk}
    invariants.check()


def test_what_is_signed_while_the_next_version_comes_is_the_one_that_was_looked_at(owner, editor):
    matrix = make_matrix(owner, "LS", "SL")
    role = answers(matrix, owner)
    first = publish(matrix, owner)
    cell = {"activity": rows_of(matrix)[0].pk, "role": roles_of(matrix)[1].pk, "level": Level.CONTRIBUTE}
    set_level(matrix=matrix.pk, sender=Sender(editor), **cell, seen=revision(matrix))
    signed, made = together(
        lambda: sign_version(matrix=matrix.pk, role=role.pk, digest=first.digest, by=owner),
        lambda: publish(matrix, editor),
    )
    assert isinstance(made, Version)
    assert isinstance(signed, Conflict) or signed.digest == first.digest
    assert not SignOff.objects.exclude(digest=first.digest).exists()
    invariants.check()
