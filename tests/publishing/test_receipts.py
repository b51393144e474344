"""Who was told, who has read it, who wants no more letters, and one reminder to those who have not read."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from raci.matrices.models import Role
from raci.notices import sending
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.publishing import receipts
from raci.publishing.models import Receipt, Unsubscribed
from raci.publishing.receipts import Told, reached, totals
from raci.screens import leaving
from raci.screens.due_tasks import due_tasks
from raci.web.refusals import Forbidden, Refused
from raci.workspaces import members
from raci.workspaces.links import is_known, revoke
from raci.workspaces.models import Link, Mail
from tests.factories import make_matrix
from tests.notices.lines import refused
from tests.publishing.making import publish
from tests.publishing.sending import JON, MEI, next_version, put, receipt, send, token_in


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


# ---- The link


def test_the_link_in_the_mail_opens_its_receipt_and_no_other(version, editor):
    first, second = send(version, editor, MEI, JON)
    found = receipts.opened_by(token_in(first))
    assert (found.address, found.version) == (MEI, version)
    assert receipts.opened_by(token_in(first), receipt(version, JON).pk) is None
    assert receipts.opened_by(token_in(second), receipt(version, JON).pk).address == JON


def test_a_link_that_ended_or_is_nobodys_opens_nothing(version, editor):
    (message,) = send(version, editor, MEI)
    token = token_in(message)
    revoke(receipt(version).link)
    assert receipts.opened_by(token) is None
    assert is_known(Link.Purpose.LETTER, token)
    assert receipts.opened_by("x" * 43) is None
    assert receipts.opened_by("") is None
    assert not is_known(Link.Purpose.LETTER, "x" * 43)


def test_the_database_holds_no_token(version, editor):
    (message,) = send(version, editor, MEI)
    assert token_in(message) not in repr(list(Link.objects.values())) + repr(list(Outbox.objects.values()))


def test_reading_is_said_once_and_stays(version, editor):
    send(version, editor, MEI)
    receipts.read(receipt(version))
    at = receipt(version).read_at
    receipts.read(receipt(version))
    assert receipt(version).read_at == at is not None


# ---- No more letters


def test_who_wants_no_more_gets_no_letter_and_no_reminder(version, owner, editor):
    send(version, editor, MEI, JON)
    receipts.stop(receipt(version))
    receipts.stop(receipt(version))
    assert [each.address for each in Unsubscribed.objects.all()] == [MEI]
    receipts.remind(version=version, by=editor)
    later = next_version(version, owner)
    put(later, editor, MEI, JON)
    mail.outbox.clear()
    send_due()
    assert [message.to for message in mail.outbox] == [[JON], [JON]]


def test_who_takes_it_back_gets_the_next_letter_again(version, owner, editor, stranger):
    send(version, editor, MEI)
    receipts.stop(receipt(version))
    Unsubscribed.objects.create(workspace=stranger.workspace, address=MEI)
    for _ in range(2):
        receipts.resume(receipt(version))
    assert [each.workspace for each in Unsubscribed.objects.all()] == [stranger.workspace]
    assert [message.to for message in send(next_version(version, owner), editor, MEI)] == [[MEI]]


def test_a_letter_on_its_way_is_held_back(version, editor):
    put(version, editor, MEI)
    receipts.stop(receipt(version))
    send_due()
    assert mail.outbox == []
    assert receipt(version).mail.error == "They want no more letters."
    assert totals(version) == (0, 0)


def test_the_wish_holds_where_the_link_opens_nothing_any_more(version, owner, editor):
    token = token_in(send(version, editor, MEI)[0])
    leaving.delete_account(by=editor.user)
    assert receipts.opened_by(token).address == MEI
    Link.objects.filter(purpose="letter").update(expires_at=timezone.now())
    assert receipts.opened_by(token) is None
    receipts.stop(receipts.of_token(token))
    assert receipts.wants_none(receipt(version))
    assert receipts.of_token("x" * 43) is None


def test_the_link_of_a_member_opens_nothing_once_they_are_none_but_they_can_stop_the_letters(version, owner, viewer):
    to_viewer, to_mei = send(version, owner, "vic@example.org", MEI)
    receipts.remind(version=version, by=owner)
    members.remove(by=owner, member=viewer.pk)
    send_due()
    assert receipts.opened_by(token_in(to_viewer)) is None
    assert receipts.opened_by(token_in(to_viewer), receipt(version, "vic@example.org").pk) is None
    assert receipts.of_token(token_in(to_viewer)).address == "vic@example.org"
    assert receipts.opened_by(token_in(to_mei)).address == MEI


# ---- Counts


def test_those_told_and_those_who_read_are_counted_by_role(version, owner, editor):
    first, second = Role.objects.filter(matrix=version.matrix_id).values_list("pk", flat=True)[:2]
    put(version, editor, MEI, JON, about=first)
    put(version, editor, "ann@example.org", about=second)
    put(version, editor, "bob@example.org")
    receipts.read(receipt(version))
    assert reached(version).roles == [Told(first, 2, 1), Told(second, 1, 0), Told(None, 1, 0)]
    assert totals(version) == (4, 1)


def test_whom_the_mail_did_not_reach_was_not_told(version, editor, server):
    server.answers[MEI] = refused(550, MEI)
    put(version, editor, MEI, JON)
    send_due()
    assert totals(version) == (1, 0)
    assert reached(version).roles == [Told(None, 1, 0)]


def test_whom_the_mail_never_reached_is_forgotten_before_the_mail_is(version, editor, server):
    server.answers[MEI] = refused(550, MEI)
    put(version, editor, MEI, JON)
    send_due()
    late = timezone.now() - sending.KEPT - timedelta(hours=1)
    Outbox.objects.filter(to=MEI).update(failed_at=late)
    Outbox.objects.filter(to=JON).update(sent_at=late)
    next(task for task in due_tasks() if task.name == "tidying").work(timezone.now())
    assert not Outbox.objects.exists()
    assert [each.address for each in Receipt.objects.all()] == [JON]
    assert totals(version) == (1, 0)


# ---- The reminder


def test_one_reminder_goes_to_each_who_has_not_read(version, editor, owner):
    send(version, editor, MEI, JON)
    receipts.read(receipt(version, JON))
    mail.outbox.clear()
    assert receipts.remind(version=version, by=owner) == 1
    assert receipts.remind(version=version, by=owner) == 0
    send_due()
    (reminder,) = mail.outbox
    assert reminder.to == [MEI]
    assert reminder.subject == "Have you read it? Small, version 1: who leads what"
    assert reminder.body.startswith("Olive Owner told you on")
    assert reminder.message()["List-Unsubscribe"] == f"<http://localhost:8000/letters/{token_in(reminder)}/stop/>"
    assert receipt(version).reminded_at is not None


def test_the_day_of_the_letter_is_the_servers_whoever_reminds(version, editor):
    with time_machine.travel("2026-03-01T23:30:00Z", tick=False), timezone.override("Pacific/Auckland"):
        send(version, editor, MEI)
        mail.outbox.clear()
        receipts.remind(version=version, by=editor)
        send_due()
    assert "told you on 1 Mar 2026 of" in mail.outbox[0].body


def test_the_letter_and_its_reminder_open_the_same(version, editor):
    (letter,) = send(version, editor, MEI)
    mail.outbox.clear()
    receipts.remind(version=version, by=editor)
    send_due()
    tokens = {token_in(letter), token_in(mail.outbox[0])}
    assert len(tokens) == 2
    assert {receipts.opened_by(token) for token in tokens} == {receipt(version)}
    assert {receipts.of_token(token) for token in tokens} == {receipt(version)}


def test_nobody_is_reminded_of_what_is_still_on_its_way_or_failed(version, editor, server):
    server.answers[MEI] = refused(550, MEI)
    put(version, editor, MEI)
    assert receipts.remind(version=version, by=editor) == 0
    send_due()
    assert receipts.remind(version=version, by=editor) == 0


def test_members_who_left_or_want_no_mail_are_not_reminded(version, owner, editor, viewer, reviewer):
    send(version, owner, everybody=True)
    members.remove(by=owner, member=editor.pk)
    members.choose_mail(by=viewer, mail=Mail.NEVER)
    receipts.remind(version=version, by=owner)
    reminded = Receipt.objects.filter(reminded_at__isnull=False).values_list("address", flat=True)
    assert sorted(reminded) == ["olive@example.org", "rita@example.org"]


def test_only_editors_remind_and_of_the_latest_version_alone(version, owner, viewer):
    send(version, owner, MEI)
    with pytest.raises(Forbidden):
        receipts.remind(version=version, by=viewer)
    next_version(version, owner)
    with pytest.raises(Refused, match="Version 2 is published"):
        receipts.remind(version=version, by=owner)
    assert Outbox.objects.filter(key__startswith="reminder:").count() == 0
