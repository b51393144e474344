"""Webhooks: addresses of chat tools that are told of each version when somebody posts it (see postings.py).

Such an address is as good as a key, so the database keeps it sealed, and pages show its host alone.
"""

from django.db import transaction
from django.http import Http404

from raci.matrices.models import Matrix
from raci.web.outgoing import check_address
from raci.web.refusals import Refused
from raci.web.sealed import Unreadable, seal, unseal
from raci.workspaces import audit
from raci.workspaces.access import lock, still
from raci.workspaces.models import Access, Member

from .models import Webhook

MOST = 5  # of a matrix
SALT = "raci.publishing.webhooks"


def add(*, matrix: int, address: str, by: Member) -> Webhook:
    """A webhook of a matrix; 422 where its address is none to post to. The same address is added once."""
    text = address.strip()
    host = check_address(text)  # asks a name server, so before anything is locked
    with transaction.atomic():
        lock(by.workspace_id)
        by = still(by, Access.EDITOR)
        row = _matrix(matrix, by)
        hooks = list(Webhook.objects.filter(matrix=row))
        if same := next((hook for hook in hooks if _opened(hook) == text), None):
            return same
        if len(hooks) >= MOST:
            raise Refused(f"A matrix has up to {MOST} webhooks. Remove one first.")
        hook = Webhook.objects.create(matrix=row, host=host, address=seal(text, salt=SALT), by=by.user)
        audit.record(by.workspace, "webhook.added", by=by.user, matrix=row.name, host=host)
        return hook


@transaction.atomic
def remove(*, matrix: int, webhook: int, by: Member) -> None:
    """From now on nothing is posted there, not even what waits."""
    lock(by.workspace_id)
    by = still(by, Access.EDITOR)
    row = _matrix(matrix, by)
    hook = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook, matrix=row).first()
    if hook is None:
        raise Http404
    hook.delete()
    audit.record(by.workspace, "webhook.removed", by=by.user, matrix=row.name, host=hook.host)


def address_of(webhook: Webhook) -> str:
    """Where to post. Raises Unreadable."""
    return unseal(webhook.address, salt=SALT)


def _opened(webhook: Webhook) -> str:
    try:
        return address_of(webhook)
    except Unreadable:
        return ""


def _matrix(matrix: int, by: Member) -> Matrix:
    row = Matrix.objects.filter(pk=matrix, workspace_id=by.workspace_id).first()
    if row is None:
        raise Http404
    return row
