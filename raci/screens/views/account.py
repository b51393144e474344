"""A person's own account: what they say of themselves, where they are signed in, and leaving for good."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.accounts import operations
from raci.accounts.forms import AccountForm, LeavingForm
from raci.accounts.models import Theme, User
from raci.screens import leaving
from raci.screens.asked import posted
from raci.web.routes import View, anyone, signed_in

asks_again: Callable[[View], View] = reauthentication_required()


class SignedInRequest(HttpRequest):
    """A request of somebody with an account."""

    user: User


@signed_in
@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """Name, time zone and theme, and the ways to all else."""
    user = request.user
    known = {"name": user.name or str(user), "time_zone": user.time_zone, "theme": user.theme}
    form = AccountForm(posted(request), initial=known)
    if form.is_valid():
        said = form.cleaned_data
        operations.change_account(by=user, name=said["name"], time_zone=said["time_zone"], theme=Theme(said["theme"]))
        messages.success(request, "Your account is saved.")
        return redirect("account")
    context = {
        "form": form,
        "factors": set(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "sessions": UserSession.objects.filter(user=user).count(),
    }
    return render(request, "screens/account.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def session_end(request: SignedInRequest, session: int) -> HttpResponse:
    """Signs out one other browser."""
    operations.end_session(by=request.user, session=session, own=request.session)
    messages.success(request, "That session has ended.")
    return redirect("usersessions_list")


@signed_in
@require_http_methods(["GET", "POST"])
@asks_again
def account_delete(request: SignedInRequest) -> HttpResponse:
    """Says what goes and what stays, and deletes the account.

    allauth asks for the password or the second factor before; who has neither types their address.
    """
    form = None
    if not get_adapter().get_reauthentication_methods(request.user):
        form = LeavingForm(posted(request), user=request.user)
    if request.method == "POST" and (form is None or form.is_valid()):
        leaving.delete_account(by=request.user)
        logout(request)
        answer = redirect("account_deleted")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer
    context = {"form": form, "leaving": leaving.what_goes(request.user)}
    return render(request, "screens/account_delete.html", context, status=422 if form and form.errors else 200)


@anyone
@require_GET
def account_deleted(request: HttpRequest) -> HttpResponse:
    """After it."""
    return render(request, "screens/account_deleted.html")
