"""What members should hear, and when it goes into a mail: at once, in one mail a day, or never."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from raci.accounts.models import User
from raci.accounts.zones import zone_of
from raci.grid.text import counted
from raci.workspaces.models import Mail, Member

from .models import Notice, Outbox
from .outbox import put, woken, write

DIGEST_AT = time(7)  # where the member is
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Item:
    """A notice as its mail shows it; `address` is "" where it is about no page."""

    text: str
    address: str


def notify(*members: Member, text: str, url: str, key: str) -> None:
    """Writes down what these members should hear; `url` is the path of the page it is about. The same `key`, once.

    Signs stand in `text` for the names of persons (see names.py).
    """
    notices = [Notice(member=member, text=text, url=url, key=key) for member in members]
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        transaction.on_commit(woken.set)


def mail_notices(now: datetime) -> str:
    """Puts what members should hear by now into mails, one for each of them."""
    unmailed = Notice.objects.filter(member=OuterRef("pk"), mailed_at=None)
    waiting = Member.objects.filter(Exists(unmailed), workspace__deleted_at=None).order_by("pk")
    made = sum(_mail(pk, now) for pk in list(waiting.values_list("pk", flat=True)))
    return f"{counted(made, 'mail')} of notices written." if made else ""


def tidy(now: datetime) -> int:
    """Forgets what was mailed a while ago."""
    return Notice.objects.filter(mailed_at__lt=now - KEPT).delete()[0]


def latest_digest(user: User, now: datetime) -> datetime:
    """The last moment, up to now, at which a digest was due where the person is."""
    zone = zone_of(user) or ZoneInfo(settings.TIME_ZONE)
    day = now.astimezone(zone).date()
    while (due := datetime.combine(day, DIGEST_AT, zone).astimezone(UTC)) > now:
        day -= timedelta(days=1)
    return due.astimezone(zone)


@transaction.atomic
def _mail(pk: int, now: datetime) -> bool:
    """Writes the mail of one member, under the lock of their row, so that two processes do not both write it."""
    rows = Member.objects.select_for_update(of=("self",), no_key=True).select_related("user", "workspace")
    member = rows.filter(pk=pk, workspace__deleted_at=None).first()
    if member is None:
        return False
    waiting, key = member.notices.filter(mailed_at=None), ""
    if member.mail == Mail.NEVER or not member.user.is_active:
        waiting.update(mailed_at=now)
        return False
    if member.mail == Mail.DAILY:
        due = latest_digest(member.user, now)
        waiting, key = waiting.filter(at__lt=due), f"digest:{pk}:{due.date()}"
        if Outbox.objects.filter(key=key).exists():
            return False
    notices = list(waiting)
    if not notices:
        return False
    _post(member, notices, key)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
    return True


def _post(member: Member, notices: list[Notice], key: str) -> None:
    site, (first, *others) = settings.SITE_URL, notices
    context = {
        "headline": "" if others else first.text.partition("\n")[0].rstrip(".:"),
        "count": len(notices),
        "items": [Item(notice.text, f"{site}{notice.url}" if notice.url else "") for notice in notices],
        "workspace": member.workspace,
        "is_daily": member.mail == Mail.DAILY,
        "members": f"{site}{reverse('members', args=[member.workspace_id])}",
    }
    put(write("notices", context), to=member.user.email, user=member.user, workspace=member.workspace, key=key)
