"""What a session decides: on the matrix and in its log, what is refused, and two who decide the same."""

from datetime import date, timedelta

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.models import Change
from raci.matrices.operations import Sender, archive
from raci.matrices.structure import remove_activity
from raci.reviews import deciding
from raci.reviews.models import Decision, Review
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import letters, revision, roles_of, rows_of, to
from tests.reviews.holding import confirm_rest, decide, do, note, on_screen, planned, running, take_back

TOMORROW = {"due": days.today() + timedelta(days=1)}


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", "LC.", ".L.", "..L")


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first three rows on its agenda."""
    return running(small, editor, 0, 1, 2)


def _last(matrix) -> Change:
    return Change.objects.filter(matrix=matrix).latest("revision")


# --- what each kind does


def test_a_row_that_stays_is_decided_and_logged_without_an_edit(small, review, editor):
    made = decide(review, editor, 0, note="It works.")
    change = _last(small)
    assert (change.kind, change.edits) == ("decide", [])
    assert made.change == change
    assert (made.kind, made.name, made.lead_name, made.note) == ("keep", "Activity 1", "Role 1", "It works.")
    assert (made.by, made.owner, made.due, made.together) == (editor.user, None, None, False)
    assert letters(small) == ["LS.", "SL.", "LC.", ".L.", "..L"]
    invariants.check()


def test_another_role_leads_and_the_former_one_supports(small, review, editor):
    made = decide(review, editor, 0, "lead", lead=2)
    assert letters(small)[0] == "SSL"
    assert (made.lead, made.lead_name) == (roles_of(small)[2].pk, "Role 3")
    assert _last(small).touched() == {rows_of(small)[0].pk}
    invariants.check()


def test_the_levels_of_a_whole_row_are_decided(small, review, editor):
    made = decide(review, editor, 0, "levels", levels="CLI")
    assert letters(small)[0] == "CLI"
    assert made.lead_name == "Role 2"


def test_a_role_that_is_not_among_the_levels_stays_as_it_is(small, review, editor):
    first, second, _ = (role.pk for role in roles_of(small))
    decide(review, editor, 0, "levels", levels={second: Level.LEAD})
    assert letters(small)[0] == "SL."
    decide(review, editor, 1, "levels", levels={first: None})
    assert letters(small)[1] == ".L."


def test_a_member_finds_out_by_a_day(small, review, editor, viewer):
    made = decide(review, editor, 0, "ask", owner=viewer.user_id, due=days.today())
    assert (made.owner, made.owner_name, made.due) == (viewer.user, "", days.today())
    assert made.is_open
    assert letters(small)[0] == "LS."


def test_somebody_without_an_account_finds_out(review, editor):
    made = decide(review, editor, 0, "ask", owner_name="  Priya ", **TOMORROW)
    assert (made.owner, made.owner_name) == (None, "Priya")


def test_a_row_is_left_open_with_or_without_somebody_who_sees_to_it(review, editor, viewer):
    assert decide(review, editor, 0, "open").due is None
    made = decide(review, editor, 1, "open", owner=viewer.user_id, owner_name="Vic", **TOMORROW)
    assert (made.owner, made.owner_name, made.due) == (viewer.user, "", TOMORROW["due"])


def test_a_row_without_a_lead_may_be_left_open_or_given_one(owner):
    matrix = make_matrix(owner, ".S", "SS")
    review = running(matrix, owner, 0, 1)
    assert decide(review, owner, 0, "open").lead is None
    assert decide(review, owner, 1, "lead", lead=0).lead_name == "Role 1"
    assert letters(matrix) == [".S", "LS"]


def test_a_row_that_is_not_on_the_agenda_can_be_decided_too(small, review, editor):
    decide(review, editor, 4)
    assert on_screen(review) == "Activity 1"


# --- what is refused


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("lead", {"lead": 0}, "Role 1 leads it already. Keep it as it is instead."),
        ("lead", {}, "Choose the role that leads it."),
        ("lead", {"lead": 10**6}, "That role is not in this matrix"),
        ("levels", {"levels": "LS."}, "Those are the levels of “Activity 1” already. Keep it as it is instead."),
        ("levels", {"levels": "LL."}, "Exactly one role leads an activity. Choose one."),
        ("levels", {"levels": "CS."}, "Somebody has to lead “Activity 1”."),
        ("ask", TOMORROW, "Say who finds out"),
        ("ask", {"owner_name": " ", **TOMORROW}, "Say who finds out"),
        ("ask", {"owner_name": "Priya"}, "Say by when"),
        ("ask", {"owner_name": "Priya", "due": days.today() - timedelta(days=1)}, "That day has passed"),
        ("ask", {"owner_name": "Priya", "due": date.max}, "too far off"),
        ("ask", {"owner_name": "x" * 201, **TOMORROW}, "Shorten it"),
        ("ask", {"owner": 10**6, **TOMORROW}, "no member of this workspace"),
        ("open", {"due": days.today() - timedelta(days=1)}, "That day has passed"),
        ("keep", {"note": "x" * 1_001}, "Shorten it"),
        ("keep", {"note": "\x00"}, "control character"),
    ],
)
def test_what_cannot_be_decided_says_why_and_changes_nothing(small, review, editor, kind, more, said):
    before = revision(small)
    with pytest.raises(Refused) as refused:
        decide(review, editor, 0, kind, **more)
    assert said in refused.value.sentence
    assert revision(small) == before
    assert not Decision.objects.exists()
    assert letters(small)[0] == "LS."


def test_a_row_that_nobody_leads_cannot_stay_as_it_is(owner):
    review = running(make_matrix(owner, ".S"), owner, 0)
    with pytest.raises(Refused, match="Nobody leads “Activity 1”"):
        decide(review, owner, 0)


def test_a_kind_that_is_none_is_malformed(review, editor):
    for kind in ("", "delete", "KEEP"):
        with pytest.raises(Malformed):
            decide(review, editor, 0, kind)
    with pytest.raises(Malformed):
        decide(review, editor, 0, "levels")


def test_who_left_the_workspace_finds_nothing_out(review, editor, ex_member):
    with pytest.raises(Refused, match="no member of this workspace any more"):
        decide(review, editor, 0, "ask", owner=ex_member.user_id, **TOMORROW)


def test_an_activity_that_was_removed_meanwhile_is_named(small, review, editor):
    gone = rows_of(small)[0].pk
    remove_activity(**to(small, editor), activity=gone)
    with pytest.raises(Refused, match="“Activity 1” is not in the matrix any more") as refused:
        decide(review, editor, 0, activity=gone)
    assert refused.value.status == 404


def test_nothing_is_decided_before_the_session_while_it_is_paused_or_after_it(small, editor):
    review = planned(small, 0)
    with pytest.raises(Conflict, match="has not begun"):
        decide(review, editor, 0)
    do("start", review, editor)
    do("pause", review, editor)
    with pytest.raises(Conflict, match="paused"):
        decide(review, editor, 0)
    with pytest.raises(Conflict, match="paused"):
        confirm_rest(review, editor)
    Review.objects.filter(pk=review.pk).update(state="ended")
    with pytest.raises(Conflict, match="has ended"):
        decide(review, editor, 0)


def test_only_editors_of_this_workspace_decide(review, viewer, reviewer, stranger, editor):
    made = decide(review, editor, 0)
    for member in (viewer, reviewer):
        with pytest.raises(Forbidden):
            decide(review, member, 1)
        with pytest.raises(Forbidden):
            take_back(review, member, made)
        with pytest.raises(Forbidden):
            confirm_rest(review, member)
        with pytest.raises(Forbidden):
            note(review, member, made, "No.")
    for work in (
        lambda: decide(review, stranger, 1),
        lambda: take_back(review, stranger, made),
        lambda: confirm_rest(review, stranger),
        lambda: note(review, stranger, made, "No."),
    ):
        with pytest.raises(Http404):
            work()
    assert Decision.objects.count() == 1


def test_a_review_of_another_matrix_is_not_found(review, owner):
    other = planned(make_matrix(owner, "L"), 0)
    with pytest.raises(Http404):
        deciding.decide(
            matrix=other.matrix_id,
            review=review.pk,
            sender=Sender(owner),
            activity=rows_of(other.matrix)[0].pk,
            kind="keep",
            seen=1,
        )


def test_nothing_is_decided_in_an_archived_matrix(small, review, owner):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        decide(review, owner, 0)


# --- two facilitators


def test_a_row_that_somebody_else_decided_meanwhile_is_not_decided_over(small, review, editor, owner):
    seen = revision(small)
    decide(review, owner, 0, "lead", lead=1, seen=seen)
    with pytest.raises(Conflict) as refused:
        decide(review, editor, 0, "lead", lead=2, seen=seen)
    assert refused.value.sentence == (
        "Olive Owner decided on “Activity 1” a moment before: Role 2 leads it. Nothing was changed."
    )
    assert letters(small)[0] == "SL."
    assert Decision.objects.get().by == owner.user


def test_ones_own_other_page_is_called_so(small, review, editor):
    seen = revision(small)
    decide(review, editor, 0, seen=seen)
    with pytest.raises(Conflict, match="You, on another page, decided on “Activity 1” a moment before: it stays"):
        decide(review, editor, 0, "open", seen=seen)


@pytest.mark.parametrize("kind", ["keep", "lead", "levels", "ask", "open"])
def test_a_row_whose_levels_changed_meanwhile_is_not_decided_on(small, review, editor, owner, kind):
    seen = revision(small)
    set_cell(small, owner, 0, 1, Level.LEAD)
    more = {"lead": {"lead": 2}, "levels": {"levels": "CIL"}, "ask": {"owner_name": "Priya", **TOMORROW}}.get(kind, {})
    with pytest.raises(Conflict) as refused:
        decide(review, editor, 0, kind, seen=seen, **more)
    assert refused.value.sentence == (
        "Olive Owner changed “Activity 1” a moment before: Role 2 leads it now. Nothing was changed; look again."
    )
    assert not Decision.objects.exists()


def test_what_changed_in_another_row_or_in_a_text_is_in_nobodys_way(small, review, editor, owner):
    seen = revision(small)
    set_cell(small, owner, 1, 0, Level.CONTRIBUTE)
    decide(review, owner, 2, seen=revision(small))
    assert decide(review, editor, 0, seen=seen).kind == "keep"


def test_a_decision_that_was_taken_back_is_in_nobodys_way(small, review, editor, owner):
    seen = revision(small)
    take_back(review, owner, decide(review, owner, 0, seen=seen))
    assert decide(review, editor, 0, "open", seen=seen).kind == "open"


def test_a_revision_that_never_was_is_malformed(small, review, editor):
    with pytest.raises(Malformed):
        decide(review, editor, 0, seen=revision(small) + 1)
