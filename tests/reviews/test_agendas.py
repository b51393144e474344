"""The agenda of a session: made from the evidence, and changed by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from raci.matrices.models import Activity
from raci.matrices.operations import Sender, archive
from raci.matrices.structure import edit_activity, remove_activity
from raci.reviews import agendas
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Decision, Item, Review
from raci.web.refusals import Conflict, Forbidden, Gone
from tests.reviews import holding


@pytest.fixture
def rows(matrix) -> list[Activity]:
    return list(Activity.objects.filter(matrix=matrix).order_by("position"))


@pytest.fixture
def review(matrix) -> Review:
    return Review.objects.create(matrix=matrix, title="Autumn", planned_at=timezone.now() + timedelta(days=1))


def row(activity, text="Nobody leads it.") -> Row:
    return Row(activity.pk, activity.name, (Reason("R1", text),))


def make(review, by, *wanted, seen=None):
    seen = Review.objects.get(pk=review.pk).step if seen is None else seen
    return agendas.make(matrix=review.matrix_id, review=review.pk, by=by, rows=wanted, seen=seen)


def add(review, by, activity):
    return agendas.add(matrix=review.matrix_id, review=review.pk, by=by, activity=activity.pk)


def remove(review, by, activity):
    return agendas.remove(matrix=review.matrix_id, review=review.pk, by=by, activity=activity.pk)


def move(review, by, activity, *, up, seen=None):
    seen = Review.objects.get(pk=review.pk).step if seen is None else seen
    return agendas.move(matrix=review.matrix_id, review=review.pk, by=by, activity=activity.pk, up=up, seen=seen)


def on_it(review) -> list[int]:
    return list(Item.objects.filter(review=review).values_list("activity", flat=True))


def test_it_is_made_of_the_rows_of_the_evidence_in_their_order(review, owner, rows):
    made = make(review, owner, row(rows[3]), row(rows[1]))
    assert on_it(review) == [rows[3].pk, rows[1].pk]
    assert (set(made.came), made.went) == ({rows[3].name, rows[1].name}, ())
    assert Review.objects.get().step == 1


def test_made_anew_what_was_put_there_by_hand_stays_ahead_of_the_rest(review, owner, rows):
    make(review, owner, row(rows[0]), row(rows[1]))
    add(review, owner, rows[5])
    made = make(review, owner, row(rows[2]), row(rows[1], "Another reason."))
    assert on_it(review) == [rows[5].pk, rows[2].pk, rows[1].pk]
    assert (made.came, made.went) == ((rows[2].name,), (rows[0].name,))
    assert Item.objects.get(activity=rows[1].pk).reasons == [{"rule": "R1", "text": "Another reason."}]


def test_what_was_put_there_by_hand_gets_the_reasons_that_the_evidence_has(review, owner, rows):
    add(review, owner, rows[5])
    make(review, owner, row(rows[5]))
    item = Item.objects.get()
    assert (item.by_hand, item.reasons[0]["text"]) == (True, "Nobody leads it.")


def test_made_anew_it_has_the_names_of_now_and_no_row_that_is_gone(review, owner, rows, matrix):
    add(review, owner, rows[5])
    add(review, owner, rows[6])
    make(review, owner, row(rows[0]))
    named = {"name": "Called anew"}
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=rows[5].pk, values=named, seen=1)
    remove_activity(matrix=matrix.pk, sender=Sender(owner), activity=rows[6].pk)
    made = make(review, owner, row(rows[0]))
    assert list(Item.objects.values_list("name", flat=True)) == ["Called anew", rows[0].name]
    assert made.went == (rows[6].name,)


def test_an_agenda_that_somebody_else_changed_meanwhile_is_not_made_anew(review, owner, editor, rows):
    add(review, editor, rows[0])
    with pytest.raises(Conflict):
        make(review, owner, row(rows[1]), seen=0)
    assert on_it(review) == [rows[0].pk]


def test_an_activity_is_added_at_the_end_once(review, owner, rows):
    add(review, owner, rows[3])
    add(review, owner, rows[0])
    add(review, owner, rows[3])
    assert on_it(review) == [rows[3].pk, rows[0].pk]
    assert all(Item.objects.values_list("by_hand", flat=True))
    assert Review.objects.get().step == 2


def test_only_an_activity_of_this_matrix_is_added(review, owner, foreign_matrix):
    with pytest.raises(Gone):
        add(review, owner, foreign_matrix.activities.first())


def test_an_activity_is_left_out_and_again_nothing_changes(review, owner, rows):
    make(review, owner, row(rows[0]), row(rows[1]))
    assert remove(review, owner, rows[0]).name == rows[0].name
    assert remove(review, owner, rows[0]) is None
    assert Review.objects.get().step == 2


def test_rows_move_up_and_down_and_stay_at_either_end(review, owner, rows):
    make(review, owner, row(rows[0]), row(rows[1]), row(rows[2]))
    assert move(review, owner, rows[2], up=True).position == 2
    move(review, owner, rows[2], up=True)
    step = Review.objects.get().step
    move(review, owner, rows[2], up=True)
    move(review, owner, rows[1], up=False)
    assert Review.objects.get().step == step
    assert on_it(review) == [rows[2].pk, rows[0].pk, rows[1].pk]


def test_a_move_touches_the_two_that_change_places_and_no_other(review, owner, rows):
    make(review, owner, row(rows[0]), row(rows[1]), row(rows[2]), row(rows[3]))
    remove(review, owner, rows[1])
    with CaptureQueriesContext(connection) as queries:
        move(review, owner, rows[0], up=False)
    (written,) = [each["sql"] for each in queries if each["sql"].startswith('UPDATE "reviews_item"')]
    assert str(Item.objects.get(activity=rows[3].pk).pk) not in written.rpartition("WHERE")[2]
    assert on_it(review) == [rows[2].pk, rows[0].pk, rows[3].pk]


def test_a_late_move_is_refused_and_changes_nothing(review, owner, editor, rows):
    make(review, owner, row(rows[0]), row(rows[1]), row(rows[2]))
    move(review, editor, rows[2], up=True, seen=1)
    with pytest.raises(Conflict):
        move(review, owner, rows[2], up=False, seen=1)
    assert on_it(review) == [rows[0].pk, rows[2].pk, rows[1].pk]
    with pytest.raises(Gone):
        move(review, owner, rows[5], up=True)


def test_it_is_untouched_until_somebody_changes_it(review, owner, rows):
    agendas.renew(review, [row(rows[0])])
    assert agendas.is_untouched(Review.objects.get())
    remove(review, owner, rows[0])
    assert not agendas.is_untouched(Review.objects.get())


def test_while_it_is_held_rows_are_added_but_the_one_on_the_screen_and_what_is_decided_stay(matrix, owner, rows):
    review = holding.running(matrix, owner, 0, 1, 2)
    add(review, owner, rows[4])
    with pytest.raises(Conflict, match="Move on first"):
        remove(review, owner, rows[0])
    Decision.objects.create(review=review, activity=rows[1].pk, name="-", kind="keep")
    with pytest.raises(Conflict, match="decided already"):
        remove(review, owner, rows[1])
    remove(review, owner, rows[2])
    assert on_it(review) == [rows[0].pk, rows[1].pk, rows[4].pk]
    with pytest.raises(Conflict):
        make(review, owner, row(rows[7]))


@pytest.mark.parametrize("state", ["ended", "published", "cancelled"])
def test_once_it_is_over_nothing_moves(review, owner, rows, state):
    make(review, owner, row(rows[0]), row(rows[1]))
    Review.objects.update(state=state)
    for change in (
        lambda: add(review, owner, rows[3]),
        lambda: remove(review, owner, rows[0]),
        lambda: move(review, owner, rows[1], up=True),
        lambda: make(review, owner),
    ):
        with pytest.raises(Conflict):
            change()
    assert on_it(review) == [rows[0].pk, rows[1].pk]


def test_only_editors_change_it_and_only_where_it_is_in_use(review, owner, viewer, stranger, rows, matrix):
    with pytest.raises(Forbidden):
        add(review, viewer, rows[0])
    with pytest.raises(Http404):
        add(review, stranger, rows[0])
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    with pytest.raises(Conflict, match="archived"):
        add(review, owner, rows[0])
