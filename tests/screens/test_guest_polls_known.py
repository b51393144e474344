"""Who it is that answers a poll: by a personal link, an address of one's own, an account, a cookie."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from raci.reviews import polling
from raci.reviews.models import Poll, Respondent
from raci.workspaces.models import Member
from tests.factories import make_matrix
from tests.reviews.respondents import asked, opened
from tests.screens.polling_guests import join_as, link, mailed, page, says


@pytest.fixture
def made(editor):
    return opened(make_matrix(editor, "LS.", ".LI", "S.L", stages=1), editor)


@pytest.fixture
def poll(made) -> Poll:
    return made.poll


@pytest.fixture
def visitor(made) -> Client:
    """Somebody without an account who has followed the link."""
    client = Client()
    client.get(link(made.token))
    return client


@pytest.fixture
def guest(visitor, poll) -> Client:
    """The same, with where they work said."""
    assert join_as(visitor, poll).status_code == 302
    return visitor


def test_a_personal_link_opens_the_poll_on_any_device(poll, editor):
    token = mailed(poll, editor)
    phone, desk = Client(), Client()
    assert phone.get(link(token)).url == page(poll)
    join_as(phone, poll)
    says(phone, poll, 0)
    desk.get(link(token))
    assert "1 of 3 answered" in desk.get(page(poll)).text
    assert Respondent.objects.count() == 1


def test_opening_a_personal_link_changes_nothing(poll, editor):
    token = mailed(poll, editor)
    before = list(Respondent.objects.values())
    client = Client()
    client.get(link(token))
    client.get(page(poll))
    assert list(Respondent.objects.values()) == before


def test_ones_own_address_leads_on_from_another_device(guest, poll):
    says(guest, poll, 0)
    own = re.search(rf"{settings.SITE_URL}(/polls/[\w-]{{43}}/)", guest.get(page(poll)).text)[1]
    other = Client()
    assert other.get(own).url == page(poll)
    assert "1 of 3 answered" in other.get(page(poll)).text


def test_a_member_answers_as_everyone_does_and_is_asked_for_no_name(poll, sign_in, viewer):
    client = sign_in(viewer)
    start = client.post(reverse("poll_answer", args=[poll.matrix.workspace_id, poll.matrix_id, poll.pk]))
    assert start.url == page(poll)
    assert 'name="name"' not in client.get(page(poll)).text
    join_as(client, poll)
    says(client, poll, 0)
    assert Respondent.objects.get().user == viewer.user
    Member.objects.filter(pk=viewer.pk).delete()
    assert client.get(page(poll)).status_code == 410


def test_a_personal_link_of_a_member_opens_nothing_once_they_are_none(poll, editor, viewer):
    token = mailed(poll, editor, members=[viewer.user_id])
    Member.objects.filter(pk=viewer.pk).delete()
    assert Client().get(link(token)).status_code == 410


def test_somebody_else_at_this_browser_begins_anew(guest, poll):
    says(guest, poll, 0)
    guest.post(reverse("guest_poll_other", args=[poll.pk]))
    text = guest.get(page(poll)).text
    assert 'name="place"' in text
    assert "Gina Guest" not in text
    join_as(guest, poll, name="Otto Other")
    assert Respondent.objects.count() == 2
    assert "0 of 3 answered" in guest.get(page(poll)).text


def test_who_comes_back_by_the_link_is_known(made, guest, poll, editor):
    says(guest, poll, 0)
    guest.get(link(made.token))
    assert "1 of 3 answered" in guest.get(page(poll)).text
    polling.revoke_link(poll=poll.pk, by=editor)
    assert guest.get(link(made.token)).url == page(poll)


def test_where_one_works_can_be_changed(guest, poll):
    role = asked(poll)[1][2]
    assert "checked" in guest.get(f"{page(poll)}?who=1").text
    assert join_as(guest, poll, place=f"role:{role}").status_code == 302
    row = Respondent.objects.get()
    assert (row.role, row.function) == (role, "")
    assert "You answer for <bdi>Role 3</bdi>" in guest.get(page(poll)).text
