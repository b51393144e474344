"""Accepting an invitation. Looking uses nothing up: a mail that is scanned or previewed does no harm."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from raci.accounts.models import User
from raci.screens import guest_links, membership
from raci.screens.inviting import MAY
from raci.web.refusals import Forbidden, Gone
from raci.web.routes import anyone
from raci.workspaces import invitations
from raci.workspaces.models import Access, Invitation, Link, Member
from raci.workspaces.signup import INVITED

GONE = "screens/invitation_gone.html"
OWN = "invitation"  # the cookie for the page of an invitation; another goes to sign-up


@anyone
@require_safe
def invitation_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where an invitation leads. The token moves into a cookie, so that it stands in no address from here on."""
    found = invitations.opened_by(link)
    if found is None:
        return guest_links.without_address(_dead(request, link))
    answer = redirect("invitation", invitation=found.pk)
    for name, place in _places(found.pk).items():
        guest_links.keep(answer, name, link, place, found.link.expires_at - timezone.now())
    return guest_links.without_address(answer)


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, invitation: int) -> HttpResponse:
    """Says who invites, into what, and as what; joins. Whoever is signed in as somebody else hears only that."""
    token = request.COOKIES.get(OWN, "")
    found = invitations.opened_by(token)
    if found is None or found.pk != invitation:
        return _dead(request, token)
    if isinstance(request.user, User) and not invitations.is_for(found, request.user.email):
        return _for_another(request)
    if request.method == "POST":
        return guest_links.unlisted(_join(request, found.pk, token))
    return guest_links.unlisted(render(request, "screens/invitation.html", _told(request, found)))


def _join(request: HttpRequest, invitation: int, token: str) -> HttpResponse:
    if not isinstance(request.user, User):
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{_next(request)}")
    try:
        joined = membership.accept(by=request.user, token=token)
    except Gone:  # used or revoked since the page was opened
        return guest_links.gone(request, GONE)
    except Forbidden:
        return _for_another(request)
    where = joined.member.workspace
    said = f"You were a member of “{where}” already." if joined.was_there else f"Welcome to “{where}”."
    messages.success(request, said)
    answer = redirect("matrices", workspace=where.pk)
    for name, place in _places(invitation).items():
        guest_links.forget(answer, name, place)
    return answer


def _told(request: HttpRequest, found: Invitation) -> dict[str, Any]:
    signed_in = isinstance(request.user, User)
    there = Member.objects.filter(workspace=found.workspace, user=request.user.pk or 0).first()
    return {
        "invitation": found,
        "inviter": found.link.user,
        "may": MAY[Access(found.access)],
        "signed_in": signed_in,
        "there": there,
        "is_nowhere": signed_in and not Member.objects.filter(user=request.user.pk or 0).exists(),
        "next": _next(request),
    }


def _next(request: HttpRequest) -> str:
    return urlencode({"next": request.path})


def _dead(request: HttpRequest, token: str) -> HttpResponse:
    """The same for one that is unknown, ended, revoked or used, and for one of another workspace. Guesses count."""
    return guest_links.turned_away(request, Link.Purpose.INVITATION, token, GONE)


def _for_another(request: HttpRequest) -> HttpResponse:
    """Nothing about the workspace: whoever is signed in was not invited to it."""
    return guest_links.unlisted(render(request, "screens/invitation_other.html", status=403))


def _places(invitation: int) -> dict[str, str]:
    """The cookies with the token, each with the page it is for."""
    return {OWN: reverse("invitation", args=[invitation]), INVITED: reverse("account_signup")}
