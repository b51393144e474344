"""Publishing a matrix: what stands in the way, the numbered version it becomes, and the grids of versions.

A version is made under the lock of its matrix and stands in the log of it, as a change that changes nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
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
from raci.matrices.store import grid_of as state_grid
from raci.matrices.undo import state_at
from raci.matrices.work import Work
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access

from .models import Letter, Publication, Version
from .upkeep import is_filled

_GRIDS: KeptGrids[tuple[int, str]] = KeptGrids(250_000)  # by id and digest, which tells apart what shares an id
MOVED_ON = "Another version was published since you looked. Nothing was published now; look again, then publish."


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
    minutes: str = "",
    next_on: date | None = None,
    then: Callable[[Version], None] = lambda _: None,
) -> Version:
    """Makes the next version of what stood at revision `seen`, which the sender looked at; what others changed since
    stays in the draft. 409 where another version was published since.

    `known` maps the keys of errors, or the rule of many, to why they are known: every error that may be named has to
    be, by an owner. The same submission, sent again, gives the version it made.

    `at` is when it was published, where that is not now: a version cannot be set back later. `minutes` are those of
    the review that led to it, for its letter; `next_on` is the day of the next review, where that was chosen; `then` is
    called with it under the lock.
    """
    text = _checked_note(note)
    name, grid = _as_it_stood(matrix, seen)
    found, digest = obstacles(matrix, grid), digest_of(grid)
    kept = {"name": name, "grid": to_plain(grid), "digest": digest, "filled": _filled(grid), "note": text}

    def plan(work: Work) -> None:
        publication = publication_of(work.matrix)
        if publication.latest and publication.latest.logged > seen:
            raise Conflict(MOVED_ON)
        if not grid.activities:
            raise Refused("There is nothing to publish yet. Add activities first.")
        if named := _named(found, known or {}):
            still(work.member, Access.OWNER)
        publication.latest = Version.objects.create(
            matrix=work.matrix,
            number=publication.latest.number + 1 if publication.latest else 1,
            revision=seen,
            logged=work.matrix.revision + 1,
            known=named,
            published_at=at or timezone.now(),
            published_by=work.member.user,
            **kept,
        )
        publication.confirmed, publication.next_on = {}, next_on
        publication.save(update_fields=["latest", "confirmed", "next_on"])
        if minutes:
            Letter.objects.create(version=publication.latest, minutes=minutes)
        then(publication.latest)
        work.is_event, work.about = True, {"version": str(publication.latest.number)}

    body = [seen, text, sorted((known or {}).items())]
    done = commit(plan, matrix=matrix.pk, sender=sender, kind="publish", body=body)
    if done.change is None:
        raise Conflict(MOVED_ON)
    return Version.objects.defer("grid").get(matrix=matrix.pk, logged=done.change.revision)


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
    """Version id -> its grid; one query for all that this process does not have yet, else none. Each row keeps its own:
    asked for one by one later, they are there, however many others were read meanwhile."""
    rows = list(versions)
    found = _GRIDS.of({_key(row) for row in rows if row.as_grid is None}, _read)
    for row in rows:
        row.as_grid = row.as_grid or found.get(_key(row))
    return {row.pk: row.as_grid for row in rows if row.as_grid is not None}


def _key(version: Version) -> tuple[int, str]:
    return version.pk, version.digest


def _read(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], Grid]:
    rows = Version.objects.filter(pk__in=[pk for pk, _ in wanted]).order_by()
    return {(pk, digest): from_plain(plain) for pk, digest, plain in rows.values_list("pk", "digest", "grid")}


def _as_it_stood(matrix: Matrix, revision: int) -> tuple[str, Grid]:
    """The name of a matrix and its Grid at a revision, read in one moment."""
    with transaction.atomic():
        row = Matrix.objects.select_for_update(no_key=True).get(pk=matrix.pk)
        if not 1 <= revision <= row.revision:
            raise Malformed
        state = state_at(row, revision)
    return state["matrix"][row.pk]["name"], state_grid(state)


def _filled(grid: Grid) -> list[int]:
    return [role.id for role in grid.roles if is_filled(role)]


def _named(found: Obstacles, known: Mapping[str, str]) -> list[dict[str, str]]:
    """The errors with which a version may be published; refused where one blocks, or has no reason."""
    if found.blocking:
        left = counted(len(found.blocking), "activity has", "activities have")
        raise Refused(f"{left} no Lead yet, or nobody at all. Nothing can be published before each has one.")
    named = []
    for finding in found.nameable:
        why = known.get(finding.key, "").strip() or known.get(finding.rule, "").strip()
        if not why:
            raise Refused("Every error is mended, or named with a reason, before a matrix is published.")
        reason = checked_line(why, what="reason")
        named.append({"key": finding.key, "rule": finding.rule, "text": finding.text, "reason": reason})
    return named


def _checked_note(note: str) -> str:
    try:
        return prose(note, limit=TEXT_LIMIT, what="note") if note.strip() else ""
    except ValueError as error:
        raise Refused(str(error)) from error
