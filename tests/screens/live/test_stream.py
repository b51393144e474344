"""A stream over HTTP, as a browser opens it; and the same by asking again and again."""

import json
import time
from http.client import HTTPConnection, HTTPResponse

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, rename_matrix
from raci.screens.live.hub import MOST_STREAMS, hub
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import rows_of


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI", "L..")


def _url(name: str, matrix: Matrix, **query) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{reverse(name, args=[matrix.workspace_id, matrix.pk])}?{asked}"


class Opened:
    """One stream, read line by line."""

    def __init__(self, server, member: Member, matrix: Matrix, page="page-one-1", headers=None, **query) -> None:
        client = Client()
        client.force_login(member.user)
        cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        asked = {"after": Matrix.objects.get(pk=matrix.pk).revision, "page": page} | query
        self.connection.request("GET", _url("stream", matrix, **asked), headers={"Cookie": cookie, **(headers or {})})
        self.answer: HTTPResponse = self.connection.getresponse()

    def next(self, kind: str) -> dict[str, str]:
        while True:
            event: dict[str, str] = {}
            while (line := self.answer.readline().decode().rstrip("\n")) or not event:
                if not line and self.answer.isclosed():
                    raise AssertionError(f"the stream ended before “{kind}”")
                if line and not line.startswith(":"):
                    field, _, value = line.partition(": ")
                    event[field] = f"{event[field]}\n{value}" if field in event else value
            if event.get("event", "") == kind:
                return event

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_a_stream_brings_the_row_somebody_else_changed(live_server, small, owner, editor):
    stream = Opened(live_server, owner, small)
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"] == "text/event-stream"
    assert stream.answer.headers["Cache-Control"] == "no-store"
    assert stream.answer.headers["X-Accel-Buffering"] == "no"
    stream.next("people")
    set_cell(small, editor, 0, 2, Level.INFORMED)
    event = stream.next("")
    assert event["id"] == str(small.revision + 1)
    assert f'"#a{rows_of(small)[0].pk}"' in event["data"]
    stream.close()


def test_the_last_event_that_was_received_counts_for_more_than_the_address(live_server, small, owner, editor):
    start = small.revision
    set_cell(small, editor, 0, 2, Level.INFORMED)
    set_cell(small, editor, 1, 2, Level.SUPPORT)
    stream = Opened(live_server, owner, small, after=start, headers={"Last-Event-ID": str(start + 1)})
    data = stream.next("")["data"]
    assert f'"#a{rows_of(small)[1].pk}"' in data
    assert f'"#a{rows_of(small)[0].pk}"' not in data
    stream.close()


def test_whoever_is_demoted_is_told_within_five_seconds(live_server, small, owner, editor):
    stream = Opened(live_server, editor, small)
    stream.next("people")
    started = time.monotonic()
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    assert json.loads(stream.next("over")["data"]) == {"why": "access"}
    assert stream.answer.read() == b""
    assert time.monotonic() - started < 5


def test_whoever_goes_away_is_no_longer_there(live_server, small, owner, editor):
    stays, goes = Opened(live_server, owner, small), Opened(live_server, editor, small, page="page-two-2")
    goes.next("people")
    goes.close()
    for _ in range(10):
        names = [person["name"] for person in json.loads(stays.next("people")["data"])["people"]]
        if names == ["Olive Owner"]:
            break
    assert names == ["Olive Owner"]
    stays.close()


def test_the_eleventh_stream_of_one_person_is_refused(live_server, small, owner, editor):
    streams = [Opened(live_server, owner, small, page=f"page-{n}-abcd") for n in range(MOST_STREAMS)]
    for stream in streams:
        stream.next("people")
    assert Opened(live_server, owner, small, page="page-more").answer.status == 429
    assert Opened(live_server, editor, small, page="page-else").answer.status == 200
    streams[0].close()
    for _ in range(50):
        if not hub.is_full(small.pk, "page-again", owner.user_id):
            break
        time.sleep(0.1)
    assert Opened(live_server, owner, small, page="page-again").answer.status == 200
    for stream in streams[1:]:
        stream.close()


def test_a_stranger_has_no_stream(live_server, small, stranger):
    assert Opened(live_server, stranger, small).answer.status == 404


def test_where_there_is_no_asgi_there_is_no_stream(small, owner, sign_in):
    answer = sign_in(owner).get(_url("stream", small, after=small.revision, page="page-one-1"))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("page", ["", "short", "a" * 65, "page one", "page\n12345"])
def test_a_page_has_a_name_of_ours(small, owner, sign_in, page):
    answer = sign_in(owner).get(reverse("stream", args=[small.workspace_id, small.pk]), {"after": 1, "page": page})
    assert answer.status_code == 400


def test_asking_again_says_nothing_where_nothing_happened(small, viewer, sign_in, django_assert_max_num_queries):
    client = sign_in(viewer)
    with django_assert_max_num_queries(4):
        assert client.get(_url("changes", small, after=small.revision)).status_code == 204


def test_asking_again_brings_the_rows_since(small, viewer, editor, sign_in):
    start = small.revision
    set_cell(small, editor, 0, 2, Level.INFORMED)
    answer = sign_in(viewer).get(_url("changes", small, after=start))
    assert answer.headers["X-Revision"] == str(start + 1)
    assert f'"#a{rows_of(small)[0].pk}"' in answer.content.decode()
    assert f'"#a{rows_of(small)[1].pk}"' not in answer.content.decode()


def test_asking_again_says_when_the_table_is_to_be_fetched(small, viewer, editor, sign_in):
    start = small.revision
    rename_matrix(matrix=small.pk, sender=Sender(editor), name="Renamed")
    answer = sign_in(viewer).get(_url("changes", small, after=start))
    assert (answer.headers["X-Whole"], answer.content) == ("1", b"")


@pytest.mark.parametrize("cell", ["x", "1-", "-1", "1-2-3", "0-1", "1-2\n"])
def test_a_cell_is_two_ids_or_nothing(small, viewer, sign_in, cell):
    client = sign_in(viewer)
    url = reverse("presence", args=[small.workspace_id, small.pk])
    assert client.post(url, {"page": "page-one-1", "cell": cell}).status_code == 400
    assert client.post(url, {"page": "page-one-1", "cell": ""}).status_code == 204
