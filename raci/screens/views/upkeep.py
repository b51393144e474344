"""Review and upkeep: when an agreed matrix is looked at again, and confirming the rows that something happened to."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from raci.grid.text import counted
from raci.matrices.operations import Done
from raci.publishing import upkeeping
from raci.publishing.calendars import calendar_file, entry_of
from raci.publishing.upkeeping import LONGEST, SHORTEST, Confirmed
from raci.screens.answers import Toast
from raci.screens.asked import matrix_of, number_or_none, seen
from raci.screens.frame import came_from, frame
from raci.screens.upkeep_page import upkeep_page
from raci.web.errors import is_htmx
from raci.web.fields import LineField
from raci.web.refusals import Malformed
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .activities import panel_answer

CALENDAR = "text/calendar; charset=utf-8"  # what its files are
_KEYS = re.compile(r"[a-z0-9:,-]{1,20000}", re.ASCII)
_BETWEEN = f"Write a number of months from {SHORTEST} to {LONGEST}."


class IntervalForm(forms.Form):
    months = forms.IntegerField(
        label="Months between two reviews",
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _BETWEEN),
    )


class ChangedForm(forms.Form):
    why = LineField(
        label="What changed",
        what="reason",
        error_messages={"required": "Say what changed, in a line."},
        help_text="For example: we now sell through partners.",
    )


@requires(Access.VIEWER)
@require_GET
def upkeep(request: MemberRequest, matrix: int) -> HttpResponse:
    """The next review and why it is then, and the rows that need confirming."""
    return _shown(request, matrix)


@requires(Access.EDITOR)
@require_POST
def upkeep_interval(request: MemberRequest, matrix: int) -> HttpResponse:
    form = IntervalForm(request.POST)
    if not form.is_valid():
        return _shown(request, matrix, interval=form)
    months = form.cleaned_data["months"]
    upkeeping.set_interval(matrix=matrix, months=months, by=request.member)
    return _moved_on(request, matrix, f"It is reviewed every {f'{months} months' if months > 1 else 'month'} now.")


@requires(Access.EDITOR)
@require_POST
def upkeep_changed(request: MemberRequest, matrix: int) -> HttpResponse:
    """Says that strategy or culture changed, or (`withdraw` is sent) that it did not after all."""
    if "withdraw" in request.POST:
        upkeeping.withdraw_change(matrix=matrix, by=request.member)
        return _moved_on(request, matrix, "That is withdrawn. The review is due when it was before.")
    form = ChangedForm(request.POST)
    if not form.is_valid():
        return _shown(request, matrix, change=form)
    upkeeping.declare_changed(matrix=matrix, why=form.cleaned_data["why"], by=request.member)
    return _moved_on(request, matrix, "The review is due now, and every row needs confirming.")


@requires(Access.VIEWER)
@require_POST
def row_confirm(request: MemberRequest, matrix: int) -> HttpResponse:
    """Confirms the row `activity`, or without it all rows that are the reader's to confirm, for these `events`."""
    activity, keys = number_or_none(request.POST.get("activity")), request.POST.get("events", "")
    if not _KEYS.fullmatch(keys):
        raise Malformed
    done = upkeeping.confirm(
        matrix=matrix, by=request.member, events=keys.split(","), seen=seen(request), activity=activity
    )
    said = _said(done)
    if activity is not None and came_from(request) == "panel" and is_htmx(request):
        return panel_answer(request, Done(matrix_of(request, matrix), None), activity, said, saved="row")
    if is_htmx(request):
        page = upkeep_page(matrix_of(request, matrix), request.member)
        page.saved = page.behind(activity) if activity is not None else 0
        return render(request, "screens/upkeep.htmx.html", frame(request, page.matrix, page=page, toast=Toast(said)))
    messages.success(request, said)
    if activity is not None and came_from(request) in ("panel", "activity"):
        return redirect("activity", request.workspace.pk, matrix, activity)
    return redirect(f"{reverse('upkeep', args=[request.workspace.pk, matrix])}#confirm")


@requires(Access.VIEWER)
@require_GET
def review_ics(request: MemberRequest, matrix: int) -> HttpResponse:
    """The next review as a file that calendar programs take over."""
    row = matrix_of(request, matrix)
    entry = entry_of(row)
    if entry is None:
        raise Http404
    answer = HttpResponse(calendar_file([entry], name=f"Review of {row.name}"), content_type=CALENDAR)
    answer.headers["Content-Disposition"] = f'attachment; filename="review-{slugify(row.name)[:60] or row.pk}.ics"'
    return answer


def _said(done: Confirmed) -> str:
    if done.name:
        return f"Confirmed: “{done.name}” still stands."
    said = f"{counted(done.rows, 'row')} confirmed." if done.rows else "No row was confirmed."
    waits = "it waits" if done.changed == 1 else "they wait"
    return f"{said} {counted(done.changed, 'row')} changed since you looked, so {waits}." if done.changed else said


def _shown(
    request: MemberRequest, matrix: int, *, interval: IntervalForm | None = None, change: ChangedForm | None = None
) -> HttpResponse:
    page = upkeep_page(matrix_of(request, matrix), request.member)
    context: dict[str, Any] = {
        "page": page,
        "interval": interval or IntervalForm(initial={"months": page.months}),
        "change": change or ChangedForm(),
    }
    status = 422 if interval or change else 200
    return render(request, "screens/upkeep.html", frame(request, page.matrix, **context), status=status)


def _moved_on(request: MemberRequest, matrix: int, said: str) -> HttpResponse:
    messages.success(request, said)
    page = reverse("upkeep", args=[request.workspace.pk, matrix])
    return HttpResponseClientRedirect(page) if is_htmx(request) else redirect(page)
