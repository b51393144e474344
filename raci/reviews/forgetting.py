"""What polls and reviews know of an account that is deleted."""

from django.db.models import Q

from raci.accounts.models import User
from raci.notices.models import Outbox
from raci.publishing.recipients import address_of
from raci.workspaces.models import Link

from .asking import sign_of
from .models import Asking, Respondent


def forget(user: User) -> None:
    """Answers they sent count on, nobody knows whose they are, and by no link or token can they be changed any more.
    What they have not sent goes, and so does that they were asked.

    What they planned, decided and settled stays without a name; what was handed to them is nobody's.
    """
    address = address_of(user)
    theirs = Respondent.objects.filter(Q(user=user) | Q(address__iexact=user.email) | Q(address=address))
    links = set(theirs.exclude(link=None).values_list("link", flat=True))
    Outbox.objects.filter(link__in=links).delete()
    theirs.filter(submitted_at=None).delete()
    theirs.update(user=None, name="", address="", digest="", link=None, mail=None)
    Link.objects.filter(pk__in=links).delete()
    Asking.objects.filter(sign__in=[sign_of(address), sign_of(user.email)]).delete()
