"""The letter in somebody's own words, and sending it: to everyone once, and to nobody who wants none."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from raci.matrices.operations import Sender, archive
from raci.notices.models import Outbox, State
from raci.notices.sending import send_due
from raci.publishing import personal, receipts, telling
from raci.publishing.models import Letter, Receipt, Unsubscribed
from raci.publishing.receipts import progress
from raci.publishing.recipients import Chosen, audience
from raci.screens import leaving, membership
from raci.screens.audit import sentence
from raci.screens.workspace_end import delete_workspace
from raci.web.refusals import Conflict, Forbidden, Gone, Refused, TooMany
from raci.workspaces import members
from raci.workspaces.models import Access, AuditEvent, Link
from tests import invariants
from tests.factories import MemberFactory, WorkspaceFactory, make_matrix
from tests.notices.lines import refused
from tests.publishing.making import publish
from tests.publishing.sending import JON, MEI, next_version, put, receipt, send, token_in


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


def edit(version, by, text, subject="", seen=None):
    seal = telling.seal_of(telling.letter_of(version)) if seen is None else seen
    return telling.edit(version=version, by=by, subject=subject, text=text, seen=seal)


# ---- The words


def test_a_letter_that_nobody_edited_is_written_from_the_versions(version, owner):
    said = telling.said(version, telling.letter_of(version))
    assert said.subject == "Small, version 1: who leads what"
    assert said.text.startswith("Version 1 of “Small” is published.")
    later = next_version(version, owner)
    assert "What changed since version 1:" in telling.said(later, None).text


def test_edited_words_are_the_letter_until_they_are_emptied(version, editor):
    edit(version, editor, "Ours.", "Read this")
    assert telling.said(version, telling.letter_of(version)).text == "Ours."
    assert telling.letter_of(version).edited_by == editor.user
    edit(version, editor, "", "")
    assert telling.said(version, telling.letter_of(version)).subject == "Small, version 1: who leads what"


def test_what_was_saved_as_it_was_written_stays_written_from_the_versions(version, editor):
    unedited = telling.said(version, None)
    row = edit(version, editor, unedited.text.replace("\n", "\r\n"), unedited.subject)
    assert (row.subject, row.text, row.edited_at) == ("", "", None)


def test_of_two_who_edit_at_once_the_later_one_is_told(version, owner, editor):
    edit(version, owner, "Olive's.", seen="")
    with pytest.raises(telling.Overtaken, match="Somebody else saved another text"):
        edit(version, editor, "Eddie's.", seen="")
    assert telling.letter_of(version).text == "Olive's."
    edit(version, editor, "Eddie's.")
    assert telling.letter_of(version).text == "Eddie's."


@pytest.mark.parametrize("text", ["Hello\x1a", "Hello\x00", "x" * (telling.LETTER_LIMIT + 1)])
def test_a_text_that_no_mail_could_carry_is_refused(version, editor, text):
    with pytest.raises(Refused):
        edit(version, editor, text)
    with pytest.raises(Refused):
        edit(version, editor, "Fine.", subject="Two\nlines")
    assert not Letter.objects.exists()


# ---- Sending


def test_everyone_gets_the_letter_once_with_a_link_of_their_own(version, editor):
    first, second = send(version, editor, MEI, JON)
    assert (first.to, second.to) == ([MEI], [JON])
    assert first.subject == "Small, version 1: who leads what"
    assert "Version 1 of “Small” is published." in first.body
    assert "so that Eddie Editor knows it has reached you" in first.body
    assert token_in(first) != token_in(second)
    assert Link.objects.filter(purpose="letter", user=editor.user).count() == 2
    assert receipt(version).mail.state == State.SENT


def test_the_subject_and_the_text_go_out_as_they_were_edited(version, editor):
    edit(version, editor, "First.\n\n--\n\n- One\n- Two", "Read this")
    (message,) = send(version, editor, MEI)
    assert message.subject == "Read this"
    html = message.alternatives[0].content
    assert "First." in html
    assert "<bdi>One</bdi>" in html
    assert f"/letters/{token_in(message)}/stop/" in html  # what looks like a signature hides nothing


def test_one_text_is_made_for_each_set_of_roles_and_not_for_each_person(version, owner, monkeypatch):
    made = []
    write = telling.write
    monkeypatch.setattr(telling, "write", lambda *args: made.append(args) or write(*args))
    put(version, owner, *(f"person{n}@example.org" for n in range(50)), everybody=True)
    assert (len(made), Outbox.objects.count()) == (1, 51)


def test_sent_a_second_time_nobody_gets_it_twice(version, owner, editor):
    whom = Chosen(pasted=f"{MEI} {JON}")
    seen = telling.sending_seal("", audience(version, whom))
    assert telling.send(version=version, by=editor, chosen=whom, seen=seen) == 2
    assert telling.send(version=version, by=editor, chosen=whom, seen=seen) == 0
    assert telling.send(version=version, by=owner, chosen=whom, seen=seen) == 0
    send_due()
    assert sorted(message.to[0] for message in mail.outbox) == [JON, MEI]


def test_whoever_was_told_is_left_out_of_a_longer_list(version, editor):
    assert len(send(version, editor, MEI)) == 1
    assert [message.to for message in send(version, editor, MEI, JON)] == [[JON]]


def test_nothing_goes_out_where_the_recipients_or_the_words_are_others_by_now(version, owner, editor):
    whom = Chosen(pasted=f"{MEI} {JON}")
    seen = telling.sending_seal("", audience(version, whom))
    put(version, owner, JON)
    with pytest.raises(Conflict, match="Nothing was sent"):
        telling.send(version=version, by=editor, chosen=whom, seen=seen)
    seen = telling.sending_seal("", audience(version, whom))
    edit(version, owner, "Other words.")
    with pytest.raises(Conflict, match="Nothing was sent"):
        telling.send(version=version, by=editor, chosen=whom, seen=seen)
    assert Receipt.objects.count() == 1


def test_the_first_letter_notes_when_people_were_told_and_the_audit_log_how_many(version, editor):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        put(version, editor, MEI, JON)
    put(version, editor, "ann@example.org")
    assert telling.letter_of(version).told_at == start
    events = AuditEvent.objects.filter(kind="letter.sent").order_by("pk")
    assert [sentence(event) for event in events] == [
        "Eddie Editor sent the letter of “Small”, version 1, to 2 people.",
        "Eddie Editor sent the letter of “Small”, version 1, to 1 person.",
    ]


def test_people_who_heard_of_it_elsewhere_count_as_told(version, editor):
    first = telling.told_another_way(version=version, by=editor).told_at
    assert telling.told_another_way(version=version, by=editor).told_at == first
    assert not Outbox.objects.exists()


# ---- Refusals


def test_only_the_latest_version_has_a_letter_to_send(version, owner, editor):
    put(version, editor, MEI)
    next_version(version, owner)
    for attempt in (
        lambda: put(version, editor, JON),
        lambda: edit(version, editor, "New words."),
        lambda: telling.retry(version=version, by=editor),
        lambda: telling.told_another_way(version=version, by=editor),
    ):
        with pytest.raises(Refused, match="Version 2 is published by now"):
            attempt()


def test_nobody_is_told_of_an_archived_matrix(version, owner, editor):
    archive(matrix=version.matrix_id, sender=Sender(owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        put(version, editor, MEI)


@pytest.mark.parametrize(("who", "refusal"), [("viewer", Forbidden), ("reviewer", Forbidden), ("ex_member", Gone)])
def test_only_editors_write_and_send(version, request, who, refusal):
    member = request.getfixturevalue(who)
    for attempt in (
        lambda: put(version, member, MEI),
        lambda: edit(version, member, "Mine."),
        lambda: telling.retry(version=version, by=member),
        lambda: telling.told_another_way(version=version, by=member),
    ):
        with pytest.raises(refusal):
            attempt()
    assert not Receipt.objects.exists()


def test_there_has_to_be_somebody_left_to_send_it_to(version, editor):
    Unsubscribed.objects.create(workspace=editor.workspace, address=MEI)
    with pytest.raises(Refused, match="Nobody is left"):
        put(version, editor, MEI)


TOO_MANY = "Up to 2 letters and reminders go out a day, of one person and of one workspace. Send the rest tomorrow."


def test_a_workspace_sends_so_many_a_day_and_goes_on_the_next(version, owner, editor, monkeypatch):
    monkeypatch.setattr(personal, "MOST_A_DAY", 2)
    start = timezone.now()
    put(version, editor, MEI)
    put(version, owner, JON)
    with pytest.raises(TooMany, match=TOO_MANY):
        put(version, editor, "ann@example.org")
    with time_machine.travel(start + timedelta(days=1, minutes=1)):
        assert put(version, editor, "ann@example.org") == 1


def test_somebody_sends_so_many_a_day_wherever_they_are(version, editor, stranger, monkeypatch):
    monkeypatch.setattr(personal, "MOST_A_DAY", 2)
    put(version, editor, MEI, JON)
    elsewhere = MemberFactory(workspace=WorkspaceFactory(), user=editor.user, access=Access.OWNER)
    other = publish(make_matrix(elsewhere, "L"), elsewhere)
    with pytest.raises(TooMany, match=TOO_MANY):
        put(other, elsewhere, MEI)
    assert put(publish(make_matrix(stranger, "L"), stranger), stranger, MEI) == 1


def test_reminders_and_what_goes_again_count_too(version, editor, monkeypatch, server):
    server.answers[JON] = refused(550, JON)
    send(version, editor, MEI, JON)
    monkeypatch.setattr(personal, "MOST_A_DAY", 2)
    for attempt in (receipts.remind, telling.retry):
        with pytest.raises(TooMany, match=TOO_MANY):
            attempt(version=version, by=editor)
    monkeypatch.setattr(personal, "MOST_A_DAY", 3)
    assert telling.retry(version=version, by=editor) == 1
    with pytest.raises(TooMany):
        receipts.remind(version=version, by=editor)
    assert not Receipt.objects.exclude(reminded_at=None).exists()


# ---- On the way


def test_whoever_leaves_before_it_is_sent_gets_none(version, owner, editor, viewer):
    put(version, owner, everybody=True)
    members.remove(by=owner, member=editor.pk)
    send_due()
    assert "eddie@example.org" not in [message.to[0] for message in mail.outbox if "version 1" in message.subject]
    assert receipt(version, "eddie@example.org").mail.error == "No longer a member of the workspace it was about."


def test_nothing_goes_out_of_a_workspace_that_was_deleted(version, owner):
    put(version, owner, MEI)
    delete_workspace(by=owner, typed="Acme")
    send_due()
    assert MEI not in [message.to[0] for message in mail.outbox]


SENDERS = {
    "demoted": lambda owner, editor: membership.change_access(by=owner, member=editor.pk, access=Access.VIEWER),
    "removed": lambda owner, editor: membership.remove(by=owner, member=editor.pk),
    "gone": lambda _, editor: leaving.delete_account(by=editor.user),
}


@pytest.mark.parametrize("what", SENDERS)
def test_whatever_becomes_of_their_sender_the_letters_that_wait_go_out_and_open(version, owner, editor, what):
    put(version, editor, MEI, JON)
    SENDERS[what](owner, editor)
    send_due()
    letters = {message.to[0]: message for message in mail.outbox if "/letters/" in message.body}
    assert letters.keys() == {MEI, JON}
    assert receipts.opened_by(token_in(letters[MEI])) == receipt(version)
    assert (progress(version).sent, receipts.remind(version=version, by=owner)) == (2, 2)
    assert AuditEvent.objects.filter(kind__startswith="letter.").count() == 1  # no entry for each link
    invariants.check()


def test_what_had_ended_before_it_was_sent_goes_again_with_a_link_that_has_not(version, owner, editor):
    put(version, editor, MEI)
    Link.objects.update(expires_at=timezone.now())
    send_due()
    assert receipt(version).mail.error == "The link had ended before the mail was sent."
    assert telling.retry(version=version, by=owner) == 1
    send_due()
    (message,) = mail.outbox
    assert receipts.opened_by(token_in(message)) == receipt(version)
    assert receipt(version).link.user == owner.user


def test_who_wants_no_more_meanwhile_is_not_tried_again(version, editor, server, monkeypatch):
    server.answers = {address: refused(550, address) for address in (MEI, JON)}
    send(version, editor, MEI, JON)
    real = telling.locked
    monkeypatch.setattr(telling, "locked", lambda *args: (receipts.stop(receipt(version)), real(*args))[1])
    assert telling.retry(version=version, by=editor) == 1
    assert [row.to for row in Outbox.objects.filter(failed_at=None)] == [JON]


def test_what_failed_goes_again_in_its_own_place_and_what_went_does_not(version, editor, server):
    server.answers[MEI] = refused(550, MEI)
    put(version, editor, MEI, JON)
    send_due()
    found = progress(version)
    assert (found.total, found.sent, found.waiting, found.failed, found.retriable) == (2, 1, 0, 1, 1)
    assert [(each.address, each.mail.error) for each in found.named] == [
        (MEI, "The mail server refused it: 550 5.1.1.")
    ]
    server.answers.clear()
    assert telling.retry(version=version, by=editor) == 1
    assert telling.retry(version=version, by=editor) == 0
    assert progress(version).waiting == 1
    send_due()
    assert server.sent == [JON, MEI]
    assert (Outbox.objects.count(), progress(version).failed) == (2, 0)


def test_who_left_or_wants_no_more_is_not_tried_again(version, owner, editor, server):
    server.answers = {address: refused(550, address) for address in (MEI, "eddie@example.org")}
    put(version, owner, MEI, everybody=True)
    send_due()
    Unsubscribed.objects.create(workspace=owner.workspace, address=MEI)
    members.remove(by=owner, member=editor.pk)
    assert (progress(version).failed, progress(version).retriable) == (2, 0)
    assert telling.retry(version=version, by=owner) == 0


def test_what_is_tried_again_by_itself_is_said_to_wait(version, editor, server):
    server.answers[MEI] = refused(450, MEI)
    put(version, editor, MEI)
    send_due()
    assert (progress(version).waiting, progress(version).again) == (1, 1)


def test_two_hundred_letters_take_a_few_queries_to_put_and_as_many_each_to_send(version, owner):
    everyone = [f"person{n}@example.org" for n in range(200)]
    with CaptureQueriesContext(connection) as putting:
        put(version, owner, *everyone)
    assert len(putting) <= 50
    with CaptureQueriesContext(connection) as sending:
        send_due()
    assert len(mail.outbox) == 200
    assert len(sending) <= 5 * 200 + 10
