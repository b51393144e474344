"""What publishing knows of an account that is deleted."""

from django.db.models import Q

from raci.accounts.models import User
from raci.workspaces.models import Link

from .models import Receipt


def forget(user: User) -> None:
    """That they were told of versions goes, with their address and the links they came by. What they published and
    signed stays without a name, and so does what others were told. That an address wants no more letters stays: it is
    a wish, whoever's account is open."""
    told = Receipt.objects.filter(Q(user=user) | Q(address__iexact=user.email))
    links = {pk for pair in told.values_list("link", "reminder") for pk in pair if pk is not None}
    told.delete()
    Link.objects.filter(pk__in=links).delete()
