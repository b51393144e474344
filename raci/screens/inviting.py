"""Invitations on their way: made or sent again, with their mail in the same transaction."""

from datetime import datetime

from django.db import transaction

from raci.notices import outbox
from raci.workspaces import invitations
from raci.workspaces.invitations import Invited
from raci.workspaces.models import Access, Member

MAY = {
    Access.VIEWER: "look at everything in it",
    Access.REVIEWER: "look at everything in it and have a say",
    Access.EDITOR: "change its matrices",
    Access.OWNER: "change everything in it, and decide who is a member",
}


@transaction.atomic
def invite(*, by: Member, email: str, access: Access, until: datetime) -> Invited:
    return _mailed(invitations.invite(by=by, email=email, access=access, until=until))


@transaction.atomic
def invite_again(*, by: Member, invitation: int) -> Invited:
    return _mailed(invitations.invite_again(by=by, invitation=invitation))


def _mailed(invited: Invited) -> Invited:
    row = invited.invitation
    if row.email:
        outbox.post(
            to=row.email,
            mail="invitation",
            context={
                "inviter": row.link.user,
                "workspace": row.workspace,
                "may": MAY[Access(row.access)],
                "until": row.link.expires_at,
            },
            workspace=row.workspace,
            link=row.link,
        )
    return invited
