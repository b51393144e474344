"""Who of those that were asked to a session has come to it."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raci.reviews.models import Participant, Review


def with_came(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The sessions with how many have come by now, see `came_to`: it changes what is shown, and is no step."""
    rows = Participant.objects.filter(review=OuterRef("pk"), came_at__isnull=False)
    counts = rows.order_by().values("review").annotate(number=Count("pk")).values("number")
    return reviews.annotate(came=Coalesce(Subquery(counts), 0))


def came_to(review: Review) -> int:
    """How many have come to a session that was read so."""
    number: int = getattr(review, "came", 0)
    return number
