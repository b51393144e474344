"""The workspaces of whoever is signed in, and one of them as a whole: its name, its export, its end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from raci.accounts.models import User
from raci.grid.text import day
from raci.matrices.models import Matrix
from raci.screens.asked import posted
from raci.screens.forms_pages import DeleteForm, NameForm
from raci.screens.views.exports import attached
from raci.screens.whole_export import whole_export, zip_name
from raci.screens.workspace_end import delete_workspace
from raci.screens.workspace_list import in_use, restorable
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Malformed, Refused
from raci.web.routes import signed_in
from raci.workspaces import audit, operations
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access
from raci.workspaces.operations import restorable_until


@signed_in
@require_GET
def workspaces(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    return render(request, "screens/workspaces.html", {"members": in_use(user), "deleted": restorable(user)})


@signed_in
@require_http_methods(["GET", "POST"])
def workspace_new(request: HttpRequest) -> HttpResponse:
    form, status = NameForm(posted(request)), 200 if request.method == "GET" else 422
    if form.is_valid():
        try:
            made = operations.open_another(by=_user(request), name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name" if isinstance(refused, Conflict) else None, refused.sentence)
            status = refused.status
        else:
            return redirect("matrices", workspace=made.pk)
    return render(request, "screens/workspace_new.html", {"form": form}, status=status)


@requires(Access.OWNER)
@require_GET
def workspace(request: MemberRequest) -> HttpResponse:
    return _page(request, NameForm(initial={"name": request.workspace.name}), DeleteForm())


@requires(Access.OWNER)
@require_POST
def workspace_rename(request: MemberRequest) -> HttpResponse:
    form, was = NameForm(request.POST), request.POST.get("was")
    if was is None:
        raise Malformed
    if not form.is_valid():
        return _page(request, form, DeleteForm(), 422)
    try:
        row = operations.rename(by=request.member, name=form.cleaned_data["name"], was=was)
    except Conflict as conflict:
        form.add_error("name", conflict.sentence)
        request.workspace.refresh_from_db()
        return _page(request, form, DeleteForm(), conflict.status)
    return _moved_on(request, reverse("workspace", args=[row.pk]), f"The workspace is called “{row.name}” now.")


@requires(Access.OWNER)
@require_POST
def workspace_export(request: MemberRequest) -> HttpResponse:
    content = whole_export(request.member)
    audit.note("workspace.exported", by=request.member, needed=Access.OWNER)
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = attached(zip_name(request.workspace))
    return response


@requires(Access.OWNER)
@require_POST
def workspace_delete(request: MemberRequest) -> HttpResponse:
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return _page(request, NameForm(initial={"name": request.workspace.name}), form, 422)
    try:
        row = delete_workspace(by=request.member, typed=form.cleaned_data["typed"])
    except Refused as refused:
        if refused.kind != "validation":
            raise
        form.add_error("typed", refused.sentence)
        return _page(request, NameForm(initial={"name": request.workspace.name}), form, refused.status)
    until = restorable_until(row)
    said = f" You can restore it here until {day(localtime(until))}." if until else ""
    return _moved_on(request, reverse("workspaces"), f"“{row.name}” is deleted.{said}")


@signed_in
@require_POST
def workspace_restore(request: HttpRequest, deleted: int) -> HttpResponse:
    row = operations.restore(by=_user(request), workspace=deleted)
    return _moved_on(request, reverse("matrices", args=[row.pk]), f"“{row.name}” is back, as it was.")


def _page(request: MemberRequest, form: NameForm, delete: DeleteForm, status: int = 200) -> HttpResponse:
    """The page; the forms hold what was not taken."""
    context = {
        "form": form,
        "delete": delete,
        "matrices": Matrix.objects.filter(workspace=request.workspace).count(),
        "people": request.workspace.members.count(),
        "days": operations.RESTORABLE.days,
    }
    return render(request, "screens/workspace.html", context, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # or the route would not have let them in
    return request.user


def _moved_on(request: HttpRequest, to: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseClientRedirect(to) if is_htmx(request) else redirect(to)
