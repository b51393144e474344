"""The reviews of a matrix over time, and planning a session."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.matrices.models import Matrix
from raci.matrices.people import filling
from raci.publishing.calendars import calendar_file
from raci.reviews import evidence, planning
from raci.reviews.calendars import appointment_of
from raci.reviews.models import Participant, Poll, Review
from raci.reviews.states import ReviewState, review_may
from raci.screens.asked import matrix_of, notation, number, number_or_none, posted, sender
from raci.screens.frame import frame, open_matrix
from raci.screens.reviews.agenda_rows import proposed
from raci.screens.reviews.forms import HandOverForm, PlanForm, SettleForm, plan_of, proposed_plan
from raci.screens.reviews.page import ReviewsPage, polls_to_look_at, reviews_page
from raci.screens.reviews.review_page import ReviewPage, review_page
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.members import by_name
from raci.workspaces.models import Access, Member

from .upkeep import CALENDAR


@requires(Access.VIEWER)
@require_GET
def reviews(request: MemberRequest, matrix: int) -> HttpResponse:
    """What is going on, what stays open, what was. `open` names an item whose forms are shown, `all` shows all that
    stays open."""
    wanted, shows_all = number_or_none(request.GET.get("open")), "all" in request.GET
    page = reviews_page(matrix_of(request, matrix), request.member, wanted, shows_all=shows_all)
    return reviews_shown(request, page)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def review_new(request: MemberRequest, matrix: int) -> HttpResponse:
    """Plans a session, with an agenda made from the evidence. `poll` proposes the one whose answers it looks at."""
    row = open_matrix(request, matrix)
    members = by_name(request.workspace.pk)
    polls = list(polls_to_look_at(row))
    form = PlanForm(posted(request), members=members, polls=polls, initial=_proposed(request, row, polls))
    if request.method == "GET" or not form.is_valid():
        return _form(request, row, form, members)
    wanted = form.wanted
    rows = proposed(row, _chosen(polls, wanted)).rows
    try:
        made = planning.plan(matrix=matrix, by=request.member, wanted=wanted, rows=rows, key=sender(request).key)
    except Refused as refused:
        return _form(request, row, _complaining(form, refused), members)
    messages.success(request, f"“{made.title}” is planned. Those who are asked to it hear of it.")
    return redirect("review", request.workspace.pk, matrix, made.pk)


@requires(Access.VIEWER)
@require_GET
def review(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """When it is, who is asked to it, and its agenda. What has ended is shown with its result."""
    page = page_of(request, matrix, review)
    if page.review.state in (ReviewState.ENDED, ReviewState.PUBLISHED):
        return redirect("result", request.workspace.pk, matrix, review)
    return render(request, "screens/review.html", frame(request, page.matrix, page=page, review=page.review))


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def review_plan(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Another day, place or title, other people, another poll."""
    row = open_matrix(request, matrix)
    planned = review_of(row, review)
    if not review_may(planned.state, "plan"):
        return redirect("review", request.workspace.pk, matrix, review)
    members, polls = by_name(request.workspace.pk), list(polls_to_look_at(row))
    initial = plan_of(planned, planning.participants(planned)) if request.method == "GET" else None
    form = PlanForm(posted(request), members=members, polls=polls, initial=initial)
    if request.method == "GET" or not form.is_valid():
        return _form(request, row, form, members, planned)
    try:
        rows = None if form.wanted.poll == planned.poll_id else proposed(row, _chosen(polls, form.wanted)).rows
        planning.replan(
            matrix=matrix,
            review=review,
            by=request.member,
            wanted=form.wanted,
            seen=number(request.POST.get("seen")),
            rows=rows,
        )
    except Refused as refused:
        return _form(request, row, _complaining(form, refused), members, review_of(row, review))
    messages.success(request, "Saved. Those who are asked to it hear of what is new.")
    return redirect("review", request.workspace.pk, matrix, review)


@requires(Access.EDITOR)
@require_POST
def review_cancel(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    row = planning.cancel(matrix=matrix, review=review, by=request.member)
    messages.success(request, f"“{row.title}” is cancelled. Those who were asked to it hear so.")
    return redirect("reviews", request.workspace.pk, matrix)


@requires(Access.VIEWER)
@require_GET
def session_ics(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """The session as a file that calendar programs take over."""
    row = review_of(matrix_of(request, matrix), review)
    content = calendar_file([], name=row.title, appointments=[appointment_of(row)])
    answer = HttpResponse(content, content_type=CALENDAR)
    name = slugify(row.title)[:60] or row.pk
    answer.headers["Content-Disposition"] = f'attachment; filename="session-{name}.ics"'
    return answer


def review_of(matrix: Matrix, review: int) -> Review:
    """A review of this matrix with its poll, or the same 404 as for one that does not exist."""
    rows = Review.objects.select_related("poll", "made_by").defer("poll__asked")
    found = rows.filter(matrix=matrix, pk=review).first()
    if found is None:
        raise Http404
    found.matrix = matrix
    return found


def page_of(request: MemberRequest, matrix: int, review: int) -> ReviewPage:
    row = matrix_of(request, matrix)
    can_edit = request.member.may(Access.EDITOR) and not row.is_archived
    return review_page(row, review_of(row, review), notation(request), can_edit=can_edit)


def reviews_shown(
    request: MemberRequest,
    page: ReviewsPage,
    *,
    settle: SettleForm | None = None,
    hand_over: HandOverForm | None = None,
) -> HttpResponse:
    """The page; with a form that was refused, as what it is about."""
    context: dict[str, Any] = {"page": page}
    if page.chosen and not page.matrix.is_archived:
        said = page.chosen.decision
        initial = {"owner": said.owner_id, "owner_name": said.owner_name, "due": said.due}
        members = by_name(request.workspace.pk) if hand_over is None else []
        context["settle"] = settle or SettleForm()
        context["hand_over"] = hand_over or HandOverForm(members=members, initial=initial)
    status = 422 if settle or hand_over else 200
    return render(request, "screens/reviews.html", frame(request, page.matrix, **context), status=status)


def _chosen(polls: Iterable[Poll], wanted: planning.Plan) -> Poll | None:
    return next((poll for poll in polls if poll.pk == wanted.poll), None)


def _proposed(request: MemberRequest, matrix: Matrix, polls: Iterable[Poll]) -> dict[str, Any]:
    """A session in a week, with those who fill a role, and the poll that is open, else what the last one says unless it
    was published since."""
    fill = {member.user_id for held in filling(matrix.workspace_id, [matrix.pk]).values() for member in held.members}
    wanted = number_or_none(request.GET.get("poll"))
    still_open = next((poll.pk for poll in polls if poll.is_open), None)
    latest = evidence.evidence_read(matrix).poll_id if evidence.speaking(matrix) else None
    return proposed_plan(sorted({*fill, request.member.user_id}), wanted or still_open or latest)


def _form(
    request: MemberRequest, matrix: Matrix, form: PlanForm, members: list[Member], planned: Review | None = None
) -> HttpResponse:
    asked = Participant.objects.filter(review=planned).count() if planned else 0
    context = {"form": form, "review": planned, "asked": asked, "some": len(members) > 1}
    status = 422 if form.errors else 200
    return render(request, "screens/review_new.html", frame(request, matrix, **context), status=status)


def _complaining(form: PlanForm, refused: Refused) -> PlanForm:
    """The form with what is wrong; what nobody can mend in a form is refused as it is."""
    if refused.status != 422 and not isinstance(refused, Conflict):
        raise refused
    form.add_error(None, refused.sentence)
    return form
