"""The mail of sign-up and sign-in: put in the request, sent later, its keys made when it is sent."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy

from raci.accounts.models import User
from raci.notices.addresses import TOKEN_ADDRESS
from raci.notices.models import Outbox, State
from raci.notices.sending import send_due

pytestmark = pytest.mark.django_db
RESET = reverse_lazy("account_reset_password")
NEWCOMER = {"name": "Nia New", "email": "nia@example.org", "password1": "a-long-passphrase-77"}


def _path_in(text, part):
    return next(word for word in text.split() if part in word).removeprefix("http://localhost:8000")


def test_nothing_is_sent_while_somebody_waits_for_the_page(client, owner):
    client.post(RESET, {"email": owner.user.email})
    assert mail.outbox == []
    assert Outbox.objects.get().user == owner.user


def test_no_key_that_opens_an_account_waits_in_the_database(client, owner):
    client.post(RESET, {"email": owner.user.email})
    waiting = Outbox.objects.get()
    assert waiting.text.count(TOKEN_ADDRESS) == 1
    assert "/reset/" not in waiting.text + waiting.html
    send_due()
    assert "/account/password/reset/" in mail.outbox[0].body
    assert TOKEN_ADDRESS not in mail.outbox[0].body + mail.outbox[0].alternatives[0].content


def test_a_new_password_can_be_chosen_by_the_address_that_is_mailed(client, owner):
    client.post(RESET, {"email": owner.user.email})
    send_due()
    page = client.get(_path_in(mail.outbox[0].body, "/password/reset/"), follow=True)
    chosen = {"password1": "the-new-passphrase-2", "password2": "the-new-passphrase-2"}
    client.post(page.redirect_chain[-1][0], chosen)
    owner.user.refresh_from_db()
    assert owner.user.check_password("the-new-passphrase-2")


def test_an_address_is_confirmed_by_the_one_that_is_mailed(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(reverse("account_signup"), NEWCOMER)
    waiting = Outbox.objects.get()
    assert (waiting.to, waiting.text.count(TOKEN_ADDRESS)) == ("nia@example.org", 1)
    send_due()
    (sent,) = mail.outbox
    assert sent.subject == "Confirm your address for Remit"
    client.post(_path_in(sent.body, "/account/confirm/"))
    assert EmailAddress.objects.get().verified


def test_a_confirmation_that_is_not_needed_any_more_is_not_sent(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(reverse("account_signup"), NEWCOMER)
    EmailAddress.objects.update(verified=True)
    send_due()
    assert mail.outbox == []
    assert Outbox.objects.get().state == State.FAILED


def test_a_new_password_for_an_account_that_was_closed_meanwhile_is_not_sent(client, owner):
    client.post(RESET, {"email": owner.user.email})
    User.objects.update(is_active=False)
    send_due()
    assert mail.outbox == []


def test_an_address_in_a_mail_is_at_the_host_of_the_settings(client, owner, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://remit.example.org"
    for email in (owner.user.email, "nobody@example.org"):
        client.post(RESET, {"email": email}, headers={"Host": "evil.example"})
    client.post(reverse("account_signup"), {**NEWCOMER, "email": owner.user.email}, headers={"Host": "evil.example"})
    send_due()
    for sent in mail.outbox:
        assert "evil" not in str(sent.message())
        assert re.findall(r"https?://[^/\s]+", sent.body) == ["https://remit.example.org"]
        assert sent.body.endswith("--\nRemit, remit.example.org\n")


def test_a_known_and_an_unknown_address_get_the_same_answer_at_the_same_cost(client, owner):
    """T29. The cost is that of the database: times differ with the machine."""
    answers = []
    for email in (owner.user.email, "nobody@example.org"):
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(RESET, {"email": email}, follow=True)
        body = re.sub(rb"[0-9a-zA-Z]{64}", b"", answer.content)
        kinds = [query["sql"].split()[0] for query in asked]
        answers.append((answer.status_code, answer.redirect_chain, sorted(answer.headers), body, kinds))
    known, unknown = answers
    assert known == unknown
    assert Outbox.objects.count() == 2
