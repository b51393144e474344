"""Receipts: who was told of a version by letter, the personal links that open it, who says they have read it, who
wants no more letters, and one reminder to those who have not.

Opening a page says nothing and changes nothing: a mail scanner opens every link there is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from raci.grid.text import day
from raci.notices.names import sign_of
from raci.notices.outbox import Addressed, put_all, write
from raci.notices.sending import KEPT
from raci.workspaces.links import digest, is_token, open_links
from raci.workspaces.models import Link, Mail, Member

from . import stopping
from .due import day_of
from .models import Receipt, Unsubscribed, Version
from .personal import give_links
from .telling import STOP, can_go_again, letter_of, locked, said

BESIDE = ("version__matrix__workspace", "version__matrix__publication__latest", "version__published_by")
MOST_NAMED = 40  # of those whose mail failed


@dataclass(frozen=True, slots=True)
class Told:
    """How many were told of one role's part, or of none in particular where `role` is None, and how many of them have
    read it."""

    role: int | None
    told: int
    read: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How many people were told, how many of them have read it, and the same by the ids of the roles they were told of,
    then those who were told of none; who was told of several counts for each."""

    told: int
    read: int
    roles: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the letters of a version are. Of those that wait, `again` have failed for now and are tried again; of
    those that `failed`, `retriable` can be sent once more, and `named` are the first of them."""

    total: int
    sent: int
    waiting: int
    again: int
    failed: int
    retriable: int
    named: Sequence[Receipt]


def opened_by(token: str, receipt: int | None = None) -> Receipt | None:
    """The receipt whose personal link has this token, if it can be used, with the version and its matrix; with
    `receipt`, if it is that one. That of a member opens nothing once they are none. Two queries."""
    link = _link(token, open_links())
    if link is None:
        return None
    rows = Receipt.objects.select_related(*BESIDE).defer("version__grid", "version__matrix__publication__latest__grid")
    members = Member.objects.filter(workspace=link.workspace_id, user=OuterRef("user"))
    rows = rows.filter(Q(link=link) | Q(reminder=link), Q(user=None) | Q(Exists(members)))
    return rows.filter(pk=receipt).first() if receipt is not None else rows.first()


def read(receipt: Receipt) -> None:
    """They say that they have read it; again changes nothing."""
    Receipt.objects.filter(pk=receipt.pk, read_at=None).update(read_at=timezone.now())


def of_token(token: str) -> Receipt | None:
    """The receipt of a personal link whether it still opens anything or not: whoever has it can say that they want no
    more letters."""
    link = _link(token, Link.objects.filter(workspace__deleted_at=None))
    if link is None:
        return None
    rows = Receipt.objects.select_related("version__matrix__workspace").defer("version__grid")
    return rows.filter(Q(link=link) | Q(reminder=link)).first()


def wants_none(receipt: Receipt) -> bool:
    """Whether the address wants no more letters of the workspace."""
    return stopping.wants_none(receipt.version.matrix.workspace_id, receipt.address)


def stop(receipt: Receipt) -> None:
    """The address gets no more letters or reminders of the workspace; see stopping.py."""
    stopping.stop(receipt.version.matrix.workspace_id, receipt.address)


def resume(receipt: Receipt) -> None:
    """The address gets letters of the workspace again; see stopping.py."""
    stopping.resume(receipt.version.matrix.workspace_id, receipt.address)


def remind(*, version: Version, by: Member) -> int:
    """Puts one reminder for each who was sent the letter and has not read it, with a personal link of its own; how
    many that are. Nobody is reminded twice."""
    subject = said(version, letter_of(version)).subject
    context = {"subject": subject, "version": version, "workspace": by.workspace, "sender": sign_of(by.user)}
    days = {day_of(each.told_at) for each in to_remind(version)}
    mails = {told: write("letter_reminder", {**context, "told": day(told)}) for told in days}
    with transaction.atomic():
        _, by = locked(version, by)
        waiting = [each for each in to_remind(version) if day_of(each.told_at) in mails]
        links = give_links(waiting, "reminder", by, reminded_at=timezone.now())
        put_all(
            Addressed(mails[day_of(each.told_at)], each.address, link, STOP, f"reminder:{each.pk}", each.user_id)
            for each, link in zip(waiting, links, strict=True)
        )
    return len(waiting)


def to_remind(version: Version) -> QuerySet[Receipt]:
    """Those a reminder would go to: told, not read, not reminded yet, and still wanting mail of the workspace."""
    workspace = version.matrix.workspace_id
    members = Member.objects.filter(workspace=workspace, user=OuterRef("user")).exclude(mail=Mail.NEVER)
    stopped = Unsubscribed.objects.filter(workspace=workspace, address=OuterRef("address"))
    waiting = _told(version).filter(~Exists(stopped), read_at=None, reminded_at=None)
    sent = waiting.filter(Q(mail=None) | Q(mail__sent_at__isnull=False))
    return sent.filter(Q(user=None) | Exists(members))


def reached(version: Version) -> Reached:
    """Whom it reached; one query."""
    told: Counter[int | None] = Counter()
    have_read: Counter[int | None] = Counter()
    people = readers = 0
    for roles, read_at in _told(version).order_by().values_list("roles", "read_at"):
        people, readers = people + 1, readers + (read_at is not None)
        for role in roles or [None]:
            told[role] += 1
            have_read[role] += read_at is not None
    order = sorted(told, key=lambda role: (role is None, role))
    return Reached(people, readers, [Told(role, told[role], have_read[role]) for role in order])


def totals(version: Version) -> tuple[int, int]:
    """How many people were told, and how many of them have read it; one query."""
    found = _told(version).aggregate(told=Count("pk"), read=Count("pk", Q(read_at__isnull=False)))
    return found["told"], found["read"]


def progress(version: Version) -> Progress:
    """How far its letters are; one query, another where some failed."""
    waiting = Q(mail__isnull=False, mail__sent_at=None, mail__failed_at=None)
    found = Receipt.objects.filter(version=version).aggregate(
        total=Count("pk"),
        waiting=Count("pk", waiting),
        again=Count("pk", waiting & ~Q(mail__error="")),
        failed=Count("pk", Q(mail__failed_at__isnull=False)),
        retriable=Count("pk", can_go_again(version)),
    )
    rows = Receipt.objects.filter(version=version, mail__failed_at__isnull=False).select_related("mail")
    named = list(rows[:MOST_NAMED]) if found["failed"] else []
    return Progress(**found, sent=found["total"] - found["waiting"] - found["failed"], named=named)


def tidy(now: datetime) -> None:
    """Forgets those who were never reached, before their mail is forgotten: nobody told them."""
    late = now - KEPT + timedelta(days=1)
    Receipt.objects.filter(mail__failed_at__lt=late, read_at=None).delete()


def _told(version: Version) -> QuerySet[Receipt]:
    """Those whom it reached, or is about to."""
    return Receipt.objects.filter(version=version).exclude(mail__failed_at__isnull=False)


def _link(token: str, links: QuerySet[Link]) -> Link | None:
    return links.filter(purpose=Link.Purpose.LETTER, digest=digest(token)).first() if is_token(token) else None
