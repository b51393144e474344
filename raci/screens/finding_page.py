"""Whom to ask in a workspace: what the latest versions of its matrices answer, with the members who fill their roles
today, as each version itself says it on its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.matrices.people import filled, filling
from raci.publishing.models import Publication
from raci.publishing.versions import grids_of
from raci.workspaces.models import Workspace

from .who import Holding, Place, answers, best


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is put to, and what comes of it. `published` counts the matrices that are searched, `unpublished`
    those in use that are not, for nobody has agreed to them yet."""

    q: str
    answers: list[Holding]
    published: int
    unpublished: int


def ask(workspace: Workspace, q: str, notation: Notation) -> Asked:
    """What the workspace answers to a question; at most five queries, however many matrices it has."""
    live = Matrix.objects.live().filter(workspace=workspace)
    rows = Publication.objects.filter(matrix__in=live, latest__isnull=False).select_related("matrix", "latest")
    publications = list(rows.only("matrix__name", "latest__number", "latest__digest").order_by("matrix__name", "pk"))
    unpublished = live.count() - len(publications)
    if not q.strip() or not publications:
        return Asked(q, [], len(publications), unpublished)
    found = _answers(workspace, publications, q, notation)
    return Asked(q, best(found), len(publications), unpublished)


def _answers(workspace: Workspace, publications: Sequence[Publication], q: str, notation: Notation) -> list[Holding]:
    versions = [publication.latest for publication in publications if publication.latest]
    grids = grids_of(versions)
    held = filling(workspace.pk, [publication.matrix_id for publication in publications])
    mails = {role: each.answers.user.email for role, each in held.items() if each.answers}
    names = {role: each.names for role, each in held.items()}
    found: list[Holding] = []
    for publication, version in zip(publications, versions, strict=True):
        url = reverse("version", args=[workspace.pk, publication.matrix_id, version.number])
        place = Place(publication.matrix.name, f"version {version.number}", url)
        grid = filled(grids[version.pk], names)
        found += answers(grid, q, notation=notation, shows_people=True, mails=mails, place=place)
    return found
