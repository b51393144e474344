"""A feed of versions for feed readers and chat tools (Atom, RFC 4287): what was said of each, and what it changed.

It names nobody of itself; the note of a version stands as it was written, as on a shared page.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from raci.matrices.drafts import for_visitors
from raci.matrices.models import Matrix
from raci.publishing.lineage import lineage_between
from raci.publishing.models import SharedPage, Version
from raci.publishing.news import news
from raci.publishing.versions import grids_of

ENTRIES = 20
MOST_KEPT = 1_000  # texts
_OURS = UUID("b5d5d6fe-8a0b-4d0c-9a1e-6f5f0d3a7c52")  # the space of the names that entries have for ever
_NO_XML = dict.fromkeys((0xFFFE, 0xFFFF))  # the signs a name can hold and XML cannot

Pair = tuple[Version, Version | None]  # a version and the one before it
Key = tuple[int, str, str, int, str]

_texts: dict[Key, str] = {}  # neither version of a pair ever changes
_lock = Lock()


class _Feed(Atom1Feed):
    """Each entry holds the whole text, in place of a summary."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("content", item["description"], {"type": "html"})


def versions_of(matrix: Matrix) -> list[Version]:
    """The newest versions, newest first, one more than the feed has entries: the last has only to be compared with."""
    return list(Version.objects.filter(matrix=matrix).defer("grid").order_by("-number")[: ENTRIES + 1])


def feed_of(page: SharedPage, versions: Sequence[Version]) -> str:
    """The feed as text. One query at most, for the grids behind texts that are not kept yet."""
    matrix, latest = page.matrix, versions[0].number if versions else 0
    feed = _Feed(
        title=f"Versions of {_text(matrix.name)}",
        link=_address(matrix, latest),
        description=None,
        author_name="Remit",
        feed_guid=uuid5(_OURS, f"feed {page.pk} {page.link.created_at:%Y%m%d%H%M%S%f}").urn,
    )
    pairs: list[Pair] = [*pairwise(versions), *((last, None) for last in versions[-1:])][:ENTRIES]
    told = _told(pairs)
    for pair in pairs:
        version = pair[0]
        feed.add_item(
            title=f"Version {version.number} of {_text(version.name)}",
            link=_address(matrix, version.number),
            description=told[_key(pair)],
            unique_id=uuid5(_OURS, f"{version.pk} {version.digest} {version.published_at:%Y%m%d%H%M%S%f}").urn,
            pubdate=version.published_at,
            updateddate=version.published_at,
        )
    return str(feed.writeString("utf-8"))


def _told(pairs: Sequence[Pair]) -> Mapping[Key, str]:
    """What was said of each and what it changed, for whoever has the link."""
    with _lock:
        told = {key: _texts[key] for key in map(_key, pairs) if key in _texts}
    missing = [pair for pair in pairs if _key(pair) not in told]
    needed = {version for pair in missing for version in pair if version}
    grids = {pk: for_visitors(grid) for pk, grid in grids_of(needed).items()} if needed else {}
    new = {}
    for version, before in missing:
        former, lineage = grids[before.pk] if before else None, lineage_between(before, version)
        changed = news(former, grids[version.pk], lineage=lineage)
        said = render_to_string("screens/_feed_entry.html", {"version": version, "news": changed})
        new[_key((version, before))] = _text(said).strip()
    with _lock:
        _texts.update(new)
        for key in list(_texts)[:-MOST_KEPT]:
            del _texts[key]
    return told | new


def _key(pair: Pair) -> Key:
    version, before = pair
    return version.pk, version.digest, version.note, before.pk if before else 0, before.digest if before else ""


def _address(matrix: Matrix, number: int) -> str:
    """The page of a version, for members: who has only the feed is asked to sign in there."""
    return f"{settings.SITE_URL}{reverse('version', args=[matrix.workspace_id, matrix.pk, number])}"


def _text(text: str) -> str:
    return text.translate(_NO_XML)
