"""What was changed since it was decided: the session and its end say so, and ask to decide anew or to keep it."""

import re

import pytest
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.publishing.models import Letter
from raci.reviews.models import Decision, Evidence, Review
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import L, set_cell
from tests.matrices.reading import revision, rows_of
from tests.reviews.ending import IN_A_WEEK, end, fresh, publish
from tests.reviews.holding import confirm_rest, decide, running


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", "SLC", "..L")


@pytest.fixture
def review(small, owner, editor) -> Review:
    """The first two rows are decided, then both change hands in the grid."""
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "lead", lead=1)
    decide(row, editor, 1, "keep")
    confirm_rest(row, editor)
    set_cell(small, owner, 0, 2, L)
    set_cell(small, owner, 1, 2, L)
    return fresh(row)


def page(client, name, review) -> str:
    answer = client.get(reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk]))
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


def send(client, review, **more):
    url = reverse("review_end", args=[review.matrix.workspace_id, review.matrix_id, review.pk])
    return client.post(url, {"seen": revision(review.matrix), "step": review.step, **more})


def test_the_session_marks_what_was_changed_since(sign_in, editor, review):
    said = page(sign_in(editor), "session", review)
    assert said.count("changed since it was decided") == 2
    assert "Role 2 leads it" not in said


def test_it_does_not_end_before_what_changed_is_decided_anew_or_kept(sign_in, editor, review):
    client = sign_in(editor)
    said = page(client, "review_end", review)
    assert "Changed since it was decided" in said
    assert "Role 3 now leads" in said
    refused = send(client, review, seen=review.step, sign_by=IN_A_WEEK.isoformat())
    assert refused.status_code == 409
    assert "Decide on it anew, or keep what stands" in refused.text
    assert fresh(review).state == "running"


def test_kept_as_it_stands_it_is_what_was_decided(sign_in, editor, small, review):
    client = sign_in(editor)
    assert send(client, review, keep="1").status_code == 302
    assert "Changed since it was decided" not in page(client, "review_end", review)
    kept = Decision.objects.filter(taken_back_at=None).order_by("activity")
    assert [(row.kind, row.lead_name, row.together) for row in kept] == [("keep", "Role 3", True)] * 3
    assert set(Evidence.objects.get().settled) == {row.pk for row in rows_of(small)}
    end(review, editor)
    said = Letter.objects.get(version=publish(review, editor)).minutes
    assert "Role 2" not in said
    assert "3 activities were confirmed together as they are." in said
    invariants.check()


def test_who_looked_before_it_moved_on_keeps_nothing(sign_in, editor, review):
    client = sign_in(editor)
    assert send(client, review, keep="1", step=review.step - 1).status_code == 409
    send(client, review, keep="1")
    assert send(client, fresh(review), keep="1").status_code == 409
    assert Decision.objects.count() == 5


def test_a_row_that_nobody_leads_is_decided_anew(sign_in, owner, editor, small, review):
    set_cell(small, owner, 0, 2, None)
    refused = send(sign_in(editor), review, keep="1")
    assert refused.status_code == 422
    assert "has no Lead" in refused.text
