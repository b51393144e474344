"""Which day it is."""

from datetime import date

from django.utils import timezone


def today() -> date:
    """The day it is for the team: the server's, whoever looks and wherever they are.

    It decides whether an end has passed. A reader's own zone only says how a moment is printed.
    """
    return timezone.localdate(timezone=timezone.get_default_timezone())
