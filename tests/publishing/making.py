"""Short ways to publish."""

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender
from raci.matrices.people import answer_for, take_part
from raci.publishing import versions
from raci.publishing.models import Version
from raci.workspaces.models import Member


def publish(matrix: Matrix, member: Member, key: str = "", **more) -> Version:
    """What stands now, as the next version."""
    row = Matrix.objects.get(pk=matrix.pk)
    return versions.publish(matrix=row, sender=Sender(member, key), seen=more.pop("seen", row.revision), **more)


def answers(matrix: Matrix, member: Member, column: int = 0, by: Member | None = None) -> Role:
    """The role in this column, for which the member answers from now on."""
    role, sender = Role.objects.filter(matrix=matrix)[column], Sender(by or member)
    done = take_part(matrix=matrix.pk, sender=sender, role=role.pk, user=member.user_id)
    seen = done.matrix.revision
    answer_for(matrix=matrix.pk, sender=sender, role=role.pk, user=member.user_id, seen=seen)
    return role
