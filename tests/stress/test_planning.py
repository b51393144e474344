"""Several people who plan one session at once, and see to what another left open: nothing twice, nothing lost."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.notices.models import Notice
from raci.reviews import agendas, follow_ups, look_backs, planning, reminders
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Decision, Item, LookBack, Participant, Review
from raci.reviews.planning import Plan
from raci.web import days
from raci.web.refusals import Busy, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import rows_of
from tests.publishing.making import publish
from tests.stress.together import together, until_late

pytestmark = pytest.mark.django_db(transaction=True)
AT = timezone.now() + timedelta(days=7)


@pytest.fixture
def matrix(owner) -> Matrix:
    return make_matrix(owner, *["LSC."] * 6)


@pytest.fixture
def review(matrix, owner) -> Review:
    return planning.plan(matrix=matrix.pk, by=owner, wanted=Plan("Autumn", AT), rows=proposed(matrix))


def proposed(matrix) -> list[Row]:
    rows = [Row(row.pk, row.name, (Reason("R4", "Alone."),)) for row in rows_of(matrix)]
    return random.sample(rows, 3)


def answers(results) -> list:
    """All of them; what is no refusal of ours, or says that the database is busy, fails."""
    flat = [answer for result in results for answer in (result if isinstance(result, list) else [result])]
    assert not [each for each in flat if isinstance(each, Exception) and not isinstance(each, Refused)]
    assert not [each for each in flat if isinstance(each, Busy)]
    return flat


def test_a_form_sent_eight_times_at_once_plans_one_session(matrix, owner, viewer):
    wanted = Plan("Autumn", AT, people=[viewer.user_id])
    made = answers(
        together(*[lambda: planning.plan(matrix=matrix.pk, by=owner, wanted=wanted, key="plan-it-once")] * 8)
    )
    assert {each.pk for each in made} == {Review.objects.get().pk}
    assert Participant.objects.count() == Notice.objects.filter(member=viewer).count() == 1


def test_of_those_who_plan_it_anew_at_once_one_does(matrix, review, owner, editor):
    def anew(member, title):
        return planning.replan(
            matrix=matrix.pk, review=review.pk, by=member, wanted=Plan(title, AT, people=[owner.user_id]), seen=0
        )

    results = answers(together(lambda: anew(owner, "Winter"), lambda: anew(editor, "Spring")))
    (won,) = [each for each in results if isinstance(each, Review)]
    assert Review.objects.get().title == won.title


def test_an_agenda_that_many_change_at_once_has_each_row_once_and_an_order(matrix, review, owner, editor):
    place = {"matrix": matrix.pk, "review": review.pk}
    rows = [row.pk for row in rows_of(matrix)]

    def change(member):
        def at_random():
            step, row = Review.objects.values_list("step", flat=True).get(pk=review.pk), random.choice(rows)
            match random.randrange(4):
                case 0:
                    return agendas.add(**place, by=member, activity=row)
                case 1:
                    return agendas.remove(**place, by=member, activity=row)
                case 2:
                    return agendas.move(**place, by=member, activity=row, up=random.random() < 0.5, seen=step)
            return agendas.make(**place, by=member, rows=proposed(matrix), seen=step)

        return until_late(at_random, seconds=1.5)

    done = answers(together(*(change(member) for member in (owner, editor, owner, editor))))
    assert len([each for each in done if not isinstance(each, Exception)]) > 4
    items = list(Item.objects.filter(review=review))
    assert len({item.activity for item in items}) == len(items)
    assert len({item.position for item in items}) == len(items)
    invariants.check()


def test_what_is_open_is_settled_or_handed_over_once(matrix, owner, editor, viewer):
    at = timezone.now()
    over = Review.objects.create(matrix=matrix, title="Spring", planned_at=at, state="ended", ended_at=at)
    row = rows_of(matrix)[0]
    decision = Decision.objects.create(review=over, activity=row.pk, name=row.name, kind="ask", owner=owner.user)
    seen, due = follow_ups.seen_of(decision), days.today() + timedelta(days=9)
    given = {"matrix": matrix.pk, "decision": decision.pk}
    results = answers(
        together(
            lambda: follow_ups.settle(**given, by=owner, outcome="Asked."),
            lambda: follow_ups.settle(**given, by=editor, outcome="Not needed."),
            lambda: follow_ups.hand_over(**given, by=owner, owner=viewer.user_id, due=due, seen=seen),
        )
    )
    settled, other, _ = results
    assert isinstance(settled, Decision) != isinstance(other, Decision)
    assert Decision.objects.get().outcome in ("Asked.", "Not needed.")


def test_reminders_written_in_two_processes_at_once_are_written_once(matrix, owner, editor):
    at = timezone.now() - timedelta(days=9)
    over = Review.objects.create(matrix=matrix, title="Spring", planned_at=at, state="ended", ended_at=at)
    for row in rows_of(matrix):
        Decision.objects.create(review=over, activity=row.pk, name=row.name, kind="open", due=days.today(), at=at)
    answers(together(*[lambda: reminders.write_reminders(timezone.now())] * 4))
    assert Notice.objects.count() == 6 * 2  # the owner and the editor


def test_two_who_look_back_at_once_leave_what_one_of_them_said(matrix, owner, editor):
    publish(matrix, owner)
    rows = rows_of(matrix)
    results = answers(
        together(
            *(
                lambda member=member, row=row: look_backs.look_back(
                    matrix=matrix.pk, by=member, version=1, wrong={row.pk: ""}
                )
                for member, row in ((owner, rows[0]), (editor, rows[1]))
            )
        )
    )
    assert LookBack.objects.count() == len(results) == 2
    matrix.refresh_from_db()
    assert matrix.evidence.wrong == LookBack.objects.first().wrong
