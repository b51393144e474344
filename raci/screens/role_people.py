"""Who fills a role: the members in it, the one who answers for it, and who else of the workspace could."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.grid import Role
from raci.grid.text import day, normalised
from raci.workspaces.access import MemberRequest
from raci.workspaces.models import Member

from .forms import IdField, offer


class TakePartForm(forms.Form):
    user = IdField(label="Another member")

    def __init__(self, *args: Any, members: Sequence[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        names = Counter(str(member.user) for member in members)
        offer(self, "user", [(member.user_id, told_apart(member, names)) for member in members])


@dataclass(frozen=True, slots=True)
class Filler:
    user: User
    answers: bool


@dataclass(frozen=True, slots=True)
class RolePeople:
    """`typed` are the names of those without an account; `form` offers the members who do not fill it yet, None where
    everybody does or the reader may not change it."""

    fillers: tuple[Filler, ...]
    typed: tuple[str, ...]
    form: TakePartForm | None
    is_reader_in: bool


def role_people(request: MemberRequest, role: Role, *, can_edit: bool) -> RolePeople:
    """One query; none where nobody fills the role and the reader may not say who does."""
    members = _members(request, role, everybody=can_edit)
    fillers = tuple(Filler(members[pk].user, pk == role.answers) for pk in role.members if pk in members)
    others = [member for pk, member in members.items() if pk not in role.members]
    others.sort(key=lambda member: str(member.user).casefold())
    form = TakePartForm(members=others) if others and can_edit else None
    known = {normalised(str(filler.user)) for filler in fillers}
    typed = tuple(name for name in role.people if normalised(name) not in known)
    return RolePeople(fillers, typed, form, request.member.user_id in role.members)


def _members(request: MemberRequest, role: Role, *, everybody: bool) -> dict[int, Member]:
    """User id -> member, of the whole workspace or of those who fill the role."""
    if not everybody and not role.members:
        return {}
    members = Member.objects.filter(workspace=request.workspace).select_related("user")
    if not everybody:
        members = members.filter(user__in=role.members)
    return {member.user_id: member for member in members}


def told_apart(member: Member, names: Counter[str]) -> str:
    """The name of a member; two people of one name have beside it what they may here and since when."""
    name = str(member.user)
    since = day(timezone.localdate(member.joined_at))
    return f"{name} ({member.get_access_display().lower()}, since {since})" if names[name] > 1 else name
