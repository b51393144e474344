"""When a review is due: so many months after the version, on the last day of a shorter month, in the server's zone."""

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from raci.publishing.due import NextReview, ago, day_of, months_after, next_review, review_of, why
from raci.publishing.models import Publication, Version

BERLIN = {"TIME_ZONE": "Europe/Berlin"}


def published(*at, months=12, changed_at=None, why=""):
    version = Version(number=1, published_at=datetime(*at, tzinfo=UTC))
    return Publication(months=months, changed_at=changed_at, changed_why=why), version


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 3, 12), 12, date(2027, 3, 12)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 1, 15), 60, date(2031, 1, 15)),
    ],
)
def test_the_same_day_so_many_months_later_or_the_last_of_a_shorter_month(start, months, expected):
    assert months_after(start, months) == expected


def test_a_review_is_due_a_year_after_the_version():
    assert next_review(*published(2026, 3, 12, 9)) == date(2027, 3, 12)


@override_settings(**BERLIN)
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 12, 22, 59, tzinfo=UTC), date(2026, 3, 12)),
        (datetime(2026, 3, 12, 23, 0, tzinfo=UTC), date(2026, 3, 13)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),  # the day summer time begins
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),  # the day it ends
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_the_day_is_that_of_the_server(moment, day):
    assert day_of(moment) == day


def test_a_declared_change_makes_it_due_at_once():
    changed = datetime(2026, 6, 1, 10, tzinfo=UTC)
    publication, version = published(2026, 3, 12, 9, changed_at=changed, why="We sell through partners")
    review = review_of(publication, version)
    assert review == NextReview(date(2026, 6, 1), date(2026, 3, 12), is_declared=True)
    assert review.is_overdue(date(2026, 6, 1))
    assert [review.said(date(2026, 6, day)) for day in (1, 2)] == ["due now", "overdue by 1 day"]
    assert [review.is_now(date(2026, 6, day)) for day in (1, 2)] == [True, False]
    assert why(review, publication) == "Strategy or culture changed on 1 Jun 2026: “We sell through partners”."


def test_a_change_before_the_version_is_in_the_version():
    changed = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert next_review(*published(2026, 3, 12, 9, changed_at=changed)) == date(2027, 3, 12)


def test_a_change_after_it_was_due_does_not_put_it_off():
    changed = datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert next_review(*published(2026, 3, 12, 9, months=1, changed_at=changed)) == date(2026, 4, 12)


@pytest.mark.parametrize(
    ("today", "said", "soon", "overdue"),
    [
        (date(2027, 2, 9), "due in 31 days", False, False),
        (date(2027, 2, 10), "due in 30 days", True, False),
        (date(2027, 3, 11), "due in 1 day", True, False),
        (date(2027, 3, 12), "due today", True, False),
        (date(2027, 3, 13), "overdue by 1 day", False, True),
        (date(2027, 5, 1), "overdue by 50 days", False, True),
    ],
)
def test_how_near_it_is(today, said, soon, overdue):
    review = NextReview(date(2027, 3, 12), date(2026, 3, 12))
    assert (review.said(today), review.is_soon(today), review.is_overdue(today)) == (said, soon, overdue)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (date(2026, 11, 22), "today"),
        (date(2026, 11, 21), "1 day ago"),
        (date(2026, 10, 23), "30 days ago"),
        (date(2026, 10, 22), "1 month ago"),
        (date(2025, 10, 23), "12 months ago"),
        (date(2025, 10, 22), "13 months ago"),
    ],
)
def test_how_long_ago_in_whole_months(then, expected):
    assert ago(then, date(2026, 11, 22)) == expected
