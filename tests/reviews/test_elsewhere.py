"""Another role leads for now: the Lead moves, and why and until when is kept, as one change that can be undone."""

from dataclasses import replace
from datetime import date

import pytest

from raci.grid.departures import Reference
from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.sentences import tell
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity
from raci.matrices.undo import undo
from raci.reviews.elsewhere import Followed, departing_from, for_now, lead_elsewhere
from raci.screens.sources import followed
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Refused
from tests.factories import make_matrix

TODAY, END = date(2026, 6, 12), date(2026, 12, 31)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)


@pytest.fixture
def launch(matrix):
    return matrix.activities.get(origin="product-launch")


@pytest.fixture
def sales(matrix):
    return matrix.roles.get(origin="sales")


def fresh(matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def move(matrix, by, activity, to, *, reason="No one is free", until=END, seen=None, **changed):
    row = fresh(matrix)
    grid = read_grid(row)
    given = {
        "departing": departing_from(grid, followed(row), activity.pk, to.pk),
        "followed": Followed(row.culture_id, row.house_id),
        "seen": row.revision if seen is None else seen,
        **changed,
    }
    return lead_elsewhere(
        matrix=matrix.pk, sender=Sender(by), activity=activity.pk, to=to.pk, reason=reason, until=until, **given
    )


def test_the_lead_moves_and_the_former_one_supports(matrix, editor, launch, sales):
    former = read_grid(matrix).lead(launch.pk)
    move(matrix, editor, launch, sales)
    grid = read_grid(matrix)
    assert grid.lead(launch.pk) == sales.pk
    assert grid.level(launch.pk, former) is Level.SUPPORT


def test_it_is_a_departure_from_what_the_matrix_follows(matrix, editor, launch, sales):
    move(matrix, editor, launch, sales)
    row = next(each for each in read_grid(matrix).activities if each.id == launch.pk)
    assert {each.role for each in row.departures} == {sales.pk, matrix.roles.get(origin="product-marketing").pk}
    assert {(each.against, each.reason, each.until, each.by) for each in row.departures} == {
        ("market", "No one is free", END, editor.user_id)
    }
    assert row.notes == ""


def test_the_history_says_who_leads_until_when_and_why(matrix, editor, launch, sales):
    said = tell(move(matrix, editor, launch, sales).change).headline
    assert said.startswith("Sales now leads “Product Launch”; Product Marketing moved to Support.")
    assert "until 31 Dec 2026, unlike market-led: No one is free." in said


def test_it_is_one_change_and_one_undo(matrix, editor, launch, sales):
    before = read_grid(matrix)
    assert move(matrix, editor, launch, sales).change.revision == 2
    undo(matrix=matrix.pk, sender=Sender(editor))
    assert read_grid(fresh(matrix)) == before


def test_where_nothing_is_followed_reason_and_day_go_into_the_notes(editor):
    small = make_matrix(editor, "LS", "SL")
    row, to = small.activities.first(), small.roles.last()
    Activity.objects.filter(pk=row.pk).update(notes="Since May.")
    done = move(small, editor, row, to)
    row.refresh_from_db()
    assert row.notes == "Role 2 answers for it until 31 Dec 2026, in place of Role 1: No one is free\n\nSince May."
    assert row.departures == {}
    assert read_grid(small).lead(row.pk) == to.pk
    assert "The notes of “Activity 1” changed." in tell(done.change).headline


def test_moving_to_the_lead_of_the_reference_is_no_departure(matrix, editor, launch, sales):
    set_level(matrix=matrix.pk, sender=Sender(editor), activity=launch.pk, role=sales.pk, level=Level.LEAD, seen=1)
    move(matrix, editor, launch, matrix.roles.get(origin="product-marketing"))
    launch.refresh_from_db()
    assert launch.departures == {}
    assert launch.notes.startswith("Product Marketing answers for it until 31 Dec 2026, in place of Sales: No one")


def test_a_reference_that_does_not_know_the_activity_gives_no_departure(matrix, editor, launch, sales):
    grid = read_grid(matrix)
    rest = tuple(row for row in grid.activities if row.id != launch.pk)
    without = Reference("market", "market-led", replace(grid, activities=rest))
    assert departing_from(grid, without, launch.pk, sales.pk) is None
    assert departing_from(grid, None, launch.pk, sales.pk) is None


def test_a_day_that_has_passed_is_refused(matrix, editor, launch, sales):
    with pytest.raises(Refused, match="That day has passed"):
        move(matrix, editor, launch, sales, until=date(2026, 6, 11))
    assert move(matrix, editor, launch, sales, until=TODAY).change is not None


def test_it_needs_a_reason(matrix, editor, launch, sales):
    with pytest.raises(Refused, match="Say why"):
        move(matrix, editor, launch, sales, reason="  ")


def test_to_the_role_that_leads_already_it_is_refused(matrix, editor, launch):
    with pytest.raises(Refused, match="Product Marketing answers for it already"):
        move(matrix, editor, launch, matrix.roles.get(origin="product-marketing"))


def test_where_nobody_leads_there_is_nobody_to_stand_in_for(editor):
    small = make_matrix(editor, ".S", "SL")
    with pytest.raises(Conflict, match="Nobody answers for it yet"):
        move(small, editor, small.activities.first(), small.roles.last())


def test_an_activity_that_changed_since_is_looked_at_again(matrix, owner, editor, launch, sales):
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=launch.pk, values={"notes": "Mind this"}, seen=1)
    with pytest.raises(Conflict, match="changed since you looked"):
        move(matrix, editor, launch, sales, seen=1)
    assert Change.objects.filter(matrix=matrix).count() == 2


def test_another_reference_followed_since_is_looked_at_again(matrix, editor, launch, sales):
    with pytest.raises(Conflict, match="changed since you looked"):
        move(matrix, editor, launch, sales, followed=Followed("sales", None))


def test_notes_that_are_full_say_so(editor):
    small = make_matrix(editor, "LS", "SL")
    Activity.objects.filter(matrix=small).update(notes="x" * 4000)
    with pytest.raises(Refused, match="notes of this activity are full"):
        move(small, editor, small.activities.first(), small.roles.last())


def test_who_may_only_look_moves_nothing(matrix, viewer, launch, sales):
    with pytest.raises(Forbidden):
        move(matrix, viewer, launch, sales)


def test_sent_twice_it_moves_once(matrix, editor, launch, sales):
    grid = read_grid(matrix)
    given = {
        "departing": departing_from(grid, followed(matrix), launch.pk, sales.pk),
        "followed": Followed("market", None),
    }
    for replayed in (False, True):
        done = lead_elsewhere(
            matrix=matrix.pk,
            sender=Sender(editor, "a-key-of-a-form"),
            activity=launch.pk,
            to=sales.pk,
            reason="So",
            until=END,
            seen=1,
            **given,
        )
        assert done.replayed is replayed


def said(matrix, activity, today=TODAY) -> str:
    grid = read_grid(fresh(matrix))
    return for_now(grid, next(row for row in grid.activities if row.id == activity.pk), today)


def test_until_when_and_why_is_told_on_its_last_day_and_as_over_on_the_next(matrix, editor, launch, sales):
    assert said(matrix, launch) == ""
    move(matrix, editor, launch, sales, reason="No one\nis free")
    assert said(matrix, launch, END) == "For now, until 31 Dec 2026: No one is free"
    assert said(matrix, launch, date(2027, 1, 1)) == "Was for now, until 31 Dec 2026: No one is free"


def test_it_is_told_no_more_once_the_lead_went_back(matrix, editor, launch, sales):
    former = read_grid(matrix).lead(launch.pk)
    move(matrix, editor, launch, sales)
    seen = fresh(matrix).revision
    cell = {"activity": launch.pk, "role": former, "level": Level.LEAD, "seen": seen}
    set_level(matrix=matrix.pk, sender=Sender(editor), **cell)
    assert said(matrix, launch) == ""


def test_without_a_reference_the_note_tells_it_as_long_as_that_role_leads(editor):
    small = make_matrix(editor, "LSC")
    row, (first, second, _) = small.activities.get(), small.roles.all()
    move(small, editor, row, second)
    assert said(small, row) == "Role 2 answers for it until 31 Dec 2026, in place of Role 1: No one is free"
    cell = {"activity": row.pk, "role": first.pk, "level": Level.LEAD, "seen": fresh(small).revision}
    set_level(matrix=small.pk, sender=Sender(editor), **cell)
    assert said(small, row) == ""
