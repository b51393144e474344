"""Read-only links to a draft, for those who edit it: the list, a new one, and revoking one."""

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.matrices import drafts
from raci.matrices.models import DraftLink, Matrix
from raci.screens import guest_links
from raci.screens.asked import matrix_of, number, sender
from raci.screens.assessments.forms import UntilForm
from raci.screens.drafts import NEW
from raci.screens.frame import frame
from raci.web.fields import LineField
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.links import digest
from raci.workspaces.models import Access


class DraftLinkForm(UntilForm):
    lifetime = drafts.LIFETIME
    name = LineField(label="Who it is for", required=False, help_text="For your list; visitors do not see it.")
    field_order = ("name", "until")


@dataclass(frozen=True, slots=True)
class Line:
    """One link of the list, and whether the reader may revoke it."""

    draft: DraftLink
    may_revoke: bool


@requires(Access.EDITOR)
@require_GET
def draft_links(request: MemberRequest, matrix: int) -> HttpResponse:
    """Who can look at the draft without an account. A link that was just made is shown this once."""
    return _shown(request, matrix_of(request, matrix))


@requires(Access.EDITOR)
@require_POST
def draft_link_new(request: MemberRequest, matrix: int) -> HttpResponse:
    row, form = matrix_of(request, matrix), DraftLinkForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form, 422)
    name, until = form.cleaned_data["name"], form.cleaned_data["until"]
    try:
        made = drafts.make(matrix=row.pk, by=request.member, name=name, until=until, key=sender(request).key)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, refused.sentence)
        return _shown(request, row, form, 422)
    answer = redirect("draft_links", request.workspace.pk, row.pk)
    if made.token:
        guest_links.show_once(answer, NEW, made.token, answer.headers["Location"])
    return answer


@requires(Access.EDITOR)
@require_POST
def draft_link_revoke(request: MemberRequest, matrix: int) -> HttpResponse:
    drafts.revoke_draft(matrix=matrix, draft=number(request.POST.get("draft")), by=request.member)
    messages.success(request, "The link is revoked. Nobody comes in by it any more.")
    return redirect("draft_links", request.workspace.pk, matrix)


def _shown(
    request: MemberRequest, matrix: Matrix, refused: DraftLinkForm | None = None, status: int = 200
) -> HttpResponse:
    links = drafts.links_to(matrix)
    token = _new(request, links)
    context = frame(
        request,
        matrix,
        lines=[Line(draft, drafts.may_revoke(draft, request.member)) for draft in links.open],
        ended=links.ended,
        link=request.build_absolute_uri(reverse("draft_link", args=[token])) if token else "",
        form=refused or DraftLinkForm(),
        key=uuid4,
    )
    answer = render(request, "screens/draft_links.html", context, status=status)
    if token:
        guest_links.show_once(answer, NEW, "", reverse("draft_links", args=[request.workspace.pk, matrix.pk]))
    return answer


def _new(request: MemberRequest, links: drafts.Links) -> str:
    """The token of a link to this matrix that the reader has just made, "" where there is none to show."""
    token = request.COOKIES.get(NEW, "")
    return token if token and digest(token) in {draft.link.digest for draft in links.open} else ""
