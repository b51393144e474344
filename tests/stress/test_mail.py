"""Two processes send the same mail (C12): each goes once; after a kill none is missing and at most one goes twice."""

import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from raci.notices.models import Outbox
from raci.notices.queue import LEASE
from raci.notices.sending import send_due
from tests.stress import processes

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = 500


def _put(number=MAILS):
    mails = [Outbox(to=f"person{n}@example.org", subject="News", text="Some.", html="<p>Some.") for n in range(number)]
    Outbox.objects.bulk_create(mails)
    connection.close()
    return {mail.to for mail in mails}


def _start(file):
    sender = processes.start("-m", "tests.stress.mailer", str(file))
    assert sender.stdout.readline() == "begun\n", sender.stderr.read()
    return sender


def _mailed(file):
    return Counter(file.read_text().splitlines() if file.exists() else ())


def test_two_senders_send_each_mail_once(tmp_path):
    file, everyone = tmp_path / "mailed", _put()
    senders = [_start(file), _start(file)]
    said = [sender.communicate(timeout=120) for sender in senders]
    assert all("sent" in out and "again" not in out for out, _ in said), said  # both had their share, and no fault
    assert _mailed(file) == dict.fromkeys(everyone, 1)
    assert not Outbox.objects.filter(sent_at=None).exists()


def test_after_one_is_killed_none_is_missing_and_at_most_one_is_sent_twice(tmp_path, settings, monkeypatch):
    file, everyone = tmp_path / "mailed", _put()
    killed, other = _start(file), _start(file)
    while _mailed(file).total() < MAILS // 5:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    other.communicate(timeout=120)
    assert Outbox.objects.filter(sent_at=None).count() <= 1  # the one the dead process had in hand
    settings.EMAIL_BACKEND = "tests.stress.mailer.Line"
    monkeypatch.setenv("MAILED", str(file))
    send_due()
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        send_due()
    mailed = _mailed(file)
    assert mailed.keys() == everyone
    assert mailed.total() <= MAILS + 1
    assert not Outbox.objects.filter(sent_at=None).exists()
