"""How a route declares who may use it. Those inside a workspace use `raci.workspaces.access.requires`."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def anyone(view: View) -> View:
    """Open to visitors without an account."""
    open_view: View = login_not_required(view)
    open_view.access = "anyone"  # type: ignore[attr-defined]
    return open_view


def signed_in(view: View) -> View:
    """Open to everybody with an account; SignInMiddleware keeps the others out, of views the library left open too."""
    view.login_required = True  # type: ignore[attr-defined]
    view.access = "signed in"  # type: ignore[attr-defined]
    return view
