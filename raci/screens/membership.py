"""Who belongs to a workspace, changed so that those concerned hear of it: written with the change, in its transaction.

What their mails say is made before anything is locked.
"""

from django.db import transaction
from django.urls import reverse

from raci.accounts.models import User
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.notices.outbox import put, write
from raci.workspaces import invitations, members
from raci.workspaces.invitations import Joined
from raci.workspaces.models import Access, AuditEvent, Mail, Member


@transaction.atomic
def change_access(*, by: Member, member: int, access: Access) -> Member:
    """Tells the member what they may from now on, unless they did it themselves."""
    row = members.change_access(by=by, member=member, access=access)
    text = f"{sign_of(by.user)} made you {access.with_article} in “{row.workspace}”."
    _notify_of_the_last(row, "member.access", by, text)
    return row


@transaction.atomic
def hand_over(*, by: Member, to: int) -> Member:
    """Tells the new owner."""
    row = members.hand_over(by=by, to=to)
    text = f"{sign_of(by.user)} handed “{row.workspace}” over to you: you own it now."
    _notify_of_the_last(row, "workspace.handed_over", by, text)
    return row


def remove(*, by: Member, member: int) -> Member:
    """Mails whoever was taken out, who has no place for a notice any more, unless they want no mail from there.

    The mail is none of the workspace: whoever is no member gets none from there.
    """
    letter = write("member_removed", {"by": sign_of(by.user), "workspace": by.workspace})
    with transaction.atomic():
        row = members.remove(by=by, member=member)
        if row.mail != Mail.NEVER and row.user.is_active:
            put(letter, to=row.user.email, user=row.user, key=f"removed:{row.pk}")
    return row


@transaction.atomic
def accept(*, by: User, token: str) -> Joined:
    """Tells the owners who joined, once."""
    joined = invitations.accept(by=by, token=token)
    if joined.was_there:
        return joined
    newcomer = joined.member
    text = f"{sign_of(by)} joined “{newcomer.workspace}” as {Access(newcomer.access).with_article}."
    owners = Member.objects.filter(workspace=newcomer.workspace_id, access=Access.OWNER).exclude(pk=newcomer.pk)
    notify(*owners, text=text, url=reverse("members", args=[newcomer.workspace_id]), key=f"joined:{newcomer.pk}")
    return joined


def _notify_of_the_last(row: Member, kind: str, by: Member, text: str) -> None:
    """The entry in the audit log tells one change from another, and a change from none."""
    last = AuditEvent.objects.filter(workspace=row.workspace_id, kind=kind, whom=row.user_id).order_by("-pk").first()
    if last is None or row.user_id == by.user_id:
        return
    notify(row, text=text, url=reverse("matrices", args=[row.workspace_id]), key=f"audit:{last.pk}")
