"""Names stand in no mail that waits: each is put in as it is when the mail goes."""

import pytest
from django.core import mail

from raci.accounts.models import User
from raci.notices.models import Outbox
from raci.notices.names import look_up, named, sign_of
from raci.notices.outbox import Letter, html_of, put_each
from raci.notices.sending import send_due
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_name_is_put_in_when_the_mail_goes_and_is_no_markup(put, owner):
    sign = sign_of(owner.user)
    put(subject=f"{sign} invites you", text=f"{sign} invites you.\n", html=html_of(f"{sign} invites you."))
    User.objects.filter(pk=owner.user_id).update(name="O’Neil <b> & Co")
    send_due()
    (sent,) = mail.outbox
    assert (sent.subject, sent.body) == ("O’Neil <b> & Co invites you", "O’Neil <b> & Co invites you.\n")
    assert "<p>O’Neil &lt;b&gt; &amp; Co invites you.</p>" in sent.alternatives[0].content


def test_who_is_gone_is_somebody(put, owner):
    put(subject=f"{sign_of(owner.user)} invites you")
    owner.user.delete()
    send_due()
    assert mail.outbox[0].subject == "Somebody invites you"


def test_a_subject_that_is_cut_within_a_sign_names_nobody(put, owner):
    kept = put(subject="x" * 199 + sign_of(owner.user))
    assert len(kept.subject) == 200
    send_due()
    assert mail.outbox[0].subject == "x" * 199


def test_names_are_looked_up_at_once_and_only_where_there_are_signs(owner, editor, django_assert_num_queries):
    text = f"{sign_of(owner.user)} and {sign_of(editor.user)}"
    with django_assert_num_queries(1):
        assert named(text, look_up(text, text)) == "Olive Owner and Eddie Editor"
    with django_assert_num_queries(0):
        assert named("1 of 2", look_up("1 of 2")) == "1 of 2"


def test_the_same_mail_to_many_is_put_once_for_each_of_them():
    letter, everyone = Letter("News", "Some.\n", "<p>Some.</p>"), UserFactory.create_batch(30)
    put_each(letter, to=everyone, key="all")
    put_each(letter, to=everyone, key="all")
    assert str(send_due()) == "30 mails sent."
    assert Outbox.objects.count() == 30
