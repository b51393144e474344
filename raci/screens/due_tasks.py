"""What is due from time to time, in every room: the tasks that `run_due` does once, and `serve` round after round."""

from collections.abc import Callable
from datetime import datetime

from raci.grid.text import counted
from raci.matrices import bulletins
from raci.notices import notices, sending
from raci.notices.due import Task
from raci.publishing import postings, receipts, reminders
from raci.reviews import reminders as open_items
from raci.reviews.asking import remind_due
from raci.reviews.polling import close_due
from raci.screens.reviews.agenda_rows import make_anew
from raci.workspaces.operations import purge_due

MINUTE, HOUR = 60.0, 3_600.0


def due_tasks(stopped: Callable[[], bool] = lambda: False) -> list[Task]:
    """In the order in which one leads to the next. `stopped` is asked between two mails, and two postings."""

    def send(now: datetime) -> str:
        return str(sending.send_due(stopped=stopped))

    def post(now: datetime) -> str:
        return str(postings.post_due(stopped=stopped))

    return [
        Task("bulletins", bulletins.write_bulletins, every=MINUTE),
        Task("reminders", reminders.write_reminders, every=HOUR),
        Task("polls", _polls, every=MINUTE),
        Task("open items", open_items.write_reminders, every=HOUR),
        Task("notices", notices.mail_notices),
        Task("mail", send),
        Task("webhooks", post),
        Task("deleted workspaces", _purge, every=HOUR),
        Task("tidying", _tidy, every=HOUR),
    ]


def _polls(now: datetime) -> str:
    """Those whose time has come are closed before anybody is reminded."""
    closed, reminded = close_due(now, make_anew), remind_due(now)
    said = [f"{counted(closed, 'poll')} closed."] if closed else []
    return " ".join([*said, *([f"{counted(reminded, 'person', 'people')} reminded of polls."] if reminded else [])])


def _purge(now: datetime) -> str:
    gone = purge_due(now)
    return f"{counted(gone, 'deleted workspace')} went for good." if gone else ""


def _tidy(now: datetime) -> str:
    receipts.tidy(now)
    sending.tidy(now)
    notices.tidy(now)
    return ""
