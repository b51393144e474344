"""Who belongs to a workspace: what each may, leaving, removal, and handing it over. There is always an owner.

Every operation locks the workspace first, so that of two owners who step down at the same moment one stays.
"""

from django.db import transaction

from raci.web.refusals import Conflict, Gone, Refused

from . import audit, invitations
from .access import lock, still
from .links import revoke_what_is_lost
from .models import Access, Link, Mail, Member


@transaction.atomic
def change_access(*, by: Member, member: int, access: Access) -> Member:
    """Gives a member another access, oneself too. To what they have already: no change."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    row = member_in(by, member)
    if row.access == access:
        return row
    if access != Access.OWNER:
        _check_another_owner(row)
    audit.record(by.workspace, "member.access", by=by.user, whom=row.user, was=row.access, access=access)
    _give(row, access, by)
    return row


@transaction.atomic
def remove(*, by: Member, member: int) -> Member:
    """Takes a member out; the links they made here are dead. What they did stays."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    row = member_in(by, member)
    if row.pk == by.pk:
        raise Refused("To take yourself out, leave the workspace.")
    audit.record(by.workspace, "member.removed", by=by.user, whom=row.user, access=row.access)
    return _taken_out(row, by)


@transaction.atomic
def leave(*, by: Member) -> Member:
    """Takes oneself out; the only owner hands over first."""
    lock(by.workspace_id)
    by = still(by, Access.VIEWER)
    _check_another_owner(by)
    audit.record(by.workspace, "member.left", by=by.user, access=by.access)
    return _taken_out(by, by)


@transaction.atomic
def hand_over(*, by: Member, to: int) -> Member:
    """Makes another member an owner and oneself an editor, in one stroke."""
    lock(by.workspace_id)
    by = still(by, Access.OWNER)
    row = member_in(by, to)
    if row.pk == by.pk:
        raise Refused("You own the workspace already. Choose somebody else.")
    audit.record(by.workspace, "workspace.handed_over", by=by.user, whom=row.user, was=row.access)
    _give(row, Access.OWNER, by)
    _give(by, Access.EDITOR, by)
    return row


@transaction.atomic
def choose_mail(*, by: Member, mail: Mail) -> None:
    """When a member hears by mail from this workspace; their own affair, so it stands in no log."""
    by = still(by, Access.VIEWER)
    by.mail = mail
    by.save(update_fields=["mail"])


def by_name(workspace: int) -> list[Member]:
    """Who belongs to it and can sign in, by name; one query."""
    rows = Member.objects.filter(workspace=workspace, user__is_active=True).select_related("user")
    return sorted(rows, key=lambda each: (str(each.user).casefold(), each.pk))


def member_in(by: Member, member: int) -> Member:
    """Another member of the same workspace, or Gone."""
    row = Member.objects.select_related("user", "workspace").filter(pk=member, workspace=by.workspace_id).first()
    if row is None:
        raise Gone("They are no member any more. Reload the page to see who is.")
    return row


def is_only_owner(member: Member) -> bool:
    """Whether nobody would own the workspace without them."""
    others = Member.objects.filter(workspace=member.workspace_id, access=Access.OWNER).exclude(pk=member.pk)
    return member.access == Access.OWNER and not others.exists()


def _check_another_owner(member: Member) -> None:
    """Refused is only ever oneself: whoever acts on another is an owner beside them."""
    if is_only_owner(member):
        raise Conflict("You are the only owner. Hand the workspace over to somebody else first.")


def _give(member: Member, access: Access, by: Member) -> None:
    _end_links(member, access, by)
    member.access = access
    member.save(update_fields=["access"])


def _taken_out(member: Member, by: Member) -> Member:
    """The row as it was, which is no more; it keeps its id for who has to be told."""
    pk = member.pk
    _end_links(member, None, by)
    member.delete()
    member.pk = pk
    return member


def _end_links(member: Member, access: Access | None, by: Member) -> None:
    """Those that nobody with this access may give out; each that worked stands in the log as revoked."""
    for link in revoke_what_is_lost(member, access):
        if link.purpose == Link.Purpose.INVITATION:
            invitations.record("invitation.revoked", by, link.invitation)
        else:
            audit.record(member.workspace, f"{link.purpose}.revoked", by=by.user, whom=member.user)
