"""Mail is written down first: whole, once, without a key that opens anything."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from raci.notices import outbox
from raci.notices.addresses import TOKEN_ADDRESS
from raci.notices.blocks import SIGNATURE
from raci.notices.models import Outbox, State
from raci.notices.sending import send_due
from raci.workspaces import links
from raci.workspaces.models import Link

pytestmark = pytest.mark.django_db
SIGN_IN = Link.Purpose.SIGN_IN


def _with_link(put, user, **given):
    """A mail that leads somewhere by a link; what is in it, as it is put."""
    token = links.make_sign_in_link(user)
    link = links.find_open(SIGN_IN, token)
    text = f"Come in:\n\n{TOKEN_ADDRESS}\n"
    written = put(user.email, text=text, html=outbox.html_of(text), user=user, link=link, view=outbox.view_of(link))
    return written, token


def _token_in(text):
    return next(word for word in text.split() if "/sign-in/" in word).rstrip("/").rpartition("/")[2]


def test_a_mail_is_written_down_and_sent_later_in_two_forms(put):
    put("ann@example.org", text="Hello.\n", html="<p>Hello.</p>")
    assert mail.outbox == []
    assert str(send_due()) == "1 mail sent."
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ann@example.org"], "News", "Hello.\n")
    assert [(part.content, part.mimetype) for part in sent.alternatives] == [("<p>Hello.</p>", "text/html")]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_once_it_is_sent_nothing_that_was_told_is_kept(put):
    put()
    send_due()
    kept = Outbox.objects.get()
    assert (kept.subject, kept.text, kept.html, kept.state) == ("", "", "", State.SENT)
    assert str(send_due()) == ""
    assert len(mail.outbox) == 1


def test_a_mail_of_a_transaction_that_fails_is_none(put):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


def test_the_same_key_is_the_same_mail(put):
    assert put(key="digest:1").pk == put(key="digest:1", text="Other.").pk
    assert put().pk != put().pk
    send_due()
    assert put(key="digest:1").state == State.SENT
    send_due()
    assert len(mail.outbox) == 3


def test_a_mail_that_is_due_later_waits(put):
    now = timezone.now()
    Outbox.objects.filter(pk=put().pk).update(due_at=now + timedelta(hours=2))
    for hours, sent in ((1.99, 0), (2.01, 1)):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            send_due()
        assert len(mail.outbox) == sent


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\u2028", "\x00", "\x1b", "\x85"])
def test_a_subject_is_one_line(put, sign):
    assert put(subject=f"News{sign}Bcc: eve@example.org").subject == "News Bcc: eve@example.org"


def test_no_token_is_in_the_database_and_the_one_that_is_sent_works(put, owner):
    _, first = _with_link(put, owner.user)
    send_due()
    (sent,) = mail.outbox
    token = _token_in(sent.body)
    assert sent.body == f"Come in:\n\nhttp://localhost:8000{reverse('sign_in_link', args=[token])}\n"
    assert f'href="http://localhost:8000/sign-in/{token}/"' in sent.alternatives[0].content
    assert TOKEN_ADDRESS not in sent.alternatives[0].content
    assert links.find_open(SIGN_IN, token).user == owner.user
    assert links.find_open(SIGN_IN, first) is None
    with connection.cursor() as cursor:
        for table in ("notices_outbox", "workspaces_link"):
            cursor.execute(f"SELECT * FROM {table}")
            assert token not in str(cursor.fetchall())


@pytest.mark.parametrize("end", [links.revoke, links.use_up])
def test_a_link_that_has_ended_meanwhile_is_not_sent(put, owner, end):
    written, _ = _with_link(put, owner.user)
    end(written.link)
    assert str(send_due()) == "1 mail failed."
    assert mail.outbox == []
    assert outbox.states_of([written.link]) == {written.link_id: State.FAILED}
    assert Outbox.objects.get().error == "The link had ended before the mail was sent."


def test_a_link_whose_time_is_over_is_not_sent(put, owner):
    _with_link(put, owner.user)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        send_due()
    assert mail.outbox == []


def test_what_became_of_the_mail_of_a_link_is_known(put, owner):
    written, _ = _with_link(put, owner.user)
    other = links.find_open(SIGN_IN, links.make_sign_in_link(owner.user))
    assert outbox.states_of([written.link, other]) == {written.link_id: State.WAITING}
    send_due()
    assert outbox.states_of([written.link, other]) == {written.link_id: State.SENT}


def test_a_line_that_somebody_ended_ends_in_html_too_unless_the_text_is_wrapped():
    assert "<p>Dear all,<br>we are done.</p>" in outbox.html_of("Dear all,\nwe are done.")
    assert "<p>A sentence goes on.</p>" in outbox.html_of("A sentence\ngoes on.", is_wrapped=True)


def test_the_text_is_text_and_the_html_is_escaped():
    text = f"Hi <b>Ann</b> & co:\nhttp://evil.example/x\n\n- one <i>\n- two\n\nhttp://localhost:8000/w/1/\n\n{SIGNATURE}\nRemit"
    html = outbox.html_of(text)
    assert "<p>Hi &lt;b&gt;Ann&lt;/b&gt; &amp; co:<br>http://evil.example/x</p>" in html
    assert "<li><bdi>one &lt;i&gt;</bdi></li>" in html
    assert '<a href="http://localhost:8000/w/1/">' in html
    assert html.count("<a ") == 2  # and the foot


def test_what_looks_like_a_signature_ends_nothing_and_the_one_of_a_mail_is_in_its_text_alone():
    text = f"Before.\n\n--\n\nAfter.\n\n{SIGNATURE}\nRemit, our host"
    html = outbox.html_of(text)
    assert "After." in html
    assert "our host" not in html
    assert outbox.signed(text).endswith("After.\n\n--\nRemit, our host")


def test_only_addresses_of_ours_become_ones_to_open():
    for text in ("http://evil.example/", "http://localhost:8000.evil.example/", "javascript:alert(1)"):
        assert outbox.html_of(text).count("<a ") == 1  # the foot
