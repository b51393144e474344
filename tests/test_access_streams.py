"""Who may open the live stream of a matrix, and that nothing of another workspace ever comes through it (T5)."""

import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, rename_matrix, set_level
from raci.screens.live import readers
from raci.workspaces import access
from raci.workspaces.models import Access, Member
from tests import walk
from tests.walk import CANARY, World

READERS = ("viewer", "reviewer", "editor", "owner")
PATIENCE = 3.0
NEWS = ("hx-partial", "event: whole")
OUTSIDERS = {"anonymous": 302, "stranger": 404, "ex-member": 404, "invited": 404, "holder of a draft link": 302}


@pytest.fixture
def ours(live_server, seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


class Line:
    """A stream kept open; `text` is all that came, headers and all."""

    def __init__(self, server, world: World, who: str, matrix: dict) -> None:
        cookie = ""
        if who in world.people:
            client = Client()
            client.force_login(world.people[who])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        after = Matrix.objects.get(pk=matrix["matrix"]).revision
        url = reverse("stream", args=[matrix["workspace"], matrix["matrix"]])
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {}
        if who == "holder of a draft link":
            client = Client()
            client.get(reverse("draft_link", args=[world.ids["draft_token"]]))
            headers = {"Cookie": client.cookies.output(header="", attrs=[], sep=";")}
        who = who.replace(" ", "-")[:20]
        self.connection.request("GET", f"{url}?after={after}&page=page-{who}-x", headers=headers)
        self.answer = self.connection.getresponse()
        self.text = repr(self.answer.getheaders())
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        try:
            while chunk := self.answer.read1(65_536):
                self.text += chunk.decode()
        except (OSError, ValueError, HTTPException):  # closed while it was read
            pass

    def end(self, *signs: str) -> str:
        """All that came until one of these signs did, or nothing did for a while."""
        until = time.monotonic() + PATIENCE
        while self._reading.is_alive() and time.monotonic() < until and not any(sign in self.text for sign in signs):
            time.sleep(0.02)
        with suppress(OSError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self._reading.join()
        self.connection.close()
        return self.text


def _edit_both(ours: World, theirs: World) -> None:
    for world in (ours, theirs):
        sender = Sender(Member.objects.get(workspace=world.ids["workspace"], user=world.people["owner"]))
        matrix = Matrix.objects.get(pk=world.ids["matrix"])
        told = {"activity": world.ids["lone"], "role": world.ids["role3"], "level": Level.SUPPORT}
        done = set_level(matrix=matrix.pk, sender=sender, **told, seen=matrix.revision)
        rename_matrix(matrix=matrix.pk, sender=sender, name=f"{done.matrix.name} again")


def leaks(server, ours: World, theirs: World) -> list[str]:
    """What is wrong about the streams that the cast opens while both workspaces are edited."""
    wrong, lines = [], {}
    for who in READERS:
        lines[who] = Line(server, ours, who, ours.ids)
    for who, status in OUTSIDERS.items():
        lines[who] = Line(server, ours, who, ours.ids)
        if lines[who].answer.status != status:
            wrong.append(f"{who}: {lines[who].answer.status}")
    for label, ids in {
        "their matrix in our workspace": {**ours.ids, "matrix": theirs.ids["matrix"]},
        "their workspace": theirs.ids,
    }.items():
        lines[label] = Line(server, ours, "owner", ids)
        if lines[label].answer.status != 404:
            wrong.append(f"{label}: {lines[label].answer.status}")
    _edit_both(ours, theirs)
    told = {label: line.end(*NEWS) for label, line in lines.items()}
    wrong += [f"{label}: shows a canary" for label, text in told.items() if CANARY in text]
    wrong += [f"{who}: was told nothing" for who in READERS if not any(sign in told[who] for sign in NEWS)]
    wrong += [f"{who}: was told" for who in OUTSIDERS if any(sign in told[who] for sign in NEWS)]
    return wrong


def test_members_are_told_what_happens_and_nobody_else(live_server, ours, theirs):
    assert leaks(live_server, ours, theirs) == []


def test_a_stream_that_forgets_the_workspace_is_found(live_server, ours, theirs, monkeypatch):
    from raci.screens.views import live

    monkeypatch.setattr(live, "matrix_of", lambda _request, matrix: Matrix.objects.get(pk=matrix))
    wrong = leaks(live_server, ours, theirs)
    assert "their matrix in our workspace: 200" in wrong


def test_a_stream_open_to_ex_members_is_found(live_server, ours, theirs, monkeypatch):
    def anybody(request, workspace):
        rows = Member.objects.select_related("workspace", "user").filter(workspace_id=workspace)
        return rows.filter(access=Access.OWNER).first()

    monkeypatch.setattr(access, "member_or_404", anybody)
    assert {"stranger: 200", "ex-member: 200", "their workspace: 200"} <= set(leaks(live_server, ours, theirs))


def test_a_hub_that_asks_nobody_again_is_found(live_server, ours, monkeypatch):
    """The negative control of `test_hub.test_whoever_may_no_longer_read_hears_no_more`."""
    from raci.screens.live import hub

    monkeypatch.setattr(hub, "refused", lambda _readers: {})
    line = Line(live_server, ours, "editor", ours.ids)
    Member.objects.filter(workspace=ours.ids["workspace"], user=ours.people["editor"]).delete()
    assert readers.GONE not in line.end()
