"""Whom to ask in a workspace: what the latest versions of its matrices answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.urls import reverse

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import normalised
from raci.matrices.models import Matrix, Role
from raci.publishing.models import Publication
from raci.publishing.versions import grids_of
from raci.workspaces.models import Member, Workspace

from .who import Answer, Place, answers, best


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is put to, and what comes of it. `published` counts the matrices that are searched, `unpublished`
    those in use that are not, for nobody has agreed to them yet."""

    q: str
    answers: list[Answer]
    published: int
    unpublished: int


class _Held(NamedTuple):
    """Who fills a role now, and how to reach them: what is true today, whatever was published when."""

    contact: str
    people: tuple[str, ...]
    members: tuple[int, ...]
    answers: int | None


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


def _answers(workspace: Workspace, publications: Sequence[Publication], q: str, notation: Notation) -> list[Answer]:
    versions = [publication.latest for publication in publications if publication.latest]
    grids = grids_of(versions)
    held = _held([publication.matrix_id for publication in publications])
    members = _members(workspace, held)
    mails = {pk: members[role.answers].user.email for pk, role in held.items() if role.answers in members}
    names = {user: str(member.user) for user, member in members.items()}
    found: list[Answer] = []
    for publication, version in zip(publications, versions, strict=True):
        url = reverse("version", args=[workspace.pk, publication.matrix_id, version.number])
        place = Place(publication.matrix.name, f"version {version.number}", url)
        grid = _as_filled(grids[version.pk], held, names)
        found += answers(grid, q, notation=notation, shows_people=True, mails=mails, place=place)
    return found


def _held(matrices: Sequence[int]) -> dict[int, _Held]:
    rows = Role.objects.filter(matrix__in=matrices).order_by()
    fields = ("pk", "contact", "people", "members", "answers")
    return {
        pk: _Held(contact, tuple(people), tuple(members), answering)
        for pk, contact, people, members, answering in rows.values_list(*fields)
    }


def _members(workspace: Workspace, held: dict[int, _Held]) -> dict[int, Member]:
    """User id -> member, of those who fill a role and are here now."""
    users = {user for role in held.values() for user in role.members}
    if not users:
        return {}
    rows = Member.objects.filter(workspace=workspace, user__in=users).select_related("user")
    return {member.user_id: member for member in rows}


def _as_filled(grid: Grid, held: dict[int, _Held], names: dict[int, str]) -> Grid:
    """The version with who fills its roles today; a role that is gone stays as it was published."""
    roles = []
    for role in grid.roles:
        now = held.get(role.id)
        if now is not None:
            typed = {normalised(name) for name in now.people}
            members = [names[user] for user in now.members if user in names and normalised(names[user]) not in typed]
            role = replace(role, contact=now.contact, people=(*members, *now.people))
        roles.append(role)
    return replace(grid, roles=tuple(roles))
