"""What the export of a workspace says beside the workbooks, as plain values for JSON.

Persons stand in it by the ids of their accounts; `people` has their names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from culture.asking import visible_to
from culture.models import Advice, Answer, Assessment, Respondent, Sign
from raci.accounts.models import User
from raci.grid.grid import Grid
from raci.grid.plain import to_plain
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.sentences import tell
from raci.workspaces.models import AuditEvent, Invitation, Member, Workspace

from .whole_export_published import published_people
from .whole_export_reviews import people_known_of, reviewed_people

Plain = dict[str, Any]
AT_ONCE = 200  # changes, with all they changed


def about_workspace(member: Member) -> Plain:
    """All but the matrices, as this owner may read it."""
    workspace = member.workspace
    return {
        "id": workspace.pk,
        "name": workspace.name,
        "opened": _moment(workspace.created_at),
        "exported": _moment(timezone.now()),
        "members": [_member(each) for each in workspace.members.select_related("user").order_by("joined_at", "pk")],
        "people": _people(workspace),
        "invitations": [_invitation(each) for each in _open_invitations(workspace)],
        "house_references": [_house(each) for each in HouseReference.objects.filter(workspace=workspace)],
        "assessments": list(_assessments(member)),
        "product_marketing": {
            "answers": [
                {"at": _moment(each.at), "by": each.by_id, "answers": each.answers}
                for each in Advice.objects.filter(workspace=workspace)
            ],
            "signs": [
                {"sign": each.key, "seen": each.ticked_on.isoformat(), "by": each.by_id}
                for each in Sign.objects.filter(workspace=workspace).order_by("ticked_on", "pk")
            ],
        },
        "audit": [
            {"at": _moment(each.at), "kind": each.kind, "by": each.by_id, "whom": each.whom_id, "about": each.about}
            for each in AuditEvent.objects.filter(workspace=workspace)
        ],
    }


def matrix_itself(matrix: Matrix, grid: Grid) -> Plain:
    """One matrix at its revision, as `raci.grid.plain` has it, with what a grid does not hold."""
    return {
        "id": matrix.pk,
        "name": matrix.name,
        "revision": matrix.revision,
        "made": _moment(matrix.created_at),
        "archived": matrix.is_archived,
        "follows": f"house-{matrix.house_id}" if matrix.house_id else matrix.culture_id,
        "set_aside": matrix.asides,
        "checks_off": matrix.rules_off,
        "fills": {
            str(role.id): {"members": list(role.members), "answers": role.answers}
            for role in grid.roles
            if role.members
        },
        "grid": to_plain(grid),
    }


def changes_of(matrix: Matrix) -> Iterator[Plain]:
    """The log up to the revision of the matrix, read a part at a time."""
    members = Member.objects.filter(workspace=matrix.workspace_id).select_related("user")
    people = {member.user_id: str(member.user) for member in members}
    changes = Change.objects.filter(matrix=matrix, revision__lte=matrix.revision).select_related("by", "undoes")
    for change in changes.defer("undoes__edits", "undoes__names").order_by("revision").iterator(AT_ONCE):
        yield {
            "revision": change.revision,
            "at": _moment(change.at),
            "by": str(change.by) if change.by else None,
            "kind": change.kind,
            "sentence": tell(change, people=people).headline,
            "takes_back": change.undoes.revision if change.undoes else None,
            "edits": change.edits,
            "names": change.names,
        }


def _member(member: Member) -> Plain:
    return {
        "id": member.user_id,
        "name": str(member.user),
        "email": member.user.email,
        "access": member.access,
        "joined": _moment(member.joined_at),
    }


def _people(workspace: Workspace) -> dict[str, str]:
    """Account id -> name, of the members and of everybody whose id stands elsewhere in the export."""
    named: tuple[tuple[QuerySet[Any], str], ...] = (
        (workspace.members.all(), "user"),
        (Change.objects.filter(matrix__workspace=workspace), "by"),
        (AuditEvent.objects.filter(workspace=workspace), "by"),
        (AuditEvent.objects.filter(workspace=workspace), "whom"),
        (HouseReference.objects.filter(workspace=workspace), "saved_by"),
        (Assessment.objects.filter(workspace=workspace), "opened_by"),
        (Advice.objects.filter(workspace=workspace), "by"),
        (Sign.objects.filter(workspace=workspace), "by"),
        (Invitation.objects.filter(workspace=workspace), "link__user"),
        *published_people(workspace),
        *reviewed_people(workspace),
    )
    ids = {pk for rows, field in named for pk in rows.order_by().values_list(field, flat=True).distinct()}
    ids |= people_known_of(workspace)
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids - {None}).order_by("pk")}


def _open_invitations(workspace: Workspace) -> Iterable[Invitation]:
    still_open = {"link__used_at": None, "link__revoked_at": None, "link__expires_at__gt": timezone.now()}
    return Invitation.objects.filter(workspace=workspace, **still_open).select_related("link").order_by("pk")


def _invitation(invitation: Invitation) -> Plain:
    return {
        "email": invitation.email,
        "access": invitation.access,
        "by": invitation.link.user_id,
        "until": _moment(invitation.link.expires_at),
    }


def _house(house: HouseReference) -> Plain:
    return {
        "id": house.pk,
        "name": house.name,
        "saved": _moment(house.saved_at),
        "by": house.saved_by_id,
        "put_away": house.is_put_away,
        "grid": house.grid,
    }


def _assessments(member: Member) -> Iterator[Plain]:
    """Those the member may see. Of an open one it is not told who answered, and what: it is answered blindly."""
    rows = list(visible_to(member).order_by("opened_at", "pk"))
    answers = _answers([row for row in rows if not row.is_open])
    for row in rows:
        yield {
            "id": row.pk,
            "title": row.title,
            "by": row.opened_by_id,
            "opened": _moment(row.opened_at),
            "closed": _moment(row.closed_at) if row.closed_at else None,
            "asks_others": row.asks_others,
            "shared": row.is_shared,
            "answered": None if row.is_open else answers[row.pk],
        }


def _answers(closed: list[Assessment]) -> dict[int, list[Plain]]:
    """Assessment id -> who answered what; two queries."""
    given: defaultdict[int, Plain] = defaultdict(dict)
    for one in Answer.objects.filter(respondent__assessment__in=closed):
        given[one.respondent_id][one.function] = [one.first_id, one.second_id]
    found: defaultdict[int, list[Plain]] = defaultdict(list)
    for person in Respondent.objects.filter(assessment__in=closed):
        about = {"name": person.name, "group": person.group, "set_aside": person.is_set_aside}
        found[person.assessment_id].append({**about, "answers": given[person.pk]})
    return found


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")
