"""How well a role can lead what it leads: who rates it, what is refused, and the way back."""

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import step_out, take_part
from raci.reviews.models import Evidence
from raci.reviews.ratings import Rated, rate, take_back
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from tests.factories import make_matrix


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS", "SL")


@pytest.fixture
def row(small):
    return small.activities.first().pk


@pytest.fixture
def lead(small):
    return small.roles.first().pk


def put(matrix, by, activity, role, skill=2, time=None, *, note="", seen=""):
    return rate(matrix=matrix.pk, by=by, activity=activity, role=role, rated=Rated(skill, time, note, seen))


def stands():
    """Skill and time of the one rating that is kept."""
    return [(rating["skill"], rating["time"]) for rating in Evidence.objects.get().ratings.values()]


def test_an_editor_rates_a_lead(small, row, lead, editor):
    put(small, editor, row, lead, 2, 4, note="New since March")
    rating = Evidence.objects.get().ratings[f"{row}:{lead}"]
    assert (rating["skill"], rating["time"], rating["note"], rating["by"]) == (2, 4, "New since March", editor.user_id)


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_who_fills_a_role_rates_it_whatever_else_they_may(small, row, lead, editor, who, request):
    member = request.getfixturevalue(who)
    with pytest.raises(Forbidden, match="Who fills Role 1 rates it, or an editor"):
        put(small, member, row, lead)
    take_part(matrix=small.pk, sender=Sender(editor), role=lead, user=member.user_id)
    put(small, member, row, lead, 4)
    assert stands() == [(4, None)]


def test_who_fills_another_role_does_not_rate_it(small, row, lead, editor, viewer):
    take_part(matrix=small.pk, sender=Sender(editor), role=small.roles.last().pk, user=viewer.user_id)
    with pytest.raises(Forbidden):
        put(small, viewer, row, lead)


def test_who_stepped_out_of_the_role_rates_it_no_more(small, row, lead, editor, viewer):
    take_part(matrix=small.pk, sender=Sender(editor), role=lead, user=viewer.user_id)
    step_out(matrix=small.pk, sender=Sender(editor), role=lead, user=viewer.user_id, seen=2)
    with pytest.raises(Forbidden):
        put(small, viewer, row, lead)


def test_only_what_it_leads_is_rated(small, row, lead, editor):
    with pytest.raises(Conflict, match="Another role than Role 2 answers for it now"):
        put(small, editor, row, small.roles.last().pk)
    set_level(matrix=small.pk, sender=Sender(editor), activity=row, role=lead, level=Level.SUPPORT, seen=1)
    with pytest.raises(Conflict):
        put(small, editor, row, lead)
    assert not Evidence.objects.filter(ratings__isnull=False).exclude(ratings={}).exists()


@pytest.mark.parametrize(("skill", "is_fine"), [(0, False), (1, True), (5, True), (6, False), (None, True)])
def test_a_mark_is_from_one_to_five(small, row, lead, editor, skill, is_fine):
    if not is_fine:
        with pytest.raises(Malformed):
            put(small, editor, row, lead, skill)
        return
    put(small, editor, row, lead, skill, 3)
    assert stands() == [(skill, 3)]


def test_a_note_is_one_line(small, row, lead, editor):
    with pytest.raises(Refused, match="one line"):
        put(small, editor, row, lead, note="two\nlines")


def test_sent_twice_it_is_rated_once(small, row, lead, editor):
    assert put(small, editor, row, lead, 3) == put(small, editor, row, lead, 3)


def test_what_somebody_else_rated_since_is_told_and_stays(small, row, lead, editor, owner):
    put(small, owner, row, lead, 5)
    with pytest.raises(Conflict, match="It was rated by Olive Owner meanwhile"):
        put(small, editor, row, lead, 1)
    assert stands() == [(5, None)]


def test_the_latest_can_be_taken_back_once(small, row, lead, editor):
    first = put(small, editor, row, lead, 2)
    second = put(small, editor, row, lead, 4, seen=first["at"])
    back = {"matrix": small.pk, "by": editor, "activity": row, "role": lead}
    with pytest.raises(Conflict, match="rated again since"):
        take_back(**back, rating=first["at"])
    take_back(**back, rating=second["at"])
    take_back(**back, rating=second["at"])
    assert stands() == [(2, None)]


def test_the_first_taken_back_leaves_none(small, row, lead, editor):
    first = put(small, editor, row, lead, 2)
    take_back(matrix=small.pk, by=editor, activity=row, role=lead, rating=first["at"])
    assert stands() == []


def test_nothing_of_another_workspace_is_there(small, row, lead, foreign_matrix, editor, stranger):
    theirs = foreign_matrix.activities.first().pk, foreign_matrix.roles.first().pk
    for matrix, by, activity, role in (
        (small, stranger, row, lead),
        (small, editor, theirs[0], lead),
        (small, editor, row, theirs[1]),
    ):
        with pytest.raises(Http404):
            put(matrix, by, activity, role)


def test_nothing_is_rated_in_an_archived_matrix(small, row, lead, editor):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    with pytest.raises(Conflict, match="archived"):
        put(small, editor, row, lead)
