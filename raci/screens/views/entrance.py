"""The ways in: the front door, and the one-use link that a server started by hand prints."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from raci.web.routes import anyone, signed_in
from raci.workspaces.links import find_open, use_up
from raci.workspaces.models import Link, Member

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The one workspace of whoever is signed in, or the list of them."""
    own = Member.objects.filter(user_id=request.user.pk or 0, workspace__deleted_at=None)
    found = list(own.values_list("workspace", flat=True)[:2])
    return redirect("matrices", workspace=found[0]) if len(found) == 1 else redirect("workspaces")


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Signs in once. Looking at the page uses nothing up, so a preview of the link does no harm.

    No second factor is asked for: whoever reads the link where it is printed can read the database as well.
    """
    answer = _redeem(request, token)
    answer.headers["Cache-Control"] = "no-store"  # its address is a secret
    return answer


def _redeem(request: HttpRequest, token: str) -> HttpResponse:
    link = find_open(Link.Purpose.SIGN_IN, token)
    if link is None:
        return render(request, "screens/sign_in_link_gone.html", status=410)
    if request.method != "POST":
        return render(request, "screens/sign_in_link.html")
    if not link.user.is_active or not use_up(link):
        raise Http404
    login(request, link.user, backend=BACKEND)
    UserSession.objects.create_from_request(request)  # as allauth's own sign-in does, so that it is listed
    return redirect("home")
