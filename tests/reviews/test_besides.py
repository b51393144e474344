"""What a result says was changed without a decision, or after it, and what the minutes then say stays as it is."""

import pytest

from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.structure import NewActivity, add_activities, edit_activity, remove_activity
from raci.matrices.undo import undo
from raci.publishing.models import Letter
from raci.reviews.besides import besides_of
from raci.reviews.models import Result, Review
from raci.reviews.recorded import minutes_of
from tests.factories import make_matrix
from tests.matrices.operating import C, L, set_cell
from tests.matrices.reading import revision, rows_of, to
from tests.reviews.ending import end, fresh, publish, put_up
from tests.reviews.holding import confirm_rest, decide, running, take_back


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", "SLC", "..L", "L.C")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now: the first row kept, the second led by another role, the others confirmed."""
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "keep", note="It works")
    decide(row, editor, 1, "lead", lead=0)
    confirm_rest(row, editor)
    return row


def besides(review: Review, notation: Notation = Notation.LEAD_SUPPORT) -> list[tuple[str, str]]:
    kept = Result.objects.get(review=review, digest=fresh(review).result).besides
    return [(each.name, each.text) for each in besides_of(kept, notation)]


def test_where_all_is_as_it_was_decided_there_is_nothing_besides(review, editor):
    end(review, editor)
    assert besides(review) == []
    assert minutes_of(fresh(review)).endswith("2 activities were confirmed together as they are.")


def test_a_row_that_was_changed_after_it_was_confirmed_does_not_stay_as_it_is(small, owner, review, editor):
    set_cell(small, owner, 2, 0, L)
    end(review, editor)
    assert besides(review) == [("Activity 3", "Role 1 now leads; Role 3, which led it, supports.")]
    said = minutes_of(fresh(review))
    assert "1 activity was confirmed together as it is." in said
    assert (
        "Changed besides:\n\n- Activity 3: Role 1 now leads; Role 3, which led it, supports. "
        "Decided before that: Stays as it is; Role 3 leads."
    ) in said


def test_what_was_decided_and_changed_later_is_told_with_the_change_alone(small, owner, review, editor):
    set_cell(small, owner, 0, 2, C)
    set_cell(small, owner, 1, 2, L)
    end(review, editor)
    said = minutes_of(fresh(review))
    assert "- Activity 1: Role 3 now contributes. Decided before that: Stays as it is; Role 1 leads. It works." in said
    assert "- Activity 2: Role 3 now leads" in said
    assert "Decided before that: Role 1 leads from now on." in said
    assert "What “Autumn review” decided" not in said


def test_it_is_worked_out_anew_when_what_stands_is_put_up(small, owner, review, editor):
    end(review, editor)
    set_cell(small, owner, 3, 1, C)
    assert besides(review) == []
    put_up(review, editor)
    assert besides(review) == [("Activity 4", "Role 2 now contributes.")]
    text = minutes_of(fresh(review))
    publish(review, editor)
    assert Letter.objects.get().minutes == text
    assert "- Activity 4: Role 2 now contributes." in text


def test_a_change_that_was_undone_is_none(small, owner, review, editor):
    set_cell(small, owner, 2, 0, L)
    undo(matrix=small.pk, sender=Sender(owner))
    end(review, editor)
    assert besides(review) == []


def test_rows_without_a_decision_are_compared_with_the_beginning(small, owner, editor):
    set_cell(small, owner, 0, 2, C)  # before it began
    row = running(small, editor, 1)
    set_cell(small, owner, 2, 1, C)
    decide(row, editor, 1)
    add_activities(**to(small, owner), activities=[NewActivity("Pricing")])
    gone = rows_of(small)[3]
    remove_activity(**to(small, owner), activity=gone.pk)
    end(row, editor)
    assert besides(row) == [
        ("Activity 3", "Role 2 now contributes."),
        ("Pricing", "New in the matrix."),
        ("Activity 4", "No longer in the matrix. Role 1 led it."),
    ]


def test_a_decision_that_was_taken_back_is_not_what_a_row_is_compared_with(small, editor):
    row = running(small, editor, 0)
    made = decide(row, editor, 0, "lead", lead=1)
    take_back(row, editor, made)
    decide(row, editor, 0)
    end(row, editor)
    assert besides(row) == []


def test_another_description_is_told_too_and_another_place_is_not(small, owner, review, editor):
    row = rows_of(small)[2]
    edit_activity(**to(small, owner), activity=row.pk, values={"description": "All of it"}, seen=revision(small))
    end(review, editor)
    assert besides(review) == [("Activity 3", "Its description changed.")]


def test_it_is_told_in_the_words_of_the_reader(small, owner, review, editor):
    set_cell(small, owner, 2, 0, L)
    end(review, editor)
    ((_, text),) = besides(review, Notation.RACI)
    assert text.startswith("Role 1 is now accountable; Role 3, which was accountable,")
    said = minutes_of(fresh(review), Notation.RACI)
    assert "Stays as it is; Role 1 is accountable. It works." in said
    assert "Role 1 is accountable from now on." in said
    assert "lead" not in said.lower()
