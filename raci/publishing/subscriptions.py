"""Links by which a member's own calendar program reads when matrices are to be reviewed: one for each member, open
until it is revoked or they leave. The token stays in the address, for such a program keeps no cookie."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from raci.workspaces.access import still
from raci.workspaces.links import NO_END, digest, is_token, make_link, open_links
from raci.workspaces.models import Access, Link, Member


@transaction.atomic
def subscribe(*, by: Member) -> str:
    """The token of a new link, which is not kept; the link they had leads nowhere from now on."""
    by = still(by, Access.VIEWER)
    _revoke(by)
    return make_link(purpose=Link.Purpose.CALENDAR, workspace=by.workspace, by=by.user, until=NO_END)[1]


@transaction.atomic
def unsubscribe(*, by: Member) -> None:
    """The link they have leads nowhere from now on; without one nothing changes."""
    _revoke(still(by, Access.VIEWER))


def link_of(member: Member) -> Link | None:
    """The link they have; one query."""
    return open_links().filter(_own(member)).order_by("-pk").first()


def opened_by(token: str) -> Link | None:
    """The link with this token, with its workspace, if it can be used; one query."""
    if not is_token(token):
        return None
    rows = open_links().select_related("workspace")
    return rows.filter(purpose=Link.Purpose.CALENDAR, digest=digest(token)).first()


def _revoke(member: Member) -> None:
    Link.objects.filter(_own(member), revoked_at=None).update(revoked_at=timezone.now())


def _own(member: Member) -> Q:
    return Q(purpose=Link.Purpose.CALENDAR, workspace=member.workspace_id, user=member.user_id)
