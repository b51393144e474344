"""Several matrices at once, as the list shows them: as many queries for a hundred as for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Count, F, Q

from raci.grid.checks import Tally
from raci.grid.grid import Grid
from raci.grid.text import capitalised
from raci.matrices.models import Change, Matrix
from raci.publishing.due import NextReview, review_of
from raci.publishing.models import Receipt, Version
from raci.publishing.versions import grids_of, latest_of
from raci.reviews.evidence import evidence_read, results_of
from raci.web import days
from raci.workspaces.models import Workspace

from .asked import UNREAD
from .findings import check
from .many_grids import read_grids
from .picture import Picture, picture
from .published_state import unpublished
from .sources import house_grids


class Readers(NamedTuple):
    """How many people were told of a version, and how many of them have read it."""

    told: int
    read: int


@dataclass(frozen=True, slots=True)
class Published:
    """What is published of a matrix: its latest version, how many changes stand in the draft since, when it is looked
    at again. A review that was asked for today is due `is_now`, and counts as overdue."""

    version: Version
    changes: int
    readers: Readers
    review: NextReview
    is_overdue: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One matrix in use; `last` is its latest change, `published` None where nobody has agreed to it yet."""

    matrix: Matrix
    activities: int
    roles: int
    picture: Picture
    tally: Tally
    last: Change | None
    published: Published | None


@dataclass(frozen=True, slots=True)
class Archived:
    """One matrix that was put away, and its latest change: putting it away."""

    matrix: Matrix
    last: Change | None


def overview(workspace: Workspace) -> tuple[list[Tile], list[Archived]]:
    """The matrices in use and the archived ones, each by name; seven queries, and one each for the house references,
    the versions and the polls that this process has not read yet."""
    known = Matrix.objects.filter(workspace=workspace)
    beside = known.select_related("culture", "house", "publication__latest__letter", "evidence__poll")
    rows = list(beside.defer(*UNREAD).order_by("name", "pk"))
    live = [matrix for matrix in rows if not matrix.is_archived]
    house_grids(matrix.house for matrix in live if matrix.house)  # which the checks ask for one by one
    versions = [version for matrix in live if (version := latest_of(matrix))]
    grids_of(versions)  # which the checks and the counts ask for one by one
    results_of(poll for matrix in live if (poll := evidence_read(matrix).poll))  # likewise
    grids, last, readers = read_grids(live), _last_changes(rows), _readers(versions)
    tiles = [_tile(matrix, grids[matrix.pk], last.get(matrix.pk), readers) for matrix in live]
    return tiles, [Archived(matrix, last.get(matrix.pk)) for matrix in rows if matrix.is_archived]


def lede(tiles: Sequence[Tile]) -> str:
    """How many matrices there are, how many of them are published, and which reviews are due."""
    agreed = [tile.published for tile in tiles if tile.published]
    due = sum(published.is_now for published in agreed)
    overdue = sum(published.is_overdue for published in agreed) - due
    matrices = "matrix" if len(tiles) == 1 else "matrices"
    said = f"{_number(len(tiles))} {matrices}, {apnumber(len(agreed)) if agreed else 'none'} published."
    for count, how in ((due, "due now"), (overdue, "overdue")):
        if count:
            said += f" {_number(count)} {'review is' if count == 1 else 'reviews are'} {how}."
    return said


def _number(count: int) -> str:
    return capitalised(str(apnumber(count)))


def _tile(matrix: Matrix, grid: Grid, last: Change | None, readers: dict[int, Readers]) -> Tile:
    tally = check(matrix, grid).tally
    about = _published(matrix, grid, readers)
    return Tile(matrix, len(grid.activities), len(grid.roles), picture(grid), tally, last, about)


def _published(matrix: Matrix, grid: Grid, readers: dict[int, Readers]) -> Published | None:
    version = latest_of(matrix)
    if version is None:
        return None
    review = review_of(matrix.publication, version)
    changes = unpublished(matrix, grid)
    told = readers.get(version.pk, Readers(0, 0))
    today = days.today()
    return Published(version, changes, told, review, review.is_overdue(today), review.is_now(today))


def _readers(versions: Sequence[Version]) -> dict[int, Readers]:
    """Version id -> who was told of it; a mail that never arrived told nobody."""
    if not versions:
        return {}
    rows = Receipt.objects.filter(version__in=versions).exclude(mail__failed_at__isnull=False).order_by()
    counted = rows.values_list("version").annotate(told=Count("pk"), read=Count("pk", Q(read_at__isnull=False)))
    return {pk: Readers(told, read) for pk, told, read in counted}


def _last_changes(matrices: Sequence[Matrix]) -> dict[int, Change]:
    """Matrix id -> its latest change, without what it changed."""
    changes = Change.objects.filter(matrix__in=matrices, revision=F("matrix__revision")).order_by()
    return {change.matrix_id: change for change in changes.select_related("by").defer("edits", "names")}
