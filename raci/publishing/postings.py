"""What webhooks are told of a version: its letter, once each. Written down when somebody posts it, and sent later, as
mails are (see raci/notices/queue.py), so that a chat tool that is slow or away holds nobody up."""

import logging
import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from raci.notices.names import look_up, named
from raci.notices.outbox import woken
from raci.notices.queue import Tally, claimed, next_try, note_failed, note_later, note_sent
from raci.web.outgoing import Unreachable, post_json
from raci.web.refusals import Conflict, Refused
from raci.web.sealed import Unreadable
from raci.workspaces import audit
from raci.workspaces.models import Member

from .models import Letter, Posting, Version, Webhook
from .telling import Said, letter_of, locked, said, seal_of
from .webhooks import address_of

LIMIT = 4_000  # characters; every chat tool takes so many
A_ROUND = 20.0  # seconds, then the rest waits for the next one: mail goes in between
# What chat tools take for a link or a call: what stands between < and >, after an @, or in [these](brackets).
_PLAIN = str.maketrans({"<": "‹", ">": "›", "@": "@\u2060"})  # a joint without width
_LINK = re.compile(r"\](?=[(\[:])")

log = logging.getLogger(__name__)


def post(*, version: Version, by: Member) -> int:
    """The letter of a version, to each webhook of its matrix that was not told of it, and again where that failed; how
    many. Whoever was told is not told twice."""
    letter = said(version, letter_of(version))
    text = message(version, letter)
    with transaction.atomic():
        row, by = locked(version, by)
        if seal_of(row) != letter.seal:
            raise Conflict("Somebody saved another text a moment before. Nothing was posted; look again, then post.")
        hooks = list(Webhook.objects.select_for_update(no_key=True).filter(matrix=version.matrix_id).order_by("pk"))
        if not hooks:
            raise Refused("There is no webhook to post to. Add one first.")
        number = _put(version, hooks, text)
        if number:
            name, of = version.name, version.number
            audit.record(by.workspace, "letter.posted", by=by.user, matrix=name, version=of, webhooks=number)
        transaction.on_commit(woken.set)
    return number


def message(version: Version, letter: Said) -> str:
    """The letter as chat tools take it: shortened where it is long, and with the address of the version."""
    head, text, end = _plain(letter.subject), _plain(letter.text), address_of_page(version)
    room = LIMIT - len(head) - len(end) - len("\n\n\n\n")
    return "\n\n".join([head, _shortened(text, room), end])


def address_of_page(version: Version) -> str:
    """The page of a version, for members."""
    page = reverse("version", args=[version.matrix.workspace_id, version.matrix_id, version.number])
    return f"{settings.SITE_URL}{page}"


def post_due(*, stopped: Callable[[], bool] = lambda: False) -> Tally:
    """Posts what is due, until nothing is left, it is `stopped`, or it has taken a while."""
    done, end = Tally("posting"), time.monotonic() + A_ROUND
    rows = Posting.objects.select_related("webhook", "version__matrix__workspace").defer("version__grid")
    for pk in claimed(Posting.objects.all()):
        posting = rows.filter(pk=pk).first()
        if posting is None:  # its webhook was removed a moment ago
            continue
        try:
            _post(posting)
        except Exception as error:
            _note_failure(posting, error, done)
        else:
            _note_posted(posting, timezone.now(), done)
        if stopped() or time.monotonic() > end:
            break
    return done


def _put(version: Version, hooks: Sequence[Webhook], text: str) -> int:
    now, known = timezone.now(), Posting.objects.filter(version=version, webhook__in=hooks)
    told = set(known.values_list("webhook", flat=True))
    fresh = {"text": text, "due_at": now, "claimed_until": None, "attempts": 0, "failed_at": None, "error": ""}
    again = known.exclude(failed_at=None).update(**fresh)
    new = [Posting(webhook=hook, version=version, text=text, due_at=now) for hook in hooks if hook.pk not in told]
    Posting.objects.bulk_create(new)
    return again + len(new)


def _post(posting: Posting) -> None:
    if posting.version.matrix.workspace.deleted_at is not None:
        raise Unreachable("The workspace was deleted.", is_final=True)
    try:
        address = address_of(posting.webhook)
    except Unreadable as error:
        raise Unreachable("Its address can’t be read any more. Add the webhook again.", is_final=True) from error
    names = {pk: _plain(name) for pk, name in look_up(posting.text).items()}
    post_json(address, {"text": named(posting.text, names)})


def _note_posted(posting: Posting, now: datetime, done: Tally) -> None:
    with transaction.atomic():
        note_sent(Posting.objects.filter(pk=posting.pk), now, text="")
        Letter.objects.get_or_create(version=posting.version)
        Letter.objects.filter(version=posting.version, told_at=None).update(told_at=now)
    done.sent += 1


def _note_failure(posting: Posting, error: Exception, done: Tally) -> None:
    now, mine = timezone.now(), Posting.objects.filter(pk=posting.pk)
    fault = error if isinstance(error, Unreachable) else Unreachable(type(error).__name__)
    again = None if fault.is_final else next_try(posting.due_at, posting.attempts, now)
    if again is None:
        note_failed(mine, now, fault.reason, text="")
        done.failed += 1
        log.warning("Posting %s cannot be sent: %s", posting.pk, fault.reason)
        return
    note_later(mine, again, fault.reason)
    done.later += 1
    log.warning("Posting %s is tried again later: %s", posting.pk, fault.reason)


def _plain(text: str) -> str:
    return _LINK.sub("]\u2060", text.translate(_PLAIN))


def _shortened(text: str, room: int) -> str:
    """As many whole lines as there is room for."""
    if len(text) <= room:
        return text
    kept = text[: room - len("\n…")]
    return (kept.rpartition("\n")[0] or kept).rstrip() + "\n…"
