"""What members hear when somebody changes who belongs to a workspace: written with the change, in its transaction."""

from django.db import transaction
from django.urls import reverse

from raci.accounts.models import User
from raci.notices.models import PERSON
from raci.notices.notices import notify
from raci.notices.outbox import post
from raci.workspaces import invitations, members
from raci.workspaces.invitations import Joined
from raci.workspaces.models import Access, AuditEvent, Mail, Member


@transaction.atomic
def change_access(*, by: Member, member: int, access: Access) -> Member:
    """Tells the member what they may from now on, unless they did it themselves."""
    row = members.change_access(by=by, member=member, access=access)
    _tell_of_the_last(row, "member.access", by, f"{PERSON} made you {_an(access)} in “{row.workspace}”.")
    return row


@transaction.atomic
def hand_over(*, by: Member, to: int) -> Member:
    """Tells the new owner."""
    row = members.hand_over(by=by, to=to)
    text = f"{PERSON} handed “{row.workspace}” over to you: you own it now."
    _tell_of_the_last(row, "workspace.handed_over", by, text)
    return row


@transaction.atomic
def remove(*, by: Member, member: int) -> Member:
    """Mails whoever was taken out, who has no place for a notice any more, unless they want no mail from there."""
    row = members.remove(by=by, member=member)
    if row.mail != Mail.NEVER and row.user.is_active:
        context = {"by": by.user, "workspace": row.workspace}
        post(
            to=row.user.email,
            mail="member_removed",
            context=context,
            user=row.user,
            key=f"removed:{row.pk}",
            workspace=row.workspace,
        )
    return row


@transaction.atomic
def accept(*, by: User, token: str) -> Joined:
    """Tells the owners who joined, once."""
    joined = invitations.accept(by=by, token=token)
    if joined.was_there:
        return joined
    newcomer = joined.member
    text = f"{PERSON} joined “{newcomer.workspace}” as {_an(Access(newcomer.access))}."
    owners = Member.objects.filter(workspace=newcomer.workspace_id, access=Access.OWNER).exclude(pk=newcomer.pk)
    for owner in owners:
        url = reverse("members", args=[newcomer.workspace_id])
        notify(member=owner, text=text, url=url, key=f"joined:{newcomer.pk}", who=by)
    return joined


def _tell_of_the_last(row: Member, kind: str, by: Member, text: str) -> None:
    """The entry in the audit log tells one change from another, and a change from none."""
    last = AuditEvent.objects.filter(workspace=row.workspace_id, kind=kind, whom=row.user_id).order_by("-pk").first()
    if last is None or row.user_id == by.user_id:
        return
    url = reverse("matrices", args=[row.workspace_id])
    notify(member=row, text=text, url=url, key=f"audit:{last.pk}", who=by.user)


def _an(access: Access) -> str:
    return f"{'an' if access.label[0] in 'EO' else 'a'} {access.label.lower()}"
