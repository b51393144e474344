"""What the assessments know of an account that is deleted."""

from raci.accounts.models import User
from raci.grid.text import SOMEBODY

from .models import Assessment, Respondent


def forget(user: User) -> None:
    """Their answers count on, nobody knows whose they are. What they answered alone and nobody else has seen goes."""
    Assessment.objects.filter(opened_by=user, asks_others=False, closed_at=None).delete()
    Respondent.objects.filter(user=user).update(name=SOMEBODY, group="", user=None)
