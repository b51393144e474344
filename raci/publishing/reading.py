"""Who has read a version: a member says so, once, and who has not can be listed. Opening a page says nothing."""

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .models import Receipt, Version


@transaction.atomic
def read_by_member(*, version: Version, by: Member) -> None:
    """This member says that they have read it; again changes nothing. 404 for whom no letter told of it."""
    by = still(by, Access.VIEWER)
    told = Receipt.objects.filter(version=version, version__matrix__workspace=by.workspace_id, user=by.user_id)
    if not told.filter(read_at=None).update(read_at=timezone.now()) and not told.exists():
        raise Http404


def unread(version: Version) -> QuerySet[Receipt]:
    """Those whom the letter reached, or is about to, and who have not said that they have read it."""
    return Receipt.objects.filter(version=version, read_at=None).exclude(mail__failed_at__isnull=False)
