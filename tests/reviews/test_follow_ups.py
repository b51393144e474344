"""What stays open: who may see to it, what came of it, handing it over."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from raci.matrices.operations import Sender, archive
from raci.notices.models import Notice
from raci.notices.names import sign_of
from raci.reviews import follow_ups
from raci.reviews.models import Decision, Review
from raci.web.refusals import Conflict, Forbidden, Refused
from tests.reviews.holding import confirm_rest, decide, running, take_back

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUE = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def review(matrix) -> Review:
    return Review.objects.create(matrix=matrix, title="Autumn", planned_at=TODAY, ended_at=TODAY, state="ended")


def left_open(review, row=0, *, kind="ask", owner=None, **more) -> Decision:
    activity = review.matrix.activities.order_by("position")[row]
    user = owner.user if owner else None
    return Decision.objects.create(
        review=review, activity=activity.pk, name=activity.name, kind=kind, owner=user, **{"due": DUE, **more}
    )


def settle(decision, by, outcome="Asked: Sales does it."):
    matrix = decision.review.matrix_id
    return follow_ups.settle(matrix=matrix, decision=decision.pk, by=by, outcome=outcome)


def hand_over(decision, by, to=None, *, name="", due=DUE, seen=None):
    seen = follow_ups.seen_of(Decision.objects.get(pk=decision.pk)) if seen is None else seen
    return follow_ups.hand_over(
        matrix=decision.review.matrix_id,
        decision=decision.pk,
        by=by,
        owner=to.user_id if to else None,
        owner_name=name,
        due=due,
        seen=seen,
    )


def test_what_is_open_is_listed_by_its_day_and_what_has_none_last(review):
    late = left_open(review, 0, due=date(2026, 11, 1))
    never = left_open(review, 1, kind="open", due=None)
    soon = left_open(review, 2)
    left_open(review, 3, settled_at=timezone.now())
    left_open(review, 4, taken_back_at=timezone.now())
    left_open(review, 5, kind="keep")
    assert list(follow_ups.open_decisions(review.matrix_id)) == [late, soon, never]


def test_it_is_settled_once_with_what_came_of_it(review, editor):
    decision = left_open(review)
    settled = settle(decision, editor)
    assert (settled.settled_by, settled.outcome) == (editor.user, "Asked: Sales does it.")
    assert settle(decision, editor).settled_at == settled.settled_at
    assert not follow_ups.open_decisions(review.matrix_id)


def test_settled_otherwise_by_somebody_else_meanwhile_it_stays_as_they_said(review, editor, owner):
    decision = left_open(review)
    settle(decision, editor)
    with pytest.raises(Conflict):
        settle(decision, owner, "Something else.")
    with pytest.raises(Conflict):
        hand_over(decision, owner, editor)
    assert Decision.objects.get().outcome == "Asked: Sales does it."


def test_an_outcome_is_a_line(review, editor):
    with pytest.raises(Refused, match="outcome"):
        settle(left_open(review), editor, "  ")


def test_a_viewer_sees_to_what_is_theirs_and_to_nothing_else(review, viewer, reviewer):
    mine, other = left_open(review, 0, owner=viewer), left_open(review, 1, owner=reviewer)
    assert settle(mine, viewer).settled_at
    for refused in (lambda: settle(other, viewer), lambda: hand_over(other, viewer, viewer)):
        with pytest.raises(Forbidden):
            refused()


def test_handed_over_the_new_owner_hears_of_it(review, editor, viewer):
    decision = hand_over(left_open(review, owner=editor), editor, viewer, due=date(2026, 12, 9))
    assert (decision.owner, decision.due) == (viewer.user, date(2026, 12, 9))
    text = Notice.objects.get(member=viewer).text
    assert text.startswith(f"{sign_of(editor.user)} asks you to see to “{decision.name}” of “Launch”.")
    assert text.endswith("is due on 9 Dec 2026.")


def test_who_takes_it_themselves_or_moves_the_day_alone_tells_nobody(review, editor, viewer):
    decision = left_open(review, owner=viewer)
    hand_over(decision, editor, viewer, due=date(2026, 12, 9))
    hand_over(decision, editor, editor, due=date(2026, 12, 9))
    assert not Notice.objects.exists()


def test_it_is_handed_to_somebody_without_an_account_by_name(review, editor):
    decision = hand_over(left_open(review, owner=editor), editor, name="Jonas Weber")
    assert (decision.owner, decision.owner_name) == (None, "Jonas Weber")
    with pytest.raises(Refused, match="Say who"):
        hand_over(decision, editor)


def test_it_is_handed_to_members_alone(review, editor, stranger, ex_member):
    for nobody in (stranger, ex_member):
        with pytest.raises(Refused, match="not in this workspace"):
            hand_over(left_open(review, kind="open"), editor, nobody)
        Decision.objects.all().delete()


def test_a_day_that_has_passed_is_no_day_to_hand_it_over_for(review, editor, viewer):
    with pytest.raises(Refused, match="day to come"):
        hand_over(left_open(review), editor, viewer, due=date(2026, 11, 21))
    late = left_open(review, 1, due=date(2026, 11, 1))
    assert hand_over(late, editor, viewer, due=late.due).owner == viewer.user


def test_handed_over_by_somebody_else_meanwhile_the_later_one_is_told(review, editor, owner, viewer):
    decision = left_open(review)
    seen = follow_ups.seen_of(decision)
    hand_over(decision, editor, viewer, seen=seen)
    with pytest.raises(Conflict):
        hand_over(decision, owner, owner, seen=seen)
    assert Decision.objects.get().owner == viewer.user
    hand_over(decision, owner, viewer, seen=seen)  # the same again is no quarrel


@pytest.mark.parametrize("more", [{"kind": "keep"}, {"taken_back_at": TODAY}])
def test_only_what_stays_open_can_be_seen_to(review, editor, more):
    with pytest.raises(Http404):
        settle(left_open(review, **more), editor)


def test_nobody_elsewhere_sees_to_it(review, stranger, foreign_matrix, matrix, editor):
    decision = left_open(review)
    with pytest.raises(Http404):
        settle(decision, stranger)
    with pytest.raises(Http404):
        follow_ups.settle(matrix=foreign_matrix.pk, decision=decision.pk, by=stranger, outcome="Done")
    archive(matrix=matrix.pk, sender=Sender(editor), archived=True)
    with pytest.raises(Conflict, match="archived"):
        settle(decision, editor)


# ---- Settled by what a later session decides


@pytest.fixture
def before(review) -> Decision:
    """Left open by the session before, of the first row."""
    Review.objects.filter(pk=review.pk).update(state="published")
    return left_open(review)


@pytest.fixture
def later(before, owner) -> Review:
    return running(before.review.matrix, owner, 0, 1, title="Spring")


def known(before) -> tuple[bool, str]:
    row = Decision.objects.get(pk=before.pk)
    return row.settled_at is not None, row.outcome


@pytest.mark.parametrize(
    ("kind", "more", "outcome"),
    [
        ("keep", {}, "Decided in “Spring”: it stays as it is."),
        ("lead", {"lead": 1}, "Decided in “Spring”: {lead} answers for it."),
        ("levels", {}, "Decided in “Spring”: its levels were set anew, and {lead} answers for it."),
        ("open", {}, ""),
        ("ask", {"owner_name": "Priya", "due": DUE}, ""),
    ],
)
def test_what_a_later_session_decides_on_the_row_settles_it(before, later, owner, kind, more, outcome):
    other = left_open(before.review, 1)
    if kind == "levels":
        more = {"levels": "SL".ljust(later.matrix.roles.count(), ".")}
    made = decide(later, owner, 0, kind, **more)
    assert known(before) == (bool(outcome), outcome.format(lead=made.lead_name))
    assert other in follow_ups.open_decisions(later.matrix_id)
    assert (before in follow_ups.open_decisions(later.matrix_id)) is not bool(outcome)


def test_taken_back_or_decided_anew_it_is_open_as_before(before, later, owner):
    made = decide(later, owner, 0, "lead", lead=1)
    assert known(before)[0]
    decide(later, owner, 0, "open")
    assert known(before) == (False, "")
    made = decide(later, owner, 0)
    assert known(before)[0]
    take_back(later, owner, made)
    row = Decision.objects.get(pk=before.pk)
    assert (row.settled_at, row.settled_by, row.settled_with, row.outcome) == (None, None, None, "")
    assert before in follow_ups.open_decisions(later.matrix_id)


def test_what_somebody_settled_stays_so_whatever_a_session_decides(before, later, owner):
    settle(before, owner)
    take_back(later, owner, decide(later, owner, 0))
    assert known(before) == (True, "Asked: Sales does it.")


def test_what_is_confirmed_with_the_rest_leaves_it_open(before, owner):
    confirm_rest(running(before.review.matrix, owner, 1), owner)
    assert known(before) == (False, "")


def test_long_names_fit_in_what_came_of_it(before, later, owner):
    Review.objects.filter(pk=later.pk).update(title="t" * 200)
    before.review.matrix.roles.update(name="r" * 200)
    decide(later, owner, 0, "lead", lead=1)
    assert "t…”: rrr" in known(before)[1]
    assert len(known(before)[1]) <= 200
