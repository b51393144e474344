"""Whoever was sent a letter: the personal link and what it opens, saying that one has read it, and getting no more."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender
from raci.matrices.people import take_part
from raci.matrices.structure import remove_role
from raci.notices.sending import send_due
from raci.publishing import receipts
from raci.publishing.models import Receipt, Unsubscribed
from raci.publishing.personal import LIFETIME
from raci.screens import leaving
from raci.screens.workspace_end import delete_workspace
from raci.workspaces import members
from raci.workspaces.links import new_token, revoke
from raci.workspaces.models import Link
from tests import walk
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import to
from tests.publishing.making import publish
from tests.publishing.sending import JON, MEI, next_version, receipt, send, token_in
from tests.screens.test_letters import text


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


@pytest.fixture
def token(version, editor) -> str:
    return token_in(send(version, editor, MEI)[0])


@pytest.fixture
def reader(token) -> Client:
    """Mei, who has no account and followed the link in her mail."""
    client = Client()
    client.get(link(token))
    return client


def link(token, name="letter_link") -> str:
    return reverse(name, args=[token])


def page(found, name="received") -> str:
    return reverse(name, args=[found.pk])


# ---- The link


def test_the_link_moves_into_a_cookie_for_that_page_alone_and_opens_it(version, token):
    client = Client()
    answer = client.get(link(token))
    assert answer.headers["Location"] == page(receipt(version))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    cookie = answer.cookies["letter_link"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (page(receipt(version)), True, "Lax")
    shown = client.get(page(receipt(version)))
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "same-origin"  # its form is sent with where it came from
    assert token not in shown.content.decode()


def test_a_scanner_that_opens_everything_changes_nothing(version, token):
    before = walk.digest()
    client = Client()
    for address in (link(token), page(receipt(version)), link(token, "letter_stop")):
        client.get(address)
        client.head(address)
    assert walk.digest() == before


def test_one_link_opens_no_other_receipt(version, editor, reader, token):
    (other,) = send(version, editor, JON)
    reader.cookies["letter_link"]["path"] = "/"
    assert reader.get(page(receipt(version, JON))).status_code == 410
    assert reader.post(page(receipt(version, JON), "received_read")).status_code == 410
    reader.cookies["letter_link"] = token_in(other)
    assert reader.get(page(receipt(version))).status_code == 410
    assert not Receipt.objects.exclude(read_at=None).exists()


def test_the_reminder_opens_the_same_page(version, owner, token, mailoutbox):
    receipts.remind(version=version, by=owner)
    send_due()
    client = Client()
    assert client.get(link(token_in(mailoutbox[-1]))).headers["Location"] == page(receipt(version))
    assert client.get(page(receipt(version))).status_code == 200


def ended(version, owner):
    """Ways in which a link dies."""
    return {
        "revoked": lambda: revoke(receipt(version).link),
        "its reader is no member any more": lambda: _removed(version, owner),
        "the workspace was deleted": lambda: delete_workspace(by=owner, typed="Acme"),
        "its account was deleted": lambda: Receipt.objects.all().delete(),
    }


def _removed(version, owner):
    member = MemberFactory(workspace=owner.workspace)
    Receipt.objects.filter(version=version).update(user=member.user)
    members.remove(by=owner, member=member.pk)


WAYS = ["revoked", "its reader is no member any more", "the workspace was deleted", "its account was deleted"]


@pytest.mark.parametrize("way", WAYS)
def test_a_dead_link_is_a_410_that_says_nothing(version, owner, token, reader, way):
    found = receipt(version)
    ended(version, owner)[way]()
    for answer in (
        Client().get(link(token)),
        reader.get(page(found)),
        reader.post(page(found, "received_read")),
        Client().get(link(new_token())),
        Client().get(page(found)),
    ):
        assert answer.status_code == 410
        assert "This link does not open anything" in text(answer)
        assert "Acme" not in text(answer)
        assert "Small" not in text(answer)
    assert not Receipt.objects.exclude(read_at=None).exists()


def test_it_ends_after_four_hundred_days(version, token, reader):
    start = receipt(version).link.created_at
    with time_machine.travel(start + LIFETIME - timedelta(minutes=1)):
        assert Client().get(link(token)).status_code == 302
    with time_machine.travel(start + LIFETIME + timedelta(minutes=1)):
        assert Client().get(link(token)).status_code == 410
        assert reader.get(page(receipt(version))).status_code == 410


def test_guesses_are_counted(version):
    answers = [Client().get(link(new_token())).status_code for _ in range(31)]
    assert (set(answers[:30]), answers[30]) == ({410}, 429)


def test_the_log_shows_no_token(version, token, reader, caplog):
    caplog.set_level(logging.INFO)
    revoke(receipt(version).link)
    Client().get(link(token))
    Client().get(link(token, "letter_stop"))
    assert token not in caplog.text


# ---- The page


def test_it_shows_the_version_with_names_and_contacts_and_no_address_of_a_member(version, owner, editor, sign_in):
    matrix, role = version.matrix, Role.objects.filter(matrix=version.matrix_id)[0]
    take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=owner.user_id)
    client = Client()
    client.get(link(token_in(send(version, editor, MEI)[0])))
    said = text(client.get(page(receipt(version))))
    assert "Small : who leads what" in said
    assert "Olive Owner" in said
    assert "olive@example.org" not in said
    assert "Have you read it? So that Olive Owner knows it has reached you. 0 of 1 person has." in said
    assert "what is yours" not in said


def test_who_was_told_of_a_role_sees_what_changed_for_it_and_all_that_is_theirs(version, owner, editor):
    later = next_version(version, owner)
    role = Role.objects.filter(matrix=version.matrix_id)[1]
    client = Client()
    client.get(link(token_in(send(later, editor, MEI, about=role.pk)[0])))
    said = text(client.get(page(receipt(later))))
    assert "Role 2 : what is yours" in said
    assert "What changed for you You no longer support “Activity 1”" in said
    assert "All that is yours now" in said


def test_ones_own_part_and_the_button_come_before_the_grid(version, owner, editor):
    role = Role.objects.filter(matrix=version.matrix_id)[1]
    client = Client()
    client.get(link(token_in(send(version, editor, MEI, about=role.pk)[0])))
    shown = client.get(page(receipt(version))).content.decode()
    places = [shown.index(words) for words in ("<h1>", "I have read this", ": what is yours", "Show one role")]
    assert places == sorted(places)
    assert shown.count("I have read this") == 1


def test_of_a_role_that_is_gone_it_says_what_became_of_it(version, owner, editor):
    first, second = Role.objects.filter(matrix=version.matrix_id)[:2]
    matrix = Matrix.objects.get(pk=version.matrix_id)
    remove_role(**to(matrix, owner), role=first.pk, heir=second.pk)
    later, client = publish(matrix, owner), Client()
    client.get(link(token_in(send(later, editor, MEI, about=first.pk)[0])))
    said = text(client.get(page(receipt(later))))
    assert "Role 1 : what became of it Role 1 is no longer a role." in said


def test_it_answers_whom_to_ask(version, reader):
    said = text(reader.get(page(receipt(version)), {"q": "activity 2"}))
    assert "Whom to ask" in said
    assert "Role 2" in said.partition("Whom to ask")[2].partition("Activity Role")[0]
    assert "data-print" in reader.get(page(receipt(version))).content.decode()


def test_a_member_finds_the_way_into_the_workspace_and_nobody_else(version, token, reader, viewer, stranger, sign_in):
    inside = reverse("version", args=[version.matrix.workspace_id, version.matrix_id, 1])
    assert inside not in reader.get(page(receipt(version))).content.decode()
    for member, is_shown in ((viewer, True), (stranger, False)):
        client = sign_in(member)
        client.get(link(token))
        shown = client.get(page(receipt(version)))
        assert ("Open in Acme" in text(shown)) is is_shown
        assert (inside in shown.content.decode()) is is_shown


def test_an_older_version_says_that_there_is_a_newer_one(version, owner, reader):
    assert "What holds now" not in text(reader.get(page(receipt(version))))
    next_version(version, owner)
    said = text(reader.get(page(receipt(version))))
    assert "This is version 1, which the letter was about. What holds now is version 2" in said


def test_it_speaks_raci_where_it_is_asked_to(version, reader):
    assert "Accountable" in text(reader.get(page(receipt(version)) + "?notation=raci"))


# ---- Having read it


def test_one_press_says_that_it_was_read(version, reader):
    answer = reader.post(page(receipt(version), "received_read"))
    assert answer.headers["Location"] == page(receipt(version))
    at = receipt(version).read_at
    assert at is not None
    reader.post(page(receipt(version), "received_read"))
    assert receipt(version).read_at == at
    assert "You have read it You said so on" in text(reader.get(page(receipt(version))))


def test_a_press_needs_the_page_it_stands_on(version, token):
    client = Client(enforce_csrf_checks=True)
    client.get(link(token))
    assert client.post(page(receipt(version), "received_read")).status_code == 403
    shown = client.get(page(receipt(version)))
    sent = {"csrfmiddlewaretoken": str(shown.context["csrf_token"])}
    assert client.post(page(receipt(version), "received_read"), sent).status_code == 302
    assert receipt(version).read_at is not None


# ---- No more letters


def test_the_page_asks_first_and_one_press_stops_the_letters(version, token):
    client = Client(enforce_csrf_checks=True)
    asked = client.get(link(token, "letter_stop"))
    assert "No more letters to you? mei@example.org gets letters of “ Acme ”" in text(asked)
    assert not Unsubscribed.objects.exists()
    done = client.post(link(token, "letter_stop"))
    assert done.status_code == 200
    assert "mei@example.org gets no more letters or reminders of “ Acme ”" in text(done)
    assert Unsubscribed.objects.get().address == MEI
    assert "gets no more letters" in text(client.get(link(token, "letter_stop")))


def test_another_press_takes_it_back(version, token):
    client = Client(enforce_csrf_checks=True)
    client.post(link(token, "letter_stop"))
    assert "Send them again" in text(client.get(link(token, "letter_stop")))
    done = client.post(link(token, "letter_stop"), {"again": "1"})
    assert "mei@example.org gets the letters of “ Acme ” again" in text(done)
    assert not Unsubscribed.objects.exists()
    assert "Send me no more" in text(client.get(link(token, "letter_stop")))


def test_a_mail_program_stops_them_by_itself_without_cookies(version, token):
    client = Client(enforce_csrf_checks=True)
    sent = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        assert client.post(link(token, "letter_stop"), **sent).status_code == 200
    assert [each.address for each in Unsubscribed.objects.all()] == [MEI]


def test_a_letter_opens_and_can_be_stopped_when_the_account_of_its_sender_is_gone(editor, token):
    leaving.delete_account(by=editor.user)
    assert Client().get(link(token)).status_code == 302
    assert Client().post(link(token, "letter_stop")).status_code == 200
    assert Unsubscribed.objects.get().address == MEI


def test_it_works_where_the_link_opens_nothing_any_more(version, token):
    Link.objects.update(expires_at=timezone.now())
    assert Client().get(link(token)).status_code == 410
    assert Client().post(link(token, "letter_stop")).status_code == 200
    assert Unsubscribed.objects.get().address == MEI


def test_but_not_for_a_token_of_nobody_or_a_workspace_that_is_gone(version, owner, token):
    assert Client().post(link(new_token(), "letter_stop")).status_code == 410
    delete_workspace(by=owner, typed="Acme")
    assert Client().post(link(token, "letter_stop")).status_code == 410
    assert not Unsubscribed.objects.exists()


def test_what_was_read_before_counts_after_all(version, token, reader):
    reader.post(page(receipt(version), "received_read"))
    Client().post(link(token, "letter_stop"))
    assert receipts.totals(version) == (1, 1)
    assert timezone.now() - receipt(version).read_at < timedelta(minutes=1)
