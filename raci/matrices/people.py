"""Members who fill the roles of a matrix, and the one of them who answers for each.

A role keeps the ids of accounts. Their names are looked up when somebody reads: who has left the workspace is not
shown, and stands where they stood if they come back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from raci.accounts.models import name_of
from raci.grid.grid import Grid, Role
from raci.grid.text import normalised
from raci.web.refusals import Conflict, Refused
from raci.workspaces.models import Member, Workspace

from .edits import Row
from .models import Matrix
from .models import Role as RoleRow
from .operations import Done, Sender, commit
from .work import Work, check_seen

MOST = 200  # of a role


class Part(NamedTuple):
    """A role that somebody fills, and whether they answer for it."""

    matrix: Matrix
    role: str
    answers: bool
    pk: int


class Filling(NamedTuple):
    """The members who fill a role, and the one of them who answers for it, if anybody does."""

    members: tuple[Member, ...]
    answers: Member | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(member.user) for member in self.members)


def take_part(*, matrix: int, sender: Sender, role: int, user: int) -> Done:
    """From now on this member fills the role, whatever they may do in the workspace. Who fills it already stays."""

    def plan(work: Work) -> None:
        row = work.role(role)
        if user not in row["members"]:
            _refuse_outsider(work, user)
            row["members"] = _checked([*row["members"], user])

    return commit(plan, matrix=matrix, sender=sender, kind="role", body=[role, "take part", user])


def step_out(*, matrix: int, sender: Sender, role: int, user: int, seen: int) -> Done:
    """This member no longer fills the role, nor answers for it; 409 where they came to answer for it after `seen`."""

    def plan(work: Work) -> None:
        row = work.role(role)
        check_seen(work, seen)
        if row["answers"] == user:
            _refuse_overtaken(work, role, None, seen)
            row["answers"] = None
        row["members"] = [member for member in row["members"] if member != user]

    return commit(plan, matrix=matrix, sender=sender, kind="role", body=[role, "step out", user])


def answer_for(*, matrix: int, sender: Sender, role: int, user: int | None, seen: int) -> Done:
    """One of those who fill the role answers for it, in the place of whoever did; None is nobody.

    Refused with 409 where somebody else was chosen after `seen`.
    """

    def plan(work: Work) -> None:
        row = work.role(role)
        _refuse_overtaken(work, role, user, seen)
        if user is not None and user != row["answers"]:
            if user not in row["members"]:
                raise Refused(f"Only who fills {row['name']} can answer for it. Add them to the role first.")
            _refuse_outsider(work, user)
        row["answers"] = user

    return commit(plan, matrix=matrix, sender=sender, kind="role", body=[role, "answers", user])


def unite(kept: Row, gone: Row) -> None:
    """Who filled either of two roles fills the one that is kept; who answered for that goes on doing so."""
    kept["members"] = _checked([*kept["members"], *(user for user in gone["members"] if user not in kept["members"])])
    if kept["answers"] is None:
        kept["answers"] = gone["answers"]


def roles_by_user(workspace: Workspace) -> dict[int, list[Part]]:
    """User id -> what they fill in the matrices that are not archived, in one query."""
    rows = RoleRow.objects.filter(matrix__workspace=workspace, matrix__is_archived=False).exclude(members=[])
    fields = ("name", "members", "answers", "matrix__name", "matrix__workspace_id")
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for role in rows.select_related("matrix").only(*fields).order_by("matrix__name", "matrix_id", "position", "id"):
        for user in role.members:
            found[user].append(Part(role.matrix, role.name, user == role.answers, role.pk))
    return dict(found)


def filling(workspace: int, matrices: Collection[int]) -> dict[int, Filling]:
    """Role id -> who fills it now, of these matrices of one workspace; no role that nobody fills. Two queries."""
    rows = RoleRow.objects.filter(matrix__workspace=workspace, matrix__in=matrices).exclude(members=[]).order_by()
    held = {pk: (users, answers) for pk, users, answers in rows.values_list("pk", "members", "answers")}
    everybody = {user for users, _ in held.values() for user in users}
    found = Member.objects.filter(workspace=workspace, user__in=everybody).select_related("user") if everybody else ()
    here = {member.user_id: member for member in found}
    return {
        role: Filling(tuple(here[user] for user in users if user in here), here.get(answers or 0))
        for role, (users, answers) in held.items()
    }


def filled(grid: Grid, names: Mapping[int, Sequence[str]]) -> Grid:
    """The grid with these names, by role id, beside those that were typed; who stands there twice is named once."""
    return replace(grid, roles=tuple(_named(role, names.get(role.id, ())) for role in grid.roles))


def names_in(matrix: int, users: Collection[int]) -> dict[int, str]:
    """User id -> name, of those who are members of the matrix's workspace now; one query, none for nobody."""
    if not users:
        return {}
    members = Member.objects.filter(workspace__matrices=matrix, user__in=users).select_related("user")
    return {member.user_id: str(member.user) for member in members}


def with_names(grid: Grid, matrix: Matrix) -> Grid:
    """The grid to be read: beside the names that were typed, `people` has those of the members who fill each role."""
    return replace(grid, roles=named(grid.roles, matrix))


def named(roles: Sequence[Role], matrix: Matrix) -> tuple[Role, ...]:
    """The roles with the names of all who fill them; a name that somebody also typed stands there once."""
    names = names_in(matrix.pk, {user for role in roles for user in role.members})
    return tuple(_named(role, [names[user] for user in role.members if user in names]) for role in roles)


def _named(role: Role, members: Sequence[str]) -> Role:
    typed = {normalised(name) for name in role.people}
    return replace(role, people=(*role.people, *(name for name in members if normalised(name) not in typed)))


def _checked(users: list[int]) -> list[int]:
    if len(users) > MOST:
        raise Refused(f"Up to {MOST} people fill one role; these are {len(users)}. Take some out first.")
    return users


def _refuse_outsider(work: Work, user: int) -> None:
    if not Member.objects.filter(workspace=work.matrix.workspace_id, user=user).exists():
        raise Refused("That person is not in this workspace any more. Reload the page to see who is.")


def _refuse_overtaken(work: Work, role: int, wanted: int | None, seen: int) -> None:
    """409 where somebody else was chosen to answer for the role after the sender looked."""
    check_seen(work, seen)
    row = work.role(role)
    if seen == work.matrix.revision or row["answers"] == wanted:
        return
    for change in work.changes_since(seen):
        if "answers" not in ((change.edit_of("role", role) or {}).get("after") or {}):
            continue
        who = "You, on another page," if change.by_id == work.member.user_id else name_of(change.by)
        name = names_in(work.matrix.pk, {row["answers"]}).get(row["answers"], "nobody") if row["answers"] else "nobody"
        raise Conflict(
            f"{who} changed who answers for {row['name']} a moment before: {name} does now. "
            "Nothing was changed; look again, then choose."
        )
