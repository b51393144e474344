"""The result of a session: what it decided, what changes with it, who signed exactly that, and publishing it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import OuterRef, Subquery

from raci.accounts.models import name_of
from raci.grid.grid import Grid, Role
from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.matrices.models import Role as RoleRow
from raci.matrices.people import names_in
from raci.publishing.models import SignOff, Version
from raci.publishing.news import News, news
from raci.publishing.signing import roles_to_sign
from raci.publishing.versions import digest_of, grid_of, latest_of
from raci.reviews.minutes import minutes
from raci.reviews.models import Decision, Result, Review
from raci.reviews.put_ups import as_last_given
from raci.reviews.recorded import told
from raci.reviews.states import ReviewState
from raci.screens.readers_page import HASH, Part, parts_of
from raci.workspaces.models import Access, Member

from .decided import Record, record
from .past import Past


@dataclass(frozen=True, slots=True)
class Signing:
    """A role that has a part, what its signature is about, and who signed or could. `person` is the name of who answers
    for it now, "" for nobody; `is_gone` says that the draft has it no more. `void` is what was signed for it, where
    something else was put up since, or where it `is_earlier` than what was decided."""

    role: Role
    parts: tuple[Part, ...]
    person: str
    is_gone: bool
    signed: SignOff | None
    signer: str
    void: SignOff | None
    voider: str
    is_earlier: bool
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
    """All of the page but its forms. `stood` is what is put up, with its review. `looked_at` is the revision at which
    somebody looked who came too late, `later` a session that was begun since and puts up what stands now."""

    matrix: Matrix
    stood: Result
    member: Member
    notation: Notation
    looked_at: int | None = None
    later: str = ""

    @property
    def review(self) -> Review:
        return self.stood.review

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

    @cached_property
    def record(self) -> Record:
        return record(self.review, self._decisions, self.stood.besides, self.notation)

    @property
    def minutes(self) -> str:
        """What the letter will say of the session."""
        found = told(self._decisions, self.stood.besides, self.notation)
        return minutes(self.review.title, self.record.on, found.decisions, found.besides, self.notation)

    @cached_property
    def draft(self) -> Grid:
        """What stands now."""
        return self._past.now

    @cached_property
    def draft_digest(self) -> str:
        return digest_of(self.draft)

    @property
    def has_moved(self) -> bool:
        """Whether what stands is another grid than what was put up."""
        return not self.is_published and self.draft_digest != self.stood.digest

    @cached_property
    def put_up(self) -> Grid:
        """What is signed and published; or what was."""
        if version := self.review.version:
            return grid_of(version)
        return self._past.grid(self.stood.revision) if self.has_moved else self.draft

    @property
    def digest(self) -> str:
        return self.review.version.digest if self.review.version else self.stood.digest

    @property
    def hash(self) -> str:
        """What a signature names, as far as a person compares it."""
        return self.digest[:HASH]

    @cached_property
    def signings(self) -> list[Signing]:
        """Each role that has a part, in the order of the columns."""
        wanted = set(roles_to_sign(self.put_up))
        return [self._signing(role) for role in self.put_up.roles if role.id in wanted]

    @property
    def signed(self) -> int:
        return sum(each.signed is not None for each in self.signings)

    @property
    def has_void(self) -> bool:
        """Whether anybody signed what is not put up any more, and nothing since."""
        return any(each.void for each in self.signings)

    @property
    def mine(self) -> list[Signing]:
        """What waits for the reader."""
        return [each for each in self.signings if each.is_mine and not each.signed and self.can_sign]

    @property
    def is_to_sign(self) -> bool:
        """Whether signatures are still asked for."""
        return self.review.state == ReviewState.ENDED and not self.matrix.is_archived

    @property
    def can_sign(self) -> bool:
        return self.is_to_sign and not self.has_moved

    @property
    def signs_version(self) -> bool:
        """Whether who has not signed yet may still do so, on the pages of the version."""
        version = self.review.version
        return self.is_published and version is not None and not self.matrix.is_archived and version == self.latest

    @cached_property
    def latest(self) -> Version | None:
        return latest_of(self.matrix)

    @cached_property
    def since(self) -> Since | None:
        """What was changed since it was put up; else, where it was put up anew, since the first signature that does not
        hold. None where nothing was."""
        if self.is_published:
            return None
        if self.has_moved:
            return self._since(self.stood.revision, self.stood.at)
        void = (self._bases[each.void.digest] for each in self.signings if each.void and not each.is_earlier)
        base = min(void, default=None)
        return self._since(*base) if base else None

    @cached_property
    def looked(self) -> Since | None:
        """What was changed since the reader looked; None where that is told of what was put up anyway."""
        if self.looked_at is None or (self.has_moved and self.looked_at == self.stood.revision):
            return None
        return self._since(self.looked_at, None)

    @property
    def unsigned(self) -> list[Role]:
        """The roles that nobody signed for."""
        return [each.role for each in self.signings if not each.signed]

    @property
    def is_overtaken(self) -> bool:
        """Whether another version was published since it was put up."""
        return self.latest is not None and self.latest.logged > self.stood.revision

    @cached_property
    def is_taken_back(self) -> bool:
        """Whether a decision was taken back since it was put up."""
        return any(row.taken_back_at and row.taken_back_at > self.stood.at for row in self._all)

    @property
    def can_follow_up(self) -> bool:
        """Whether the reader may reopen, put up anew or publish it."""
        return self.is_to_sign and self.member.may(Access.EDITOR)

    @property
    def can_put_up(self) -> bool:
        """Whether the reader may put up what stands now in its place."""
        return (
            self.can_follow_up and not self.is_taken_back and (self.has_moved or self.is_overtaken) and not self.later
        )

    def _since(self, revision: int, at: datetime | None) -> Since:
        found = news(self._past.grid(revision), self.draft, self.notation)
        return Since(at, found, self._past.by(revision))

    def _signing(self, role: Role) -> Signing:
        user = self._answers.get(role.id)
        done = self._sign_offs.get((role.id, self.digest))
        if done and done.at < self.stood.at:
            done = None
        old = [each for (of, _), each in self._sign_offs.items() if of == role.id]
        void = None if done else max(old, key=lambda each: each.at, default=None)
        return Signing(
            role=role,
            parts=parts_of(self.put_up, role.id, self.notation),
            person=self._names.get(user or 0, ""),
            is_gone=role.id not in self._answers,
            signed=done,
            signer=name_of(done.by) if done else "",
            void=void,
            voider=name_of(void.by) if void else "",
            is_earlier=void is not None and void.digest == self.digest,
            is_mine=user is not None and user == self.member.user_id,
        )

    @cached_property
    def _past(self) -> Past:
        looked_at = self.stood.revision if self.looked_at is None else self.looked_at
        return Past(self.matrix, min(self.stood.revision, looked_at, *(base for base, _ in self._bases.values())))

    @property
    def _bases(self) -> dict[str, tuple[int, datetime]]:
        """Digest -> at which revision and when it was put up, of all that somebody signed."""
        return {each.digest: (revision, at) for each, revision, at in self._signed}

    @cached_property
    def _sign_offs(self) -> dict[tuple[int, str], SignOff]:
        """By role and digest: all that was signed of what this session put up."""
        return {(each.role, each.digest): each for each, _, _ in self._signed}

    @cached_property
    def _signed(self) -> list[tuple[SignOff, int, datetime]]:
        stood = Result.objects.filter(review=self.review, digest=OuterRef("digest"))
        rows = SignOff.objects.filter(matrix=self.matrix).select_related("by")
        found = rows.annotate(base=Subquery(stood.values("revision")), base_at=Subquery(stood.values("at")))
        found = found.filter(base__isnull=False)
        as_last_given(self.stood, found)
        return [(row, row.base, row.base_at) for row in found]

    @cached_property
    def _answers(self) -> dict[int, int | None]:
        """Role id -> the account that answers for it now."""
        if not self.is_published:
            return {role.id: role.answers for role in self.draft.roles}
        return dict(RoleRow.objects.order_by().filter(matrix=self.matrix).values_list("pk", "answers"))

    @cached_property
    def _names(self) -> dict[int, str]:
        return names_in(self.matrix.pk, {user for user in self._answers.values() if user is not None})
