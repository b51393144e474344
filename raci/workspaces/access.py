"""Who may use a route inside a workspace. Every route is declared, with `requires` or one of `raci.web.routes`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from raci.grid.text import listed
from raci.web.errors import is_htmx
from raci.web.refusals import Forbidden, Gone
from raci.web.routes import View

from .models import Access, Member, Workspace


class MemberRequest(HttpRequest):
    """A request inside a workspace."""

    member: Member
    workspace: Workspace


def requires(needed: Access) -> Callable[[View], View]:
    """For routes that start with a workspace: its members with at least `needed` access.

    Strangers get the answer of a workspace that does not exist. Sets `request.workspace` and `request.member`.
    """

    def decorate(view: Callable[Concatenate[Any, ...], HttpResponseBase]) -> View:
        @wraps(view)
        def wrapped(request: MemberRequest, workspace: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.member = member_or_404(request, workspace)
            request.workspace = request.member.workspace
            if not request.member.may(needed):
                raise Forbidden(_refusal_of(request, needed))
            return view(request, *args, **kwargs)

        wrapped.access = needed  # type: ignore[attr-defined]
        return wrapped

    return decorate


def member_or_404(request: HttpRequest, workspace: int) -> Member:
    member = (
        Member.objects.select_related("workspace", "user")
        .filter(workspace_id=workspace, workspace__deleted_at=None, user_id=request.user.pk or 0)
        .first()
    )
    if member is None:
        raise Http404
    return member


def still(member: Member, needed: Access) -> Member:
    """The member as they are now, inside a transaction; who left since, or was demoted, is refused.

    The row is locked, so that whoever is demoted or removed changes nothing after that moment.
    """
    rows = Member.objects.select_for_update(of=("self",), no_key=True).select_related("workspace", "user")
    found = rows.filter(pk=member.pk, workspace_id=member.workspace_id, workspace__deleted_at=None).first()
    if found is None:
        raise Gone
    if not found.may(needed):
        raise Forbidden(refusal_for(found))
    return found


def lock(workspace: int) -> Workspace:
    """The workspace, its row locked inside a transaction: who is a member, and who an owner, changes one at a time.

    Whatever locks several rows does so in this order, or two could wait for each other: an account (`lock_user`, where
    it gets a membership or is deleted), workspaces, matrices, members; of each kind by id.
    """
    rows = Workspace.objects.select_for_update(no_key=True)
    found = rows.filter(pk=workspace, deleted_at=None).first()
    if found is None:
        raise Gone
    return found


def _refusal_of(request: MemberRequest, needed: Access) -> str:
    """Whoever only opens a page hears whose it is."""
    if request.method not in ("GET", "HEAD") or is_htmx(request):
        return refusal_for(request.member)
    allowed = [f"{access}s" for access in Access if access.covers(needed)]
    return f"Only {listed(allowed)} see this page."


def refusal_for(member: Member) -> str:
    """Why this member may not, and what to do; also the tooltip of a control that is off."""
    if member.may(Access.EDITOR):
        return "You are an editor here. Only an owner can do that; ask one."
    return f"You are a {member.get_access_display().lower()} here and can look, not change. Ask an owner for more."
