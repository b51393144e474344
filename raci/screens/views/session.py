"""A session on the projector, and on the devices of those who follow it."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from raci.reviews import sessions
from raci.reviews.models import Review
from raci.screens.asked import number, number_or_none
from raci.screens.frame import frame
from raci.screens.reviews.agenda_rows import proposed
from raci.screens.session.answers import answer, moved_on
from raci.screens.session.page import review_of, session_page
from raci.screens.session.present import came_to
from raci.web import bell
from raci.web.refusals import Conflict
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

Operation = Callable[..., sessions.Session]


@requires(Access.VIEWER)
@require_GET
def session(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    page = session_page(request, review_of(request, matrix, review))
    return render(request, "screens/session.html", frame(request, page.matrix, page=page))


@requires(Access.VIEWER)
@require_GET
def session_now(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Where the session is, for a page that shows the step `after`, the matrix at `revision` and how many `came`. 204
    where it is still there."""
    row = review_of(request, matrix, review)
    shown = [number_or_none(request.GET.get(name)) for name in ("after", "revision", "came")]
    if shown == [row.step, row.matrix.revision, came_to(row)]:
        return HttpResponse(status=204)
    page = session_page(request, row)
    response = render(request, "screens/session.htmx.html", frame(request, page.matrix, page=page))
    response.headers["X-Step"] = str(row.step)
    return response


@requires(Access.VIEWER)
@require_POST
def session_here(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """The reader follows it now. Who was asked to it has come, which the others see."""
    if sessions.follow(matrix=matrix, review=review_of(request, matrix, review).pk, by=request.member):
        bell.ring(f"matrix-{matrix}")
        bell.ring_others(f"matrix-{matrix}")
    return HttpResponse(status=204)


@requires(Access.EDITOR)
@require_POST
def session_start(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Begins; an agenda that nobody changed is made anew from the evidence."""
    row = review_of(request, matrix, review)
    return _done(request, row, sessions.start, rows=proposed(row.matrix, row.poll).rows)


@requires(Access.EDITOR)
@require_POST
def session_pause(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    return _done(request, review_of(request, matrix, review), sessions.pause)


@requires(Access.EDITOR)
@require_POST
def session_resume(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    return _done(request, review_of(request, matrix, review), sessions.resume)


@requires(Access.EDITOR)
@require_POST
def session_move(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Goes to the item `to`: one of the agenda, the next, the previous, or the rest."""
    return _done(request, review_of(request, matrix, review), sessions.move, to=request.POST.get("to", ""))


def _done(request: MemberRequest, review: Review, operation: Operation, **more: object) -> HttpResponse:
    """Does it, unless the session went on since the sender's page; then says where it is now, and that nothing was
    done."""
    seen = number(request.POST.get("step"))
    try:
        done = operation(matrix=review.matrix_id, review=review.pk, by=request.member, seen=seen, **more)
    except Conflict as conflict:
        return answer(request, review.matrix_id, review.pk, refusal=conflict.sentence)
    return answer(request, review.matrix_id, review.pk, refusal=moved_on(done) if done.is_late else "")
