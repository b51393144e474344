"""What a session decides on an activity, taking that back, and confirming the rest together."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.reviews import deciding
from raci.reviews.models import Decision
from raci.screens.asked import level, number, seen, sender
from raci.screens.frame import frame
from raci.screens.session.answers import answer
from raci.screens.session.forms import NOTE, NoteForm, decision_form
from raci.screens.session.page import SessionPage, review_of, session_page
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Gone, Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

Kind = Decision.Kind
HEADINGS = {
    Kind.KEEP: "It stays as it is",
    Kind.LEAD: "Another role leads",
    Kind.LEVELS: "Other levels",
    Kind.ASK: "Someone finds out",
    Kind.OPEN: "Leave it open",
    NOTE: "Why it was decided",
}


@requires(Access.EDITOR)
@require_GET
def decision_choose(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Asks what a kind of decision needs, in a dialog where htmx asked for it, else as a page; of no kind, why it stays
    as it is."""
    page = session_page(request, review_of(request, matrix, review))
    kind, activity = _kind(request.GET.get("kind", Kind.KEEP)), _activity(page, request.GET.get("activity"))
    return _ask(request, page, kind, activity, decision_form(page, kind, activity))


@requires(Access.EDITOR)
@require_POST
def decision_make(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """Decides; the session goes on to what is still to be decided. What was refused is asked again with what was
    typed, and where somebody was faster the page says what stands."""
    row = review_of(request, matrix, review)
    kind, activity = _kind(request.POST.get("kind")), number(request.POST.get("activity"))
    if kind == Kind.KEEP and "note" not in request.POST:
        return _decide(request, row.matrix_id, row.pk, activity, kind, {})
    page = session_page(request, row)
    form = decision_form(page, kind, activity, request.POST)
    if not form.is_valid():
        return _ask(request, page, kind, activity, form, 422)
    try:
        said = {**form.cleaned_data, **({"levels": _levels(request)} if kind == Kind.LEVELS else {})}
        return _decide(request, row.matrix_id, row.pk, activity, kind, said)
    except Gone as gone:
        return answer(request, row.matrix_id, row.pk, refusal=gone.sentence, status=gone.status)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        form.add_error(None, refused.sentence)
        page = session_page(request, review_of(request, matrix, review))
        return _ask(request, page, kind, activity, form, refused.status)


@requires(Access.EDITOR)
@require_POST
def decision_take_back(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    row = review_of(request, matrix, review)
    decision = number(request.POST.get("decision"))
    try:
        deciding.take_back(matrix=row.matrix_id, review=row.pk, sender=sender(request), decision=decision)
    except Conflict as conflict:
        return answer(request, row.matrix_id, row.pk, refusal=conflict.sentence)
    return answer(request, row.matrix_id, row.pk)


@requires(Access.EDITOR)
@require_POST
def rest_confirm(request: MemberRequest, matrix: int, review: int) -> HttpResponse:
    """All that is not on the agenda stays as it is, as one change."""
    row = review_of(request, matrix, review)
    step = number(request.POST.get("step"))
    try:
        deciding.confirm_rest(
            matrix=row.matrix_id, review=row.pk, sender=sender(request), seen=seen(request), seen_step=step
        )
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return answer(request, row.matrix_id, row.pk, refusal=refused.sentence, status=refused.status)
    return answer(request, row.matrix_id, row.pk)


def _decide(
    request: MemberRequest, matrix: int, review: int, activity: int, kind: str, said: dict[str, Any]
) -> HttpResponse:
    """Without a form there is none to show a conflict in: the page says it."""
    if kind == NOTE:
        deciding.note(
            matrix=matrix,
            review=review,
            by=request.member,
            decision=number(request.POST.get("decision")),
            note=said["note"],
            seen=request.POST.get("was", ""),
        )
        return answer(request, matrix, review)
    try:
        deciding.decide(
            matrix=matrix,
            review=review,
            sender=sender(request),
            activity=activity,
            kind=kind,
            seen=seen(request),
            **{name: value for name, value in said.items() if value is not None},
        )
    except Refused as refused:
        in_place = (409, 422) if is_htmx(request) else (409,)
        if said or refused.status not in in_place:
            raise
        return answer(request, matrix, review, refusal=refused.sentence, status=refused.status)
    return answer(request, matrix, review)


def _ask(
    request: MemberRequest, page: SessionPage, kind: str, activity: int, form: NoteForm, status: int = 200
) -> HttpResponse:
    ids = [page.matrix.workspace_id, page.matrix.pk, page.review.pk]
    context = frame(
        request,
        page.matrix,
        page=page,
        form=form,
        kind=kind,
        activity=page.about(activity),
        heading=HEADINGS[kind],
        action=reverse("decision_make", args=ids),
        cancel=reverse("session", args=ids),
    )
    return render(request, "screens/decision_choose.html", context, status=status)


def _kind(said: str | None) -> str:
    if said not in HEADINGS:
        raise Malformed
    return said


def _activity(page: SessionPage, said: str | None) -> int:
    """One that is in the matrix."""
    activity = number(said)
    if activity not in {row.id for row in page.grid.activities}:
        raise Gone("That activity is not in the matrix any more. Go on to the next.")
    return activity


def _levels(request: MemberRequest) -> dict[int, Any]:
    """The whole row, as it was chosen."""
    named = [name for name in request.POST if name.startswith("level-")]
    return {number(name.removeprefix("level-")): level(request.POST.get(name)) for name in named}
