"""An account that is deleted: what goes with it, what stays without a name, and what stands in the way."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from culture.forgetting import forget as forget_in_assessments
from raci.accounts.models import User
from raci.accounts.operations import end_all_sessions
from raci.grid.text import listed
from raci.notices.forgetting import forget as forget_in_mail
from raci.web.refusals import Conflict
from raci.workspaces.forgetting import forget as forget_in_workspaces
from raci.workspaces.models import Access, Workspace


@dataclass(frozen=True, slots=True)
class Leaving:
    """Names of workspaces: those that go along, those that stay, and those that would be without an owner."""

    going: list[str]
    staying: list[str]
    ownerless: list[str]


def what_goes(user: User) -> Leaving:
    """What would happen if this account were deleted now; one query."""
    return _sorted(_workspaces(user))


@transaction.atomic
def delete_account(*, by: User) -> None:
    """Deletes the account, at once and for good. What they did stays, without their name.

    Refused while they are the only owner of a workspace others are in. A workspace they are alone in goes with them.
    The rooms below hold the account's id, which leads nowhere afterwards and is never given again; where one of them
    has copied the name or the address, it forgets it.
    """
    mine = Workspace.objects.filter(pk__in=by.memberships.values("workspace")).order_by("pk")
    list(mine.select_for_update())  # nobody joins, leaves or changes access until this is through
    rows = list(_workspaces(by))
    if stuck := _sorted(rows).ownerless:
        names = listed([f"“{name}”" for name in stuck])
        raise Conflict(f"{names} would be without an owner. Hand over first, then delete your account.")
    for row in rows:
        if _is_alone(row):
            row.delete()
    forget_in_assessments(by)
    forget_in_mail(by)
    forget_in_workspaces(by)
    end_all_sessions(by)
    by.delete()


def _workspaces(user: User) -> QuerySet[Workspace]:
    """Those they are in, deleted ones too, with how many others are there and how many of these own it."""
    others = ~Q(members__user=user)
    rows = Workspace.objects.filter(pk__in=user.memberships.values("workspace")).annotate(
        others=Count("members", others),
        other_owners=Count("members", others & Q(members__access=Access.OWNER)),
    )
    return rows.order_by("name", "pk")


def _sorted(rows: QuerySet[Workspace] | list[Workspace]) -> Leaving:
    found = list(rows)
    return Leaving(
        going=[row.name for row in found if _is_alone(row) and row.deleted_at is None],
        staying=[row.name for row in found if not _is_alone(row) and row.deleted_at is None],
        ownerless=[row.name for row in found if _is_ownerless(row)],
    )


def _is_alone(row: Workspace) -> bool:
    return bool(row.others == 0)  # type: ignore[attr-defined]


def _is_ownerless(row: Workspace) -> bool:
    """Whether others would be left without an owner. Of a deleted one there is nothing to look after."""
    return row.deleted_at is None and not _is_alone(row) and not row.other_owners  # type: ignore[attr-defined]
