"""The agenda of a session: adding an activity, leaving one out, their order, and making it anew from the evidence."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from raci.grid.text import counted
from raci.reviews import agendas
from raci.reviews.agendas import Made
from raci.screens.answers import Toast
from raci.screens.asked import matrix_of, next_page, number
from raci.screens.frame import frame
from raci.screens.reviews.agenda_rows import proposed
from raci.web.errors import is_htmx
from raci.web.refusals import Malformed
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .reviews import page_of, review_of

UP, DOWN = "up", "down"


@requires(Access.EDITOR)
@require_POST
def agenda_add(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    activity = number(request.POST.get("activity"))
    item = agendas.add(matrix=matrix, review=review, by=request.member, activity=activity)
    return _arranged(request, matrix, review, f"“{item.name}” is on the agenda.")


@requires(Access.EDITOR)
@require_POST
def agenda_remove(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    activity = number(request.POST.get("activity"))
    item = agendas.remove(matrix=matrix, review=review, by=request.member, activity=activity)
    said = f"“{item.name}” is left out." if item else "That was left out before."
    return _arranged(request, matrix, review, said, is_removed=True)


@requires(Access.EDITOR)
@require_POST
def agenda_move(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Puts it one place `up` or `down`."""
    to = request.POST.get("to")
    if to not in (UP, DOWN):
        raise Malformed
    item = agendas.move(
        matrix=matrix,
        review=review,
        by=request.member,
        activity=number(request.POST.get("activity")),
        up=to == UP,
        seen=number(request.POST.get("seen")),
    )
    return _arranged(request, matrix, review, f"“{item.name}” is now number {item.position}.")


@requires(Access.EDITOR)
@require_POST
def agenda_make(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Makes it anew from the evidence; what somebody put there stays."""
    row = matrix_of(request, matrix)
    rows = proposed(row, review_of(row, review).poll).rows
    seen = number(request.POST.get("seen"))
    made = agendas.make(matrix=matrix, review=review, by=request.member, rows=rows, seen=seen)
    return _arranged(request, matrix, review, _said(made))


def _said(made: Made) -> str:
    if not made.came and not made.went:
        return "The agenda is made anew. The same rows are on it."
    came = f"{counted(len(made.came), 'row')} came" if made.came else "no row came"
    went = f"{counted(len(made.went), 'row')} went" if made.went else "none went"
    return f"The agenda is made anew: {came}, {went}."


def _arranged(request: MemberRequest, matrix: int, review: int, said: str, *, is_removed: bool = False) -> HttpResponse:
    if not is_htmx(request):
        messages.success(request, said)
        return redirect(next_page(request, f"{reverse('review', args=[request.workspace.pk, matrix, review])}#agenda"))
    page = page_of(request, matrix, review)
    context = frame(request, page.matrix, page=page, review=page.review, toast=Toast(said), is_removed=is_removed)
    return render(request, "screens/agenda.htmx.html", context)
