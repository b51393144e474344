"""Rounds of what is due: by the command, and beside the server."""

import io
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from raci.notices.due import Task, run_due, run_on, running
from raci.notices.models import Outbox
from raci.notices.notices import notify
from raci.screens.due_tasks import due_tasks
from raci.workspaces.models import Workspace


def _fail(now):
    raise RuntimeError("a fault of ours")


def _run():
    said = io.StringIO()
    call_command("run_due", stdout=said)
    return said.getvalue().splitlines()


def _until(is_so, seconds=10):
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


@pytest.mark.django_db
def test_the_command_says_what_it_did(put, viewer):
    put()
    notify(viewer, text="Your access changed.", url="/", key="one")
    assert _run() == ["1 mail of notices written.", "2 mails sent."]
    assert len(mail.outbox) == 2
    assert _run() == ["Nothing is due."]


@pytest.mark.django_db
def test_the_command_lets_go_of_workspaces_deleted_a_month_ago(owner, stranger):
    Workspace.objects.filter(pk=owner.workspace_id).update(deleted_at=timezone.now() - timedelta(days=31))
    assert _run() == ["1 deleted workspace went for good."]
    assert list(Workspace.objects.all()) == [stranger.workspace]


@pytest.mark.django_db
def test_a_task_that_fails_keeps_no_other_from_being_done_and_the_command_fails(put, monkeypatch, caplog):
    monkeypatch.setattr("raci.notices.notices.mail_notices", _fail)
    put()
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"This failed, and the log says why: notices\."):
        call_command("run_due", stdout=said)
    assert said.getvalue() == "1 mail sent.\n"
    assert "a fault of ours" in caplog.text


def test_each_task_is_done_as_often_as_it_asks_for(monkeypatch):
    monkeypatch.setattr("raci.notices.due.BREATH", 0.01)
    done, stop = [], threading.Event()

    def often(now):
        done.append("often")
        if len(done) > 5:
            stop.set()
        return ""

    def seldom(now):
        done.append("seldom")
        return ""

    run_on([Task("often", often), Task("seldom", seldom, every=3600)], stop=stop)
    assert done.count("seldom") == 1
    assert done.count("often") > 3


def test_a_round_tells_what_was_done_and_what_failed(caplog):
    report = run_due([Task("bad", _fail), Task("good", lambda _: "Done."), Task("idle", lambda _: "")])
    assert (report.done, report.failed) == (("Done.",), ("bad",))


@pytest.mark.django_db(transaction=True)
def test_beside_the_server_mail_goes_as_soon_as_it_is_put(put, monkeypatch):
    monkeypatch.setattr("raci.notices.due.BREATH", 60)
    with running(due_tasks):
        _until(lambda: threading.active_count() > 1)
        time.sleep(0.2)  # the first round is over, and the thread waits
        put()
        _until(lambda: Outbox.objects.get().sent_at is not None, seconds=5)


@pytest.mark.django_db(transaction=True)
def test_the_thread_ends_with_the_server_after_the_mail_in_hand(put, server):
    server.takes = 0.2
    for _ in range(30):
        put()
    with running(due_tasks):
        _until(lambda: server.sent)
    sent = len(server.sent)
    assert sent < 10
    assert Outbox.objects.exclude(sent_at=None).count() == sent
    time.sleep(0.5)
    assert len(server.sent) == sent
