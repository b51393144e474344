"""The audit log of a workspace: who let whom in, who changed what they may, and what left the house.

Each kind has its sentence in raci/screens/audit.py. Operations write their entry in their own transaction.
"""

from typing import Any

from django.db import transaction

from raci.accounts.models import User

from .access import still
from .models import Access, AuditEvent, Member, Workspace


def record(workspace: Workspace, kind: str, /, *, by: User | None, whom: User | None = None, **about: Any) -> None:
    """Writes one entry. `about` names things and levels of access, never persons: who leaves takes their name along."""
    AuditEvent.objects.create(workspace=workspace, kind=kind, by=by, whom=whom, about=about)


@transaction.atomic
def note(kind: str, /, *, by: Member, needed: Access, **about: Any) -> None:
    """An entry on its own, for what leaves the house and changes nothing in it; refused who may not, by now."""
    member = still(by, needed)
    record(member.workspace, kind, by=member.user, **about)
