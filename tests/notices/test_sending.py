"""One bad address never stops the rest, and what fails for now is tried again for a day (T30, D11)."""

import smtplib
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from raci.notices import outbox, sending
from raci.notices.due import Task, run_all
from raci.notices.models import Outbox, State
from raci.notices.notices import mail_notices, notify
from raci.notices.outbox import woken
from raci.notices.queue import BATCH, LEASE, claimed
from raci.notices.sending import send_due
from raci.screens import membership
from raci.screens.workspace_end import delete_workspace
from tests.notices.lines import refused

ANN = "ann@example.org"


def _addresses(number):
    return [f"person{n}@example.org" for n in range(number)]


def _after(start, **delta):
    return time_machine.travel(start + timedelta(**delta), tick=False)


@pytest.mark.parametrize(
    "poison",
    [
        {"to": "eve@example.org\nBcc: all@example.org"},
        {"to": "eve@example.org\r\n\r\nHello"},
        {"to": "not an address <"},
        {"to": ""},
        {"to": "a" * 250},
    ],
)
def test_one_poisoned_mail_of_a_hundred_holds_up_no_other_and_adds_no_header(put, poison):
    others = _addresses(99)
    for address in others[:50]:
        put(address)
    put(**poison)
    for address in others[50:]:
        put(address)
    send_due()
    sent = [message for message in mail.outbox if message.to[0] in others]
    assert [message.to for message in sent] == [[address] for address in others]
    assert all("Bcc" not in message.message() and message.bcc == [] for message in mail.outbox)


def test_a_header_that_cannot_be_is_refused_at_once_with_the_reason(put):
    put("eve@example.org\nBcc: all@example.org")
    assert str(send_due()) == "1 mail failed."
    kept = Outbox.objects.get()
    assert kept.state == State.FAILED
    assert kept.error == "No mail can have this address or subject: BadHeaderError."
    assert mail.outbox == []


def test_an_address_that_is_refused_for_good_is_not_tried_again(put, server):
    server.answers[ANN] = refused(550, ANN)
    put(ANN)
    assert str(send_due()) == "1 mail failed."
    assert Outbox.objects.get().error == "The mail server refused it: 550 5.1.1."


def test_no_address_stands_in_the_log_or_stays_as_a_reason(put, server, caplog):
    answers = {
        ANN: refused(550, ANN),
        "bob@example.org": smtplib.SMTPDataError(554, b"<bob@example.org> is unknown"),
        "cas@example.org": smtplib.SMTPSenderRefused(550, b"not for cas@example.org", "remit@example.org"),
        "dan@example.org": RuntimeError("dan@example.org"),
        "eve@example.org": OSError("cannot write to eve@example.org"),
    }
    server.answers |= answers
    for address in [*answers, "fay@example.org\nBcc: all@example.org"]:
        put(address)
    send_due()
    assert len(reasons := list(Outbox.objects.exclude(error="").values_list("error", flat=True))) == 6
    assert "@" not in f"{reasons}{caplog.text}"
    assert "554" in caplog.text


def test_who_is_no_member_any_more_gets_nothing_from_the_workspace(put, server, owner, editor, viewer):
    for member in (owner, editor, viewer):
        put(member.user.email, user=member.user, workspace=member.workspace)
    editor.delete()
    assert str(send_due()) == "2 mails sent, 1 mail failed."
    assert editor.user.email not in server.sent
    dropped = Outbox.objects.get(user=editor.user)
    assert (dropped.state, dropped.text) == (State.FAILED, "")
    assert dropped.error == "No longer a member of the workspace it was about."


def test_nobody_gets_anything_from_a_workspace_that_was_deleted_but_the_word_that_it_was(put, server, owner, editor):
    put(editor.user.email, user=editor.user, workspace=editor.workspace)
    notify(editor, text="News.", url="/", key="one")
    delete_workspace(by=owner, typed="Acme")
    mail_notices(timezone.now())
    assert str(send_due()) == "1 mail sent, 1 mail failed."
    assert server.sent == [editor.user.email]


def test_whoever_was_taken_out_is_told_so(server, owner, editor):
    membership.remove(by=owner, member=editor.pk)
    assert str(send_due()) == "1 mail sent."
    assert server.sent == [editor.user.email]


@pytest.mark.parametrize(
    "error",
    [
        refused(450, ANN),
        smtplib.SMTPDataError(451, b"Later"),
        smtplib.SMTPSenderRefused(550, b"Who?", "remit@localhost"),
        TimeoutError("timed out"),
        smtplib.SMTPServerDisconnected("gone"),
        RuntimeError("a fault of ours"),
    ],
)
def test_what_fails_for_now_is_tried_again_and_then_goes(put, server, error):
    start = timezone.now()
    server.answers[ANN] = error
    with _after(start):
        put(ANN)
        assert str(send_due()) == "1 mail to be tried again."
        assert str(send_due()) == ""
    server.answers.clear()
    with _after(start, seconds=59):
        assert str(send_due()) == ""
    with _after(start, seconds=61):
        assert str(send_due()) == "1 mail sent."
    assert server.sent == [ANN]


def test_the_waits_grow_up_to_an_hour_and_after_a_day_it_has_failed(put, server):
    server.answers[ANN] = refused(450, ANN)
    start, tried = timezone.now(), []
    with _after(start):
        put(ANN)
    while (waiting := Outbox.objects.get()).state == State.WAITING and len(tried) < 100:
        seconds = ((waiting.claimed_until or start) - start).total_seconds()
        with _after(start, seconds=seconds - 1):
            assert str(send_due()) == ""
        with _after(start, seconds=seconds):
            assert str(send_due())
        tried.append(seconds / 60)
    assert tried[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert all(later - earlier <= 60 for earlier, later in pairwise(tried))
    assert 24 * 60 < tried[-1] <= 25 * 60
    assert Outbox.objects.get().error == "The mail server refused it: 450 4.1.1."


def test_a_mail_nobody_could_try_for_days_is_tried_some_times_before_it_fails(put, server):
    server.answers[ANN] = refused(450, ANN)
    start = timezone.now()
    with _after(start):
        put(ANN)
    with _after(start, days=3):
        assert str(send_due()) == "1 mail to be tried again."


def test_while_the_server_is_down_nothing_is_lost_and_it_is_asked_once_a_minute(put, server):
    start, everyone = timezone.now(), _addresses(20)
    server.is_down = True
    with _after(start):
        for address in everyone:
            put(address)
        assert str(send_due()) == "1 mail to be tried again."
        assert str(send_due()) == ""
    assert sorted(Outbox.objects.values_list("attempts", flat=True)) == [0] * 19 + [1]
    server.is_down = False
    with _after(start, seconds=61):
        assert str(send_due()) == "20 mails sent."
    assert sorted(server.sent) == sorted(everyone)


def test_a_server_that_says_nothing_is_left_alone_after_three_mails(put, server):
    for address in _addresses(10):
        server.answers[address] = TimeoutError("timed out")
        put(address)
    assert str(send_due()) == "3 mails to be tried again."


def test_one_line_is_used_for_all_and_a_new_one_after_a_fault(put, server):
    server.answers[ANN] = smtplib.SMTPServerDisconnected("gone")
    for address in (*_addresses(5), ANN, *_addresses(5)):
        put(address)
    send_due()
    assert (len(server.sent), server.opened) == (10, 2)


def test_a_mail_somebody_else_is_sending_is_theirs_until_their_time_is_over(put, server):
    start = timezone.now()
    with _after(start):
        put(ANN)
        list(claimed(Outbox.objects.all()))  # and is killed
        assert Outbox.objects.get().attempts == 1
        assert str(send_due()) == ""
    with _after(start, seconds=LEASE.total_seconds() - 1):
        assert str(send_due()) == ""
    with _after(start, seconds=LEASE.total_seconds() + 1):
        assert str(send_due()) == "1 mail sent."


def test_who_is_asked_to_stop_does_so_after_the_mail_in_hand(put, server):
    for address in _addresses(5):
        put(address)
    send_due(stopped=lambda: len(server.sent) == 2)
    assert len(server.sent) == 2
    send_due()
    assert len(server.sent) == 5


def _letters(put, number):
    addresses = _addresses(number)
    for address in addresses:
        put(address)
    Outbox.objects.filter(to__in=addresses).update(stop="letter_stop")
    return addresses


def test_what_nobody_can_stop_goes_before_every_letter_also_when_it_was_put_later(put, server):
    letters = _letters(put, 400)
    put(ANN)
    assert str(send_due()) == "401 mails sent."
    assert server.sent == [ANN, *letters]


def test_a_mail_that_comes_while_letters_go_waits_for_no_more_than_a_batch_of_them(put, server):
    _letters(put, 400)
    server.on_mail = lambda: put(ANN) if len(server.sent) == 1 else None
    send_due()
    assert server.sent.index(ANN) <= BATCH


def test_after_a_while_everything_else_has_its_turn_and_the_rest_goes_at_once(put, server, monkeypatch):
    for address in _addresses(5):
        put(address)
    monkeypatch.setattr(sending, "A_ROUND", 0)
    woken.clear()
    assert str(send_due()) == "1 mail sent."
    assert woken.is_set()
    rounds = list(run_all([Task("mail", lambda _: str(send_due()))]))
    assert [report.done for report in rounds] == [("1 mail sent.",)] * 4 + [()]
    assert len(server.sent) == 5


def test_what_is_withdrawn_or_gone_while_others_are_sent_holds_up_nobody(put, server):
    first, withdrawn, gone, last = (
        put(address) for address in ("a@example.org", ANN, "b@example.org", "c@example.org")
    )

    def meanwhile():
        outbox.withdraw(Outbox.objects.filter(pk=withdrawn.pk), "They want no more letters.")
        Outbox.objects.filter(pk=gone.pk).delete()

    server.on_mail = meanwhile
    assert str(send_due()) == "2 mails sent."
    assert server.sent == [first.to, last.to]


def test_a_mail_keeps_its_name_through_every_attempt(put):
    first = put(ANN)
    assert sending._message_id(first) == sending._message_id(Outbox.objects.get())
    assert sending._message_id(first).endswith("@localhost>")


def test_what_went_a_month_ago_is_forgotten(put, server):
    start = timezone.now()
    put(ANN)
    Outbox.objects.filter(pk=put().pk).update(due_at=start + timedelta(days=60))
    send_due()
    sending.tidy(start + timedelta(days=29))
    assert Outbox.objects.count() == 2
    sending.tidy(start + timedelta(days=31))
    assert [kept.state for kept in Outbox.objects.all()] == [State.WAITING]
