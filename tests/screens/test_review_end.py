"""Ending a session that leaves much open: one answer for all of it, which any number of activities can be sent with."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.reviews.models import Decision, Review
from raci.screens.reviews.end_page import MOST_APART
from tests.factories import make_matrix
from tests.matrices.reading import rows_of
from tests.reviews.ending import IN_A_WEEK, fresh
from tests.reviews.holding import decide, running

MOST = 12


def held(member, rows: int) -> Review:
    """With all of these rows on its agenda, of which none is decided."""
    return running(make_matrix(member, *["LS."] * rows), member, *range(rows))


def url(review: Review) -> str:
    return reverse("review_end", args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def sent(review: Review, **more) -> dict:
    return {"seen": fresh(review).step, "sign_by": IN_A_WEEK.isoformat(), **more}


def for_all(member=None, name: str = "") -> dict:
    owner = {"all-owner": member.user_id} if member else {"all-owner_name": name}
    return {**owner, "all-due": IN_A_WEEK.isoformat()}


@pytest.fixture
def long(editor) -> Review:
    return held(editor, MOST_APART + 1)


def test_few_are_asked_for_one_by_one(sign_in, editor):
    review = held(editor, MOST_APART)
    page = sign_in(editor).get(url(review)).content.decode()
    assert page.count('name="open-') == 3 * MOST_APART
    assert 'name="all-' not in page


def test_many_are_asked_for_at_once_and_all_are_named(sign_in, editor, viewer, long):
    decide(long, editor, 0, "open", note="We don’t know yet.")
    client = sign_in(editor)
    page = client.get(url(long)).content.decode()
    assert page.count('name="all-') == 3
    assert 'name="open-' not in page
    assert f"Nobody sees to these {MOST_APART + 1} activities yet." in page
    assert all(f"<bdi>{row.name}</bdi>" in page for row in rows_of(long.matrix))
    assert "We don’t know yet." in page
    answer = client.post(url(long), sent(long, **for_all(viewer)))
    assert answer.status_code == 302
    left = Decision.objects.filter(review=long, taken_back_at=None)
    assert Counter(left.values_list("kind", "owner", "due")) == {("open", viewer.user_id, IN_A_WEEK): MOST_APART + 1}
    assert fresh(long).state == "ended"


def test_who_sees_to_all_of_it_has_to_be_said(sign_in, editor, long):
    client = sign_in(editor)
    answer = client.post(url(long), sent(long, **for_all(name="")))
    assert answer.status_code == 422
    assert "Choose somebody above, or write a name." in answer.content.decode()
    answer = client.post(url(long), sent(long))
    assert answer.status_code == 422
    assert 'name="all-due"' in answer.content.decode()
    assert fresh(long).state == "running"


def test_who_was_asked_for_all_and_meanwhile_they_are_few_sees_where_it_is(sign_in, editor, long):
    before = sent(long, **for_all(name="Jonas Weber"))
    decide(long, editor, 0)
    client = sign_in(editor)
    answer = client.post(url(long), before)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The session went on while you looked." in page
    assert 'value="Jonas Weber"' in page
    assert client.post(url(long), sent(long, **for_all(name="Jonas Weber"))).status_code == 302


def test_a_session_of_four_hundred_is_ended_in_a_few_queries(sign_in, editor):
    review = held(editor, 400)
    client = sign_in(editor)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url(review)).status_code == 200
    assert len(queries) <= MOST
    with CaptureQueriesContext(connection) as queries:
        assert client.post(url(review), sent(review, **for_all(editor))).status_code == 302
    assert len(queries) < 80
    assert Decision.objects.filter(review=review, kind="open").count() == 400
