"""Who is asked to sign a version: whoever answers for a role that has a part in it and that nobody has signed for."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef
from django.urls import reverse

from raci.matrices.models import Role

from .models import SignOff, Version
from .signing import roles_to_sign
from .versions import grid_of


def to_sign(version: Version) -> dict[int, tuple[int, ...]]:
    """Account id -> the roles of the version for which its holder answers now and nobody has signed; one query."""
    signed = SignOff.objects.filter(matrix=version.matrix_id, digest=version.digest, role=OuterRef("pk"))
    rows = Role.objects.filter(~Exists(signed), matrix=version.matrix_id, pk__in=roles_to_sign(grid_of(version)))
    found = dict[int, tuple[int, ...]]()
    for role, user in rows.order_by("pk").values_list("pk", "answers"):
        if user is not None:
            found[user] = (*found.get(user, ()), role)
    return found


def names_of(version: Version, roles: Collection[int]) -> list[str]:
    """What these roles are called in the version, in the order of its columns."""
    return [role.name for role in grid_of(version).roles if role.id in roles]


def place_to_sign(version: Version) -> str:
    """The path of the page on which it is signed."""
    return reverse("readers", args=[version.matrix.workspace_id, version.matrix_id, version.number])
