"""What is known of the rows of one matrix stands in one place: whoever adds to it at the same moment loses nothing."""

from datetime import date

import pytest

from raci.reviews.health import Question
from raci.reviews.healths import Change, set_health
from raci.reviews.models import Evidence
from raci.reviews.ratings import Rated, rate
from raci.web.refusals import Conflict
from tests.factories import make_matrix
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(seeded, editor):
    return make_matrix(editor, "LS", "SL", "LS")


def test_what_is_said_of_several_at_once_all_stands(small, owner, editor):
    rows, lead = [row.pk for row in small.activities.all()], small.roles.first().pk

    def said(by, row):
        change = Change(question=Question.DONE, answer="no", note="", on=date(2026, 1, 1), seen="")
        return lambda: set_health(matrix=small.pk, by=by, activity=row, change=change)

    def rated(by, row):
        return lambda: rate(matrix=small.pk, by=by, activity=row, role=lead, rated=Rated(2, 2, "", ""))

    came = together(said(owner, rows[0]), said(editor, rows[1]), rated(owner, rows[0]), rated(editor, rows[2]))
    assert not [each for each in came if isinstance(each, Exception)]
    evidence = Evidence.objects.get()
    assert set(evidence.health) == {str(rows[0]), str(rows[1])}
    assert set(evidence.ratings) == {f"{rows[0]}:{lead}", f"{rows[2]}:{lead}"}


def test_of_two_answers_to_one_question_the_later_hears_of_the_first(small, owner, editor):
    row = small.activities.first().pk

    def said(by, answer):
        change = Change(question=Question.DONE, answer=answer, note="", on=date(2026, 1, 1), seen="")
        return lambda: set_health(matrix=small.pk, by=by, activity=row, change=change)

    came = together(said(owner, "yes"), said(editor, "no"))
    assert [type(each) for each in came].count(Conflict) == 1
    kept = Evidence.objects.get().health[str(row)]["done"]
    assert [entry["at"] for entry in kept] == [each["at"] for each in came if isinstance(each, dict)]
