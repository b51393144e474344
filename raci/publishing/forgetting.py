"""What publishing knows of an account that is deleted."""

from django.db.models import OuterRef, Q, Subquery

from raci.accounts.models import User
from raci.notices.models import Outbox
from raci.workspaces.links import LASTING
from raci.workspaces.models import Access, Link, Member

from .models import Receipt
from .recipients import address_of


def forget(user: User) -> None:
    """That they were told of versions goes, with their address and the links they came by. What they published and
    signed stays without a name, and so does what others were told: the links in the letters they sent are an owner's
    from now on. That an address wants no more letters stays: it is a wish, whoever's account is open."""
    address = address_of(user)
    told = Receipt.objects.filter(Q(user=user) | Q(address__iexact=user.email) | Q(address=address))
    links = {pk for pair in told.values_list("link", "reminder") for pk in pair if pk is not None}
    Outbox.objects.filter(to=address).delete()
    told.delete()
    Link.objects.filter(pk__in=links).delete()
    _hand_over(user)


def _hand_over(user: User) -> None:
    """The links in their letters, and those of their polls, to the one who owns the workspace longest, of those who
    stay."""
    owners = Member.objects.filter(workspace=OuterRef("workspace"), access=Access.OWNER).exclude(user=user)
    owner = Subquery(owners.order_by("joined_at", "pk").values("user")[:1])
    sent = Link.objects.filter(purpose__in=LASTING, user=user).annotate(owner=owner)
    sent.exclude(owner=None).update(user=owner)
