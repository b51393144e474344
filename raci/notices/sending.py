"""Sends the mails that are due, each by one process (see queue.py). What fails for now is tried again for a day; what
can never work fails at once, with the reason. Letters to many wait for every other mail.
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q
from django.utils import timezone
from django.utils.html import escape

from raci.workspaces.models import Member

from .addresses import STOP_ADDRESS, TOKEN_ADDRESS, Ended, addresses_of
from .models import Outbox
from .names import look_up, named
from .outbox import one_line, woken
from .queue import Tally, claimed, next_try, note_failed, note_later, note_sent, waiting

PAUSE = timedelta(minutes=1)  # for all mail, while the mail server does not answer
A_ROUND = 20.0  # seconds, then everything else has its turn
FAULTS_IN_A_ROW = 3  # of the server, after which the rest waits
KEPT = timedelta(days=30)  # then what is left of a mail goes too
EMPTY = {"subject": "", "text": "", "html": ""}  # nothing that was told is kept

_FINER_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")

log = logging.getLogger(__name__)


class ServerIsDown(Exception):
    """The mail server cannot be reached, or does not let us in."""


def send_due(*, stopped: Callable[[], bool] = lambda: False) -> Tally:
    """Sends what is due over one connection, until nothing is left, it has taken a while, it is `stopped`, or the
    server does not answer. After a while there is more to do, so the loop of this process goes on at once."""
    done, faults, line, end = Tally("mail"), 0, get_connection(), time.monotonic() + A_ROUND
    waiting_now = Outbox.objects.select_related("user", "link").filter(sent_at=None, failed_at=None)
    try:
        for pk in claimed(Outbox.objects.all(), "stop"):
            mail = waiting_now.filter(pk=pk).first()
            if mail is None:  # it was withdrawn a moment ago, or went with its account
                continue
            try:
                _send(mail, line)
            except Exception as error:
                _hang_up(line)
                faults = faults + 1 if _is_of_the_server(error) else 0
                _note_failure(mail, error, done)
                if isinstance(error, ServerIsDown) or faults == FAULTS_IN_A_ROW:
                    waiting(Outbox.objects.all(), timezone.now()).update(claimed_until=timezone.now() + PAUSE)
                    break
            else:
                faults = 0
                _note_sent(mail, done)
            if stopped():
                break
            if time.monotonic() > end:
                woken.set()
                break
    finally:
        _hang_up(line)
    return done


def tidy(now: datetime) -> int:
    """Forgets mails that went, or failed, a while ago."""
    return Outbox.objects.filter(Q(sent_at__lt=now - KEPT) | Q(failed_at__lt=now - KEPT)).delete()[0]


def _send(mail: Outbox, line: BaseEmailBackend) -> None:
    message = _message(mail)
    message.message()  # what is wrong with the mail itself comes up before the server hears of it
    try:
        line.open()
    except OSError as error:  # those of smtplib too
        raise ServerIsDown(_reason(error)) from error
    line.send_messages([message])


def _message(mail: Outbox) -> EmailMultiAlternatives:
    _refuse_outsider(mail)
    names = look_up(mail.subject, mail.text, mail.html)
    subject, text = one_line(named(mail.subject, names)), named(mail.text, names)
    html = named(mail.html, {pk: escape(name) for pk, name in names.items()})
    headers = {"Message-ID": _message_id(mail), "Auto-Submitted": "auto-generated"}
    if mail.view:
        own = addresses_of(mail)
        for sign, address in ((TOKEN_ADDRESS, own.opening), (STOP_ADDRESS, own.stopping)):
            text, html = text.replace(sign, address), html.replace(sign, address)
        headers |= _ways_out(own.stopping)
    message = EmailMultiAlternatives(subject, text, to=[mail.to], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def _ways_out(stopping: str) -> dict[str, str]:
    """How a mail program offers to get no more of the kind: one press, without opening a page (RFC 8058)."""
    if not stopping:
        return {}
    return {"List-Unsubscribe": f"<{stopping}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _refuse_outsider(mail: Outbox) -> None:
    """Raises Ended where the mail is for a member, and they are none by now, or nobody is: the workspace is deleted."""
    if mail.user_id is None or mail.workspace_id is None:
        return
    if not Member.objects.filter(user=mail.user_id, workspace=mail.workspace_id, workspace__deleted_at=None).exists():
        raise Ended("No longer a member of the workspace it was about.")


def _message_id(mail: Outbox) -> str:
    """The same at each attempt, so that a mailbox can tell a twin."""
    return f"<{mail.pk}.{mail.made_at:%Y%m%d%H%M%S%f}@{urlsplit(settings.SITE_URL).hostname}>"


def _note_sent(mail: Outbox, done: Tally) -> None:
    note_sent(Outbox.objects.filter(pk=mail.pk), timezone.now(), **EMPTY)
    done.sent += 1


def _note_failure(mail: Outbox, error: Exception, done: Tally) -> None:
    now, mine, reason = timezone.now(), Outbox.objects.filter(pk=mail.pk), _reason(error)
    again = None if _is_permanent(error) else next_try(mail.due_at, mail.attempts, now)
    if again is None:
        note_failed(mine, now, reason, **EMPTY)
        done.failed += 1
        log.warning("Mail %s cannot be sent: %s", mail.pk, reason)
        return
    note_later(mine, again, reason)
    done.later += 1
    log.warning("Mail %s is tried again later: %s", mail.pk, reason)


def _is_permanent(error: Exception) -> bool:
    """Whether another attempt would fail as this one did."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
    return isinstance(error, Ended | ValueError | smtplib.SMTPNotSupportedError)  # a bad header is a ValueError


def _is_of_the_server(error: Exception) -> bool:
    """Whether the next mail would meet it too."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _reason(error: Exception) -> str:
    """For the log and for whoever looks after the server: never an address, which would outlive its account. What a
    mail server says quotes it more often than not."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _refusal(*next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _refusal(error.smtp_code, error.smtp_error)
        case ServerIsDown() | Ended() | smtplib.SMTPServerDisconnected() | smtplib.SMTPNotSupportedError():
            return one_line(str(error))
        case ValueError():
            return f"No mail can have this address or subject: {type(error).__name__}."
        case OSError() if error.strerror:
            return one_line(error.strerror)
    return type(error).__name__


def _refusal(code: int, said: bytes | str) -> str:
    """Its code, with the finer one (RFC 3463) where it gives that."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    finer = _FINER_CODE.match(text)
    return f"The mail server refused it: {code}{f' {finer[0]}' if finer else ''}."


def _hang_up(line: BaseEmailBackend) -> None:
    with suppress(OSError):
        line.close()
