"""What the pages about the people of a workspace show: who is there, and who was invited."""

from dataclasses import dataclass

from raci.grid.text import listed
from raci.matrices.people import Part, roles_by_user
from raci.notices import outbox
from raci.notices.models import State
from raci.workspaces.invitations import open_in
from raci.workspaces.models import Access, Invitation, Member, Workspace

MOST_ROLES = 3  # named in the list; all of them stand on the member's own page


@dataclass(frozen=True, slots=True)
class Row:
    """A member, and the roles they fill."""

    member: Member
    parts: tuple[Part, ...]

    @property
    def fills(self) -> str:
        """The first of these roles, as what follows “fills”; "" for none."""
        named = [
            f"{part.role} in {part.matrix}{' (answers for it)' if part.answers else ''}"
            for part in self.parts[:MOST_ROLES]
        ]
        more = len(self.parts) - MOST_ROLES
        return listed([*named, f"{more} more"] if more > 0 else named) if named else ""


@dataclass(frozen=True, slots=True)
class Pending:
    """An invitation that is open. `state` is what became of its mail, None where it has no address."""

    invitation: Invitation
    state: State | None

    @property
    def is_waiting(self) -> bool:
        return self.state is State.WAITING

    @property
    def is_sent(self) -> bool:
        return self.state is State.SENT

    @property
    def is_failed(self) -> bool:
        return self.state is State.FAILED


def people(workspace: Workspace) -> list[Row]:
    """The members, owners first, then by name; two queries."""
    order, parts = list(Access), roles_by_user(workspace)
    rows = Member.objects.filter(workspace=workspace).select_related("user")
    ranked = sorted(rows, key=lambda one: (-order.index(Access(one.access)), str(one.user).casefold(), one.pk))
    return [Row(one, tuple(parts.get(one.user_id, ()))) for one in ranked]


def person(member: Member) -> Row:
    return Row(member, tuple(roles_by_user(member.workspace).get(member.user_id, ())))


def pending(workspace: Workspace) -> list[Pending]:
    """The open invitations, newest first; two queries."""
    rows = list(open_in(workspace))
    states = outbox.states_of([row.link for row in rows])
    return [Pending(row, states.get(row.link_id)) for row in rows]
