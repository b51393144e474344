"""Addresses that want no more mail of a workspace which they have not asked for: letters, polls, reminders of both."""

from django.db import transaction

from raci.notices.models import Outbox
from raci.notices.outbox import withdraw
from raci.workspaces.access import lock

from .models import Unsubscribed


def wants_none(workspace: int, address: str) -> bool:
    return Unsubscribed.objects.filter(workspace=workspace, address=address).exists()


@transaction.atomic
def stop(workspace: int, address: str) -> None:
    """The address gets none from now on, also not what waits; again changes nothing."""
    row = lock(workspace)
    Unsubscribed.objects.get_or_create(workspace=row, address=address)
    mails = Outbox.objects.filter(workspace=row, to=address).exclude(stop="")
    withdraw(mails, "They want no more letters.")


@transaction.atomic
def resume(workspace: int, address: str) -> None:
    """The address gets them again, from the next one on; again changes nothing."""
    Unsubscribed.objects.filter(workspace=workspace, address=address).delete()
