"""manage.py run_due: sends the mail that waits, and does whatever else its time has come for. Cron runs it."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raci.notices.due import Report, run_all, run_on
from raci.screens.due_tasks import due_tasks


class Command(BaseCommand):
    help = "Sends the mail that waits and does what else is due, once. Safe while Remit, or another one, runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped, a round every few seconds")

    def handle(self, *, loop: bool, **options: Any) -> None:
        if loop:
            self._go_on()
            return
        done, failed = False, dict[str, None]()
        for report in run_all(due_tasks()):
            self._tell(report)
            done = done or bool(report.done)
            failed |= dict.fromkeys(report.failed)
        if not done and not failed:
            self.stdout.write("Nothing is due.")
        if failed:
            raise CommandError(f"This failed, and the log says why: {', '.join(failed)}.")

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
