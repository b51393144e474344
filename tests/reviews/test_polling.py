"""Polls: opening, how names are treated, the link, closing."""

from datetime import timedelta

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices.operations import Sender, archive, set_level
from raci.notices.models import Outbox
from raci.reviews import invariants, polling
from raci.reviews.agreement import Result
from raci.reviews.answering import introduce, join_as_member
from raci.reviews.asking import ask
from raci.reviews.counting import progress
from raci.reviews.evidence import evidence_of
from raci.reviews.models import Answer, Evidence, Poll, Respondent
from raci.reviews.states import PollState
from raci.screens import leaving
from raci.screens.audit import lines
from raci.screens.due_tasks import due_tasks
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.links import find_open
from raci.workspaces.models import Access, AuditEvent, Link, Member
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, NAMED, about, asked, came, opened, says, sends

POLL = Link.Purpose.POLL


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI", stages=1)


@pytest.fixture
def made(small, editor):
    return opened(small, editor)


def closed(opened, member) -> Poll:
    return polling.close(poll=opened.poll.pk, by=member)


def due(name):
    """Does what is due of this name once, now."""
    return next(task for task in due_tasks() if task.name == name).work(timezone.now())


# ---- Opening


def test_a_poll_asks_about_the_activities_as_they_are_and_holds_no_level(made, small):
    poll = Poll.objects.get()
    assert [each["name"] for each in poll.asked["activities"]] == ["Activity 1", "Activity 2"]
    assert {each["stage"] for each in poll.asked["activities"]} == {"Stage 1"}
    assert [each["name"] for each in poll.asked["roles"]] == ["Role 1", "Role 2", "Role 3"]
    assert {key for each in poll.asked["activities"] for key in each} == {"id", "name", "stage", "description"}
    assert {key for each in poll.asked["roles"] for key in each} == {"id", "name"}


def test_its_link_lets_people_in_until_it_closes(made):
    link = find_open(POLL, made.token)
    assert link == made.poll.link
    assert link.expires_at == made.poll.until


def test_a_form_sent_twice_opens_one_poll(small, editor):
    until = timezone.now() + timedelta(days=7)
    first = opened(small, editor, key="k", until=until)
    again = opened(small, editor, key="k", until=until)
    assert (again.poll, again.token) == (first.poll, "")
    assert find_open(POLL, first.token)
    with pytest.raises(Refused, match="already sent"):
        opened(small, editor, key="k", until=until + timedelta(days=1))


def test_a_matrix_has_one_open_poll_at_a_time(made, small, editor):
    with pytest.raises(Conflict, match="is open"):
        opened(small, editor)
    closed(made, editor)
    assert opened(small, editor).poll.is_open


@pytest.mark.parametrize(("days", "is_fine"), [(0.04, False), (0.05, True), (92, True), (92.01, False)])
def test_a_poll_is_open_for_an_hour_at_least_and_three_months_at_most(small, editor, days, is_fine):
    with time_machine.travel(timezone.now(), tick=False):
        if is_fine:
            opened(small, editor, days=days)
        else:
            with pytest.raises(Refused, match="an hour at least"):
                opened(small, editor, days=days)


def test_there_must_be_something_to_ask(editor):
    with pytest.raises(Refused, match="which role leads"):
        opened(make_matrix(editor, roles=2), editor)


def test_no_poll_is_opened_about_an_archived_matrix(small, editor):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    with pytest.raises(Refused, match="archived"):
        opened(small, editor)


def test_editors_open_polls_of_their_own_workspace(small, reviewer, stranger):
    with pytest.raises(Forbidden):
        opened(small, reviewer)
    with pytest.raises(Http404):
        opened(small, stranger)
    assert not Poll.objects.exists()


@pytest.mark.parametrize("act", ["set_naming", "new_link", "revoke_link", "close"])
def test_editors_see_to_polls_of_their_own_workspace(made, reviewer, stranger, act):
    more = {"naming": FUNCTION} if act == "set_naming" else {}
    with pytest.raises(Forbidden):
        getattr(polling, act)(poll=made.poll.pk, by=reviewer, **more)
    with pytest.raises(Http404):
        getattr(polling, act)(poll=made.poll.pk, by=stranger, **more)
    assert Poll.objects.get().naming == NAMED
    assert Poll.objects.get().is_open
    assert find_open(POLL, made.token)


def test_what_leaves_the_house_and_what_is_closed_stands_in_the_audit_log(made, editor):
    polling.revoke_link(poll=made.poll.pk, by=editor)
    polling.revoke_link(poll=made.poll.pk, by=editor)
    closed(made, editor)
    kinds = AuditEvent.objects.filter(kind__startswith="poll.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["poll.opened", "poll.shared", "poll.revoked", "poll.closed"]


def test_the_audit_log_says_it_in_plain_words(made, editor, workspace):
    ask(poll=made.poll, by=editor, pasted="mei@example.org")
    polling.revoke_link(poll=made.poll.pk, by=editor)
    with time_machine.travel(made.poll.until, tick=False):
        polling.close_due(timezone.now())
    said = [line.text for line in reversed(lines(workspace)[0])]
    assert said[-5:] == [
        "Eddie Editor opened the poll “Who leads what?” about “Small”.",
        "Eddie Editor made a link to answer “Who leads what?” without an account.",
        "Eddie Editor asked 1 person to answer “Who leads what?” by mail.",
        "Eddie Editor revoked the link to answer “Who leads what?”.",
        "The poll “Who leads what?” about “Small” closed by itself.",
    ]


# ---- The link, and how names are treated


def test_a_new_link_takes_the_place_of_the_old_one(made, editor):
    again = polling.new_link(poll=made.poll.pk, by=editor)
    assert find_open(POLL, made.token) is None
    assert find_open(POLL, again.token)


def test_a_link_outlives_its_makers_access(made, editor, owner):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    assert find_open(POLL, made.token)
    Member.objects.filter(pk=editor.pk).delete()
    assert find_open(POLL, made.token)
    polling.revoke_link(poll=made.poll.pk, by=owner)
    assert find_open(POLL, made.token) is None


def test_a_poll_goes_on_when_the_account_of_its_opener_is_deleted(made, editor, owner):
    guest = came(made)
    leaving.delete_account(by=editor.user)
    assert find_open(POLL, made.token).user == owner.user
    says(guest, asked(made.poll)[0][0], "nobody")
    assert Poll.objects.get().opened_by is None


def test_naming_can_be_changed_until_somebody_has_answered(made, editor):
    guest = came(made)
    polling.set_naming(poll=made.poll.pk, by=editor, naming=FUNCTION)
    guest.refresh_from_db()
    assert (guest.joined_at, guest.name) == (None, "")
    other = came(made)
    says(other, asked(made.poll)[0][0], "nobody")
    with pytest.raises(Conflict, match="answered by now"):
        polling.set_naming(poll=made.poll.pk, by=editor, naming=NAMED)
    assert Poll.objects.get().naming == FUNCTION


def test_naming_stays_once_an_answer_was_given_that_is_not_sent(made, editor):
    says(came(made), asked(made.poll)[0][0], "unknown")
    assert not Respondent.objects.exclude(submitted_at=None).exists()
    with pytest.raises(Conflict):
        polling.set_naming(poll=made.poll.pk, by=editor, naming=FUNCTION)


# ---- Closing


def test_what_was_sent_is_counted_when_a_poll_closes(made, editor):
    activities, roles = asked(made.poll)
    for lead in (roles[0], roles[1]):
        guest = came(made, roles[2])
        says(guest, activities[0], lead, done="yes", skill="partly")
        sends(guest)
    says(came(made, "Legal"), activities[0], "nobody")  # never sent
    result = Result.read(closed(made, editor).result)
    assert (result.answered, result.asked) == (2, 3)
    assert result.rows[activities[0]].leads == {str(roles[0]): 1, str(roles[1]): 1}
    assert (result.rows[activities[1]].leads, result.rows[activities[1]].left) == ({}, 2)
    assert result.rows[activities[0]].health["done"] == {"yes": 2}
    assert result.rows[activities[0]].able[roles[0]]["skill"] == {"partly": 1}


def test_who_led_when_a_poll_closed_is_kept_with_it(made, small, editor):
    (first, second), roles = asked(made.poll)
    cell = {"matrix": small.pk, "sender": Sender(editor), "level": Level.LEAD}
    set_level(**cell, activity=first, role=roles[1], seen=1)
    poll = closed(made, editor)
    set_level(**cell, activity=first, role=roles[2], seen=2)
    assert Result.read(Poll.objects.get(pk=poll.pk).result).leads == {first: roles[1], second: roles[1]}


def test_the_evidence_of_a_matrix_is_its_last_closed_poll(made, small, editor):
    evidence = evidence_of(small)
    evidence.settled, evidence.health = [1], {"1": {}}
    evidence.save()
    poll = closed(made, editor)
    kept = Evidence.objects.get()
    assert (kept.poll, kept.settled, kept.health) == (poll, [], {"1": {}})


def test_closing_twice_changes_nothing(made, editor):
    first = closed(made, editor)
    again = closed(made, editor)
    assert again.closed_at == first.closed_at
    assert AuditEvent.objects.filter(kind="poll.closed").count() == 1


def test_a_closed_poll_takes_no_answer_and_nobody_in(made, editor, viewer):
    guest = came(made)
    activity = asked(made.poll)[0][0]
    says(guest, activity, "nobody")
    closed(made, editor)
    with pytest.raises(Conflict, match="closed"):
        says(guest, activity, "unknown")
    with pytest.raises(Conflict, match="closed"):
        sends(guest)
    with pytest.raises(Conflict, match="closed"):
        join_as_member(poll=made.poll.pk, by=viewer)
    with pytest.raises(Gone):
        came(made)
    assert not Answer.objects.exists()  # for it was never sent


@pytest.mark.parametrize("act", ["set_naming", "new_link", "revoke_link"])
def test_nothing_about_a_closed_poll_is_changed(made, editor, act):
    closed(made, editor)
    with pytest.raises(Conflict, match="closed"):
        getattr(polling, act)(poll=made.poll.pk, by=editor, **({"naming": FUNCTION} if act == "set_naming" else {}))


def test_all_links_end_with_the_poll(made, editor, viewer):
    ask(poll=made.poll, by=editor, pasted="mei@example.org", members=[viewer.user_id])
    closed(made, editor)
    links = Link.objects.filter(purpose=POLL)
    assert links.count() == 3
    assert not links.filter(revoked_at=None).exists()


def test_a_poll_by_function_keeps_nobody_who_answered(small, editor, viewer):
    made = opened(small, editor, FUNCTION)
    ask(poll=made.poll, by=editor, pasted="mei@example.org", members=[viewer.user_id])
    activities, roles = asked(made.poll)
    member, _ = join_as_member(poll=made.poll.pk, by=viewer)
    people = [came(made, roles[0]), came(made, "Legal"), member]
    introduce(respondent=member.pk, about=about(made.poll, roles[0]))
    for person in people:
        says(person, activities[0], roles[1])
        sends(person)
    poll = closed(made, editor)
    assert Result.read(poll.result).answered == 3
    assert not Answer.objects.exists()
    assert not Outbox.objects.exists()
    kept = Respondent.objects.values_list("user", "address", "name", "role", "function", "link", "mail")
    assert set(kept) == {(None, "", "", None, "", None, None)}
    digests = list(Respondent.objects.order_by("pk").values_list("digest", flat=True))
    assert digests == sorted(digests)  # in no order that tells who was asked first
    assert len(digests) == 3
    assert invariants.broken() == []


def test_a_poll_closes_by_itself(made, editor):
    with time_machine.travel(made.poll.until - timedelta(seconds=5), tick=False):
        assert "closed" not in due("polls")
        assert Poll.objects.get().is_open
    with time_machine.travel(made.poll.until, tick=False):
        assert due("polls") == "1 poll closed."
        assert due("polls") == ""
    poll = Poll.objects.get()
    assert poll.state == PollState.CLOSED
    assert Evidence.objects.get().poll == poll
    assert AuditEvent.objects.get(kind="poll.closed").by is None


def test_the_poll_of_a_deleted_workspace_is_left_alone(made, workspace):
    workspace.deleted_at = timezone.now()
    workspace.save()
    with time_machine.travel(made.poll.until, tick=False):
        assert polling.close_due(timezone.now()) == 0
    assert Poll.objects.get().is_open


def test_closing_takes_as_many_queries_for_many_people_as_for_few(editor, django_assert_max_num_queries):
    made = opened(make_matrix(editor, *["LS."] * 18), editor, FUNCTION)
    activities, roles = asked(made.poll)
    people = Respondent.objects.bulk_create(
        Respondent(poll=made.poll, role=roles[at % 3], joined_at=timezone.now(), submitted_at=timezone.now())
        for at in range(500)
    )
    Answer.objects.bulk_create(
        Answer(respondent=person, activity=activity, said="role", lead=roles[0], done="yes")
        for person in people
        for activity in activities
    )
    with django_assert_max_num_queries(30):
        poll = closed(made, editor)
    assert Result.read(poll.result).rows[activities[-1]].leads == {str(roles[0]): 500}
    assert not Answer.objects.exists()


# ---- How far it is


def test_how_far_it_is_says_how_many_of_each_function_have_sent(made, editor, viewer):
    activities, roles = asked(made.poll)
    ask(poll=made.poll, by=editor, pasted="mei@example.org")
    for place in (roles[1], roles[1], "Legal", "  legal "):
        came(made, place)
    sent = came(made, "Finance")
    says(sent, activities[0], "unknown")
    sends(sent)
    found = progress(made.poll)
    assert (found.asked, found.begun, found.sent) == (6, 5, 1)
    assert [(each.name, each.asked, each.sent) for each in found.functions] == [
        ("Role 2", 2, 0),
        ("Legal", 2, 0),
        ("Finance", 1, 1),
        ("", 1, 0),
    ]


def test_how_far_it_is_takes_one_query(made, django_assert_num_queries):
    for _ in range(3):
        came(made)
    with django_assert_num_queries(1):
        progress(made.poll)
