"""Taking a decision back once the session has ended, and ending it with something that nobody quite sees to."""

import pytest

from raci.matrices.models import Matrix
from raci.publishing.models import SignOff
from raci.publishing.signing import signatures
from raci.reviews import results
from raci.reviews.models import Decision, Review
from raci.reviews.put_ups import signed_now
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters
from tests.publishing.making import answers
from tests.reviews.ending import IN_A_WEEK, by, end, fresh, sign
from tests.reviews.holding import decide, running, take_back


@pytest.fixture
def small(owner) -> Matrix:
    """The owner answers for the first of three roles."""
    matrix = make_matrix(owner, "LS.", "SL.")
    answers(matrix, owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    return running(small, editor, 0)


@pytest.fixture
def made(review, editor) -> Decision:
    return decide(review, editor, 0, "lead", lead=2)


# --- taking back


@pytest.fixture
def signed(review, made, editor, owner) -> Review:
    row = end(review, editor)
    sign(row, owner)
    return row


def reopen(review, member) -> None:
    results.reopen(matrix=review.matrix_id, review=review.pk, by=member)


def test_until_somebody_signed_a_decision_is_taken_back_after_the_end_too(small, review, made, editor):
    row = end(review, editor)
    take_back(row, editor, made)
    assert letters(small)[0] == "LS."


def test_what_was_signed_is_taken_back_once_the_session_goes_on_again(small, signed, made, editor):
    with pytest.raises(Conflict, match="Somebody has signed this result"):
        take_back(signed, editor, made)
    assert letters(small)[0] == "SSL"
    reopen(signed, editor)
    take_back(signed, editor, made)
    assert letters(small)[0] == "LS."
    assert not Decision.objects.filter(taken_back_at=None).exists()
    invariants.check()


def test_the_signature_stays_with_what_was_signed_and_does_not_hold_for_what_comes_of_it(signed, made, editor):
    reopen(signed, editor)
    take_back(signed, editor, made)
    decide(signed, editor, 0)
    again = end(signed, editor)
    assert SignOff.objects.get().digest == signed.result != again.result
    assert signatures(signed.matrix_id, again.result) == {}
    take_back(again, editor, Decision.objects.get(review=signed, taken_back_at=None))


def test_decided_as_it_was_it_is_the_same_grid_and_is_asked_for_anew(small, signed, made, editor):
    reopen(signed, editor)
    take_back(signed, editor, made)
    anew = decide(signed, editor, 0, "lead", lead=2)
    again = end(signed, editor)
    assert again.result == signed.result
    assert letters(small)[0] == "SSL"
    assert signed_now(again) == {}
    take_back(again, editor, anew)
    assert letters(small)[0] == "LS."


# --- who sees to it


@pytest.mark.parametrize(
    ("has", "asks"),
    [
        ({"owner_name": "Priya", "due": IN_A_WEEK}, False),
        ({"owner_name": "Priya"}, True),
        ({"due": IN_A_WEEK}, True),
        ({}, True),
    ],
)
def test_what_is_open_has_somebody_and_a_day(review, editor, has, asks):
    made = decide(review, editor, 0, "open", **has)
    assert results.has_owner(made) is not asks
    if not asks:
        assert end(review, editor).state == "ended"
        return
    with pytest.raises(Refused, match="“Activity 1” stays open"):
        end(review, editor)
    assert fresh(review).state == "running"


@pytest.mark.parametrize("due", [IN_A_WEEK, None])
def test_a_member_who_has_no_day_yet_is_asked_for_one(review, editor, viewer, due):
    made = decide(review, editor, 0, "open", owner=viewer.user_id, due=due)
    if due is None:
        with pytest.raises(Refused, match="by when"):
            end(review, editor)
    end(review, editor, {0: by(viewer)})
    made.refresh_from_db()
    assert (made.owner, made.due) == (viewer.user, IN_A_WEEK)
