"""Several facilitators of one session, and people who edit meanwhile: nothing is lost, nothing decided over."""

import random
import time

import pytest

from raci.grid.levels import Level
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.undo import undo
from raci.reviews import agendas, deciding, sessions
from raci.reviews.models import Decision, Evidence, Item, Review
from raci.reviews.sessions import Session
from raci.web import days
from raci.web.refusals import Busy, Conflict, Refused
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of
from tests.reviews.holding import confirm_rest, decide, do, running, take_back
from tests.stress.together import together, until_late

ACTS = ["keep", "lead", "ask", "resume"] * 3 + ["move", "back", "pause", "rest", "note", "add", "remove"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def matrix(owner) -> Matrix:
    return make_matrix(owner, *["LSC."] * 6)


@pytest.fixture
def review(matrix, owner) -> Review:
    """Held now, with four of the six rows on its agenda."""
    return running(matrix, owner, 0, 1, 2, 3)


def _kinds(results) -> list:
    """All answers; what is no refusal of ours, or says that the database is busy, fails."""
    flat = [answer for result in results for answer in (result if isinstance(result, list) else [result])]
    assert not [each for each in flat if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert not [each for each in flat if isinstance(each, Busy)]
    return flat


def _step(review: Review) -> int:
    return Review.objects.values_list("step", flat=True).get(pk=review.pk)


def test_of_two_who_decide_the_same_row_at_once_one_wins(matrix, review, owner, editor):
    seen = revision(matrix)
    results = _kinds(
        together(
            lambda: decide(review, owner, 0, "lead", lead=1, seen=seen),
            lambda: decide(review, editor, 0, "lead", lead=2, seen=seen),
        )
    )
    (made,) = [each for each in results if isinstance(each, Decision)]
    (late,) = [each for each in results if isinstance(each, Conflict)]
    assert f"decided on “Activity 1” a moment before: {made.lead_name} leads it." in late.sentence
    assert Decision.objects.get() == made
    assert letters(matrix)[0] == ("SLC." if made.by_id == owner.user_id else "SSL.")
    invariants.check()


def test_one_decision_sent_eight_times_at_once_is_made_once(matrix, review, editor):
    seen = revision(matrix)
    made = _kinds(together(*[lambda: decide(review, editor, 0, "lead", lead=2, seen=seen, key="decide-once")] * 8))
    assert {each.pk for each in made} == {Decision.objects.get().pk}
    assert Change.objects.filter(kind="decide").count() == 1
    invariants.check(["decide-once"])


def test_of_those_who_press_next_at_once_one_moves(review, owner, editor):
    step = _step(review)
    results = _kinds(together(*(lambda m=m: do("move", review, m, to="next", seen=step) for m in (owner, editor) * 3)))
    assert [each.is_late for each in results].count(False) == 1
    assert {each.current.position for each in results} == {2}
    assert _step(review) == step + 1


def test_a_decision_and_a_move_at_once_skip_no_item(matrix, review, owner, editor):
    step, seen = _step(review), revision(matrix)
    made, moved = together(
        lambda: decide(review, owner, 0, seen=seen), lambda: do("move", review, editor, to="next", seen=step)
    )
    _kinds([made, moved])
    assert isinstance(made, Decision)
    assert Review.objects.get(pk=review.pk).item.position == 2


def test_a_level_set_while_it_is_decided_is_in_time_or_refuses_the_decision(matrix, review, owner, editor):
    row, seen = rows_of(matrix)[0].pk, revision(matrix)
    cell = {"activity": row, "role": roles_of(matrix)[3].pk, "level": Level.LEAD}
    results = _kinds(
        together(
            lambda: set_level(matrix=matrix.pk, sender=Sender(owner), **cell, seen=seen),
            lambda: decide(review, editor, 0, "lead", lead=2, seen=seen),
        )
    )
    assert [isinstance(each, Conflict) for each in results].count(True) == 1
    assert letters(matrix)[0] == ("SSL." if isinstance(results[0], Conflict) else "SSCL")
    invariants.check()


def test_the_rest_is_confirmed_once_by_those_who_confirm_it_at_once(matrix, review, owner, editor):
    seen = {"seen": revision(matrix), "seen_step": _step(review)}
    results = _kinds(together(*(lambda m=m: confirm_rest(review, m, **seen) for m in (owner, editor) * 2)))
    assert sum(isinstance(each, Decision) for each in results) == 2
    assert Change.objects.filter(kind="decide").count() == 1
    invariants.check()


def test_of_two_sessions_begun_at_once_one_is_held(matrix, owner, editor):
    first, second = (Review.objects.create(matrix=matrix, title=t, planned_at=matrix.created_at) for t in "AB")
    results = _kinds(together(lambda: do("start", first, owner, seen=0), lambda: do("start", second, editor, seen=0)))
    assert sum(isinstance(each, Session) for each in results) == 1
    assert Review.objects.filter(state="running").count() == 1
    invariants.check()


def test_facilitators_and_editors_in_each_others_way_lose_nothing(matrix, review, owner, editor):
    others = [MemberFactory(workspace=owner.workspace) for _ in range(2)]
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]

    def facilitate(member):
        def once():
            row = random.choice(rows)
            match random.choice(ACTS):
                case "move":
                    return do("move", review, member, to=random.choice(["next", "previous", "rest"]))
                case "pause" | "resume" as what:
                    return do(what, review, member)
                case "rest":
                    return confirm_rest(review, member)
                case "back":
                    return _take_last_back(review, member)
                case "note":
                    return _note(review, member)
                case "add" | "remove" as what:
                    change = getattr(agendas, what)
                    return change(matrix=matrix.pk, review=review.pk, by=member, activity=row)
                case kind:
                    more = {"lead": random.randrange(4)} if kind == "lead" else {}
                    more |= {"owner_name": "Priya", "due": days.today()} if kind == "ask" else {}
                    return decide(review, member, 0, kind, activity=row, **more)

        return once

    def edit(member):
        def once():
            time.sleep(0.03)  # SQLite would leave the facilitators no turn
            if random.random() < 0.2:
                return undo(matrix=matrix.pk, sender=Sender(member))
            cell = {"activity": random.choice(rows), "role": random.choice(roles), "level": Level.LEAD}
            return set_level(matrix=matrix.pk, sender=Sender(member), **cell, seen=revision(matrix))

        return once

    loops = [until_late(facilitate(member)) for member in (owner, editor)]
    answers = _kinds(together(*loops, *(until_late(edit(member)) for member in others)))
    made = [each for each in answers if isinstance(each, Decision)]
    assert len(made) > 1
    assert Change.objects.filter(matrix=matrix, kind="level").count() > 1
    assert [line.count("L") for line in letters(matrix)] == [1] * 6
    standing = Decision.objects.filter(review=review, taken_back_at=None)
    settles = standing.filter(kind__in=["keep", "lead", "levels"]).values_list("activity", flat=True)
    assert Evidence.objects.get(matrix=matrix).settled == sorted(settles)
    assert {each.activity for each in Item.objects.filter(review=review)} <= set(rows)
    invariants.check()


def _take_last_back(review: Review, member) -> Decision:
    last = sessions.session_of(Review.objects.get(pk=review.pk)).last
    if last is None:
        raise Refused("Nothing is decided.")
    return take_back(review, member, last)


def _note(review: Review, member) -> str:
    standing = Decision.objects.filter(review=review, taken_back_at=None).first()
    if standing is None:
        raise Refused("Nothing is decided.")
    said = deciding.note(
        matrix=review.matrix_id, review=review.pk, by=member, decision=standing.pk, note="Why", seen=standing.note
    )
    return said.note
