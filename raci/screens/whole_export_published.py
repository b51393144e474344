"""What the export of a workspace says of what is published, as plain values for JSON.

No address that opens anything is in it, neither a token nor that of a webhook, and nobody who was sent a letter: of
these it has the number.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.notices.names import look_up, named
from raci.publishing.models import Letter, Publication, SharedPage, SignOff, Version, Webhook
from raci.publishing.receipts import totals
from raci.workspaces.links import NO_END
from raci.workspaces.models import Workspace

Plain = dict[str, Any]


def published_people(workspace: Workspace) -> tuple[tuple[QuerySet[Any], str], ...]:
    """Rows, and the field of each in which the id of an account stands."""
    here = {"matrix__workspace": workspace}
    return (
        (Version.objects.filter(**here), "published_by"),
        (SignOff.objects.filter(**here), "by"),
        (Letter.objects.filter(version__matrix__workspace=workspace), "edited_by"),
        (Publication.objects.filter(**here), "changed_by"),
        (SharedPage.objects.filter(**here), "link__user"),
        (Webhook.objects.filter(**here), "by"),
    )


def published(matrix: Matrix) -> Plain | None:
    """All versions of a matrix, the oldest first, and what surrounds them; None where it was never published."""
    versions = list(Version.objects.filter(matrix=matrix).select_related("letter").order_by("number"))
    if not versions:
        return None
    signed: defaultdict[str, list[Plain]] = defaultdict(list)
    for one in SignOff.objects.filter(matrix=matrix):
        signed[one.digest].append({"role": one.role, "name": one.name, "by": one.by_id, "at": _moment(one.at)})
    return {
        "versions": [_version(version, signed[version.digest]) for version in versions],
        "review": _review(Publication.objects.get(matrix=matrix)),
        "shared": [_page(page) for page in _open_pages(matrix)],
        "webhooks": [{"host": hook.host, "by": hook.by_id} for hook in Webhook.objects.filter(matrix=matrix)],
    }


def _version(version: Version, signatures: list[Plain]) -> Plain:
    told, read = totals(version)
    letter = getattr(version, "letter", None)
    return {
        "number": version.number,
        "revision": version.revision,
        "name": version.name,
        "published": _moment(version.published_at),
        "by": version.published_by_id,
        "note": version.note,
        "known": version.known,
        "digest": version.digest,
        "filled": version.filled,
        "letter": _letter(letter) if letter else None,
        "told": told,
        "read": read,
        "signatures": signatures,
        "grid": version.grid,
    }


def _letter(letter: Letter) -> Plain:
    return {
        "subject": letter.subject,
        "text": _named(letter.text),
        "minutes": _named(letter.minutes),
        "by": letter.edited_by_id,
        "edited": _moment_or_none(letter.edited_at),
        "told": _moment_or_none(letter.told_at),
    }


def _named(text: str) -> str:
    return named(text, look_up(text))


def _review(publication: Publication) -> Plain:
    return {
        "months": publication.months,
        "next": publication.next_on.isoformat() if publication.next_on else None,
        "changed": _moment_or_none(publication.changed_at),
        "changed_by": publication.changed_by_id,
        "changed_why": publication.changed_why,
        "confirmed": publication.confirmed,
        "looked_back": _moment_or_none(publication.looked_back_at),
    }


def _open_pages(matrix: Matrix) -> Iterator[SharedPage]:
    still_open = {"link__revoked_at": None, "link__expires_at__gt": timezone.now()}
    rows = SharedPage.objects.filter(matrix=matrix, **still_open).select_related("link", "version")
    yield from rows.defer("version__grid").order_by("pk")


def _page(page: SharedPage) -> Plain:
    return {
        "kind": page.kind,
        "name": page.name,
        "version": page.version.number if page.version else None,
        "shows_people": page.shows_people,
        "origins": page.origins,
        "by": page.link.user_id,
        "until": None if page.link.expires_at == NO_END else _moment(page.link.expires_at),
        "last_used": _moment_or_none(page.link.last_used_at),
    }


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _moment_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else _moment(moment)
