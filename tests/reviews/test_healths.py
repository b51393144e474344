"""How it goes with an activity, set by hand: who may, what is refused, and the way back."""

from datetime import date, timedelta

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.store import read_grid
from raci.reviews.evidence import healths
from raci.reviews.health import Question
from raci.reviews.healths import KEPT, Change, set_health, take_back
from raci.reviews.models import Evidence
from raci.web import days
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix

TODAY = date(2026, 6, 12)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS", "SL")


def said(answer="no", question=Question.DONE, *, seen="", note="", on=TODAY, lead=None):
    return Change(question=question, answer=answer, note=note, on=on, seen=seen, lead=lead)


def put(matrix, by, change, activity=None):
    row = activity or matrix.activities.first().pk
    return set_health(matrix=matrix.pk, by=by, activity=row, change=change)


def stands(matrix, question=Question.DONE):
    """What is known of the first activity, read anew."""
    fresh = type(matrix).objects.get(pk=matrix.pk)
    health = healths(fresh, read_grid(fresh)).get(matrix.activities.first().pk, {})
    return health[question].answer if question in health else ""


def test_an_editor_sets_an_answer_with_a_note_and_a_day(small, editor):
    put(small, editor, said("partly", note="Only in May", on=TODAY - timedelta(3)))
    (kept,) = Evidence.objects.get().health[str(small.activities.first().pk)]["done"]
    assert (kept["answer"], kept["note"], kept["on"], kept["by"]) == (
        "partly",
        "Only in May",
        "2026-06-09",
        editor.user_id,
    )
    assert stands(small) == "partly"


def test_the_latest_answer_stands_and_those_before_are_kept(small, editor):
    first = put(small, editor, said("no"))
    put(small, editor, said("yes", seen=first["at"]))
    kept = Evidence.objects.get().health[str(small.activities.first().pk)]["done"]
    assert [entry["answer"] for entry in kept] == ["yes", "no"]
    assert stands(small) == "yes"


def test_only_the_last_twenty_are_kept(small, editor):
    seen = ""
    for turn in range(KEPT + 2):
        seen = put(small, editor, said("yes" if turn % 2 else "no", seen=seen))["at"]
    kept = Evidence.objects.get().health[str(small.activities.first().pk)]["done"]
    assert len(kept) == KEPT
    assert kept[0]["at"] == seen


def test_sent_twice_it_is_set_once(small, editor):
    first = put(small, editor, said("no", note="None at all"))
    assert put(small, editor, said("no", note="None at all")) == first
    assert len(Evidence.objects.get().health[str(small.activities.first().pk)]["done"]) == 1


def test_what_somebody_else_set_since_is_told_and_stays(small, editor, owner):
    put(small, owner, said("yes"))
    with pytest.raises(Conflict, match="It is “Yes” by now, as of 12 Jun 2026, set by Olive Owner"):
        put(small, editor, said("no"))
    assert stands(small) == "yes"


def test_ones_own_other_page_is_told_too(small, editor):
    put(small, editor, said("yes"))
    with pytest.raises(Conflict, match="set by you, on another page"):
        put(small, editor, said("no"))


def test_it_can_be_said_that_nothing_is_known_any_more(small, editor):
    first = put(small, editor, said("no"))
    put(small, editor, said("", seen=first["at"]))
    assert stands(small) == ""


def test_a_day_to_come_is_refused(small, editor):
    put(small, editor, said(on=TODAY))
    with pytest.raises(Refused, match="That day is still to come"):
        put(small, editor, said("yes", on=TODAY + timedelta(1)))


def test_an_answer_that_there_is_not_is_refused(small, editor):
    with pytest.raises(Malformed):
        put(small, editor, said("perhaps"))


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_who_may_only_look_sets_nothing(small, who, request):
    with pytest.raises(Forbidden):
        put(small, request.getfixturevalue(who), said())
    assert not Evidence.objects.exists()


def test_who_was_demoted_meanwhile_sets_nothing(small, editor):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    with pytest.raises(Forbidden):
        put(small, editor, said())


def test_neither_a_strange_matrix_nor_a_strange_activity_is_there(small, foreign_matrix, editor, stranger):
    with pytest.raises(Http404):
        put(small, stranger, said())
    with pytest.raises(Http404):
        put(small, editor, said(), foreign_matrix.activities.first().pk)
    assert not Evidence.objects.exists()


def test_nothing_is_set_in_an_archived_matrix(small, editor):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    with pytest.raises(Conflict, match="archived"):
        put(small, editor, said())


def test_skill_and_time_are_of_the_role_that_leads(small, editor):
    lead, other = small.roles.all()
    put(small, editor, said("no", Question.TIME, lead=lead.pk))
    assert stands(small, Question.TIME) == "no"
    row = small.activities.first().pk
    set_level(matrix=small.pk, sender=Sender(editor), activity=row, role=other.pk, level=Level.LEAD, seen=1)
    assert stands(small, Question.TIME) == ""


def test_skill_is_not_said_of_another_role_than_was_looked_at(small, editor):
    lead, other = small.roles.all()
    row = small.activities.first().pk
    set_level(matrix=small.pk, sender=Sender(editor), activity=row, role=other.pk, level=Level.LEAD, seen=1)
    with pytest.raises(Conflict, match=f"{other.name} answers for it now"):
        put(small, editor, said("no", Question.SKILL, lead=lead.pk))
    set_level(matrix=small.pk, sender=Sender(editor), activity=row, role=other.pk, level=None, seen=2)
    with pytest.raises(Conflict, match="Nobody answers for it any more"):
        put(small, editor, said("no", Question.SKILL, lead=other.pk))


def test_the_latest_can_be_taken_back(small, editor):
    row = small.activities.first().pk
    first = put(small, editor, said("no"))
    second = put(small, editor, said("yes", seen=first["at"]))
    with pytest.raises(Conflict, match="set again since"):
        take_back(matrix=small.pk, by=editor, activity=row, question=Question.DONE, entry=first["at"])
    for _ in range(2):  # sent twice, it is taken back once
        take_back(matrix=small.pk, by=editor, activity=row, question=Question.DONE, entry=second["at"])
    assert stands(small) == "no"
    take_back(matrix=small.pk, by=editor, activity=row, question=Question.DONE, entry=first["at"])
    assert stands(small) == ""
    assert Evidence.objects.get().health == {}


def test_who_may_only_look_takes_nothing_back(small, editor, viewer):
    entry = put(small, editor, said("no"))["at"]
    with pytest.raises(Forbidden):
        take_back(matrix=small.pk, by=viewer, activity=small.activities.first().pk, question=Question.DONE, entry=entry)
    assert stands(small) == "no"
