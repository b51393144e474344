"""Unguessable links: 256 random bits, of which the database keeps a SHA-256 digest and nothing else."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from raci.accounts.models import User

from .models import Link

SIGN_IN_LIFETIME = timedelta(hours=24)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_sign_in_link(user: User) -> str:
    """A new token that signs `user` in once, within a day. The token itself is not kept."""
    token = secrets.token_urlsafe(32)
    Link.objects.create(
        purpose=Link.Purpose.SIGN_IN,
        user=user,
        digest=digest(token),
        expires_at=timezone.now() + SIGN_IN_LIFETIME,
    )
    return token


def find_open(purpose: Link.Purpose, token: str) -> Link | None:
    """The link if it can still be used, by somebody whose account is open."""
    open_links = Link.objects.filter(purpose=purpose, used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    return open_links.select_related("user").filter(digest=digest(token)).first()


def use_up(link: Link) -> bool:
    """Marks the link used; False where somebody else was first, or its time ran out meanwhile."""
    now = timezone.now()
    return Link.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now) == 1
