"""What stays open after a review, and looking back on what was published."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from raci.grid.text import counted, day
from raci.reviews import follow_ups, look_backs
from raci.screens.asked import matrix_of, number
from raci.screens.frame import frame, open_matrix
from raci.screens.reviews.forms import HandOverForm, SettleForm
from raci.screens.reviews.look_back_page import look_back_page, wrong_in
from raci.screens.reviews.page import reviews_page
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.members import by_name
from raci.workspaces.models import Access

from .reviews import reviews_shown


@requires(Access.VIEWER)
@require_POST
def open_settle(request: MemberRequest, matrix: int) -> HttpResponse:
    """Says what came of the `decision`. Editors may, and whoever it was handed to."""
    decision, form = number(request.POST.get("decision")), SettleForm(request.POST)
    if not form.is_valid():
        page = reviews_page(matrix_of(request, matrix), request.member, decision)
        return reviews_shown(request, page, settle=form)
    row = follow_ups.settle(matrix=matrix, decision=decision, by=request.member, outcome=form.cleaned_data["outcome"])
    messages.success(request, f"“{row.name}” is settled.")
    return _back(request, matrix)


@requires(Access.VIEWER)
@require_POST
def open_hand_over(request: MemberRequest, matrix: int) -> HttpResponse:
    """Somebody else, or another day. Editors may, and whoever it was handed to."""
    decision = number(request.POST.get("decision"))
    form = HandOverForm(request.POST, members=by_name(request.workspace.pk))
    if not form.is_valid():
        page = reviews_page(matrix_of(request, matrix), request.member, decision)
        return reviews_shown(request, page, hand_over=form)
    said = form.cleaned_data
    row = follow_ups.hand_over(
        matrix=matrix,
        decision=decision,
        by=request.member,
        owner=said["owner"],
        owner_name=said["owner_name"],
        due=said["due"],
        seen=request.POST.get("seen", ""),
    )
    who = row.owner or row.owner_name
    messages.success(request, f"{who} sees to “{row.name}” by {day(said['due'])}.")
    return _back(request, matrix)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def look_back(request: MemberRequest, matrix: int) -> HttpResponse:
    """Which rows of the latest version turned out wrong."""
    if request.method == "GET":
        page = look_back_page(matrix_of(request, matrix))
        return render(request, "screens/look_back.html", frame(request, page.matrix, page=page))
    row = open_matrix(request, matrix)
    said = look_backs.look_back(
        matrix=row.pk, by=request.member, version=number(request.POST.get("version")), wrong=wrong_in(request.POST)
    )
    wrong = len(said.wrong)
    rows = f"{counted(wrong, 'row')} turned out wrong; the next agenda has {'it' if wrong == 1 else 'them'}."
    messages.success(request, f"Noted: {rows}" if wrong else "Noted: no row turned out wrong.")
    return redirect("reviews", request.workspace.pk, matrix)


def _back(request: MemberRequest, matrix: int) -> HttpResponse:
    return redirect(f"{reverse('reviews', args=[request.workspace.pk, matrix])}#open")
