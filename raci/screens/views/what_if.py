"""What if we followed another reference: a look ahead, for the references and for a matrix, and the step itself."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from culture.references import known_references
from raci.grid.departures import Difference, Reference, taken
from raci.grid.levels import Level
from raci.matrices import departures
from raci.matrices.conflicts import CellConflict
from raci.matrices.departures import Carry
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Done, Sender
from raci.matrices.store import read_grid
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, notation, seen, sender
from raci.screens.frame import frame, open_matrix
from raci.screens.sources import culture_reference, followed, kind_and_id, source
from raci.screens.what_if import checks_of, is_culture, next_target, preview, target, targets
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

Moves = dict[int, tuple[dict[int, Level | None], dict[int, Level | None]]]
GONE = "Some of what you chose is not there any more. Nothing was changed; this is what would move now."
OTHERS = "The matrix has changed since. Nothing was changed; this is what would move now."


@requires(Access.VIEWER)
@require_GET
def reference_what_if(request: MemberRequest) -> HttpResponse:
    """What changes hands from the reference of one culture to that of another: `?from=sales&to=market`."""
    known, words = known_references(), notation(request)
    old, new = _asked_culture(request, "from", "sales"), _asked_culture(request, "to", "market")
    same_lead = sum(
        len({reference.grid.lead(activity.id) for reference in known.values()}) == 1 for activity in old.grid.activities
    )
    context = {
        "old": known[old.key].culture,
        "new": known[new.key].culture,
        "cultures": [reference.culture for reference in known.values()],
        "page": preview(old.grid, old, new, words) if old.key != new.key else None,
        "same_lead": same_lead,
        "total": len(old.grid.activities),
        "notation": words,
    }
    return render(request, "screens/reference_what_if.html", context)


@requires(Access.VIEWER)
@require_GET
def what_if(request: MemberRequest, matrix: int) -> HttpResponse:
    """What would change hands in a matrix if it followed `?to=market` or `?to=house-3`.

    With `&counted=1` the numbers are those of the moves that `&move=` names; htmx, which asks so, gets these alone.
    """
    chosen = set(request.GET.getlist("move")) if "counted" in request.GET else None
    return _page(request, matrix_of(request, matrix), request.GET.get("to", ""), chosen=chosen)


@requires(Access.EDITOR)
@require_POST
def what_if_take(request: MemberRequest, matrix: int) -> HttpResponse:
    """Follows another reference from now on, and takes the chosen differences in the same change."""
    row, sent, revision = open_matrix(request, matrix), sender(request), seen(request)
    key, chosen = request.POST.get("to", ""), set(request.POST.getlist("move"))
    page = reverse("matrix", args=[request.workspace.pk, row.pk])
    if before := _sent_before(row, sent):
        return changed(request, Done(row, before, replayed=True), to=page)
    new = target(request.workspace, targets(request.workspace), key)
    if new is None:
        gone = source(request.workspace, key) if (kind_and_id(key) or ("",))[0] == "house" else None
        if gone is None:
            raise Http404
        return _page(request, row, "", error=f"“{gone.name}” was put away meanwhile. Nothing was changed.", status=409)
    old = followed(row)
    ahead = preview(read_grid(row), old, new, notation(request)) if old is not None and old.key != new.key else None
    moves = ahead.step.moves if ahead else ()
    if "all" in request.POST:
        if revision != row.revision:
            return _page(request, row, key, error=OTHERS, status=409)
        chosen = {move.key for move in moves}
    if unknown := chosen - {move.key for move in moves}:
        return _page(request, row, key, error=GONE, chosen=chosen - unknown, status=409)
    try:
        done = departures.follow(
            matrix=row.pk,
            sender=sent,
            culture=new.grid.culture or None,
            house=_house(new),
            moves=_levels(move for move in moves if move.key in chosen),
            seen=revision,
            carry=Carry(ahead.step.old.key, new.key, ahead.step.carried) if ahead else None,
        )
    except Conflict as conflict:
        said = conflict.said_in(notation(request)) if isinstance(conflict, CellConflict) else conflict.sentence
        return _page(request, matrix_of(request, matrix), key, error=said, chosen=chosen, status=conflict.status)
    return changed(request, done, to=page, text="" if done.change else "It follows that reference already.")


def _page(
    request: MemberRequest,
    matrix: Matrix,
    key: str,
    *,
    error: str = "",
    chosen: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The look ahead; `chosen` are the keys that stand ticked and are counted, None for all."""
    offered, old = targets(request.workspace), followed(matrix)
    new = target(request.workspace, offered, key or next_target(matrix, offered))
    if new is None:
        raise Http404
    ahead = None
    if old is not None and old.key != new.key:
        ahead = preview(read_grid(matrix), old, new, notation(request), chosen)
    context: dict[str, Any] = frame(
        request,
        matrix,
        page=ahead,
        old=old,
        new=new,
        old_is_culture=old is not None and is_culture(old),
        new_is_culture=is_culture(new),
        targets=offered,
        checks=checks_of(matrix, ahead) if ahead else None,
        chosen={move.key for move in ahead.made} if ahead and not ahead.is_long else set(),
        error=error,
    )
    numbers_alone = ahead is not None and "counted" in request.GET and is_htmx(request)
    template = "screens/what_if.htmx.html" if numbers_alone else "screens/what_if.html"
    return render(request, template, context, status=status)


def _asked_culture(request: MemberRequest, name: str, otherwise: str) -> Reference:
    key = request.GET.get(name) or otherwise
    if key not in known_references():
        raise Http404
    return culture_reference(key)


def _house(reference: Reference) -> int | None:
    """The id of a house reference, None for the reference of a culture."""
    numbered = kind_and_id(reference.key)
    return numbered[1] if numbered else None


def _levels(moves: Iterable[Difference]) -> Moves:
    """Activity -> the levels of the cells that move, before and after."""
    found: Moves = defaultdict(lambda: ({}, {}))
    for move in moves:
        ours, theirs = found[move.activity]
        ours.update({cell.role: cell.ours for cell in move.cells})
        theirs.update(taken(move))
    return dict(found)


def _sent_before(matrix: Matrix, sent: Sender) -> Change | None:
    """The change that this very submission made, where it was sent twice: by now there is nothing left to choose."""
    if not sent.key:
        return None
    return Change.objects.filter(matrix=matrix, by=sent.member.user, key=sent.key, kind="follow").first()
