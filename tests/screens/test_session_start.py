"""Starting a session makes its agenda anew from the evidence, unless somebody changed it since it was planned."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from raci.reviews import agendas, planning
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Item, Review
from raci.reviews.planning import Plan
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.reviews.holding import on_screen
from tests.reviews.polls import answered, closed, opened


@pytest.fixture
def small(owner):
    """Its third row has no Lead."""
    return make_matrix(owner, "LS.", ".LS", "S.I", "L.S")


@pytest.fixture
def planned(small, owner) -> Review:
    """Made of what was known then: something of the first row, which is not so any more."""
    first = rows_of(small)[0]
    rows = [Row(first.pk, first.name, (Reason("P2", "It was contested then."),))]
    at = {"matrix": small.pk, "by": owner}
    return planning.plan(**at, wanted=Plan(title="Autumn review", at=timezone.now() + timedelta(days=7)), rows=rows)


def start(client, review) -> None:
    row = Review.objects.select_related("matrix").get(pk=review.pk)
    url = reverse("session_start", args=[row.matrix.workspace_id, row.matrix_id, row.pk])
    assert client.post(url, {"step": row.step}).status_code in (200, 302)
    assert Review.objects.get(pk=review.pk).state == "running"


def why(review) -> dict[str, list[str]]:
    """What is on its agenda, in its order, and the rules for which it is."""
    items = Item.objects.filter(review=review)
    return {item.name: [reason["rule"] for reason in item.reasons] for item in items}


def test_what_is_known_now_takes_the_place_of_what_was_then(planned, owner, sign_in):
    assert why(planned) == {"Activity 1": ["P2"]}
    start(sign_in(owner), planned)
    reasons = why(planned)
    assert reasons["Activity 3"][0] == "R1"
    assert next(iter(reasons)) == on_screen(planned) == "Activity 3"
    assert "P2" not in reasons.get("Activity 1", [])


def test_the_answers_of_its_poll_are_among_it(small, planned, owner, sign_in):
    poll = opened(owner, small)
    first, second, _ = (role.pk for role in roles_of(small))
    for role in roles_of(small):
        answered(poll, role.pk, [first, second, first, "nobody"])
    Review.objects.filter(pk=planned.pk).update(poll=closed(poll, owner))
    start(sign_in(owner), planned)
    assert {name for name, rules in why(planned).items() if "P5" in rules} == {"Activity 4"}


def test_an_agenda_that_somebody_changed_stays(small, planned, owner, sign_in):
    agendas.add(matrix=small.pk, review=planned.pk, by=owner, activity=rows_of(small)[1].pk)
    start(sign_in(owner), planned)
    assert why(planned) == {"Activity 1": ["P2"], "Activity 2": []}
