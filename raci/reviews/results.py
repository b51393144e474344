"""The end of a session: what stays open is somebody's, the grid is put up to be signed, then it is published.

A result is a grid by its digest. Whoever signs names the one they looked at, and under the lock of the matrix it must
be what stands: a draft that was changed meanwhile is another result, which nobody has signed. A session that goes on
again keeps what it put up, so that what was signed holds for as long as nothing changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Subquery
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from raci.grid.grid import Grid
from raci.grid.rules import Finding
from raci.grid.text import day, isolated, listed
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.publishing import signing, versions
from raci.publishing.due import day_of
from raci.publishing.models import SignOff, Version
from raci.web import days
from raci.web.refusals import Conflict, Refused
from raci.workspaces.models import Access, Member

from .deciding import decide
from .evidence import healths, result_read
from .follow_ups import hand_over, seen_of
from .locking import locked, step_on
from .minutes import Decided, minutes
from .models import Decision, Result, Review
from .sessions import refuse_second, session_of, show
from .states import ReviewState, review_after
from .trends import figures_of

LONGEST_WAIT = timedelta(days=365)  # for signatures
LATEST_NEXT = timedelta(days=5 * 366)
MOST_NAMED = 5
WENT_ON = "The session went on while you looked. It has not ended; look again, then end it."
CHANGED = "The matrix was changed since you looked. Nothing was signed; see what changed, then sign."
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
    row.figures = figures_of(grid, checks(row.matrix, grid), result_read(row.matrix), healths(row.matrix, grid))
    show(row, None)
    _put_up(row, grid)
    step_on(row, *_AT_THE_END)
    _ask_to_sign(row, grid, by)
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
    step_on(row, "state", "ended_at", "shown_at")
    return row


@transaction.atomic
def sign(*, matrix: int, review: int, role: int, digest: str, by: Member) -> SignOff:
    """Signs for a role, as who answers for it, the grid with this digest, which is what stands; 409 where that is
    another by now. Again changes nothing."""
    put_up = list[Review]()

    def to_sign(found: Matrix) -> tuple[str, Grid]:
        row = Review.objects.select_for_update(no_key=True).filter(pk=review, matrix=found).first()
        if row is None:
            raise Http404
        review_after(row.state, "sign")
        row.matrix, grid = found, read_grid(found)
        if versions.digest_of(grid) != digest:
            raise Conflict(CHANGED)
        if not SignOff.objects.filter(matrix=found, digest=digest, role=role).exists():
            _put_up(row, grid)
            put_up.append(row)
        return digest, grid

    signed = signing.sign(matrix=matrix, role=role, digest=digest, by=by, to_sign=to_sign)
    for row in put_up:
        step_on(row, "result", "result_revision")
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
) -> Version:
    """Publishes what was put up at revision `seen`, with what was decided and why for its letter, and the day of the
    next review; what was changed since stays in the draft. 409 where something else is put up by now."""
    if not days.today() < next_on <= days.today() + LATEST_NEXT:
        raise Refused("Choose a day to come for the next review, within five years.")
    text = minutes_of(review)

    def then(version: Version) -> None:
        row = Review.objects.select_for_update(no_key=True).get(pk=review.pk, matrix=matrix)
        row.state = review_after(row.state, "publish")
        row.version = version
        if (row.result, row.result_revision) != (version.digest, seen) or minutes_of(row) != text:
            raise Conflict(MOVED_ON)
        if was_taken_back(row):
            raise Conflict(TAKEN_BACK)
        step_on(row, "state", "version")

    return versions.publish(
        matrix=matrix, sender=sender, seen=seen, note=note, known=known, minutes=text, next_on=next_on, then=then
    )


def minutes_of(review: Review) -> str:
    """What the letter about its version says of it, with signs for the names of persons; one query."""
    on = day_of(review.ended_at or review.planned_at)
    return minutes(review.title, on, [decided(one, with_signs=True) for one in standing(review)])


def was_taken_back(review: Review) -> bool:
    """Whether what is put up has a decision in it that was taken back since; one query."""
    put_up = Result.objects.filter(review=review, digest=review.result).values("at")
    return Decision.objects.filter(review=review, taken_back_at__gt=Subquery(put_up[:1])).exists()


def standing(review: Review) -> list[Decision]:
    """What it decided and nobody took back, with those who see to what stays open; one query."""
    rows = Decision.objects.filter(review=review, taken_back_at=None).select_related("owner", "by")
    return list(rows.order_by("at", "pk"))


def has_owner(row: Decision) -> bool:
    """Whether somebody sees to it, by some day."""
    return (row.owner_id is not None or row.owner_name != "") and row.due is not None


def decided(row: Decision, *, with_signs: bool = False) -> Decided:
    """A decision as sentences are made of it; with a sign for its owner where the text is to be kept."""
    owner = row.owner_name
    if row.owner is not None:
        owner = sign_of(row.owner) if with_signs else str(row.owner)
    return Decided(
        activity=row.name,
        kind=row.kind,
        lead=row.lead_name,
        note=row.note,
        owner=owner,
        due=row.due,
        outcome=row.outcome,
        together=row.together,
        is_open=row.is_open,
    )


def _leave_open(review: Review, by: Member, owners: Mapping[int, Owner]) -> None:
    """What was not decided is left open, and what is open has somebody who sees to it, and a day."""
    session = session_of(review)
    rows = [row for row in session.decisions.values() if row.is_open and not has_owner(row)]
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
    if session.undecided and review.state == ReviewState.PAUSED:
        review.state = review_after(review.state, "resume")
        review.save(update_fields=["state"])
    for item in session.undecided:
        owner = owners[item.activity]
        decide(
            matrix=review.matrix_id,
            review=review.pk,
            sender=Sender(by),
            activity=item.activity,
            kind=Decision.Kind.OPEN,
            seen=review.matrix.revision,
            owner=owner.user,
            owner_name=owner.name,
            due=owner.due,
            stay=True,
        )
        review.matrix.refresh_from_db(fields=["revision"])


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


def _put_up(review: Review, grid: Grid) -> None:
    """This is what can be signed and published; `result` and `result_revision` are to be saved."""
    review.result, review.result_revision = versions.digest_of(grid), review.matrix.revision
    stood = {"revision": review.result_revision, "at": timezone.now()}
    Result.objects.update_or_create(review=review, digest=review.result, defaults=stood)


def _ask_to_sign(review: Review, grid: Grid, by: Member) -> None:
    """A notice to each member who answers for a role that has a part, but to who ended it."""
    wanted = set(signing.roles_to_sign(grid))
    held: dict[int, list[str]] = {}
    for role in grid.roles:
        if role.id in wanted and role.answers not in (None, by.user_id):
            held.setdefault(role.answers or 0, []).append(isolated(role.name))
    url = reverse("result", args=[review.matrix.workspace_id, review.matrix_id, review.pk])
    members = Member.objects.filter(workspace=review.matrix.workspace_id, user__in=held, user__is_active=True)
    for member in members:
        names, matrix = listed(held[member.user_id]), isolated(review.matrix.name)
        text = f"“{isolated(review.title)}” of “{matrix}” has ended. You answer for {names}: see what was decided"
        until = day(review.sign_by) if review.sign_by else ""
        notify(
            member, text=f"{text}, and sign by {until}.", url=url, key=f"result:{review.pk}:{review.result_revision}"
        )
