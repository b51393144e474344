"""A small matrix, and a session on it that was held to its end; a module that needs another has its own."""

import pytest

from raci.matrices.models import Matrix
from raci.reviews.models import Review
from tests.factories import make_matrix
from tests.publishing.making import answers
from tests.reviews.ending import end
from tests.reviews.holding import confirm_rest, decide, running


@pytest.fixture
def small(owner, viewer, editor) -> Matrix:
    """The viewer answers for the first of three roles, the editor for the second."""
    matrix = make_matrix(owner, "LS.", "SLC", "..L")
    answers(matrix, viewer, 0, by=owner)
    answers(matrix, editor, 1, by=owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first two rows on its agenda, both decided and the third confirmed."""
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "keep", note="It works.")
    decide(row, editor, 1, "lead", lead=0)
    confirm_rest(row, editor)
    return row


@pytest.fixture
def ended(review, editor) -> Review:
    return end(review, editor)
