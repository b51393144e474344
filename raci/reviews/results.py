"""The end of a session: what stays open is somebody's, the grid is put up to be signed, then it is published.

A result is a grid by its digest. Only what an editor put up is signed and published. Whoever signs names the one they
looked at, and under the lock of the matrix it must be both what is put up and what stands: once the draft is changed
nobody signs, until that is undone or what stands is put up anew. A session that goes on again keeps what it put up, so
that what was signed holds for as long as nothing changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding
from raci.grid.text import listed
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.publishing import signing, versions
from raci.publishing.models import Letter, SignOff, Version
from raci.web import days
from raci.web.refusals import Conflict, Refused
from raci.workspaces.models import Access, Member

from . import put_ups
from .agreement import Result as Answers
from .choices import Choice, checked_choice
from .deciding import leave_open
from .evidence import healths, result_in
from .follow_ups import hand_over, seen_of
from .locking import locked, step_on
from .models import Decision, Review
from .recorded import minutes_of
from .sessions import LIVE, refuse_second, session_of, show
from .states import ReviewState, review_after
from .trends import figures_of

LONGEST_WAIT = timedelta(days=365)  # for signatures
LATEST_NEXT = timedelta(days=5 * 366)
MOST_NAMED = 5
WENT_ON = "The session went on while you looked. It has not ended; look again, then end it."
CHANGED = "The matrix was changed since this was put up. Nothing was signed; see what changed."
CHANGED_AGAIN = "The matrix was changed since you looked. Nothing was put up; see what changed, then put it up."
PUT_UP_ANEW = "Something else is put up by now. Nothing was signed; see what changed, then sign."
MOVED_ON = "Since you looked, the session put up something else, or what it says was changed. Look again, then publish."
TAKEN_BACK = (
    "A decision was taken back after this was put up. Reopen the session and end it again; then what stands is signed "
    "and published."
)

_AT_THE_END = ("state", "ended_at", "sign_by", "figures", "item", "shown_at", "result", "result_revision")

Checks = Callable[[Matrix, Grid], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sees to what stays open, an account or the name of somebody without one, and by when."""

    user: int | None
    name: str
    due: date | None


@transaction.atomic
def end(
    *,
    matrix: int,
    review: int,
    by: Member,
    seen: int,
    sign_by: date,
    checks: Checks,
    owners: Mapping[int, Owner] | None = None,
) -> Review:
    """Ends it and puts up what stands, to be signed by a day; those who answer for a role hear of it.

    What is on the agenda and was not decided is left open. `owners` says by activity who sees to what stays open where
    nobody does yet: each has somebody, and a day. `checks` say what is wrong with the grid, for the figures.
    """
    row = locked(matrix, review, by, Access.EDITOR)
    after = review_after(row.state, "end")
    if row.step != seen:
        raise Conflict(WENT_ON)
    if not days.today() <= sign_by <= days.today() + LONGEST_WAIT:
        raise Refused("Choose a day within a year by which everyone signs.")
    _leave_open(row, by, owners or {})
    row.refresh_from_db(fields=["step", "item", "shown_at"])
    grid = read_grid(row.matrix)
    row.state, row.ended_at, row.sign_by = after, timezone.now(), sign_by
    row.figures = figures_of(grid, checks(row.matrix, grid), _answered(row), healths(row.matrix, grid))
    show(row, None)
    put_ups.put_up(row, grid)
    step_on(row, *_AT_THE_END)
    put_ups.ask_to_sign(row, grid, by)
    return row


@transaction.atomic
def reopen(*, matrix: int, review: int, by: Member) -> Review:
    """Goes on with it, where the rest is confirmed. What was signed holds as long as nothing changes. Sent twice, it is
    reopened once."""
    row = locked(matrix, review, by, Access.EDITOR)
    if row.state == ReviewState.RUNNING:
        return row
    row.state, row.ended_at, row.shown_at = review_after(row.state, "reopen"), None, timezone.now()
    refuse_second(row)
    _refuse_later(row)
    step_on(row, "state", "ended_at", "shown_at")
    return row


@transaction.atomic
def put_up(*, matrix: int, review: int, digest: str, by: Member) -> Review:
    """Puts up what stands now, to be signed and published in the place of what was put up before, and asks for the
    signatures that it has not; 409 where it is another grid than the one with this digest, which the sender looked at.
    Sent twice, it is put up once."""
    row = locked(matrix, review, by, Access.EDITOR)
    review_after(row.state, "put up")
    _refuse_later(row)
    grid = read_grid(row.matrix)
    if versions.digest_of(grid) != digest:
        raise Conflict(CHANGED_AGAIN)
    if put_ups.was_taken_back(row):
        raise Conflict(TAKEN_BACK)
    if (row.result, row.result_revision) == (digest, row.matrix.revision):
        return row
    put_ups.put_up(row, grid)
    step_on(row, "result", "result_revision")
    put_ups.ask_to_sign(row, grid, by, anew=True)
    return row


@transaction.atomic
def sign(*, matrix: int, review: int, role: int, digest: str, by: Member) -> SignOff:
    """Signs for a role, as who answers for it, the grid with this digest: what was put up, for as long as the draft is
    still that; else 409. Again changes nothing; but who signed before the decisions changed signs anew."""
    to_follow = list[Review]()

    def to_sign(found: Matrix) -> tuple[str, Grid]:
        row = Review.objects.select_for_update(no_key=True).filter(pk=review, matrix=found).first()
        if row is None:
            raise Http404
        review_after(row.state, "sign")
        if row.result != digest:
            raise Conflict(PUT_UP_ANEW)
        grid = read_grid(found)
        if versions.digest_of(grid) != digest:
            raise Conflict(CHANGED)
        if role not in put_ups.signed_now(row):
            to_follow.append(row)
        return digest, grid

    signed = signing.sign(matrix=matrix, role=role, digest=digest, by=by, to_sign=to_sign)
    for row in to_follow:
        if role not in put_ups.signed_now(row):
            put_ups.sign_again(row, signed, by)
        step_on(row)
    return signed


def publish(
    *,
    matrix: Matrix,
    review: Review,
    sender: Sender,
    seen: int,
    next_on: date,
    note: str = "",
    known: Mapping[str, str] | None = None,
    notation: Notation = Notation.LEAD_SUPPORT,
) -> Version:
    """Publishes what was put up at revision `seen`, with what was decided and why for its letter, in the words of the
    sender's notation, and the day of the next review; what was changed since stays in the draft. 409 where something
    else is put up by now."""
    if not days.today() < next_on <= days.today() + LATEST_NEXT:
        raise Refused("Choose a day to come for the next review, within five years.")
    text = minutes_of(review, notation)

    def then(version: Version) -> None:
        row = Review.objects.select_for_update(no_key=True).get(pk=review.pk, matrix=matrix)
        row.state = review_after(row.state, "publish")
        row.version = version
        if (row.result, row.result_revision) != (version.digest, seen) or minutes_of(row, notation) != text:
            raise Conflict(MOVED_ON)
        if put_ups.was_taken_back(row):
            raise Conflict(TAKEN_BACK)
        step_on(row, "state", "version")

    return versions.publish(
        matrix=matrix, sender=sender, seen=seen, note=note, known=known, minutes=text, next_on=next_on, then=then
    )


def published(version: Version, notation: Notation = Notation.LEAD_SUPPORT) -> None:
    """A version that was published otherwise is that of the session that had put up the same, with what was decided and
    why for its letter; under the lock of the matrix. Not where a decision was taken back since."""
    rows = Review.objects.select_for_update(no_key=True).filter(matrix=version.matrix_id, state=ReviewState.ENDED)
    row = rows.filter(result=version.digest).order_by("-started_at", "-pk").first()
    if row is None or put_ups.was_taken_back(row):
        return
    row.state, row.version = review_after(row.state, "publish"), version
    if text := minutes_of(row, notation):
        Letter.objects.update_or_create(version=version, defaults={"minutes": text})
    step_on(row, "state", "version")


def later_than(review: OuterRef | int, matrix: OuterRef | int, begun: OuterRef | datetime) -> QuerySet[Review]:
    """Sessions that were begun after one, and are held or not published yet: what stands now is theirs to put up."""
    rows = Review.objects.filter(matrix=matrix, state__in=[*LIVE, ReviewState.ENDED], started_at__gt=begun)
    return rows.exclude(pk=review).order_by("-started_at", "-pk")


def has_owner(row: Decision) -> bool:
    """Whether somebody sees to it, by some day."""
    return (row.owner_id is not None or row.owner_name != "") and row.due is not None


def _refuse_later(review: Review) -> None:
    other = later_than(review.pk, review.matrix_id, review.started_at or review.planned_at).first()
    if other is not None:
        raise Conflict(f"“{other.title}” was begun after this session, so what stands now is put up there.")


def _answered(review: Review) -> Answers | None:
    """What the poll says that it looked at; None without one that is closed. An earlier one is of an earlier review."""
    return result_in(review.poll) if review.poll and not review.poll.is_open else None


def _leave_open(review: Review, by: Member, owners: Mapping[int, Owner]) -> None:
    """What was not decided is left open, and what is open has somebody who sees to it, and a day."""
    session = session_of(review)
    rows = [row for row in session.decisions.values() if row.is_open and not has_owner(row)]
    rows = [row for row in rows if row.activity not in session.gone]
    wanted = {row.activity: row.name for row in rows} | {item.activity: item.name for item in session.undecided}
    _refuse_without_owner({activity: name for activity, name in wanted.items() if not _is_whole(owners.get(activity))})
    for row in rows:
        owner = owners[row.activity]
        hand_over(
            matrix=review.matrix_id,
            decision=row.pk,
            by=by,
            owner=owner.user,
            owner_name=owner.name,
            due=owner.due or days.today(),
            seen=seen_of(row),
        )
    if session.undecided:
        choices = {item.activity: _open_for(owners[item.activity]) for item in session.undecided}
        leave_open(matrix=review.matrix_id, review=review.pk, sender=Sender(by), choices=choices)
        review.matrix.refresh_from_db(fields=["revision"])


def _open_for(owner: Owner) -> Choice:
    """It is left open, and this one sees to it."""
    return checked_choice(
        Decision.Kind.OPEN, lead=None, levels=None, note="", owner=owner.user, owner_name=owner.name, due=owner.due
    )


def _is_whole(owner: Owner | None) -> bool:
    return owner is not None and owner.due is not None and (owner.user is not None or owner.name.strip() != "")


def _refuse_without_owner(names: Mapping[int, str]) -> None:
    if not names:
        return
    shown = [f"“{name}”" for name in list(names.values())[:MOST_NAMED]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    stay = "stays" if len(names) == 1 else "stay"
    raise Refused(f"{listed(shown)} {stay} open. Say for each who sees to it, and by when.")
