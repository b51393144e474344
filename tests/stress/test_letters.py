"""Letters while several send, press twice, read and stop at once, and while a process that sends is killed (T30, C12)."""

import signal
import threading
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
from raci.publishing import receipts, telling
from raci.publishing.models import Letter, Receipt, Unsubscribed
from raci.publishing.recipients import Chosen, audience
from raci.web.refusals import Conflict
from raci.workspaces.models import AuditEvent, Link
from tests.factories import make_matrix
from tests.publishing.making import publish
from tests.publishing.sending import next_version
from tests.stress import processes
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 300


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


def _everyone(number, first=0):
    return [f"person{n}@example.org" for n in range(first, first + number)]


def _sending(version, by, addresses):
    whom = Chosen(pasted=" ".join(addresses))
    seen = telling.sending_seal("", audience(version, whom))
    return lambda: telling.send(version=version, by=by, chosen=whom, seen=seen)


def test_a_press_that_comes_eight_times_sends_once(version, editor):
    results = together(*[_sending(version, editor, _everyone(40))] * 8)
    assert sorted(results) == [0] * 7 + [40]
    assert Receipt.objects.count() == Outbox.objects.count() == Link.objects.count() == 40
    assert AuditEvent.objects.filter(kind="letter.sent").count() == 1


def test_of_two_who_send_to_some_of_the_same_one_looks_again_and_nobody_gets_it_twice(version, owner, editor):
    lists = {owner: _everyone(40), editor: _everyone(40, first=20)}
    results = together(*(_sending(version, by, addresses) for by, addresses in lists.items()))
    assert sorted(type(result) for result in results if not isinstance(result, int)) == [Conflict]
    late = next(by for by, result in zip(lists, results, strict=True) if isinstance(result, Conflict))
    assert _sending(version, late, lists[late])() == 20
    assert Counter(Outbox.objects.values_list("to", flat=True)) == Counter(_everyone(60))
    assert Receipt.objects.count() == Letter.objects.count() * 60


def test_of_several_who_remind_or_retry_at_once_each_mail_is_put_once(version, owner, editor):
    _sending(version, editor, _everyone(30))()
    mails = Outbox.objects.filter(key__startswith="letter:")
    mails.filter(to__in=_everyone(20)).update(sent_at=timezone.now())
    mails.filter(sent_at=None).update(failed_at=timezone.now(), error="No such mailbox.")
    asked = [lambda: receipts.remind(version=version, by=owner), lambda: telling.retry(version=version, by=editor)]
    results = together(*asked * 4)
    assert (sorted(results[::2]), sorted(results[1::2])) == ([0, 0, 0, 20], [0, 0, 0, 10])
    assert Outbox.objects.filter(key__startswith="reminder:").count() == 20
    assert mails.filter(sent_at=None, failed_at=None).count() == 10


def test_reading_and_stopping_at_once_are_noted_once(version, editor):
    _sending(version, editor, _everyone(1))()
    found = Receipt.objects.select_related("version__matrix__workspace").get()
    together(*[lambda: receipts.read(found), lambda: receipts.stop(found)] * 4)
    assert Unsubscribed.objects.count() == 1
    assert Receipt.objects.get().read_at is not None


def _start(file):
    sender = processes.start("-m", "tests.stress.mailer", str(file))
    assert sender.stdout.readline() == "begun\n", sender.stderr.read()
    return sender


def _mailed(file):
    return Counter(file.read_text().splitlines() if file.exists() else ())


def test_after_a_sender_is_killed_no_letter_is_missing_and_at_most_one_goes_twice(
    version, editor, tmp_path, settings, monkeypatch
):
    file = tmp_path / "mailed"
    _sending(version, editor, _everyone(LETTERS))()
    connection.close()
    killed, other = _start(file), _start(file)
    while _mailed(file).total() < LETTERS // 5:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    other.communicate(timeout=120)
    assert receipts.progress(version).waiting <= 1  # the one the dead process had in hand
    settings.EMAIL_BACKEND = "tests.stress.mailer.Line"
    monkeypatch.setenv("MAILED", str(file))
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        send_due()
    mailed = _mailed(file)
    assert mailed.keys() == set(_everyone(LETTERS))
    assert mailed.total() <= LETTERS + 1
    assert (receipts.progress(version).sent, receipts.progress(version).waiting) == (LETTERS, 0)


def test_who_wants_no_more_while_a_letter_is_put_gets_none_of_it(version, editor, monkeypatch):
    first = next_version(version, editor)
    _sending(first, editor, _everyone(2))()
    send_due()
    found = Receipt.objects.select_related("version__matrix__workspace").get(address=_everyone(1)[0])
    latest, begun = next_version(first, editor), threading.Event()
    put = telling._put

    def slowly(*args):
        begun.set()
        time.sleep(0.5)  # who stops meanwhile waits, then finds the mail
        put(*args)

    monkeypatch.setattr(telling, "_put", slowly)
    together(_sending(latest, editor, _everyone(2)), lambda: (begun.wait(10), receipts.stop(found)))
    waiting = Outbox.objects.filter(sent_at=None, failed_at=None)
    assert list(waiting.values_list("to", flat=True)) == _everyone(1, first=1)
    assert receipts.wants_none(found)
