"""A poll while many answer it at once: what is counted when it closes is what was sent until then, and nothing after."""

import pytest

from raci.reviews import answering, polling
from raci.reviews.agreement import Result
from raci.reviews.answering import join, join_as_member
from raci.reviews.counting import count
from raci.reviews.models import Answer, Poll, Respondent
from raci.web.refusals import Conflict, Refused
from raci.workspaces.links import new_token
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, about, asked, came, opened, says, sends
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


@pytest.fixture
def made(seeded, editor):
    return opened(make_matrix(editor, *["LS."] * 4), editor)


def refused_or(work):
    """What a person sees of it: done, or a refusal; anything else fails the test."""

    def tried():
        try:
            return work()
        except Refused as refused:
            return refused

    return tried


def trouble(results) -> list:
    return [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]


def test_what_is_counted_is_what_was_sent_before_it_closed(made, editor):
    activities, roles = asked(made.poll)
    people = [came(made, roles[at % 3], f"Guest {at}") for at in range(PEOPLE)]

    def answers(person):
        def work():
            for activity in activities:
                says(person, activity, roles[0])
            sends(person)
            for activity in activities:
                says(person, activity, "nobody")

        return refused_or(work)

    def closes():
        return polling.close(poll=made.poll.pk, by=editor)

    assert trouble(together(*map(answers, people), refused_or(closes))) == []
    poll = Poll.objects.get()
    assert not poll.is_open
    assert poll.result["answered"] == Respondent.objects.exclude(submitted_at=None).count()
    assert Result.read(poll.result) == Result.read(count(poll))  # no answer came, or changed, after it was counted


def test_a_poll_is_closed_once_however_many_close_it(made, editor, owner):
    def closes(by):
        return lambda: polling.close(poll=made.poll.pk, by=by).closed_at

    times = together(closes(editor), closes(owner), lambda: polling.close_due(made.poll.until))
    assert trouble(times) == []
    assert len({each for each in times if each not in (0, 1)}) <= 1
    assert Poll.objects.get().closed_at


def test_names_are_treated_as_each_who_answered_was_told(made, editor):
    activity = asked(made.poll)[0][0]
    people = [came(made, name=f"Guest {at}") for at in range(PEOPLE)]

    def answers(person):
        given, told = answering.Given("nobody"), "named"
        return refused_or(lambda: answering.answer(respondent=person.pk, activity=activity, given=given, told=told))

    def changes():
        return polling.set_naming(poll=made.poll.pk, by=editor, naming=FUNCTION)

    assert trouble(together(*map(answers, people), refused_or(changes))) == []
    naming = Poll.objects.get().naming
    assert Answer.objects.count() == (0 if naming == FUNCTION else PEOPLE)


def test_a_person_joins_once_however_often_they_press(made, viewer):
    token, said = new_token(), about(made.poll)
    guests = together(*[lambda: join(link_token=made.token, about=said, token=token).pk] * 4)
    members = together(*[lambda: join_as_member(poll=made.poll.pk, by=viewer)[0].pk] * 4)
    assert (len(set(guests)), len(set(members))) == (1, 1)
    assert Respondent.objects.count() == 2


def test_one_poll_of_a_matrix_is_open_however_many_open_one(seeded, editor, owner):
    matrix = make_matrix(editor, "LS.")
    results = together(*[refused_or(lambda by=by: opened(matrix, by)) for by in (editor, owner) * 2])
    assert trouble(results) == []
    assert sum(isinstance(each, Conflict) for each in results) == 3
    assert Poll.objects.count() == 1
