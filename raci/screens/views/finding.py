"""Who do I ask about …? Asked of everything that is published in a workspace."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from raci.screens.asked import notation, question_asked
from raci.screens.finding_page import ask
from raci.web.errors import is_htmx
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def find(request: MemberRequest) -> HttpResponse:
    """The page; while somebody types, its answers alone."""
    page = ask(request.workspace, question_asked(request), notation(request))
    template = "screens/find.htmx.html" if is_htmx(request) else "screens/find.html"
    return render(request, template, {"page": page, "can_edit": request.member.may(Access.EDITOR)})
