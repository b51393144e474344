"""What must hold of what reviews put up and people signed (I7), found where it was broken behind the operations' back."""

import pytest

from raci.matrices.models import Matrix
from raci.publishing.models import SignOff
from raci.reviews import invariants
from raci.reviews.models import Result, Review
from tests.factories import make_matrix
from tests.publishing.making import answers
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import end, publish, sign
from tests.reviews.holding import decide, running


@pytest.fixture
def small(owner) -> Matrix:
    matrix = make_matrix(owner, "LS", "SL")
    answers(matrix, owner)
    return matrix


@pytest.fixture
def signed(small, owner) -> Review:
    review = running(small, owner, 0)
    decide(review, owner, 0)
    row = end(review, owner)
    sign(row, owner)
    return row


def test_what_a_review_put_up_and_what_is_published_may_be_signed(signed, owner):
    assert invariants.broken() == []
    publish(signed, owner)
    Result.objects.all().delete()
    Review.objects.update(result="")
    assert not [sentence for sentence in invariants.broken() if sentence.startswith("I7")]


def test_a_signature_of_what_is_nowhere_is_found(signed, small, owner):
    lost = SignOff.objects.create(matrix=small, digest="0" * 64, role=1, name="Sales", by=owner.user)
    assert invariants.broken() == [
        f"I7: signature {lost.pk} is one of a grid that is neither a version of its matrix nor a result of its reviews"
    ]


def test_the_result_of_a_review_of_another_matrix_does_not_hold_a_signature(signed, owner):
    other = make_matrix(owner, "LS")
    SignOff.objects.create(matrix=other, digest=signed.result, role=1, name="Sales", by=owner.user)
    assert [sentence[:2] for sentence in invariants.broken()] == ["I7"]


def test_a_review_that_is_published_as_something_else_is_found(signed, small, owner):
    publish(signed, owner)
    publish_draft(small, owner)
    Result.objects.create(review=signed, digest="1" * 64, revision=1)
    Review.objects.update(result="1" * 64)
    assert f"Review {signed.pk} is published as another grid than it put up" in invariants.broken()
