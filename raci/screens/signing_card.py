"""The card “You answer for …”: whose rows in a version its reader has still to sign."""

from dataclasses import dataclass

from django.urls import reverse

from raci.grid.grid import Role
from raci.publishing.signers import place_to_sign, to_sign
from raci.workspaces.access import MemberRequest

from .sheet import Sheet


@dataclass(frozen=True, slots=True)
class SignCard:
    """`roles` are those the reader answers for and has not signed for, at least one; `action` is where a signature is
    sent, with `digest`; `page` says what is signed, role by role."""

    roles: tuple[Role, ...]
    action: str
    digest: str
    page: str


def sign_card(request: MemberRequest, sheet: Sheet, *, role: int | None = None) -> SignCard | None:
    """The card of this reader, with `role` for that one alone; None where nothing waits for them. The version in force
    is signed and no other. One query at most."""
    if not sheet.is_in_force or sheet.facts.is_archived:
        return None
    version = sheet.version
    mine = to_sign(version).get(request.user.pk or 0, ())
    roles = tuple(each for each in sheet.grid.roles if each.id in mine and role in (None, each.id))
    if not roles:
        return None
    return SignCard(
        roles=roles,
        action=reverse("version_sign", args=[request.workspace.pk, version.matrix_id, version.number]),
        digest=version.digest,
        page=place_to_sign(version),
    )
