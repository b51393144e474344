"""A poll that 500 people answered on 18 activities: its page stays within its queries. How long it takes is measured by
tests/bench."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.reviews.models import Answer, Poll
from tests.bench.world import polled

PEOPLE, ROWS = 500, 18
QUERIES = 12


@pytest.fixture
def poll(owner) -> Poll:
    return polled(owner, respondents=PEOPLE)


@pytest.mark.parametrize("route", ["poll", "matrix"])
def test_it_takes_twelve_queries(poll, owner, sign_in, route):
    assert Answer.objects.count() == PEOPLE * ROWS
    ids = [owner.workspace_id, poll.matrix_id, *([poll.pk] if route == "poll" else [])]
    client, address = sign_in(owner), reverse(route, args=ids)
    first = client.get(address)
    assert first.status_code == 200
    assert (f"{PEOPLE} of {PEOPLE} answered" in first.text) is (route == "poll")
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) <= QUERIES
