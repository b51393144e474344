"""How to reach a role: kept with it, whatever becomes of it."""

import pytest

from raci.grid.plain import from_plain, to_plain
from raci.matrices.house import as_reference
from raci.matrices.models import Change
from raci.matrices.operations import Sender, create_matrix
from raci.matrices.sentences import tell
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_role, merge_roles, remove_role, split_role
from raci.matrices.undo import restore, undo
from raci.web.refusals import Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, to

DESK = "deal.desk@example.org"


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


def reach(matrix, member, role, contact) -> Change:
    seen = Change.objects.filter(matrix=matrix).count()
    return edit_role(**to(matrix, member), role=role.pk, values={"contact": contact}, seen=seen).change


def contacts(matrix) -> list[str]:
    return [role.contact for role in roles_of(matrix)]


def test_it_is_said_and_the_history_tells_of_it_without_repeating_it(small, editor):
    change = reach(small, editor, roles_of(small)[0], f"  {DESK} ")
    assert contacts(small) == [DESK, "", ""]
    assert tell(change).headline == "How to reach Role 1 changed."


@pytest.mark.parametrize("contact", ["x" * 201, "a\nb", "a\0", "a\ud800"])
def test_what_is_no_line_is_refused(small, editor, contact):
    with pytest.raises(Refused):
        reach(small, editor, roles_of(small)[0], contact)
    assert contacts(small) == ["", "", ""]


def test_it_is_taken_back_and_an_earlier_one_comes_back(small, editor):
    role = roles_of(small)[0]
    first = reach(small, editor, role, DESK)
    reach(small, editor, role, "#sales")
    undo(**to(small, editor))
    assert contacts(small)[0] == DESK
    reach(small, editor, role, "")
    restore(**to(small, editor), revision=first.revision)
    assert contacts(small)[0] == DESK


def test_a_merge_keeps_the_contact_of_the_role_that_stays_or_takes_that_of_the_other(small, editor):
    one, two, three = roles_of(small)
    reach(small, editor, one, DESK)
    merge_roles(**to(small, editor), role=one.pk, into=two.pk, seen=2)
    assert contacts(small) == [DESK, ""]
    reach(small, editor, three, "#ops")
    merge_roles(**to(small, editor), role=three.pk, into=two.pk, seen=4)
    assert contacts(small) == [DESK]


def test_a_split_leaves_it_with_the_first(small, editor):
    role = roles_of(small)[0]
    reach(small, editor, role, DESK)
    split_role(**to(small, editor), role=role.pk, name="Inside sales")
    assert contacts(small) == [DESK, "", "", ""]


def test_a_copy_has_it_and_a_reference_of_the_house_does_not(small, editor):
    reach(small, editor, roles_of(small)[0], DESK)
    grid = read_grid(small)
    copy = create_matrix(sender=Sender(editor), name="Copy", grid=grid)
    assert contacts(copy) == [DESK, "", ""]
    assert [role.contact for role in as_reference(grid).roles] == ["", "", ""]


def test_a_log_from_before_it_was_kept_can_be_taken_back_and_gone_through(small, editor):
    """The first entries say nothing of it: then it was not said."""
    made = Change.objects.get(matrix=small, revision=1)
    for edit in made.edits:
        if edit["table"] == "role":
            del edit["after"]["contact"]
    made.save(update_fields=["edits"])
    reach(small, editor, roles_of(small)[0], DESK)
    undo(**to(small, editor))
    assert contacts(small) == ["", "", ""]


def test_a_role_removed_before_it_was_kept_comes_back_without_one(small, editor):
    removed = remove_role(**to(small, editor), role=roles_of(small)[0].pk, heir=None, leaderless=True).change
    for edit in removed.edits:
        if edit["table"] == "role" and edit["after"] is None:
            del edit["before"]["contact"]
    removed.save(update_fields=["edits"])
    undo(**to(small, editor))
    assert contacts(small) == ["", "", ""]


def test_a_grid_as_text_has_it_and_one_from_before_is_read_without(small, editor):
    reach(small, editor, roles_of(small)[0], DESK)
    grid = read_grid(small)
    plain = to_plain(grid)
    assert [role.contact for role in from_plain(plain).roles] == [DESK, "", ""]
    for role in plain["roles"]:
        del role["contact"]
    assert [role.contact for role in from_plain(plain).roles] == ["", "", ""]
