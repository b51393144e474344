"""Who is to sign what a session decides, beside it: here, away, signed, or nobody."""

import pytest

from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.matrices.structure import add_stage
from raci.reviews import sessions
from raci.reviews.results import reopen
from raci.screens.reviews.signing_rail import seats
from tests.factories import make_matrix
from tests.matrices.reading import to
from tests.publishing.making import answers
from tests.reviews.ending import end, fresh, sign
from tests.reviews.holding import decide, running


@pytest.fixture
def small(owner, viewer, editor) -> Matrix:
    """The viewer answers for the first of four roles, the editor for the second; the last has no part."""
    matrix = make_matrix(owner, "LSC.", "SL..")
    answers(matrix, viewer, 0, by=owner)
    answers(matrix, editor, 1, by=owner)
    return matrix


def lines(review) -> list[tuple[str, str, str]]:
    found = seats(fresh(review), read_grid(fresh(review).matrix, stages=False))
    assert found == seats(fresh(review))
    return [(seat.role, seat.person, seat.state) for seat in found]


def test_who_came_is_here_and_the_others_are_away(small, editor, viewer):
    review = running(small, editor, 0, asked=(editor, viewer))
    sessions.follow(matrix=small.pk, review=review.pk, by=viewer)
    assert lines(review) == [
        ("Role 1", "Vic Viewer", "here"),
        ("Role 2", "Eddie Editor", "away"),
        ("Role 3", "", "nobody"),
    ]
    assert [seat.initials for seat in seats(review)] == ["VV", "EE", ""]


def test_a_signature_shows_as_long_as_nothing_changes(small, owner, editor, viewer):
    review = running(small, editor, 0, 1, asked=(viewer,))
    decide(review, editor, 0)
    decide(review, editor, 1)
    add_stage(**to(small, owner), name="Later")
    end(review, editor)
    signed = sign(review, viewer)
    reopen(matrix=small.pk, review=review.pk, by=editor)
    assert lines(review)[0] == ("Role 1", "Vic Viewer", "signed")
    assert seats(fresh(review))[0].at == signed.at
    decide(review, editor, 0, "lead", lead=1)
    assert lines(review)[0] == ("Role 1", "Vic Viewer", "away")
