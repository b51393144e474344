"""How it is with the work of an activity, set by hand."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from raci.grid.text import day
from raci.matrices.operations import Done
from raci.reviews import healths
from raci.reviews.evidence import polled_on
from raci.reviews.health import Question
from raci.screens.activity_page import ActivityPage, activity_page
from raci.screens.answers import UNDO, Toast
from raci.screens.asked import matrix_of, number_or_none
from raci.screens.frame import came_from, frame, open_matrix
from raci.screens.health_page import PART, HealthForm, new_form
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Malformed
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .activities import panel_answer


@requires(Access.EDITOR)
@require_POST
def activity_health(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """Sets the answer to one question; with `undo` in the address, the one it names is taken back."""
    if "undo" in request.GET:
        question = _question(request.GET.get("undo", ""))
        healths.take_back(
            matrix=matrix,
            by=request.member,
            activity=activity,
            question=question,
            entry=request.GET.get("entry", ""),
        )
        return _answered(request, matrix, activity, question, "Taken back: what was known before stands again.")
    question = _question(request.POST.get("question", ""))
    form = new_form(question, request.POST, panel=_is_panel(request))
    if not form.is_valid():
        return _refused(request, matrix, activity, question, form, 422)
    try:
        entry = healths.set_health(
            matrix=matrix, by=request.member, activity=activity, change=_change(request, question, form)
        )
    except Conflict as conflict:
        open_matrix(request, matrix)  # an archived one says its own
        form.add_error(None, conflict.sentence)
        return _refused(request, matrix, activity, question, form, conflict.status)
    return _answered(request, matrix, activity, question, _said(request, matrix, entry), entry["at"])


def _change(request: MemberRequest, question: Question, form: HealthForm) -> healths.Change:
    return healths.Change(
        question=question,
        seen=request.POST.get("entry", ""),
        lead=number_or_none(request.POST.get("lead")),
        **form.cleaned_data,
    )


def _question(said: str) -> Question:
    try:
        return Question(said)
    except ValueError as error:
        raise Malformed from error


def _said(request: MemberRequest, matrix: int, entry: healths.Entry) -> str:
    """What was set, and that it does not show where the last poll is newer."""
    polled = polled_on(matrix_of(request, matrix))
    if polled and entry["on"] < polled.isoformat():
        return f"Noted. What the poll of {day(polled)} says is newer, so that stands where it was asked."
    return "Noted."


def _answered(
    request: MemberRequest, matrix: int, activity: int, question: Question, text: str, entry: str = ""
) -> HttpResponse:
    """The panel or the page again, with the toast. `entry` is what its Undo takes back."""
    undo = ""
    if entry:
        address = reverse("activity_health", args=[request.workspace.pk, matrix, activity])
        place = {"from": "panel"} if _is_panel(request) else {}
        undo = f"{address}?{urlencode({'undo': question.value, 'entry': entry, **place})}"
    if _is_panel(request):
        toast = Toast(text, undo, in_panel=True)
        return panel_answer(
            request, Done(matrix_of(request, matrix), None), activity, saved=PART + question, toast=toast
        )
    messages.success(request, text, extra_tags=f"{UNDO} {undo}" if undo else "")
    page = reverse("activity", args=[request.workspace.pk, matrix, activity])
    return redirect(f"{page}#health")


def _refused(
    request: MemberRequest, matrix: int, activity: int, question: Question, form: HealthForm, status: int
) -> HttpResponse:
    """The question open again, with what was typed and what is wrong with it."""
    part = PART + question
    row, in_panel = matrix_of(request, matrix), _is_panel(request)
    page: ActivityPage = activity_page(request, row, activity, panel=in_panel, edit=part, refused={part: form})
    template = "screens/panel.htmx.html" if in_panel else "screens/activity.html"
    return render(request, template, frame(request, row, page=page), status=status)


def _is_panel(request: MemberRequest) -> bool:
    return came_from(request) == "panel" and is_htmx(request)
