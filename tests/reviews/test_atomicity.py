"""Each statement of what is done in a session is made to fail in turn; all or nothing, every time."""

import pytest
from django.db import DatabaseError, connection

from raci.matrices import store
from raci.matrices.models import Change, Matrix
from raci.reviews.models import Decision, Evidence, Item, Review
from tests import invariants
from tests.factories import make_matrix
from tests.reviews.holding import confirm_rest, decide, do, note, planned, running, take_back


class _Failing:
    """Fails the statement number `at` and counts those that came by. Savepoints are left to work: they undo."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        self.count += 1
        if self.count == self.at:
            raise DatabaseError("this statement was made to fail")
        return execute(sql, params, many, context)


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", "SL.", "LC.", ".L.")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now; another role leads the first row."""
    review = running(small, editor, 0, 1)
    decide(review, editor, 0, "lead", lead=2)
    return review


def _acts(review, editor):
    decision = Decision.objects.get(review=review)
    return {
        "decide": lambda: decide(review, editor, 1, "lead", lead=2, key="key"),
        "decide again": lambda: decide(review, editor, 0, "lead", lead=1, key="key"),
        "confirm": lambda: confirm_rest(review, editor, "key"),
        "take back": lambda: take_back(review, editor, decision, "key"),
        "note": lambda: note(review, editor, decision, "Because."),
        "move": lambda: do("move", review, editor, to="next"),
        "pause": lambda: do("pause", review, editor),
    }


def _kept():
    return (
        {matrix.pk: (store.read_state(matrix.pk), matrix.revision) for matrix in Matrix.objects.all()},
        *(list(model.objects.order_by("pk").values()) for model in (Change, Review, Item, Decision, Evidence)),
    )


def _until_it_goes_through(act) -> int:
    """How many statements it took."""
    before = _kept()
    for at in range(1, 200):
        failing = _Failing(at)
        with connection.execute_wrapper(failing):
            try:
                act()
            except DatabaseError:
                assert failing.count == at
            else:
                assert failing.count < at
                break
        assert _kept() == before
    assert _kept() != before
    invariants.check()
    return at


@pytest.mark.parametrize("name", ["decide", "decide again", "confirm", "take back", "note", "move", "pause"])
def test_whichever_statement_fails_nothing_has_changed(review, editor, name):
    assert _until_it_goes_through(_acts(review, editor)[name]) > 4


def test_a_session_begins_whole_or_not_at_all(small, editor):
    review = planned(small, 1, 0)
    _until_it_goes_through(lambda: do("start", review, editor))
