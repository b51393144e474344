"""Personal links: each letter and each reminder opens its version by one of its own, and each mail of a poll opens the
poll, so who made many sent many mails.

They belong to the workspace: they live until they end, whoever sent them (see raci.workspaces.links.open_links).
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from raci.web.refusals import TooMany
from raci.workspaces.links import LASTING
from raci.workspaces.models import Link, Member

from .models import Receipt

LIFETIME = timedelta(days=400)  # until the version after the next review is read
MOST_A_DAY = 10_000  # of one account, wherever it sends them, and of one workspace
BATCH = 500


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives links, by the ids of account and workspace; what for; and until when, None for as long as letters."""

    user: int
    workspace: int
    purpose: Link.Purpose = Link.Purpose.LETTER
    until: datetime | None = None


def personal_links(number: int, by: Member) -> list[Link]:
    """New ones, one a person; refused where it is more than go out in a day."""
    giver = Giver(by.user_id, by.workspace_id)
    return _made([str(at) for at in range(number)], secrets.token_hex(8), giver)


def give_links(receipts: Sequence[Receipt], field: str, by: Member, **more: Any) -> list[Link]:
    """A new one for each receipt, in this field, beside whatever else it is to have; in a few statements."""
    giver = Giver(by.user_id, by.workspace_id)
    return links_for(Receipt.objects.all(), [each.pk for each in receipts], field, giver, **more)


def links_for(rows: QuerySet[Any], pks: Sequence[int], field: str, giver: Giver, **more: Any) -> list[Link]:
    """The same for the rows of any table that have these ids."""
    sign = secrets.token_hex(8)
    links = _made([str(pk) for pk in pks], sign, giver)
    own = Link.objects.filter(digest=Concat(Value(f"{sign}:"), Cast(OuterRef("pk"), CharField())))
    for some in in_batches(pks):
        rows.filter(pk__in=some).update(**{field: Subquery(own.values("pk")[:1])}, **more)
    return links


def in_batches(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    """So many at a time as a statement takes."""
    return (pks[at : at + BATCH] for at in range(0, len(pks), BATCH))


def _made(whose: Sequence[str], sign: str, giver: Giver) -> list[Link]:
    """Their tokens are made when the mails go; until then no token has their digest, which says whose they are."""
    refuse_floods(giver, len(whose))
    until = giver.until or timezone.now() + LIFETIME
    return Link.objects.bulk_create(
        [
            Link(
                purpose=giver.purpose,
                user_id=giver.user,
                workspace_id=giver.workspace,
                digest=f"{sign}:{each}",
                expires_at=until,
            )
            for each in whose
        ],
        batch_size=BATCH,
    )


def refuse_floods(giver: Giver, more: int) -> None:
    """Refuses so many more mails with a personal link where they are more than go out in a day."""
    today = Link.objects.filter(purpose__in=LASTING, created_at__gt=timezone.now() - timedelta(days=1))
    mine, here = Q(user=giver.user), Q(workspace=giver.workspace)
    sent = today.filter(mine | here).aggregate(mine=Count("pk", mine), here=Count("pk", here))
    if max(sent.values()) + more > MOST_A_DAY:
        raise TooMany(
            f"Up to {MOST_A_DAY:,} letters and reminders go out a day, of one person and of one workspace. "
            "Send the rest tomorrow."
        )
