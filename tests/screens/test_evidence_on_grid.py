"""What people answered and how activities go, on the grid, in the panel and in the checks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.store import read_grid
from raci.publishing.versions import publish
from raci.reviews.models import Evidence, Poll
from raci.screens.findings import check
from raci.screens.vitals import vitals
from tests.factories import make_matrix
from tests.reviews.polls import answered, closed, opened

HTMX = {"HX-Request": "true"}


@pytest.fixture
def small(owner) -> Matrix:
    """Role 1 leads the first activity, role 2 the second, role 4 the third."""
    return make_matrix(owner, "LSCI", "SLCI", "SCIL")


@pytest.fixture
def poll(small, owner) -> Poll:
    """All agree on the first; each of three names itself on the second, and nobody names a role for the third."""
    found = opened(owner, small)
    roles = list(small.roles.values_list("pk", flat=True))
    for role in roles[:3]:
        answered(found, role, [roles[0], role, "unknown"], health={"done": "yes", "on_time": "no"})
    return closed(found, owner)


def fresh(matrix: Matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def rules(matrix: Matrix) -> dict[str, set[str]]:
    """Activity -> the rules P and C7 that are said of it; "" for the whole."""
    names = dict(matrix.activities.values_list("pk", "name"))
    found: dict[str, set[str]] = {}
    for finding in check(fresh(matrix), read_grid(matrix)).open:
        if finding.rule[0] == "P" or finding.rule == "C7":
            found.setdefault(names.get(finding.activity, ""), set()).add(finding.rule)
    return found


def shown(client, matrix: Matrix, name="matrix", *ids, **more) -> str:
    answer = client.get(reverse(name, args=[matrix.workspace_id, matrix.pk, *ids]), **more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_the_poll_says_is_checked(small, poll):
    assert rules(small) == {"Activity 2": {"P2", "P4"}, "Activity 3": {"P5"}}


def test_a_decided_row_is_silent(small, poll):
    Evidence.objects.update(settled=[small.activities.get(name="Activity 2").pk])
    assert rules(small) == {"Activity 3": {"P5"}}


def test_a_poll_is_silent_once_a_version_was_published_after_it(small, owner, poll):
    publish(matrix=small, sender=Sender(owner), seen=fresh(small).revision, at=timezone.now())
    assert rules(small) == {}


def test_what_was_set_by_hand_is_checked_without_a_poll_and_after_one(small, owner):
    row = small.activities.get(name="Activity 1")
    entry = {"answer": "no", "note": "", "on": "2026-01-31", "by": None, "at": "1"}
    Evidence.objects.create(matrix=small, health={str(row.pk): {"done": [entry]}}, settled=[row.pk])
    assert rules(small) == {"Activity 1": {"P1"}}


def test_a_poll_that_is_silent_says_nothing_of_what_is_not_done(small, owner):
    poll = opened(owner, small)
    for role in small.roles.all():
        answered(poll, role.pk, [small.roles.first().pk], health={"done": "no"})
    closed(poll, owner)
    assert "P1" in rules(small)["Activity 1"]
    publish(matrix=small, sender=Sender(owner), seen=fresh(small).revision, at=timezone.now())
    assert rules(small) == {}


def test_a_lead_that_rates_itself_weak_is_checked(small):
    row, role = small.activities.first().pk, small.roles.first().pk
    rating = {"skill": 2, "time": None, "note": "", "on": "2026-01-31", "by": None}
    Evidence.objects.create(matrix=small, ratings={f"{row}:{role}": rating})
    assert rules(small) == {"Activity 1": {"C7"}}


def test_few_answers_are_noted_once_for_the_whole(small, owner):
    poll = opened(owner, small)
    answered(poll, small.roles.first().pk, [small.roles.first().pk, small.roles.last().pk, "nobody"])
    closed(poll, owner)
    assert rules(small)[""] == {"P6"}


def test_a_rule_that_is_off_says_nothing(small, poll):
    Matrix.objects.filter(pk=small.pk).update(rules_off=["P2", "P4"])
    assert rules(small) == {"Activity 3": {"P5"}}


def test_what_is_set_aside_is_so_for_this_poll_and_not_for_the_next(small, poll, owner, sign_in):
    row = small.activities.get(name="Activity 3").pk
    sent = {"finding": f"P5:{row}::{poll.pk}", "reason": "We know", "seen": fresh(small).revision}
    answer = sign_in(owner).post(reverse("finding_aside", args=[small.workspace_id, small.pk]), sent)
    assert answer.status_code == 302
    assert rules(small) == {"Activity 2": {"P2", "P4"}}
    again = opened(owner, small, title="Again")
    for role in small.roles.all():
        answered(again, role.pk, ["nobody", "nobody", "nobody"])
    closed(again, owner)
    assert "P5" in rules(small)["Activity 3"]


def test_the_checks_lead_to_the_poll(small, poll, viewer, sign_in):
    page = shown(sign_in(viewer), small, "checks")
    row = small.activities.get(name="Activity 3").pk
    assert "Most people could not say who leads Activity 3" in page
    assert f'{reverse("poll", args=[small.workspace_id, small.pk, poll.pk])}?row={row}#a{row}"' in page


def test_a_row_says_what_is_wrong_first_and_a_healthy_one_nothing(small, poll, viewer, sign_in):
    entry = {"answer": "yes", "note": "", "on": "2100-01-31", "by": None, "at": "1"}
    first = small.activities.first().pk
    Evidence.objects.update(health={str(first): {"on_time": [entry]}})
    page = shown(sign_in(viewer), small)
    assert page.count('data-answer="no"><span class="visually-hidden">Health: </span>late<') == 2
    assert [vital.word for vital in vitals(fresh(small), read_grid(small)).values()] == ["late", "late"]


def test_a_row_that_came_after_the_poll_was_not_asked_about(small, poll):
    small.activities.create(name="New", position=9)
    found = vitals(fresh(small), read_grid(small))
    assert (found[small.activities.get(name="New").pk].answer, found[small.activities.get(name="New").pk].word) == (
        "",
        "not asked",
    )


def test_without_a_poll_nothing_is_not_asked(small):
    assert vitals(fresh(small), read_grid(small)) == {}


@pytest.mark.parametrize("name", ["activity", "panel"])
def test_an_activity_shows_who_people_think_leads_it(small, poll, viewer, sign_in, name):
    row = small.activities.get(name="Activity 2").pk
    ids, more = ([row], {}) if name == "activity" else ([row], {"headers": HTMX})
    page = shown(sign_in(viewer), small, "activity", *ids, **more)
    assert "Who do you think leads?" in page
    assert "Three people, asked alone, named three different roles." in page
    assert "leads it in the draft" in page


def test_an_activity_shows_no_poll_that_is_silent(small, poll, owner, sign_in):
    publish(matrix=small, sender=Sender(owner), seen=fresh(small).revision, at=timezone.now())
    page = shown(sign_in(owner), small, "activity", small.activities.first().pk)
    assert "Who do you think leads?" not in page


def test_an_answer_to_an_edit_carries_the_health_of_the_row(small, poll, owner, sign_in):
    row, role = small.activities.first(), small.roles.last()
    sent = {"activity": row.pk, "role": role.pk, "level": "C", "seen": fresh(small).revision}
    answer = sign_in(owner).post(reverse("level_set", args=[small.workspace_id, small.pk]), sent, headers=HTMX)
    assert "late</span>" in answer.content.decode()


def test_another_lead_makes_the_poll_speak_otherwise(small, poll, owner):
    row, roles = small.activities.first(), list(small.roles.all())
    assert "Activity 1" not in rules(small)
    seen = fresh(small).revision
    set_level(matrix=small.pk, sender=Sender(owner), activity=row.pk, role=roles[1].pk, level=Level.LEAD, seen=seen)
    assert rules(small)["Activity 1"] == {"P3"}


def test_evidence_costs_the_grid_no_query(small, poll, viewer, sign_in):
    client = sign_in(viewer)
    shown(client, small)
    with CaptureQueriesContext(connection) as with_poll:
        shown(client, small)
    Poll.objects.all().delete()
    Evidence.objects.all().delete()
    with CaptureQueriesContext(connection) as without:
        shown(client, small)
    assert len(with_poll) == len(without) <= 12
