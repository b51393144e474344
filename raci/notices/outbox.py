"""All mail goes through here: it is written down in the transaction that causes it, and sent later (see sending.py).

A mail is three templates, templates/notices/mail/<mail>.subject.txt, .txt and .html; without the last one its HTML is
made from the text. Nothing is sent inside a request, so a slow mail server delays nobody.
"""

import threading
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template import Context, TemplateDoesNotExist, engines
from django.template.loader import render_to_string
from django.utils import timezone

from raci.accounts.models import User
from raci.workspaces.models import Link, Workspace

from .addresses import TOKEN_ADDRESS, view_of
from .blocks import blocks
from .models import Outbox, State

SUBJECT_LIMIT = 200
woken = threading.Event()  # set when a mail was put, so that the loop of this process need not wait


def post(
    *,
    to: str,
    mail: str,
    context: Mapping[str, Any],
    user: User | None = None,
    workspace: Workspace | None = None,
    link: Link | None = None,
    key: str = "",
    due: datetime | None = None,
) -> Outbox:
    """Writes a mail down, to be sent from `due` on.

    In its templates, `{{ link }}` is the address of `link` with a token that is made at the moment of sending, and
    replaces the one it had; `{{ site }}` is the address of this Remit. With `key`, the same mail is put once.
    """
    stem, given = f"notices/mail/{mail}", {**context, "link": TOKEN_ADDRESS, "site": settings.SITE_URL}
    text = plain(f"{stem}.txt", given)
    return put(
        to=to,
        subject=plain(f"{stem}.subject.txt", given),
        text=text,
        html=_own_html(f"{stem}.html", given) or html_of(text),
        user=user,
        workspace=workspace,
        link=link,
        view=view_of(link) if link else "",
        key=key,
        due=due,
    )


def put(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    user: User | None = None,
    workspace: Workspace | None = None,
    link: Link | None = None,
    view: str = "",
    key: str = "",
    due: datetime | None = None,
) -> Outbox:
    """Writes down a mail whose text is ready."""
    now = timezone.now()
    fields = {
        "to": to[:254],
        "subject": one_line(subject),
        "text": text,
        "html": html,
        "user": user,
        "workspace": workspace,
        "link": link,
        "view": view,
        "made_at": now,
        "due_at": due or now,
    }
    with transaction.atomic():
        mail = Outbox.objects.get_or_create(key=key, defaults=fields)[0] if key else Outbox.objects.create(**fields)
        transaction.on_commit(woken.set)
    return mail


def state_of(link: Link) -> State | None:
    """What became of the latest mail with this link; None if none was put."""
    return states_of([link]).get(link.pk)


def states_of(links: Iterable[Link]) -> dict[int, State]:
    """What became of the latest mail of each link, by the id of the link; one query."""
    mails = Outbox.objects.filter(link__in=list(links)).defer("text", "html").order_by("pk")
    return {mail.link_id: mail.state for mail in mails if mail.link_id is not None}


def one_line(subject: str) -> str:
    """A subject without line breaks or other control characters, which could begin another header."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in subject)
    return " ".join(spaced.split())[:SUBJECT_LIMIT]


def plain(template: str, context: Mapping[str, Any]) -> str:
    """A text template; nothing in it is escaped, because it is no HTML."""
    found: Any = engines["django"].get_template(template)
    rendered: str = found.template.render(Context({**context}, autoescape=False))
    return rendered.strip() + "\n"


def html_of(text: str) -> str:
    """The HTML part of a mail that has only a text."""
    return render_to_string("notices/mail/plain.html", {"blocks": blocks(text), "site": settings.SITE_URL})


def _own_html(template: str, context: Mapping[str, Any]) -> str:
    try:
        return render_to_string(template, {**context})
    except TemplateDoesNotExist as missing:
        if str(missing) != template:
            raise
        return ""
