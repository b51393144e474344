"""What a session decides on an activity, and taking that back; what it confirms, or leaves open, all at once.

Each is one change of the matrix, also where no level moves, so that the log tells what was decided. Ctrl+Z and the
history leave these changes alone: a session takes its decisions back itself, until somebody has signed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404

from raci.accounts.models import name_of
from raci.grid.levels import Level
from raci.grid.text import listed
from raci.matrices.edits import applied, inverse, overtaken
from raci.matrices.models import Change
from raci.matrices.operations import Sender, commit
from raci.matrices.work import Work, check_seen
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces.models import Access, Member

from .besides import changed_since
from .choices import Choice, checked_choice, checked_note, choose, lead_of, said
from .locking import locked, step_on
from .models import Decision, Item, Review
from .put_ups import decided_anew, signed_now
from .sessions import session_of
from .states import ReviewState, review_after
from .writing import about, decision_of, keep, let_go, locked_in

Kind = Decision.Kind
MOST_NAMED = 5
_WITH = ("owner", "by", "change")  # what is read with a decision
SIGNED = "Somebody has signed this result, so what was decided stands. Reopen the session to decide anew."
MOVED_ON = "The session moved on since you looked. Nothing was confirmed; look again, then confirm."


def decide(
    *,
    matrix: int,
    review: int,
    sender: Sender,
    activity: int,
    kind: str,
    seen: int,
    lead: int | None = None,
    levels: Mapping[int, Level | None] | None = None,
    note: str = "",
    owner: int | None = None,
    owner_name: str = "",
    due: date | None = None,
) -> Decision:
    """Decides on one activity. `seen` is the revision of the matrix that the sender's page showed: a row that somebody
    decided, or whose levels changed, since then is a 409 that says what stands.

    `lead` is the role that leads from now on, `levels` maps roles to their levels (those it lacks stay as they are).
    `owner` is the account of a member, or `owner_name` says who it is. Deciding again takes the place of what was
    decided before: what that changed is put back first. The screen goes on to what is still to be decided.
    """
    choice = checked_choice(kind, lead=lead, levels=levels, note=note, owner=owner, owner_name=owner_name, due=due)
    made = list[Decision]()

    def plan(work: Work) -> None:
        row = locked_in(work, review)
        review_after(row.state, "decide")
        name = _named(work, row, activity)
        former = Decision.objects.filter(review=row, activity=activity, taken_back_at=None).first()
        check_seen(work, seen)
        _refuse_decided(work, former, seen)
        _refuse_changed(work, activity, seen)
        if former is not None and choice.kind is not Kind.LEVELS:
            _give_way(work, former, choice)
        choose(work, activity, choice, again=former is not None)
        made[:] = [decision_of(work, row, activity, choice, choice.member(work.matrix))]
        work.is_event, work.about = True, about(row, choice.kind, name, choice.due)
        work.then = lambda change: keep(work, row, change, made, [former] if former else [])

    body = [review, activity, *choice.body()]
    done = commit(plan, matrix=matrix, sender=sender, kind="decide", body=body)
    if done.replayed:
        return Decision.objects.select_related(*_WITH).get(change=done.change, activity=activity)
    return made[0]


def confirm_rest(*, matrix: int, review: int, sender: Sender, seen: int, seen_step: int) -> list[Decision]:
    """All activities without a decision that are not on the agenda stay as they are, as one change.

    `seen` is the revision of the matrix, and `seen_step` the step of the review, that the sender's page showed. Refused
    where one of them has no Lead; 409 where the levels of one changed since, or the session moved on.
    """
    made = list[Decision]()

    def plan(work: Work) -> None:
        row = locked_in(work, review)
        review_after(row.state, "confirm")
        check_seen(work, seen)
        rest = _rest(work, row)
        if row.step != seen_step:
            raise Conflict(MOVED_ON)
        for activity in rest:
            _refuse_changed(work, activity, seen)
        made[:] = [decision_of(work, row, activity, Choice(Kind.KEEP), together=True) for activity in rest]
        work.is_event, work.about = True, about(row, Kind.KEEP, rows=len(rest))
        work.then = lambda change: keep(work, row, change, made)

    done = commit(plan, matrix=matrix, sender=sender, kind="decide", body=[review, "rest"])
    return list(Decision.objects.filter(change=done.change)) if done.replayed else made


def keep_changed(*, matrix: int, review: int, sender: Sender, seen: int, seen_step: int) -> list[Decision]:
    """The rows that were changed since they were decided are confirmed together as they stand, in the place of what was
    decided; as one change. `seen` and `seen_step` as in confirm_rest. Refused where one has no Lead."""
    made = list[Decision]()

    def plan(work: Work) -> None:
        row = locked_in(work, review)
        review_after(row.state, "end")
        check_seen(work, seen)
        if row.step != seen_step:
            raise Conflict(MOVED_ON)
        decisions = session_of(row).decisions
        changed = [each["activity"] for each in changed_since(row, decisions.values())]
        kept = [activity for activity in changed if activity in work.rows("activity")]
        if not kept:
            raise Refused("There is nothing left to confirm.", "nothing", 409)
        work.load_cells(kept)
        for activity in kept:
            _refuse_changed(work, activity, seen)
        _refuse_unled(work, kept)
        made[:] = [decision_of(work, row, activity, Choice(Kind.KEEP), together=True) for activity in kept]
        work.is_event, work.about = True, about(row, Kind.KEEP, rows=len(kept))
        work.then = lambda change: keep(work, row, change, made, [decisions[activity] for activity in kept])

    done = commit(plan, matrix=matrix, sender=sender, kind="decide", body=[review, "changed"])
    return list(Decision.objects.filter(change=done.change)) if done.replayed else made


def leave_open(*, matrix: int, review: int, sender: Sender, choices: Mapping[int, Choice]) -> None:
    """These activities, on which nothing was decided, stay open, as one change. Each is taken back by itself."""

    def plan(work: Work) -> None:
        row = locked_in(work, review)
        review_after(row.state, "end")
        work.load_activities(list(choices))
        one_each = {choice.owner: choice for choice in choices.values()}
        people = {owner: choice.member(work.matrix) for owner, choice in one_each.items()}
        made = [decision_of(work, row, each, choice, people[choice.owner]) for each, choice in choices.items()]
        work.is_event, work.about = True, about(row, Kind.OPEN, rows=len(made))
        if len(made) == 1:
            work.about = about(row, Kind.OPEN, made[0].name, made[0].due)
        work.then = lambda change: keep(work, row, change, made)

    commit(plan, matrix=matrix, sender=sender, kind="decide", body=[review, "open"])


def take_back(*, matrix: int, review: int, sender: Sender, decision: int) -> Decision:
    """Takes back what was decided, and what it changed, as a new change; what was confirmed together goes together.

    409 where the row was changed since, or where somebody has signed what the session came to.
    """
    gone = list[Decision]()

    def plan(work: Work) -> None:
        row = locked_in(work, review)
        review_after(row.state, "take back")
        found = Decision.objects.filter(review=row, pk=decision).select_related(*_WITH).first()
        if found is None:
            raise Http404
        if found.taken_back_at is not None:
            raise Conflict(f"What was decided on “{found.name}” does not stand any more. Look again at what does.")
        if row.state == ReviewState.ENDED and signed_now(row):
            raise Conflict(SIGNED)
        others = list(Decision.objects.filter(change=found.change, taken_back_at=None).exclude(pk=found.pk))
        gone[:] = [found, *others] if found.together else [found]
        if not found.together:
            _put_back(work, found)
        # What was left open with it stands, so the change as a whole is not taken back before the last of them is.
        work.undoes, work.is_event = found.change if found.together or not others else None, True
        work.about = about(row, Kind(found.kind), found.name, rows=len(gone) if found.together else 0)
        work.then = lambda _: let_go(work, row, gone)

    done = commit(plan, matrix=matrix, sender=sender, kind="undecide", body=[review, decision])
    return Decision.objects.select_related(*_WITH).get(pk=decision) if done.replayed else gone[0]


@transaction.atomic
def note(*, matrix: int, review: int, by: Member, decision: int, note: str, seen: str) -> Decision:
    """Says why something was decided. `seen` is the note that the sender's page showed; 409 where it is another now."""
    row = locked(matrix, review, by, Access.EDITOR)
    review_after(row.state, "note")
    text = checked_note(note)
    found = Decision.objects.filter(review=row, pk=decision, taken_back_at=None).first()
    if found is None:
        raise Gone("That decision does not stand any more. Look again at what does.")
    if found.note not in (checked_note(seen), text):
        raise Conflict(
            f"Somebody changed the note since you looked. It is now “{found.note}”. Save again to use yours."
        )
    if found.note != text:
        found.note = text
        found.save(update_fields=["note"])
        if row.state == ReviewState.ENDED:
            decided_anew(row, by)
        step_on(row)
    return found


def _named(work: Work, review: Review, activity: int) -> str:
    """What the activity is called; refused where it is not in the matrix any more."""
    try:
        name: str = work.activity(activity)["name"]
    except Refused as refusal:
        item = Item.objects.filter(review=review, activity=activity).first()
        if item is None:
            raise
        raise Gone(
            f"“{item.name}” is not in the matrix any more. Go on without it, or bring it back in the history first."
        ) from refusal
    return name


def _refuse_decided(work: Work, former: Decision | None, seen: int) -> None:
    """409 where what stands of this activity is news to the sender."""
    if former is None or former.change is None or former.change.revision <= seen:
        return
    who = "You, on another page," if former.by_id == work.member.user_id else name_of(former.by)
    raise Conflict(f"{who} decided on “{former.name}” a moment before: {said(former)}. Nothing was changed.")


def _refuse_changed(work: Work, activity: int, seen: int) -> None:
    """409 where the levels of an activity, or who delivers it, changed since the sender looked."""
    if work.matrix.revision == seen or work.revisions.get(activity, work.matrix.revision) <= seen:
        return
    for change in work.changes_since(seen):
        edit = change.edit_of("activity", activity)
        if edit is not None and (edit["before"] is None or {"cells", "deliverer_id"} & set(edit["after"] or ())):
            who = "You, on another page," if change.by_id == work.member.user_id else name_of(change.by)
            name, lead = work.activity(activity)["name"], lead_of(work, activity)
            leads = f"{work.role(lead)['name']} leads it" if lead is not None else "nobody leads it"
            raise Conflict(f"{who} changed “{name}” a moment before: {leads} now. Nothing was changed; look again.")


def _give_way(work: Work, former: Decision, choice: Choice) -> None:
    """What a former decision changed is put back, for another one takes its place."""
    if choice.kind is Kind.KEEP and former.kind in (Kind.LEAD, Kind.LEVELS):
        raise Refused(f"“{former.name}” is decided: {said(former)}. Take that back to leave it as it was.")
    _put_back(work, former)


def _put_back(work: Work, standing: Decision) -> None:
    """Takes back what a decision changed, and those whose place it took; 409 where the row was changed since."""
    for change in _line(standing):
        edit = change.edit_of("activity", standing.activity)
        if edit is None:
            continue
        _named(work, standing.review, standing.activity)
        if overtaken(work.after, [edit]):  # type: ignore[list-item]
            raise Conflict(
                f"“{standing.name}” was changed since it was decided, so that can't be taken back without losing what "
                "was changed. Set its levels by hand, or decide on other levels."
            )
        work.after = applied(work.after, inverse([edit]))  # type: ignore[list-item]


def _line(standing: Decision) -> list[Change]:
    """The changes of what was decided on this activity, each in the place of the one before; the latest first."""
    was_taken_back = Exists(Change.objects.filter(undoes=OuterRef("change")))
    rows = Decision.objects.filter(review=standing.review_id, activity=standing.activity, change__isnull=False)
    found = rows.annotate(is_gone=was_taken_back).select_related("change").order_by("-change__revision")
    line = takewhile(lambda each: not each.is_gone, found)
    return [each.change for each in line if each.change is not None]


def _rest(work: Work, review: Review) -> list[int]:
    """The activities that nobody wants to talk about, with their levels loaded; refused where one can't stay."""
    rest = session_of(review).unconfirmed(work.rows("activity"))
    if not rest:
        raise Refused("There is nothing left to confirm.", "nothing", 409)
    work.load_cells(rest)
    _refuse_unled(work, rest)
    return rest


def _refuse_unled(work: Work, rest: Sequence[int]) -> None:
    unled = [work.activity(activity)["name"] for activity in rest if lead_of(work, activity) is None]
    if unled:
        names = [f"“{name}”" for name in unled[:MOST_NAMED]]
        more = [f"{len(unled) - MOST_NAMED:,} more"] if len(unled) > MOST_NAMED else []
        has = "has" if len(unled) == 1 else "have"
        raise Refused(f"{listed(names + more)} {has} no Lead. Decide on that first, then confirm the rest.")
