"""What must hold of polls and reviews: each check finds what was broken behind the operations' back."""

import pytest
from django.utils import timezone

from raci.matrices.models import Change, Matrix
from raci.notices.models import Outbox
from raci.reviews import invariants
from raci.reviews.models import Answer, Decision, Evidence, Item, Poll, Respondent, Result, Review
from raci.web import days
from raci.workspaces.links import NO_END, make_link
from raci.workspaces.models import Link
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.reviews.holding import confirm_rest, decide, do, planned, running, take_back


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL", "LC")


@pytest.fixture
def other(owner) -> Matrix:
    return make_matrix(owner, "LS", name="Other")


@pytest.fixture
def poll(small, viewer) -> Poll:
    """Closed, with one who answered, and what the evidence goes by."""
    row, role, now = rows_of(small)[0], roles_of(small)[0], timezone.now()
    made = Poll.objects.create(
        matrix=small,
        title="Ask",
        state="closed",
        asked={"activities": [{"id": row.pk, "name": row.name}], "roles": [{"id": role.pk, "name": role.name}]},
        result={"answered": 1},
        until=now,
        closed_at=now,
    )
    person = Respondent.objects.create(poll=made, user=viewer.user, joined_at=now, submitted_at=now)
    Answer.objects.create(respondent=person, activity=row.pk, said="role", lead=role.pk)
    Evidence.objects.create(matrix=small, poll=made)
    return made


@pytest.fixture
def review(small, poll, editor) -> Review:
    """With decisions of each sort, one of them taken back."""
    review = running(small, editor, 0, 1)
    take_back(review, editor, decide(review, editor, 0, "lead", lead=1))
    decide(review, editor, 0)
    decide(review, editor, 1, "ask", owner_name="Priya", due=days.today())
    confirm_rest(review, editor)
    return Review.objects.get(pk=review.pk)


def _only(sentence: str) -> None:
    (found,) = invariants.broken()
    assert sentence in found


def test_nothing_is_broken_where_nothing_was(review, editor):
    assert invariants.broken() == []
    do("pause", review, editor)
    assert invariants.broken() == []


def test_a_poll_that_is_open_has_no_result_yet(poll, review):
    Evidence.objects.all().delete()
    Poll.objects.update(state="open")
    _only("is open, and its result says otherwise")


def test_a_poll_that_is_closed_was_counted(poll, review):
    Poll.objects.update(result={})
    _only("is closed, and its result says otherwise")


def test_nobody_is_known_in_a_closed_poll_by_function(poll, review):
    Poll.objects.update(naming="function")
    Respondent.objects.update(user=None, role=None, function="", digest="0" * 64, reminded_at=None)
    assert invariants.broken() == []
    for wrong in ({"address": "a@example.org"}, {"role": 1}, {"digest": ""}):
        Respondent.objects.update(**wrong)
        _only("is known by more than a token")
        Respondent.objects.update(address="", role=None, digest="0" * 64)


def test_a_closed_poll_keeps_no_answer_that_was_never_sent(poll, review):
    person = Respondent.objects.create(poll=poll, joined_at=poll.closed_at)
    Answer.objects.create(respondent=person, activity=poll.asked["activities"][0]["id"], said="nobody")
    _only("keeps answers that were never sent")


def test_no_mail_of_a_poll_outlives_what_the_poll_knows_of_its_reader(poll, review):
    for key in ("poll:1", "poll-reminder:20261122120000:1"):
        mail = Outbox.objects.create(to="mei@example.org", subject="A poll", key=key)
        _only("is of a poll, and of nobody who was asked")
        mail.delete()


def test_a_poll_has_links_of_its_own_workspace_for_polls(poll, owner, stranger):
    for member, purpose in ((stranger, Link.Purpose.POLL), (owner, Link.Purpose.SHARED)):
        link = make_link(purpose=purpose, workspace=member.workspace, by=member.user, until=NO_END)[0]
        Poll.objects.update(link=link)
        _only("Poll")
        Poll.objects.update(link=None)
        Respondent.objects.update(link=link)
        _only("Respondent")
        Respondent.objects.update(link=None)


def test_an_answer_is_about_what_was_asked(poll, small):
    Answer.objects.update(activity=rows_of(small)[1].pk)
    _only("about an activity that poll")


def test_an_answer_names_a_role_that_was_offered(poll, small):
    Answer.objects.update(lead=roles_of(small)[1].pk)
    _only("names a role that poll")


def test_nobody_answers_without_having_joined(poll):
    Respondent.objects.update(joined_at=None)
    _only("without ever joining")


def test_the_evidence_goes_by_a_closed_poll_of_its_own_matrix(poll, other):
    Evidence.objects.update(matrix=other)
    _only("open or one of another matrix")
    Evidence.objects.all().delete()
    Evidence.objects.create(
        matrix=other, poll=Poll.objects.create(matrix=other, title="B", asked={}, until=timezone.now())
    )
    _only("open or one of another matrix")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"started_at": None}, "it should have a beginning"),
        ({"state": "ended", "shown_at": None}, "it should have an end and a result"),
        ({"state": "published", "shown_at": None}, "it should have an end and a result"),
        ({"state": "paused", "shown_at": timezone.now()}, "it should have no clock that runs"),
    ],
)
def test_a_review_has_come_as_far_as_its_state_says(review, values, said):
    Review.objects.update(**values)
    _only(said)


def test_a_review_looks_at_a_poll_of_its_own_matrix(review, other):
    Review.objects.update(poll=Poll.objects.create(matrix=other, title="B", asked={}, until=timezone.now()))
    _only("has a poll of another matrix")


def test_one_session_of_a_matrix_is_held_at_a_time(review, small):
    second = planned(small, 0)
    Review.objects.filter(pk=second.pk).update(state="paused", started_at=timezone.now())
    _only("2 sessions of matrix")


def test_the_screen_shows_what_is_on_its_own_agenda(review, small):
    Review.objects.filter(pk=review.pk).update(item=planned(small, 0).items.get())
    _only("which is of another")


def test_no_two_items_are_at_one_place(review):
    Item.objects.update(position=1)
    _only("2 items of review")


def test_a_decision_stands_in_the_log(review):
    Decision.objects.filter(kind="keep", together=False, taken_back_at=None).update(change=None)
    found = invariants.broken()
    assert any("is not in the log of its matrix" in sentence for sentence in found)
    assert any("that something was decided, and nothing was" in sentence for sentence in found)


def test_what_the_log_calls_decided_is_a_decision(review):
    Decision.objects.filter(kind="ask").delete()
    _only("that something was decided, and nothing was")


def test_what_is_taken_back_was_decided(review):
    Change.objects.filter(kind="undecide").update(undoes=Change.objects.get(kind="create", matrix=review.matrix_id))
    _only("what was no decision")


def test_what_the_log_takes_back_does_not_stand(review):
    Decision.objects.filter(taken_back_at=None, activity=rows_of(review.matrix)[0].pk).delete()
    Change.objects.filter(kind="decide").exclude(pk__in=Decision.objects.values("change")).delete()
    Decision.objects.filter(kind="lead").update(taken_back_at=None)
    assert any("and the log says that it was taken back" in sentence for sentence in invariants.broken())


def test_what_settles_a_row_has_somebody_who_leads_it(review):
    Decision.objects.filter(kind="lead").update(lead=None)
    _only("settles a row, and nobody leads it")


def test_what_is_found_out_is_so_by_a_day(review):
    Decision.objects.filter(kind="ask").update(due=None)
    _only("by no day")


def test_a_result_stood_in_its_matrix_and_is_kept(review, small):
    Review.objects.update(result="a" * 64)
    _only("not among its results")
    Result.objects.create(review=review, digest="a" * 64, revision=10_000)
    _only("that its matrix has not reached")
