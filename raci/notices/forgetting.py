"""What mail knows of an account that is deleted."""

from django.db.models import Q

from raci.accounts.models import User

from .models import Outbox


def forget(user: User) -> None:
    """Mails to them go, those that wait and what is left of those that went. What tells others of them holds no name
    (see names.py)."""
    Outbox.objects.filter(Q(user=user) | Q(to__iexact=user.email)).delete()
