"""Holding a session: what is on the screen, its clock, and two facilitators who never overwrite each other."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from raci.matrices.models import Activity
from raci.matrices.operations import Sender, archive
from raci.reviews import sessions
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Item, Participant, Review
from raci.web import bell
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.matrices.reading import rows_of
from tests.reviews.holding import decide, do, on_screen, planned, running


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS", "SL", "LC", "LI")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first three rows on its agenda."""
    return running(small, editor, 0, 1, 2)


@pytest.fixture
def later(monkeypatch):
    """Time goes on by so many seconds."""
    now = timezone.now()

    def go_on(seconds):
        moment = timezone.now() + timedelta(seconds=seconds)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return go_on


def _fresh(review) -> Review:
    return Review.objects.get(pk=review.pk)


# --- starting


def test_a_session_begins_with_the_first_of_its_agenda(small, editor):
    review = planned(small, 2, 0)
    session = do("start", review, editor)
    assert session.review.state == "running"
    assert session.review.started_at is not None
    assert session.current.name == on_screen(review) == "Activity 3"
    assert (session.place, session.seconds()) == (1, 0)
    assert [item.name for item in session.undecided] == ["Activity 3", "Activity 1"]


def test_an_agenda_that_nobody_changed_is_made_anew_when_the_session_begins(small, editor):
    review = planned(small)
    activity = rows_of(small)[3]
    rows = [Row(activity.pk, activity.name, (Reason("P1", "It is not done."),))]
    session = do("start", review, editor, rows=rows)
    assert [item.name for item in session.items] == ["Activity 4"]


def test_an_agenda_that_somebody_changed_stays_when_the_session_begins(small, editor):
    review = planned(small, 1)
    Review.objects.filter(pk=review.pk).update(step=1)
    session = do("start", review, editor, rows=[])
    assert [item.name for item in session.items] == ["Activity 2"]


def test_with_nothing_on_the_agenda_the_rest_is_on_the_screen(small, editor):
    session = do("start", planned(small), editor)
    assert session.current is None
    assert session.place == 1


def test_a_matrix_without_activities_is_not_gone_through(owner):
    with pytest.raises(Refused, match="nothing to go through"):
        do("start", planned(make_matrix(owner, roles=2)), owner)


def test_one_session_of_a_matrix_is_held_at_a_time(small, review, editor):
    other = planned(small, 0, title="Another")
    with pytest.raises(Conflict, match="“Autumn review” is being held"):
        do("start", other, editor)
    assert _fresh(other).state == "planned"


def test_a_session_of_an_archived_matrix_is_not_begun(small, owner):
    review = planned(small, 0)
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    with pytest.raises(Conflict, match="archived"):
        do("start", review, owner)


# --- moving


def test_next_and_previous_go_along_the_agenda_and_the_rest_stands_behind_it(review, editor):
    seen = [do("move", review, editor, to="next").place for _ in range(4)]
    assert seen == [2, 3, 4, 4]
    assert on_screen(review) == ""
    seen = [do("move", review, editor, to="previous").place for _ in range(4)]
    assert seen == [3, 2, 1, 1]


def test_any_item_can_be_put_on_the_screen_and_so_can_the_rest(review, editor):
    third = Item.objects.get(review=review, position=3)
    assert do("move", review, editor, to=str(third.pk)).current == third
    assert do("move", review, editor, to="rest").current is None


def test_an_item_of_another_session_is_not_shown(small, review, editor):
    stray = planned(small, 0, title="Another").items.get()
    with pytest.raises(Refused, match="not on the agenda"):
        do("move", review, editor, to=str(stray.pk))
    with pytest.raises(Refused):
        do("move", review, editor, to="elsewhere")


def test_a_move_that_leads_nowhere_raises_no_step(review, editor):
    before = _fresh(review).step
    assert do("move", review, editor, to="previous").review.step == before


@pytest.mark.parametrize(("what", "more"), [("move", {"to": "next"}), ("pause", {}), ("start", {}), ("resume", {})])
def test_who_is_late_changes_nothing_and_sees_where_things_are(review, editor, owner, what, more):
    seen = _fresh(review).step
    do("move", review, owner, to="next")
    session = do(what, review, editor, seen=seen, **more)
    assert session.is_late
    assert session.current.name == on_screen(review) == "Activity 2"
    assert session.review.state == "running"


def test_pressing_next_twice_on_one_page_moves_once(review, editor):
    seen = _fresh(review).step
    assert not do("move", review, editor, seen=seen, to="next").is_late
    assert do("move", review, editor, seen=seen, to="next").is_late
    assert on_screen(review) == "Activity 2"


def test_a_step_that_never_was_is_malformed(review, editor):
    with pytest.raises(Malformed):
        do("pause", review, editor, seen=_fresh(review).step + 1)


# --- the clock


def test_the_time_on_the_screen_is_kept_when_it_is_left(review, editor, later):
    later(90)
    assert do("move", review, editor, to="next").seconds() == 0
    assert Item.objects.get(review=review, position=1).seconds >= 90
    later(30)
    do("move", review, editor, to="previous")
    later(10)
    assert sessions.session_of(_fresh(review)).seconds() >= 100
    assert 30 <= Item.objects.get(review=review, position=2).seconds < 60


def test_a_pause_does_not_count(review, editor, later):
    later(60)
    paused = do("pause", review, editor)
    assert paused.review.state == "paused"
    spent = paused.seconds()
    assert spent >= 60
    later(3_600)
    assert sessions.session_of(_fresh(review)).seconds() == spent
    assert do("resume", review, editor).seconds() == spent
    later(5)
    assert sessions.session_of(_fresh(review)).seconds() == spent + 5


def test_nothing_moves_while_it_is_paused(review, editor):
    do("pause", review, editor)
    with pytest.raises(Conflict, match="Resume it first"):
        do("move", review, editor, to="next")
    assert on_screen(review) == "Activity 1"


# --- who came


def test_a_participant_who_follows_is_noted_once(small, editor, viewer):
    review = running(small, editor, 0, asked=(viewer,))
    step = _fresh(review).step
    assert sessions.follow(matrix=small.pk, review=review.pk, by=viewer)
    came = Participant.objects.get(review=review).came_at
    assert came is not None
    assert not sessions.follow(matrix=small.pk, review=review.pk, by=viewer)
    assert Participant.objects.get(review=review).came_at == came
    assert _fresh(review).step == step


def test_who_was_not_asked_follows_without_being_noted(review, viewer):
    assert not sessions.follow(matrix=review.matrix_id, review=review.pk, by=viewer)
    assert not Participant.objects.exists()


def test_nobody_came_before_the_session_begins(small, viewer):
    review = planned(small, 0, asked=(viewer,))
    assert not sessions.follow(matrix=small.pk, review=review.pk, by=viewer)
    assert Participant.objects.get().came_at is None


# --- what is still to be decided


def test_what_was_removed_from_the_matrix_waits_for_no_decision(small, review, editor):
    Activity.objects.filter(pk=rows_of(small)[1].pk).delete()
    session = sessions.session_of(_fresh(review))
    assert [item.name for item in session.undecided] == ["Activity 1", "Activity 3"]
    assert session.next_undecided.name == "Activity 3"


def test_the_last_decision_is_the_first_to_take_back(review, editor):
    decide(review, editor, 0)
    latest = decide(review, editor, 2)
    assert sessions.session_of(_fresh(review)).last == latest


def test_where_a_session_is_takes_three_queries(review, django_assert_num_queries):
    row = _fresh(review)
    with django_assert_num_queries(3):
        session = sessions.session_of(row)
        assert session.undecided
        assert session.next_undecided
        assert not session.last


# --- who may, and who hears


@pytest.mark.parametrize(("what", "more"), [("start", {}), ("pause", {}), ("resume", {}), ("move", {"to": "next"})])
def test_only_editors_lead_a_session(review, viewer, reviewer, stranger, ex_member, what, more):
    for member in (viewer, reviewer):
        with pytest.raises(Forbidden):
            do(what, review, member, **more)
    with pytest.raises(Http404):
        do(what, review, stranger, **more)
    with pytest.raises(Refused):
        do(what, review, ex_member, **more)
    assert _fresh(review).state == "running"


def test_who_was_demoted_meanwhile_leads_it_no_more(review, editor):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    with pytest.raises(Forbidden):
        do("pause", review, editor)


def test_a_session_of_another_matrix_is_not_found(small, review, editor, owner):
    other = make_matrix(owner, "L")
    with pytest.raises(Http404):
        sessions.pause(matrix=other.pk, review=review.pk, by=editor, seen=0)


def test_the_bell_rings_for_whoever_follows(review, editor, django_capture_on_commit_callbacks):
    heard = []
    bell.listen(heard.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            do("move", review, editor, to="next")
    finally:
        bell.ignore(heard.append)
    assert f"matrix-{review.matrix_id}" in heard
