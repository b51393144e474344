"""Reminders of what stays open: three days before, on the day, a week overdue."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from raci.matrices.operations import Sender, archive
from raci.notices.models import Notice
from raci.reviews.models import Decision, Review
from raci.reviews.reminders import stage_of, write_reminders
from raci.workspaces.models import Member

DECIDED = datetime(2026, 11, 2, 12, tzinfo=UTC)
DUE = date(2026, 12, 1)


@pytest.fixture
def decision(matrix, viewer) -> Decision:
    activity = matrix.activities.order_by("position").first()
    review = Review.objects.create(matrix=matrix, title="Autumn", planned_at=DECIDED, state="published")
    return Decision.objects.create(
        review=review, activity=activity.pk, name="Pricing", kind="ask", owner=viewer.user, due=DUE, at=DECIDED
    )


def on(day: date) -> list[Notice]:
    """What is newly told on that day."""
    known = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(datetime.combine(day, time(9), UTC), tick=False):
        for _ in range(2):
            write_reminders(datetime.now(UTC))
    return list(Notice.objects.exclude(pk__in=known).order_by("pk"))


def days(count: int) -> date:
    return DUE + timedelta(days=count)


@pytest.mark.parametrize(
    ("left", "stage"),
    [(4, ""), (3, "3"), (1, "3"), (0, "0"), (-6, "0"), (-7, "7"), (-28, "7"), (-29, "")],
)
def test_each_stage_begins_and_ends_on_its_day(left, stage):
    assert stage_of(DUE, DECIDED.date(), DUE - timedelta(days=left)) == stage


def test_what_is_soon_when_it_is_decided_is_not_told_before_its_day():
    assert stage_of(DUE, DUE - timedelta(days=3), DUE - timedelta(days=2)) == ""
    assert stage_of(DUE, DUE - timedelta(days=3), DUE) == "0"
    assert stage_of(DUE, DUE, DUE) == ""


def test_who_sees_to_it_hears_once_at_each_stage(decision, viewer):
    told = [notice for left in range(-10, 32) for notice in on(days(left))]
    assert [notice.member for notice in told] == [viewer] * 3
    assert [notice.text.partition("\n")[0] for notice in told] == [
        "What a review left open of “Pricing” of “Launch” is due on 1 Dec 2026, in 3 days.",
        "What a review left open of “Pricing” of “Launch” is due today.",
        "What a review left open of “Pricing” of “Launch” was due on 1 Dec 2026.",
    ]
    assert told[0].text.endswith("You see to it. Say what came of it, or choose another day.")


def test_moved_to_another_day_it_is_told_again(decision):
    assert len(on(days(0))) == 1
    Decision.objects.update(due=days(20))
    assert not on(days(1))
    assert len(on(days(17))) == 1


@pytest.mark.parametrize("gone", ["left", "nobody", "somebody without an account"])
def test_where_no_member_sees_to_it_editors_hear_instead(decision, gone, viewer, owner, editor, reviewer):
    if gone == "left":
        Member.objects.filter(pk=viewer.pk).delete()
    else:
        name = "" if gone == "nobody" else "Jonas Weber"
        Decision.objects.update(owner=None, owner_name=name)
    told = on(days(-3))
    assert {notice.member for notice in told} == {owner, editor}
    assert "Nobody with an account here sees to it." in told[0].text
    assert "Jonas" not in told[0].text


@pytest.mark.parametrize(
    "change",
    [{"settled_at": DECIDED}, {"taken_back_at": DECIDED}, {"kind": "keep"}, {"due": None}],
)
def test_what_is_settled_or_not_open_is_silent(decision, change):
    Decision.objects.update(**change)
    assert not on(days(0))


def test_it_is_silent_where_the_session_or_the_matrix_is_put_away(decision, matrix, owner):
    Review.objects.update(state="cancelled")
    assert not on(days(0))
    Review.objects.update(state="published")
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    assert not on(days(0))
