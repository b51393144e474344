"""Polls and reviews, against members and whoever holds a link: what each may see and do, that nobody sees an answer before
a poll is closed, and holes in it, planted (T1, T9 to T11).

Whether something is told is tried by changing it: a page that stays the same does not tell it.
"""

import html
import logging
from http.cookies import SimpleCookie

import pytest
from django.db.models import F
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Assignment, Matrix
from raci.publishing.models import SignOff
from raci.reviews import follow_ups, ratings
from raci.reviews.models import Answer, Participant, Poll, Respondent, Review
from raci.screens.polls import guests
from raci.screens.views import guest_polls, polls, results, session
from raci.workspaces.models import Link
from tests import walk
from tests.reviews.polls import answered
from tests.test_access import _canaries, assert_none, badly_answered, told_apart, unsafe_reads
from tests.test_access_links import PLACES, POLL, holder
from tests.walk import HTMX, World, digest, masked, send

KINDS = ("poll", "asked")
OTHERS = ("draft", "shared", "embed", "feed", "letter", "calendar", "assessment", "invitation")
TEAM = ("Our user", "@acme.example", "Our filler", "Our named", "Our contact", "Our inner", "Our notes")


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


def test_the_link_of_a_poll_names_its_opener_and_nobody_else_of_the_team(ours):
    Poll.objects.filter(pk=ours.ids["poll"]).update(opened_by=None)
    client = holder(ours, "poll")
    said = "".join(client.get(page).text for page in _pages(client, ours))
    assert "Our activity 1" in said
    assert [name for name in TEAM if name in html.unescape(said)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_of_a_poll_opens_polls_alone_and_no_other_token_does(ours, kind):
    for other in OTHERS:
        for opens, with_ in ((other, kind), (kind, other)):
            answer = Client().get(reverse(PLACES[opens][0], args=[ours.ids[PLACES[with_][1]]]))
            assert answer.status_code == 410, (opens, with_)


@pytest.mark.parametrize("kind", KINDS)
def test_looking_by_the_link_of_a_poll_changes_nothing(ours, kind):
    client, before = holder(ours, kind), digest(uses=False)
    for route in walk.routes():
        if route.name in POLL:
            for method in {"GET", "HEAD"} & set(route.methods):
                answer = send(client, route, method, route.url(ours.ids), ours.ids)
                assert "noindex" in answer.headers["X-Robots-Tag"], route.label
    assert digest(uses=False) == before


def test_a_link_opens_no_other_poll_neither_here_nor_elsewhere(ours, theirs):
    assert_none(others_opened(ours))


def test_the_tokens_of_polls_are_kept_as_digests_alone(ours, theirs):
    tokens = {world.ids[name] for world in (ours, theirs) for name in ("poll_token", "asked_token")}
    assert len(tokens) == 4
    assert not tokens & set(Link.objects.values_list("digest", flat=True))
    assert not tokens & set(Respondent.objects.values_list("digest", flat=True))


def test_whoever_answers_is_told_neither_who_leads_nor_what_others_said(ours):
    assert_none(told_to_a_guest(ours))


@pytest.mark.parametrize("naming", Poll.Naming.values)
def test_nobody_is_told_an_answer_before_the_poll_is_closed(ours, naming, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # the clock of a session would stand elsewhere
    Poll.objects.filter(pk=ours.ids["poll"]).update(naming=naming)
    assert_none(told_before_closing(ours))


def test_of_a_closed_poll_by_function_no_answer_is_left_that_is_anybodys(ours):
    hidden = ours.ids["hidden_poll"]
    assert Poll.objects.get(pk=hidden).result["answered"] == 7
    assert not Answer.objects.filter(respondent__poll=hidden).exists()
    page = ours.client("owner").get(reverse("poll", args=[ours.ids["workspace"], ours.ids["matrix"], hidden]))
    assert not [name for name in ("Our inner answerer", "Our inner other", "Our user viewer") if name in page.text]


# ---- Holes, planted ------------------------------------------------------------------------------------------------


def test_a_page_of_a_poll_of_any_matrix_is_found(ours, theirs, monkeypatch):
    monkeypatch.setattr(polls, "_poll_of", lambda _matrix, poll: _any(Poll, poll))
    assert any("poll" in sentence for sentence in told_apart(ours, theirs, ["poll"]))


def test_a_session_of_any_matrix_is_found(ours, theirs, monkeypatch):
    monkeypatch.setattr(session, "review_of", lambda _request, _matrix, review: _any(Review, review))
    assert any("session" in sentence for sentence in told_apart(ours, theirs, ["session", "session_now"]))


def test_a_poll_that_shows_its_answers_while_it_is_open_is_found(ours, monkeypatch):
    def early(request, matrix, poll):
        return HttpResponse("; ".join(str(one.lead) for one in Answer.objects.filter(respondent__poll=poll)))

    monkeypatch.setattr(polls, "_open", early)
    assert any(sentence.startswith("poll,") for sentence in told_before_closing(ours))


def test_a_question_that_gives_the_lead_away_is_found(ours, monkeypatch):
    def with_lead(request, sitting, activity):
        return HttpResponse(f"Led by {Assignment.objects.get(activity=activity, level='L').role}")

    monkeypatch.setattr(guest_polls, "_activity", with_lead)
    assert any("activities" in sentence for sentence in told_to_a_guest(ours))


def test_a_guest_who_is_known_in_every_poll_is_found(ours, theirs, monkeypatch):
    def anywhere(token, poll=None, real=guests.known):
        return real(token)

    monkeypatch.setattr(guests, "known", anywhere)
    assert others_opened(ours)


def test_somebody_who_rates_a_role_that_is_not_theirs_is_found(ours, monkeypatch):
    monkeypatch.setattr(ratings, "may_rate", lambda *_: True)
    assert any("viewer" in sentence for sentence in badly_answered(ours, ["capability_rate"]))


def test_somebody_who_settles_what_was_handed_to_another_is_found(ours, monkeypatch):
    monkeypatch.setattr(follow_ups, "may_follow_up", lambda *_: True)
    assert any("reviewer" in sentence for sentence in badly_answered(ours, ["open_settle"]))


def test_a_signature_for_another_is_found(ours, monkeypatch):
    def signed(*, matrix, review, role, digest, by):
        named = {"name": "x", "by": by.user}
        return SignOff.objects.get_or_create(matrix_id=matrix, digest=digest, role=role, defaults=named)[0]

    monkeypatch.setattr(results.results, "sign", signed)
    wrong = badly_answered(ours, ["result_sign"])
    assert any("editor: 302, expected 403" in sentence for sentence in wrong)


def test_a_session_that_notes_who_came_when_it_is_opened_is_found(ours, monkeypatch):
    def noting(request, review, real=session.session_page):
        Participant.objects.update(came_at="2026-01-01T00:00Z")
        return real(request, review)

    monkeypatch.setattr(session, "session_page", noting)
    assert unsafe_reads(ours, ["session"]) == ["session: a GET changed the database"]


# ---- Parts of them -------------------------------------------------------------------------------------------------


def others_opened(ours: World) -> list[str]:
    """Which polls but their own the holders of its links see, whatever their browser sends along."""
    wrong = []
    for kind in KINDS:
        client = holder(ours, kind)
        for pk in (*Poll.objects.exclude(pk=ours.ids["poll"]).values_list("pk", flat=True), walk.NOWHERE):
            client.cookies = SimpleCookie({name: each.value for name, each in client.cookies.items()})
            answer = client.get(reverse("guest_poll", args=[pk]))
            wrong += [f"poll {pk}: {answer.status_code}"] if answer.status_code != 410 else []
            wrong += _canaries(answer, f"poll {pk}")
    return wrong


def told_to_a_guest(ours: World) -> list[str]:
    """Pages of the poll that change for somebody who answers when others answer, and when other roles lead."""
    client, ids = holder(ours, "poll"), ours.ids
    pages = _pages(client, ours)
    assert {client.get(page).status_code for page in pages} == {200}
    before = {page: masked(client.get(page)) for page in pages}
    poll = Poll.objects.get(pk=ids["poll"])
    answered(poll, ids["role"], [ids["role3"]] * len(pages), name="Nadia", health={"done": "no"})
    cells = Assignment.objects.filter(activity__matrix=ids["matrix"])
    cells.filter(level="L").update(level="C")
    for support in {cell.activity_id: cell for cell in cells.filter(level="S")}.values():
        cells.filter(pk=support.pk).update(level="L")
    Matrix.objects.filter(pk=ids["matrix"]).update(revision=F("revision") + 1)
    return [f"{page} changed" for page, body in before.items() if masked(client.get(page)) != body]


def _pages(client: Client, ours: World) -> list[str]:
    """What somebody sees who has come by the link and said where they work."""
    route = next(route for route in walk.routes() if route.name == "guest_poll")
    assert send(client, route, "POST", route.url(ours.ids), ours.ids).status_code == 302
    poll = Poll.objects.get(pk=ours.ids["poll"])
    rows = [reverse("guest_poll_activity", args=[poll.pk, each["id"]]) for each in poll.asked["activities"]]
    return [route.url(ours.ids), *rows, *(f"{row}?how=1" for row in rows)]


def told_before_closing(ours: World) -> list[str]:
    """Pages that change, for an owner, with what people answered in a poll that is open."""
    client, ids = ours.client("owner"), ours.ids
    poll = Poll.objects.get(pk=ids["poll"])
    for _ in range(4):
        answered(poll, ids["role"], [ids["role2"], "nobody", ids["role2"]], name="Nadia", health={"done": "yes"})
    asked = [route for route in walk.routes() if "GET" in route.methods and "matrix" in route.kwargs]
    ways = [(route, headers) for route in asked for headers in ({}, HTMX) if route.name != "stream"]

    def look() -> list[bytes]:
        return [masked(send(client, route, "GET", route.url(ids), ids, headers=headers)) for route, headers in ways]

    before = look()
    given = Answer.objects.filter(respondent__poll=poll)
    given.filter(said="nobody").update(said="role", lead=ids["role4"])
    given.filter(lead=ids["role2"]).update(lead=ids["role3"], done="no", skill="no")
    assert given.filter(done="no").count() == 8
    return [
        f"{route.label}, {'htmx' if headers else 'page'}: tells an answer"
        for (route, headers), one, other in zip(ways, before, look(), strict=True)
        if one != other
    ]


def _any(model, pk):
    found = model.objects.select_related("matrix__workspace").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
