"""Setting the interval, saying that strategy or culture changed, confirming rows and looking back."""

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import step_out
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_role
from raci.publishing.models import Publication
from raci.publishing.upkeep import unconfirmed
from raci.publishing.upkeep_checks import events_of
from raci.publishing.upkeeping import Confirmed, confirm, declare_changed, look_back, set_interval, withdraw_change
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.publishing.making import answers, publish


@pytest.fixture
def agreed(owner) -> Matrix:
    """Three rows: the first led by Role 1, the others by Role 2, which supports the first."""
    matrix = make_matrix(owner, "LS.", ".LI", "SL.")
    publish(matrix, owner)
    return matrix


def now(matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def rename(matrix, by, column=0, name="Client Care"):
    role = Role.objects.filter(matrix=matrix)[column]
    edit_role(matrix=matrix.pk, sender=Sender(by), role=role.pk, values={"name": name}, seen=now(matrix).revision)
    return role


def waiting(matrix) -> dict[int, list[str]]:
    """Activity id -> the keys of the events it waits for."""
    row = now(matrix)
    found = unconfirmed(events_of(row, read_grid(row)), row.publication.confirmed)
    return {pk: [event.key for event in events] for pk, events in found.items()}


def keys(matrix) -> set[str]:
    return {key for found in waiting(matrix).values() for key in found}


def rows(matrix) -> list[int]:
    return list(matrix.activities.values_list("pk", flat=True))


def say_yes(matrix, by, activity=None, **more):
    asked = {"events": keys(matrix), "seen": now(matrix).revision, **more}
    return confirm(matrix=matrix.pk, by=by, activity=activity, **asked)


# ---- Confirming


def test_an_editor_confirms_a_row_that_no_member_leads(agreed, owner, editor):
    rename(agreed, owner)
    first, _, third = rows(agreed)
    assert set(waiting(agreed)) == {first, third}
    assert say_yes(agreed, editor, first) == Confirmed(1)
    assert set(waiting(agreed)) == {third}


def test_who_fills_the_role_that_leads_confirms_though_a_viewer(agreed, owner, viewer):
    answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    assert say_yes(agreed, viewer, rows(agreed)[0]) == Confirmed(1)


def test_where_a_member_fills_the_lead_nobody_else_confirms(agreed, owner, editor, viewer):
    answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    for other in (owner, editor):
        with pytest.raises(Forbidden):
            say_yes(agreed, other, rows(agreed)[0])


def test_a_viewer_who_fills_nothing_confirms_nothing(agreed, owner, viewer):
    rename(agreed, owner)
    with pytest.raises(Forbidden):
        say_yes(agreed, viewer, rows(agreed)[0])
    assert say_yes(agreed, viewer) == Confirmed(0)
    assert len(waiting(agreed)) == 2


def test_when_who_filled_the_lead_has_left_an_editor_confirms(agreed, owner, editor, viewer):
    answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    Member.objects.filter(pk=viewer.pk).delete()
    assert say_yes(agreed, editor, rows(agreed)[0]) == Confirmed(1)


def test_who_steps_out_of_the_role_confirms_no_more(agreed, owner, viewer):
    role = answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    step_out(matrix=agreed.pk, sender=Sender(owner), role=role.pk, user=viewer.user_id, seen=now(agreed).revision)
    with pytest.raises(Forbidden):
        say_yes(agreed, viewer, rows(agreed)[0])


def test_all_that_is_mine_is_confirmed_and_nothing_else(agreed, owner, editor, viewer):
    answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    assert say_yes(agreed, editor) == Confirmed(1)
    assert set(waiting(agreed)) == {rows(agreed)[0]}
    assert say_yes(agreed, viewer) == Confirmed(1)
    assert waiting(agreed) == {}


def test_a_row_that_changed_since_it_was_looked_at_is_not_confirmed(agreed, owner, editor):
    rename(agreed, owner)
    first, _, third = rows(agreed)
    seen, role = now(agreed).revision, Role.objects.filter(matrix=agreed)[2]
    cell = {"activity": first, "role": role.pk, "level": Level.INFORMED}
    set_level(matrix=agreed.pk, sender=Sender(owner), **cell, seen=seen)
    with pytest.raises(Conflict):
        say_yes(agreed, editor, first, seen=seen)
    assert say_yes(agreed, editor, seen=seen) == Confirmed(1, changed=1)
    assert set(waiting(agreed)) == {first}
    assert third not in waiting(agreed)


def test_an_event_that_became_another_is_not_confirmed(agreed, owner, editor):
    rename(agreed, owner, name="One")
    shown = keys(agreed)
    rename(agreed, owner, name="Two")
    with pytest.raises(Conflict):
        say_yes(agreed, editor, rows(agreed)[0], events=shown)
    assert say_yes(agreed, editor, events=shown) == Confirmed(0)
    assert len(waiting(agreed)) == 2


def test_confirming_twice_changes_nothing(agreed, owner, editor):
    rename(agreed, owner)
    first, shown = rows(agreed)[0], keys(agreed)
    say_yes(agreed, editor, first)
    kept = Publication.objects.get().confirmed
    assert say_yes(agreed, editor, first, events=shown) == Confirmed(0)
    assert Publication.objects.get().confirmed == kept


def test_a_foreign_row_is_none(agreed, owner, editor, foreign_matrix):
    rename(agreed, owner)
    with pytest.raises(Http404):
        say_yes(agreed, editor, foreign_matrix.activities.first().pk)
    with pytest.raises(Http404):
        confirm(matrix=foreign_matrix.pk, by=editor, events=["gone:1"], seen=1)


def test_a_new_version_asks_for_nothing_that_it_already_says(agreed, owner, editor):
    rename(agreed, owner)
    say_yes(agreed, editor, rows(agreed)[0])
    publish(agreed, owner)
    assert waiting(agreed) == {}
    assert Publication.objects.get().confirmed == {}


def test_who_was_removed_confirms_nothing(agreed, owner, ex_member):
    rename(agreed, owner)
    with pytest.raises(Refused) as gone:
        say_yes(agreed, ex_member, rows(agreed)[0])
    assert gone.value.status == 404


# ---- When it is reviewed


@pytest.mark.parametrize("months", [0, -1, 61, 10_000])
def test_an_interval_is_between_a_month_and_five_years(agreed, owner, months):
    with pytest.raises(Refused):
        set_interval(matrix=agreed.pk, months=months, by=owner)
    assert Publication.objects.get().months == 12


def test_each_move_of_the_date_is_counted_and_the_same_again_is_none(agreed, editor):
    for months in (6, 6, 12):
        set_interval(matrix=agreed.pk, months=months, by=editor)
    assert Publication.objects.get().moves == 2
    declare_changed(matrix=agreed.pk, why="Partners", by=editor)
    declare_changed(matrix=agreed.pk, why="Partners", by=editor)
    assert Publication.objects.get().moves == 3


def test_an_interval_may_be_set_before_anything_is_published(owner):
    matrix = make_matrix(owner, "LS")
    set_interval(matrix=matrix.pk, months=3, by=owner)
    publish(matrix, owner)
    assert Publication.objects.get().months == 3


def test_a_change_of_strategy_asks_for_every_row_until_the_next_version(agreed, owner, editor):
    declare_changed(matrix=agreed.pk, why="We sell through partners", by=editor)
    assert set(waiting(agreed)) == set(rows(agreed))
    assert say_yes(agreed, editor) == Confirmed(3)
    assert waiting(agreed) == {}
    declare_changed(matrix=agreed.pk, why="And abroad", by=editor)
    assert set(waiting(agreed)) == set(rows(agreed))
    publish(agreed, owner)
    assert waiting(agreed) == {}


def test_what_was_said_by_mistake_is_withdrawn(agreed, owner, editor):
    rename(agreed, owner)
    before = waiting(agreed)
    declare_changed(matrix=agreed.pk, why="By mistake", by=editor)
    withdraw_change(matrix=agreed.pk, by=editor)
    assert waiting(agreed) == before
    publication = Publication.objects.get()
    assert (publication.changed_at, publication.changed_why, publication.changed_by) == (None, "", None)


def test_of_what_is_not_published_nothing_is_reviewed(owner):
    matrix = make_matrix(owner, "LS")
    with pytest.raises(Refused):
        declare_changed(matrix=matrix.pk, why="Partners", by=owner)
    with pytest.raises(Refused):
        look_back(matrix=matrix.pk, by=owner)


def test_looking_back_is_noted_once(agreed, editor):
    first = look_back(matrix=agreed.pk, by=editor).looked_back_at
    assert first is not None
    assert look_back(matrix=agreed.pk, by=editor).looked_back_at == first


def test_viewers_and_the_archive_change_nothing(agreed, owner, viewer):
    steps = (
        lambda by: set_interval(matrix=agreed.pk, months=3, by=by),
        lambda by: declare_changed(matrix=agreed.pk, why="Partners", by=by),
        lambda by: withdraw_change(matrix=agreed.pk, by=by),
        lambda by: look_back(matrix=agreed.pk, by=by),
    )
    for step in steps:
        with pytest.raises(Forbidden):
            step(viewer)
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    for step in (*steps, lambda by: confirm(matrix=agreed.pk, by=by, events=["gone:1"], seen=9)):
        with pytest.raises(Refused) as refused:
            step(owner)
        assert refused.value.status == 409


def test_who_was_demoted_meanwhile_changes_nothing(agreed, editor):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    with pytest.raises(Forbidden):
        set_interval(matrix=agreed.pk, months=3, by=editor)
