"""What the log says of the decisions of a review, in both notations."""

from datetime import date

import pytest
from django.urls import reverse

from raci.grid.levels import Notation
from raci.matrices.models import Change
from raci.matrices.sentences import tell
from raci.reviews.models import Review
from raci.web import days
from tests.factories import make_matrix
from tests.reviews.holding import confirm_rest, decide, running, take_back


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", "LC.", ".L.")


@pytest.fixture
def review(small, editor) -> Review:
    return running(small, editor, 0, 1)


def latest(review, notation=Notation.LEAD_SUPPORT, **options) -> str:
    return tell(Change.objects.filter(matrix=review.matrix_id).latest("revision"), notation, **options).headline


def test_a_row_that_stays_is_told_though_nothing_changed(review, editor):
    made = decide(review, editor, 0)
    assert latest(review) == "Decided in “Autumn review”. “Activity 1” stays as it is."
    take_back(review, editor, made)
    assert latest(review) == "Taken back in “Autumn review”. “Activity 1” is to be decided again."


def test_another_lead_is_told_in_both_notations(review, editor):
    made = decide(review, editor, 0, "lead", lead=2)
    assert latest(review) == "Decided in “Autumn review”. Role 3 now leads “Activity 1”; Role 1 moved to Support."
    assert latest(review, Notation.RACI).startswith("Decided in “Autumn review”. Role 3 is now accountable for")
    assert latest(review, only=made.activity) == latest(review)
    take_back(review, editor, made)
    assert latest(review).startswith("Taken back in “Autumn review”. Role 1 now leads “Activity 1”; Role 3")


def test_what_stays_open_is_told_with_its_day_and_without_its_owner(review, editor, viewer, monkeypatch):
    monkeypatch.setattr(days, "today", lambda: date(2026, 11, 22))
    decide(review, editor, 0, "ask", owner=viewer.user_id, due=date(2026, 12, 1))
    assert latest(review) == "Decided in “Autumn review”. Someone finds out about “Activity 1” by 1 Dec 2026."
    decide(review, editor, 0, "open")
    assert latest(review) == "Decided in “Autumn review”. “Activity 1” stays open."


def test_what_is_found_out_after_all_tells_what_it_put_back_below(review, editor):
    decide(review, editor, 0, "lead", lead=2)
    decide(review, editor, 0, "open")
    told = tell(Change.objects.filter(matrix=review.matrix_id).latest("revision"))
    assert told.headline == "Decided in “Autumn review”. “Activity 1” stays open."
    assert told.details[0].startswith("Role 1 now leads “Activity 1”")


def test_the_same_lead_again_says_so(review, editor):
    decide(review, editor, 0, "lead", lead=2)
    decide(review, editor, 0, "lead", lead=2, note="Yes.")
    assert latest(review) == "Decided in “Autumn review”. “Activity 1” has the levels that were decided before."


def test_the_rest_is_counted(review, editor):
    made = confirm_rest(review, editor)
    assert latest(review) == "Decided in “Autumn review”. 2 activities stay as they are."
    take_back(review, editor, made[0])
    assert latest(review) == "Taken back in “Autumn review”. 2 activities are to be confirmed again."


def test_the_history_leads_to_the_review_and_does_not_take_it_back_itself(review, editor, sign_in):
    decide(review, editor, 0, "lead", lead=2)
    page = sign_in(editor).get(reverse("history", args=[editor.workspace_id, review.matrix_id]))
    said = page.content.decode()
    assert "Decided in “Autumn review”. Role 3 now leads" in said
    assert reverse("review", args=[editor.workspace_id, review.matrix_id, review.pk]) in said
    assert "Take back" not in said
