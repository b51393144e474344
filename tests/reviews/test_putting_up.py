"""Putting up what stands now in the place of what a session put up when it ended: by an editor who looked at it."""

import pytest
from django.http import Http404

from raci.notices.models import Notice
from raci.publishing.signing import signatures
from raci.reviews import results
from raci.reviews.models import Decision, Result
from raci.web.refusals import Conflict, Forbidden
from tests import invariants
from tests.matrices.operating import C, set_cell
from tests.matrices.reading import revision
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import end, fresh, publish, put_up, sign, stands
from tests.reviews.holding import take_back


def test_an_editor_puts_up_what_stands_now_and_it_is_signed_anew(small, ended, owner, editor, viewer):
    sign(ended, viewer)
    before = Notice.objects.count()
    set_cell(small, owner, 2, 0, C)
    row = put_up(ended, editor)
    assert (row.result, row.result_revision) == (stands(small), revision(small))
    assert fresh(ended).result == row.result != ended.result
    assert signatures(small.pk, row.result) == {}
    with pytest.raises(Conflict) as refused:
        sign(ended, viewer, digest=ended.result)
    assert str(refused.value) == results.PUT_UP_ANEW
    assert sign(ended, viewer).digest == row.result
    (notice,) = Notice.objects.order_by("-pk")[: Notice.objects.count() - before]
    assert notice.member == viewer
    assert "came to was changed and put up anew. You answer for Role 1: see what changed, and sign by" in notice.text
    invariants.check()


def test_put_up_twice_nothing_more_changes(small, ended, owner, editor):
    set_cell(small, owner, 2, 0, C)
    row = put_up(ended, editor)
    assert put_up(ended, editor).step == row.step == fresh(ended).step
    assert Result.objects.filter(review=ended).count() == 2


def test_what_an_editor_did_not_look_at_is_not_put_up(small, ended, owner, editor):
    set_cell(small, owner, 2, 0, C)
    looked_at = stands(small)
    set_cell(small, owner, 2, 1, C)
    with pytest.raises(Conflict) as refused:
        put_up(ended, editor, digest=looked_at)
    assert str(refused.value) == results.CHANGED_AGAIN
    assert fresh(ended).result == ended.result


def test_only_editors_put_it_up_and_only_of_a_session_that_ended(small, review, editor, viewer, stranger):
    with pytest.raises(Conflict, match="has not ended"):
        put_up(review, editor)
    row = end(review, editor)
    with pytest.raises(Forbidden):
        put_up(row, viewer)
    with pytest.raises(Http404):
        put_up(row, stranger)
    publish(row, editor)
    with pytest.raises(Conflict, match="is published"):
        put_up(row, editor)


def test_with_a_decision_that_was_taken_back_it_is_reopened_first(ended, editor):
    take_back(ended, editor, Decision.objects.get(name="Activity 2"))
    with pytest.raises(Conflict, match="Reopen the session"):
        put_up(ended, editor)


def test_after_another_version_it_is_put_up_again_and_published(small, ended, owner, editor, viewer):
    sign(ended, viewer)
    publish_draft(small, owner)
    put_up(ended, editor)
    assert signatures(small.pk, fresh(ended).result)
    assert publish(ended, editor).number == 2
