"""What a session decided is taken back by the session alone; and its notes."""

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices import undo
from raci.matrices.models import Change, Matrix
from raci.matrices.structure import remove_activity, remove_role
from raci.publishing.models import SignOff
from raci.reviews.models import Decision, Result, Review
from raci.web.refusals import Conflict, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import letters, revision, roles_of, to
from tests.reviews.holding import confirm_rest, decide, do, note, on_screen, running, take_back


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", "LC.", ".L.", "..L")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first three rows on its agenda."""
    return running(small, editor, 0, 1, 2)


def _last(matrix) -> Change:
    return Change.objects.filter(matrix=matrix).latest("revision")


# --- taking back


def test_a_decision_taken_back_puts_the_row_back_as_a_new_change(small, review, editor, owner):
    made = decide(review, editor, 0, "lead", lead=2)
    taken = take_back(review, owner, made)
    assert taken.taken_back_at is not None
    assert letters(small)[0] == "LS."
    change = _last(small)
    assert (change.kind, change.undoes) == ("undecide", made.change)
    invariants.check()


def test_what_is_taken_back_comes_back_to_the_screen(review, editor):
    made = decide(review, editor, 0)
    decide(review, editor, 1)
    take_back(review, editor, made)
    assert on_screen(review) == "Activity 1"


def test_taking_back_the_last_of_several_puts_back_what_there_was_before_the_first(small, review, editor):
    decide(review, editor, 0, "lead", lead=2)
    decide(review, editor, 0, "lead", lead=2, note="Sure.")
    last = decide(review, editor, 0, "levels", levels="ICL")
    take_back(review, editor, last)
    assert letters(small)[0] == "LS."
    assert not Decision.objects.filter(taken_back_at=None).exists()
    invariants.check()


def test_what_was_taken_back_before_stays_so(small, review, editor):
    take_back(review, editor, decide(review, editor, 0, "lead", lead=2))
    set_cell(small, editor, 0, 1, Level.LEAD)
    take_back(review, editor, decide(review, editor, 0, "lead", lead=2))
    assert letters(small)[0] == "SL."


def test_a_row_that_was_changed_since_is_not_put_back_over_it(small, review, editor):
    made = decide(review, editor, 0, "lead", lead=2)
    set_cell(small, editor, 0, 2, Level.INFORMED)
    with pytest.raises(Conflict, match="“Activity 1” was changed since it was decided"):
        take_back(review, editor, made)
    assert letters(small)[0] == "SSI"


def test_a_row_that_was_removed_since_is_named(small, review, editor):
    made = decide(review, editor, 0, "lead", lead=2)
    remove_activity(**to(small, editor), activity=made.activity)
    with pytest.raises(Refused, match="not in the matrix any more"):
        take_back(review, editor, made)


def test_a_decision_to_keep_is_taken_back_whatever_became_of_its_row(small, review, editor):
    made = decide(review, editor, 0)
    remove_activity(**to(small, editor), activity=made.activity)
    assert take_back(review, editor, made).taken_back_at is not None


def test_a_lead_does_not_come_back_without_its_role(small, review, editor):
    made = decide(review, editor, 4, "lead", lead=0)
    set_cell(small, editor, 4, 2, None)
    remove_role(**to(small, editor), role=roles_of(small)[2].pk, heir=None)
    with pytest.raises(Conflict):
        take_back(review, editor, made)
    assert letters(small)[4] == "L."


def test_what_was_confirmed_together_is_taken_back_together(small, review, editor):
    made = confirm_rest(review, editor)
    before = revision(small)
    take_back(review, editor, made[0])
    assert not Decision.objects.filter(taken_back_at=None).exists()
    assert revision(small) == before + 1
    assert len(confirm_rest(review, editor)) == 2


def test_a_row_decided_after_the_rest_was_confirmed_stays_when_the_rest_is_taken_back(review, editor):
    made = confirm_rest(review, editor)
    again = decide(review, editor, 3, "lead", lead=2)
    take_back(review, editor, made[1])
    assert list(Decision.objects.filter(taken_back_at=None)) == [again]


def test_taking_back_twice_says_that_it_does_not_stand(review, editor):
    made = decide(review, editor, 0)
    take_back(review, editor, made)
    with pytest.raises(Conflict, match="does not stand any more"):
        take_back(review, editor, made)
    with pytest.raises(Http404):
        take_back(review, editor, Decision(pk=made.pk + 1_000))


def test_taking_back_is_done_once_if_it_is_sent_twice(small, review, editor):
    made = decide(review, editor, 0)
    take_back(review, editor, made, key="once")
    before = revision(small)
    assert take_back(review, editor, made, key="once") == made
    assert revision(small) == before


def test_the_page_can_take_back_while_paused_and_stays_where_it_is(review, editor):
    made = decide(review, editor, 0)
    do("pause", review, editor)
    take_back(review, editor, made)
    assert on_screen(review) == "Activity 2"


def test_after_the_end_it_is_taken_back_until_somebody_has_signed(small, review, editor, owner):
    first, second = decide(review, editor, 0), decide(review, editor, 1)
    Review.objects.filter(pk=review.pk).update(state="ended", result="a" * 64, shown_at=None)
    take_back(review, editor, first)
    SignOff.objects.create(matrix=small, digest="b" * 64, role=roles_of(small)[0].pk, name="Role 1", by=owner.user)
    before = revision(small)
    Result.objects.create(review=review, digest="a" * 64, revision=before)
    SignOff.objects.create(matrix=small, digest="a" * 64, role=roles_of(small)[0].pk, name="Role 1", by=owner.user)
    with pytest.raises(Conflict, match="Somebody has signed this result"):
        take_back(review, editor, second)
    assert revision(small) == before


# --- not by undo


def test_undo_leaves_alone_what_a_session_decided(small, review, editor):
    set_cell(small, editor, 4, 0, Level.INFORMED)
    decide(review, editor, 0, "lead", lead=2)
    take_back(review, editor, decide(review, editor, 1))
    undo.undo(**to(small, editor))
    assert letters(small) == ["SSL", "SL.", "LC.", ".L.", "..L"]
    with pytest.raises(Refused, match="nothing of yours to undo"):
        undo.undo(**to(small, editor))


def test_redo_does_not_bring_back_what_a_session_took_back(small, review, editor):
    take_back(review, editor, decide(review, editor, 0, "lead", lead=2))
    assert undo.stack(Matrix.objects.get(pk=small.pk), editor.user_id) == undo.Stack(None, None)


def test_history_does_not_take_back_what_a_session_decided(small, review, editor):
    made = decide(review, editor, 0, "lead", lead=2)
    take_back(review, editor, made)
    for revised in (made.change.revision, made.change.revision + 1):
        with pytest.raises(Refused, match="A review decided that"):
            undo.take_back(**to(small, editor), revision=revised)


def test_going_back_to_a_revision_leaves_the_decision_standing(small, review, editor):
    before = revision(small)
    decide(review, editor, 0, "lead", lead=2)
    undo.restore(**to(small, editor), revision=before)
    assert letters(small)[0] == "LS."
    assert Decision.objects.filter(taken_back_at=None).exists()


# --- notes


def test_a_note_is_added_and_changed_without_a_change_of_the_matrix(small, review, editor):
    made = decide(review, editor, 0)
    before, step = revision(small), Review.objects.get(pk=review.pk).step
    note(review, editor, made, "Because.")
    assert note(review, editor, made, "Because of the launch.", seen="Because.").note == "Because of the launch."
    assert revision(small) == before
    assert Review.objects.get(pk=review.pk).step == step + 2


def test_a_note_that_somebody_else_wrote_is_not_written_over(review, editor, owner):
    made = decide(review, editor, 0)
    note(review, owner, made, "Theirs.")
    with pytest.raises(Conflict, match="It is now “Theirs"):
        note(review, editor, made, "Mine.")
    assert note(review, editor, made, "Theirs.").note == "Theirs."


def test_what_does_not_stand_any_more_gets_nonote(review, editor):
    made = decide(review, editor, 0)
    take_back(review, editor, made)
    with pytest.raises(Refused, match="does not stand"):
        note(review, editor, made, "Why.")


def test_a_published_decision_keeps_itsnote(review, editor):
    made = decide(review, editor, 0)
    Review.objects.filter(pk=review.pk).update(state="published")
    with pytest.raises(Conflict, match="is published"):
        note(review, editor, made, "Why.")
    with pytest.raises(Conflict, match="is published"):
        take_back(review, editor, made)
