"""Seeing to what stays open, on the page of the reviews."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from raci.matrices.operations import Sender, archive
from raci.reviews import follow_ups
from raci.reviews.models import Decision, Review

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def decision(matrix, viewer) -> Decision:
    row = matrix.activities.order_by("position").first()
    review = Review.objects.create(matrix=matrix, title="Autumn", planned_at=NOW, state="ended", ended_at=NOW)
    more = {"owner": viewer.user, "due": date(2026, 12, 1), "note": "Ask three customers."}
    return Decision.objects.create(review=review, activity=row.pk, name=row.name, kind="ask", **more)


def url(name, decision) -> str:
    matrix = decision.review.matrix
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def page(client, decision, query="") -> str:
    answer = client.get(url("reviews", decision) + query)
    assert answer.status_code == 200
    return " ".join(answer.text.partition("<main")[2].split())


def handing(decision, **more) -> dict:
    sent = {"decision": decision.pk, "owner": "", "owner_name": "", "due": "2026-12-01"}
    return {**sent, "seen": follow_ups.seen_of(decision), **more}


def test_it_says_what_is_open_who_sees_to_it_and_by_when(decision, sign_in, owner, viewer):
    text = page(sign_in(owner), decision)
    assert "<bdi>Vic Viewer</bdi> sees to it by" in text
    assert "due in 9 days" in text
    assert "Ask three customers." in text
    assert "You see to it by" in page(sign_in(viewer), decision)


@pytest.mark.parametrize(
    ("due", "says"),
    [("2026-11-22", "due today"), ("2026-11-20", "overdue by 2 days"), ("2026-11-23", "due in 1 day")],
)
def test_it_says_how_near_the_day_is(decision, sign_in, owner, due, says):
    Decision.objects.update(due=due)
    assert says in page(sign_in(owner), decision)


def test_somebody_without_an_account_is_named_and_nobody_is_said_too(decision, sign_in, owner):
    Decision.objects.update(owner=None, owner_name="<i>Jonas</i>")
    assert "<bdi>&lt;i&gt;Jonas&lt;/i&gt;</bdi> sees to it" in page(sign_in(owner), decision)
    Decision.objects.update(owner_name="", due=None)
    assert "Nobody sees to it yet." in page(sign_in(owner), decision)


def test_its_forms_open_for_editors_and_for_who_sees_to_it(decision, sign_in, owner, viewer, reviewer):
    asks = f"?open={decision.pk}"
    for member in (owner, viewer):
        client = sign_in(member)
        assert asks in page(client, decision)
        assert url("open_settle", decision) in page(client, decision, asks)
    other = sign_in(reviewer)
    assert asks not in page(other, decision)
    assert url("open_settle", decision) not in page(other, decision, asks)
    assert sign_in(owner).get(url("reviews", decision) + "?open=x").status_code == 400


def test_it_is_settled_by_who_sees_to_it(decision, sign_in, viewer):
    client = sign_in(viewer)
    answer = client.post(url("open_settle", decision), {"decision": decision.pk, "outcome": "Sales does it"})
    assert answer.headers["Location"] == url("reviews", decision) + "#open"
    assert f"“{decision.name}” is settled." in page_with_toast(client, decision)
    assert Decision.objects.get().outcome == "Sales does it"


def page_with_toast(client, decision) -> str:
    return client.get(url("reviews", decision)).text


def test_without_an_outcome_the_page_asks_for_one(decision, sign_in, viewer):
    answer = sign_in(viewer).post(url("open_settle", decision), {"decision": decision.pk, "outcome": " "})
    assert answer.status_code == 422
    assert "Say what came of it, in a line." in answer.text
    assert Decision.objects.get().settled_at is None


def test_it_is_handed_over_to_a_member_or_by_name(decision, sign_in, owner, editor):
    client = sign_in(owner)
    client.post(url("open_hand_over", decision), handing(decision, owner=editor.user_id, due="2026-12-09"))
    assert f"Eddie Editor sees to “{decision.name}” by 9 Dec 2026." in page_with_toast(client, decision)
    decision.refresh_from_db()
    client.post(url("open_hand_over", decision), handing(decision, owner_name="Jonas Weber"))
    assert "Jonas Weber sees to" in page_with_toast(client, decision)
    assert Decision.objects.get().owner is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "Choose somebody above, or write a name."),
        ({"owner_name": "Jonas", "due": "soon"}, "Write the day as 2026-12-31."),
        ({"owner": "999999"}, "They are not in this workspace any more."),
    ],
)
def test_what_is_wrong_is_said_where_it_was_written(decision, sign_in, owner, wrong, says):
    answer = sign_in(owner).post(url("open_hand_over", decision), handing(decision, **wrong))
    assert answer.status_code == 422
    assert says in answer.text
    assert Decision.objects.get().owner is not None


def test_a_stale_form_is_told_so(decision, sign_in, owner, editor):
    client, stale = sign_in(owner), handing(decision, owner_name="Jonas Weber")
    client.post(url("open_hand_over", decision), handing(decision, owner=editor.user_id))
    answer = client.post(url("open_hand_over", decision), stale)
    assert answer.status_code == 409
    assert "Somebody saw to this a moment before." in answer.text


def test_in_an_archived_matrix_it_is_read_alone(decision, sign_in, owner, matrix):
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    client = sign_in(owner)
    assert "See to it" not in page(client, decision)
    answer = client.post(url("open_settle", decision), {"decision": decision.pk, "outcome": "Done"})
    assert answer.status_code == 409
