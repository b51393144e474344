"""Random histories of several people on one matrix, by the real operations; every invariant holds after each step.

A few in the suite; `HISTORIES=500 python -m pytest tests/matrices/test_machine.py` for a night.
"""

import os
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from raci.grid.levels import Level
from raci.matrices import store
from raci.matrices.departures import Carry, follow, keep, let_go, take
from raci.matrices.models import Assignment, Change, Matrix
from raci.matrices.operations import Sender, archive, rename_matrix, set_aside, set_block, set_level, take_up
from raci.matrices.people import answer_for, step_out, take_part
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    add_role,
    add_stage,
    edit_activity,
    edit_role,
    merge_roles,
    move_activity,
    move_role,
    move_stage,
    remove_activity,
    remove_role,
    remove_stage,
    split_role,
)
from raci.matrices.undo import redo, restore, state_at, take_back, undo
from raci.web.refusals import Refused
from raci.workspaces.models import Access
from tests import invariants
from tests.factories import MemberFactory, WorkspaceFactory, make_matrix
from tests.matrices.reading import revision, roles_of, rows_of, stages_of

LEVELS = st.none() | st.sampled_from(Level)
NAMES = st.sampled_from(["Price", "Launch", "=1+1", "<b>", "Ä"])
PLACE = st.integers(0, 9)  # which row, role or stage: counted round and round
WHO = st.integers(0, 1)
AGAINST_KEYS = ("market", "sales")
AGAINST = st.sampled_from(AGAINST_KEYS)
LATE = st.integers(0, 3)  # how many revisions ago the sender looked


class Histories(RuleBasedStateMachine):
    """`_do` runs one operation; a refusal is a fine answer, any other error is not."""

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        workspace = WorkspaceFactory()
        self.members = [MemberFactory(workspace=workspace, access=Access.OWNER) for _ in range(2)]
        self.matrix = make_matrix(self.members[0], "LS.", ".LI", "C.L", stages=2)
        self.keys = count()
        self.acknowledged, self.refusals = [], []
        self.states = {1: store.read_state(self.matrix.pk)}

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def _do(self, operation, who, **values):
        key = f"key-{next(self.keys)}"
        sender = Sender(self.members[who], key)
        before = store.read_state(self.matrix.pk)
        try:
            done = operation(matrix=self.matrix.pk, sender=sender, **values)
        except Refused as refusal:
            self.refusals.append(refusal.sentence)
            assert store.read_state(self.matrix.pk) == before
            return
        done = done[0] if isinstance(done, tuple) else done
        if done.change is None:
            assert store.read_state(self.matrix.pk) == before
            return
        self.acknowledged.append(key)
        self.states[done.change.revision] = store.read_state(self.matrix.pk)

    def _at(self, rows, place, *, none=False):
        """The id of the row in that place; with `none`, sometimes None; a wrong id where there is no row."""
        found = [row.pk for row in rows(self.matrix)]
        if none and place == len(found):
            return None
        return found[place % len(found)] if found else 987654

    def _seen(self, late):
        return max(0, revision(self.matrix) - late)

    @rule(who=WHO, row=PLACE, role=PLACE, level=LEVELS, late=LATE)
    def level(self, who, row, role, level, late):
        activity, column = self._at(rows_of, row), self._at(roles_of, role)
        self._do(set_level, who, activity=activity, role=column, level=level, seen=self._seen(late))

    @rule(who=WHO, role=PLACE, then=WHO, ago=LATE)
    def the_lead_of_one_row(self, who, role, then, ago):
        """Taken, given to another and asked back: where two Leads would meet, they meet here."""
        row = self._at(rows_of, 0)
        lead = Assignment.objects.filter(activity=row, level="L").first()
        if lead is not None:
            self._do(set_level, who, activity=row, role=lead.role_id, level=None, seen=self._seen(0))
        column = self._at(roles_of, role)
        self._do(set_level, then, activity=row, role=column, level=Level.LEAD, seen=self._seen(0))
        self._do(take_back, who, revision=max(1, revision(self.matrix) - ago))

    @rule(who=WHO, role=PLACE, heir=PLACE, then=WHO, ago=LATE)
    def a_row_or_level_and_then_its_role(self, who, role, heir, then, ago):
        """Removed one after the other and asked back in the wrong order: what comes back finds nothing to stand on."""
        column, row = self._at(roles_of, role), self._at(rows_of, role)
        if heir % 2:
            self._do(remove_activity, who, activity=row)
        else:
            self._do(set_level, who, activity=row, role=column, level=None, seen=self._seen(0))
        self._do(remove_role, then, role=column, heir=self._at(roles_of, heir), leaderless=True)
        self._do(take_back, who, revision=max(1, revision(self.matrix) - ago))

    def _difference(self, row, role, theirs):
        """A cell as it stands, and what a reference is said to have there."""
        activity, column = self._at(rows_of, row), self._at(roles_of, role)
        cell = Assignment.objects.filter(activity=activity, role=column).first()
        ours = {column: Level(cell.level) if cell else None}
        return {"activity": activity, "ours": ours, "reference": "market-led"}, {"theirs": {column: theirs}}

    @rule(who=WHO, row=PLACE, role=PLACE, theirs=LEVELS, against=AGAINST, late=LATE)
    def keep_a_cell(self, who, row, role, theirs, against, late):
        cell, there = self._difference(row, role, theirs)
        because = {"against": against, "reason": "So it is", "until": None}
        self._do(keep, who, **cell, **there, **because, seen=self._seen(late))

    @rule(who=WHO, row=PLACE, role=PLACE, against=AGAINST, late=LATE)
    def let_a_cell_go(self, who, row, role, against, late):
        cell, _ = self._difference(row, role, None)
        self._do(let_go, who, **cell, against=against, seen=self._seen(late))

    @rule(who=WHO, row=PLACE, role=PLACE, theirs=LEVELS, late=LATE)
    def take_a_cell(self, who, row, role, theirs, late):
        cell, there = self._difference(row, role, theirs)
        self._do(take, who, **cell, **there, seen=self._seen(late))

    @rule(who=WHO, row=PLACE, role=PLACE, theirs=LEVELS, late=LATE)
    def follow_another(self, who, row, role, theirs, late):
        """What was kept in one row goes along."""
        cell, there = self._difference(row, role, theirs)
        carry = Carry(*AGAINST_KEYS, {cell["activity"]: there["theirs"]})
        self._do(follow, who, culture=None, house=None, moves={}, seen=self._seen(late), carry=carry)

    @rule(who=WHO, levels=st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=3), late=LATE)
    def block(self, who, levels, late):
        rows, roles = [row.pk for row in rows_of(self.matrix)], [role.pk for role in roles_of(self.matrix)][:2]
        levels = [row[: len(roles)] for row in levels[: len(rows)]]
        seen = [self._seen(late)] * len(levels)
        self._do(set_block, who, activities=rows[: len(levels)], roles=roles, levels=levels, seen=seen)

    @rule(who=WHO, stage=PLACE, after=PLACE, name=NAMES)
    def new_row(self, who, stage, after, name):
        new = NewActivity(name, stage=self._at(stages_of, stage, none=True), lead="role-1")
        self._do(add_activities, who, activities=[new, new], after=self._at(rows_of, after, none=True))

    @rule(who=WHO, row=PLACE, stage=PLACE, role=PLACE, named=PLACE, name=NAMES, late=LATE)
    def edit_row(self, who, row, stage, role, named, name, late):
        values = {
            "name": name,
            "stage_id": self._at(stages_of, stage, none=True),
            "deliverer_id": self._at(roles_of, role, none=True),
            "people": [{"role": self._at(roles_of, named), "name": "Ann", "task": ""}],
        }
        self._do(edit_activity, who, activity=self._at(rows_of, row), values=values, seen=self._seen(late))

    @rule(who=WHO, row=PLACE, stage=PLACE, before=PLACE)
    def move_row(self, who, row, stage, before):
        to_stage, place = self._at(stages_of, stage, none=True), self._at(rows_of, before, none=True)
        self._do(move_activity, who, activity=self._at(rows_of, row), stage=to_stage, before=place)

    @rule(who=WHO, row=PLACE)
    def drop_row(self, who, row):
        self._do(remove_activity, who, activity=self._at(rows_of, row))

    @rule(who=WHO, name=NAMES, stage=PLACE, before=PLACE)
    def stages(self, who, name, stage, before):
        self._do(add_stage, who, name=name)
        self._do(move_stage, who, stage=self._at(stages_of, stage), before=self._at(stages_of, before, none=True))

    @rule(who=WHO, stage=PLACE, into=PLACE)
    def drop_stage(self, who, stage, into):
        self._do(remove_stage, who, stage=self._at(stages_of, stage), into=self._at(stages_of, into, none=True))

    @rule(who=WHO, name=NAMES, role=PLACE, before=PLACE)
    def roles(self, who, name, role, before):
        self._do(add_role, who, values={"name": name, "people": ["Ann"], "headcount": 2})
        self._do(move_role, who, role=self._at(roles_of, role), before=self._at(roles_of, before, none=True))

    @rule(who=WHO, role=PLACE, name=NAMES, late=LATE)
    def edit_column(self, who, role, name, late):
        self._do(edit_role, who, role=self._at(roles_of, role), values={"name": name}, seen=self._seen(late))

    @rule(who=WHO, role=PLACE, heir=PLACE, leaderless=st.booleans())
    def drop_role(self, who, role, heir, leaderless):
        heir_id = self._at(roles_of, heir, none=True)
        self._do(remove_role, who, role=self._at(roles_of, role), heir=heir_id, leaderless=leaderless)

    @rule(who=WHO, role=PLACE, into=PLACE)
    def merge(self, who, role, into):
        self._do(
            merge_roles, who, role=self._at(roles_of, role), into=self._at(roles_of, into), seen=revision(self.matrix)
        )

    @rule(who=WHO, role=PLACE, name=NAMES)
    def split(self, who, role, name):
        self._do(split_role, who, role=self._at(roles_of, role), name=name)

    @rule(who=WHO, role=PLACE, user=WHO, late=LATE)
    def fill(self, who, role, user, late):
        column, filler = self._at(roles_of, role), self.members[user].user_id
        self._do(take_part, who, role=column, user=filler)
        self._do(answer_for, who, role=column, user=filler, seen=self._seen(late))

    @rule(who=WHO, role=PLACE, user=WHO, late=LATE, answers=st.booleans())
    def step_back(self, who, role, user, late, answers):
        column, filler = self._at(roles_of, role), self.members[user].user_id
        if answers:
            self._do(answer_for, who, role=column, user=None, seen=self._seen(late))
        self._do(step_out, who, role=column, user=filler, seen=self._seen(late))

    @rule(who=WHO, name=NAMES, aside=st.booleans())
    def matrix_values(self, who, name, aside):
        self._do(rename_matrix, who, name=name)
        if aside:
            self._do(set_aside, who, finding=name, reason="Fine")
        else:
            self._do(take_up, who, finding=name)

    @rule(who=WHO, archived=st.booleans())
    def put_away(self, who, archived):
        self._do(archive, who, archived=archived)
        if archived:
            self._do(rename_matrix, who, name="While away")
            self._do(archive, who, archived=False)

    @rule(who=WHO, steps=st.integers(0, 3), again=st.integers(0, 3))
    def back_and_forth(self, who, steps, again):
        for operation in [undo] * steps + [redo] * again:
            self._do(operation, who)

    @rule(who=WHO, ago=st.integers(0, 6))
    def back_from_history(self, who, ago):
        self._do(take_back, who, revision=max(1, revision(self.matrix) - ago))

    @rule(who=WHO, ago=st.integers(0, 6))
    def back_to_a_revision(self, who, ago):
        self._do(restore, who, revision=max(1, revision(self.matrix) - ago))

    @rule()
    def send_the_last_change_again(self):
        """The answer got lost: the same key once more adds nothing to the log."""
        last = Change.objects.filter(matrix=self.matrix, kind="rename").exclude(key=None).first()
        if last is None or Matrix.objects.get(pk=self.matrix.pk).is_archived:
            return
        member = next(member for member in self.members if member.user_id == last.by_id)
        name = next(edit["after"]["name"] for edit in last.edits)
        at = revision(self.matrix)
        assert rename_matrix(matrix=self.matrix.pk, sender=Sender(member, last.key), name=name).replayed
        assert revision(self.matrix) == at

    @rule(ago=st.integers(0, 8))
    def look_back(self, ago):
        """Time travel shows what stood there, but for whether the matrix is put away, which it leaves as it is."""
        matrix = Matrix.objects.get(pk=self.matrix.pk)
        at = max(1, matrix.revision - ago)
        then, told = self.states[at], state_at(matrix, at)
        assert told["activity"] == then["activity"]
        assert told["role"] == then["role"]
        assert told["stage"] == then["stage"]

    @invariant()
    def everything_holds(self):
        if hasattr(self, "matrix"):
            invariants.check(self.acknowledged)
            assert all(sentence.endswith(".") for sentence in self.refusals)


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
def test_random_histories_keep_every_invariant():
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=int(os.environ.get("HISTORIES", "20")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
