"""Several people change one matrix at once (RELIABILITY.md, C1 to C8, C11, C14): refused or done, never half, never twice."""

import random
import time
from itertools import count

import pytest
from django.db import connection
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Done, Sender, create_matrix, set_level
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    add_role,
    move_activity,
    move_role,
    remove_activity,
    remove_role,
)
from raci.matrices.undo import redo, undo
from raci.web.refusals import Busy, Conflict, Forbidden, Refused
from raci.workspaces.models import Access, Member
from tests import invariants
from tests.factories import MemberFactory, make_grid, make_matrix
from tests.matrices.reading import letters, revision, roles_of, rows_of
from tests.stress.together import together, until_late

pytestmark = pytest.mark.django_db(transaction=True)

EDITORS = 6
KEYS = count()


@pytest.fixture
def editors(workspace):
    return [MemberFactory(workspace=workspace) for _ in range(EDITORS)]


def _key():
    return f"stress-{next(KEYS)}"


def _changed(results):
    """Which answers were changes. Fails on anything that is neither a change nor a refusal with a reason."""
    flat = [answer for result in results for answer in (result if isinstance(result, list) else [result])]
    broken = [answer for answer in flat if not isinstance(answer, Done | Refused) or isinstance(answer, Busy)]
    assert not broken, broken[:3]
    return [answer for answer in flat if isinstance(answer, Done) and answer.change is not None]


def test_editors_who_move_the_same_leads_at_once_leave_one_each(owner, editors):
    matrix = make_matrix(owner, *["LSCI.."] * 5)
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]
    seen, acknowledged = matrix.revision, []

    def move(member):
        def once():
            key = _key()
            done = set_level(
                matrix=matrix.pk,
                sender=Sender(member, key),
                activity=random.choice(rows),
                role=random.choice(roles),
                level=Level.LEAD,
                seen=revision(matrix),
            )
            if done.change:
                acknowledged.append((done.change.revision, key))
            return done

        return once

    results = together(*(until_late(move(member)) for member in editors))
    done = _changed(results)
    assert len(done) > 5
    assert [row.count("L") for row in letters(matrix)] == [1] * 5
    assert sorted(at for at, _ in acknowledged) == list(range(seen + 1, revision(matrix) + 1))
    invariants.check(key for _, key in acknowledged)


def test_editors_who_saw_the_same_revision_get_a_change_or_a_conflict(owner, editors):
    """All look at revision 1; whoever comes second to a row is told so."""
    matrix = make_matrix(owner, "LSCI..")
    row, roles = rows_of(matrix)[0].pk, [role.pk for role in roles_of(matrix)]

    def give(member, role):
        return lambda: set_level(
            matrix=matrix.pk, sender=Sender(member), activity=row, role=role, level=Level.LEAD, seen=1
        )

    results = together(*(give(member, role) for member, role in zip(editors[:5], roles[1:], strict=True)))
    done = _changed(results)
    conflicts = [answer for answer in results if isinstance(answer, Refused)]
    assert (len(done), len(conflicts)) == (1, 4)
    assert {conflict.status for conflict in conflicts} == {409}
    invariants.check()


def test_removing_roles_while_others_give_them_the_lead_leaves_no_row_without_one(owner, editors):
    """C3 and C4: no row loses its Lead except by a change that says so, and no cell stays behind."""
    matrix = make_matrix(owner, *["LSCI"] * 4)
    rows = [row.pk for row in rows_of(matrix)]

    def give(member):
        def once():
            role = random.choice(roles_of(matrix)).pk
            return set_level(
                matrix=matrix.pk,
                sender=Sender(member),
                activity=random.choice(rows),
                role=role,
                level=Level.LEAD,
                seen=revision(matrix),
            )

        return once

    def replace():
        add_role(matrix=matrix.pk, sender=Sender(owner), values={"name": "New"})
        roles = roles_of(matrix)
        return remove_role(matrix=matrix.pk, sender=Sender(owner), role=random.choice(roles[:-1]).pk, heir=roles[-1].pk)

    loops = [until_late(give(member)) for member in editors[:4]]
    results = together(*loops, until_late(replace))
    _changed(results)
    assert any(isinstance(answer, Done) for answer in results[-1])
    assert [row.count("L") for row in letters(matrix)] == [1] * 4
    invariants.check()


def test_rows_added_moved_and_removed_at_once_stay_in_one_dense_order(owner, editors):
    matrix = make_matrix(owner, *["LS"] * 6, stages=2)

    def add(member):
        return lambda: add_activities(
            matrix=matrix.pk,
            sender=Sender(member),
            activities=[NewActivity("x", lead="role-1")],
            after=random.choice(rows_of(matrix)).pk,
        )

    def move(member):
        def once():
            one, other = random.sample([row.pk for row in rows_of(matrix)], 2)
            return move_activity(matrix=matrix.pk, sender=Sender(member), activity=one, stage=None, before=other)

        return once

    def remove(member):
        def once():
            rows = rows_of(matrix)
            if len(rows) < 6:
                return Done(matrix, None)
            return remove_activity(matrix=matrix.pk, sender=Sender(member), activity=random.choice(rows).pk)

        return once

    def swap(member):
        def once():
            one, other = (role.pk for role in roles_of(matrix))
            return move_role(matrix=matrix.pk, sender=Sender(member), role=other, before=one)

        return once

    works = [add, add, move, move, remove, swap]
    results = together(*(until_late(work(who)) for work, who in zip(works, editors, strict=True)))
    assert len(_changed(results)) > 5
    invariants.check()


def test_undo_and_redo_race_with_edits_and_never_overwrite_one(owner, editors):
    """C6: whatever stands at the end is what the log says, and an undo that would lose an edit was refused."""
    matrix = make_matrix(owner, "LSCI", "LSCI")
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]

    def edit(member):
        return lambda: set_level(
            matrix=matrix.pk,
            sender=Sender(member),
            activity=random.choice(rows),
            role=random.choice(roles),
            level=random.choice([*Level, None]),
            seen=revision(matrix),
        )

    def back(member):
        def once():
            operation = random.choice([undo, undo, redo])
            return operation(matrix=matrix.pk, sender=Sender(member, _key()))

        return once

    loops = [until_late(edit(member)) for member in editors[:3]]
    loops += [until_late(back(member)) for member in editors[:3]]
    results = together(*loops)
    _changed(results)
    met = [answer for result in results[3:] for answer in result if getattr(answer, "kind", "") != "nothing"]
    assert met  # undone, or refused because of what came after; not only "there is nothing to undo"
    invariants.check()


# --- The same submission several times at once


def test_one_submission_sent_eight_times_at_once_is_one_change(owner, editor):
    matrix = make_matrix(owner, "LSCI")
    row, role = rows_of(matrix)[0].pk, roles_of(matrix)[3].pk

    def send():
        return set_level(
            matrix=matrix.pk, sender=Sender(editor, "once"), activity=row, role=role, level=Level.LEAD, seen=1
        )

    for _ in range(2):  # at once, and once more later
        results = together(*[send] * 8)
        assert {answer.change.revision for answer in results} == {2}
    assert revision(matrix) == 2
    invariants.check(["once"])


def test_a_row_added_eight_times_with_one_key_is_one_row(owner, editor):
    matrix = make_matrix(owner, "LS")
    results = together(
        *[lambda: add_activities(matrix=matrix.pk, sender=Sender(editor, "once"), activities=[NewActivity("New")])] * 8
    )
    assert len({answer.change.pk for answer in results}) == 1
    assert Activity.objects.filter(matrix=matrix, name="New").count() == 1
    invariants.check(["once"])


def test_a_matrix_made_eight_times_with_one_key_is_one_matrix(owner, editor):
    results = together(
        *[lambda: create_matrix(sender=Sender(editor, "once"), name="New", grid=make_grid("LS", "SL"))] * 8
    )
    assert {getattr(matrix, "pk", matrix) for matrix in results} == {Matrix.objects.get().pk}
    invariants.check(["once"])


def test_an_undo_sent_eight_times_at_once_undoes_one_change(owner, editor):
    matrix = make_matrix(owner, "LSCI")
    row, roles = rows_of(matrix)[0].pk, roles_of(matrix)
    for at, column in enumerate((1, 2, 3), start=1):
        set_level(matrix=matrix.pk, sender=Sender(editor), activity=row, role=roles[column].pk, level=None, seen=at)
    results = together(*[lambda: undo(matrix=matrix.pk, sender=Sender(editor, "once"))] * 8)
    assert {answer.change.revision for answer in results} == {5}
    assert letters(matrix) == ["L..I"]
    invariants.check(["once"])


# --- Access taken away meanwhile


def test_who_is_demoted_while_editing_has_no_change_after_that_moment(owner, editors):
    matrix = make_matrix(owner, *["LSCI"] * 3)
    rows, roles = [row.pk for row in rows_of(matrix)], [role.pk for role in roles_of(matrix)]
    demoted = editors[:4]
    counted = {}

    def edit(member):
        def until_refused():
            for _ in range(5_000):
                time.sleep(0.005)  # SQLite is unfair: lets the others have a turn
                try:
                    set_level(
                        matrix=matrix.pk,
                        sender=Sender(member),
                        activity=random.choice(rows),
                        role=random.choice(roles),
                        level=random.choice(list(Level)),
                        seen=revision(matrix),
                    )
                except Conflict:
                    continue
                except (Forbidden, Http404) as refusal:
                    return refusal
            return None

        return until_refused

    def demote():
        for number, member in enumerate(demoted):
            time.sleep(0.4)
            members = Member.objects.filter(pk=member.pk)
            members.update(access=Access.VIEWER) if number % 2 else members.delete()
            counted[member.user_id] = Change.objects.filter(by=member.user_id).count()

    *refusals, failed = together(*(edit(member) for member in demoted), demote)
    assert failed is None
    assert [type(refusal) for refusal in refusals] == [Http404, Forbidden] * 2
    for user, changes in counted.items():
        assert Change.objects.filter(by=user).count() == changes
    assert sum(counted.values()) > 0
    invariants.check()


# --- The engines


def test_a_crash_of_the_machine_loses_nothing_that_was_acknowledged():
    """What a test of a killed process cannot show: the disk is asked to keep each commit."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)
            return
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {setting}")
            assert cursor.fetchone() == ("on",)
