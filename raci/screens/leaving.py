"""An account that is deleted: what goes with it, what stays without a name, and what stands in the way."""

import random
import time
from dataclasses import dataclass

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from culture.forgetting import forget as forget_in_assessments
from raci.accounts.models import User
from raci.accounts.operations import end_all_sessions, lock_user
from raci.grid.text import listed
from raci.matrices.models import Matrix
from raci.notices.forgetting import forget as forget_in_mail
from raci.publishing.forgetting import forget as forget_in_letters
from raci.reviews.forgetting import forget as forget_in_reviews
from raci.web.refusals import Busy, Conflict
from raci.web.trouble import may_pass
from raci.workspaces import audit
from raci.workspaces.forgetting import forget as forget_in_workspaces
from raci.workspaces.models import Access, Workspace
from raci.workspaces.operations import restorable_until

TRIES = 4


@dataclass(frozen=True, slots=True)
class Leaving:
    """Names of workspaces: those that go along, those that stay, those that would be without an owner, and those that
    are deleted and nobody else could restore."""

    going: list[str]
    staying: list[str]
    ownerless: list[str]
    lost: list[str]


def what_goes(user: User) -> Leaving:
    """What would happen if this account were deleted now; one query."""
    return _sorted(_workspaces(user))


def delete_account(*, by: User) -> None:
    """Deletes the account, at once and for good. What they did stays, without their name.

    Refused while they are the only owner of a workspace others are in, also of one that can still be restored. A
    workspace they are alone in goes with them. The rooms below hold the account's id, which leads nowhere afterwards
    and is never given again; where one of them has copied the name or the address, it forgets it.

    Tried again where something of theirs was written just then, which holds the account for a moment.
    """
    for attempt in range(TRIES):
        try:
            return _delete(by)
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and not may_pass(error):
                raise
            if attempt == TRIES - 1:
                raise Busy from error
            time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))
    return None


@transaction.atomic
def _delete(by: User) -> None:
    _lock_all(by)
    rows = list(_workspaces(by))
    _refuse_ownerless(_sorted(rows))
    for row in rows:
        if _is_alone(row):
            _let_go(row)
        else:
            audit.record(row, "member.left", by=by, deleted=True)
    forget_in_assessments(by)
    forget_in_mail(by)
    forget_in_reviews(by)
    forget_in_letters(by)
    forget_in_workspaces(by)
    end_all_sessions(by)
    by.delete()


def _lock_all(user: User) -> None:
    """Nobody joins, leaves, changes access or edits there until this is through; in the order of access.lock."""
    lock_user(user)
    mine = Workspace.objects.filter(pk__in=user.memberships.values("workspace"))
    list(mine.select_for_update(no_key=True).order_by("pk"))
    matrices = Matrix.objects.filter(workspace__in=user.memberships.values("workspace"))
    list(matrices.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    list(user.memberships.select_for_update().order_by("pk"))


def _refuse_ownerless(found: Leaving) -> None:
    if found.ownerless:
        names = listed([f"“{name}”" for name in found.ownerless])
        raise Conflict(f"{names} would be without an owner. Hand over first, then delete your account.")
    if found.lost:
        names = listed([f"“{name}”" for name in found.lost])
        raise Conflict(f"Only you can restore {names}. Restore and hand over first, then delete your account.")


def _let_go(row: Workspace) -> None:
    """For good, and at once; only what is deleted takes its audit log along."""
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    row.delete()


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
        ownerless=[row.name for row in found if _is_ownerless(row) and row.deleted_at is None],
        lost=[row.name for row in found if _is_ownerless(row) and _is_restorable(row)],
    )


def _is_alone(row: Workspace) -> bool:
    return bool(row.others == 0)  # type: ignore[attr-defined]


def _is_ownerless(row: Workspace) -> bool:
    """Whether others would be left without an owner."""
    return not _is_alone(row) and not row.other_owners  # type: ignore[attr-defined]


def _is_restorable(row: Workspace) -> bool:
    until = restorable_until(row)
    return until is not None and until > timezone.now()
