"""The result of a session: what it decided, what changes with it, who signed exactly that, and publishing it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from raci.accounts.models import name_of
from raci.grid.grid import Grid, Role
from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.matrices.models import Role as RoleRow
from raci.matrices.people import names_in
from raci.publishing.models import SignOff
from raci.publishing.news import News, news
from raci.publishing.signing import roles_to_sign
from raci.publishing.versions import digest_of, grid_of, latest_of
from raci.reviews.minutes import minutes
from raci.reviews.models import Decision, Result, Review
from raci.reviews.results import decided
from raci.reviews.states import ReviewState
from raci.screens.readers_page import HASH, Part, parts_of
from raci.workspaces.models import Access, Member

from .decided import Record, record
from .past import Past


@dataclass(frozen=True, slots=True)
class Signing:
    """A role that has a part, what its signature is about, and who signed or could. `person` is the name of who answers
    for it now, "" for nobody. `void` is what was signed for it, where something was changed since."""

    role: Role
    parts: tuple[Part, ...]
    person: str
    signed: SignOff | None
    signer: str
    void: SignOff | None
    voider: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Since:
    """What was changed since something was put up, signed or looked at, and by whom. `news` is empty where nobody's
    part was."""

    at: datetime | None
    news: News
    by: list[str]


@dataclass
class ResultPage:
    """All of the page but its forms. `looked_at` is the revision that a signature came too late for."""

    matrix: Matrix
    review: Review
    member: Member
    notation: Notation
    looked_at: int | None = None

    @property
    def is_published(self) -> bool:
        return self.review.state == ReviewState.PUBLISHED

    @property
    def has_grid(self) -> bool:
        """Whether what it put up is still known; of some that were published long ago, the decisions alone are."""
        return not self.is_published or self.review.version is not None

    @cached_property
    def _all(self) -> list[Decision]:
        return list(Decision.objects.filter(review=self.review).select_related("owner").order_by("at", "pk"))

    @property
    def _decisions(self) -> list[Decision]:
        return [row for row in self._all if row.taken_back_at is None]

    @property
    def record(self) -> Record:
        return record(self.review, self._decisions)

    @property
    def minutes(self) -> str:
        """What the letter will say of the session."""
        return minutes(self.review.title, self.record.on, [decided(each) for each in self._decisions])

    @cached_property
    def now(self) -> Grid:
        """What can be signed: the draft as it stands; or what was published."""
        version = self.review.version
        return grid_of(version) if version else self._past.now

    @cached_property
    def digest(self) -> str:
        return self.review.version.digest if self.review.version else digest_of(self.now)

    @property
    def hash(self) -> str:
        """What a signature names, as far as a person compares it."""
        return self.digest[:HASH]

    @property
    def has_moved(self) -> bool:
        """Whether what stands is another grid than what was put up."""
        return self.digest != self.review.result

    @cached_property
    def put_up(self) -> Grid:
        """What would be published."""
        if not self.has_moved or self.is_published:
            return self.now
        return self._past.grid(self.review.result_revision or self.matrix.revision)

    @cached_property
    def signings(self) -> list[Signing]:
        """Each role that has a part, in the order of the columns."""
        wanted = set(roles_to_sign(self.now))
        return [self._signing(role) for role in self.now.roles if role.id in wanted]

    @property
    def signed(self) -> int:
        return sum(each.signed is not None for each in self.signings)

    @property
    def has_void(self) -> bool:
        """Whether anybody signed what does not stand any more, and nothing since."""
        return any(each.void for each in self.signings)

    @property
    def mine(self) -> list[Signing]:
        """What waits for the reader."""
        return [each for each in self.signings if each.is_mine and not each.signed and self.can_sign]

    @property
    def can_sign(self) -> bool:
        return self.review.state == ReviewState.ENDED and not self.matrix.is_archived

    @cached_property
    def since(self) -> Since | None:
        """What was changed since the reader looked, else since the first signature that does not hold, else since it
        was put up; None where nothing was."""
        if self.is_published:
            return None
        void = {each.void.digest for each in self.signings if each.void}
        bases = [result for result in self._results if result.digest in void]
        if self.has_moved:
            bases += [result for result in self._results if result.digest == self.review.result]
        base = min(bases, key=lambda result: result.revision, default=None)
        if self.looked_at is not None:
            return self._since(self.looked_at, None)
        return self._since(base.revision, base.at) if base else None

    @property
    def unsigned(self) -> list[Role]:
        """The roles of what would be published that nobody signed for."""
        signed = {role for role, digest in self._sign_offs if digest == self.review.result}
        wanted = set(roles_to_sign(self.put_up))
        return [role for role in self.put_up.roles if role.id in wanted - signed]

    @cached_property
    def obstacle(self) -> str:
        """Why what was put up can't be published any more, in a sentence; "" where it can."""
        latest = latest_of(self.matrix)
        if latest and latest.logged > (self.review.result_revision or 0):
            return f"Version {latest.number} was published since this was put up."
        put_up_at = next((result.at for result in self._results if result.digest == self.review.result), None)
        if put_up_at and any(row.taken_back_at and row.taken_back_at > put_up_at for row in self._all):
            return "A decision was taken back since this was put up."
        return ""

    @property
    def can_follow_up(self) -> bool:
        """Whether the reader may reopen or publish it."""
        return self.can_sign and self.member.may(Access.EDITOR)

    def _since(self, revision: int, at: datetime | None) -> Since:
        found = news(self._past.grid(revision), self.now, self.notation)
        return Since(at, found, self._past.by(revision))

    def _signing(self, role: Role) -> Signing:
        user = self._answers.get(role.id)
        done = self._sign_offs.get((role.id, self.digest))
        old = [each for (of, _), each in self._sign_offs.items() if of == role.id]
        void = None if done else max(old, key=lambda each: each.at, default=None)
        return Signing(
            role=role,
            parts=parts_of(self.now, role.id, self.notation),
            person=self._names.get(user or 0, ""),
            signed=done,
            signer=name_of(done.by) if done else "",
            void=void,
            voider=name_of(void.by) if void else "",
            is_mine=user is not None and user == self.member.user_id,
        )

    @cached_property
    def _results(self) -> list[Result]:
        return list(Result.objects.filter(review=self.review))

    @cached_property
    def _past(self) -> Past:
        revisions = [result.revision for result in self._results]
        if self.looked_at is not None:
            revisions.append(self.looked_at)
        return Past(self.matrix, min(revisions, default=self.matrix.revision))

    @cached_property
    def _sign_offs(self) -> dict[tuple[int, str], SignOff]:
        """By role and digest: all that was signed of what this session put up, and of what stands."""
        digests = {self.digest, *(result.digest for result in self._results)}
        rows = SignOff.objects.filter(matrix=self.matrix, digest__in=digests).select_related("by")
        return {(row.role, row.digest): row for row in rows}

    @cached_property
    def _answers(self) -> dict[int, int | None]:
        """Role id -> the account that answers for it now."""
        if not self.is_published:
            return {role.id: role.answers for role in self.now.roles}
        return dict(RoleRow.objects.order_by().filter(matrix=self.matrix).values_list("pk", "answers"))

    @cached_property
    def _names(self) -> dict[int, str]:
        return names_in(self.matrix.pk, {user for user in self._answers.values() if user is not None})
