"""Roles: one at a time with its rows by level; add, change, move, remove, merge and split."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.matrices import people, structure
from raci.matrices.store import read_outline
from raci.screens.answers import changed
from raci.screens.asked import matrix_of, notation, number, number_or_none, posted, seen, sender
from raci.screens.filling import telling
from raci.screens.forms import HeirForm, IntoRoleForm, NameForm, RoleForm, SplitForm, complaints
from raci.screens.frame import back, came_from, frame, now, open_matrix, question
from raci.screens.role_page import RolePage, role_page
from raci.screens.role_people import role_people
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .arrange import arranged, not_renamed


@requires(Access.VIEWER)
@require_GET
def role(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Its rows by level; `edit` opens the form."""
    page = role_page(matrix_of(request, matrix), role, notation(request))
    return _shown(request, page, RoleForm(initial=_values(page)), edit="edit" in request.GET)


@requires(Access.EDITOR)
@require_POST
def role_edit(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Changes all its values; from the arrange page, its name alone."""
    inline = came_from(request) == "arrange"
    page = role_page(matrix_of(request, matrix), role, notation(request))
    form = NameForm(request.POST) if inline else RoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, page, form, 422)
    try:
        done = structure.edit_role(
            matrix=matrix, sender=sender(request), role=role, values=form.cleaned_data, seen=seen(request)
        )
    except Conflict as conflict:
        form.add_error(None, conflict.sentence)
        return _refused(request, role_page(matrix_of(request, matrix), role, notation(request)), form, 409)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, refused.sentence)
        return _refused(request, page, form, 422)
    return arranged(request, done) if inline else changed(request, done, _url(request, "role", matrix, role))


@requires(Access.EDITOR)
@require_POST
def role_move(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Moves a column before the role `to`, or to the end."""
    done = structure.move_role(
        matrix=matrix, sender=sender(request), role=role, before=number_or_none(request.POST.get("to"))
    )
    grid = read_outline(now(request, done), done.known)
    place = next(at for at, row in enumerate(grid.roles) if row.id == role)
    text = f"{grid.roles[place].name} is now {place + 1} of {len(grid.roles)} roles." if done.change else ""
    if came_from(request) == "arrange":
        return arranged(request, done, text, outline=grid)
    return changed(request, done, _url(request, "role", matrix, role), text)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def role_add(request: MemberRequest, matrix: int) -> HttpResponse:
    row = open_matrix(request, matrix)
    form = RoleForm(posted(request), auto_id="new-%s")
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return question(request, row, "screens/role_add.html", "Add a role", status=status, form=form)
    done = structure.add_role(matrix=matrix, sender=sender(request), values=form.cleaned_data)
    return changed(request, done, back(request, matrix))


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def role_remove(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Asks who takes over what it leads, where it leads anything, and removes it."""
    row = open_matrix(request, matrix)
    if request.method == "GET":
        return _ask_heir(request, role_page(row, role, notation(request)))
    heir, leaderless = None, False
    if "asked" in request.POST:
        form = HeirForm(request.POST, grid=read_outline(row), notation=notation(request), role=role, auto_id="heir-%s")
        if not form.is_valid():
            return _ask_heir(request, role_page(row, role, notation(request)), form, 422)
        heir, leaderless = form.role, form.role is None
    try:
        done = telling(
            structure.remove_role, matrix=matrix, sender=sender(request), role=role, heir=heir, leaderless=leaderless
        )
    except Conflict as conflict:  # it was given a Lead after the question was put
        page = role_page(row, role, notation(request))
        return _ask_heir(request, page, status=409, refusal=conflict.sentence)
    return changed(request, done, back(request, matrix))


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def role_merge(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Shows what the merge would do to each activity, then does it. What changed meanwhile is shown first."""
    row = open_matrix(request, matrix)
    if request.method == "GET":
        return _preview(request, role_page(row, role, notation(request)), request.GET)
    into = number_or_none(request.POST.get("into"))
    if into is None:
        return _preview(request, role_page(row, role, notation(request)), request.POST, 422)
    try:
        done = telling(
            structure.merge_roles, matrix=matrix, sender=sender(request), role=role, into=into, seen=seen(request)
        )
    except Conflict as conflict:
        page = role_page(matrix_of(request, matrix), role, notation(request))
        return _preview(request, page, request.POST, 409, conflict.sentence)
    return changed(request, done, back(request, matrix))


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def role_split(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """Makes a second role beside this one; where the first leads, the second supports."""
    page = role_page(open_matrix(request, matrix), role, notation(request))
    form = SplitForm(posted(request), auto_id="split-%s")
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        heading = f"Split {page.role.name}"
        return question(request, page.matrix, "screens/role_split.html", heading, status=status, page=page, form=form)
    done = structure.split_role(matrix=matrix, sender=sender(request), role=role, name=form.cleaned_data["name"])
    return changed(request, done, back(request, matrix))


@requires(Access.EDITOR)
@require_POST
def role_member_add(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """A member of the workspace fills it from now on."""
    user = number(request.POST.get("user"))
    done = telling(people.take_part, matrix=matrix, sender=sender(request), role=role, user=user)
    return changed(request, done, _url(request, "role", matrix, role))


@requires(Access.EDITOR)
@require_POST
def role_member_remove(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    user = number(request.POST.get("user"))
    try:
        done = telling(people.step_out, matrix=matrix, sender=sender(request), role=role, user=user, seen=seen(request))
    except Conflict as conflict:
        return _overtaken(request, matrix, role, conflict)
    return changed(request, done, _url(request, "role", matrix, role))


@requires(Access.EDITOR)
@require_POST
def role_answers(request: MemberRequest, matrix: int, role: int) -> HttpResponse:
    """One of those who fill it answers for it; with no `user`, nobody."""
    user = number_or_none(request.POST.get("user"))
    try:
        done = telling(
            people.answer_for, matrix=matrix, sender=sender(request), role=role, user=user, seen=seen(request)
        )
    except Conflict as conflict:
        return _overtaken(request, matrix, role, conflict)
    return changed(request, done, _url(request, "role", matrix, role))


def _overtaken(request: MemberRequest, matrix: int, role: int, conflict: Conflict) -> HttpResponse:
    """The page as it is now, with what somebody else did meanwhile; an archived matrix says its own."""
    page = role_page(open_matrix(request, matrix), role, notation(request))
    form = RoleForm(initial=_values(page))
    return _shown(request, page, form, edit=False, status=conflict.status, refusal=conflict.sentence)


def _shown(
    request: MemberRequest, page: RolePage, form: Any, *, edit: bool, status: int = 200, refusal: str = ""
) -> HttpResponse:
    context = frame(request, page.matrix, page=page, form=form, edit=edit, refusal=refusal)
    context["people"] = role_people(request, page.role, can_edit=context["can_edit"])
    return render(request, "screens/role.html", context, status=status)


def _refused(request: MemberRequest, page: RolePage, form: Any, status: int) -> HttpResponse:
    if came_from(request) == "arrange":
        return not_renamed(request, page.matrix.pk, f"r{page.role.id}", complaints(form), status)
    return _shown(request, page, form, edit=True, status=status)


def _ask_heir(
    request: MemberRequest, page: RolePage, form: HeirForm | None = None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    form = form or HeirForm(grid=page.grid, notation=page.notation, role=page.role.id, auto_id="heir-%s")
    heading, template = f"Remove {page.role.name}", "screens/role_remove.html"
    return question(request, page.matrix, template, heading, status=status, page=page, form=form, refusal=refusal)


def _preview(request: MemberRequest, page: RolePage, data: Any, status: int = 200, refusal: str = "") -> HttpResponse:
    form = IntoRoleForm(data if "into" in data else None, grid=page.grid, role=page.role.id, auto_id="merge-%s")
    into = form.cleaned_data["into"] if form.is_valid() else None
    kept = next((row for row in page.grid.roles if row.id == into), None)
    preview = page.merged(into) if into else []
    context = frame(request, page.matrix, page=page, form=form, into=kept, preview=preview, refusal=refusal)
    return render(request, "screens/role_merge.html", context, status=422 if form.errors else status)


def _values(page: RolePage) -> dict[str, Any]:
    row = page.role
    people = "\n".join(row.people)
    said = {"name": row.name, "short": row.short, "purpose": row.purpose, "contact": row.contact}
    return {**said, "people": people, "headcount": row.headcount}


def _url(request: MemberRequest, name: str, *ids: int) -> str:
    return reverse(name, args=[request.workspace.pk, *ids])
