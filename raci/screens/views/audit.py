"""The audit log of a workspace, for its owners."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from raci.screens.asked import number_or_none
from raci.screens.audit import lines
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.OWNER)
@require_GET
def audit(request: MemberRequest) -> HttpResponse:
    """Newest first; `before` is where a later page begins."""
    before = number_or_none(request.GET.get("before"))
    found, older = lines(request.workspace, before)
    context = {"lines": found, "older": older, "newest": before is None}
    return render(request, "screens/audit.html", context)
