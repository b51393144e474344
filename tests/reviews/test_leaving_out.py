"""Who came by the link and should not have: left out before the poll is counted, and brought back."""

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from raci.matrices.operations import Sender, archive
from raci.reviews import answering, asking, polling
from raci.reviews.agreement import Result
from raci.reviews.answering import join_as_member
from raci.reviews.counting import progress
from raci.reviews.leaving_out import bring_back, leave_out
from raci.reviews.models import Poll, Respondent
from raci.screens.audit import lines
from raci.web.refusals import Conflict, Forbidden, Refused
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, asked, came, opened, says, sends


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI")


@pytest.fixture
def made(small, editor):
    return opened(small, editor)


def answered(made, place="Legal", name="Gina Guest") -> Respondent:
    person = came(made, place, name)
    says(person, asked(made.poll)[0][0], asked(made.poll)[1][1])
    sends(person)
    return person


def page(made, member, **post):
    client = Client()
    client.force_login(member.user)
    place = [made.poll.matrix.workspace_id, made.poll.matrix_id, made.poll.pk]
    if post:
        return client.post(reverse(post.pop("to"), args=place), post, follow=True)
    return client.get(reverse("poll", args=place))


def test_who_is_left_out_counts_nowhere_until_they_are_brought_back(made, editor):
    sham, _ = answered(made, name="Sham"), answered(made, name="Real")
    assert leave_out(poll=made.poll.pk, by=editor, respondents=[sham.pk]) == 1
    assert leave_out(poll=made.poll.pk, by=editor, respondents=[sham.pk]) == 0
    assert (progress(made.poll).asked, progress(made.poll).sent) == (1, 1)
    assert bring_back(poll=made.poll.pk, by=editor, respondents=[sham.pk]) == 1
    assert progress(made.poll).sent == 2
    leave_out(poll=made.poll.pk, by=editor, respondents=[sham.pk])
    polling.close(poll=made.poll.pk, by=editor)
    result = Result.read(Poll.objects.get().result)
    assert (result.answered, result.asked) == (1, 1)
    assert "Sham" not in page(made, editor).text
    assert "Real" in page(made, editor).text


def test_those_who_were_asked_and_members_can_not_be_left_out(made, editor, viewer, owner):
    asking.ask(poll=made.poll, by=editor, pasted="mei@example.org")
    member, _ = join_as_member(poll=made.poll.pk, by=viewer)
    other = came(opened(make_matrix(owner, "LS"), owner))
    for person in (member, Respondent.objects.get(address="mei@example.org"), other):
        with pytest.raises(Http404):
            leave_out(poll=made.poll.pk, by=editor, respondents=[person.pk])
    assert not Respondent.objects.filter(is_left_out=True).exists()


def test_editors_leave_people_out_as_long_as_it_is_open(made, editor, reviewer):
    guest = answered(made)
    with pytest.raises(Forbidden):
        leave_out(poll=made.poll.pk, by=reviewer, respondents=[guest.pk])
    polling.close(poll=made.poll.pk, by=editor)
    with pytest.raises(Conflict, match="closed"):
        leave_out(poll=made.poll.pk, by=editor, respondents=[guest.pk])


def test_the_page_shows_who_came_by_the_link_and_no_answer(made, editor, viewer):
    guest = answered(made, name="Gina Guest")
    shown = page(made, editor).text
    assert "Gina Guest" in shown
    assert "Role 2" not in shown.split("Who came by the link")[1]
    assert "Who came by the link" not in page(made, viewer).text
    left = page(made, editor, to="poll_leave_out", respondent=guest.pk).text
    assert "1 person is left out and not counted." in left
    assert "not counted</span>" in left
    assert "1 person is counted again." in page(made, editor, to="poll_bring_back", respondent=guest.pk).text
    assert "Nobody is ticked." in page(made, editor, to="poll_leave_out", respondent=[]).text


def test_by_function_they_are_shown_without_what_they_work_in(small, editor):
    made = opened(small, editor, FUNCTION)
    answered(made, "Legal")
    assert "Who came by the link" in page(made, editor).text
    assert "Legal" not in page(made, editor).text


def test_the_audit_log_says_how_many_were_left_out(made, editor, workspace):
    guest = answered(made)
    leave_out(poll=made.poll.pk, by=editor, respondents=[guest.pk])
    bring_back(poll=made.poll.pk, by=editor, respondents=[guest.pk])
    assert [line.text for line in lines(workspace)[0]][:2] == [
        "Eddie Editor counts 1 person who came by the link of “Who leads what?” again.",
        "Eddie Editor left out 1 person who came by the link of “Who leads what?”.",
    ]


def test_whoever_fills_the_link_keeps_nobody_from_being_asked(made, editor, monkeypatch):
    monkeypatch.setattr(answering, "RESPONDENT_LIMIT", 2)
    monkeypatch.setattr(asking, "RESPONDENT_LIMIT", 2)
    first, _ = came(made), came(made)
    with pytest.raises(Refused, match="no more fit"):
        came(made)
    assert asking.ask(poll=made.poll, by=editor, pasted="mei@example.org jon@example.org").mailed == 2
    leave_out(poll=made.poll.pk, by=editor, respondents=[first.pk])
    came(made)
    assert Respondent.objects.filter(user=None, address="").count() == 3


def test_nothing_is_answered_about_a_matrix_that_is_archived(made, editor, owner, viewer, small):
    guest = came(made)
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    for act in (
        lambda: came(made),
        lambda: says(guest, asked(made.poll)[0][0], "nobody"),
        lambda: sends(guest),
        lambda: join_as_member(poll=made.poll.pk, by=viewer),
    ):
        with pytest.raises(Conflict, match="put away"):
            act()
    assert polling.close(poll=made.poll.pk, by=editor).result["answered"] == 0
