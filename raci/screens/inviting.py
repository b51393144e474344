"""Invitations on their way: made or sent again, with their mail in the same transaction."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from raci.notices.names import sign_of
from raci.notices.outbox import Letter, put, write
from raci.workspaces import invitations
from raci.workspaces.invitations import Invited
from raci.workspaces.models import Access, Member

MAY = {
    Access.VIEWER: "look at everything in it",
    Access.REVIEWER: "look at everything in it and have a say",
    Access.EDITOR: "change its matrices",
    Access.OWNER: "change everything in it, and decide who is a member",
}


def invite(*, by: Member, email: str, access: Access, until: datetime) -> Invited:
    letter = _letter(by, access, until)
    with transaction.atomic():
        return _mailed(invitations.invite(by=by, email=email, access=access, until=until), letter)


def invite_again(*, by: Member, invitation: int) -> Invited:
    earlier = invitations.invitation_in(by, invitation)
    letter = _letter(by, Access(earlier.access), timezone.now() + invitations.lifetime(earlier))
    with transaction.atomic():
        return _mailed(invitations.invite_again(by=by, invitation=invitation), letter)


def _letter(by: Member, access: Access, until: datetime) -> Letter:
    """What the mail says, made before anything is locked."""
    context = {"inviter": sign_of(by.user), "workspace": by.workspace, "may": MAY[access], "until": until}
    return write("invitation", context)


def _mailed(invited: Invited, letter: Letter) -> Invited:
    row = invited.invitation
    if row.email:
        put(letter, to=row.email, workspace=row.workspace, link=row.link)
    return invited
