"""Activities: the page of one, its panel beside the grid, and every change to it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from raci.grid.grid import Grid
from raci.matrices import operations, structure
from raci.matrices.conflicts import CellConflict
from raci.matrices.operations import Done
from raci.matrices.store import read_grid, read_outline
from raci.screens.activity_page import PARTS, ActivityPage, activity_page
from raci.screens.answers import Toast, changed, toast_for
from raci.screens.asked import level, matrix_of, notation, number, number_or_none, posted, seen, sender
from raci.screens.forms import TEXTS, ActivityForm, PersonWordsForm, complaints
from raci.screens.frame import back, came_from, frame, now, open_matrix, question
from raci.screens.order import read_place, said_place
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Malformed
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .arrange import arranged, not_renamed


@requires(Access.VIEWER)
@require_GET
def activity(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """The page of an activity; `edit` opens one part of it."""
    page = activity_page(request, matrix_of(request, matrix), activity, edit=_edit(request))
    return render(request, "screens/activity.html", frame(request, page.matrix, page=page))


@requires(Access.VIEWER)
@require_GET
def activity_panel(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """The same beside the grid."""
    page = activity_page(request, matrix_of(request, matrix), activity, edit=_edit(request), panel=True)
    return render(request, "screens/_panel.html", frame(request, page.matrix, page=page, origin="panel"))


@requires(Access.EDITOR)
@require_POST
def activity_levels(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """Sets the whole row. Only cells that differ from what the form showed are sent on, so a new Lead wins over the
    one that was left standing."""
    typed = {role: level(request.POST.get(f"level-{role}")) for role in _posted_roles(request)}
    chosen = {role: new for role, new in typed.items() if (new or "") != request.POST.get(f"was-{role}", "")}
    try:
        done, moved = operations.set_block(
            matrix=matrix,
            sender=sender(request),
            activities=[activity],
            roles=list(chosen),
            levels=[list(chosen.values())],
            seen=[seen(request)],
        )
    except CellConflict as conflict:
        letters = {role: new or "" for role, new in typed.items()}
        refusal = conflict.said_in(notation(request))
        page = activity_page(request, matrix_of(request, matrix), activity, typed=letters, refusal=refusal)
        return _shown(request, page, conflict.status)
    words = notation(request).words
    text = f"An activity has one {words.lead_role}: the first one chosen stays, the others moved to {words.support}."
    return _answer(request, done, activity, text if moved else "")


@requires(Access.EDITOR)
@require_POST
def activity_edit(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """Changes one part: name, description, notes, stage or deliverer."""
    part = request.POST.get("part", "")
    match part:
        case "name" | "description" | "notes":
            form = TEXTS[part](request.POST)
            if not form.is_valid():
                return _refused(request, matrix, activity, part, 422)
            values = form.cleaned_data
        case "stage" | "deliverer":
            values = {f"{part}_id": number_or_none(request.POST.get(part))}
        case _:
            raise Malformed
    try:
        done = structure.edit_activity(
            matrix=matrix, sender=sender(request), activity=activity, values=values, seen=seen(request)
        )
    except Conflict as conflict:
        return _refused(request, matrix, activity, part, 409, conflict.sentence)
    return _answer(request, done, activity, saved=part)


@requires(Access.EDITOR)
@require_POST
def activity_person_add(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """Names somebody on the activity, with a word what for. Somebody named already stays as they are."""
    form, role = PersonWordsForm(request.POST), number_or_none(request.POST.get("role"))
    if not form.is_valid() or role is None:
        return _refused(request, matrix, activity, "person", 422)
    person = {"role": role, **form.cleaned_data}
    done = structure.name_person(matrix=matrix, sender=sender(request), activity=activity, person=person)
    return _answer(request, done, activity, saved="person")


@requires(Access.EDITOR)
@require_POST
def activity_person_remove(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    role, name, task = number(request.POST.get("role")), request.POST.get("name", ""), request.POST.get("task", "")
    person = {"role": role, "name": name, "task": task}
    done = structure.unname_person(matrix=matrix, sender=sender(request), activity=activity, person=person)
    return _answer(request, done, activity, saved="person")


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def activity_add(request: MemberRequest, matrix: int) -> HttpResponse:
    """A new activity, at the end of its stage or behind the activity `after`."""
    row = open_matrix(request, matrix)
    grid = read_outline(row)
    form = ActivityForm(posted(request), grid=grid, initial={"stage": request.GET.get("stage")}, auto_id="new-%s")
    if request.method == "GET" or not form.is_valid():
        after = number_or_none(request.GET.get("after") or request.POST.get("after"))
        status = 200 if request.method == "GET" else 422
        return question(
            request, row, "screens/activity_add.html", "Add an activity", status=status, form=form, after=after
        )
    new = structure.NewActivity(**form.cleaned_data)
    after = number_or_none(request.POST.get("after"))
    done = structure.add_activities(matrix=matrix, sender=sender(request), activities=[new], after=after)
    return changed(request, done, back(request, matrix))


@requires(Access.EDITOR)
@require_POST
def activity_move(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    """Moves an activity to the place `to`, its stage and the activity it goes before."""
    stage, before = read_place(request.POST.get("to", ""))
    done = structure.move_activity(matrix=matrix, sender=sender(request), activity=activity, stage=stage, before=before)
    grid = read_outline(now(request, done), done.known)
    text = said_place(grid, activity) if done.change else ""
    return _answer(request, done, activity, text, outline=grid)


@requires(Access.EDITOR)
@require_POST
def activity_remove(request: MemberRequest, matrix: int, activity: int) -> HttpResponse:
    done = structure.remove_activity(matrix=matrix, sender=sender(request), activity=activity)
    return arranged(request, done) if came_from(request) == "arrange" else changed(request, done, back(request, matrix))


def panel_answer(
    request: MemberRequest,
    done: Done,
    activity: int,
    text: str = "",
    *,
    saved: str = "",
    grid: Grid | None = None,
    toast: Toast | None = None,
) -> HttpResponse:
    """The panel again, the toast, and word to the grid that a row changed. `grid` is what came of it, where known;
    `toast` says what is no change of the log."""
    matrix = now(request, done)
    grid = grid or read_grid(matrix, roles=done.roles, stages=False)
    page = activity_page(request, matrix, activity, grid=grid, panel=True, saved=saved)
    context = frame(request, matrix, page=page, toast=toast or toast_for(request, done.change, text))
    response = render(request, "screens/panel.htmx.html", context)
    return trigger_client_event(response, "remit:rows", {"activities": [activity]})


def _answer(
    request: MemberRequest, done: Done, activity: int, text: str = "", *, saved: str = "", outline: Grid | None = None
) -> HttpResponse:
    """Where the change was made decides how it is answered."""
    match came_from(request), is_htmx(request):
        case "panel", True:
            return panel_answer(request, done, activity, text, saved=saved)
        case "arrange", _:
            return arranged(request, done, text, outline=outline)
    return changed(request, done, reverse("activity", args=[request.workspace.pk, done.matrix.pk, activity]), text)


def _refused(request: MemberRequest, matrix: int, activity: int, part: str, status: int, why: str = "") -> HttpResponse:
    """The same part open again, with what was typed and what is wrong with it."""
    in_panel = came_from(request) == "panel" and is_htmx(request)
    page = activity_page(request, matrix_of(request, matrix), activity, panel=in_panel, edit=part)
    form = page.form(part, request.POST)
    if why:
        form.add_error(None, why)
    if came_from(request) == "arrange":
        return not_renamed(request, page.matrix.pk, f"a{activity}", complaints(form), status)
    page.refused = {part: form}
    return _shown(request, page, status)


def _shown(request: MemberRequest, page: ActivityPage, status: int) -> HttpResponse:
    template = "screens/panel.htmx.html" if page.panel else "screens/activity.html"
    return render(request, template, frame(request, page.matrix, page=page), status=status)


def _posted_roles(request: MemberRequest) -> list[int]:
    return [number(name.removeprefix("level-")) for name in request.POST if name.startswith("level-")]


def _edit(request: MemberRequest) -> str:
    part = request.GET.get("edit", "")
    return part if part in PARTS else ""
