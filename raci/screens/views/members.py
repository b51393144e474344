"""The members of a workspace: who they are, what they may, leaving, removal and handing over."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.screens import members_page, membership
from raci.screens.forms_members import AccessForm, InviteForm, MailForm
from raci.screens.guest_links import show_once
from raci.web.refusals import Malformed
from raci.workspaces import members as operations
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.invitations import opened_by
from raci.workspaces.models import Access, Mail, Member

NEW_LINK = "new_invitation"  # the cookie that hands the token of a new link to the page that shows it


@requires(Access.VIEWER)
@require_GET
def members(request: MemberRequest) -> HttpResponse:
    return members_shown(request)


@requires(Access.VIEWER)
@require_GET
def member(request: MemberRequest, member: int) -> HttpResponse:
    """One of them. For owners, with what they can do about them."""
    row = _member(request, member)
    is_reader = row.user_id == request.member.user_id
    context = {
        "member": row,
        "parts": members_page.person(row).parts,
        "is_reader": is_reader,
        "is_owner": request.member.may(Access.OWNER),
        "is_only_owner": is_reader and operations.is_only_owner(row),
        "form": AccessForm(initial={"access": row.access}),
    }
    return render(request, "screens/member.html", context)


@requires(Access.OWNER)
@require_POST
def member_access(request: MemberRequest, member: int) -> HttpResponse:
    form = AccessForm(request.POST)
    if not form.is_valid():
        raise Malformed
    access = Access(form.cleaned_data["access"])
    row = membership.change_access(by=request.member, member=member, access=access)
    is_reader = row.user_id == request.member.user_id
    messages.success(request, f"{'You are' if is_reader else f'{row.user} is'} {access.with_article} now.")
    return _back(request)


@requires(Access.OWNER)
@require_POST
def member_remove(request: MemberRequest, member: int) -> HttpResponse:
    row = membership.remove(by=request.member, member=member)
    messages.success(request, f"{row.user} is no member any more.")
    return _back(request)


@requires(Access.OWNER)
@require_POST
def member_hand_over(request: MemberRequest, member: int) -> HttpResponse:
    row = membership.hand_over(by=request.member, to=member)
    messages.success(request, f"{row.user} owns the workspace now. You are an editor.")
    return _back(request)


@requires(Access.VIEWER)
@require_POST
def member_leave(request: MemberRequest) -> HttpResponse:
    operations.leave(by=request.member)
    messages.success(request, f"You have left “{request.workspace}”.")
    return redirect("home")


@requires(Access.VIEWER)
@require_POST
def member_mail(request: MemberRequest) -> HttpResponse:
    form = MailForm(request.POST)
    if not form.is_valid():
        raise Malformed
    mail = Mail(form.cleaned_data["mail"])
    operations.choose_mail(by=request.member, mail=mail)
    said = {
        Mail.AT_ONCE: "You get mail from here at once.",
        Mail.DAILY: "You get mail from here once a day.",
        Mail.NEVER: "You get no mail from here.",
    }
    messages.success(request, said[mail])
    return _back(request)


def members_shown(request: MemberRequest, refused: InviteForm | None = None, status: int = 200) -> HttpResponse:
    """The page; `refused` is an invitation that was not made."""
    is_owner, people = request.member.may(Access.OWNER), members_page.people(request.workspace)
    link = _new_link(request) if is_owner else ""
    context: dict[str, Any] = {
        "people": people,
        "me": request.member,
        "is_owner": is_owner,
        "is_only_owner": is_owner and [one.member.access for one in people].count(Access.OWNER) == 1,
        "is_alone": len(people) == 1,
        "pending": members_page.pending(request.workspace) if is_owner else [],
        "link": link,
        "form": refused or InviteForm(),
        "mail_form": MailForm(initial={"mail": request.member.mail}),
    }
    answer = render(request, "screens/members.html", context, status=status)
    if link:
        show_once(answer, NEW_LINK, "", reverse("members", args=[request.workspace.pk]))
    return answer


def _new_link(request: MemberRequest) -> str:
    """The address of a link that was just made here, "" where there is none to show."""
    token = request.COOKIES.get(NEW_LINK, "")
    found = opened_by(token)
    is_its_own = found is not None and found.workspace_id == request.workspace.pk
    return request.build_absolute_uri(reverse("invitation_link", args=[token])) if is_its_own else ""


def _member(request: MemberRequest, member: int) -> Member:
    """A member of this workspace, or the same 404 as for one that does not exist."""
    rows = Member.objects.select_related("user").filter(workspace=request.workspace, pk=member)
    row = rows.first()
    if row is None:
        raise Http404
    row.workspace = request.workspace
    return row


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("members", workspace=request.workspace.pk)
