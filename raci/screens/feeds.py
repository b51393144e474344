"""A feed of versions for feed readers and chat tools (Atom, RFC 4287): what each changed, and the name of nobody."""

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from raci.grid.levels import Notation
from raci.matrices.drafts import for_visitors
from raci.matrices.models import Matrix
from raci.publishing.models import SharedPage, Version
from raci.publishing.news import News, news
from raci.publishing.versions import grids_of

ENTRIES = 20
FORM = "1"  # another one where the same versions make another feed, so that no reader keeps the old one
_OURS = UUID("b5d5d6fe-8a0b-4d0c-9a1e-6f5f0d3a7c52")  # the space of the names that entries have for ever
_NO_XML = dict.fromkeys((0xFFFE, 0xFFFF))  # the signs a name can hold and XML cannot


def versions_of(matrix: Matrix) -> list[Version]:
    """The newest versions, newest first, one more than the feed has entries: the last has only to be compared with."""
    return list(Version.objects.filter(matrix=matrix).defer("grid").order_by("-number")[: ENTRIES + 1])


def mark_of(page: SharedPage, versions: Sequence[Version]) -> str:
    """The ETag of the feed. Versions never change, so who knows which there are knows what it says."""
    said = [FORM, settings.SITE_URL, str(page.pk), page.matrix.name, *(version.digest for version in versions)]
    return f'"{hashlib.sha256(chr(0).join(said).encode()).hexdigest()[:32]}"'


def feed_of(page: SharedPage, versions: Sequence[Version]) -> str:
    """The feed as text. One query for the grids that are not kept yet."""
    matrix = page.matrix
    latest = versions[0].number if versions else 0
    feed = Atom1Feed(
        title=f"Versions of {_text(matrix.name)}",
        link=_address(matrix, latest),
        description=None,
        author_name="Remit",
        feed_guid=uuid5(_OURS, f"feed {page.pk} {page.link.created_at:%Y%m%d%H%M%S%f}").urn,
    )
    for version, changed in zip(versions, _changes(versions), strict=False):
        feed.add_item(
            title=f"Version {version.number} of {_text(version.name)}",
            link=_address(matrix, version.number),
            description=_text(render_to_string("screens/_feed_entry.html", {"version": version, "news": changed})),
            unique_id=uuid5(_OURS, f"{version.pk} {version.digest} {version.published_at:%Y%m%d%H%M%S%f}").urn,
            pubdate=version.published_at,
            updateddate=version.published_at,
        )
    return str(feed.writeString("utf-8"))


def _changes(versions: Sequence[Version]) -> list[News]:
    """What each changed, for whoever has the link; of more than a feed has entries the last is left out."""
    grids = {pk: for_visitors(grid) for pk, grid in grids_of(versions).items()}
    before = [*(grids[version.pk] for version in versions[1:]), None]
    told = [news(old, grids[version.pk], Notation.LEAD_SUPPORT) for version, old in zip(versions, before, strict=True)]
    return told[:ENTRIES]


def _address(matrix: Matrix, number: int) -> str:
    """The page of a version, for members: who has only the feed is asked to sign in there."""
    return f"{settings.SITE_URL}{reverse('version', args=[matrix.workspace_id, matrix.pk, number])}"


def _text(text: str) -> str:
    return text.translate(_NO_XML)
