"""What changed since a revision: the rows to show again, and their HTML for each variant of reader."""

import pytest

from raci.grid.levels import Level, Notation
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, rename_matrix, set_block
from raci.matrices.store import read_grid
from raci.matrices.structure import NewActivity, add_activities, edit_activity
from raci.screens.live.news import (
    MOST_CHANGES,
    MOST_ROWS,
    Variant,
    changes_between,
    fragments,
    grid_now,
    news_of,
    news_since,
)
from raci.screens.views.grid import MOST_ROWS as MOST_ROWS_OF_AN_ANSWER
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import roles_of, rows_of

PLAIN = Variant(Notation.LEAD_SUPPORT, "")


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI", "L..")


def _now(matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def test_nothing_happened_is_no_row(small):
    assert news_since(_now(small), small.revision).rows == frozenset()


def test_the_rows_of_all_changes_since_are_named(small, editor):
    start = small.revision
    set_cell(small, editor, 0, 2, Level.INFORMED)
    set_cell(small, editor, 2, 1, Level.SUPPORT)
    news = news_since(_now(small), start)
    assert news.rows == {rows_of(small)[0].pk, rows_of(small)[2].pk}
    assert news.revision == start + 2
    assert news_since(_now(small), start + 1).rows == {rows_of(small)[2].pk}


def test_a_row_that_came_means_the_whole_table(small, editor):
    start = small.revision
    add_activities(matrix=small.pk, sender=Sender(editor), activities=[NewActivity("New")])
    assert news_since(_now(small), start).rows is None


def test_a_new_name_of_the_matrix_means_the_whole_table(small, editor):
    start = small.revision
    rename_matrix(matrix=small.pk, sender=Sender(editor), name="Renamed")
    assert news_since(_now(small), start).rows is None


def test_a_page_from_the_future_is_shown_everything(small):
    assert news_since(_now(small), small.revision + 1).rows is None


def test_too_many_rows_mean_the_whole_table(owner, editor):
    wide = make_matrix(owner, *["L."] * (MOST_ROWS + 1))
    rows, role = [row.pk for row in rows_of(wide)], roles_of(wide)[1].pk

    def block(many, level):
        revision = _now(wide).revision
        told = {"activities": rows[:many], "roles": [role], "levels": [[level]] * many, "seen": [revision] * many}
        set_block(matrix=wide.pk, sender=Sender(editor), **told)
        return news_since(_now(wide), revision).rows

    assert block(MOST_ROWS, Level.SUPPORT) == frozenset(rows[:MOST_ROWS])
    assert block(MOST_ROWS + 1, Level.INFORMED) is None


def test_too_many_changes_mean_the_whole_table(small):
    edits = [{"table": "activity", "id": 1, "name": "", "before": {}, "after": {}}]
    changes = [Change(revision=small.revision + n, edits=edits) for n in range(1, MOST_CHANGES + 2)]
    small.revision += MOST_CHANGES + 1
    assert news_of(small, small.revision - MOST_CHANGES, changes[1:]).rows == {1}
    assert news_of(small, small.revision - MOST_CHANGES - 1, changes).rows is None


def test_an_answer_and_a_push_agree_on_what_is_too_much():
    assert MOST_ROWS == MOST_ROWS_OF_AN_ANSWER


def test_the_fragments_hold_the_touched_row_with_its_revision_and_no_other(small, editor):
    set_cell(small, editor, 0, 2, Level.INFORMED)
    now = _now(small)
    first, second = rows_of(small)[0].pk, rows_of(small)[1].pk
    html = fragments(now, read_grid(now), frozenset({first}), PLAIN)
    assert f'hx-target="#a{first}"' in html
    assert f'data-seen="{now.revision}"' in html
    assert f'"#a{second}"' not in html
    for place in ("#loads", "#counts", "#differing", "#revision"):
        assert f'hx-target="{place}"' in html


def test_each_variant_has_its_own_words(matrix, editor):
    set_cell(matrix, editor, 0, 1, None)
    now = _now(matrix)
    rows = frozenset({rows_of(matrix)[0].pk})
    plain, raci, bare = (
        fragments(now, read_grid(now), rows, variant)
        for variant in (PLAIN, Variant(Notation.RACI, ""), Variant(Notation.LEAD_SUPPORT, "nothing"))
    )
    assert "Lead" in plain
    assert "Accountable" in raci
    assert "cell-compare" in plain
    assert "cell-compare" not in bare


def test_the_grid_is_carried_on_from_the_one_that_is_known(small, editor, django_assert_num_queries):
    grid = read_grid(small)
    start = small.revision
    set_cell(small, editor, 0, 2, Level.INFORMED)
    set_cell(small, editor, 1, 0, Level.LEAD)
    now = _now(small)
    changes = changes_between(now, start)
    with django_assert_num_queries(0):
        carried = grid_now(now, (start, grid), changes)
    assert carried == read_grid(now)


def test_the_grid_is_read_anew_where_it_cannot_be_carried_on(small, editor):
    grid = read_grid(small)
    start = small.revision
    row = rows_of(small)[0].pk
    edit_activity(matrix=small.pk, sender=Sender(editor), activity=row, values={"name": "Other"}, seen=start)
    now = _now(small)
    assert grid_now(now, (start, grid), changes_between(now, start)) == read_grid(now)
    assert grid_now(now, (start - 1, grid), []) == read_grid(now)  # a gap in what is known
    assert grid_now(now, None, []) == read_grid(now)
