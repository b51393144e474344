"""Invitations: made, sent again and revoked by owners, and accepted, by whom they are for.

One with an address is that person's: it works once, for the account with this very address. One without is for everyone
who has its link, until it ends. The token of the first is told to nobody but the mail that is sent (see
raci/notices); that of the second to its maker, once.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from raci.accounts.models import User
from raci.accounts.operations import lock_user
from raci.web.refusals import Conflict, Forbidden, Gone, Refused, TooMany

from . import audit, links
from .access import lock, still
from .models import Access, Invitation, Link, Member, Workspace

LIFETIME = timedelta(days=7)  # unless its maker chooses another end
LONGEST = timedelta(days=90)
DAILY_LIMIT = 20
OPEN_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation. `token` is that of its link, told this once; "" where it has an address and goes by mail."""

    invitation: Invitation
    token: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A member, and whether they were one before; then nothing was changed, and the invitation stays as it is."""

    member: Member
    was_there: bool


# ---- What is there -------------------------------------------------------------------------------------------------


def open_in(workspace: Workspace) -> QuerySet[Invitation]:
    """Those that can still be accepted, the newest first."""
    rows = Invitation.objects.filter(workspace=workspace, link__in=links.open_links())
    return rows.select_related("link__user").order_by("-link__created_at", "-pk")


def opened_by(token: str) -> Invitation | None:
    """The invitation that a token opens."""
    if not links.is_token(token):
        return None
    rows = Invitation.objects.select_related("workspace", "link__user")
    return rows.filter(link__in=links.open_links(), link__digest=links.digest(token)).first()


def lifetime(invitation: Invitation) -> timedelta:
    """How long it was to last when it was made."""
    return invitation.link.expires_at - invitation.link.created_at


def invitation_in(by: Member, invitation: int) -> Invitation:
    """An open one of the same workspace, or Gone."""
    row = open_in(by.workspace).filter(pk=invitation).first()
    if row is None:
        raise Gone("That invitation has ended. Reload the page to see which are open.")
    return row


def is_for(invitation: Invitation, address: str) -> bool:
    """Whether somebody with this address may accept it."""
    return not invitation.email or is_same_address(invitation.email, address)


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses are one person's, however they are written.

    Case never tells two apart, and a domain has its compatible forms. Before the @ only A to Z fold: another letter
    that looks like one of them, or folds to it, as the Kelvin sign does to k, makes another address.
    """
    return _folded(one) == _folded(other)


# ---- Changes -------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(*, by: Member, access: Access, email: str = "", until: datetime | None = None) -> Invited:
    """A new invitation, to end at `until` or in a week. One for the same address takes the place of the earlier."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    return _invite(by, access, email, until or timezone.now() + LIFETIME)


@transaction.atomic
def invite_again(*, by: Member, invitation: int) -> Invited:
    """The same once more, with a new link that lasts as long as the first did; that one is dead."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    row = invitation_in(by, invitation)
    return _invite(by, Access(row.access), row.email, timezone.now() + lifetime(row))


@transaction.atomic
def revoke(*, by: Member, invitation: int) -> Invitation:
    """Nobody joins by it any more. Who has joined stays."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    row = invitation_in(by, invitation)
    links.revoke(row.link)
    record("invitation.revoked", by, row)
    return row


@transaction.atomic
def accept(*, by: User, token: str) -> Joined:
    """Joins. Raises Gone for a token that opens nothing any more, Forbidden where it is for another address."""
    found = opened_by(token)
    if found is None:
        raise Gone
    lock_user(by)
    lock(found.workspace_id)
    row = opened_by(token)  # again: it may have been used or revoked while we waited
    if row is None:
        raise Gone
    if not is_for(row, by.email):
        raise Forbidden("This invitation is for another address. Sign in with the account it was sent to.")
    there = Member.objects.filter(workspace=row.workspace, user=by).first()
    if there is not None:
        return Joined(there, was_there=True)
    if row.email and not links.use_up(row.link):
        raise Gone
    member = Member.objects.create(workspace=row.workspace, user=by, access=row.access)
    links.note_use(row.link)
    audit.record(row.workspace, "member.joined", by=by, whom=row.link.user, access=row.access)
    return Joined(member, was_there=False)


def record(kind: str, by: Member, row: Invitation) -> None:
    """An entry of the audit log. Of an address it keeps no more than the domain: whose it is, the invitation says for
    as long as it stays."""
    domain = row.email.rpartition("@")[2]
    audit.record(by.workspace, kind, by=by.user, access=row.access, domain=domain, invitation=row.pk)


def _invite(by: Member, access: Access, email: str, until: datetime) -> Invited:
    """Makes it; the workspace is locked and `by` is an owner."""
    _check_may_have(by, access, email)
    earlier = [row for row in open_in(by.workspace) if email and is_same_address(row.email, email)]
    for row in earlier:
        links.revoke(row.link)
    _check_room(by)
    purpose = Link.Purpose.INVITATION
    link, token = links.make_link(purpose=purpose, workspace=by.workspace, by=by.user, until=until)
    row = Invitation.objects.create(workspace=by.workspace, link=link, email=email, access=access)
    record("member.invited", by, row)
    return Invited(row, "" if email else token)


def _check_may_have(by: Member, access: Access, email: str) -> None:
    if not email and access == Access.OWNER:
        raise Refused("A link for everyone cannot make owners. Invite them by their address.")
    members = Member.objects.filter(workspace=by.workspace_id).values_list("user__email", flat=True)
    if email and any(is_same_address(email, address) for address in members):
        raise Refused(f"{email} belongs to a member already. You can change what they may.")


def _check_room(by: Member) -> None:
    since = timezone.now() - timedelta(days=1)
    made = Link.objects.filter(purpose=Link.Purpose.INVITATION, user=by.user, created_at__gt=since)
    if made.count() >= DAILY_LIMIT:
        raise TooMany(f"You have sent {DAILY_LIMIT} invitations within a day. Send more tomorrow.")
    if open_in(by.workspace).count() >= OPEN_LIMIT:
        raise Conflict(f"{OPEN_LIMIT} invitations are open, and no more fit. Revoke one first.")


def _folded(address: str) -> tuple[str, str]:
    name, _, domain = address.strip().rpartition("@")
    return name.lower() if name.isascii() else name, unicodedata.normalize("NFKC", domain).casefold()
