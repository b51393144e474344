"""How a change is answered: a page gets a redirect with a toast that can undo it, the grid the parts that changed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from raci.matrices.models import Change
from raci.matrices.operations import Done
from raci.matrices.sentences import tell
from raci.web.errors import is_htmx
from raci.workspaces.access import MemberRequest

from .asked import notation

UNDO = "undo"  # the tag of a message that offers to take its change back


@dataclass(frozen=True, slots=True)
class Toast:
    """What happened, in a sentence. `undo` is the URL that takes it back, "" where nothing can be; `in_panel` where
    that is answered with the panel of the activity."""

    text: str
    undo: str = ""
    in_panel: bool = False


def toast_for(request: MemberRequest, change: Change | None, text: str = "") -> Toast | None:
    """The toast of a change; None where nothing changed and there is nothing to say."""
    if change is None:
        return Toast(text) if text else None
    said = text or tell(change, notation(request)).headline
    url = reverse("undo", args=[request.workspace.pk, change.matrix_id]) if change.can_be_undone else ""
    return Toast(said, url if change.kind != "undo" else "")


def changed(request: MemberRequest, done: Done, to: str, text: str = "") -> HttpResponse:
    """Back to a page after a change, with the toast on it. `to` is one of our own URLs."""
    toast = toast_for(request, done.change, text)
    if toast is not None:
        messages.success(request, toast.text, extra_tags=f"{UNDO} {toast.undo}" if toast.undo else "")
    return HttpResponseClientRedirect(to) if is_htmx(request) else redirect(to)
