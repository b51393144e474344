"""What a session decided is settled: the last poll is silent on it, and so is the last look-back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from raci.publishing.models import Version
from raci.reviews.models import Decision, Evidence, LookBack, Poll, Review
from raci.web import days
from tests.factories import make_matrix
from tests.matrices.reading import rows_of
from tests.publishing.making import publish
from tests.reviews.holding import confirm_rest, decide, running, take_back


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS", "SL", "LC", "LI")


@pytest.fixture
def poll(small) -> Poll:
    """The last one, closed an hour ago."""
    now = timezone.now()
    made = Poll.objects.create(
        matrix=small, title="Ask", asked={}, state="closed", until=now, closed_at=now - timedelta(hours=1)
    )
    Evidence.objects.create(matrix=small, poll=made)
    return made


@pytest.fixture
def review(small, poll, editor) -> Review:
    return running(small, editor, 0, 1)


def settled(matrix) -> list[int]:
    """Which rows are, by their place."""
    known = [row.pk for row in rows_of(matrix)]
    return [known.index(row) for row in Evidence.objects.get(matrix=matrix).settled]


@pytest.mark.parametrize(
    ("kind", "more", "is_settled"),
    [
        ("keep", {}, True),
        ("lead", {"lead": 1}, True),
        ("levels", {"levels": "LC"}, True),
        ("ask", {"owner_name": "Priya", "due": days.today()}, False),
        ("open", {}, False),
    ],
)
def test_what_is_decided_is_settled_and_what_stays_open_is_not(small, review, editor, kind, more, is_settled):
    decide(review, editor, 0, kind, **more)
    assert settled(small) == [0] * is_settled


def test_what_is_confirmed_together_is_settled(small, review, editor):
    confirm_rest(review, editor)
    assert settled(small) == [2, 3]


def test_what_is_taken_back_is_settled_no_more(small, review, editor):
    made = decide(review, editor, 0)
    decide(review, editor, 1)
    take_back(review, editor, made)
    assert settled(small) == [1]


def test_what_is_decided_anew_to_stay_open_is_settled_no_more(small, review, editor):
    decide(review, editor, 0)
    decide(review, editor, 0, "open")
    assert settled(small) == []


def test_what_an_earlier_session_settled_stays_so_when_a_later_one_is_taken_back(small, review, editor):
    decide(review, editor, 0)
    Review.objects.filter(pk=review.pk).update(state="published")
    later = running(small, editor, 0)
    take_back(later, editor, decide(later, editor, 0))
    assert settled(small) == [0]


@pytest.fixture
def later(review, editor) -> Review:
    """Held now; the one before it decided on the first row, and is published."""
    decide(review, editor, 0)
    Review.objects.filter(pk=review.pk).update(state="published")
    return running(review.matrix, editor, 0)


def test_what_was_settled_before_the_poll_is_open_again(small, poll, later, editor):
    Decision.objects.update(at=poll.closed_at - timedelta(minutes=1))
    Evidence.objects.update(settled=[])
    decide(later, editor, 0, "open")
    assert settled(small) == []
    Decision.objects.filter(review__state="published").update(at=poll.closed_at + timedelta(minutes=1))
    decide(later, editor, 0, "open", note="Still.")
    assert settled(small) == [0]


def test_without_a_poll_it_is_settled_all_the_same(small, editor):
    decide(running(small, editor, 0), editor, 0)
    assert settled(small) == [0]


@pytest.fixture
def wrong(small, poll, owner) -> dict[str, dict[str, str]]:
    """What the last look-back said of the first two rows."""
    publish(small, owner)
    said = {str(row.pk): {"name": row.name, "note": "Nobody did it."} for row in rows_of(small)[:2]}
    LookBack.objects.create(
        matrix=small, version=Version.objects.get(), by=owner.user, at=timezone.now() - timedelta(hours=1), wrong=said
    )
    Evidence.objects.update(wrong=said)
    return said


def test_a_row_that_was_wrong_is_not_once_it_is_decided_upon(wrong, review, editor):
    _, second = wrong
    made = decide(review, editor, 0)
    assert Evidence.objects.get().wrong == {second: wrong[second]}
    take_back(review, editor, made)
    assert Evidence.objects.get().wrong == wrong
    decide(review, editor, 0, "open")
    assert Evidence.objects.get().wrong == wrong


def test_a_look_back_after_the_decision_speaks(wrong, later, editor):
    first, _ = wrong
    LookBack.objects.update(at=timezone.now())
    decide(later, editor, 0, "open")
    assert first in Evidence.objects.get().wrong
    LookBack.objects.update(at=timezone.now() - timedelta(hours=1))
    decide(later, editor, 0, "open", note="Still.")
    assert first not in Evidence.objects.get().wrong
