"""The end of a session: what was decided and what stays open, signing it, and publishing it."""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from django.contrib import messages
from django.db.models import F, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.matrices.models import Matrix
from raci.publishing.due import months_after
from raci.publishing.models import MONTHS
from raci.publishing.versions import publication_read
from raci.reviews import deciding, results
from raci.reviews.models import Result, Review
from raci.reviews.sessions import LIVE
from raci.reviews.states import ReviewState
from raci.screens.asked import BESIDE, UNREAD, notation, number, seen, sender
from raci.screens.findings import check
from raci.screens.frame import frame
from raci.screens.reviews.end_page import EndPage
from raci.screens.reviews.forms import DayField
from raci.screens.reviews.result_page import ResultPage
from raci.web import days
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .publish import NoteForm, PublishPage, known_reasons

CHANGED_SINCE = (
    "Something was changed since it was decided. Decide on it anew, or keep what stands; then end the session."
)
DONE = (ReviewState.ENDED, ReviewState.PUBLISHED)


class PublishForm(NoteForm):
    next_on = DayField(label="Day of the next review")


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def review_end(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Asks who sees to what stays open, and until when everyone signs; sent, ends the session."""
    row = _review(request, matrix, review)
    if row.state in DONE:
        return redirect("result", request.workspace.pk, matrix, review)
    if row.state not in LIVE:
        return redirect("review", request.workspace.pk, matrix, review)
    if request.method == "GET":
        return _ending(request, EndPage(row, request.member, notation=notation(request)))
    if "keep" in request.POST:
        return _kept(request, row)
    page = EndPage(row, request.member, request.POST, notation(request))
    if not page.is_valid:
        return _ending(request, page, status=422)
    try:
        if page.changed:
            raise Conflict(CHANGED_SINCE)
        results.end(
            matrix=matrix,
            review=review,
            by=request.member,
            seen=seen(request),
            sign_by=page.form.cleaned_data["sign_by"],
            checks=lambda at, grid: check(at, grid).open,
            owners=page.owners,
        )
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        page = EndPage(_review(request, matrix, review), request.member, request.POST, notation(request))
        page.form.add_error(None, refused.sentence)
        return _ending(request, page, status=refused.status)
    messages.success(request, "The session has ended. Now those who answer for a role sign.")
    return redirect("result", request.workspace.pk, matrix, review)


@requires(Access.EDITOR)
@require_POST
def review_reopen(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    results.reopen(matrix=matrix, review=review, by=request.member)
    messages.success(request, "The session goes on. What was signed holds as long as nothing changes.")
    return redirect("session", request.workspace.pk, matrix, review)


@requires(Access.VIEWER)
@require_GET
def result(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """What a session decided, who signed it, and the way on; one that has not ended is looked at elsewhere."""
    stood = _stood(request, matrix, review)
    row = stood.review if stood else _review(request, matrix, review)
    if stood is None or row.state not in DONE:
        return redirect("session" if row.state in LIVE else "review", request.workspace.pk, matrix, review)
    return _shown(request, stood)


@requires(Access.VIEWER)
@require_POST
def result_sign(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Signs for a role; who looked at something else than what stands is shown what changed since."""
    role, looked_at, digest = number(request.POST.get("role")), _looked_at(request, matrix, review), _digest(request)
    try:
        signed = results.sign(matrix=matrix, review=review, role=role, digest=digest, by=request.member)
    except Conflict as refused:
        return _too_late(request, matrix, review, looked_at, refused)
    messages.success(request, f"Signed for {signed.name}.")
    return redirect("result", request.workspace.pk, matrix, review)


@requires(Access.EDITOR)
@require_POST
def result_put_up(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Puts up what stands now; who looked at something else is shown what changed since."""
    looked_at = _looked_at(request, matrix, review)
    try:
        results.put_up(matrix=matrix, review=review, digest=_digest(request), by=request.member)
    except Conflict as refused:
        return _too_late(request, matrix, review, looked_at, refused)
    messages.success(request, "What stands now is put up. It can be signed and published.")
    return redirect("result", request.workspace.pk, matrix, review)


@requires(Access.EDITOR)
@require_POST
def result_publish(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Publishes what the session put up, and goes on to the letter that tells everyone."""
    stood = _stood(request, matrix, review)
    row = stood.review if stood else _review(request, matrix, review)
    form, reasons, revision = PublishForm(request.POST), known_reasons(request), seen(request)
    if stood and not form.is_valid():
        return _shown(request, stood, form=form, reasons=reasons, status=422)
    try:
        made = results.publish(
            matrix=row.matrix,
            review=row,
            sender=sender(request),
            seen=revision,
            next_on=form.cleaned_data["next_on"],
            note=form.cleaned_data["note"],
            known=reasons,
            notation=notation(request),
        )
    except Refused as refused:
        stood = _stood(request, matrix, review)
        if refused.status not in (409, 422) or stood is None or not _is_open(stood.review):
            raise
        form.add_error(None, refused.sentence)
        return _shown(request, stood, form=form, reasons=reasons, status=refused.status)
    messages.success(request, f"Version {made.number} is published. Now tell those whom it concerns.")
    return redirect("letter", request.workspace.pk, matrix, made.number)


def _kept(request: MemberRequest, review: Review) -> HttpResponse:
    """What was changed since it was decided stays as it stands; then the session can end."""
    step = number(request.POST.get("step"))
    deciding.keep_changed(
        matrix=review.matrix_id, review=review.pk, sender=sender(request), seen=seen(request), seen_step=step
    )
    messages.success(request, "What stands is kept.")
    return redirect("review_end", request.workspace.pk, review.matrix_id, review.pk)


def _review(request: MemberRequest, matrix: int, review: int) -> Review:
    """A review of a matrix of this workspace, both read at once, or a 404."""
    rows = Review.objects.select_related("matrix", *(f"matrix__{name}" for name in BESIDE))
    rows = rows.defer(*(f"matrix__{name}" for name in UNREAD))
    found = rows.filter(pk=review, matrix=matrix, matrix__workspace=request.workspace).first()
    if found is None:
        raise Http404
    found.matrix.workspace = request.workspace
    return found


def _stood(request: MemberRequest, matrix: int, review: int) -> Result | None:
    """What a review has put up, read at once with it, its matrix, the version that it led to, and the title of a
    session that was begun after it."""
    rows = Result.objects.select_related(
        "review__version", "review__matrix", *(f"review__matrix__{name}" for name in BESIDE)
    ).defer("review__version__grid", *(f"review__matrix__{name}" for name in UNREAD))
    later = results.later_than(OuterRef("review"), OuterRef("review__matrix"), OuterRef("review__started_at"))
    found = (
        rows.annotate(later=Subquery(later.values("title")[:1]))
        .filter(
            digest=F("review__result"),
            review=review,
            review__matrix=matrix,
            review__matrix__workspace=request.workspace,
        )
        .first()
    )
    if found is not None:
        found.review.matrix.workspace = request.workspace
    return found


def _is_open(review: Review) -> bool:
    """Whether it can still be signed or published."""
    return review.state == ReviewState.ENDED and not review.matrix.is_archived


def _looked_at(request: MemberRequest, matrix: int, review: int) -> int:
    """The revision at which the sender looked."""
    looked_at = seen(request)
    if not 1 <= looked_at <= _review(request, matrix, review).matrix.revision:
        raise Malformed
    return looked_at


def _digest(request: MemberRequest) -> str:
    return request.POST.get("digest", "")


def _too_late(request: MemberRequest, matrix: int, review: int, looked_at: int, refused: Conflict) -> HttpResponse:
    """The page as it is now, with what changed; where nothing can be signed any more, only why."""
    stood = _stood(request, matrix, review)
    if stood is None or not _is_open(stood.review):
        raise refused
    return _shown(request, stood, looked_at=looked_at, refused=refused)


def _ending(request: MemberRequest, page: EndPage, *, status: int = 200) -> HttpResponse:
    context = frame(request, page.review.matrix, review=page.review, page=page, form=page.form, sent=uuid4())
    return render(request, "screens/review_end.html", context, status=status)


def _shown(
    request: MemberRequest,
    stood: Result,
    *,
    form: PublishForm | None = None,
    reasons: Mapping[str, str] | None = None,
    looked_at: int | None = None,
    refused: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    words, review, row = notation(request), stood.review, stood.review.matrix
    page = ResultPage(row, stood, request.member, words, looked_at, getattr(stood, "later", None) or "")
    what = None if page.is_published else PublishPage(row, page.put_up, words, reasons or {})
    context = frame(
        request,
        row,
        review=review,
        page=page,
        publish=what,
        may_publish=what is not None and (not what.known or request.member.may(Access.OWNER)),
        form=form or PublishForm(initial={"next_on": _next_on(row)}),
        refused=refused,
        sent=uuid4(),
    )
    return render(request, "screens/result.html", context, status=refused.status if refused else status)


def _next_on(matrix: Matrix) -> date:
    """The day that is proposed: as long from now as the team chose, a year unless it did."""
    publication = publication_read(matrix)
    return months_after(days.today(), publication.months if publication else MONTHS)
