"""Unguessable links: 256 random bits, of which the database keeps a SHA-256 digest and nothing else."""

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from raci.accounts.models import User

from .models import Access, Link, Member, Workspace

SIGN_IN_LIFETIME = timedelta(hours=24)
NO_END = datetime(9999, 1, 1, tzinfo=UTC)  # of a link that is open until it is revoked
LOOKS_APART = timedelta(hours=1)
MAKERS = tuple(access for access in Access if access.covers(Access.EDITOR))  # who makes links into a workspace
LASTING = (Link.Purpose.LETTER, Link.Purpose.POLL)  # what its reader has, whatever becomes of who made it
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether it has the form of a token of ours."""
    return _TOKEN.fullmatch(text) is not None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_sign_in_link(user: User) -> str:
    """A new token that signs `user` in once, within a day. The token itself is not kept."""
    return _make(Link.Purpose.SIGN_IN, user, timezone.now() + SIGN_IN_LIFETIME)[1]


def make_link(*, purpose: Link.Purpose, workspace: Workspace, by: User, until: datetime) -> tuple[Link, str]:
    """A link into a workspace, to be used by many until it ends or is revoked; and its token, which is not kept."""
    return _make(purpose, by, until, workspace)


def find_open(purpose: Link.Purpose, token: str) -> Link | None:
    """The link if it can still be used; it was made for, or by, somebody whose account is open.

    A link into a workspace lives no longer than its maker may make one there.
    """
    return open_links().select_related("user").filter(purpose=purpose, digest=digest(token)).first()


def is_known(purpose: Link.Purpose, token: str) -> bool:
    """Whether there ever was such a link with this token, open or not."""
    return Link.objects.filter(purpose=purpose, digest=digest(token)).exists()


def is_open(link: Link) -> bool:
    """Whether it can still be used; one query."""
    return open_links().filter(pk=link.pk).exists()


def use_up(link: Link) -> bool:
    """Marks the link used; False where somebody else was first, or its time ran out meanwhile."""
    now = timezone.now()
    open_link = Link.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    return open_link.update(used_at=now) == 1


def renew(link: Link) -> str | None:
    """A new token in the place of the old one, which leads nowhere from now on; None where the link cannot be used.

    That of a poll is the same each time, so that no mail to somebody ends the one before: it is made of what only this
    Remit knows, and no database holds it.
    """
    token = _lasting_token(link) if link.purpose == Link.Purpose.POLL else new_token()
    return token if open_links().filter(pk=link.pk).update(digest=digest(token)) == 1 else None


def note_use(link: Link) -> None:
    """Something was sent by a link that stays open. Looking is no use."""
    Link.objects.filter(pk=link.pk).update(last_used_at=timezone.now())


def note_look(link: Link) -> None:
    """Somebody looked by a link that stays open. Noted once an hour, so that looking hardly ever writes."""
    now = timezone.now()
    if link.last_used_at is None or link.last_used_at <= now - LOOKS_APART:
        Link.objects.filter(pk=link.pk).update(last_used_at=now)


def revoke(link: Link) -> None:
    """From now on it leads nowhere; a second time changes nothing."""
    Link.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def revoke_what_is_lost(member: Member, access: Access | None) -> list[Link]:
    """Revokes the links that a member made and may not make with `access`; None for who is a member no more. Those
    that could be used until now, while they still have what they had. What went out in letters is its readers', and a
    poll is the workspace's: any editor can end its link."""
    links = Link.objects.filter(workspace=member.workspace_id, user=member.user_id, revoked_at=None)
    links = links.exclude(purpose__in=LASTING)
    if access is not None:
        links = links.exclude(purpose=Link.Purpose.CALENDAR)
    if access in MAKERS:
        links = links.filter(purpose=Link.Purpose.INVITATION) if access != Access.OWNER else links.none()
    lost = list(open_links().filter(pk__in=links.values("pk")).select_related("invitation").order_by("pk"))
    links.update(revoked_at=timezone.now())
    return lost


def open_links() -> QuerySet[Link]:
    """All that can still be used. Invitations are owners' to make, calendars every member's, the other links into a
    workspace editors' too. A letter stays its reader's, whatever becomes of who sent it, and a poll lasts until it is
    closed."""
    members = Member.objects.filter(workspace=OuterRef("workspace"), workspace__deleted_at=None, user=OuterRef("user"))
    is_invitation, is_calendar = Q(purpose=Link.Purpose.INVITATION), Q(purpose=Link.Purpose.CALENDAR)
    by_their_maker = Q(user__is_active=True) & (
        Q(workspace=None)
        | is_invitation & Exists(members.filter(access=Access.OWNER))
        | is_calendar & Exists(members)
        | ~(is_invitation | is_calendar) & Exists(members.filter(access__in=MAKERS))
    )
    is_lasting = Q(purpose__in=LASTING)
    return Link.objects.filter(
        is_lasting & Q(workspace__deleted_at=None) | ~is_lasting & by_their_maker,
        used_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    )


def _lasting_token(link: Link) -> str:
    """As long as any other. Two links that share an id, one of them gone with a backup, do not share it."""
    made_at = link.created_at.astimezone(UTC).isoformat()
    made = salted_hmac("raci.workspaces.links", f"{link.pk}:{made_at}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _make(purpose: Link.Purpose, user: User, until: datetime, workspace: Workspace | None = None) -> tuple[Link, str]:
    token = new_token()
    link = Link.objects.create(purpose=purpose, user=user, workspace=workspace, digest=digest(token), expires_at=until)
    return link, token
