"""Reviews in a calendar: the page, the file of one matrix, and the link by which a calendar program reads along."""

import logging
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive, rename_matrix
from raci.publishing import subscriptions, upkeeping
from raci.publishing.calendars import calendar_file
from raci.reviews.models import Review
from raci.workspaces.links import new_token
from raci.workspaces.models import Access, Link, Member
from tests.factories import make_matrix
from tests.publishing.making import answers, publish
from tests.screens import ical_lines

AGREED = datetime(2026, 3, 12, 9, tzinfo=UTC)
NASTY = 'Täglich; a,b\\c "q" BEGIN:VEVENT 😀 ' + "very long " * 12


@pytest.fixture
def agreed(owner) -> Matrix:
    with time_machine.travel(AGREED, tick=False):
        matrix = make_matrix(owner, "LS.", ".LI", name="Launch")
        publish(matrix, owner)
    return matrix


@pytest.fixture
def token(editor, agreed) -> str:
    return subscriptions.subscribe(by=editor)


def file_of(client, matrix):
    return client.get(reverse("review_ics", args=[matrix.workspace_id, matrix.pk]))


def link(token) -> str:
    return reverse("calendar_link", args=[token])


def events(answer) -> list:
    """What the library reads in it, and there is as much for who reads it line by line."""
    content = answer.content
    read = ical_lines.check(content)
    calendar = Calendar.from_ical(content)
    assert not calendar.errors
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"] == "-//Remit//Reviews//EN"
    found = calendar.walk("VEVENT")
    assert not any(event.errors for event in found)
    assert len(found) == len(read)
    return found


def page(client, workspace) -> str:
    return client.get(reverse("calendar", args=[workspace.pk])).text


# ---- One matrix


def test_the_file_has_the_review_as_one_whole_day(agreed, sign_in, viewer):
    answer = file_of(sign_in(viewer), agreed)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="review-launch.ics"'
    (event,) = events(answer)
    assert (event.start, event.end) == (date(2027, 3, 12), date(2027, 3, 13))
    assert event["SUMMARY"] == "Review “Launch”"
    assert event["DESCRIPTION"].startswith("Version 1 was agreed on 12 Mar 2026.")
    assert event["DTSTAMP"].dt == AGREED
    assert event["URL"].endswith(reverse("upkeep", args=[agreed.workspace_id, agreed.pk]))
    assert not event.walk("VALARM")


def test_the_same_review_is_the_same_file(agreed, sign_in, viewer, owner):
    first = file_of(sign_in(viewer), agreed).content
    with time_machine.travel(AGREED + timedelta(days=200), tick=False):
        assert file_of(sign_in(owner), agreed).content == first


def test_a_moved_date_keeps_its_event_and_raises_its_sequence(agreed, sign_in, owner):
    client, seen = sign_in(owner), []

    def look():
        (event,) = events(file_of(client, agreed))
        seen.append((str(event["UID"]), event["SEQUENCE"], event.start, event["DTSTAMP"].dt))

    look()
    for months in (6, 12):
        upkeeping.set_interval(matrix=agreed.pk, months=months, by=owner)
        look()
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    look()
    upkeeping.withdraw_change(matrix=agreed.pk, by=owner)
    look()
    publish(agreed, owner)
    look()
    assert len({uid for uid, *_ in seen}) == 1
    sequences = [sequence for _, sequence, *_ in seen]
    assert sequences == sorted(set(sequences))
    stamps = [stamp for *_, stamp in seen]
    assert stamps == sorted(stamps)
    assert seen[2][2] == seen[0][2] == date(2027, 3, 12)


def test_a_name_cannot_write_lines_of_its_own(agreed, sign_in, owner):
    rename_matrix(matrix=agreed.pk, sender=Sender(owner), name=NASTY)
    (event,) = events(file_of(sign_in(owner), agreed))
    assert event["SUMMARY"] == f"Review “{NASTY.strip()}”"


def test_the_name_of_a_calendar_is_written_as_the_standard_has_it():
    lines = calendar_file([], name="Launch; a,b\\c\nEND:VCALENDAR").decode().split("\r\n")
    written = r"Launch\; a\,b\\c\nEND:VCALENDAR"
    assert {f"NAME:{written}", f"X-WR-CALNAME:{written}"} <= set(lines)


def test_of_what_is_not_published_or_put_away_there_is_no_file(agreed, sign_in, owner):
    client = sign_in(owner)
    assert file_of(client, make_matrix(owner, "LS")).status_code == 404
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    assert file_of(client, agreed).status_code == 404


# ---- The page


def test_the_page_lists_reviews_by_their_days(agreed, owner, viewer, sign_in, workspace):
    publish(make_matrix(owner, "LS", name="Abroad"), owner)
    make_matrix(owner, "LS", name="Only a draft")
    upkeeping.set_interval(matrix=Matrix.objects.get(name="Abroad").pk, months=60, by=owner)
    text = page(sign_in(viewer), workspace)
    assert text.index("Launch") < text.index("Abroad") < text.index("Only a draft")
    assert '<time datetime="2027-03-12">12 Mar 2027</time>' in text
    assert "Not published yet: 1" in text


def test_without_any_review_the_page_says_how_one_comes(sign_in, viewer, workspace):
    assert "No review yet" in page(sign_in(viewer), workspace)


def test_a_new_link_is_shown_once_and_works(agreed, sign_in, viewer, workspace):
    client = sign_in(viewer)
    answer = client.post(reverse("calendar_link_new", args=[workspace.pk]))
    assert answer.url == reverse("calendar", args=[workspace.pk])
    shown = client.get(answer.url)
    (token,) = set(re.findall(r"/calendars/([\w-]{43})/", shown.text))
    assert f'value="http://testserver{link(token)}"' in shown.text
    assert f'href="webcal://testserver{link(token)}"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert token not in client.get(answer.url).text
    assert len(events(Client().get(link(token)))) == 1


def test_a_new_link_takes_the_place_of_the_old_one(agreed, sign_in, viewer, workspace):
    first = subscriptions.subscribe(by=viewer)
    second = subscriptions.subscribe(by=viewer)
    assert Client().get(link(first)).status_code == 410
    assert Client().get(link(second)).status_code == 200


def test_a_member_revokes_their_own_link_and_nobody_elses(agreed, token, sign_in, owner, editor, workspace):
    revoke = reverse("calendar_link_revoke", args=[workspace.pk])
    sign_in(owner).post(revoke)
    assert Client().get(link(token)).status_code == 200
    sign_in(editor).post(revoke)
    assert Client().get(link(token)).status_code == 410
    assert sign_in(editor).post(revoke).status_code == 302


def test_the_page_asks_as_often_for_many_matrices_as_for_one(agreed, owner, sign_in, workspace, viewer):
    client, counts = sign_in(viewer), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            page(client, workspace)
        counts.append(len(asked))
        for _ in range(3):
            publish(make_matrix(owner, "LS"), owner)
    assert counts[0] == counts[1] <= 12


# ---- Who comes by the link


def test_the_calendar_has_matrices_and_days_and_no_name_of_anybody(agreed, token, owner, viewer, workspace):
    answers(agreed, viewer, by=owner)
    upkeeping.declare_changed(matrix=agreed.pk, why="Olive left us", by=owner)
    answer = Client().get(link(token))
    (event,) = events(answer)
    assert event["SUMMARY"] == "Review “Launch”"
    text = answer.content.decode()
    for member in Member.objects.filter(workspace=workspace).select_related("user"):
        assert member.user.name not in text
        assert member.user.email not in text
    assert "Olive" not in text
    assert "Reviews of Acme" in text


def test_it_has_what_is_published_in_this_workspace_alone(agreed, token, owner, stranger, foreign_matrix):
    publish(foreign_matrix, stranger)
    make_matrix(owner, "LS", name="Only a draft")
    put_away = make_matrix(owner, "LS", name="Put away")
    publish(put_away, owner)
    archive(matrix=put_away.pk, sender=Sender(owner), archived=True)
    assert [event["SUMMARY"] for event in events(Client().get(link(token)))] == ["Review “Launch”"]


def test_an_empty_calendar_is_one_all_the_same(editor):
    assert events(Client().get(link(subscriptions.subscribe(by=editor)))) == []


def test_who_asks_again_is_told_if_nothing_changed(agreed, token, owner):
    first = Client().get(link(token))
    again = Client().get(link(token), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
    upkeeping.set_interval(matrix=agreed.pk, months=6, by=owner)
    changed = Client().get(link(token), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_link_lives_as_long_as_its_maker_is_a_member_whatever_they_may(agreed, token, editor, workspace):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    assert Client().get(link(token)).status_code == 200
    Member.objects.filter(pk=editor.pk).delete()
    assert Client().get(link(token)).status_code == 410


def test_a_dead_link_and_one_that_never_was_look_alike(agreed, token, editor):
    subscriptions.unsubscribe(by=editor)
    dead, unknown = Client().get(link(token)), Client().get(link(new_token()))
    assert dead.status_code == unknown.status_code == 410
    assert 'data-error="expired_link"' in dead.text
    assert dead.text.partition("<main")[2] == unknown.text.partition("<main")[2]


def test_a_token_of_another_purpose_opens_no_calendar(agreed, token, editor):
    Link.objects.update(purpose=Link.Purpose.DRAFT)
    assert Client().get(link(token)).status_code == 410


def test_that_a_program_asked_is_noted_once_an_hour(agreed, token):
    when = []
    for minutes in (0, 59, 61):
        with time_machine.travel(AGREED + timedelta(days=400, minutes=minutes), tick=False):
            Client().get(link(token))
        when.append(Link.objects.get().last_used_at)
    assert when[0] == when[1] < when[2]


def test_the_log_has_no_token(agreed, token, caplog):
    with caplog.at_level(logging.DEBUG):
        Client().get(link(token))
        Client().get(link("x" + token[1:]))
    assert token not in caplog.text


# ---- Planned sessions


def plan_session(matrix, title="Autumn review", **more) -> Review:
    at = datetime(2026, 11, 29, 9, tzinfo=UTC)
    return Review.objects.create(matrix=matrix, title=title, planned_at=at, **more)


def test_the_page_lists_the_sessions_that_are_planned_or_going_on(agreed, sign_in, viewer):
    planned = plan_session(agreed)
    going_on = plan_session(agreed, "Going on", state="running")
    over = [plan_session(agreed, f"Over {state}", state=state) for state in ("published", "cancelled")]
    text = page(sign_in(viewer), agreed.workspace)
    for review in (planned, going_on):
        assert reverse("review", args=[agreed.workspace_id, agreed.pk, review.pk]) in text
    for review in over:
        assert review.title not in text


def test_whoever_subscribed_has_sessions_beside_what_is_due(agreed, token):
    plan_session(agreed, place="Room 4; upstairs", moves=2)
    plan_session(agreed, NASTY, state="cancelled")
    found = events(Client().get(link(token)))
    assert [str(event["STATUS"]) for event in found if "STATUS" in event] == ["CONFIRMED", "CANCELLED"]
    session = found[1]
    assert (session["SUMMARY"], session["LOCATION"]) == ("Autumn review: Launch", "Room 4; upstairs")
    assert session["SEQUENCE"] == 2
    assert session.start == datetime(2026, 11, 29, 9, tzinfo=UTC)
    assert found[2]["SUMMARY"] == f"{NASTY}: Launch"


def test_sessions_elsewhere_and_of_what_is_archived_are_in_no_calendar(agreed, token, owner, foreign_matrix):
    plan_session(foreign_matrix, "Theirs")
    plan_session(agreed, "Put away")
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    assert events(Client().get(link(token))) == []
