"""The same over a real connection: what a mail server may say, and one that says nothing (D11)."""

import time

import pytest

from raci.notices.models import Outbox, State
from raci.notices.sending import send_due
from tests.notices.smtp import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 0.5
        yield server


def test_what_a_server_refuses_for_good_has_failed_and_what_it_cannot_take_now_waits(put, real):
    for to in ("ann", "nobody", "bob", "full", "cas"):
        put(f"{to}@example.org")
    assert str(send_due()) == "3 mails sent, 1 mail failed, 1 mail to be tried again."
    assert real.taken == ["ann@example.org", "bob@example.org", "cas@example.org"]
    found = {mail.to.split("@")[0]: (mail.state, mail.error) for mail in Outbox.objects.all()}
    assert found["nobody"] == (State.FAILED, "The mail server refused it: 550.")
    assert found["full"] == (State.WAITING, "The mail server refused it: 452.")


def test_a_server_that_says_nothing_holds_up_the_next_mail_no_longer_than_its_time(put, real):
    for to in ("silent", "ann"):
        put(f"{to}@example.org")
    started = time.monotonic()
    assert str(send_due()) == "1 mail sent, 1 mail to be tried again."
    assert time.monotonic() - started < 5
    assert real.taken == ["ann@example.org"]


def test_where_no_server_is_everything_waits(put, real, settings):
    real.server_close()
    for to in ("ann", "bob"):
        put(f"{to}@example.org")
    assert str(send_due()) == "1 mail to be tried again."
    assert {mail.state for mail in Outbox.objects.all()} == {State.WAITING}
