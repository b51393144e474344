"""The hub with real threads: who is sent what, when it ends, and what the framing lets through."""

import json
import queue
import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from raci.grid.levels import Level, Notation
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, archive, rename_matrix
from raci.screens.live import hub as live
from raci.screens.live.hub import MOST_STREAMS, Hub, framed
from raci.screens.live.news import Variant
from raci.screens.live.presence import Present
from raci.screens.live.readers import Reader, Seat
from raci.web import bell
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import rows_of

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 5.0


class Stream:
    """A reader whose events are collected."""

    def __init__(self, hub: Hub, member: Member, matrix: Matrix, page: str, **options) -> None:
        self.events: queue.Queue[bytes | None] = queue.Queue()
        store = SessionStore()
        store.create()
        self.session = store.session_key
        seat = Seat(member.pk, member.user_id, member.access, self.session, member.user.password)
        variant = options.get("variant", Variant(Notation.LEAD_SUPPORT, ""))
        cursor = options.get("cursor", Matrix.objects.get(pk=matrix.pk).revision)
        following = options.get("following")
        self.reader = Reader(page, matrix.workspace_id, matrix.pk, seat, variant, cursor, self.events.put, following)
        self.hub = hub
        self.is_in = hub.join(self.reader, Present(page, member.user_id, str(member.user), member.user.initials))

    def next(self, kind: str, patience: float = PATIENCE) -> dict[str, str]:
        """The next event of a kind: "" for rows."""
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            try:
                message = self.events.get(timeout=left)
            except queue.Empty:
                break
            if message is None:
                if kind == "end":
                    return {}
                continue
            event = parsed(message)
            if event.get("event", "") == kind:
                return event
        raise AssertionError(f"no event “{kind}” came")

    def last(self, kind: str) -> dict[str, str]:
        """The last event of a kind, after which no other comes."""
        event = self.next(kind)
        while True:
            try:
                event = self.next(kind, patience=1.0)
            except AssertionError:
                return event

    def is_quiet(self, kind: str, seconds: float = 0.5) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                message = self.events.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                return True
            if message is not None and parsed(message).get("event", "") == kind:
                return False
        return True


def parsed(message: bytes) -> dict[str, str]:
    """One event as a browser reads it."""
    event: dict[str, str] = {}
    assert message.endswith(b"\n\n")
    for line in message.decode()[:-2].split("\n"):
        field, _, value = line.partition(": ")
        event[field] = f"{event[field]}\n{value}" if field == "data" and "data" in event else value
    return event


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setattr(live, "LOOK_EVERY", 0.3)
    one = Hub()
    yield one
    one.close()


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI", "L..")


def test_a_change_reaches_every_reader_of_the_matrix_and_no_other(hub, small, owner, editor, stranger, foreign_matrix):
    one, two = Stream(hub, owner, small, "page-one-1"), Stream(hub, editor, small, "page-two-2")
    other = Stream(hub, stranger, foreign_matrix, "page-far-3")
    set_cell(small, editor, 0, 2, Level.INFORMED)
    row = rows_of(small)[0].pk
    for stream in (one, two):
        event = stream.next("")
        assert f'"#a{row}"' in event["data"]
        assert event["id"] == str(small.revision + 1)
    assert other.is_quiet("")


def test_a_row_is_rendered_once_for_all_that_read_alike(hub, small, owner, editor, viewer, monkeypatch):
    rendered = []

    def counting(*args, real=live.fragments):
        rendered.append(args[-1])
        return real(*args)

    monkeypatch.setattr(live, "fragments", counting)
    raci = Variant(Notation.RACI, "")
    streams = [Stream(hub, who, small, f"page-{n}-abcd") for n, who in enumerate((owner, editor, viewer))]
    streams.append(Stream(hub, owner, small, "page-raci", variant=raci))
    set_cell(small, editor, 0, 2, Level.INFORMED)
    assert len({stream.next("")["data"] for stream in streams}) == 2
    assert sorted(rendered, key=str) == sorted([Variant(Notation.LEAD_SUPPORT, ""), raci], key=str)


def test_a_reader_that_was_away_is_told_all_since(hub, small, owner, editor):
    start = small.revision
    set_cell(small, editor, 0, 2, Level.INFORMED)
    set_cell(small, editor, 1, 0, Level.SUPPORT)
    event = Stream(hub, owner, small, "page-one-1", cursor=start).next("")
    for row in rows_of(small)[:2]:
        assert f'"#a{row.pk}"' in event["data"]


def test_more_than_rows_is_told_as_such(hub, small, owner, editor):
    stream = Stream(hub, owner, small, "page-one-1")
    rename_matrix(matrix=small.pk, sender=Sender(editor), name="Renamed")
    assert json.loads(stream.next("whole")["data"]) == {"revision": small.revision + 1}


def test_an_archived_matrix_says_so(hub, small, owner):
    stream = Stream(hub, owner, small, "page-one-1")
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    stream.next("whole")


def test_a_bell_that_is_lost_loses_nothing(hub, small, owner, editor, monkeypatch):
    stream = Stream(hub, owner, small, "page-one-1")
    stream.next("people")
    monkeypatch.setattr(bell, "_listeners", [])
    set_cell(small, editor, 0, 2, Level.INFORMED)
    assert stream.next("")["id"] == str(small.revision + 1)


@pytest.mark.parametrize(
    ("done", "why"),
    [
        (lambda member: Member.objects.filter(pk=member.pk).delete(), "gone"),
        (lambda member: Member.objects.filter(pk=member.pk).update(access=Access.VIEWER), "access"),
        (lambda member: type(member.user).objects.filter(pk=member.user_id).update(is_active=False), "gone"),
    ],
)
def test_whoever_may_no_longer_read_hears_no_more(hub, small, owner, editor, done, why):
    stream, stays = Stream(hub, editor, small, "page-one-1"), Stream(hub, owner, small, "page-two-2")
    stream.next("people")
    done(editor)
    assert json.loads(stream.next("over")["data"]) == {"why": why}
    stream.next("end")
    set_cell(small, owner, 0, 2, Level.INFORMED)
    stays.next("")
    assert stream.is_quiet("")


@pytest.mark.parametrize("how", ["session", "password"])
def test_the_stream_of_a_session_that_was_ended_ends_and_the_page_has_to_ask(hub, small, editor, how):
    stream = Stream(hub, editor, small, "page-one-1")
    stream.next("people")
    if how == "session":
        Session.objects.filter(session_key=stream.session).delete()
    else:
        type(editor.user).objects.filter(pk=editor.user_id).update(password="new")
    stream.next("end")


def test_a_reader_far_behind_takes_nothing_from_those_who_are_not(hub, small, owner, editor):
    """A laptop that wakes up and a page that is up to date are found behind at one look."""
    now = Matrix.objects.get(pk=small.pk)
    edits = [{"table": "activity", "id": rows_of(small)[0].pk, "name": "", "before": {}, "after": {}}]
    log = [
        Change(matrix=now, revision=now.revision + n, kind="level", at=timezone.now(), edits=edits)
        for n in range(1, 251)
    ]
    Change.objects.bulk_create(log)
    now.revision += 250
    now.save(update_fields=["revision"])
    hub._start = lambda: None  # both are looked at in one turn, by hand
    current = Stream(hub, editor, small, "page-two-2", cursor=now.revision - 1)
    asleep = Stream(hub, owner, small, "page-one-1", cursor=1)
    hub._turn()
    assert f'"#a{rows_of(small)[0].pk}"' in current.next("")["data"]
    asleep.next("whole")


def test_nobody_moves_faster_than_a_page_of_ours(hub, small, owner, editor):
    one = Stream(hub, owner, small, "page-one-1")
    for n in range(1, 200):
        hub.move(small.pk, "page-one-1", owner.user_id, f"1-{n}")
    cells = json.loads(one.next("people")["data"])["people"]
    assert cells[0]["cell"] != "1-199"


def test_the_streams_of_a_deleted_workspace_end(hub, small, owner):
    stream = Stream(hub, owner, small, "page-one-1")
    stream.next("people")
    type(owner.workspace).objects.filter(pk=owner.workspace_id).update(deleted_at="2026-01-01T00:00Z")
    assert json.loads(stream.next("over")["data"]) == {"why": "gone"}


def test_nothing_is_sent_after_the_right_to_it_went_even_within_the_same_moment(hub, small, owner, editor):
    stream = Stream(hub, editor, small, "page-one-1")
    stream.next("people")
    Member.objects.filter(pk=editor.pk).delete()
    set_cell(small, owner, 0, 2, Level.INFORMED)
    assert stream.is_quiet("", 1.0)


def test_everyone_sees_who_comes_where_they_are_and_that_they_leave(hub, small, owner, editor):
    one, two = Stream(hub, owner, small, "page-one-1"), Stream(hub, editor, small, "page-two-2")

    def people(stream):
        return {(p["name"], p["cell"]) for p in json.loads(stream.next("people")["data"])["people"]}

    def until(stream, wanted):
        for _ in range(10):
            if people(stream) == wanted:
                return
        raise AssertionError

    until(one, {("Olive Owner", ""), ("Eddie Editor", "")})
    hub.move(small.pk, "page-two-2", editor.user_id, "3-4")
    until(one, {("Olive Owner", ""), ("Eddie Editor", "3-4")})
    hub.leave(two.reader)
    until(one, {("Olive Owner", "")})


def test_a_page_that_came_again_before_its_dead_stream_was_noticed_is_still_there(hub, small, owner, editor):
    one = Stream(hub, owner, small, "page-one-1")
    dead, _again = Stream(hub, editor, small, "page-two-2"), Stream(hub, editor, small, "page-two-2")
    hub.leave(dead.reader)
    people = [person["name"] for person in json.loads(one.last("people")["data"])["people"]]
    assert people == ["Eddie Editor", "Olive Owner"]


def test_two_processes_see_each_others_people_where_there_can_be_two(hub, small, owner, editor):
    """Two hubs are as two processes: what they know of each other comes by PostgreSQL alone."""
    other, apart = Hub(), connection.vendor != "postgresql"
    try:
        one, two = Stream(hub, owner, small, "page-one-1"), Stream(other, editor, small, "page-two-2")
        two.next("people")
        other.move(small.pk, "page-two-2", editor.user_id, "3-4")
        hub.move(small.pk, "page-two-2", editor.user_id, "5-6")  # that page asked this process
        wanted = {("Olive Owner", "")} | (set() if apart else {("Eddie Editor", "5-6")})
        seen = []
        for _ in range(1 if apart else 10):
            event = json.loads(one.next("people")["data"])
            seen.append({(person["name"], person["cell"]) for person in event["people"]})
            if seen[-1] == wanted:
                break
        assert seen[-1] == wanted
    finally:
        other.close()


def test_a_person_has_at_most_ten_streams(hub, small, owner, editor):
    for n in range(MOST_STREAMS):
        assert not hub.is_full(small.pk, "page-more", owner.user_id)
        Stream(hub, owner, small, f"page-{n}-abcd")
    assert hub.is_full(small.pk, "page-more", owner.user_id)
    assert not hub.is_full(small.pk, "page-0-abcd", owner.user_id)  # it comes again
    assert not hub.is_full(small.pk, "page-more", editor.user_id)
    assert not Stream(hub, owner, small, "page-more").is_in


def test_a_page_that_comes_again_takes_the_place_of_the_stream_it_had(hub, small, owner, editor):
    first = Stream(hub, owner, small, "page-one-1")
    others = Stream(hub, editor, small, "page-one-1")  # another person's page, whatever it calls itself
    again = Stream(hub, owner, small, "page-one-1")
    first.next("end")
    set_cell(small, editor, 0, 2, Level.INFORMED)
    again.next("")
    others.next("")
    assert first.is_quiet("")


def test_a_matrix_that_cannot_be_shown_holds_up_no_other(hub, small, owner, editor, monkeypatch):
    other = make_matrix(owner, "LS", "SL", name="Other")
    poisoned, well = Stream(hub, owner, small, "page-one-1"), Stream(hub, editor, other, "page-two-2")

    def failing(matrix, *rest, real=live.fragments):
        if matrix.pk == small.pk:
            raise ValueError("no such letter")
        return real(matrix, *rest)

    monkeypatch.setattr(live, "fragments", failing)
    set_cell(small, editor, 0, 2, Level.INFORMED)
    set_cell(other, owner, 0, 1, None)
    assert json.loads(poisoned.next("whole")["data"]) == {"revision": small.revision + 1}
    well.next("")


def test_closing_ends_every_stream_and_a_later_one_starts_again(hub, small, owner, editor):
    stream = Stream(hub, owner, small, "page-one-1")
    hub.close()
    stream.next("end")
    again = Stream(hub, owner, small, "page-two-2")
    set_cell(small, editor, 0, 2, Level.INFORMED)
    again.next("")


def test_a_database_that_does_not_answer_for_a_while_is_no_end(hub, small, owner, editor, monkeypatch):
    stream = Stream(hub, owner, small, "page-one-1")
    stream.next("people")
    broken = [True]

    def failing(readers, real=live.refused):
        if broken[0]:
            from django.db import OperationalError

            raise OperationalError("gone fishing")
        return real(readers)

    monkeypatch.setattr(live, "refused", failing)
    set_cell(small, editor, 0, 2, Level.INFORMED)
    assert stream.is_quiet("", 0.8)
    broken[0] = False
    stream.next("")


@pytest.mark.parametrize(
    "name", ["a\nevent: over", "a\r\ndata: x", "a\rid: 9", "a\n\ndata: x", "data: x", "a\u2028b", ": x"]
)
def test_no_text_can_begin_another_field_or_event(name):
    message = framed(f"<b>{name}</b>", revision=7)
    fields = [line.partition(":")[0] for line in message.decode().rstrip("\n").split("\n")]
    assert fields[0] == "id"
    assert set(fields[1:]) == {"data"}
    assert message.count(b"\n\n") == 1
    assert b"\r" not in message


def test_the_log_rings_in_other_processes_where_there_are_some(small):
    """On PostgreSQL an entry of the log notifies by itself. SQLite has no other process to tell."""
    rung = queue.Queue()
    wire = bell.Wire()
    bell.listen(rung.put)
    wire.start()
    try:
        time.sleep(0.3)
        Change.objects.create(matrix=small, revision=999, kind="level", at=timezone.now(), edits=[])
        bell.ring_others("people-x")
        time.sleep(0.3)
        wanted = [f"matrix-{small.pk}", "people-x"] if connection.vendor == "postgresql" else []
        assert [rung.get(timeout=PATIENCE) for _ in wanted] == wanted
        assert rung.empty()
    finally:
        wire.stop()
        bell.ignore(rung.put)
