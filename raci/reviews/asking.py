"""Asking people to answer a poll, by a mail with a link of their own, and reminding those who have not.

A reminder goes to nobody who has sent their answers, and to nobody twice a day. Everything here locks the workspace
first, as who wants no more mail does (see raci.publishing.stopping), so nobody is asked after that.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.text import SOMEBODY, day, unlinked
from raci.notices.models import Outbox
from raci.notices.names import sign_of
from raci.notices.outbox import Addressed, Letter, put_all, write
from raci.publishing.models import Unsubscribed
from raci.publishing.personal import BATCH, Giver, in_batches, links_for
from raci.publishing.recipients import address_of, read_list
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock
from raci.workspaces.models import Access, Link, Mail, Member

from .answering import RESPONDENT_LIMIT
from .models import Poll, Respondent
from .polling import lock_poll, locked
from .states import PollState, poll_may

STOP = "poll_stop"

LAST = timedelta(days=2)  # before a poll closes, those who have not answered are reminded once
APART = timedelta(days=1)  # from one reminder to the next
MOVED_ON = "How names are treated was changed a moment before. Nobody was asked; look again, then ask."


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: how many get a mail, and how many members are asked without one, for they want none. The
    others are addresses: those that were asked before, that came twice, that are none, and those that want no mail."""

    mailed: int = 0
    silent: int = 0
    before: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    unsubscribed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody to ask: an account, or an address alone."""

    address: str
    user: int | None = None
    wants_mail: bool = True


def ask(
    *,
    poll: Poll,
    by: Member,
    pasted: str = "",
    members: Collection[int] = (),
    everybody: bool = False,
    naming: str = "",
) -> Asked:
    """Asks members, by the ids of their accounts or `everybody`, and the addresses of a pasted list; each once. Who was
    asked before and whose mail failed gets it again. `naming` is how names were treated when the asker looked, "" for
    as they are: a mail says it."""
    listed = read_list(pasted)
    mail = _written(poll, by.user, "poll")
    with transaction.atomic():
        lock(by.workspace_id)
        row, by = locked(poll.pk, by, "ask")
        if row.naming != poll.naming or naming not in ("", row.naming):
            raise Conflict(MOVED_ON)
        people = _chosen(by.workspace_id, listed.addresses, members, everybody)
        if not people:
            raise Refused("Nobody is chosen. Choose members, or paste addresses.")
        new, again, before = _sorted_out(row, people)
        stopped = _unsubscribed(by.workspace_id)
        wanted = [each for each in new if each.address not in stopped]
        _refuse_too_many(row, len(wanted))
        made = Respondent.objects.bulk_create(
            [Respondent(poll=row, user_id=each.user, address="" if each.user else each.address) for each in wanted],
            batch_size=BATCH,
        )
        to = {respondent.pk: each for respondent, each in zip(made, wanted, strict=True) if each.wants_mail}
        to |= {pk: each for pk, each in again.items() if each.wants_mail and each.address not in stopped}
        _mail(row, to, "link", mail, Giver(by.user_id, by.workspace_id, Link.Purpose.POLL, row.until), key="poll")
        if to:
            audit.record(by.workspace, "poll.asked", by=by.user, poll=row.title, people=len(to))
    return Asked(
        mailed=len(to),
        silent=sum(not each.wants_mail for each in wanted),
        before=before,
        twice=listed.twice,
        bad=listed.bad,
        unsubscribed=tuple(each.address for each in new if each.address in stopped),
    )


def remind(*, poll: Poll, by: Member) -> int:
    """A mail to everyone who was asked and has not sent their answers; how many that are."""
    mail, now = _written(poll, by.user, "poll_reminder"), timezone.now()
    with transaction.atomic():
        lock(by.workspace_id)
        row, by = locked(poll.pk, by, "remind")
        giver = Giver(by.user_id, by.workspace_id, Link.Purpose.POLL, row.until)
        return _remind(row, to_remind(row, now), mail, giver, now)


def remind_due(now: datetime) -> int:
    """One reminder of each poll that closes within two days, in the name of who opened it; to how many people."""
    soon = Poll.objects.filter(state=PollState.OPEN, until__gt=now, until__lte=now + LAST)
    soon = soon.filter(matrix__workspace__deleted_at=None, matrix__is_archived=False)
    told = 0
    for poll in soon.select_related("matrix__workspace", "opened_by").order_by("pk"):
        with suppress(Gone, Http404):  # it went a moment before
            told += _remind_once(poll, now)
    return told


def to_remind(poll: Poll, now: datetime) -> QuerySet[Respondent]:
    """Those a reminder would go to now."""
    workspace = poll.matrix.workspace_id
    members = Member.objects.filter(workspace=workspace, user=OuterRef("user"), user__is_active=True)
    stopped = Unsubscribed.objects.filter(workspace=workspace, address=OuterRef("address"))
    rows = Respondent.objects.filter(
        Q(reminded_at=None) | Q(reminded_at__lte=now - APART), poll=poll, submitted_at=None
    )
    reached = rows.filter(Q(mail=None) | Q(mail__sent_at__isnull=False))
    return reached.filter(~Q(address="") & ~Exists(stopped) | Exists(members.exclude(mail=Mail.NEVER)))


def address_in(respondent: Respondent) -> str:
    """Where a mail to them goes, "" for whoever came by the link of the poll."""
    return address_of(respondent.user) if respondent.user else respondent.address


def _chosen(workspace: int, addresses: Sequence[str], members: Collection[int], everybody: bool) -> list[_Person]:
    """Everyone chosen, once: an address of a member stands for the member."""
    rows = Member.objects.filter(workspace=workspace, user__is_active=True).select_related("user").order_by("pk")
    known = {address_of(row.user): row for row in rows}
    found: dict[str, _Person] = {}
    for address, row in known.items():
        if everybody or row.user_id in members or address in addresses:
            found[address] = _Person(address, row.user_id, row.mail != Mail.NEVER)
    for address in addresses:
        found.setdefault(address, _Person(address))
    return list(found.values())


def _sorted_out(poll: Poll, people: Sequence[_Person]) -> tuple[list[_Person], dict[int, _Person], tuple[str, ...]]:
    """Who is new; who was asked before by a mail that failed, by the id of the respondent; the others' addresses."""
    rows = Respondent.objects.filter(poll=poll).values_list("pk", "user", "address", "mail__failed_at", "submitted_at")
    known = {
        user or address: (pk, failed_at and not submitted_at) for pk, user, address, failed_at, submitted_at in rows
    }
    new, again, before = list[_Person](), dict[int, _Person](), list[str]()
    for each in people:
        pk, has_failed = known.get(each.user or each.address, (0, False))
        if not pk:
            new.append(each)
        elif has_failed:
            again[pk] = each
        else:
            before.append(each.address)
    return new, again, tuple(before)


def _unsubscribed(workspace: int) -> set[str]:
    """Who wants no more mail of the workspace that they have not asked for."""
    return set(Unsubscribed.objects.filter(workspace=workspace).values_list("address", flat=True))


def _refuse_too_many(poll: Poll, more: int) -> None:
    if Respondent.objects.filter(poll=poll).count() + more > RESPONDENT_LIMIT:
        raise Refused(f"Up to {RESPONDENT_LIMIT:,} people take part in a poll, and these are more. Ask fewer.")


def _written(poll: Poll, sender: User | None, mail: str) -> Letter:
    """A mail of the poll, before anything is locked."""
    context = {
        "poll": poll,
        "title": unlinked(poll.title),
        "sender": sign_of(sender) if sender else SOMEBODY,
        "workspace": poll.matrix.workspace,
        "until": day(timezone.localtime(poll.until)),
        "activities": len(poll.asked["activities"]),
    }
    return write(mail, context)


def _mail(poll: Poll, to: dict[int, _Person], field: str, mail: Letter, giver: Giver, *, key: str) -> None:
    """A mail for each of these respondents, with a new link of their own in this field; in a few statements."""
    pks = list(to)
    rows = Respondent.objects.all()
    for some in in_batches(pks):
        Outbox.objects.filter(key__in=[f"{key}:{pk}" for pk in some]).delete()  # which failed
    links = links_for(rows, pks, field, giver)
    put_all(
        Addressed(mail, each.address, link, STOP, f"{key}:{pk}", each.user)
        for (pk, each), link in zip(to.items(), links, strict=True)
    )
    own = Outbox.objects.filter(key=Concat(Value(f"{key}:"), Cast(OuterRef("pk"), CharField()))).values("pk")[:1]
    for some in in_batches(pks):
        rows.filter(pk__in=some).update(mail=Subquery(own))


def _remind(poll: Poll, people: QuerySet[Respondent], mail: Letter, giver: Giver, now: datetime) -> int:
    """Under the lock of the poll; how many they are."""
    stopped = _unsubscribed(poll.matrix.workspace_id)
    waiting = [(each, address_in(each)) for each in people.select_related("user").order_by("pk")]
    to = {each.pk: _Person(address, each.user_id) for each, address in waiting if address not in stopped}
    _mail(poll, to, "reminder", mail, giver, key=f"poll-reminder:{now:%Y%m%d%H%M%S}")
    for some in in_batches(list(to)):
        Respondent.objects.filter(pk__in=some).update(reminded_at=now)
    return len(to)


def _to_remind_once(poll: Poll, now: datetime) -> QuerySet[Respondent]:
    """Those who were asked a day ago at least, and not reminded within the last two days of the poll."""
    is_late = Q(reminded_at=None) | Q(reminded_at__lt=poll.until - LAST)
    return to_remind(poll, now).filter(is_late, asked_at__lte=now - APART)


def _remind_once(poll: Poll, now: datetime) -> int:
    """The mails are an opener's, or the longest owner's where that account is gone."""
    owners = Member.objects.filter(workspace=poll.matrix.workspace_id, access=Access.OWNER).order_by("joined_at", "pk")
    giver = poll.opened_by_id or owners.values_list("user", flat=True).first()
    if giver is None or not _to_remind_once(poll, now).exists():
        return 0
    mail = _written(poll, poll.opened_by, "poll_reminder")
    with transaction.atomic():
        lock(poll.matrix.workspace_id)
        row = lock_poll(poll.pk)
        people = _to_remind_once(row, now) if poll_may(row.state, "remind") else Respondent.objects.none()
        kind = Giver(giver, row.matrix.workspace_id, Link.Purpose.POLL, row.until)
        return _remind(row, people, mail, kind, now)
