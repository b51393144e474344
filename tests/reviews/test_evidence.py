"""What is known of a matrix is read with it, and a poll speaks until the team has agreed again."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.matrices.store import read_grid
from raci.publishing.versions import publication_read, publish
from raci.reviews import evidence
from raci.reviews.health import Question
from raci.reviews.models import Evidence, Poll
from raci.web import days
from tests.factories import make_matrix
from tests.reviews.polls import answered, closed, opened


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture
def poll(small, owner) -> Poll:
    """Three people of three functions, who all say that the work is half done."""
    found, roles = opened(owner, small), small.roles.all()
    for role in roles:
        answered(found, role.pk, [roles[0].pk, roles[1].pk], health={"done": "partly"})
    return closed(found, owner)


def fresh(matrix: Matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def read_with_it(matrix: Matrix) -> Matrix:
    return Matrix.objects.select_related(*evidence.BESIDE).defer(*evidence.UNREAD).get(pk=matrix.pk)


def published(matrix: Matrix, owner, *, later: timedelta = timedelta()) -> None:
    publish(matrix=matrix, sender=Sender(owner), seen=fresh(matrix).revision, at=timezone.now() + later)


def test_a_matrix_without_evidence_has_an_empty_one_that_is_not_kept(small):
    found = evidence.evidence_read(small)
    assert (found.pk, found.poll, found.health, found.ratings, found.settled) == (None, None, {}, {}, [])
    assert evidence.result_read(small) is None
    assert evidence.speaking(small) is None
    assert evidence.healths(small, read_grid(small)) == {}
    assert not Evidence.objects.exists()


def test_it_is_made_once(small):
    assert evidence.evidence_of(small).pk == evidence.evidence_of(small).pk
    assert Evidence.objects.count() == 1


def test_what_is_published_and_what_is_known_take_one_query(small, owner, poll, django_assert_num_queries):
    published(small, owner)
    evidence.result_read(fresh(small))
    row = fresh(small)
    with django_assert_num_queries(1):
        assert evidence.result_read(row).answered == 3
        assert publication_read(row).latest.number == 1
        assert evidence.speaking(row) is None


@pytest.mark.parametrize("is_known", [True, False])
def test_read_with_its_matrix_it_takes_none(small, owner, request, is_known, django_assert_num_queries):
    if is_known:
        request.getfixturevalue("poll")
        evidence.result_read(fresh(small))
    row = read_with_it(small)
    with django_assert_num_queries(0):
        assert (evidence.result_read(row) is not None) is is_known
        assert publication_read(row) is None


def test_a_process_reads_what_a_poll_says_once(small, poll, django_assert_num_queries):
    evidence._RESULTS.cache_clear()
    first, second = read_with_it(small), read_with_it(small)
    with django_assert_num_queries(1):
        assert evidence.result_read(first) is evidence.result_read(second)


def test_several_polls_are_read_at_once(small, poll, owner, django_assert_num_queries):
    closed(opened(owner, small, title="Again"), owner)
    opened(owner, small, title="Open")
    evidence._RESULTS.cache_clear()
    polls = list(Poll.objects.defer("result").order_by("pk"))
    with django_assert_num_queries(1):
        evidence.results_of(polls)
        assert [evidence.result_in(each).answered for each in polls[:2]] == [3, 0]
    assert evidence.result_in(polls[2]).answered == 0


def test_the_health_of_rows_is_made_once_for_a_grid_and_anew_for_another(small, poll):
    row, grid = read_with_it(small), read_grid(small)
    assert evidence.healths(row, grid) is evidence.healths(row, grid)
    assert evidence.healths(row, grid) is not evidence.healths(row, read_grid(small))


def test_what_is_locked_reads_nothing_of_what_the_poll_asked_and_says(small, poll):
    with CaptureQueriesContext(connection) as asked:
        evidence.evidence_of(small)
    assert "closed_at" in asked.captured_queries[0]["sql"]
    assert not any(f'"{name}"' in query["sql"] for query in asked.captured_queries for name in ("asked", "result"))


def test_what_a_poll_asked_and_says_is_left_out(small, poll):
    row = fresh(small)
    with CaptureQueriesContext(connection) as asked:
        evidence.evidence_read(row)
    assert '"closed_at"' in asked.captured_queries[0]["sql"]
    assert '"result"' not in asked.captured_queries[0]["sql"]
    assert '"asked"' not in asked.captured_queries[0]["sql"]


def test_a_poll_speaks_until_a_version_is_published(small, owner, poll):
    published(small, owner, later=timedelta(days=-1))  # before the poll was closed
    assert evidence.speaking(fresh(small)).answered == 3
    published(small, owner)
    assert evidence.speaking(fresh(small)) is None
    assert evidence.result_read(fresh(small)).answered == 3


def test_a_later_poll_speaks_again(small, owner, poll):
    published(small, owner)
    closed(opened(owner, small, title="Again"), owner)
    assert evidence.evidence_read(fresh(small)).poll.title == "Again"
    assert evidence.speaking(fresh(small)).answered == 0


def test_an_open_poll_says_nothing(small, owner, poll):
    opened(owner, small, title="Again")
    assert evidence.evidence_read(fresh(small)).poll == poll


def test_a_poll_of_an_archived_matrix_is_silent(small, owner, poll):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert evidence.speaking(fresh(small)) is None


def test_what_was_decided_since_is_settled_until_the_next_poll(small, owner, poll):
    row = small.activities.first().pk
    Evidence.objects.update(settled=[row])
    assert evidence.settled(fresh(small)) == {row}
    closed(opened(owner, small, title="Again"), owner)
    assert evidence.settled(fresh(small)) == set()


def test_health_is_what_the_poll_says_or_what_was_set_since(small, poll):
    first, second = small.activities.all()
    later = (days.today() + timedelta(days=1)).isoformat()
    kept = {"done": [{"answer": "no", "note": "Stopped", "on": later, "by": None, "at": "1"}]}
    Evidence.objects.update(health={str(first.pk): kept})
    found = evidence.healths(fresh(small), read_grid(small))
    assert found[first.pk][Question.DONE].answer == "no"
    assert found[first.pk][Question.DONE].on == date.fromisoformat(later)
    assert found[second.pk][Question.DONE].answer == "partly"
    assert found[second.pk][Question.DONE].is_poll
    assert evidence.polled_on(fresh(small)) == days.today()


def test_an_activity_of_which_nothing_is_known_has_no_health(small, owner):
    poll = opened(owner, small)
    answered(poll, small.roles.first().pk, ["nobody"])
    closed(poll, owner)
    assert evidence.healths(fresh(small), read_grid(small)) == {}
