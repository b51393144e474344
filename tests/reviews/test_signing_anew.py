"""A signature holds for what was decided when it was given; and one session at a time puts up what stands."""

import pytest
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.structure import remove_activity
from raci.matrices.undo import restore
from raci.notices.models import Notice
from raci.publishing.models import Letter, SignOff
from raci.reviews import results
from raci.reviews.follow_ups import open_decisions
from raci.reviews.models import Decision, Evidence, Result, Review
from raci.reviews.put_ups import holding, signed_now
from raci.reviews.recorded import minutes_of
from raci.web.refusals import Conflict
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import revision, roles_of, rows_of
from tests.publishing.making import answers
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import IN_A_WEEK, end, fresh, publish, put_up, sign, stands
from tests.reviews.holding import confirm_rest, decide, note, running


@pytest.fixture
def small(owner, viewer, editor) -> Matrix:
    """Each of the three roles has somebody else who answers for it."""
    matrix = make_matrix(owner, "LS.", "SLC", "..L")
    for column, member in enumerate((viewer, editor, owner)):
        answers(matrix, member, column, by=owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "keep", note="Old reason")
    decide(row, editor, 1, "keep")
    confirm_rest(row, editor)
    return row


@pytest.fixture
def signed(review, owner, editor, viewer) -> Review:
    """Ended, and signed for every role."""
    end(review, editor)
    for column, member in enumerate((viewer, editor, owner)):
        sign(review, member, column)
    return fresh(review)


def lead(matrix, owner, row, column) -> None:
    set_level(
        matrix=matrix.pk,
        sender=Sender(owner),
        activity=rows_of(matrix)[row].pk,
        role=roles_of(matrix)[column].pk,
        level=Level.LEAD,
        seen=revision(matrix),
    )


def reopened(review, editor) -> Review:
    return results.reopen(matrix=review.matrix_id, review=review.pk, by=editor)


def test_another_reason_after_the_end_asks_for_every_signature_anew(small, signed, editor, viewer):
    told = Notice.objects.filter(member=viewer).count()
    decision = Decision.objects.get(name="Activity 1")
    note(signed, editor, decision, "Totally different reason", seen="Old reason")
    assert signed_now(fresh(signed)) == {}
    assert SignOff.objects.count() == 3
    assert Notice.objects.filter(member=viewer).count() == told + 1
    sign(signed, viewer, 0)
    sign(signed, viewer, 0)
    role = roles_of(small)[0].pk
    assert list(signed_now(fresh(signed))) == list(holding(fresh(signed), stands(small))) == [role]
    again = signed_now(fresh(signed))[role]
    assert again.by == viewer.user
    assert again.at > SignOff.objects.get(role=role).at
    invariants.check()


def test_the_same_reason_saved_again_changes_nothing(signed, editor):
    note(signed, editor, Decision.objects.get(name="Activity 1"), "Old reason", seen="Old reason")
    assert len(signed_now(fresh(signed))) == 3


def test_decided_anew_with_the_same_grid_nothing_that_was_signed_holds(signed, editor):
    again = reopened(signed, editor)
    decide(again, editor, 0, "ask", owner_name="Bo", due=IN_A_WEEK, note="We have no idea who leads this")
    assert holding(fresh(signed), fresh(signed).result) == {}
    end(again, editor)
    assert fresh(signed).result == signed.result
    assert signed_now(fresh(signed)) == {}


def test_ended_again_without_a_change_what_was_signed_holds(signed, editor):
    put_up_at = Result.objects.get().at
    end(reopened(signed, editor), editor)
    assert len(signed_now(fresh(signed))) == 3
    assert Result.objects.get().at == put_up_at


def test_what_was_decided_on_a_row_that_was_changed_since_settles_it_no_more(small, review, owner, editor):
    rows = rows_of(small)
    assert set(Evidence.objects.get().settled) == {row.pk for row in rows}
    lead(small, owner, 1, 2)
    end(review, editor)
    assert set(Evidence.objects.get().settled) == {rows[0].pk, rows[2].pk}


def test_what_a_restored_matrix_does_not_say_any_more_is_told_as_changed(small, owner, editor):
    row, before = running(small, editor, 0, 1), revision(small)
    decide(row, editor, 0, "lead", lead=1)
    decide(row, editor, 1, "levels", levels="LS.")
    restore(matrix=small.pk, sender=Sender(owner), revision=before)
    confirm_rest(row, editor)
    end(row, editor)
    said = Letter.objects.get(version=publish(row, editor)).minutes
    assert "What “Autumn review” decided" not in said
    assert said.count("Decided before that:") == 2
    assert Evidence.objects.get().settled == [rows_of(small)[2].pk]
    invariants.check()


def test_of_rows_that_were_removed_nothing_is_decided_and_nothing_stays_open(small, owner, editor):
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "lead", lead=1)
    decide(row, editor, 1, "ask", owner_name="Bo", due=IN_A_WEEK)
    rows = rows_of(small)
    for each in rows[:2]:
        remove_activity(matrix=small.pk, sender=Sender(owner), activity=each.pk)
    confirm_rest(row, editor)
    end(row, editor)
    said = minutes_of(fresh(row))
    assert "What stays open:" not in said
    assert "What “Autumn review” decided" not in said
    assert said.count("Activity 1") == said.count("Activity 2") == 1
    assert "finds out" in said
    assert list(open_decisions(small.pk)) == []


def test_what_stays_open_on_a_row_that_was_removed_needs_nobody(small, owner, editor):
    row = running(small, editor, 0)
    decide(row, editor, 0, "open")
    remove_activity(matrix=small.pk, sender=Sender(owner), activity=rows_of(small)[0].pk)
    confirm_rest(row, editor)
    end(row, editor)
    assert fresh(row).state == "ended"


def test_one_session_does_not_put_up_what_another_has_half_decided(small, owner, editor, viewer):
    first = running(small, editor, 0, title="First")
    decide(first, editor, 0, "keep")
    confirm_rest(first, editor)
    end(first, editor)
    second = running(small, editor, 1, title="Second")
    decide(second, editor, 1, "lead", lead=2)
    with pytest.raises(Conflict, match="was changed"):
        sign(first, viewer, 0, digest=fresh(first).result)
    with pytest.raises(Conflict, match="“Second” was begun after this session"):
        put_up(first, editor)
    confirm_rest(second, editor)
    end(second, editor)
    with pytest.raises(Conflict, match="“Second” was begun after this session"):
        put_up(first, editor)
    with pytest.raises(Conflict, match="“Second” was begun after this session"):
        reopened(first, editor)
    assert publish(first, editor).digest == fresh(first).result != stands(small)
    put_up(second, editor)
    assert publish(second, editor).digest == stands(small)


def test_published_on_the_ordinary_page_it_is_the_version_of_the_session(sign_in, small, review, editor):
    end(review, editor)
    client = sign_in(editor)
    address = reverse("publish", args=[small.workspace_id, small.pk])
    found = client.get(address)
    assert found.status_code == 200
    client.post(address, {"seen": revision(small), "note": "", "key": "0b6e7f0e-5c1c-4a7e-9a53-0d2f3f1c9a11"})
    row = Review.objects.select_related("version").get()
    assert (row.state, row.version.number) == ("published", 1)
    assert "Old reason" in Letter.objects.get(version=row.version).minutes
    invariants.check()


def test_another_grid_published_on_the_ordinary_page_is_not_the_session_s(small, review, owner, editor):
    end(review, editor)
    lead(small, owner, 2, 0)
    version = publish_draft(small, editor)
    results.published(version)
    assert (fresh(review).state, fresh(review).version) == ("ended", None)
