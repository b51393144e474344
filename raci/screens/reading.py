"""The card “Have you read it?” of a version, for a member whom its letter has told of it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from raci.publishing.models import Receipt, Version
from raci.publishing.receipts import totals
from raci.workspaces.access import MemberRequest


@dataclass(frozen=True, slots=True)
class ReadCard:
    """`action` is where its button is sent, `asker` who published the version, "" where their account is gone;
    `read_at` is when the reader said that they have read it, None before; `read` of `told` people have."""

    action: str
    asker: str
    read_at: datetime | None
    read: int
    told: int


def card_for(request: MemberRequest, version: Version) -> ReadCard | None:
    """The card of this reader; None for whom no letter told of the version. Two queries, one for these."""
    mine = Receipt.objects.filter(version=version, user=request.user.pk).first()
    if mine is None:
        return None
    told, read = totals(version)
    return ReadCard(
        action=reverse("version_read", args=[request.workspace.pk, version.matrix_id, version.number]),
        asker=str(version.published_by) if version.published_by else "",
        read_at=mine.read_at,
        read=read,
        told=told,
    )
