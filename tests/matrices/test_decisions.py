import pytest
from django.http import Http404

from culture.references import reference_grid
from raci.matrices import undo as undoing
from raci.matrices.departures import Carry, follow, keep, let_go
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, set_level
from raci.matrices.sentences import tell
from raci.matrices.store import read_grid
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from tests import invariants
from tests.factories import make_grid, make_matrix
from tests.matrices.departing import C, I, L, S, cells, follow_, keep_cell, kept, moves_to, set_cell, take_cells
from tests.matrices.reading import letters, revision, roles_of, rows_of, to

KEY = "a-key-of-one-submission"


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LSC", "SL.")


def operations(matrix):
    """Each as one would send it for the first row of `small`, by name."""
    return {
        "keep": lambda member, key: keep_cell(matrix, member, role2=S, seen=1, key=key),
        "let go": lambda member, key: let_go(
            **to(matrix, member, key),
            activity=rows_of(matrix)[0].pk,
            ours=cells(matrix, role2=S),
            against="market",
            reference="market-led",
            seen=1,
        ),
        "take": lambda member, key: take_cells(
            matrix, member, cells(matrix, role2=S), cells(matrix, role2=None), seen=1, key=key
        ),
        "follow": lambda member, key: follow_(matrix, member, "market", seen=1, key=key),
    }


# ---- What holds for all of them


@pytest.mark.parametrize("name", ["keep", "take", "follow"])
def test_a_submission_that_comes_twice_is_applied_once(small, editor, name):
    send = operations(small)[name]
    first, second = send(editor, KEY), send(editor, KEY)
    assert second.replayed
    assert first.change == second.change
    assert Change.objects.filter(matrix=small).count() == 2
    invariants.check([KEY])


@pytest.mark.parametrize("name", ["keep", "let go", "take", "follow"])
def test_only_editors_decide(small, viewer, reviewer, ex_member, stranger, name):
    send = operations(small)[name]
    for member in (viewer, reviewer):
        with pytest.raises(Forbidden):
            send(member, "")
    for member in (ex_member, stranger):
        with pytest.raises(Http404):
            send(member, "")
    assert revision(small) == 1


@pytest.mark.parametrize("name", ["keep", "let go", "take", "follow"])
def test_an_archived_matrix_stays_as_it_is(small, editor, name):
    archive(**to(small, editor), archived=True)
    with pytest.raises(Refused, match="archived"):
        operations(small)[name](editor, "")
    assert revision(small) == 2


@pytest.mark.parametrize("name", ["keep", "let go", "take"])
def test_a_revision_from_the_future_is_no_page_of_ours(small, editor, name):
    Matrix.objects.filter(pk=small.pk).update(revision=0)
    with pytest.raises(Malformed):
        operations(small)[name](editor, "")


def test_a_foreign_row_or_role_is_refused(small, editor, foreign_matrix):
    ours = {roles_of(foreign_matrix)[0].pk: L}
    with pytest.raises(Refused):
        take_cells(small, editor, ours, ours)
    about = {"against": "market", "reference": "market-led", "reason": "Ours", "until": None, "seen": 1}
    with pytest.raises(Refused):
        keep(**to(small, editor), activity=rows_of(foreign_matrix)[0].pk, ours={}, theirs={}, **about)
    assert revision(small) == 1


# ---- Old logs


def test_a_log_from_before_departures_and_house_references_is_replayed_and_undone(small, editor):
    """Its entries do not know these fields; rows that come back from it have none kept."""
    for change in Change.objects.filter(matrix=small):
        for edit in change.edits:
            for side in ("before", "after"):
                for field in ("departures", "house_id"):
                    (edit[side] or {}).pop(field, None)
        change.save(update_fields=["edits"])
    keep_cell(small, editor, role2=S)
    follow_(small, editor, "market")
    invariants.check()
    undoing.restore(**to(small, editor), revision=1)
    assert kept(rows_of(small)[0]) == {}
    assert Matrix.objects.get(pk=small.pk).culture_id is None
    invariants.check()


def test_a_matrix_made_from_a_grid_with_departures_keeps_them(small, editor):
    keep_cell(small, editor, role2=S)
    twin = create_matrix(sender=Sender(editor), name="Twin", grid=read_grid(small))
    assert list(kept(rows_of(twin)[0])) == [f"{roles_of(twin)[1].pk}:market"]
    undoing.restore(**to(small, editor), revision=1)
    assert len(kept(rows_of(twin)[0])) == 1
    invariants.check()
    plain = create_matrix(sender=Sender(editor), name="Plain", grid=make_grid("LS"))
    assert kept(rows_of(plain)[0]) == {}


def test_the_reference_itself_is_untouched_by_what_follows_it(matrix, editor):
    before = reference_grid("market")
    follow_(matrix, editor, "sales", moves=moves_to(matrix, "sales"))
    assert reference_grid("market") == before


# ---- Decisions that overtake each other


def test_a_departure_does_not_come_back_on_a_level_it_was_never_about(small, editor, owner):
    """Keep, undo, another level by somebody else: redo must not explain that one."""
    keep_cell(small, editor, role2=S, reason="Support is meant so")
    undoing.undo(**to(small, editor))
    set_cell(small, owner, 2, C)
    with pytest.raises(Conflict, match="another level now"):
        undoing.redo(**to(small, editor))
    assert kept(rows_of(small)[0]) == {}
    invariants.check()


def test_taking_back_a_let_go_needs_the_level_it_was_about(small, editor, owner):
    ours = cells(small, role1=L, role2=S)
    row = rows_of(small)[0].pk
    keep_cell(small, editor, role1=L, role2=S)
    done = let_go(
        **to(small, editor), activity=row, ours=ours, against="market", reference="market-led", seen=revision(small)
    )
    set_cell(small, owner, 1, None)
    with pytest.raises(Conflict, match="another level now"):
        undoing.take_back(**to(small, editor), revision=done.change.revision)
    assert kept(rows_of(small)[0]) == {}
    invariants.check()


def test_an_earlier_revision_comes_back_with_its_departure_though_a_later_one_reads_alike(small, editor):
    at = keep_cell(small, editor, role2=S, reason="The same").change.revision
    before = kept(rows_of(small)[0])
    set_cell(small, editor, 2, C)
    keep_cell(small, editor, role2=C, reason="The same")
    undoing.restore(**to(small, editor), revision=at)
    assert letters(small)[0] == "LSC"
    assert kept(rows_of(small)[0]) == before
    invariants.check()


@pytest.mark.parametrize("how", ["keep", "take", "let go"])
def test_a_decision_that_somebody_made_meanwhile_is_not_overwritten(small, editor, owner, how):
    """The page shows what was there before the owner wrote at length."""
    keep_cell(small, owner, role2=S, reason="First")
    old = revision(small)
    keep_cell(small, owner, role2=S, reason="At length")
    ours, row = cells(small, role2=S), rows_of(small)[0].pk
    against = {"against": "market", "reference": "market-led", "seen": old}
    decide = {
        "keep": lambda: keep_cell(small, editor, role2=S, reason="Mine", seen=old),
        "take": lambda: take_cells(small, editor, ours, dict.fromkeys(ours), seen=old),
        "let go": lambda: let_go(**to(small, editor), activity=row, ours=ours, **against),
    }
    with pytest.raises(Conflict, match="decided on “Activity 1” meanwhile: At length"):
        decide[how]()
    assert [each["reason"] for each in kept(rows_of(small)[0]).values()] == ["At length"]


def test_a_decision_against_another_reference_does_not_stand_in_the_way_of_keeping(small, editor, owner):
    old = revision(small)
    keep_cell(small, owner, role2=S, reason="Against market")
    ours = cells(small, role2=S)
    keep(
        **to(small, editor),
        activity=rows_of(small)[0].pk,
        ours=ours,
        theirs=dict.fromkeys(ours),
        against="sales",
        reference="sales-led",
        reason="Against sales",
        until=None,
        seen=old,
    )
    assert len(kept(rows_of(small)[0])) == 2


def test_following_from_a_revision_to_come_is_no_page_of_ours(small, editor):
    with pytest.raises(Malformed):
        follow(**to(small, editor), culture="sales", house=None, moves={}, seen=2**63 - 1)


def test_what_was_kept_is_kept_against_the_reference_that_is_followed_from_now_on(matrix, editor):
    """Where the new reference has our level, there is nothing to explain any more."""
    row = matrix.activities.get(origin="product-launch")
    roles = {role.origin: role.pk for role in matrix.roles.all()}
    ours = {}
    for origin, level in (("engineering", S), ("sales", S)):
        seen = revision(matrix)
        set_level(**to(matrix, editor), activity=row.pk, role=roles[origin], level=level, seen=seen)
        ours = {roles[origin]: level}
        keep(
            **to(matrix, editor),
            activity=row.pk,
            ours=ours,
            theirs={roles[origin]: I},
            against="market",
            reference="market-led",
            reason=f"For {origin}",
            until=None,
            seen=revision(matrix),
        )
    carry = Carry("market", "sales", {row.pk: {roles["engineering"]: I, roles["sales"]: S}})
    done = follow(**to(matrix, editor), culture="sales", house=None, moves={}, seen=revision(matrix), carry=carry)
    assert {key: each["reason"] for key, each in kept(row).items()} == {
        f"{roles['engineering']}:sales": "For engineering"
    }
    assert "to be decided again" not in " ".join(tell(done.change).details)
    undoing.undo(**to(matrix, editor))
    assert set(kept(row)) == {f"{roles['engineering']}:market", f"{roles['sales']}:market"}
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"
    invariants.check()
