"""The log of a matrix: what changed, who and when, and the way back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.people import names_in, with_names
from raci.matrices.sentences import Told, tell
from raci.matrices.sentences_roles import mentioned
from raci.matrices.store import grid_of
from raci.matrices.undo import restore, state_at, take_back, taken_back
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, notation, number, number_or_none, sender
from raci.screens.filling import telling
from raci.screens.frame import frame
from raci.screens.static_grid import static_grid
from raci.screens.touched import only_renumbered, touches
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

A_PAGE = 50
MOST_DETAILS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as the page shows it. `more` counts the details left out."""

    change: Change
    told: Told
    details: tuple[str, ...]
    more: int
    is_own: bool
    is_undone: bool


@requires(Access.VIEWER)
@require_GET
def history(request: MemberRequest, matrix: int) -> HttpResponse:
    """The latest changes, or those before `?before=`; with `?activity=`, those that touched it."""
    row = matrix_of(request, matrix)
    activity, before = number_or_none(request.GET.get("activity")), number_or_none(request.GET.get("before"))
    changes = Change.objects.filter(matrix=row).select_related("by").order_by("-revision")
    if activity is not None:
        changes = changes.filter(touches(activity))
    name = _activity_name(row, changes, activity) if activity is not None else ""
    page = list(changes.filter(revision__lt=before)[: A_PAGE + 1] if before else changes[: A_PAGE + 1])
    shown, older = page[:A_PAGE], page[A_PAGE:]
    context = frame(
        request,
        row,
        days=list(_days(request, row, shown, activity)),
        older=shown[-1].revision if older else None,
        newest=before is None,
        activity=activity,
        activity_name=name,
        may_edit=request.member.may(Access.EDITOR),
    )
    return render(request, "screens/history.html", context)


@requires(Access.EDITOR)
@require_POST
def history_take_back(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    done = telling(take_back, matrix=row.pk, sender=sender(request), revision=number(request.POST.get("revision")))
    page = reverse("history", args=[request.workspace.pk, row.pk])
    return changed(request, done, to=page, text="" if done.change else "Nothing was left to take back.")


@requires(Access.VIEWER)
@require_GET
def history_at(request: MemberRequest, matrix: int, revision: int) -> HttpResponse:
    """The matrix as it was after one change."""
    row = matrix_of(request, matrix)
    change = Change.objects.filter(matrix=row, revision=revision).select_related("by").first()
    if change is None:
        raise Http404
    state = state_at(row, revision)
    context = frame(
        request,
        row,
        name_then=state["matrix"][row.pk]["name"],
        entry=_entry(request, change, None, set()),
        static=static_grid(with_names(grid_of(state), row), notation(request)),
        label=f"{row.name} at revision {revision}",
        previous=revision - 1 or None,
        next=revision + 1 if revision < row.revision else None,
        may_edit=request.member.may(Access.EDITOR),
    )
    return render(request, "screens/history_at.html", context)


@requires(Access.EDITOR)
@require_POST
def history_restore(request: MemberRequest, matrix: int, revision: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    done = telling(restore, matrix=row.pk, sender=sender(request), revision=revision)
    page = reverse("matrix", args=[request.workspace.pk, row.pk])
    text = f"Back at revision {revision}." if done.change else "It is already as it was then."
    return changed(request, done, to=page, text=text)


def _activity_name(matrix: Matrix, changes: QuerySet[Change], activity: int) -> str:
    """What the activity is called, or was when it was removed; 404 for one this matrix never had."""
    row = Activity.objects.filter(matrix=matrix, pk=activity).first()
    if row is not None:
        return row.name
    last = changes.first()
    edit = last.edit_of("activity", activity) if last else None
    if edit is None:
        raise Http404
    return str(edit["name"])


def _days(
    request: MemberRequest, matrix: Matrix, changes: Sequence[Change], activity: int | None
) -> Iterator[tuple[datetime, list[Entry]]]:
    undoes = Change.objects.filter(matrix=matrix, undoes__isnull=False).order_by("-revision")
    undone = taken_back(undoes.values_list("pk", "undoes_id"))
    told = [change for change in changes if activity is None or not only_renumbered(change, activity)]
    people = names_in(matrix.pk, mentioned(told))
    for _, group in groupby(told, key=lambda change: localdate(change.at)):
        of_day = list(group)
        # A moment, not a date, for "today" is the reader's and a date alone has no zone.
        yield localtime(of_day[0].at), [_entry(request, change, activity, undone, people) for change in of_day]


def _entry(
    request: MemberRequest,
    change: Change,
    activity: int | None,
    undone: set[int],
    people: Mapping[int, str] | None = None,
) -> Entry:
    told = tell(change, notation(request), only=activity, people=people)
    details, more = told.details[:MOST_DETAILS], max(0, len(told.details) - MOST_DETAILS)
    return Entry(change, told, details, more, change.by_id == request.member.user_id, change.pk in undone)
