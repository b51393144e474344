"""Publishing a matrix: what stands in the way, the numbered version it becomes, and the grids of versions.

A version is made under the lock of its matrix and stands in the log of it, as a change that changes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from raci.grid.checks import findings
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.plain import from_plain, to_plain
from raci.grid.rules import RULES, Finding, Severity
from raci.grid.text import TEXT_LIMIT, counted, prose
from raci.matrices.kept import KeptGrids
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, checked_line, commit
from raci.matrices.store import read_settled
from raci.matrices.work import Work
from raci.web.refusals import Conflict, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access

from .models import Publication, Version

_GRIDS: KeptGrids[tuple[int, str]] = KeptGrids(250_000)  # by id and digest, which tells apart what shares an id
MOVED_ON = "The matrix has changed since you looked. Nothing was published; look again, then publish."


@dataclass(frozen=True, slots=True)
class Obstacles:
    """The errors of a grid: those that always block, and those an owner may name as known."""

    blocking: tuple[Finding, ...]
    nameable: tuple[Finding, ...]


def obstacles(matrix: Matrix, grid: Grid, notation: Notation = Notation.LEAD_SUPPORT) -> Obstacles:
    """What stands in the way of publishing `grid`, whether it was set aside or not."""
    off = [rule for rule in matrix.rules_off if rule in RULES and RULES[rule].waivable]
    found = findings(grid, off=off, notation=notation)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return Obstacles(
        tuple(finding for finding in errors if not RULES[finding.rule].waivable),
        tuple(finding for finding in errors if RULES[finding.rule].waivable),
    )


def publish(
    *,
    matrix: Matrix,
    sender: Sender,
    seen: int,
    note: str = "",
    known: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Version:
    """Makes the next version of what stands at revision `seen`; 409 where the matrix has moved on since.

    `known` maps the keys of errors to why they are known: every error that may be named has to be, by an owner. The
    same submission, sent again, gives the version it made.

    `at` is when it was published, where that is not now: a version cannot be set back later.
    """
    text = _checked_note(note)
    settled, grid = read_settled(matrix)
    found = obstacles(settled, grid)
    plain, digest = to_plain(grid), digest_of(grid)
    filled = [role.id for role in grid.roles if role.people or role.members or role.headcount]

    def plan(work: Work) -> None:
        if not work.matrix.revision == settled.revision == seen:
            raise Conflict(MOVED_ON)
        if not grid.activities:
            raise Refused("There is nothing to publish yet. Add activities first.")
        if named := _named(found, known or {}):
            still(work.member, Access.OWNER)
        publication = publication_of(work.matrix)
        number = publication.latest.number + 1 if publication.latest else 1
        publication.latest = Version.objects.create(
            matrix=work.matrix,
            number=number,
            revision=seen + 1,
            name=work.matrix.name,
            grid=plain,
            digest=digest,
            filled=filled,
            note=text,
            known=named,
            published_at=at or timezone.now(),
            published_by=work.member.user,
        )
        publication.confirmed = {}
        publication.save(update_fields=["latest", "confirmed"])
        work.is_event, work.about = True, {"version": str(number)}

    body = [seen, text, sorted((known or {}).items())]
    done = commit(plan, matrix=matrix.pk, sender=sender, kind="publish", body=body)
    if done.change is None:
        raise Conflict(MOVED_ON)
    return Version.objects.defer("grid").get(matrix=matrix.pk, revision=done.change.revision)


def publication_of(matrix: Matrix) -> Publication:
    """The one of a matrix, made where it has none yet; to be called under the lock of the matrix."""
    publication, _ = Publication.objects.select_related("latest").defer("latest__grid").get_or_create(matrix=matrix)
    return publication


def publication_read(matrix: Matrix) -> Publication | None:
    """What is known of a matrix as something published, with its latest version and the letter of that, without grid.

    One query, which the matrix keeps; none where it was read with it.
    """
    field = Matrix._meta.get_field("publication")
    if not field.is_cached(matrix):
        rows = Publication.objects.select_related("latest__letter", "latest__published_by").defer("latest__grid")
        field.set_cached_value(matrix, rows.filter(matrix=matrix).first())
    return getattr(matrix, "publication", None)


def latest_of(matrix: Matrix) -> Version | None:
    """Its latest version, without its grid; no query where the matrix was read with it."""
    publication = publication_read(matrix)
    return publication.latest if publication else None


def digest_of(grid: Grid) -> str:
    """The SHA-256 digest of all that a version keeps of a grid, in hexadecimal."""
    text = json.dumps(to_plain(grid), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def grid_of(version: Version) -> Grid:
    """The grid of a version; read and made once a process, for it never changes."""
    return grids_of([version])[version.pk]


def grids_of(versions: Iterable[Version]) -> dict[int, Grid]:
    """Version id -> its grid; one query for all that this process does not have yet, else none."""
    found = _GRIDS.of({(version.pk, version.digest) for version in versions}, _read)
    return {pk: grid for (pk, _), grid in found.items()}


def _read(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], Grid]:
    rows = Version.objects.filter(pk__in=[pk for pk, _ in wanted]).order_by()
    return {(pk, digest): from_plain(plain) for pk, digest, plain in rows.values_list("pk", "digest", "grid")}


def _named(found: Obstacles, known: Mapping[str, str]) -> list[dict[str, str]]:
    """The errors with which a version may be published; refused where one blocks, or has no reason."""
    if found.blocking:
        left = counted(len(found.blocking), "activity has", "activities have")
        raise Refused(f"{left} no Lead yet, or nobody at all. Nothing can be published before each has one.")
    named = []
    for finding in found.nameable:
        if not known.get(finding.key, "").strip():
            raise Refused("Every error is mended, or named with a reason, before a matrix is published.")
        reason = checked_line(known[finding.key], what="reason")
        named.append({"key": finding.key, "rule": finding.rule, "text": finding.text, "reason": reason})
    return named


def _checked_note(note: str) -> str:
    try:
        return prose(note, limit=TEXT_LIMIT, what="note") if note.strip() else ""
    except ValueError as error:
        raise Refused(str(error)) from error
