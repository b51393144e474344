"""Who fills a role hears what changed for it, once the matrix is quiet, in one notice and in plain sentences."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices import operations
from raci.matrices.bulletins import MOST_LINES, write_bulletins
from raci.matrices.models import Matrix, Role, Told
from raci.matrices.operations import Sender
from raci.notices.models import Notice
from tests.factories import make_matrix
from tests.stress.together import together

START = timezone.now().replace(microsecond=0)


def _at(minutes):
    return time_machine.travel(START + timedelta(minutes=minutes), tick=False)


def _told(minutes):
    """The texts of the notices that a round at that minute writes."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with _at(minutes):
        write_bulletins(timezone.now())
    return [notice.text for notice in Notice.objects.exclude(pk__in=before)]


@pytest.fixture
def launch(owner, viewer):
    """Three rows; the viewer fills the first role, which has no part in the last row, and knows the matrix so far."""
    with _at(0):
        matrix = make_matrix(owner, "LS.", "SL.", ".LS", name="Launch")
    Role.objects.filter(matrix=matrix, name="Role 1").update(members=[viewer.user_id])
    assert _told(0) == []
    return matrix


def _set(matrix, by, row, role, level, *, minutes):
    """Sets a level; rows and roles count from 1."""
    with _at(minutes):
        found = Matrix.objects.get(pk=matrix.pk)
        activity = found.activities.get(name=f"Activity {row}").pk
        column = found.roles.get(name=f"Role {role}").pk
        given = {"activity": activity, "role": column, "level": Level(level) if level else None}
        operations.set_level(matrix=matrix.pk, sender=Sender(by), seen=found.revision, **given)


def test_a_matrix_seen_for_the_first_time_makes_no_bulletin(launch, viewer):
    assert Told.objects.get().revision == launch.revision
    assert _told(600) == []


def test_a_change_is_told_when_the_matrix_has_been_quiet_for_ten_minutes(launch, editor, viewer):
    _set(launch, editor, 1, 2, "C", minutes=1)
    assert _told(10.9) == []
    (text,) = _told(11)
    assert text.splitlines()[:2] == ["“Launch” changed, where you fill Role 1:", ""]
    assert "“Activity 1”" in text.splitlines()[2]
    assert text.count("\n") == 2
    notice = Notice.objects.get()
    assert (notice.member, notice.url) == (viewer, f"/w/{launch.workspace_id}/matrices/{launch.pk}/history/")
    assert _told(12) == []


def test_a_matrix_that_is_never_quiet_is_told_of_after_an_hour(launch, editor):
    for minute in range(1, 60, 5):
        _set(launch, editor, 1, 3, "C" if minute % 10 == 1 else "I", minutes=minute)
        assert _told(minute) == []
    (text,) = _told(61)
    assert text.count("- “Activity 1”") + text.count("- Role") >= 1
    assert len(text.splitlines()) == 2 + 12


def test_what_one_did_oneself_makes_no_bulletin_and_counts_as_known(launch, owner):
    Role.objects.filter(matrix=launch, name="Role 1").update(members=[owner.user_id])
    assert _told(1) == []
    _set(launch, owner, 1, 2, "C", minutes=2)
    assert _told(30) == []
    assert Told.objects.get().revision == launch.revision + 1


def test_a_row_the_role_has_no_part_in_makes_no_bulletin(launch, editor):
    _set(launch, editor, 3, 3, "C", minutes=1)
    assert _told(30) == []


def test_a_row_the_role_had_a_part_in_is(launch, editor):
    _set(launch, editor, 2, 1, None, minutes=1)
    (text,) = _told(30)
    assert "“Activity 2”" in text


def test_a_new_name_of_the_role_is(launch, editor):
    role = Role.objects.get(matrix=launch, name="Role 1")
    with _at(1):
        Role.objects.filter(pk=role.pk).update(name="Role 1")
        change = operations.commit(
            lambda work: work.role(role.pk).update(name="Design"),
            matrix=launch.pk,
            sender=Sender(editor),
            kind="role",
            body=["name"],
        ).change
    assert change.revision == launch.revision + 1
    (text,) = _told(30)
    assert text.splitlines()[0] == "“Launch” changed, where you fill Design:"
    assert "- The role Role 1 is now called Design." in text


def test_many_changes_are_twelve_lines_and_how_many_more(launch, editor):
    for number in range(20):
        _set(launch, editor, 1, 3, "CI"[number % 2], minutes=1)
    (text,) = _told(30)
    lines = text.splitlines()[2:]
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "- and 8 more"


def test_who_fills_no_role_any_more_hears_nothing_and_is_new_when_they_come_back(launch, editor, viewer):
    _set(launch, editor, 1, 2, "C", minutes=1)
    Role.objects.filter(matrix=launch).update(members=[])
    assert _told(30) == []
    assert not Told.objects.exists()
    Role.objects.filter(matrix=launch, name="Role 1").update(members=[viewer.user_id])
    assert _told(31) == []
    assert Told.objects.get().revision == launch.revision + 1


@pytest.mark.parametrize("end", ["archived", "deleted", "left"])
def test_what_nobody_looks_at_any_more_makes_no_bulletin(launch, editor, viewer, end):
    _set(launch, editor, 1, 2, "C", minutes=1)
    if end == "archived":
        Matrix.objects.update(is_archived=True)
    elif end == "deleted":
        launch.workspace.deleted_at = timezone.now()
        launch.workspace.save()
    else:
        viewer.delete()
    assert _told(30) == []


def test_each_hears_of_their_own_roles(launch, editor, reviewer):
    Role.objects.filter(matrix=launch, name="Role 3").update(members=[reviewer.user_id])
    assert _told(0) == []
    _set(launch, editor, 3, 3, "C", minutes=1)
    tell = _told(30)
    assert [notice.member for notice in Notice.objects.all()] == [reviewer]
    assert len(tell) == 1


def test_a_round_in_which_nothing_changed_asks_little(launch, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        assert write_bulletins(START + timedelta(minutes=30)) == ""


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_tell_it_once(launch, editor):
    _set(launch, editor, 1, 2, "C", minutes=1)
    done = together(*[lambda: write_bulletins(START + timedelta(minutes=30))] * 4)
    assert not [result for result in done if isinstance(result, Exception)]
    assert Notice.objects.count() == 1
