"""Nobody gets one mail after the other, nobody is asked as two people, and no more mail is one press, whenever."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.notices.addresses import stop_token
from raci.notices.sending import send_due
from raci.publishing import stopping
from raci.reviews import invariants, polling
from raci.reviews.answering import join_as_member
from raci.reviews.asking import ask, remind, remind_due, sign_of
from raci.reviews.models import Asking, Respondent
from raci.screens import leaving
from tests.factories import MemberFactory, make_matrix
from tests.reviews.respondents import FUNCTION, NAMED, opened

MEI, JON = "mei@example.org", "jon@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI")


def mailed() -> list[str]:
    """Whom a mail goes to now."""
    before = len(mail.outbox)
    send_due()
    return [message.to[0] for message in mail.outbox[before:]]


def stops() -> list[str]:
    """Where those who got a mail say that they want no more."""
    return [re.search(r"/polls/\S+/stop/", message.body)[0] for message in mail.outbox]


@pytest.mark.parametrize("naming", [NAMED, FUNCTION])
def test_an_address_gets_one_poll_of_a_matrix_a_day(small, editor, naming):
    for at in range(3):
        made = opened(small, editor, naming)
        done = ask(poll=made.poll, by=editor, pasted=MEI if at == 0 else f"{MEI} {MEI.upper()} jon{at}@example.org")
        assert done.mailed == 1
        assert done.lately == (() if at == 0 else (MEI,))
        polling.close(poll=made.poll.pk, by=editor)
    assert Asking.objects.count() == 3
    made = opened(small, editor, naming)
    with time_machine.travel(timezone.now() + DAY + timedelta(minutes=1)):
        assert ask(poll=made.poll, by=editor, pasted=MEI).mailed == 1


def test_a_poll_of_another_matrix_may_ask_the_same_people(small, editor):
    ask(poll=opened(small, editor).poll, by=editor, pasted=MEI)
    other = opened(make_matrix(editor, "LS.", name="Other"), editor)
    assert ask(poll=other.poll, by=editor, pasted=MEI).mailed == 1


def test_a_member_who_got_a_poll_lately_is_told_of_by_address_and_not_asked(small, editor, viewer):
    made = opened(small, editor)
    ask(poll=made.poll, by=editor, members=[viewer.user_id])
    polling.close(poll=made.poll.pk, by=editor)
    again = ask(poll=opened(small, editor).poll, by=editor, members=[viewer.user_id])
    assert (again.mailed, again.lately) == (0, (viewer.user.email,))


def test_who_got_a_mail_is_kept_for_a_day_and_no_address_is(small, editor):
    ask(poll=opened(small, editor).poll, by=editor, pasted=MEI)
    assert Asking.objects.get().sign == sign_of(MEI)
    assert MEI not in str(Asking.objects.values())
    remind_due(timezone.now() + DAY - timedelta(minutes=1))
    assert Asking.objects.exists()
    remind_due(timezone.now() + DAY)
    assert not Asking.objects.exists()


def test_an_account_that_is_deleted_is_forgotten_there_too(small, owner, editor, viewer):
    ask(poll=opened(small, owner).poll, by=owner, members=[viewer.user_id])
    leaving.delete_account(by=viewer.user)
    assert not Asking.objects.exists()


@pytest.mark.parametrize("way", ["asked", "came"])
def test_who_was_asked_by_an_address_and_is_a_member_by_now_is_one_person(small, editor, way):
    made = opened(small, editor)
    ask(poll=made.poll, by=editor, pasted="Zed@example.org")
    first = Respondent.objects.get()
    member = MemberFactory(workspace=small.workspace, user__email="zed@example.org")
    if way == "asked":
        assert ask(poll=made.poll, by=editor, members=[member.user_id]).before == ("zed@example.org",)
    row, _ = join_as_member(poll=made.poll.pk, by=member)
    assert (row.pk, row.user, row.address) == (first.pk, member.user, "")
    assert Respondent.objects.count() == 1
    assert invariants.broken() == []


@pytest.mark.parametrize("naming", [NAMED, FUNCTION])
def test_no_more_mail_is_one_press_from_each_mail_also_when_the_poll_is_closed(small, editor, workspace, naming):
    made = opened(small, editor, naming)
    ask(poll=made.poll, by=editor, pasted=MEI)
    assert mailed() == [MEI]
    for days in (0, 2):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert remind(poll=made.poll, by=editor) == 1
            assert mailed() == [MEI]
    for is_closed in (False, True):
        if is_closed:
            polling.close(poll=made.poll.pk, by=editor)
        for address in stops():
            assert "No more letters to you?" in Client().get(address).text
    Client().post(stops()[0])
    assert stopping.wants_none(workspace.pk, MEI)


def test_a_token_that_says_another_address_stops_nothing(small, workspace):
    token = stop_token(workspace.pk, MEI)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), f"x{token}", token.split(":")[0]):
        assert Client().post(reverse("poll_stop", args=[wrong])).status_code == 410
    assert not stopping.wants_none(workspace.pk, MEI)


def test_a_deleted_workspace_is_not_named_to_who_has_a_mail(workspace):
    token = stop_token(workspace.pk, MEI)
    workspace.deleted_at = timezone.now()
    workspace.save()
    assert Client().get(reverse("poll_stop", args=[token])).status_code == 410
