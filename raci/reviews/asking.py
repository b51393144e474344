"""Asking people to answer a poll, by a mail with a link of their own, and reminding those who have not.

A reminder goes to nobody who has sent their answers, and to nobody twice a day; and no address gets a mail of a new
poll of a matrix within a day of the last. Everything here locks the workspace first, as who wants no more mail does
(see raci.publishing.stopping), so nobody is asked after that.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import salted_hmac

from raci.accounts.models import User
from raci.grid.text import SOMEBODY, day, unlinked
from raci.notices import names
from raci.notices.models import Outbox
from raci.notices.outbox import Addressed, Letter, put_all, write
from raci.publishing.models import Unsubscribed
from raci.publishing.personal import BATCH, Giver, in_batches, links_for, refuse_floods
from raci.publishing.recipients import address_of, read_list
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock
from raci.workspaces.models import Access, Link, Mail, Member

from .answering import BY_LINK, RESPONDENT_LIMIT
from .models import Asking, Poll, Respondent
from .polling import lock_poll, locked
from .states import PollState, poll_may

STOP, REMINDER = "poll_stop", "poll-reminder"

LAST = timedelta(days=2)  # before a poll closes, those who have not answered are reminded once
APART = timedelta(days=1)  # from one reminder to the next, and from one poll of a matrix to the next
MOVED_ON = "How names are treated was changed a moment before. Nobody was asked; look again, then ask."


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: how many get a mail, and how many members are asked without one, for they want none. The
    others are addresses: those that were asked before, that came twice, that are none, that want no mail, and that got
    a mail of another poll of the matrix `lately`."""

    mailed: int = 0
    silent: int = 0
    before: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    unsubscribed: tuple[str, ...] = ()
    lately: tuple[str, ...] = ()


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
    asked before and whose mail failed gets it again. Nobody is asked by mail who got one of another poll of the matrix
    within a day. `naming` is how names were treated when the asker looked, "" for as they are: a mail says it."""
    listed, now = read_list(pasted), timezone.now()
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
        stopped, lately = _unsubscribed(by.workspace_id), _asked_lately(row, new, now)
        wanted = [each for each in new if each.address not in stopped | lately]
        _refuse_too_many(row, len(wanted))
        made = Respondent.objects.bulk_create(
            [Respondent(poll=row, user_id=each.user, address="" if each.user else each.address) for each in wanted],
            batch_size=BATCH,
        )
        to = {respondent.pk: each for respondent, each in zip(made, wanted, strict=True) if each.wants_mail}
        to |= {pk: each for pk, each in again.items() if each.wants_mail and each.address not in stopped}
        _mail(row, to, mail, Giver(by.user_id, by.workspace_id, Link.Purpose.POLL, row.until), key="poll")
        _note_asked(row, to.values(), now)
        if to:
            audit.record(by.workspace, "poll.asked", by=by.user, poll=row.title, people=len(to))
    return Asked(
        mailed=len(to),
        silent=sum(not each.wants_mail for each in wanted),
        before=before,
        twice=listed.twice,
        bad=listed.bad,
        unsubscribed=tuple(each.address for each in new if each.address in stopped),
        lately=tuple(each.address for each in new if each.address in lately - stopped),
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
    """One reminder of each poll that closes within two days, in the name of who opened it; to how many people. Who got
    a mail longer than a day ago is forgotten."""
    Asking.objects.filter(at__lte=now - APART).delete()
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
    waiting = Q(reminded_at=None) | Q(reminded_at__lte=now - APART)
    rows = Respondent.objects.filter(waiting, poll=poll, submitted_at=None, is_left_out=False)
    reached = rows.filter(Q(mail=None) | Q(mail__sent_at__isnull=False))
    return reached.filter(~Q(address="") & ~Exists(stopped) | Exists(members.exclude(mail=Mail.NEVER)))


def address_in(respondent: Respondent) -> str:
    """Where a mail to them goes, "" for whoever came by the link of the poll."""
    return address_of(respondent.user) if respondent.user else respondent.address


def sign_of(address: str) -> str:
    """What stands for an address where nobody is to read it."""
    return salted_hmac("raci.reviews.asking", address, algorithm="sha256").hexdigest()


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
    """Who is new; who was asked before by a mail that failed, by the id of the respondent; the others' addresses. Who
    was asked by an address and is a member by now is that member."""
    known: dict[int | str, Respondent] = {}
    for asked in Respondent.objects.filter(poll=poll).select_related("mail"):
        known |= {said: asked for said in (asked.user_id, asked.address) if said}
    new, again, before = list[_Person](), dict[int, _Person](), list[str]()
    for each in people:
        row = known.get(each.user or "") or known.get(each.address)
        if row is None:
            new.append(each)
            continue
        if each.user and row.user_id is None:
            Respondent.objects.filter(pk=row.pk).update(user=each.user, address="", name="")
        if row.mail and row.mail.failed_at and not row.submitted_at:
            again[row.pk] = each
        else:
            before.append(each.address)
    return new, again, tuple(before)


def _asked_lately(poll: Poll, people: Iterable[_Person], now: datetime) -> set[str]:
    """The addresses of those who would get a mail and got one of another poll of the matrix within a day."""
    signs = {sign_of(each.address): each.address for each in people if each.wants_mail}
    since = Asking.objects.filter(matrix=poll.matrix_id, at__gt=now - APART)
    return {signs[sign] for sign in since.values_list("sign", flat=True) if sign in signs}


def _note_asked(poll: Poll, people: Iterable[_Person], now: datetime) -> None:
    """For a day, that they got a mail of a poll of the matrix."""
    rows = [Asking(matrix_id=poll.matrix_id, sign=sign_of(each.address), at=now) for each in people]
    Asking.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, update_fields=["at"], unique_fields=["matrix", "sign"]
    )


def _unsubscribed(workspace: int) -> set[str]:
    """Who wants no more mail of the workspace that they have not asked for."""
    return set(Unsubscribed.objects.filter(workspace=workspace).values_list("address", flat=True))


def _refuse_too_many(poll: Poll, more: int) -> None:
    """Those who came by the link alone have a limit of their own, so that they keep nobody from being asked."""
    asked = Respondent.objects.filter(poll=poll).exclude(BY_LINK)
    if asked.count() + more > RESPONDENT_LIMIT:
        raise Refused(f"Up to {RESPONDENT_LIMIT:,} people are asked in a poll, and these are more. Ask fewer.")


def _written(poll: Poll, sender: User | None, mail: str) -> Letter:
    """A mail of the poll, before anything is locked."""
    context = {
        "poll": poll,
        "title": unlinked(poll.title),
        "sender": names.sign_of(sender) if sender else SOMEBODY,
        "workspace": poll.matrix.workspace,
        "until": day(timezone.localtime(poll.until)),
        "activities": len(poll.asked["activities"]),
    }
    return write(mail, context)


def _mail(poll: Poll, to: dict[int, _Person], mail: Letter, giver: Giver, *, key: str) -> None:
    """A mail for each of these respondents, with the link that is their own; in a few statements."""
    pks, rows = list(to), Respondent.objects.filter(poll=poll)
    links: dict[int, Link] = {}
    for some in in_batches(pks):
        Outbox.objects.filter(key__in=[f"{key}:{pk}" for pk in some]).delete()  # which failed
        links |= {row.pk: row.link for row in rows.filter(pk__in=some).select_related("link") if row.link}
    new = [pk for pk in pks if pk not in links]
    refuse_floods(giver, len(pks) + _reminded_today(giver.workspace))
    links |= dict(zip(new, links_for(Respondent.objects.all(), new, "link", giver), strict=True))
    put_all(Addressed(mail, each.address, links[pk], STOP, f"{key}:{pk}", each.user) for pk, each in to.items())
    own = Outbox.objects.filter(key=Concat(Value(f"{key}:"), Cast(OuterRef("pk"), CharField()))).values("pk")[:1]
    for some in in_batches(pks):
        rows.filter(pk__in=some).update(mail=Subquery(own))


def _reminded_today(workspace: int) -> int:
    """How many reminders of polls went out; they have no links of their own that could be counted."""
    since = timezone.now() - timedelta(days=1)
    return Respondent.objects.filter(poll__matrix__workspace=workspace, reminded_at__gt=since).count()


def _remind(poll: Poll, people: QuerySet[Respondent], mail: Letter, giver: Giver, now: datetime) -> int:
    """Under the lock of the poll; how many they are."""
    stopped = _unsubscribed(poll.matrix.workspace_id)
    waiting = [(each, address_in(each)) for each in people.select_related("user").order_by("pk")]
    to = {each.pk: _Person(address, each.user_id) for each, address in waiting if address not in stopped}
    _mail(poll, to, mail, giver, key=f"{REMINDER}:{now:%Y%m%d%H%M%S}")
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
