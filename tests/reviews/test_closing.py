"""What is left of a poll that is closed: whom it asked, what was never sent, and roles that were merged meanwhile."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.matrices.structure import merge_roles
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.reviews import invariants, polling
from raci.reviews.agreement import Result
from raci.reviews.asking import ask, remind
from raci.reviews.models import Answer, Poll, Respondent
from raci.reviews.poll_checks import poll_findings
from tests.factories import make_matrix
from tests.matrices.reading import revision
from tests.reviews.respondents import FUNCTION, asked, came, opened, says, sends


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI", stages=1)


@pytest.fixture
def made(small, editor):
    return opened(small, editor)


def closed(opened, member) -> Poll:
    return polling.close(poll=opened.poll.pk, by=member)


def test_a_poll_by_function_leaves_no_mail_that_tells_whom_it_asked(small, editor):
    made = opened(small, editor, FUNCTION)
    ask(poll=made.poll, by=editor, pasted="mei@example.org jon@example.org")
    send_due()
    for days in (0, 2, 4):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert remind(poll=made.poll, by=editor) == 2
            send_due()
    assert Outbox.objects.count() == 8
    closed(made, editor)
    assert not Outbox.objects.exists()
    assert not Respondent.objects.exists()


def test_a_poll_with_names_keeps_what_was_sent_and_nothing_else(made, editor):
    activities, _ = asked(made.poll)
    sent, begun = came(made, "Legal"), came(made, "Finance")
    for person in (sent, begun):
        says(person, activities[0], "nobody")
    sends(sent)
    closed(made, editor)
    assert [answer.respondent for answer in Answer.objects.all()] == [sent]
    assert invariants.broken() == []


def test_votes_for_a_role_that_was_merged_count_for_the_one_it_is_in(editor):
    matrix = make_matrix(editor, "LS.", "SLC")
    made = opened(matrix, editor)
    activities, roles = asked(made.poll)
    for place in roles:
        person = came(made, place)
        says(person, activities[1], roles[1])
        sends(person)
    merge_roles(matrix=matrix.pk, sender=Sender(editor), role=roles[1], into=roles[0], seen=revision(matrix))
    poll = closed(made, editor)
    row = Result.read(poll.result).rows[activities[1]]
    assert row.leads == {str(roles[0]): 3}
    assert {each.role: each.answered for each in Result.read(poll.result).functions} == {roles[0]: 2, roles[2]: 1}
    assert "P3" not in {finding.rule for finding in poll_findings(Result.read(poll.result), read_grid(poll.matrix))}
