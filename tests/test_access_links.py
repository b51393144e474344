"""Whoever holds a link, live or revoked, against every route: what the link opens, and nothing else (T10, T11).

Each holder has followed their link in a browser of their own, so that it keeps what the link gave it.
"""

import html
from collections.abc import Collection
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.accounts.models import User
from raci.matrices.models import DraftLink
from raci.screens.views import guest_drafts
from raci.workspaces.links import revoke
from raci.workspaces.models import Invitation, Link, Member
from tests import walk
from tests.test_access import _canaries, _unpacked, assert_none
from tests.walk import HTMX, Ids, Route, World, send, taken_back

POLL = {"poll_link", "guest_poll", "guest_poll_activity", "guest_poll_send", "guest_poll_other", "poll_stop"}
PLACES = {  # what a link leads to: its address, the id its token has in the world, and the routes it opens
    "draft": ("draft_link", "draft_token", {"draft", "draft_link"}),
    "assessment": (
        "assessment_link",
        "link",
        {"guest_assessment", "assessment_link", "guest_other", "guest_question", "guest_result"},
    ),
    "invitation": ("invitation_link", "invitation_token", {"invitation", "invitation_link", "account_signup"}),
    "shared": ("shared_link", "page_token", {"shared_link", "shared", "shared_role", "shared_export"}),
    "embed": ("embed", "embed_token", {"embed"}),
    "feed": ("feed", "feed_token", {"feed"}),
    "letter": ("letter_link", "letter_token", {"letter_link", "received", "received_read", "letter_stop"}),
    "calendar": ("calendar_link", "calendar_token", {"calendar_link"}),
    "poll": ("poll_link", "poll_token", POLL),
    "asked": ("poll_link", "asked_token", POLL),  # somebody's own
}
ALWAYS = {"account_signup", "letter_stop", "poll_stop"}  # opened without a link too, or by one that has ended
_NOBODY: dict[tuple[str, str, bool], int] = {}
OUR_PEOPLE = ("Our user", "@acme.example", "Our filler", "Our named", "Our draft reader", "Our inner", "Our contact")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


def holder(world: World, kind: str) -> Client:
    """Somebody without an account who has followed the link."""
    client = Client(raise_request_exception=False)
    address, token, _ = PLACES[kind]
    assert client.get(reverse(address, args=[world.ids[token]])).status_code in (200, 302)
    return client


def opened(client: Client, ids: Ids, kind: str) -> list[str]:
    """Where the holder is answered otherwise than somebody without any link; and whose names they are shown."""
    if not client.cookies:  # a link that stands in its address alone
        return []
    wrong = []
    for route in walk.routes():
        if route.name in PLACES[kind][2]:
            continue
        for method in route.methods:
            for headers in ({}, HTMX):
                one, other = _asked(client, route, method, ids, headers), _nobody(route, method, ids, headers)
                label = f"{method} {route.label}, holder of the {kind} link{', htmx' if headers else ''}"
                if one.status_code != other:
                    wrong.append(f"{label}: {one.status_code}, without the link {other}")
                wrong += _canaries(one, label)
    return wrong


def _nobody(route: Route, method: str, ids: Ids, headers: dict[str, str]) -> int:
    """The status that somebody without any link gets; the same in every world."""
    asked = (route.label, method, bool(headers))
    if asked not in _NOBODY:
        answer = _asked(Client(raise_request_exception=False), route, method, ids, headers)
        _NOBODY[asked] = answer.status_code
    return _NOBODY[asked]


def shown_people(client: Client, ids: Ids, kind: str = "draft", names: Collection[str] = OUR_PEOPLE) -> list[str]:
    """Which of our people, and what else is the team's own, the pages of a link show to whoever has it."""
    said = ""
    for route in walk.routes():
        if route.name in PLACES[kind][2] - ALWAYS:
            answer = _asked(client, route, "GET", ids, {}) if "GET" in route.methods else None
            said += _unpacked(answer.content) if answer and answer.status_code == 200 else ""
    assert "Our activity 1" in said or "Our matrix" in said
    return [name for name in names if name in html.unescape(said)]


def all_gone(client: Client, ids: Ids, places: Collection[str]) -> None:
    for route in walk.routes():
        if route.name in places:
            for method in route.methods:
                answer = _asked(client, route, method, ids, {})
                assert answer.status_code == 410, f"{method} {route.label}: {answer.status_code}"


def _asked(client: Client, route: Route, method: str, ids: Ids, headers: dict[str, str]):
    with taken_back(client):
        return send(client, route, method, route.url(ids), ids, headers=headers)


@pytest.mark.parametrize("kind", PLACES)
def test_a_link_opens_what_it_is_for_and_nothing_else(ours, theirs, kind):
    assert_none(opened(holder(ours, kind), ours.ids, kind))


@pytest.mark.parametrize("kind", PLACES)
def test_a_revoked_link_opens_nothing_also_for_who_came_before(ours, kind):
    client = holder(ours, kind)
    for link in Link.objects.filter(workspace=ours.ids["workspace"]):
        revoke(link)
    all_gone(client, ours.ids, PLACES[kind][2] - ALWAYS)


@pytest.mark.parametrize("kind", ["draft", "shared", "embed", "feed", "calendar"])
def test_a_link_names_nobody_and_tells_nothing_of_the_team(ours, kind):
    assert shown_people(holder(ours, kind), ours.ids, kind) == []


@pytest.mark.parametrize("seconds", [-1, 1])
def test_a_link_ends_to_the_second(ours, time_machine_at, seconds):
    client = holder(ours, "draft")
    ends = DraftLink.objects.get(pk=ours.ids["draft"]).link.expires_at
    time_machine_at(ends + timedelta(seconds=seconds))
    status = client.get(reverse("draft", args=[ours.ids["matrix"]])).status_code
    assert status == (200 if seconds < 0 else 410)


@pytest.fixture
def time_machine_at(time_machine):
    return lambda moment: time_machine.move_to(moment, tick=False)


def test_a_link_into_another_matrix_is_answered_like_none(ours, theirs):
    client = holder(ours, "draft")
    for matrix in (theirs.ids["matrix"], walk.NOWHERE):
        answer = client.get(reverse("draft", args=[matrix]))
        assert answer.status_code == 410
        assert_none(_canaries(answer, f"draft {matrix}"))


# ---- Holes, planted ------------------------------------------------------------------------------------------------


def test_a_holder_who_counts_as_a_viewer_is_found(ours, theirs, monkeypatch):
    client = holder(ours, "draft")
    client.force_login(User.objects.get(email="viewer@acme.example"))
    assert any("matrices" in sentence for sentence in opened(client, ours.ids, "draft"))


def test_a_draft_that_shows_who_fills_a_role_is_found(ours, monkeypatch):
    def named(request, matrix, real=guest_drafts.draft_of):
        found = real(request, matrix)
        found.matrix.name = str(Member.objects.filter(workspace=ours.ids["workspace"]).first().user)
        return found

    monkeypatch.setattr(guest_drafts, "draft_of", named)
    assert shown_people(holder(ours, "draft"), ours.ids) == ["Our user"]


def test_a_revoked_link_that_still_opens_is_found(ours, monkeypatch):
    client = holder(ours, "draft")
    link = DraftLink.objects.get(pk=ours.ids["draft"])
    revoke(link.link)
    monkeypatch.setattr(guest_drafts, "draft_of", lambda _request, _matrix: link)
    assert client.get(reverse("draft", args=[ours.ids["matrix"]])).status_code == 200
    with pytest.raises(AssertionError, match="draft: 200"):
        all_gone(client, ours.ids, {"draft"})


def test_the_invitation_of_a_deleted_workspace_opens_nothing(ours):
    client = holder(ours, "invitation")
    row = Invitation.objects.exclude(email="").get(workspace=ours.ids["workspace"])
    type(row.workspace).objects.filter(pk=row.workspace_id).update(deleted_at=timezone.now())
    assert client.get(reverse("invitation_link", args=[ours.ids["invitation_token"]])).status_code == 410
