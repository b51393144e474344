"""Deciding again, the screen that goes on, and confirming the rest together."""

from datetime import timedelta

import pytest

from raci.grid.levels import Level
from raci.matrices.models import Change
from raci.reviews.models import Decision, Item, Review
from raci.web import days
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import letters, revision
from tests.reviews.holding import confirm_rest, decide, do, on_screen, running

TOMORROW = {"due": days.today() + timedelta(days=1)}


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", "LC.", ".L.", "..L")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first three rows on its agenda."""
    return running(small, editor, 0, 1, 2)


def _last(matrix) -> Change:
    return Change.objects.filter(matrix=matrix).latest("revision")


# --- deciding again


def test_deciding_again_takes_the_place_of_what_was_decided(review, editor):
    first = decide(review, editor, 0, "open")
    second = decide(review, editor, 0, note="After all.")
    first.refresh_from_db()
    assert first.taken_back_at is not None
    assert list(Decision.objects.filter(taken_back_at=None)) == [second]
    invariants.check()


def test_another_lead_after_all_puts_back_what_the_first_choice_moved(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    decide(review, editor, 0, "lead", lead=1)
    assert letters(small)[0] == "SL."


def test_what_is_to_be_found_out_after_all_is_as_it_was_meanwhile(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    decide(review, editor, 0, "ask", owner_name="Priya", **TOMORROW)
    assert letters(small)[0] == "LS."


def test_the_same_decision_with_another_note_moves_nothing(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    again = decide(review, editor, 0, "lead", lead=2, note="They have the people.")
    assert letters(small)[0] == "SSL"
    assert again.change.edits == []


def test_a_decided_lead_is_not_kept_by_mistake_for_how_it_was(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    with pytest.raises(Refused, match="“Activity 1” is decided: Role 3 leads it"):
        decide(review, editor, 0)
    with pytest.raises(Refused, match="Role 1 led it before"):
        decide(review, editor, 0, "lead", lead=0)
    assert letters(small)[0] == "SSL"


def test_deciding_again_over_what_was_changed_by_hand_since_is_refused_but_for_levels(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    set_cell(small, editor, 0, 2, Level.INFORMED)
    with pytest.raises(Conflict, match="changed since it was decided"):
        decide(review, editor, 0, "lead", lead=1)
    decide(review, editor, 0, "levels", levels="CLI")
    assert letters(small)[0] == "CLI"


# --- sent twice


def test_a_decision_sent_twice_is_made_once(small, review, editor):
    seen = revision(small)
    first = decide(review, editor, 0, "lead", lead=2, seen=seen, key="once")
    assert decide(review, editor, 0, "lead", lead=2, seen=seen, key="once") == first
    assert Change.objects.filter(kind="decide").count() == Decision.objects.count() == 1


def test_the_same_key_with_another_decision_is_refused(review, editor):
    decide(review, editor, 0, key="once")
    with pytest.raises(Refused, match="already sent with other values"):
        decide(review, editor, 0, "open", key="once")


# --- the screen


def test_after_a_decision_the_next_undecided_item_is_on_the_screen(review, editor):
    decide(review, editor, 1)
    assert on_screen(review) == "Activity 1"
    decide(review, editor, 0)
    assert on_screen(review) == "Activity 3"
    decide(review, editor, 2)
    assert on_screen(review) == ""


def test_behind_the_last_item_come_those_that_were_passed_over(review, editor):
    do("move", review, editor, to="next")
    do("move", review, editor, to="next")
    decide(review, editor, 2)
    assert on_screen(review) == "Activity 1"


def test_each_decision_raises_the_step_once(review, editor):
    before = Review.objects.get(pk=review.pk).step
    decide(review, editor, 0)
    assert Review.objects.get(pk=review.pk).step == before + 1


def test_the_time_on_the_screen_is_kept_when_a_decision_moves_on(review, editor):
    Review.objects.filter(pk=review.pk).update(shown_at=review.shown_at - timedelta(minutes=8))
    decide(review, editor, 0)
    assert Item.objects.get(review=review, position=1).seconds >= 480


# --- the rest


def test_the_rest_is_confirmed_together_as_one_change(small, review, editor):
    decide(review, editor, 4, "open")
    for row in (0, 1, 2):
        decide(review, editor, row)
    before = revision(small)
    made = confirm_rest(review, editor)
    assert [(one.name, one.kind, one.together, one.lead_name) for one in made] == [
        ("Activity 4", "keep", True, "Role 2")
    ]
    assert revision(small) == before + 1
    assert _last(small).edits == []
    invariants.check()


def test_what_is_on_the_agenda_is_not_confirmed_with_the_rest(review, editor):
    assert {one.name for one in confirm_rest(review, editor)} == {"Activity 4", "Activity 5"}


def test_the_rest_waits_until_each_of_it_has_a_lead(owner):
    matrix = make_matrix(owner, "LS", ".S", "S.", "L.")
    review = running(matrix, owner, 0)
    with pytest.raises(Refused) as refused:
        confirm_rest(review, owner)
    assert refused.value.sentence == (
        "“Activity 2” and “Activity 3” have no Lead. Decide on that first, then confirm the rest."
    )
    assert not Decision.objects.exists()


def test_many_rows_without_a_lead_are_named_in_part(owner):
    review = running(make_matrix(owner, *["S"] * 8), owner)
    with pytest.raises(Refused, match="“Activity 5” and 3 more have no Lead"):
        confirm_rest(review, owner)


def test_the_rest_is_what_the_page_showed(small, review, editor, owner):
    now = Review.objects.get(pk=review.pk)
    seen = {"seen": revision(small), "seen_step": now.step}
    set_cell(small, owner, 3, 0, Level.LEAD)
    with pytest.raises(Conflict, match="Olive Owner changed “Activity 4” a moment before: Role 1 leads it now"):
        confirm_rest(review, editor, **seen)
    do("move", review, owner, to="rest")
    with pytest.raises(Conflict, match="The session moved on"):
        confirm_rest(review, editor, seen_step=now.step)


def test_confirming_twice_says_that_nothing_is_left(review, editor):
    confirm_rest(review, editor)
    with pytest.raises(Refused, match="nothing left to confirm"):
        confirm_rest(review, editor)


def test_the_rest_sent_twice_is_confirmed_once(small, review, editor):
    now = Review.objects.get(pk=review.pk)
    seen = {"seen": revision(small), "seen_step": now.step}
    made = confirm_rest(review, editor, key="once", **seen)
    assert confirm_rest(review, editor, key="once", **seen) == made
    assert Decision.objects.count() == 2
