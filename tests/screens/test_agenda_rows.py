"""What the evidence puts on an agenda, by the poll that the session looks at."""

import pytest

from raci.matrices.operations import Sender, set_aside
from raci.reviews.models import Poll
from raci.reviews.states import ReviewState
from raci.screens.asked import matrix_of
from raci.screens.reviews.agenda_rows import proposed
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.reviews.holding import decide, running
from tests.reviews.polls import answered, closed, opened


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LS", "S.L", "L.S", ".L.")


def asked(small, member, *unclaimed: int) -> Poll:
    """A closed poll in which nobody knows who leads these rows, and all agree on the others."""
    roles = [role.pk for role in roles_of(small)]
    leads = [roles[0], roles[1], roles[2], roles[0], roles[1]]
    poll = opened(member, small)
    for role in roles:
        answered(poll, role, ["nobody" if row in unclaimed else lead for row, lead in enumerate(leads)])
    return closed(poll, member)


@pytest.fixture
def older(small, owner) -> Poll:
    return asked(small, owner, 0, 1, 2)


@pytest.fixture
def latest(small, owner, older) -> Poll:
    return asked(small, owner, 2, 3, 4)


@pytest.fixture
def known(small, owner, older, latest) -> None:
    """A session decided on rows 1 and 3 since; row 2 is set aside for the older poll, row 4 for the latest."""
    held = running(small, owner, 0, 2)
    for row in (0, 2):
        decide(held, owner, row)
    type(held).objects.filter(pk=held.pk).update(state=ReviewState.PUBLISHED)
    for row, poll in ((1, older), (3, latest)):
        finding = f"P5:{rows_of(small)[row].pk}::{poll.pk}"
        set_aside(matrix=small.pk, sender=Sender(owner), finding=finding, reason="We know why.")


@pytest.fixture
def unclaimed(small, rf, owner):
    """The rows, by their place, that an agenda has because a poll says that nobody knows who leads them."""

    def of(poll: Poll | None) -> list[int]:
        request = rf.get("/")
        request.workspace, request.member = owner.workspace, owner
        places = {row.pk: place for place, row in enumerate(rows_of(small))}
        rows = proposed(matrix_of(request, small.pk), poll).rows
        return sorted(places[row.activity] for row in rows if "P5" in [reason.rule for reason in row.reasons])

    return of


def test_each_poll_speaks_for_itself(unclaimed, older, latest):
    assert unclaimed(older) == [0, 1, 2]
    assert unclaimed(latest) == [2, 3, 4]
    assert unclaimed(None) == []


@pytest.mark.usefixtures("known")
def test_of_the_latest_poll_what_was_decided_or_set_aside_since_is_not_talked_about(unclaimed, latest):
    assert unclaimed(latest) == [4]


@pytest.mark.usefixtures("known")
def test_what_was_decided_since_the_latest_poll_is_open_by_an_older_one_but_not_what_was_set_aside(unclaimed, older):
    assert unclaimed(older) == [0, 2]
