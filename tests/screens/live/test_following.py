"""Following a session: who is told how far it is, and who is not."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.reviews.models import Review
from raci.screens.live import hub as live
from raci.screens.live.hub import Hub
from raci.screens.live.readers import Following, sessions_now
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.reviews.holding import do, running
from tests.screens.live.test_hub import Stream
from tests.screens.live.test_stream import Opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setattr(live, "LOOK_EVERY", 0.3)
    one = Hub()
    yield one
    one.close()


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI", "L..")


@pytest.fixture
def review(small, owner):
    return running(small, owner, 0, 1)


def followed(hub, member, review, page, *, step=None):
    now = Review.objects.get(pk=review.pk)
    return Stream(
        hub, member, review.matrix, page, following=Following(review.pk, now.step if step is None else step, 0)
    )


def test_a_step_reaches_everybody_who_follows_and_nobody_else(hub, review, small, owner, viewer):
    one, two = followed(hub, owner, review, "page-one-1"), followed(hub, viewer, review, "page-two-2")
    grid = Stream(hub, owner, small, "page-three")
    before = Review.objects.get(pk=review.pk).step
    do("move", review, owner, to="next")
    for stream in (one, two):
        assert json.loads(stream.next("review")["data"]) == {
            "step": before + 1,
            "came": 0,
            "revision": small.revision,
        }
    assert grid.is_quiet("review")


def test_a_page_that_shows_an_earlier_step_is_told_at_once(hub, review, viewer):
    now = Review.objects.get(pk=review.pk).step
    assert json.loads(followed(hub, viewer, review, "page-one-1", step=0).next("review")["data"])["step"] == now


def test_a_changed_row_is_told_without_the_row(hub, review, small, owner, viewer):
    stream = followed(hub, viewer, review, "page-one-1")
    set_cell(small, owner, 0, 2, Level.INFORMED)
    told = json.loads(stream.next("review")["data"])
    assert told["revision"] == Matrix.objects.get(pk=small.pk).revision
    assert stream.is_quiet("")


def test_somebody_who_came_is_told_though_it_is_no_step(hub, small, owner, viewer, live_server):
    review = running(small, owner, 0, asked=(owner, viewer))
    stream = Opened(live_server, owner, small, review=review.pk, step=review.step, came=0)
    stream.next("people")
    client = Client()
    client.force_login(viewer.user)
    client.post(reverse("session_here", args=[small.workspace_id, small.pk, review.pk]))
    told = json.loads(stream.next("review")["data"])
    assert (told["step"], told["came"]) == (review.step, 1)
    stream.close()


def test_a_session_of_another_matrix_is_not_told(hub, review, owner, stranger, foreign_matrix):
    stream = Stream(hub, stranger, foreign_matrix, "page-far-3", following=Following(review.pk, 0, 0))
    do("move", review, owner, to="next")
    assert stream.is_quiet("review")


def test_all_who_follow_are_looked_up_together(hub, review, owner, viewer):
    readers = [followed(hub, member, review, f"page-of-{n}").reader for n, member in enumerate((owner, viewer))]
    with CaptureQueriesContext(connection) as asked:
        assert sessions_now(readers)[review.pk].step == Review.objects.get(pk=review.pk).step
    assert len(asked) == 2  # of which one is the test's own


def test_a_stream_tells_of_the_session_it_asks_for(live_server, review, small, owner, viewer):
    now = Review.objects.get(pk=review.pk)
    stream = Opened(live_server, viewer, small, review=review.pk, step=now.step)
    do("move", review, owner, to="rest")
    assert json.loads(stream.next("review")["data"])["step"] == now.step + 1
    stream.close()
