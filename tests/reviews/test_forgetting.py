"""An account that is deleted: answers count on without a name, and no link of theirs opens anything."""

import pytest
from django.test import Client
from django.urls import reverse

from raci.notices.models import Outbox
from raci.reviews import answering, asking, polling
from raci.reviews.answering import About, Given
from raci.reviews.forgetting import forget
from raci.reviews.models import Answer, Decision, Poll, Respondent, Review
from raci.screens import leaving
from raci.workspaces.links import digest, make_link, new_token
from raci.workspaces.models import Link
from tests import walk
from tests.invariants import check
from tests.reviews.polls import opened
from tests.reviews.respondents import opened as polls_opened
from tests.screens.test_leaving import found_in_tables
from tests.walk import World


@pytest.fixture
def world(seeded) -> World:
    return walk.our_world()


def _answers(member, poll: Poll, *, sent: bool = True) -> tuple[Respondent, str]:
    """A member answers one activity; and the token by which they are known."""
    row, token = answering.join_as_member(poll=poll.pk, by=member)
    answering.introduce(respondent=row.pk, about=About(poll.naming, function="Legal"))
    activity = poll.asked["activities"][0]["id"]
    answering.answer(respondent=row.pk, activity=activity, given=Given("nobody"), told=poll.naming)
    if sent:
        answering.submit(respondent=row.pk)
    return row, token


def _opens(token: str) -> bool:
    return Client().get(reverse("poll_link", args=[token])).status_code != 410


def test_what_they_sent_counts_on_and_nobody_knows_whose_it_is(matrix, owner, editor):
    poll = opened(owner, matrix)
    row, token = _answers(editor, poll)
    assert _opens(token)
    leaving.delete_account(by=editor.user)
    row.refresh_from_db()
    assert (row.user, row.name, row.address, row.digest, row.link, row.mail) == (None, "", "", "", None, None)
    assert not _opens(token)
    closed = polling.close(poll=poll.pk, by=owner)
    assert closed.result["answered"] == 1
    check()


def test_what_they_had_not_sent_goes_and_so_does_that_they_were_asked(matrix, owner, editor):
    poll = opened(owner, matrix)
    row, token = _answers(editor, poll, sent=False)
    forget(editor.user)
    assert not Respondent.objects.filter(pk=row.pk).exists()
    assert not Answer.objects.exists()
    assert not _opens(token)


def test_their_links_and_mails_go_and_those_of_others_stay(matrix, owner, editor, viewer):
    poll = opened(owner, matrix)
    asking.ask(poll=poll, by=owner, members=[editor.user_id, viewer.user_id])
    asking.ask(poll=poll, by=owner, pasted="nadia@example.org")
    assert Outbox.objects.filter(key__startswith="poll:").count() == 3
    leaving.delete_account(by=editor.user)
    assert set(Respondent.objects.values_list("user__email", "address")) == {
        (viewer.user.email, ""),
        (None, "nadia@example.org"),
    }
    assert set(Outbox.objects.filter(key__startswith="poll:").values_list("to", flat=True)) == {
        viewer.user.email,
        "nadia@example.org",
    }
    rows = Respondent.objects.values_list("link", flat=True)
    assert set(rows) == set(Link.objects.filter(purpose="poll", poll=None).values_list("pk", flat=True))
    check()


@pytest.mark.parametrize(
    ("asked", "email"),
    [("eddie@example.org", "Eddie@Example.org"), ("vic@xn--bcher-kva.example", "vic@bücher.example")],
)
def test_an_address_of_theirs_that_was_pasted_goes_however_it_was_written(matrix, owner, editor, asked, email):
    poll = opened(owner, matrix)
    link, token = make_link(purpose=Link.Purpose.POLL, workspace=owner.workspace, by=owner.user, until=poll.until)
    Respondent.objects.create(poll=poll, address=asked, link=link)
    editor.user.email = email
    forget(editor.user)
    assert not Respondent.objects.exists()
    assert not Link.objects.filter(digest=digest(token)).exists()


def test_a_link_they_made_for_a_poll_works_on_as_that_of_an_owner(matrix, owner, editor):
    made = polls_opened(matrix, editor)
    leaving.delete_account(by=editor.user)
    poll = Poll.objects.get(pk=made.poll.pk)
    assert (poll.opened_by, poll.link.user) == (None, owner.user)
    about = About(poll.naming, function="Legal", name="Gina Guest")
    assert answering.join(link_token=made.token, about=about, token=new_token()).name == "Gina Guest"


@pytest.mark.parametrize("who", ["editor", "reviewer"])
def test_what_was_asked_and_decided_stays_and_their_name_and_address_are_nowhere(world, who):
    before = (Review.objects.count(), Decision.objects.count(), Answer.objects.count(), Poll.objects.count())
    leaving.delete_account(by=world.people[who])
    assert (Review.objects.count(), Decision.objects.count(), Answer.objects.count(), Poll.objects.count()) == (
        before[0],
        before[1],
        before[2],
        before[3],
    )
    assert found_in_tables(f"Our user {who}", f"{who}@acme.example") == []
    check()


def test_the_pages_of_reviews_open_when_everybody_who_held_them_is_gone(world):
    ids = world.ids
    for who in ("owner", "editor"):
        leaving.delete_account(by=world.people[who])
    client = world.client("viewer")
    for route in walk.routes():
        if "GET" in route.methods and route.access == "viewer" and {"review", "poll"} & set(route.kwargs):
            answer = client.get(route.url(ids))
            assert answer.status_code in (200, 302), route.label
            assert "Our user editor" not in answer.content.decode(), route.label
            assert "Our user owner" not in answer.content.decode(), route.label
