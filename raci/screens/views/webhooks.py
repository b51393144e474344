"""Webhooks: telling a chat tool of a version. They stand on the page of the letter, and lead back there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from raci.grid.text import counted
from raci.publishing import postings, webhooks
from raci.screens.asked import matrix_of, number, version_of
from raci.screens.frame import frame
from raci.screens.webhooks import WebhookForm
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@requires(Access.EDITOR)
@require_POST
def webhook_add(request: MemberRequest, matrix: int) -> HttpResponse:
    row, form = matrix_of(request, matrix), WebhookForm(request.POST)
    version = version_of(row, number(request.POST.get("version")))
    if form.is_valid():
        try:
            hook = webhooks.add(matrix=row.pk, address=form.cleaned_data["address"], by=request.member)
        except Refused as refused:
            if refused.status != 422:
                raise
            form.add_error("address", refused.sentence)
        else:
            return _back(request, row.pk, version.number, f"The webhook at {hook.host} is added.")
    context = frame(request, row, form=form, version=version)
    return render(request, "screens/webhook_add.html", context, status=422)


@requires(Access.EDITOR)
@require_POST
def webhook_remove(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    version = version_of(row, number(request.POST.get("version")))
    webhooks.remove(matrix=row.pk, webhook=number(request.POST.get("webhook")), by=request.member)
    return _back(request, row.pk, version.number, "The webhook is removed. Nothing is posted there any more.")


@requires(Access.EDITOR)
@require_POST
def webhook_post(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    told = postings.post(version=version_of(row, version), by=request.member)
    said = f"The letter is on its way to {counted(told, 'webhook')}." if told else "Every webhook has it already."
    return _back(request, row.pk, version, said)


def _back(request: MemberRequest, matrix: int, version: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("letter", request.workspace.pk, matrix, version)
