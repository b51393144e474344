"""A session as everybody sees it: facilitators with its controls, those who follow without them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import Http404

from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.reviews.besides import changed_since
from raci.reviews.models import Decision, Item, Review
from raci.reviews.sessions import LIVE, Session, session_of
from raci.reviews.states import ReviewState, review_may
from raci.screens.asked import BESIDE, UNREAD, notation
from raci.screens.reviews.signing_rail import Seat, seats
from raci.workspaces.access import MemberRequest
from raci.workspaces.models import Access, Member

from .agenda import Line, Progress, agenda_lines, progress
from .grids import draft
from .present import with_came
from .shown import Shown


@dataclass
class SessionPage:
    """`refusal` says why something was not done, "" where nothing was refused."""

    session: Session
    grid: Grid
    notation: Notation
    member: Member
    refusal: str = ""

    @property
    def review(self) -> Review:
        return self.session.review

    @property
    def matrix(self) -> Matrix:
        return self.review.matrix

    @property
    def is_live(self) -> bool:
        return self.review.state in LIVE

    @property
    def is_paused(self) -> bool:
        return self.review.state == ReviewState.PAUSED

    @property
    def leads_it(self) -> bool:
        """Whether the reader facilitates."""
        return self.member.may(Access.EDITOR) and not self.matrix.is_archived

    @property
    def can_start(self) -> bool:
        return self.leads_it and review_may(self.review.state, "start")

    @property
    def can_decide(self) -> bool:
        return self.leads_it and review_may(self.review.state, "decide")

    @property
    def has_result(self) -> bool:
        return self.review.state in (ReviewState.ENDED, ReviewState.PUBLISHED)

    @cached_property
    def shown(self) -> Shown | None:
        """The activity on the screen; None for the rest, and while the session is not held."""
        current = self.session.current if self.is_live else None
        return self.about(current.activity) if current else None

    def about(self, activity: int) -> Shown:
        """The same of any activity; one that is not on the agenda is there for nothing in particular."""
        item = next((item for item in self.session.items if item.activity == activity), Item(activity=activity))
        decision = self.session.decisions.get(activity)
        return Shown(self.matrix, self.grid, self.notation, item, self.review.poll, decision)

    @property
    def on_rest(self) -> bool:
        return self.is_live and self.session.current is None

    @property
    def seconds(self) -> int:
        return self.session.seconds()

    @property
    def minutes(self) -> int:
        return self.seconds // 60

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return agenda_lines(self.session, self.notation, self.changed)

    @cached_property
    def changed(self) -> frozenset[int]:
        """The activities that were changed since they were decided."""
        if self.review.state == ReviewState.PUBLISHED:
            return frozenset()
        found = changed_since(self.review, self.session.decisions.values())
        return frozenset(row["activity"] for row in found)

    @cached_property
    def rest(self) -> tuple[Activity, ...]:
        rest = set(self.session.rest(row.id for row in self.grid.activities))
        return tuple(row for row in self.grid.activities if row.id in rest)

    @cached_property
    def progress(self) -> Progress:
        return progress(self.session, self.rest)

    @property
    def rest_leads(self) -> list[tuple[Activity, Role | None, Decision | None]]:
        """Each activity of the rest with its Lead, and how it was confirmed."""
        roles: Mapping[int | None, Role] = {role.id: role for role in self.grid.roles}
        return [(row, roles.get(self.grid.lead(row.id)), self.session.decisions.get(row.id)) for row in self.rest]

    @property
    def leaderless(self) -> list[Activity]:
        """Those of the rest that nobody leads: they have to be talked about first."""
        return [row for row in self.rest if self.grid.lead(row.id) is None]

    @property
    def can_confirm(self) -> bool:
        is_ready = bool(self.rest) and not self.progress.is_rest_confirmed and not self.leaderless
        return is_ready and review_may(self.review.state, "confirm")

    @cached_property
    def seats(self) -> list[Seat]:
        return seats(self.review, self.grid)

    @property
    def said(self) -> str:
        """What is on the screen, for those who only hear it."""
        match self.review.state:
            case ReviewState.PLANNED:
                return "The session has not begun."
            case ReviewState.PAUSED:
                return "The session is paused."
            case ReviewState.RUNNING:
                return f"Now: {self.shown.name}" if self.shown else "Now: the rest"
        return "The session has ended."


def review_of(request: MemberRequest, matrix: int, review: int) -> Review:
    """A session of a matrix of this workspace, both read at once, or a 404."""
    beside = (f"matrix__{name}" for name in BESIDE)
    rows = with_came(Review.objects.select_related("matrix", "poll", *beside))
    rows = rows.defer("poll__asked", "poll__result", *(f"matrix__{name}" for name in UNREAD))
    found = rows.filter(pk=review, matrix=matrix, matrix__workspace=request.workspace).first()
    if found is None:
        raise Http404
    found.matrix.workspace = request.workspace
    return found


def session_page(request: MemberRequest, review: Review, *, refusal: str = "") -> SessionPage:
    """The page of a session as it stands now."""
    grid = draft(review.matrix)
    session = session_of(review, here={row.id for row in grid.activities})
    return SessionPage(session, grid, notation(request), request.member, refusal)
