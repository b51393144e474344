"""The end of a session: what stays open is somebody's, signing exactly what stands, publishing it with its minutes."""

from datetime import timedelta

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.models import Change
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import answer_for
from raci.matrices.undo import undo
from raci.notices.models import Notice
from raci.notices.names import sign_of
from raci.publishing.models import Letter, Publication, SignOff, Version
from raci.publishing.signing import signatures
from raci.publishing.versions import grid_of
from raci.reviews import results
from raci.reviews.models import Decision, Result
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.models import Member
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import C, set_cell
from tests.matrices.reading import revision, roles_of, rows_of, to
from tests.publishing.making import answers
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import IN_A_WEEK, IN_A_YEAR, by, end, fresh, publish, put_up, sign, stands
from tests.reviews.holding import decide, do, running, take_back

# --- the end


def test_a_session_that_ends_puts_up_what_stands(small, review, editor):
    row = end(review, editor)
    assert (row.state, row.result, row.result_revision) == ("ended", stands(small), revision(small))
    assert (row.sign_by, row.item, row.shown_at) == (IN_A_WEEK, None, None)
    assert [(each.digest, each.revision) for each in row.results.all()] == [(row.result, row.result_revision)]
    assert row.step == fresh(row).step > fresh(review).step - 1
    assert row.figures["errors"] == 0
    invariants.check()


def test_who_answers_for_a_role_hears_that_it_ended_but_not_who_ended_it(review, editor, viewer):
    end(review, editor)
    notice = Notice.objects.get()
    assert notice.member == viewer
    assert notice.text.startswith("“Autumn review” of “Small” has ended. You answer for Role 1: see what was decided")
    assert f"/reviews/{review.pk}/result/" in notice.url


def test_it_ends_at_the_step_that_was_seen(review, editor):
    with pytest.raises(Conflict, match="went on"):
        end(review, editor, seen=fresh(review).step - 1)
    assert fresh(review).state == "running"


def test_it_ends_once(ended, editor):
    with pytest.raises(Conflict, match="has ended"):
        end(ended, editor)


@pytest.mark.parametrize("days_off", [-1, 366])
def test_the_day_to_sign_by_is_within_a_year(review, editor, days_off):
    with pytest.raises(Refused, match="within a year"):
        end(review, editor, sign_by=days.today() + timedelta(days=days_off))


def test_only_editors_end_it(review, viewer, stranger):
    with pytest.raises(Forbidden):
        end(review, viewer)
    with pytest.raises(Http404):
        end(review, stranger)


def test_an_archived_matrix_is_not_reviewed(small, review, owner, editor):
    archive(**to(small, owner), archived=True)
    with pytest.raises(Conflict, match="archived"):
        end(review, editor)


# --- what stays open


def test_what_nobody_sees_to_is_named_and_the_session_goes_on(small, editor):
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "open")
    with pytest.raises(Refused, match=r"“Activity 1” and “Activity 2” stay open. Say for each who"):
        end(row, editor)
    with pytest.raises(Refused, match=r"“Activity 2” stays open"):
        end(row, editor, {0: by(editor), 1: by(editor, due=None)})
    assert fresh(row).state == "running"
    assert not Decision.objects.exclude(owner=None).exists()


def test_what_stays_open_is_handed_to_whoever_was_chosen(small, editor, viewer):
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "open")
    end(row, editor, {0: by(viewer), 1: by(name="Jonas Weber")})
    left = {each.name: each for each in row.decisions.filter(taken_back_at=None)}
    assert (left["Activity 1"].owner, left["Activity 1"].due) == (viewer.user, IN_A_WEEK)
    assert (left["Activity 2"].kind, left["Activity 2"].owner_name) == ("open", "Jonas Weber")
    assert Change.objects.filter(matrix=small, kind="decide").count() == 2
    invariants.check()


def test_what_somebody_sees_to_already_stays_theirs(small, editor, viewer):
    row = running(small, editor, 0)
    made = decide(row, editor, 0, "ask", owner=viewer.user_id, due=IN_A_WEEK)
    end(row, editor, {0: by(editor)})
    made.refresh_from_db()
    assert made.owner == viewer.user


def test_a_paused_session_ends_too_and_leaves_open_what_was_not_decided(small, editor):
    row = running(small, editor, 0)
    do("pause", row, editor)
    end(row, editor, {0: by(editor)})
    assert fresh(row).state == "ended"
    assert Decision.objects.get().kind == "open"


def test_who_is_no_member_any_more_sees_to_nothing(small, editor, stranger):
    row = running(small, editor, 0)
    with pytest.raises(Refused, match="workspace any more"):
        end(row, editor, {0: by(stranger)})
    assert fresh(row).state == "running"


# --- reopening


def test_reopened_it_goes_on_and_what_was_signed_holds_as_long_as_nothing_changes(small, ended, editor, viewer):
    sign(ended, viewer)
    row = results.reopen(matrix=small.pk, review=ended.pk, by=editor)
    assert (row.state, row.ended_at) == ("running", None)
    assert results.reopen(matrix=small.pk, review=ended.pk, by=editor).step == row.step
    again = end(row, editor)
    assert (again.result, signatures(small.pk, again.result).keys()) == (ended.result, {roles_of(small)[0].pk})
    row = results.reopen(matrix=small.pk, review=ended.pk, by=editor)
    decide(row, editor, 0, "lead", lead=1)
    assert signatures(small.pk, end(row, editor).result) == {}
    assert Result.objects.filter(review=row).count() == 2
    invariants.check()


def test_it_is_not_reopened_while_another_session_is_held(small, ended, editor):
    running(small, editor, 0, title="Another")
    with pytest.raises(Conflict, match="“Another” is being held"):
        results.reopen(matrix=small.pk, review=ended.pk, by=editor)


def test_what_is_published_is_not_reopened(small, ended, editor):
    publish(ended, editor)
    with pytest.raises(Conflict, match="is published"):
        results.reopen(matrix=small.pk, review=ended.pk, by=editor)


# --- signing (T34)


def test_who_answers_for_a_role_signs_exactly_what_stands(small, ended, viewer):
    signed = sign(ended, viewer)
    assert (signed.by, signed.digest, signed.name) == (viewer.user, ended.result, "Role 1")
    assert fresh(ended).step == ended.step + 1
    invariants.check()


def test_signed_twice_nothing_changes(ended, viewer):
    assert sign(ended, viewer) == sign(ended, viewer)
    assert SignOff.objects.count() == 1
    assert fresh(ended).step == ended.step + 1


def test_nobody_signs_for_another_or_while_it_goes_on(small, review, owner, editor, viewer, stranger):
    with pytest.raises(Conflict, match="has not ended"):
        sign(review, viewer)
    row = end(review, editor)
    for member in (owner, editor):
        with pytest.raises(Forbidden, match="Only who answers for Role 1"):
            sign(row, member)
    with pytest.raises(Http404):
        sign(row, stranger)
    role = roles_of(small)[0].pk
    answer_for(**to(small, owner), role=role, user=None, seen=revision(small))
    with pytest.raises(Forbidden):
        sign(row, viewer)
    Member.objects.filter(pk=viewer.pk).delete()
    with pytest.raises(Gone):
        sign(row, viewer)
    assert not SignOff.objects.exists()


def test_what_was_looked_at_and_is_no_more_is_not_signed(small, ended, owner, viewer):
    seen = stands(small)
    set_cell(small, owner, 2, 0, C)
    with pytest.raises(Conflict) as refused:
        sign(ended, viewer, digest=seen)
    assert str(refused.value) == results.CHANGED
    for made_up in ("x", "0" * 64):
        with pytest.raises(Conflict):
            sign(ended, viewer, digest=made_up)
    assert not SignOff.objects.exists()
    assert fresh(ended).result == seen


def test_a_signature_puts_up_nothing_that_no_editor_put_up(small, ended, owner, viewer):
    set_cell(small, owner, 2, 0, C)
    for digest in (stands(small), ended.result):
        with pytest.raises(Conflict):
            sign(ended, viewer, digest=digest)
    assert not SignOff.objects.exists()
    row = fresh(ended)
    assert (row.result, row.result_revision, row.step) == (ended.result, ended.result_revision, ended.step)
    assert Result.objects.filter(review=row).count() == 1


def test_once_the_change_is_undone_what_was_put_up_is_signed(small, ended, owner, viewer):
    set_cell(small, owner, 2, 0, C)
    undo(matrix=small.pk, sender=Sender(owner))
    assert sign(ended, viewer).digest == ended.result


def test_a_change_that_is_taken_back_brings_the_signature_back(small, ended, owner, viewer):
    sign(ended, viewer)
    set_cell(small, owner, 2, 0, C)
    assert signatures(small.pk, stands(small)) == {}
    undo(matrix=small.pk, sender=Sender(owner))
    assert signatures(small.pk, stands(small))


def test_the_session_of_another_matrix_is_not_signed(ended, viewer, owner):
    other = make_matrix(owner, "LS.")
    role = answers(other, viewer, 0, by=owner)
    with pytest.raises(Http404):
        results.sign(matrix=other.pk, review=ended.pk, role=role.pk, digest=stands(other), by=viewer)


# --- publishing


def test_it_is_published_as_it_was_put_up_with_minutes_and_the_next_day(small, ended, editor, viewer, owner):
    sign(ended, viewer)
    set_cell(small, owner, 2, 0, C)
    version = publish(ended, editor, note="Agreed.")
    row = fresh(ended)
    assert (row.state, row.version, version.digest, version.note) == ("published", version, ended.result, "Agreed.")
    assert signatures(small.pk, version.digest)
    third = rows_of(small)[2].pk
    assert grid_of(version).level(third, roles_of(small)[0].pk) is None
    assert Publication.objects.get(matrix=small).next_on == IN_A_YEAR
    assert "- Activity 1: Stays as it is; Role 1 leads. It works.\n" in Letter.objects.get(version=version).minutes
    invariants.check()


def test_sent_twice_it_is_published_once(ended, editor):
    assert publish(ended, editor, "publish-once") == publish(ended, editor, "publish-once")
    assert Version.objects.count() == 1
    with pytest.raises(Conflict):
        publish(ended, editor, "another-key")


def test_it_is_published_without_all_signatures(ended, editor):
    assert publish(ended, editor).number == 1


@pytest.mark.parametrize("days_off", [0, 5 * 366 + 1])
def test_the_next_review_is_on_a_day_to_come(ended, editor, days_off):
    with pytest.raises(Refused, match="Choose a day to come"):
        publish(ended, editor, next_on=days.today() + timedelta(days=days_off))


def test_what_is_put_up_is_published_and_nothing_else(small, ended, owner, editor):
    seen = ended.result_revision
    set_cell(small, owner, 2, 0, C)
    put_up(ended, editor)
    with pytest.raises(Conflict) as refused:
        publish(ended, editor, seen=seen)
    assert str(refused.value) == results.MOVED_ON
    assert not Version.objects.exists()
    assert publish(ended, editor).digest == stands(small)


def test_it_is_not_published_after_another_version(small, ended, owner, editor):
    publish_draft(small, owner)
    with pytest.raises(Conflict, match="Another version"):
        publish(ended, editor)
    assert fresh(ended).state == "ended"


def test_it_is_not_published_with_a_decision_that_was_taken_back(ended, editor):
    take_back(ended, editor, Decision.objects.get(name="Activity 2"))
    with pytest.raises(Conflict, match="taken back"):
        publish(ended, editor)
    again = end(results.reopen(matrix=ended.matrix_id, review=ended.pk, by=editor), editor, {1: by(editor)})
    assert publish(again, editor)


def test_a_session_that_goes_on_is_not_published(small, ended, editor):
    results.reopen(matrix=small.pk, review=ended.pk, by=editor)
    with pytest.raises(Conflict, match="has not ended"):
        publish(ended, editor)
    assert not Version.objects.exists()


def test_a_row_without_a_lead_keeps_it_from_being_published(small, review, owner, editor):
    set_level(
        **to(small, owner),
        activity=rows_of(small)[2].pk,
        role=roles_of(small)[2].pk,
        level=Level.SUPPORT,
        seen=revision(small),
    )
    with pytest.raises(Refused, match="no Lead"):
        publish(end(review, editor), editor)


def test_the_minutes_have_a_sign_for_whoever_sees_to_what_stays_open(small, editor, viewer):
    row = running(small, editor, 0)
    end(row, editor, {0: by(viewer)})
    version = publish(row, editor)
    kept = Letter.objects.get(version=version).minutes
    assert f"{sign_of(viewer.user)} sees to it" in kept
    assert str(viewer.user) not in kept


def test_only_who_may_edit_by_now_publishes(ended, editor, viewer):
    with pytest.raises(Forbidden):
        publish(ended, viewer)
    assert not Version.objects.exists()
