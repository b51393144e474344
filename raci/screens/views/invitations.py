"""Invitations, for the owners who make them: by mail or by a link, again, and revoked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from raci.screens import inviting
from raci.screens.forms_members import InviteForm
from raci.screens.guest_links import show_once
from raci.web.refusals import Forbidden, Gone, Malformed, Refused
from raci.workspaces import invitations
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.invitations import Invited
from raci.workspaces.models import Access

from .members import NEW_LINK, members_shown


@requires(Access.OWNER)
@require_POST
def invitation_new(request: MemberRequest) -> HttpResponse:
    """Invites somebody. What is refused stands beside the form, with what was typed."""
    form = InviteForm(request.POST)
    if "way" in form.errors:
        raise Malformed
    if not form.is_valid():
        return members_shown(request, form, 422)
    chosen = form.cleaned_data
    try:
        invited = inviting.invite(
            by=request.member, email=chosen["email"], access=Access(chosen["access"]), until=chosen["until"]
        )
    except (Forbidden, Gone):
        raise
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return members_shown(request, form, refused.status)
    return _invited(request, invited)


@requires(Access.OWNER)
@require_POST
def invitation_again(request: MemberRequest, invitation: int) -> HttpResponse:
    """Sends it once more, with a new link; the earlier one is dead."""
    return _invited(request, inviting.invite_again(by=request.member, invitation=invitation))


@requires(Access.OWNER)
@require_POST
def invitation_revoke(request: MemberRequest, invitation: int) -> HttpResponse:
    row = invitations.revoke(by=request.member, invitation=invitation)
    whose = f"The invitation for {row.email}" if row.email else "The link"
    messages.success(request, f"{whose} is revoked. Nobody joins by it any more.")
    return _back(request)


def _invited(request: MemberRequest, invited: Invited) -> HttpResponse:
    """To the members, with the link of an invitation that goes by no mail."""
    answer = _back(request)
    if invited.token:
        show_once(answer, NEW_LINK, invited.token, answer.headers["Location"])
    else:
        messages.success(request, f"An invitation is on its way to {invited.invitation.email}.")
    return answer


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("members", workspace=request.workspace.pk)
