"""All mail goes through here: it is written down in the transaction that causes it, and sent later (see sending.py).

A mail is three templates, templates/notices/mail/<mail>.subject.txt, .txt and .html; without the last one its HTML is
made from the text. Nothing is sent inside a request, so a slow mail server delays nobody.
"""

import threading
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.template import Context, TemplateDoesNotExist, engines
from django.template.loader import render_to_string
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.text import unlinked
from raci.workspaces.models import Link, Workspace

from .addresses import STOP_ADDRESS, TOKEN_ADDRESS, view_of
from .blocks import SIGNATURE, blocks
from .models import Outbox, State
from .names import PERSON

SUBJECT_LIMIT = 200
BATCH = 500  # mails in one statement
woken = threading.Event()  # set when a mail was put, so that the loop of this process need not wait


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, before it is addressed."""

    subject: str
    text: str
    html: str


def write(mail: str, context: Mapping[str, Any]) -> Letter:
    """What the templates of a mail make of it; this takes a while, so it is done before anything is locked.

    In them, `{{ link }}` is the address of the link a mail is put with, its token made at the moment of sending in
    place of the one it had; `{{ stop }}` the one by which its reader gets no more of them, where it is put with a route
    for that; `{{ signature }}` is the line before the signature, `{{ site }}` the address of this Remit. For persons,
    `context` has signs (see names.py); the name of a workspace it has is no link, whatever it looks like.
    """
    said = {name: unlinked(str(value)) if isinstance(value, Workspace) else value for name, value in context.items()}
    stem, signs = f"notices/mail/{mail}", {"link": TOKEN_ADDRESS, "stop": STOP_ADDRESS, "signature": SIGNATURE}
    given = {**said, **signs, "site": settings.SITE_URL}
    text = plain(f"{stem}.txt", given)
    subject = plain(f"{stem}.subject.txt", given)
    return Letter(subject, signed(text), _own_html(f"{stem}.html", given) or html_of(text))


def put(
    letter: Letter,
    *,
    to: str,
    user: User | None = None,
    workspace: Workspace | None = None,
    link: Link | None = None,
    view: str = "",
    key: str = "",
) -> Outbox:
    """Writes a mail down, to be sent as soon as may be; `view` is the route of an address with a token other than that
    of `link`. With `key`, the same mail is put once. With `user` and `workspace`, it goes to a member: whoever is none
    when it is to be sent does not get it."""
    view = view or (view_of(link) if link else "")
    fields = {**_said(letter), "to": to[:254], "user": user, "workspace": workspace, "link": link, "view": view}
    with transaction.atomic():
        mail = Outbox.objects.get_or_create(key=key, defaults=fields)[0] if key else Outbox.objects.create(**fields)
        transaction.on_commit(woken.set)
    return mail


def put_each(letter: Letter, *, to: Iterable[User], key: str) -> None:
    """The same mail to each of them, once, however many they are; `key` begins the key of each."""
    said = _said(letter)
    mails = [Outbox(to=user.email[:254], user=user, key=f"{key}:{user.pk}", **said) for user in to]
    with transaction.atomic():
        Outbox.objects.bulk_create(mails, ignore_conflicts=True)
        transaction.on_commit(woken.set)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter on its way to one address: the link it is put with, and the route by which its reader gets no more.

    With `user`, the id of an account, it goes to a member of the workspace of the link, as in `put`.
    """

    letter: Letter
    to: str
    link: Link
    stop: str
    key: str
    user: int | None = None


def put_all(mails: Iterable[Addressed]) -> None:
    """Writes down as many mails as there are, in a few statements; the same `key` once."""
    mails = list(mails)
    said = {letter: _said(letter) for letter in {mail.letter for mail in mails}}
    rows = [
        Outbox(
            to=mail.to,
            user_id=mail.user,
            workspace_id=mail.link.workspace_id,
            link=mail.link,
            view=view_of(mail.link),
            stop=mail.stop,
            key=mail.key,
            **said[mail.letter],
        )
        for mail in mails
    ]
    with transaction.atomic():
        Outbox.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        transaction.on_commit(woken.set)


def put_again(mails: QuerySet[Outbox], letter: Letter, link: Subquery) -> int:
    """Sends those of them that failed once more, from the beginning and each with the link that `link` finds for it;
    how many that are."""
    fresh = {"failed_at": None, "claimed_until": None, "attempts": 0, "error": "", "due_at": timezone.now()}
    failed = mails.filter(sent_at=None, failed_at__isnull=False)
    with transaction.atomic():
        transaction.on_commit(woken.set)
        return failed.update(**fresh, **_said(letter), link=link)


def withdraw(mails: QuerySet[Outbox], reason: str) -> int:
    """Those of them that still wait are not sent; how many that were."""
    waiting = mails.filter(sent_at=None, failed_at=None)
    gone = {"failed_at": timezone.now(), "claimed_until": None, "error": reason}
    return waiting.update(**gone, subject="", text="", html="")


def states_of(links: Iterable[Link]) -> dict[int, State]:
    """What became of the latest mail of each link, by the id of the link; one query."""
    mails = Outbox.objects.filter(link__in=list(links)).defer("text", "html").order_by("pk")
    return {mail.link_id: mail.state for mail in mails if mail.link_id is not None}


def one_line(subject: str) -> str:
    """A subject without line breaks or other control characters, which could begin another header; signs for names
    stay."""
    breaks = ("Cc", "Zl", "Zp", "Cs")
    spaced = "".join(" " if unicodedata.category(c) in breaks and c != PERSON else c for c in subject)
    return " ".join(spaced.split())[:SUBJECT_LIMIT]


def plain(template: str, context: Mapping[str, Any]) -> str:
    """A text template; nothing in it is escaped, because it is no HTML."""
    found: Any = engines["django"].get_template(template)
    rendered: str = found.template.render(Context({**context}, autoescape=False))
    return rendered.strip() + "\n"


def signed(text: str) -> str:
    """The text as it is sent: its signature begins where mail programs look for it."""
    return text.replace(SIGNATURE, "--")


def html_of(text: str, *, is_wrapped: bool = False) -> str:
    """The HTML part of a mail that has only a text; see blocks.py."""
    said = {"blocks": blocks(text, is_wrapped=is_wrapped), "site": settings.SITE_URL}
    return render_to_string("notices/mail/plain.html", said)


def _said(letter: Letter) -> dict[str, str]:
    return {"subject": one_line(letter.subject), "text": letter.text, "html": letter.html}


def _own_html(template: str, context: Mapping[str, Any]) -> str:
    try:
        return render_to_string(template, {**context})
    except TemplateDoesNotExist as missing:
        if str(missing) != template:
            raise
        return ""
