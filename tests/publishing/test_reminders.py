"""Reminders of reviews: 30 and 7 days before and when overdue, once each, to those whose work it is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.notices.models import Notice
from raci.notices.notices import KEPT, mail_notices, tidy
from raci.publishing import upkeeping
from raci.publishing.models import Publication
from raci.publishing.reminders import AFTER, FIRST, LAST, write_reminders
from raci.workspaces.models import Member
from tests.factories import make_matrix
from tests.publishing.making import answers, publish

AGREED = datetime(2026, 3, 12, 9, tzinfo=UTC)  # so the review is due on 12 March 2027


@pytest.fixture
def agreed(owner) -> Matrix:
    with time_machine.travel(AGREED, tick=False):
        matrix = make_matrix(owner, "LS.", ".LI", "L..", name="Launch")
        publish(matrix, owner)
    return matrix


def at(*when):
    return datetime(*when, tzinfo=UTC)


def told(*when) -> list[str]:
    """What is written on that day, one text for each notice."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(at(*when), tick=False):
        write_reminders(timezone.now())
    return list(Notice.objects.exclude(pk__in=before).values_list("text", flat=True))


def test_each_reminder_comes_once_on_its_day(agreed, owner):
    assert told(2027, 2, 9, 23) == []
    (first,) = told(2027, 2, 10, 1)
    assert "due on 12 Mar 2027, in 30 days" in first
    assert told(2027, 2, 10, 2) == told(2027, 3, 4, 23) == []
    (second,) = told(2027, 3, 5, 0)
    assert "in 7 days" in second
    assert told(2027, 3, 12, 23) == []
    (last,) = told(2027, 3, 13, 0)
    assert last.startswith("The review of “Launch” is overdue: it was due on 12 Mar 2027.")
    assert told(2027, 3, 14, 0) == told(2027, 5, 1) == told(2028, 3, 1) == []


def test_it_stays_once_though_old_notices_are_forgotten(agreed, owner):
    told(2027, 3, 13)
    with time_machine.travel(at(2027, 3, 13, 1), tick=False):
        mail_notices(timezone.now())
    tidy(at(2027, 3, 13, 1) + KEPT + timedelta(seconds=1))
    assert not Notice.objects.exists()
    assert told(2027, 4, 13) == []
    assert max(FIRST - LAST, LAST, AFTER) < KEPT.days


def test_owners_editors_and_who_answers_for_a_role_are_told(agreed, owner, editor, reviewer, viewer, stranger):
    with time_machine.travel(AGREED + timedelta(days=1), tick=False):
        answers(agreed, viewer, by=owner)
    assert len(told(2027, 2, 10)) == 3
    heard = set(Notice.objects.values_list("member__user__name", flat=True))
    assert heard == {"Olive Owner", "Eddie Editor", "Vic Viewer"}
    assert Notice.objects.first().url == f"/w/{agreed.workspace_id}/matrices/{agreed.pk}/upkeep/"


def test_who_left_is_not_told(agreed, owner, editor):
    Member.objects.filter(pk=editor.pk).delete()
    assert len(told(2027, 2, 10)) == 1


def test_a_new_version_begins_a_new_year(agreed, owner):
    assert told(2027, 2, 10)
    with time_machine.travel(at(2027, 2, 20), tick=False):
        publish(agreed, owner)
    assert told(2027, 3, 5) == told(2027, 3, 13) == []
    (again,) = told(2028, 1, 21)
    assert "20 Feb 2028" in again


def test_a_date_that_is_put_off_is_told_again_at_its_own_time(agreed, owner):
    assert told(2027, 2, 10)
    with time_machine.travel(at(2027, 2, 11), tick=False):
        upkeeping.set_interval(matrix=agreed.pk, months=14, by=owner)
    assert told(2027, 2, 12) == told(2027, 3, 13) == []
    (again,) = told(2027, 4, 12)
    assert "12 May 2027" in again


def test_where_the_time_was_shortened_only_what_is_left_is_told(agreed, owner):
    with time_machine.travel(at(2026, 6, 8), tick=False):
        upkeeping.set_interval(matrix=agreed.pk, months=3, by=owner)
    (only,) = told(2026, 6, 8, 1)
    assert "in 4 days" in only


@pytest.mark.parametrize(("agreed_on", "first"), [((2026, 4, 12), 7), ((2026, 2, 12), 7), ((2026, 3, 12), 30)])
def test_with_a_month_between_no_reminder_goes_out_on_the_day_of_publishing(owner, agreed_on, first):
    with time_machine.travel(at(*agreed_on, 9), tick=False):
        matrix = make_matrix(owner, "LS", name="Launch")
        publish(matrix, owner)
        upkeeping.set_interval(matrix=matrix.pk, months=1, by=owner)
    assert told(*agreed_on, 10) == []
    days = (at(*agreed_on) + timedelta(days=number) for number in range(1, 28))
    texts = [text for on in days for text in told(on.year, on.month, on.day, 10)]
    assert f"in {first} days" in texts[0]
    assert "in 7 days" in texts[-1]


def test_a_declared_change_is_told_at_once(agreed, owner):
    with time_machine.travel(at(2026, 6, 8), tick=False):
        upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    (text,) = told(2026, 6, 8, 1)
    assert "strategy or culture changed on 8 Jun 2026" in text
    assert told(2026, 6, 9) == []


def test_of_a_matrix_that_is_put_away_or_unpublished_nothing_is_told(agreed, owner):
    make_matrix(owner, "LS", name="Draft")
    Publication.objects.create(matrix=Matrix.objects.get(name="Draft"))
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    assert told(2027, 2, 10) == []


def test_of_a_deleted_workspace_nothing_is_told(agreed, workspace):
    workspace.deleted_at = timezone.now()
    workspace.save()
    assert told(2027, 2, 10) == []


@override_settings(TIME_ZONE="Pacific/Auckland")
def test_the_day_begins_where_the_server_is(agreed):
    assert told(2027, 2, 9, 10, 59) == []  # 23:59 there
    assert len(told(2027, 2, 9, 11, 0)) == 1


def test_a_leap_day_is_agreed_again_on_the_last_of_february(owner):
    with time_machine.travel(at(2028, 2, 29), tick=False):
        publish(make_matrix(owner, "LS"), owner)
    assert told(2029, 1, 28) == []
    assert len(told(2029, 1, 29)) == 1
    assert len(told(2029, 2, 21)) == 1
    assert len(told(2029, 3, 1)) == 1
