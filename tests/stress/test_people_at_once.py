"""Members who take part in a role, answer for it and share the draft, all at the same moment."""

import pytest

from raci.matrices import drafts
from raci.matrices.models import DraftLink
from raci.matrices.people import answer_for, step_out, take_part
from raci.web.refusals import Conflict, Refused
from raci.workspaces.models import AuditEvent
from tests import invariants
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import revision, roles_of, to
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_who_come_into_a_role_at_once_are_all_in_it(owner, workspace):
    matrix = make_matrix(owner, "LS")
    role, members = roles_of(matrix)[0].pk, [MemberFactory(workspace=workspace) for _ in range(8)]
    answers = together(
        *[lambda m=member: take_part(**to(matrix, m), role=role, user=m.user_id) for member in members],
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sorted(roles_of(matrix)[0].members) == sorted(member.user_id for member in members)
    invariants.check()


def test_one_is_chosen_where_four_are_at_once_and_the_others_are_told(owner, workspace):
    matrix = make_matrix(owner, "LS")
    role, members = roles_of(matrix)[0].pk, [MemberFactory(workspace=workspace) for _ in range(4)]
    for member in members:
        take_part(**to(matrix, owner), role=role, user=member.user_id)
    seen = revision(matrix)
    answers = together(
        *[lambda m=member: answer_for(**to(matrix, m), role=role, user=m.user_id, seen=seen) for member in members],
        *[lambda m=member: step_out(**to(matrix, m), role=role, user=m.user_id, seen=seen) for member in members],
    )
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(answer, Conflict | Refused) for answer in refused)
    assert refused
    invariants.check()


def test_a_link_asked_for_eight_times_with_one_key_is_made_once(owner, editor):
    matrix = make_matrix(owner, "LS")
    made = together(*[lambda: drafts.make(matrix=matrix.pk, by=editor, key="once-only")] * 8)
    assert {each.draft.pk for each in made} == {DraftLink.objects.get().pk}
    assert [bool(each.token) for each in made].count(True) == 1
    assert AuditEvent.objects.filter(kind="draft.shared").count() == 1
