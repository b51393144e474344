"""manage.py run_due: sends the mail that waits, and does whatever else its time has come for. Cron runs it."""

import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raci.grid.text import counted
from raci.matrices import news
from raci.notices import notices, sending
from raci.notices.due import Report, Task, run_due, run_on
from raci.workspaces.operations import purge_due

MINUTE, HOUR = 60.0, 3_600.0


def due_tasks(stopped: Callable[[], bool] = lambda: False) -> list[Task]:
    """In the order in which one leads to the next. `stopped` is asked between two mails."""

    def send(now: datetime) -> str:
        return str(sending.send_due(stopped=stopped))

    return [
        Task("news", news.tell_news, every=MINUTE),
        Task("notices", notices.mail_notices),
        Task("mail", send),
        Task("deleted workspaces", _purge, every=HOUR),
        Task("tidying", _tidy, every=HOUR),
    ]


class Command(BaseCommand):
    help = "Sends the mail that waits and does what else is due, once. Safe while Remit, or another one, runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped, a round every few seconds")

    def handle(self, *, loop: bool, **options: Any) -> None:
        if loop:
            self._go_on()
            return
        report = run_due(due_tasks())
        self._tell(report)
        if not report.done and not report.failed:
            self.stdout.write("Nothing is due.")
        if report.failed:
            raise CommandError(f"This failed, and the log says why: {', '.join(report.failed)}.")

    def _go_on(self) -> None:
        stop = threading.Event()
        try:
            run_on(due_tasks(stop.is_set), stop=stop, tell=self._tell)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _tell(self, report: Report) -> None:
        for sentence in report.done:
            self.stdout.write(sentence)
        self.stdout.flush()


def _purge(now: datetime) -> str:
    gone = purge_due(now)
    return f"{counted(gone, 'deleted workspace')} went for good." if gone else ""


def _tidy(now: datetime) -> str:
    sending.tidy(now)
    notices.tidy(now)
    return ""
