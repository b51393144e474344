"""Asking people by mail to answer a poll, and reminding those who have not."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.publishing import personal, stopping
from raci.publishing.models import Unsubscribed
from raci.reviews import asking, polling
from raci.reviews.answering import introduce
from raci.reviews.asking import ask, remind, remind_due
from raci.reviews.models import Respondent
from raci.web.refusals import Conflict, Forbidden, Refused, TooMany
from raci.workspaces.links import digest, is_open, new_token
from raci.workspaces.models import AuditEvent, Link, Mail, Member
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, about, asked, came, opened, says, sends

MEI, JON = "mei@example.org", "jon@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI")


@pytest.fixture
def made(small, editor):
    return opened(small, editor)


def mails() -> list:
    """Those that arrive now."""
    before = len(mail.outbox)
    send_due()
    return mail.outbox[before:]


def token_in(message) -> str:
    return re.search(r"/polls/([A-Za-z0-9_-]{43})/\n", message.body)[1]


def stop_in(message) -> str:
    """Where its reader says that they want no more."""
    return re.search(r"/polls/\S+/stop/", message.body)[0]


def person(address=MEI) -> Respondent:
    return Respondent.objects.get(address=address)


def answers(respondent, made):
    introduce(respondent=respondent.pk, about=about(made.poll))
    says(respondent, asked(made.poll)[0][0], "nobody")
    sends(respondent)


# ---- Asking


def test_everyone_asked_gets_a_mail_with_a_link_of_their_own(made, editor, viewer):
    done = ask(poll=made.poll, by=editor, pasted=f"Mei <{MEI}>; {JON}", members=[viewer.user_id])
    assert (done.mailed, done.silent) == (3, 0)
    arrived = mails()
    assert {message.to[0] for message in arrived} == {MEI, JON, viewer.user.email}
    tokens = {message.to[0]: token_in(message) for message in arrived}
    assert len(set(tokens.values())) == 3
    for row in Respondent.objects.select_related("link", "user", "mail"):
        address = row.address or row.user.email
        assert row.link.digest == digest(tokens[address])
        assert row.link.purpose == Link.Purpose.POLL
        assert row.mail.to == address
        assert is_open(row.link)


def test_a_member_is_known_by_their_account_and_an_address_is_kept_for_others_alone(made, editor, viewer):
    ask(poll=made.poll, by=editor, pasted=f"{viewer.user.email.upper()} {MEI}")
    kept = Respondent.objects.order_by("pk").values_list("user", "address")
    assert list(kept) == [(viewer.user_id, ""), (None, MEI)]


def test_the_mail_says_who_asks_what_and_how_names_are_treated(made, small, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    (named,) = mails()
    assert named.subject == "A poll for you: Who leads what?"
    assert "Eddie Editor of “Acme” asks you who leads what: 2 activities" in named.body
    assert "your name stands beside what you answered" in named.body
    polling.close(poll=made.poll.pk, by=editor)
    by_function = opened(small, editor, FUNCTION)
    ask(poll=by_function.poll, by=editor, pasted=JON)
    (unnamed,) = mails()
    assert "Nobody sees your name" in unnamed.body
    assert "fewer than three answers are put together" in unnamed.body


def test_a_mail_that_waits_holds_no_token_and_no_name(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    waiting = Outbox.objects.get()
    assert not re.search(r"[A-Za-z0-9_-]{43}", waiting.text + waiting.html)
    assert "Eddie" not in waiting.text + waiting.html


def test_nobody_is_asked_twice(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    again = ask(poll=made.poll, by=editor, pasted=f"{MEI}, {JON}, {JON}, nonsense@, {MEI.upper()}")
    assert (again.mailed, again.before, again.bad) == (1, (MEI,), ("nonsense@",))
    assert set(again.twice) == {MEI, JON}
    assert Respondent.objects.count() == 2


def test_whose_mail_failed_is_sent_it_again(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    Outbox.objects.update(failed_at=timezone.now())
    assert ask(poll=made.poll, by=editor, pasted=MEI).mailed == 1
    (message,) = mails()
    assert person().link.digest == digest(token_in(message))
    assert ask(poll=made.poll, by=editor, pasted=MEI).mailed == 0


def test_members_who_want_no_mail_are_asked_without_one(made, editor, viewer):
    Member.objects.filter(pk=viewer.pk).update(mail=Mail.NEVER)
    done = ask(poll=made.poll, by=editor, everybody=True)
    assert (done.mailed, done.silent) == (1, 1)
    assert Respondent.objects.get(user=viewer.user_id).link is None
    assert [message.to[0] for message in mails()] == [editor.user.email]


def test_whoever_wants_no_mail_of_the_workspace_gets_none(made, editor, workspace):
    Unsubscribed.objects.create(workspace=workspace, address=MEI)
    done = ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}")
    assert (done.mailed, done.unsubscribed) == (1, (MEI,))
    assert [row.address for row in Respondent.objects.all()] == [JON]


def test_accounts_of_others_are_no_members_to_ask(made, editor, stranger, ex_member):
    with pytest.raises(Refused, match="Nobody is chosen"):
        ask(poll=made.poll, by=editor, members=[stranger.user_id, ex_member.user_id])


def test_editors_ask_about_polls_of_their_own_workspace(made, reviewer, stranger):
    for act in (lambda by: ask(poll=made.poll, by=by, pasted=MEI), lambda by: remind(poll=made.poll, by=by)):
        with pytest.raises(Forbidden):
            act(reviewer)
        with pytest.raises(Http404):
            act(stranger)
    assert not Outbox.objects.exists()


def test_nobody_is_asked_once_it_is_closed(made, editor):
    polling.close(poll=made.poll.pk, by=editor)
    with pytest.raises(Conflict, match="closed"):
        ask(poll=made.poll, by=editor, pasted=MEI)
    with pytest.raises(Conflict, match="closed"):
        remind(poll=made.poll, by=editor)


def test_nobody_is_asked_with_other_words_on_names_than_hold(made, editor):
    stale = made.poll
    polling.set_naming(poll=stale.pk, by=editor, naming=FUNCTION)
    with pytest.raises(Conflict, match="Nobody was asked"):
        ask(poll=stale, by=editor, pasted=MEI)
    assert not Respondent.objects.exists()


def test_only_so_many_mails_go_out_a_day(made, editor, monkeypatch):
    monkeypatch.setattr(personal, "MOST_A_DAY", 3)  # the link of the poll is one
    with pytest.raises(TooMany):
        ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON} ann@example.org")
    assert not Respondent.objects.exists()
    assert ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}").mailed == 2


def test_only_so_many_people_are_asked(made, editor, monkeypatch):
    monkeypatch.setattr(asking, "RESPONDENT_LIMIT", 1)
    with pytest.raises(Refused, match="Ask fewer"):
        ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}")


def test_the_audit_log_says_how_many_were_asked_and_no_address(made, editor):
    ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}")
    entry = AuditEvent.objects.get(kind="poll.asked")
    assert entry.about == {"poll": "Who leads what?", "people": 2}


def test_asking_many_takes_few_statements(made, editor, django_assert_max_num_queries):
    many = " ".join(f"person{number}@example.com" for number in range(300))
    with django_assert_max_num_queries(40):
        assert ask(poll=made.poll, by=editor, pasted=many).mailed == 300


def test_a_member_who_leaves_gets_no_mail_that_waits(made, editor, viewer):
    ask(poll=made.poll, by=editor, members=[viewer.user_id])
    Member.objects.filter(pk=viewer.pk).delete()
    assert mails() == []


# ---- Getting no more


def test_whoever_wants_no_more_gets_none_that_waits_and_no_reminder(made, editor, workspace):
    ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}")
    stopping.stop(workspace.pk, MEI)
    assert [message.to[0] for message in mails()] == [JON]
    Outbox.objects.update(failed_at=None, sent_at=timezone.now())
    assert remind(poll=made.poll, by=editor) == 1
    assert [message.to[0] for message in mails()] == [JON]


def test_a_mail_says_how_to_get_no_more_and_one_press_is_enough(made, editor, workspace):
    ask(poll=made.poll, by=editor, pasted=MEI)
    (message,) = mails()
    address = stop_in(message)
    assert f"{address}\n" in message.body
    assert address in message.extra_headers["List-Unsubscribe"]
    client = Client(enforce_csrf_checks=True)
    assert "No more letters to you?" in client.get(address).text
    assert not stopping.wants_none(workspace.pk, MEI)
    assert "gets no more letters" in client.post(address, {"List-Unsubscribe": "One-Click"}).text
    assert stopping.wants_none(workspace.pk, MEI)
    client.post(address, {"again": "1"})
    assert not stopping.wants_none(workspace.pk, MEI)


def test_a_member_can_stop_them_too(made, editor, viewer, workspace):
    ask(poll=made.poll, by=editor, members=[viewer.user_id])
    (message,) = mails()
    Client().post(stop_in(message))
    assert stopping.wants_none(workspace.pk, viewer.user.email)
    assert remind(poll=made.poll, by=editor) == 0


def test_the_link_of_the_poll_stops_nobodys_mail(made):
    for token in (made.token, new_token()):
        assert Client().post(reverse("poll_stop", args=[token])).status_code == 410


# ---- Reminding


def test_those_who_have_not_sent_theirs_are_reminded(made, editor, viewer):
    ask(poll=made.poll, by=editor, pasted=f"{MEI} {JON}", members=[viewer.user_id])
    mails()
    answers(person(MEI), made)
    introduce(respondent=person(JON).pk, about=about(made.poll))  # begun, not sent
    came(made)  # by the link, so nobody knows where to write
    assert remind(poll=made.poll, by=editor) == 2
    arrived = mails()
    assert {message.to[0] for message in arrived} == {JON, viewer.user.email}
    assert "You have not sent your answers yet" in arrived[0].body


def test_the_link_in_the_first_mail_still_works_after_a_reminder(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    first = token_in(mails()[0])
    remind(poll=made.poll, by=editor)
    assert token_in(mails()[0]) == first
    with time_machine.travel(timezone.now() + DAY * 2):
        remind(poll=made.poll, by=editor)
        assert token_in(mails()[0]) == first
    assert person().link.digest == digest(first)
    assert is_open(person().link)
    assert Client().get(reverse("poll_link", args=[first])).status_code == 302


def test_nobody_is_reminded_twice_a_day(made, editor):
    now = timezone.now()
    ask(poll=made.poll, by=editor, pasted=MEI)
    mails()
    assert remind(poll=made.poll, by=editor) == 1
    mails()
    with time_machine.travel(now + DAY - timedelta(minutes=5)):
        assert remind(poll=made.poll, by=editor) == 0
    with time_machine.travel(now + DAY + timedelta(minutes=5)):
        assert remind(poll=made.poll, by=editor) == 1
        assert len(mails()) == 1


def test_nobody_is_reminded_of_a_mail_that_has_not_gone(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    assert remind(poll=made.poll, by=editor) == 0


def test_whoever_stopped_mail_since_is_not_reminded(made, editor, viewer, workspace):
    ask(poll=made.poll, by=editor, pasted=MEI, members=[viewer.user_id])
    mails()
    Unsubscribed.objects.create(workspace=workspace, address=MEI)
    Member.objects.filter(pk=viewer.pk).update(mail=Mail.NEVER)
    assert remind(poll=made.poll, by=editor) == 0


def test_two_days_before_the_end_one_reminder_goes_out_by_itself(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    mails()
    soon = made.poll.until - timedelta(days=2)
    assert remind_due(soon - timedelta(minutes=1)) == 0
    assert remind_due(soon) == 1
    assert remind_due(soon + timedelta(hours=30)) == 0
    with time_machine.travel(soon):
        (message,) = mails()
    assert "Eddie Editor of “Acme”" in message.body


def test_who_was_reminded_within_the_last_two_days_gets_none_by_itself(made, editor):
    ask(poll=made.poll, by=editor, pasted=MEI)
    mails()
    with time_machine.travel(made.poll.until - timedelta(hours=40)):
        assert remind(poll=made.poll, by=editor) == 1
        mails()
    assert remind_due(made.poll.until - timedelta(hours=2)) == 0


def test_who_was_asked_on_the_last_day_gets_no_reminder_by_itself(small, editor):
    short = opened(small, editor, days=1)
    ask(poll=short.poll, by=editor, pasted=MEI)
    mails()
    assert remind_due(timezone.now()) == 0
    assert remind_due(timezone.now() + timedelta(hours=23)) == 0


def test_a_reminder_goes_out_in_nobodys_name_where_the_opener_is_gone(made, editor, owner):
    ask(poll=made.poll, by=editor, pasted=MEI)
    mails()
    made.poll.opened_by = None
    made.poll.save()
    soon = made.poll.until - DAY
    assert remind_due(soon) == 1
    with time_machine.travel(soon):
        assert mails()[0].body.startswith("Somebody of “Acme” asked you")
