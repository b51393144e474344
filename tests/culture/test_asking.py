"""Assessments: who may open, answer, read, close and share; and that an answer is kept once, until it closes."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from culture import asking
from culture.asking import (
    LINK_LIFETIME,
    answer_as_guest,
    answer_as_member,
    answers_of,
    ask_others,
    bring_back,
    close,
    join,
    may_guest_read,
    may_manage,
    may_read_result,
    member_in,
    open_assessment,
    respondents_of,
    revoke_link,
    set_aside,
    share_result,
    visible_to,
)
from culture.entries import Function
from culture.models import Answer, Assessment, Respondent
from culture.scoring import Choice
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.links import find_open, is_open, new_token
from raci.workspaces.models import Access, Link, Member, Workspace
from tests.factories import MemberFactory
from tests.stress.together import together

STRATEGY, *OTHERS = Function
MARKET, SALES = Choice("market"), Choice("sales", "technology")


@pytest.fixture
def alone(editor):
    return open_assessment(by=editor, title="Alone", asks_others=False).assessment


@pytest.fixture
def opened(editor):
    return open_assessment(by=editor, title="Together", asks_others=True)


@pytest.fixture
def shared(opened):
    return opened.assessment


@pytest.fixture
def guest(opened):
    return join(link_token=opened.token, name="Gina Guest", group="Sales", token=new_token())


def all_four(member, assessment, but=()):
    for function in Function:
        if function not in but:
            answer_as_member(by=member, assessment=assessment.pk, function=function, choice=MARKET)


# ---- Opening


def test_an_editor_opens_one_and_a_reviewer_does_not(editor, reviewer):
    assert open_assessment(by=editor, title="Ours", asks_others=False).assessment.opened_by == editor.user
    with pytest.raises(Forbidden):
        open_assessment(by=reviewer, title="Ours", asks_others=False)
    assert Assessment.objects.count() == 1


def test_one_answered_alone_has_no_link(editor):
    opened = open_assessment(by=editor, title="Ours", asks_others=False)
    assert opened.token == ""
    assert not Link.objects.exists()


def test_a_link_ends_after_thirty_days_or_on_the_day_that_was_chosen(editor):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        usual = open_assessment(by=editor, title="Ours", asks_others=True).assessment.link
        chosen = open_assessment(by=editor, title="Two", asks_others=True, until=now + timedelta(days=2)).assessment
    assert usual.expires_at == now + LINK_LIFETIME
    assert chosen.link.expires_at == now + timedelta(days=2)


def test_a_form_sent_twice_opens_one_and_the_link_handed_out_still_works(editor):
    first, second = (open_assessment(by=editor, title="Ours", asks_others=True, key="a-key-of-it") for _ in range(2))
    assert first.assessment == second.assessment
    assert second.token == ""
    assert find_open(Link.Purpose.ASSESSMENT, first.token) is not None
    assert Link.objects.count() == 1


def test_a_form_sent_again_does_not_undo_that_its_link_was_revoked(editor):
    told = {"by": editor, "title": "Ours", "asks_others": True, "key": "a-key-of-it"}
    first = open_assessment(**told)
    revoke_link(assessment=first.assessment.pk, by=editor)
    assert open_assessment(**told).token == ""
    assert not is_open(Link.objects.get())


def test_the_same_key_of_another_person_opens_another(editor, owner):
    for member in (editor, owner):
        open_assessment(by=member, title="Ours", asks_others=False, key="a-key-of-it")
    assert Assessment.objects.count() == 2


# ---- Seeing and answering


def test_one_answered_alone_is_seen_by_its_opener_until_it_is_closed(alone, editor, owner):
    assert list(visible_to(editor)) == [alone]
    assert not visible_to(owner).exists()
    close(assessment=alone.pk, by=editor)
    assert list(visible_to(owner)) == [alone]


def test_one_that_asks_others_is_seen_by_every_member_and_by_nobody_else(shared, viewer, stranger):
    assert list(visible_to(viewer)) == [shared]
    assert not visible_to(stranger).exists()


def test_a_viewer_answers_where_others_are_asked(shared, viewer):
    answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=SALES)
    assert answers_of(member_in(shared, viewer)) == {STRATEGY: SALES}
    assert Respondent.objects.get().name == "Vic Viewer"


def test_nobody_else_answers_one_that_is_answered_alone(alone, owner, stranger):
    for member in (owner, stranger):
        with pytest.raises(Gone):
            answer_as_member(by=member, assessment=alone.pk, function=STRATEGY, choice=MARKET)
    assert not Respondent.objects.exists()


def test_an_answer_can_be_changed_and_is_kept_once(shared, viewer):
    for choice in (SALES, MARKET, Choice(None), MARKET):
        answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=choice)
    assert answers_of(member_in(shared, viewer)) == {STRATEGY: MARKET}
    assert Answer.objects.count() == 1


@pytest.mark.parametrize("choice", [Choice("sales", "sales"), Choice(None, "sales")])
def test_a_second_that_says_nothing_is_not_kept(shared, viewer, choice):
    answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=choice)
    assert answers_of(member_in(shared, viewer)) == {STRATEGY: Choice(choice.first)}


@pytest.mark.parametrize(
    "fields",
    [
        {"first_id": "sales", "second_id": "sales"},
        {"first_id": None, "second_id": "sales"},
        {"first_id": "sales", "function": "weather"},
    ],
)
def test_the_database_refuses_what_no_page_sends(guest, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(**{"respondent": guest, "function": STRATEGY, **fields})


def test_the_database_keeps_one_answer_to_a_question_and_one_respondent_for_a_member(shared, viewer, guest):
    answer_as_guest(respondent=guest, function=STRATEGY, choice=MARKET)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(respondent=guest, function=STRATEGY)
    answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=MARKET)
    for user, digest in ((viewer.user, ""), (None, guest.digest)):
        again = Respondent(assessment=shared, user=user, name="Again", digest=digest, joined_at=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()


@pytest.mark.django_db(transaction=True)
def test_six_answers_sent_at_once_are_one(shared, viewer):
    def send():
        answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=MARKET)

    together(*[send] * 6)
    assert (Respondent.objects.count(), Answer.objects.count()) == (1, 1)


# ---- Guests


def test_a_guest_joins_once_with_the_same_token(opened):
    token = new_token()
    first, second = (join(link_token=opened.token, name="Gina", group="Sales", token=token) for _ in range(2))
    assert first == second
    assert token not in str(Respondent.objects.values())


def test_joining_marks_the_link_as_used(opened, shared):
    assert shared.link.last_used_at is None
    join(link_token=opened.token, name="Gina", group="Sales", token=new_token())
    shared.link.refresh_from_db()
    assert shared.link.last_used_at is not None
    assert shared.link.used_at is None


@pytest.mark.parametrize("end", ["revoked", "replaced", "closed", "ended", "unknown", "account", "left", "demoted"])
def test_nobody_joins_by_a_link_that_is_dead_and_who_has_joined_may_still_answer(opened, shared, editor, guest, end):
    token, later = opened.token, timezone.now()
    match end:
        case "revoked":
            revoke_link(assessment=shared.pk, by=editor)
        case "replaced":
            ask_others(assessment=shared.pk, by=editor)
        case "closed":
            close(assessment=shared.pk, by=editor)
        case "ended":
            later += LINK_LIFETIME
        case "unknown":
            token = new_token()
        case "account":
            editor.user.is_active = False
            editor.user.save()
        case "left":
            Member.objects.filter(pk=editor.pk).delete()
        case "demoted":
            Member.objects.filter(pk=editor.pk).update(access=Access.REVIEWER)
    with time_machine.travel(later), pytest.raises(Gone):
        join(link_token=token, name="Late", group="Sales", token=new_token())
    if end != "closed":
        answer_as_guest(respondent=guest, function=STRATEGY, choice=MARKET)
    assert Respondent.objects.count() == 1


def test_a_token_of_a_guest_of_another_assessment_joins_nothing(opened, owner):
    other, token = open_assessment(by=owner, title="Other", asks_others=True), new_token()
    join(link_token=other.token, name="Gina", group="Sales", token=token)
    with pytest.raises(Gone):
        join(link_token=opened.token, name="Gina", group="Sales", token=token)


def test_the_last_respondent_that_fits_joins_and_the_next_is_told(opened, shared, monkeypatch):
    monkeypatch.setattr(asking, "RESPONDENT_LIMIT", 2)
    for name in ("One", "Two"):
        join(link_token=opened.token, name=name, group="Sales", token=new_token())
    with pytest.raises(Refused, match="no more fit"):
        join(link_token=opened.token, name="Three", group="Sales", token=new_token())
    assert shared.respondents.count() == 2


# ---- Reading


def test_while_it_is_open_the_result_is_for_those_with_all_four_answers(shared, viewer, editor):
    all_four(viewer, shared, but=[OTHERS[-1]])
    assert not may_read_result(shared, viewer)
    assert not may_read_result(shared, editor)  # its opener too
    answer_as_member(by=viewer, assessment=shared.pk, function=OTHERS[-1], choice=Choice(None))
    assert may_read_result(shared, viewer)


def test_once_closed_every_member_reads_it(shared, editor, viewer):
    shared = close(assessment=shared.pk, by=editor)
    assert may_read_result(shared, viewer)


def test_a_guest_reads_what_is_closed_and_shared_and_was_answered(shared, editor, guest, opened):
    silent = join(link_token=opened.token, name="Silent", group="Sales", token=new_token())
    answer_as_guest(respondent=guest, function=STRATEGY, choice=MARKET)
    assert not may_guest_read(shared, guest)
    shared = close(assessment=shared.pk, by=editor)
    assert not may_guest_read(shared, guest)
    shared = share_result(assessment=shared.pk, by=editor)
    assert may_guest_read(shared, guest)
    assert not may_guest_read(shared, silent)
    assert not may_guest_read(share_result(assessment=shared.pk, by=editor, share=False), guest)


def test_respondents_come_with_their_answers_in_two_queries(shared, viewer, guest, django_assert_num_queries):
    answer_as_guest(respondent=guest, function=STRATEGY, choice=SALES)
    all_four(viewer, shared)
    with django_assert_num_queries(2):
        first, second = respondents_of(shared)
    assert (first.name, first.group, first.answers) == ("Gina Guest", "Sales", {STRATEGY: SALES})
    assert (second.name, second.answers) == ("Vic Viewer", dict.fromkeys(Function, MARKET))


# ---- Managing


def test_the_opener_or_an_owner_manages_it_and_nobody_else(shared, editor, owner, reviewer, viewer):
    other = MemberFactory(workspace=editor.workspace, access=Access.EDITOR)
    assert may_manage(shared, editor)
    assert may_manage(shared, owner)
    for member in (other, reviewer, viewer):
        assert not may_manage(shared, member)
        for operation in (close, ask_others, revoke_link, share_result):
            with pytest.raises(Forbidden):
                operation(assessment=shared.pk, by=member)


def test_an_opener_who_is_no_editor_any_more_manages_nothing(shared, editor):
    editor.access = Access.REVIEWER
    assert not may_manage(shared, editor)


def test_a_stranger_manages_what_is_not_there(shared, stranger):
    for operation in (close, ask_others, revoke_link, share_result):
        with pytest.raises(Gone):
            operation(assessment=shared.pk, by=stranger)


def test_nothing_is_answered_or_asked_after_it_closed(shared, editor, viewer, guest):
    all_four(viewer, shared)
    with time_machine.travel("2026-11-22 10:00 +0000"):
        close(assessment=shared.pk, by=editor)
    for late in (
        lambda: answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=SALES),
        lambda: answer_as_guest(respondent=guest, function=STRATEGY, choice=SALES),
        lambda: ask_others(assessment=shared.pk, by=editor),
    ):
        with pytest.raises(Conflict, match="closed on 22 Nov 2026"):
            late()
    assert answers_of(member_in(shared, viewer))[STRATEGY] == MARKET
    assert not is_open(Link.objects.get())


def test_closing_twice_keeps_the_first_time_and_what_was_shared(shared, editor):
    first = close(assessment=shared.pk, by=editor, share=True)
    second = close(assessment=shared.pk, by=editor, share=False)
    assert (second.closed_at, second.is_shared) == (first.closed_at, True)


def test_an_open_one_is_not_shared(shared, editor):
    with pytest.raises(Conflict, match="Close the assessment first"):
        share_result(assessment=shared.pk, by=editor)


def test_one_answered_alone_can_ask_others_later(alone, editor, viewer):
    opened = ask_others(assessment=alone.pk, by=editor)
    assert find_open(Link.Purpose.ASSESSMENT, opened.token) is not None
    assert list(visible_to(viewer)) == [alone]


def test_a_workspace_goes_with_its_assessments(shared, guest, editor):
    answer_as_guest(respondent=guest, function=STRATEGY, choice=MARKET)
    Workspace.objects.filter(pk=editor.workspace_id).update(deleted_at=timezone.now())  # else its audit log holds it
    editor.workspace.delete()
    assert not Assessment.objects.exists()
    assert not Answer.objects.exists()


def test_answers_stay_when_their_people_go(shared, editor, viewer):
    all_four(viewer, shared)
    viewer.user.delete()
    editor.user.delete()
    assert [one.name for one in respondents_of(Assessment.objects.get())] == ["Vic Viewer"]


def test_whoever_was_demoted_or_left_since_the_page_was_opened_changes_nothing(shared, alone, editor, viewer):
    operations = [
        lambda by: open_assessment(by=by, title="Ours", asks_others=True),
        lambda by: ask_others(assessment=alone.pk, by=by),
        lambda by: revoke_link(assessment=shared.pk, by=by),
        lambda by: close(assessment=shared.pk, by=by),
    ]
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)  # the object still says editor
    for operation in operations:
        with pytest.raises(Forbidden):
            operation(editor)
    Member.objects.filter(pk__in=[editor.pk, viewer.pk]).delete()
    for operation in operations:
        with pytest.raises(Gone):
            operation(editor)
    with pytest.raises(Gone):
        answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=MARKET)
    assert Assessment.objects.filter(closed_at=None).count() == 2
    assert Link.objects.filter(revoked_at=None).count() == 1
    assert not Respondent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_joins_while_a_link_is_revoked_has_joined_before_or_not_at_all(opened, shared, editor):
    def come():
        join(link_token=opened.token, name="Gina", group="Sales", token=new_token())
        return timezone.now()

    *came, _ = together(*[come] * 4, lambda: revoke_link(assessment=shared.pk, by=editor))
    assert {type(one) for one in came} <= {type(timezone.now()), Gone}
    assert Respondent.objects.count() == sum(not isinstance(one, Gone) for one in came)
    with pytest.raises(Gone):
        come()


# ---- Set aside


def test_who_is_set_aside_counts_nowhere_until_brought_back(shared, editor, viewer, guest):
    all_four(viewer, shared)
    answer_as_guest(respondent=guest, function=STRATEGY, choice=SALES)
    for _ in range(2):
        set_aside(assessment=shared.pk, by=editor, respondent=guest.pk)
    assert [one.name for one in respondents_of(shared)] == ["Vic Viewer"]
    for _ in range(2):
        bring_back(assessment=shared.pk, by=editor, respondent=guest.pk)
    assert [one.name for one in respondents_of(shared)] == ["Gina Guest", "Vic Viewer"]


def test_who_is_set_aside_may_still_change_their_answers(shared, editor, viewer, guest):
    all_four(viewer, shared)
    for one in Respondent.objects.all():
        set_aside(assessment=shared.pk, by=editor, respondent=one.pk)
    answer_as_guest(respondent=guest, function=STRATEGY, choice=SALES)
    answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=SALES)
    assert answers_of(guest) == {STRATEGY: SALES}
    assert may_read_result(shared, viewer)
    assert respondents_of(shared) == ()


def test_somebody_can_be_set_aside_after_it_closed(shared, editor, owner, guest):
    close(assessment=shared.pk, by=editor)
    set_aside(assessment=shared.pk, by=owner, respondent=guest.pk)
    assert Respondent.objects.get().is_set_aside


@pytest.mark.parametrize("operation", [set_aside, bring_back])
def test_only_who_manages_it_sets_somebody_of_its_own_aside(shared, editor, reviewer, stranger, guest, operation):
    other = open_assessment(by=editor, title="Other", asks_others=True).assessment
    with pytest.raises(Forbidden):
        operation(assessment=shared.pk, by=reviewer, respondent=guest.pk)
    for by, assessment, respondent in (
        (stranger, shared.pk, guest.pk),
        (editor, other.pk, guest.pk),
        (editor, shared.pk, 999_999),
    ):
        with pytest.raises(Gone):
            operation(assessment=assessment, by=by, respondent=respondent)
    assert not Respondent.objects.get().is_set_aside
