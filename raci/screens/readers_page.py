"""Whom a version has reached: how many have read it, who has not, and who signed the rows of each role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from raci.accounts.models import name_of
from raci.grid.grid import Grid, Role
from raci.grid.levels import Level, Notation
from raci.matrices.models import Matrix
from raci.matrices.models import Role as RoleRow
from raci.matrices.people import names_in
from raci.publishing.asking import to_ask
from raci.publishing.models import Receipt, SignOff, Version
from raci.publishing.news import duties, gone_roles
from raci.publishing.reading import unread
from raci.publishing.receipts import Reached, reached, to_remind
from raci.publishing.signing import roles_to_sign, signatures
from raci.publishing.versions import grid_of, latest_of
from raci.workspaces.models import Access, Member

from .chips import Chip, chip

MOST_WAITING = 100  # people who have not read it that are named
HASH = 12  # characters of a digest that are shown


@dataclass(frozen=True, slots=True)
class Count:
    """How many of those told have read it. `name` is the role they were told of, "" for none in particular."""

    name: str
    read: int
    told: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has not read it: the name of a member, or the address of anybody else."""

    name: str
    address: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Part:
    """The activities on which a role has one level; `chip` is None for those it delivers for another."""

    chip: Chip | None
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signing:
    """A role of the version, what its signature is about, and who signed or could. `answers` is the name of who
    answers for it now, "" for nobody; `signer` that of who signed."""

    role: Role
    parts: tuple[Part, ...]
    answers: str
    is_gone: bool
    signed: SignOff | None
    signer: str
    is_mine: bool
    may_sign: bool


@dataclass
class ReadersPage:
    """All of the page, for one reader."""

    matrix: Matrix
    version: Version
    member: Member
    notation: Notation

    @property
    def is_latest(self) -> bool:
        return self.version == latest_of(self.matrix)

    @property
    def hash(self) -> str:
        """What a signature names, as far as a person compares it."""
        return self.version.digest[:HASH]

    @cached_property
    def grid(self) -> Grid:
        return grid_of(self.version)

    @cached_property
    def totals(self) -> Reached:
        """Everybody who was told, of whatever."""
        return reached(self.version)

    @cached_property
    def counts(self) -> list[Count]:
        """Role by role, then those who were told of no role; nothing where all were told that."""
        told, names = self.totals.roles, {role.id: role.name for role in self.grid.roles}
        if any(each.role is not None and each.role not in names for each in told):
            names |= {role.id: role.name for role in self._gone}
        found = [Count(names.get(each.role or 0, ""), each.read, each.told) for each in told]
        return sorted(found, key=lambda count: not count.name) if any(count.name for count in found) else []

    @property
    def _gone(self) -> Sequence[Role]:
        before = self.version.before
        return gone_roles(grid_of(before), self.grid) if before else ()

    @cached_property
    def _unread(self) -> list[Receipt]:
        """One more than are named, for those who write letters; for anybody else nobody."""
        return list(unread(self.version)[: MOST_WAITING + 1]) if self.member.may(Access.EDITOR) else []

    @cached_property
    def waiting(self) -> list[Waiting]:
        """Who has not read it, as far as they are named."""
        unread = self._unread[:MOST_WAITING]
        return [Waiting(self._names.get(each.user_id or 0, ""), each.address, each) for each in unread]

    @property
    def more(self) -> int:
        """How many more there are than are named."""
        return self.totals.told - self.totals.read - MOST_WAITING if len(self._unread) > MOST_WAITING else 0

    @cached_property
    def to_remind(self) -> bool:
        """Whether a reminder would go to anybody."""
        is_time = self.is_latest and not self.matrix.is_archived
        return is_time and bool(self._unread) and to_remind(self.version).exists()

    @cached_property
    def to_ask(self) -> bool:
        """Whether anybody could be asked to sign."""
        if not self.is_latest or self.matrix.is_archived or not self.member.may(Access.EDITOR):
            return False
        waiting = [self._answers.get(each.role.id) for each in self.signings if not each.signed]
        return to_ask(self.version, [user for user in waiting if user is not None]).exists()

    @cached_property
    def signings(self) -> list[Signing]:
        """Each role that has a part in a row."""
        wanted, signed = set(roles_to_sign(self.grid)), signatures(self.matrix.pk, self.version.digest)
        return [self._signing(role, signed) for role in self.grid.roles if role.id in wanted]

    @property
    def signed(self) -> int:
        return sum(each.signed is not None for each in self.signings)

    def _signing(self, role: Role, signed: Mapping[int, SignOff]) -> Signing:
        answers, done = self._answers.get(role.id), signed.get(role.id)
        is_mine = answers is not None and answers == self.member.user_id
        return Signing(
            role=role,
            parts=parts_of(self.grid, role.id, self.notation),
            answers=self._names.get(answers or 0, ""),
            is_gone=role.id not in self._answers,
            signed=done,
            signer=name_of(done.by) if done else "",
            is_mine=is_mine,
            may_sign=is_mine and done is None and self.is_latest and not self.matrix.is_archived,
        )

    @cached_property
    def _answers(self) -> dict[int, int | None]:
        """Role id -> the account that answers for it now, of the roles that the draft still has."""
        return dict(RoleRow.objects.order_by().filter(matrix=self.matrix).values_list("pk", "answers"))

    @cached_property
    def _names(self) -> dict[int, str]:
        users = {*self._answers.values(), *(each.user_id for each in self._unread)}
        return names_in(self.matrix.pk, {user for user in users if user is not None})


def parts_of(grid: Grid, role: int, notation: Notation) -> tuple[Part, ...]:
    """All that is a role's, deepest first; nothing where it has no part."""
    has = duties(grid, role)
    found = (
        Part(chip(notation, Level.LEAD, delivers=False), has.leads),
        Part(None, has.delivers),
        Part(chip(notation, Level.SUPPORT), has.supports),
        Part(chip(notation, Level.CONTRIBUTE), has.contributes),
        Part(chip(notation, Level.INFORMED), has.informed),
    )
    return tuple(part for part in found if part.activities)
