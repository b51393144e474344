"""Personal links: each letter and each reminder opens its version by one of its own, so who made many sent many mails.

They belong to the workspace: they live until they end, whoever sent them (see raci.workspaces.links.open_links).
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from raci.web.refusals import TooMany
from raci.workspaces.models import Link, Member

from .models import Receipt

LIFETIME = timedelta(days=400)  # until the version after the next review is read
MOST_A_DAY = 10_000  # of one account, wherever it sends them, and of one workspace
BATCH = 500


def personal_links(number: int, by: Member) -> list[Link]:
    """New ones, one a person; refused where it is more than go out in a day."""
    return _made([str(at) for at in range(number)], secrets.token_hex(8), by)


def give_links(receipts: Sequence[Receipt], field: str, by: Member, **more: Any) -> list[Link]:
    """A new one for each receipt, in this field, beside whatever else it is to have; in a few statements."""
    sign, pks = secrets.token_hex(8), [receipt.pk for receipt in receipts]
    links = _made([str(pk) for pk in pks], sign, by)
    own = Link.objects.filter(digest=Concat(Value(f"{sign}:"), Cast(OuterRef("pk"), CharField())))
    for some in in_batches(pks):
        Receipt.objects.filter(pk__in=some).update(**{field: Subquery(own.values("pk")[:1])}, **more)
    return links


def in_batches(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    """So many at a time as a statement takes."""
    return (pks[at : at + BATCH] for at in range(0, len(pks), BATCH))


def _made(whose: Sequence[str], sign: str, by: Member) -> list[Link]:
    """Their tokens are made when the mails go; until then no token has their digest, which says whose they are."""
    _refuse_floods(by, len(whose))
    until = timezone.now() + LIFETIME
    return Link.objects.bulk_create(
        [
            Link(
                purpose=Link.Purpose.LETTER,
                user=by.user,
                workspace_id=by.workspace_id,
                digest=f"{sign}:{each}",
                expires_at=until,
            )
            for each in whose
        ],
        batch_size=BATCH,
    )


def _refuse_floods(by: Member, more: int) -> None:
    today = Link.objects.filter(purpose=Link.Purpose.LETTER, created_at__gt=timezone.now() - timedelta(days=1))
    mine, here = Q(user=by.user_id), Q(workspace=by.workspace_id)
    sent = today.filter(mine | here).aggregate(mine=Count("pk", mine), here=Count("pk", here))
    if max(sent.values()) + more > MOST_A_DAY:
        raise TooMany(
            f"Up to {MOST_A_DAY:,} letters and reminders go out a day, of one person and of one workspace. "
            "Send the rest tomorrow."
        )
