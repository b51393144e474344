"""The result of an assessment, and the matrix that starts from one of the references it names."""

from collections.abc import Sequence
from uuid import uuid4

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from culture.asking import may_manage, may_read_result, visible_to
from culture.catalogue import CULTURES
from culture.entries import Function
from culture.models import Answer, Assessment
from culture.references import known_references
from raci.matrices import operations
from raci.matrices.models import Change, Matrix
from raci.screens.asked import number, sender
from raci.screens.assessments.result import result_of
from raci.screens.assessments.result_words import culture_name
from raci.web.refusals import Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

NOTHING_BESIDE = "none"


@requires(Access.VIEWER)
@require_GET
def assessment_result(request: MemberRequest, assessment: int) -> HttpResponse:
    """The result, or a page that asks for one's own answers first. `?beside=12` sets an earlier one beside it."""
    row = _assessment_of(request, assessment)
    if not may_read_result(row, request.member):
        unread = {"assessment": row, "first": next(iter(Function)).value, "questions": len(Function)}
        return render(request, "screens/assessment_unread.html", unread)
    earlier = _earlier(row)
    chosen = _chosen(request.GET.get("beside", ""), earlier)
    context = {
        "result": result_of(row, earlier=chosen),
        "earlier": earlier,
        "chosen": chosen,
        "can_edit": request.member.may(Access.EDITOR),
        "may_close": row.is_open and may_manage(row, request.member),
        "key": uuid4,
    }
    return render(request, "screens/assessment_result.html", context)


@requires(Access.EDITOR)
@require_POST
def assessment_start(request: MemberRequest, assessment: int) -> HttpResponse:
    """A matrix from the reference of a culture, under a name that is free. Sent twice, it is made once."""
    _assessment_of(request, assessment)
    culture = request.POST.get("culture", "")
    if culture not in CULTURES:
        raise Malformed
    by = sender(request)
    made = _made(request, by.key)
    if made is None:
        name = _free_name(request, f"{culture_name(culture)} matrix")
        try:
            made = operations.create_matrix(sender=by, name=name, grid=known_references()[culture].grid).pk
        except Refused:  # the other press was faster, and its name is taken
            made = _made(request, by.key)
            if made is None:
                raise
    return redirect("matrix", workspace=request.workspace.pk, matrix=made)


def _made(request: MemberRequest, key: str) -> int | None:
    """The matrix that this submission has made already."""
    changes = Change.objects.filter(by=request.member.user_id, key=key, matrix__workspace=request.workspace)
    return changes.exclude(key="").values_list("matrix", flat=True).first()


def _assessment_of(request: MemberRequest, assessment: int) -> Assessment:
    """The assessment if this member may know of it, or the same 404 as for one that does not exist."""
    row = visible_to(request.member).filter(pk=assessment).first()
    if row is None:
        raise Http404
    return row


def _earlier(assessment: Assessment) -> list[Assessment]:
    """The closed ones of the workspace that were opened before this one and hold an answer, the latest first."""
    rows = Assessment.objects.filter(
        Exists(Answer.objects.filter(respondent__assessment=OuterRef("pk"), respondent__is_set_aside=False)),
        workspace=assessment.workspace_id,
        closed_at__isnull=False,
        opened_at__lt=assessment.opened_at,
    )
    return list(rows.order_by("-closed_at", "-pk"))


def _chosen(asked: str, earlier: Sequence[Assessment]) -> Assessment | None:
    """What stands beside: the one asked for, else the latest; None where there is none, or none is wanted."""
    if asked == NOTHING_BESIDE:
        return None
    if not asked:
        return next(iter(earlier), None)
    wanted = number(asked)
    for one in earlier:
        if one.pk == wanted:
            return one
    raise Http404


def _free_name(request: MemberRequest, name: str) -> str:
    """The name, with the first free number behind it where the workspace has one of that name."""
    rows = Matrix.objects.filter(workspace=request.workspace, name__startswith=name)
    taken = {known.casefold() for known in rows.values_list("name", flat=True)}
    numbered = (name, *(f"{name} {n}" for n in range(2, len(taken) + 2)))
    return next(free for free in numbered if free.casefold() not in taken)
