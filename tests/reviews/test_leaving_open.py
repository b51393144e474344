"""What is left open when a session ends: one change, whatever it holds; each row of it is taken back by itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from raci.matrices.models import Change, Matrix
from raci.matrices.sentences import tell
from raci.publishing.models import Letter
from raci.reviews import results
from raci.reviews.models import Decision, Review
from raci.web.refusals import Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, revision
from tests.reviews.ending import by, end, fresh, publish
from tests.reviews.holding import confirm_rest, decide, do, running, take_back


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", "SLC", "..L", "L..")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with all rows but the last on its agenda, none of them decided."""
    return running(small, editor, 0, 1, 2)


def reopened(review: Review, member) -> Review:
    return results.reopen(matrix=review.matrix_id, review=review.pk, by=member)


def told(review: Review) -> str:
    return tell(Change.objects.filter(matrix=review.matrix_id).latest("revision")).headline


def standing(review: Review) -> dict[str, str]:
    rows = Decision.objects.filter(review=review, taken_back_at=None).order_by("activity")
    return {row.name: row.kind for row in rows}


def test_it_is_one_change_with_all_of_it(small, review, editor, viewer):
    before, step = revision(small), fresh(review).step
    row = end(review, editor, {0: by(editor), 1: by(viewer), 2: by(name="Jonas Weber")})
    made = list(Decision.objects.select_related("owner").order_by("activity"))
    assert [(one.name, one.kind, one.owner, one.owner_name) for one in made] == [
        ("Activity 1", "open", editor.user, ""),
        ("Activity 2", "open", viewer.user, ""),
        ("Activity 3", "open", None, "Jonas Weber"),
    ]
    assert [(one.lead_name, one.together, one.by) for one in made] == [
        ("Role 1", False, editor.user),
        ("Role 2", False, editor.user),
        ("Role 3", False, editor.user),
    ]
    assert (revision(small), row.result_revision) == (before + 1, before + 1)
    assert {one.change.revision for one in made} == {before + 1}
    assert (row.step, row.item, row.shown_at) == (step + 2, None, None)
    assert told(review) == "Decided in “Autumn review”. 3 activities stay open."
    assert letters(small) == ["LS.", "SLC", "..L", "L.."]
    invariants.check()


def test_one_alone_is_told_by_its_name(review, editor):
    decide(review, editor, 0)
    decide(review, editor, 1)
    end(review, editor, {2: by(editor)})
    assert told(review) == "Decided in “Autumn review”. “Activity 3” stays open."


def test_more_of_it_takes_no_more_queries(owner):
    """But for those that write the rows themselves, a few hundred at a time."""

    def cost(rows: int) -> int:
        matrix = make_matrix(owner, *["LS."] * rows, name=f"{rows} rows")
        held = running(matrix, owner, *range(rows))
        with CaptureQueriesContext(connection) as queries:
            end(held, owner, dict.fromkeys(range(rows), by(owner)))
        return len(queries)

    assert cost(40) == cost(4) < 60


def test_a_paused_session_is_not_resumed_for_it(review, editor):
    do("pause", review, editor)
    end(review, editor, dict.fromkeys(range(3), by(editor)))
    assert {one.seconds for one in review.items.all()} == {0}
    invariants.check()


def test_nothing_is_left_open_where_one_owner_is_no_member(review, editor, stranger):
    with pytest.raises(Refused, match="workspace any more"):
        end(review, editor, {0: by(editor), 1: by(stranger), 2: by(editor)})
    assert not Decision.objects.exists()
    assert fresh(review).state == "running"


def test_each_is_taken_back_by_itself_and_the_change_with_the_last(small, review, editor):
    row = reopened(end(review, editor, dict.fromkeys(range(3), by(editor))), editor)
    change = Change.objects.get(matrix=small, kind="decide")
    made = list(Decision.objects.order_by("activity"))
    for left in (2, 1, 0):
        take_back(row, editor, made[2 - left])
        assert told(review).endswith(f"“Activity {3 - left}” is to be decided again.")
        assert len(standing(row)) == left
        assert Change.objects.filter(undoes=change).exists() is (left == 0)
        invariants.check()


def test_one_is_decided_anew_while_the_others_stay_open(small, review, editor):
    row = reopened(end(review, editor, dict.fromkeys(range(3), by(editor))), editor)
    first, second, _ = Decision.objects.order_by("activity")
    take_back(row, editor, first)
    decide(row, editor, 0, "lead", lead=2)
    made = decide(row, editor, 1, "lead", lead=0)
    assert letters(small)[:2] == ["SSL", "LSC"]
    assert standing(row) == {"Activity 1": "lead", "Activity 2": "lead", "Activity 3": "open"}
    take_back(row, editor, made)
    assert letters(small)[1] == "SLC"
    assert standing(row) == {"Activity 1": "lead", "Activity 3": "open"}
    second.refresh_from_db()
    assert second.taken_back_at is not None
    again = end(row, editor, {1: by(editor)})
    assert standing(again)["Activity 2"] == "open"
    invariants.check()


def test_the_minutes_tell_each_of_them(review, editor):
    confirm_rest(review, editor)
    end(review, editor, dict.fromkeys(range(3), by(name="Jonas Weber")))
    version = publish(review, editor)
    kept = Letter.objects.get(version=version).minutes
    assert "1 activity was confirmed together as it is." in kept
    assert kept.count("Left open; Jonas Weber sees to it by") == 3
