"""Planning a session: who hears of it and when, planning it anew, cancelling it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from raci.matrices.operations import Sender, archive
from raci.notices.models import Notice
from raci.notices.names import sign_of
from raci.reviews import planning
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Decision, Item, Poll, Review
from raci.reviews.planning import MOST_PLANNED, Plan
from raci.web.refusals import Conflict, Forbidden, Refused
from tests.reviews import holding

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT = datetime(2026, 11, 29, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def wanted(*people, **more) -> Plan:
    return Plan(**{"title": "Autumn review", "at": AT, "people": [one.user_id for one in people], **more})


def plan(matrix, by, *people, key="", rows=(), **more) -> Review:
    return planning.plan(matrix=matrix.pk, by=by, wanted=wanted(*people, **more), rows=rows, key=key)


def replan(review, by, *people, seen=None, **more) -> Review:
    seen = review.moves if seen is None else seen
    return planning.replan(matrix=review.matrix_id, review=review.pk, by=by, wanted=wanted(*people, **more), seen=seen)


def told(member) -> list[str]:
    return list(Notice.objects.filter(member=member).values_list("text", flat=True))


def closed_poll(matrix) -> Poll:
    now = timezone.now()
    return Poll.objects.create(matrix=matrix, title="Asked", asked={}, until=now, closed_at=now, state="closed")


def test_a_session_is_planned_with_its_people_and_its_agenda(matrix, owner, viewer):
    first = matrix.activities.first()
    review = plan(matrix, owner, owner, viewer, rows=[Row(first.pk, first.name, (Reason("R1", "Nobody leads it."),))])
    assert (review.state, review.planned_at, review.minutes, review.made_by) == ("planned", AT, 60, owner.user)
    assert set(planning.participants(review)) == {owner.user_id, viewer.user_id}
    item = Item.objects.get(review=review)
    assert (item.activity, item.reasons) == (first.pk, [{"rule": "R1", "text": "Nobody leads it."}])


def test_those_who_are_asked_hear_of_it_where_they_are_but_not_who_plans_it(matrix, owner, editor, viewer):
    viewer.user.time_zone = "America/New_York"
    viewer.user.save()
    plan(matrix, owner, owner, editor, viewer)
    assert not told(owner)
    (text,) = told(viewer)
    assert text.startswith(f"{sign_of(owner.user)} asks you to “Autumn review” of “Launch”.")
    assert text.endswith("It is on Sun 29 Nov 2026, 05:00 to 06:00 (America/New_York).")
    assert told(editor)[0].endswith("10:00 to 11:00 (UTC).")
    assert "Olive" not in text


def test_a_form_sent_twice_plans_one_session(matrix, owner, viewer):
    first = plan(matrix, owner, viewer, key="a" * 12)
    assert plan(matrix, owner, viewer, key="a" * 12) == first
    assert Review.objects.count() == 1
    assert len(told(viewer)) == 1


def test_only_members_are_asked(matrix, owner, stranger, ex_member):
    review = plan(matrix, owner, owner, stranger, ex_member)
    assert planning.participants(review) == [owner.user_id]
    assert not told(stranger)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"at": NOW - timedelta(hours=2)}, "to come"),
        ({"at": NOW + timedelta(days=4 * 365)}, "within three years"),
        ({"minutes": 4}, "5 to 480 minutes"),
        ({"minutes": 481}, "5 to 480 minutes"),
        ({"title": "\u200b"}, "Give it a title"),
        ({"place": "x" * 201}, "200 fit"),
    ],
)
def test_what_can_t_be_planned_is_refused_with_a_sentence(matrix, owner, more, says):
    with pytest.raises(Refused) as refusal:
        plan(matrix, owner, **more)
    assert says in refusal.value.sentence
    assert not Review.objects.exists()


def test_it_looks_at_a_poll_of_its_own_matrix_alone(matrix, foreign_matrix, owner):
    still_open = Poll.objects.create(matrix=matrix, title="Open", asked={}, until=NOW)
    for poll in (closed_poll(matrix), still_open):
        assert plan(matrix, owner, poll=poll.pk).poll == poll
    with pytest.raises(Refused):
        plan(matrix, owner, poll=closed_poll(foreign_matrix).pk)


def test_another_poll_makes_its_agenda_anew_unless_somebody_changed_it(matrix, owner):
    first, second = (Row(row.pk, row.name, (Reason("P3", "Why."),)) for row in matrix.activities.all()[:2])
    review, poll = plan(matrix, owner, rows=[first]), closed_poll(matrix)

    def on_it(**more) -> list[int]:
        again = wanted(poll=poll.pk, **more)
        planning.replan(matrix=matrix.pk, review=review.pk, by=owner, wanted=again, seen=0, rows=[second])
        return list(Item.objects.values_list("activity", flat=True))

    Review.objects.update(step=1)
    assert on_it() == [first.activity]
    Review.objects.update(step=0)
    assert on_it() == [first.activity]  # it is the same poll
    Review.objects.update(poll=None)
    assert on_it() == [second.activity]


def test_no_more_than_so_many_wait_at_a_time(matrix, owner):
    for _ in range(MOST_PLANNED):
        plan(matrix, owner)
    with pytest.raises(Refused, match="Cancel one"):
        plan(matrix, owner)


def test_planned_for_another_time_everybody_hears_and_calendars_can_tell(matrix, owner, editor, viewer):
    review = plan(matrix, owner, editor)
    Notice.objects.update(mailed_at=NOW)
    moved = replan(review, owner, editor, viewer, at=AT + timedelta(days=1), place="Room 4")
    assert (moved.moves, moved.moved_at) == (1, NOW)
    assert [text.partition(".")[0] for text in told(editor)[1:]] == ["“Autumn review” of “Launch” was planned anew"]
    assert len(told(viewer)) == 1
    assert "asks you to" in told(viewer)[0]
    assert "Mon 30 Nov 2026" in told(viewer)[0]


def test_only_who_is_new_hears_where_nothing_else_is(matrix, owner, editor, viewer):
    review = plan(matrix, owner, editor)
    again = replan(review, owner, editor, viewer)
    assert again.moves == 0
    assert (len(told(editor)), len(told(viewer))) == (1, 1)


def test_who_is_asked_no_more_takes_no_part(matrix, owner, editor, viewer):
    review = plan(matrix, owner, editor, viewer)
    replan(review, owner, viewer)
    assert planning.participants(review) == [viewer.user_id]


def test_planned_anew_by_somebody_else_meanwhile_nothing_is_overwritten(matrix, owner, editor):
    review = plan(matrix, owner)
    replan(review, editor, title="Winter review")
    with pytest.raises(Conflict):
        replan(review, owner, title="Spring review", seen=0)
    assert Review.objects.get().title == "Winter review"


def test_one_that_has_passed_keeps_its_time_when_its_people_change(matrix, owner, viewer):
    review = plan(matrix, owner)
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        replan(review, owner, viewer)
    assert planning.participants(review) == [viewer.user_id]


def test_cancelled_everybody_hears_so_once(matrix, owner, editor):
    review = plan(matrix, owner, editor)
    Notice.objects.update(mailed_at=NOW)
    for _ in range(2):
        cancelled = planning.cancel(matrix=matrix.pk, review=review.pk, by=owner)
    assert (cancelled.state, cancelled.moves) == ("cancelled", 1)
    assert told(editor)[1].startswith("“Autumn review” of “Launch” is cancelled.")
    assert "It was to be on" in told(editor)[1]
    assert len(told(editor)) == 2
    with pytest.raises(Conflict):
        replan(cancelled, owner)


def test_only_editors_plan_and_only_what_is_theirs(matrix, foreign_matrix, owner, viewer, reviewer, stranger):
    review = plan(matrix, owner)
    for member in (viewer, reviewer):
        with pytest.raises(Forbidden):
            plan(matrix, member)
        with pytest.raises(Forbidden):
            planning.cancel(matrix=matrix.pk, review=review.pk, by=member)
    with pytest.raises(Http404):
        planning.cancel(matrix=matrix.pk, review=review.pk, by=stranger)
    with pytest.raises(Http404):
        planning.cancel(matrix=foreign_matrix.pk, review=review.pk, by=stranger)
    with pytest.raises(Http404):
        plan(foreign_matrix, owner)


def test_nothing_is_planned_for_an_archived_matrix(matrix, owner):
    review = plan(matrix, owner)
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    with pytest.raises(Conflict, match="archived"):
        plan(matrix, owner)
    with pytest.raises(Conflict, match="archived"):
        planning.cancel(matrix=matrix.pk, review=review.pk, by=owner)


def test_who_was_not_sent_it_yet_hears_once_however_often_it_is_moved(matrix, owner, editor, viewer):
    review = plan(matrix, owner, editor, viewer)
    Notice.objects.filter(member=viewer).update(mailed_at=NOW)
    for days in range(1, 6):
        review = replan(review, owner, editor, viewer, at=AT + timedelta(days=days))
    (asked,) = told(editor)
    assert "asks you to" in asked
    assert "Fri 4 Dec 2026" in asked
    assert len(told(viewer)) == 2
    assert "was planned anew" in told(viewer)[1]
    assert "Fri 4 Dec 2026" in told(viewer)[1]


@pytest.mark.parametrize("is_paused", [False, True])
def test_begun_by_mistake_it_is_cancelled_as_long_as_nothing_is_decided(matrix, owner, editor, is_paused):
    review = holding.running(matrix, owner, 0, 1, asked=(editor,))
    if is_paused:
        holding.do("pause", review, owner)
    decision = Decision.objects.create(review=review, activity=matrix.activities.first().pk, name="-", kind="keep")
    with pytest.raises(Conflict, match="Take that back first"):
        planning.cancel(matrix=matrix.pk, review=review.pk, by=owner)
    decision.delete()
    step = Review.objects.get().step
    planning.cancel(matrix=matrix.pk, review=review.pk, by=owner)
    cancelled = Review.objects.get()
    assert (cancelled.state, cancelled.shown_at, cancelled.step) == ("cancelled", None, step + 1)
    assert "is cancelled" in told(editor)[-1]
    assert holding.running(matrix, owner, 2).state == "running"
