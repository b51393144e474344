"""Stages: the groups of rows."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from raci.grid.grid import Grid, Stage
from raci.matrices import structure
from raci.matrices.store import read_outline
from raci.screens.answers import changed
from raci.screens.asked import number_or_none, posted, seen, sender
from raci.screens.forms import IntoStageForm, NameForm, complaints
from raci.screens.frame import back, open_matrix, question
from raci.web.refusals import Conflict
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .arrange import arranged, not_renamed


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def stage_add(request: MemberRequest, matrix: int) -> HttpResponse:
    row = open_matrix(request, matrix)
    form = NameForm(posted(request), auto_id="new-%s")
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return question(request, row, "screens/stage_add.html", "Add a stage", status=status, form=form)
    done = structure.add_stage(matrix=matrix, sender=sender(request), name=form.cleaned_data["name"])
    return changed(request, done, back(request, matrix, "arrange"))


@requires(Access.EDITOR)
@require_POST
def stage_rename(request: MemberRequest, matrix: int, stage: int) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return not_renamed(request, matrix, f"s{stage}", complaints(form), 422)
    name = form.cleaned_data["name"]
    try:
        done = structure.rename_stage(matrix=matrix, sender=sender(request), stage=stage, name=name, seen=seen(request))
    except Conflict as conflict:
        return not_renamed(request, matrix, f"s{stage}", conflict.sentence, 409)
    return arranged(request, done)


@requires(Access.EDITOR)
@require_POST
def stage_move(request: MemberRequest, matrix: int, stage: int) -> HttpResponse:
    """Moves a stage with its activities before the stage `to`, or to the end."""
    done = structure.move_stage(
        matrix=matrix, sender=sender(request), stage=stage, before=number_or_none(request.POST.get("to"))
    )
    grid = read_outline(done.matrix, done.known)
    ids = [row.id for row in grid.stages]
    text = f"{grid.stages[ids.index(stage)].name} is now {ids.index(stage) + 1} of {len(ids)} stages."
    return arranged(request, done, text if done.change else "", outline=grid)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def stage_remove(request: MemberRequest, matrix: int, stage: int) -> HttpResponse:
    """Asks where its activities go, and removes it."""
    row = open_matrix(request, matrix)
    grid = read_outline(row)
    form = IntoStageForm(posted(request), grid=grid, stage=stage, auto_id="into-%s")
    if not form.is_valid():
        found = _stage(grid, stage)
        activities = [activity for activity in grid.activities if activity.stage == stage]
        status = 200 if request.method == "GET" else 422
        return question(
            request,
            row,
            "screens/stage_remove.html",
            f"Remove {found.name}",
            status=status,
            stage=found,
            activities=activities,
            form=form,
        )
    into = form.cleaned_data["into"]
    done = structure.remove_stage(matrix=matrix, sender=sender(request), stage=stage, into=into)
    return changed(request, done, reverse("arrange", args=[request.workspace.pk, matrix]))


def _stage(grid: Grid, stage: int) -> Stage:
    found = next((row for row in grid.stages if row.id == stage), None)
    if found is None:
        raise Http404
    return found
