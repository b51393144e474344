"""A matrix beside a reference: what is different, and what becomes of each difference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.grid.departures import taken
from raci.grid.levels import Level
from raci.matrices import departures
from raci.matrices.conflicts import CellConflict
from raci.matrices.edits import Row
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Done
from raci.matrices.store import grid_after, read_grid
from raci.screens.answers import changed, toast_for
from raci.screens.asked import matrix_of, notation, number_or_none, seen, sender
from raci.screens.compare.form import KeepForm, drafts, ids_for
from raci.screens.compare.page import ComparePage
from raci.screens.compare.parts import shown_levels
from raci.screens.frame import frame, now, open_matrix
from raci.screens.order import neighbour
from raci.screens.sources import culture_reference, followed, house_key, source
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

UNFOLLOWED = "market"  # what a matrix that follows nothing is compared with
GONE = "That difference is not there any more. Nothing was changed; look again first."
NO_LONGER = "That no longer differs. Nothing was changed; look again first."
OTHERWISE = "That has changed since you looked. Nothing was changed; look again first."

Levels = dict[int, Level | None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The difference that a form is about: our levels as they are now, and those of the reference, by role.

    `theirs` is empty for what no longer differs. `to_set` is what taking the reference sets, `reason_no_take` why that
    cannot be, "" where it can; `levels` are both as a form names them.
    """

    activity: int
    ours: Levels
    theirs: Levels
    to_set: Levels
    levels: str
    reason_no_take: str


@requires(Access.VIEWER)
@require_GET
def compare(request: MemberRequest, matrix: int) -> HttpResponse:
    """The comparison; `keep` opens one form. Asked by htmx with `at`, that difference alone, its form closed."""
    page = _page(request, matrix_of(request, matrix), request.GET)
    at = request.GET.get("at", "")
    if at and is_htmx(request):
        page.closed = at
        return _one(request, page, at)
    page.opened = request.GET.get("keep", "")
    return render(request, "screens/compare.html", frame(request, page.matrix, page=page))


@requires(Access.EDITOR)
@require_POST
def difference_take(request: MemberRequest, matrix: int) -> HttpResponse:
    """Sets the cells of a difference to the levels of the reference."""

    def take(page: ComparePage, chosen: Chosen) -> Done:
        if not chosen.theirs:
            raise Conflict(NO_LONGER)
        if chosen.reason_no_take:
            raise Refused(chosen.reason_no_take)
        return departures.take(
            matrix=matrix,
            sender=sender(request),
            activity=chosen.activity,
            ours=chosen.ours,
            theirs=chosen.to_set,
            reference=page.reference.name,
            seen=seen(request),
        )

    return _decided(request, matrix, take)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def difference_keep(request: MemberRequest, matrix: int) -> HttpResponse:
    """Asks why ours is kept, and keeps it; what is kept already gets another reason or end."""
    if request.method == "GET":
        return _asked_why(request, matrix)
    key = _named(request)[0]
    form = KeepForm(drafts(request.POST).get(key, request.POST), auto_id=ids_for(key))
    if not form.is_valid():
        return _not_kept(request, matrix, form)

    def keep(page: ComparePage, chosen: Chosen) -> Done:
        if not chosen.theirs:
            raise Conflict(NO_LONGER)
        return departures.keep(
            matrix=matrix,
            sender=sender(request),
            activity=chosen.activity,
            ours=chosen.ours,
            theirs=chosen.theirs,
            against=page.reference.key,
            reference=page.reference.name,
            reason=form.cleaned_data["reason"],
            until=form.cleaned_data["until"],
            seen=seen(request),
        )

    return _decided(request, matrix, keep)


@requires(Access.EDITOR)
@require_POST
def difference_let_go(request: MemberRequest, matrix: int) -> HttpResponse:
    """Forgets why a difference is kept: it is to be decided again. Likewise for what no longer differs."""

    def let_go(page: ComparePage, chosen: Chosen) -> Done:
        return departures.let_go(
            matrix=matrix,
            sender=sender(request),
            activity=chosen.activity,
            ours=chosen.ours,
            against=page.reference.key,
            reference=page.reference.name,
            seen=seen(request),
        )

    return _decided(request, matrix, let_go)


def _page(
    request: MemberRequest, matrix: Matrix, asked: Any, roles: Mapping[int, Row] | None = None, **more: Any
) -> ComparePage:
    """The matrix beside what `with` names, or else what it follows; 404 for a source that is not there."""
    key = asked.get("with", "")
    own = followed(matrix) if not key or key == _followed_key(matrix) else None
    reference = own or (source(request.workspace, key, matrix) if key else culture_reference(UNFOLLOWED))
    if reference is None or reference.key == f"matrix-{matrix.pk}":
        raise Http404
    start = number_or_none(asked.get("start")) or 0
    reader = (request.member.user_id, str(request.user))
    typed = drafts(request.POST)
    grid = read_grid(matrix, roles=roles, stages=False)
    return ComparePage(matrix, grid, reference, notation(request), start, drafts=typed, reader=reader, **more)


def _followed_key(matrix: Matrix) -> str | None:
    return house_key(matrix.house_id) if matrix.house_id else matrix.culture_id


def _asked_why(request: MemberRequest, matrix: int) -> HttpResponse:
    """The form in its place, on the page or, for htmx, alone."""
    page = _page(request, open_matrix(request, matrix), request.GET, opened=request.GET.get("difference", ""))
    if is_htmx(request):
        return _one(request, page, page.opened)
    if page.decision(page.opened) is None:
        raise Conflict(GONE)
    return render(request, "screens/compare.html", frame(request, page.matrix, page=page))


def _one(request: MemberRequest, page: ComparePage, key: str) -> HttpResponse:
    """One difference alone."""
    found = page.decision(key)
    if found is None:
        raise Conflict(GONE)
    context = frame(request, page.matrix, page=page, group=found[0], decision=found[1])
    return render(request, "screens/difference.htmx.html", context)


def _not_kept(request: MemberRequest, matrix: int, form: KeepForm) -> HttpResponse:
    """The form again with what was typed and what is wrong with it."""
    form.focus()
    page = _page(request, open_matrix(request, matrix), request.POST, form=form)
    page.opened = _named(request)[0]
    if page.decision(page.opened) is None:
        return _conflict(request, page, Conflict(GONE))
    template = "screens/compare.htmx.html" if is_htmx(request) else "screens/compare.html"
    return render(request, template, frame(request, page.matrix, page=page), status=422)


def _decided(request: MemberRequest, matrix: int, act: Callable[[ComparePage, Chosen], Done]) -> HttpResponse:
    """Finds the difference a form names in the comparison as it is now, does it, and shows what is left.

    The focus goes to the next of the same list, or to the difference itself where it stays in it.
    """
    page = _page(request, open_matrix(request, matrix), request.POST)
    key, levels = _named(request)
    chosen = _find(page, key)
    try:
        if chosen is None:
            done = _repeated(request, page.matrix)
        elif levels and levels != chosen.levels:
            raise Conflict(OTHERWISE)
        else:
            done = act(page, chosen)
    except CellConflict as conflict:
        conflict.sentence = conflict.said_in(page.notation)
        return _conflict(request, page, conflict)
    except Conflict as conflict:
        return _conflict(request, page, conflict)
    if not is_htmx(request):
        url = reverse("compare", args=[request.workspace.pk, matrix])
        return changed(request, done, f"{url}?{page.query}")
    after = _after(page, now(request, done), done)
    before = page.listed_with(key)
    after.saved = key if before == after.listed_with(key) else neighbour(before, key)
    after.drafts = {name: typed for name, typed in page.drafts.items() if name != key}
    return _compared(request, after, done)


def compare_answer(request: MemberRequest, done: Done) -> HttpResponse:
    """The comparison after a change was taken back, with the focus on what that was about."""
    page = _page(request, now(request, done), request.POST, done.roles)
    page.saved = page.first_of(done.change.touched()) if done.change else ""
    return _compared(request, page, done)


def _after(page: ComparePage, row: Matrix, done: Done) -> ComparePage:
    """The page after a change, worked out where nothing else came between, else read again."""
    is_next = done.change is not None and not done.replayed and done.change.revision == page.matrix.revision + 1
    grid = grid_after(page.grid, done.change) if done.change and is_next else None
    grid = grid or read_grid(row, roles=done.roles, stages=False)
    return ComparePage(row, grid, page.reference, page.notation, page.start, reader=page.reader)


def _compared(request: MemberRequest, page: ComparePage, done: Done) -> HttpResponse:
    context = frame(request, page.matrix, page=page, toast=toast_for(request, done.change))
    return render(request, "screens/compare.htmx.html", context)


def _conflict(request: MemberRequest, page: ComparePage, conflict: Conflict) -> HttpResponse:
    """Who was faster, with the comparison as it is now."""
    if not is_htmx(request):
        raise conflict
    context = frame(request, page.matrix, page=page, refusal=conflict)
    return render(request, "screens/compare.htmx.html", context, status=conflict.status)


def _named(request: MemberRequest) -> tuple[str, str]:
    """The key of the difference a form names, and the levels it showed; "" for a form that does not say."""
    key, _, levels = request.POST.get("difference", "").partition(":")
    return key, levels


def _find(page: ComparePage, key: str) -> Chosen | None:
    """What differs, or no longer does though a reason for it is kept; None for what is not there."""
    difference = next((each for _, each in page.order if each.key == key), None)
    if difference is not None:
        ours: Levels = {cell.role: cell.ours for cell in difference.cells}
        return Chosen(
            activity=difference.activity,
            ours=ours | dict.fromkeys(difference.steps_down, Level.LEAD),
            theirs={cell.role: cell.theirs for cell in difference.cells},
            to_set=taken(difference),
            levels=shown_levels(difference),
            reason_no_take=difference.reason_no_take,
        )
    settled = next((each for each in page.all_settled if each.key == key), None)
    if settled is None:
        return None
    level = page.grid.level(settled.activity.id, settled.role.id)
    return Chosen(settled.activity.id, {settled.role.id: level}, {}, {}, "", NO_LONGER)


def _repeated(request: MemberRequest, matrix: Matrix) -> Done:
    """What this very submission did when it came first, for it is gone now; a Conflict where it never came."""
    key = sender(request).key
    change = Change.objects.filter(matrix=matrix, by=request.member.user_id, key=key).first() if key else None
    if change is None:
        raise Conflict(GONE)
    return Done(matrix, change, replayed=True)
