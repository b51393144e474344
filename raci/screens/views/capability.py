"""What each role carries and how many it is, how well it can lead what it leads, and leading elsewhere for now."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.grid.grid import Activity, Grid
from raci.grid.text import day
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.reviews import ratings
from raci.reviews.capability import Way, options
from raci.reviews.elsewhere import Followed, departing_from
from raci.reviews.elsewhere import lead_elsewhere as lead_elsewhere_for_now
from raci.reviews.evidence import evidence_read, result_read
from raci.screens.answers import UNDO, changed
from raci.screens.asked import matrix_of, notation, number, number_or_none, posted, seen, sender
from raci.screens.capability_page import CapabilityPage, ElsewhereForm, RatingForm, rating_form
from raci.screens.frame import frame, open_matrix
from raci.screens.sources import followed
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def capability(request: MemberRequest, matrix: int) -> HttpResponse:
    """The page; `rate` opens the form of one activity, `help` what can be done about its Lead."""
    row = matrix_of(request, matrix)
    asked = {name: number_or_none(request.GET.get(name)) or 0 for name in ("rate", "help")}
    page = _page(request, row, rating=asked["rate"], helping=asked["help"])
    return render(request, "screens/capability.html", frame(request, row, page=page))


@requires(Access.VIEWER)
@require_POST
def capability_rate(request: MemberRequest, matrix: int) -> HttpResponse:
    """Rates a role on an activity that it leads; with `undo` in the address, the rating it names is taken back."""
    activity, role = number(request.POST.get("activity") or request.GET.get("activity")), _role(request)
    if "undo" in request.GET:
        rating = request.GET["undo"]
        ratings.take_back(matrix=matrix, by=request.member, activity=activity, role=role, rating=rating)
        return _rated(request, matrix, activity, "Taken back.")
    form = rating_form(request.POST)
    if not form.is_valid():
        return _not_rated(request, matrix, activity, form, 422)
    rated = ratings.Rated(seen=request.POST.get("entry", ""), **form.cleaned_data)
    try:
        kept = ratings.rate(matrix=matrix, by=request.member, activity=activity, role=role, rated=rated)
    except Conflict as conflict:
        open_matrix(request, matrix)  # an archived one says its own
        form.add_error(None, conflict.sentence)
        return _not_rated(request, matrix, activity, form, conflict.status)
    way_back = urlencode({"undo": kept["at"], "activity": activity, "role": role})
    undo = f"{reverse('capability_rate', args=[request.workspace.pk, matrix])}?{way_back}"
    return _rated(request, matrix, activity, "Noted.", undo)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def lead_elsewhere(request: MemberRequest, matrix: int) -> HttpResponse:
    """Asks which other role leads an activity for now, why and until when, and moves its Lead there."""
    row = open_matrix(request, matrix)
    grid, activity = _led(row, number(request.POST.get("activity") or request.GET.get("activity")))
    form = _form(request, row, grid, activity)
    if request.method == "GET" or not form.is_valid():
        return _ask(request, row, grid, activity, form, 200 if request.method == "GET" else 422)
    to, until = form.cleaned_data["role"], form.cleaned_data["until"]
    try:
        done = lead_elsewhere_for_now(
            matrix=matrix,
            sender=sender(request),
            activity=activity.id,
            to=to,
            reason=form.cleaned_data["reason"],
            until=until,
            departing=departing_from(grid, followed(row), activity.id, to),
            followed=Followed(row.culture_id, row.house_id),
            seen=seen(request),
        )
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return _not_moved(request, matrix, activity.id, refused)
    names, words = {role.id: role.name for role in grid.roles}, notation(request).words
    former = names[grid.lead(activity.id) or 0]
    said = f"{names[to]} {words.leads} “{activity.name}” until {day(until)}; {former} moved to {words.support}."
    return changed(request, done, _at(request, matrix, activity.id), said if done.change else "")


def _page(request: MemberRequest, matrix: Matrix, *, rating: int = 0, helping: int = 0) -> CapabilityPage:
    grid = read_grid(matrix, stages=False)
    return CapabilityPage(matrix, grid, notation(request), request.member, rating=rating, helping=helping)


def _role(request: MemberRequest) -> int:
    return number(request.POST.get("role") or request.GET.get("role"))


def _rated(request: MemberRequest, matrix: int, activity: int, text: str, undo: str = "") -> HttpResponse:
    messages.success(request, text, extra_tags=f"{UNDO} {undo}" if undo else "")
    return redirect(_at(request, matrix, activity))


def _not_rated(request: MemberRequest, matrix: int, activity: int, form: RatingForm, status: int) -> HttpResponse:
    """The form open again, with what was chosen and what is wrong with it."""
    page = _page(request, matrix_of(request, matrix), rating=activity)
    if activity not in {row.id for row in page.grid.activities}:
        raise Http404
    page.form = form
    return render(request, "screens/capability.html", frame(request, page.matrix, page=page), status=status)


def _form(request: MemberRequest, matrix: Matrix, grid: Grid, activity: Activity) -> ElsewhereForm:
    lead, likely = grid.lead(activity.id), _likely(matrix, grid, activity.id)
    return ElsewhereForm(posted(request), grid=grid, lead=lead, likely=likely, auto_id="lead-%s")


def _not_moved(request: MemberRequest, matrix: int, activity: int, refused: Refused) -> HttpResponse:
    """The question again about the matrix as it is now, with what was typed and why nothing was changed."""
    row = open_matrix(request, matrix)
    grid, found = _led(row, activity)
    form = _form(request, row, grid, found)
    form.add_error(None, refused.sentence)
    return _ask(request, row, grid, found, form, refused.status)


def _ask(
    request: MemberRequest, matrix: Matrix, grid: Grid, activity: Activity, form: ElsewhereForm, status: int
) -> HttpResponse:
    context = frame(
        request,
        matrix,
        heading="Another role for now",
        action=request.path,
        cancel=_at(request, matrix.pk, activity.id),
        form=form,
        activity=activity,
        lead=next(role for role in grid.roles if role.id == grid.lead(activity.id)),
        reference=followed(matrix),
    )
    return render(request, "screens/lead_elsewhere.html", context, status=status)


def _led(matrix: Matrix, activity: int) -> tuple[Grid, Activity]:
    """The matrix and an activity of it that somebody leads."""
    grid = read_grid(matrix, stages=False)
    found = next((row for row in grid.activities if row.id == activity), None)
    if found is None:
        raise Http404
    if grid.lead(activity) is None:
        raise Conflict("Nobody answers for it, so there is nobody to lead it in place of. Set its levels instead.")
    return grid, found


def _likely(matrix: Matrix, grid: Grid, activity: int) -> tuple[int, ...]:
    """The roles that come to mind to lead it."""
    found = options(grid, activity, evidence_read(matrix).ratings, result_read(matrix))
    return next((option.roles for option in found if option.way is Way.ELSEWHERE), ())


def _at(request: MemberRequest, matrix: int, activity: int) -> str:
    """The row of an activity on the page."""
    return f"{reverse('capability', args=[request.workspace.pk, matrix])}#a{activity}"
