"""How what a facilitator does is answered: in place with where the session is now, without a script by its page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from raci.reviews.sessions import LIVE, Session
from raci.reviews.states import ReviewState
from raci.screens.frame import frame
from raci.web.errors import is_htmx
from raci.workspaces.access import MemberRequest

from .page import review_of, session_page

DECIDED = "remit:decided"  # tells the page that what its dialog asked is answered


def answer(request: MemberRequest, matrix: int, review: int, *, refusal: str = "", status: int = 409) -> HttpResponse:
    """Where the session is now. `refusal` says why nothing was done; then `status` does, too, but where the answer is
    the way to its page."""
    if not is_htmx(request):
        if refusal:
            messages.warning(request, refusal)
        return redirect(reverse("session", args=[request.workspace.pk, matrix, review]))
    page = session_page(request, review_of(request, matrix, review), refusal=refusal)
    shown = frame(request, page.matrix, page=page)
    response = render(request, "screens/session.htmx.html", shown, status=status if refusal else 200)
    return response if refusal else trigger_client_event(response, DECIDED)


def moved_on(session: Session) -> str:
    """What whoever came too late reads."""
    if session.review.state == ReviewState.PLANNED:
        return "Its agenda was changed since you looked. The session has not begun; look again, then start it."
    if session.review.state not in LIVE:
        return "The session went on since you looked. Nothing was changed."
    where = f"“{session.current.name}” is on the screen" if session.current else "the rest is on the screen"
    return f"Somebody moved on a moment before: {where}. Nothing was changed."
