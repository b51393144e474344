"""The page of the reviews of a matrix, planning a session, and its file for calendars."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from raci.matrices.operations import Sender, archive
from raci.matrices.people import take_part
from raci.notices.models import Notice
from raci.reviews import agendas
from raci.reviews.models import Decision, Evidence, Participant, Poll, Review
from raci.screens.due_tasks import due_tasks
from tests.factories import make_matrix
from tests.reviews.polls import answered, closed, opened
from tests.screens import ical_lines

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
HOSTILE = "<b>\u202eevil</b> {{ 7 }}"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def url(name, matrix, *ids) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def page(client, matrix, query="") -> str:
    answer = client.get(url("reviews", matrix) + query)
    assert answer.status_code == 200
    return " ".join(answer.text.partition("<main")[2].split())


def make_review(matrix, **more) -> Review:
    return Review.objects.create(matrix=matrix, **{"title": "Autumn review", "planned_at": AT, **more})


def figures(agreed, errors) -> dict:
    return {"agreed": [agreed, 18], "errors": errors, "warnings": 3, "departures": 1, "healthy": [0, 0]}


def sent(**more) -> dict:
    values = {"title": "Autumn review", "day": "2026-11-29", "at": "10:00", "minutes": "90", "place": "Room 4"}
    return {**values, **more}


# ---- The page


@pytest.fixture
def contested(owner) -> Iterator[Poll]:
    """An open poll: of two rows, the Lead of the first does not know. It closes at a moment of its own, for what a poll
    says is kept by its id and that moment."""
    with time_machine.travel(NOW + timedelta(minutes=7), tick=False):
        poll = opened(owner, make_matrix(owner, "LSC", "LSC"))
        first, second, third = (role["id"] for role in poll.asked["roles"])
        for role in (first, second, third):
            answered(poll, role, [second, first])
        yield poll


def test_an_empty_page_says_what_belongs_there_and_how_to_begin(matrix, sign_in, owner, viewer):
    text = page(sign_in(owner), matrix)
    assert f'<a class="button is-primary" href="{url("poll_new", matrix)}">Ask first</a>' in text
    assert url("poll_new", matrix) not in page(sign_in(viewer), matrix)


def test_what_is_held_and_what_is_planned_stands_on_top(matrix, sign_in, viewer):
    running = make_review(matrix, state="running", started_at=NOW, title="Going on")
    later = make_review(matrix, planned_at=AT + timedelta(days=9), title="Later")
    sooner = make_review(matrix, title="Sooner")
    text = page(sign_in(viewer), matrix)
    places = [text.index(part) for part in (url("session", matrix, running.pk), "Sooner", "Later")]
    assert places == sorted(places)
    assert url("review", matrix, sooner.pk) in text
    assert url("review", matrix, later.pk) in text


def test_one_that_has_ended_waits_for_its_result_and_a_past_one_is_kept(matrix, sign_in, viewer):
    ended = make_review(matrix, state="ended", ended_at=NOW)
    make_review(matrix, state="cancelled", title="Called off")
    text = page(sign_in(viewer), matrix)
    assert url("result", matrix, ended.pk) in text
    assert "It waits to be signed and published." in text
    assert "Called off" in text


def test_a_past_one_stands_with_the_day_on_which_it_was_held(matrix, sign_in, viewer):
    held = {"started_at": NOW - timedelta(days=3), "ended_at": NOW - timedelta(days=2), "state": "published"}
    review = make_review(matrix, **held)
    make_review(matrix, title="Called off", state="cancelled", planned_at=NOW - timedelta(days=9))
    text = page(sign_in(viewer), matrix)
    assert text.index("20 Nov 2026") < text.index("13 Nov 2026")
    assert "29 Nov 2026" not in text
    Review.objects.filter(pk=review.pk).update(state="ended")
    waiting = sign_in(viewer).get(url("session", matrix, review.pk)).text
    assert "20 Nov 2026" in waiting
    assert "29 Nov 2026" not in waiting


def test_polls_are_listed_with_how_many_answered(matrix, sign_in, viewer):
    poll = Poll.objects.create(matrix=matrix, title="Who leads what?", asked={}, until=NOW + timedelta(days=5))
    for name, at in (("Ada", NOW), ("Bo", None), ("Cy", None)):
        poll.respondents.create(name=name, submitted_at=at)
    text = page(sign_in(viewer), matrix)
    assert "1 of 3 answered · open until" in text
    assert url("poll", matrix, poll.pk) in text


def test_reviews_are_compared_over_time_as_charts_that_say_their_numbers(matrix, sign_in, viewer):
    for back, known in ((700, figures(6, 4)), (350, figures(12, 1)), (1, figures(15, 0))):
        at = NOW - timedelta(days=back)
        make_review(matrix, state="published", planned_at=at, ended_at=at, figures=known)
    text = page(sign_in(viewer), matrix)
    said = "Activities all agree on: 6 of 18 on 22 Dec 2024, 12 of 18 on 7 Dec 2025 and 15 of 18 on 21 Nov 2026."
    assert f'role="img" aria-label="{said}"' in text
    assert 'aria-label="Errors: 4 on 22 Dec 2024, 1 on 7 Dec 2025 and 0 on 21 Nov 2026."' in text
    assert text.count("<svg viewBox") == 4  # nothing is known of health
    points = re.findall(r'points="([^"]+)"', text)
    assert points[0] == "6.0,40.7 120.2,23.3 234.0,14.7"
    assert points[1].endswith(" 234.0,58.0")


def test_a_session_that_was_not_held_is_in_no_chart(matrix, sign_in, viewer):
    make_review(matrix, figures=figures(6, 4))
    assert "<figure" not in page(sign_in(viewer), matrix)


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_as_many_queries_however_much_there_is(matrix, sign_in, viewer, owner, count):
    row = matrix.activities.first()
    for n in range(count):
        at = NOW - timedelta(days=30 * n)
        review = make_review(matrix, state="published", ended_at=at, figures=figures(6, n))
        Decision.objects.create(review=review, activity=row.pk, name=row.name, kind="ask", owner=owner.user)
        Poll.objects.create(matrix=matrix, title="Who?", asked={}, until=NOW)
    client = sign_in(viewer)
    with CaptureQueriesContext(connection) as asked:
        page(client, matrix)
    assert len(asked) <= 7


def test_nobody_plans_in_an_archived_matrix_but_everybody_reads(matrix, sign_in, owner):
    make_review(matrix, state="published", ended_at=NOW)
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    client = sign_in(owner)
    assert url("review_new", matrix) not in page(client, matrix)
    assert client.get(url("review_new", matrix)).status_code == 409


# ---- Planning


def test_a_new_session_is_proposed_with_those_who_fill_a_role_and_the_last_poll(matrix, sign_in, owner, viewer):
    role = matrix.roles.first()
    take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=viewer.user_id)
    closed = {"asked": {}, "until": NOW, "closed_at": NOW, "state": "closed"}
    poll = Poll.objects.create(matrix=matrix, title="Who leads what?", **closed)
    Evidence.objects.create(matrix=matrix, poll=poll)
    text = sign_in(owner).get(url("review_new", matrix)).text
    assert 'value="Review, November 2026"' in text
    assert 'value="2026-11-29"' in text
    assert set(re.findall(r'name="people" value="(\d+)"[^>]* checked', text)) == {
        str(owner.user_id),
        str(viewer.user_id),
    }
    assert f'<option value="{poll.pk}" selected>Who leads what?, closed on 22 Nov 2026</option>' in text


def test_a_poll_that_is_open_is_offered_and_proposed(matrix, sign_in, owner):
    poll, client = opened(owner, matrix), sign_in(owner)
    said = "Who leads what?, once it is closed</option>"
    assert f'<option value="{poll.pk}" selected>{said}' in client.get(url("review_new", matrix)).text
    client.post(url("review_new", matrix), sent(poll=poll.pk))
    shown = client.get(url("review", matrix, Review.objects.get().pk)).text
    assert "<bdi>Who leads what?</bdi></a></p>" in shown
    assert "Once it is closed, the session looks at what was answered." in shown


def test_it_is_planned_in_the_zone_of_who_plans_it(matrix, sign_in, owner, viewer):
    owner.user.time_zone = "Europe/Berlin"
    owner.user.save()
    client = sign_in(owner)
    assert "In Europe/Berlin." in client.get(url("review_new", matrix)).text
    answer = client.post(url("review_new", matrix), sent(people=[viewer.user_id]))
    review = Review.objects.get()
    assert answer.headers["Location"] == url("review", matrix, review.pk)
    assert (review.planned_at, review.minutes, review.place) == (AT, 90, "Room 4")
    assert [one.user for one in Participant.objects.all()] == [viewer.user]
    assert "asks you to" in Notice.objects.get(member=viewer).text


def test_the_agenda_is_made_with_it(matrix, sign_in, owner):
    row = matrix.activities.first()
    row.assignments.all().delete()
    sign_in(owner).post(url("review_new", matrix), sent())
    first = Review.objects.get().items.first()
    assert (first.activity, first.reasons[0]["rule"]) == (row.pk, "R3")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": " "}, "Give it a title"),
        ({"day": "soon"}, "Write the day as"),
        ({"day": "2026-11-21"}, "Choose a day and time to come"),
        ({"at": ""}, "Choose a time."),
        ({"minutes": "1"}, "from 5 to 480"),
        ({"people": ["999999"]}, "not in this workspace any more"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_written(matrix, sign_in, owner, wrong, says):
    answer = sign_in(owner).post(url("review_new", matrix), sent(**wrong))
    assert answer.status_code == 422
    assert says in answer.text
    assert "Room 4" in answer.text
    assert not Review.objects.exists()


def test_it_is_planned_anew_and_a_stale_form_is_told_so(matrix, sign_in, owner):
    review, client = make_review(matrix), sign_in(owner)
    text = client.get(url("review_plan", matrix, review.pk)).text
    assert 'value="Autumn review"' in text
    assert 'value="09:00"' in text
    answer = client.post(url("review_plan", matrix, review.pk), sent(title="Winter review", seen="0"))
    assert answer.status_code == 302
    late = client.post(url("review_plan", matrix, review.pk), sent(title="Spring review", seen="0"))
    assert late.status_code == 422
    assert "planned this session anew a moment before" in late.text
    assert 'name="seen" value="1"' in late.text
    assert Review.objects.get().title == "Winter review"


def test_the_poll_that_is_chosen_anew_puts_its_rows_on_the_agenda(contested, sign_in, owner):
    matrix, rows = contested.matrix, [row.pk for row in contested.matrix.activities.order_by("position")]
    client = sign_in(owner)
    client.post(url("review_new", matrix), sent())
    review = Review.objects.get()
    assert not review.items.exists()
    closed(contested, owner)
    client.post(url("review_plan", matrix, review.pk), sent(poll=contested.pk, seen="0"))
    assert [item.activity for item in review.items.all()] == rows[:1]
    assert agendas.is_untouched(Review.objects.get())


@pytest.mark.parametrize("is_due", [False, True])
def test_when_its_poll_closes_the_agenda_is_made_anew_unless_somebody_changed_it(contested, sign_in, owner, is_due):
    matrix, rows = contested.matrix, [row.pk for row in contested.matrix.activities.order_by("position")]
    client = sign_in(owner)
    for title in ("As it was made", "Changed"):
        client.post(url("review_new", matrix), sent(title=title, poll=contested.pk))
    made, changed = Review.objects.order_by("pk")
    client.post(url("agenda_add", matrix, changed.pk), {"activity": rows[1]})
    if is_due:
        Poll.objects.update(until=NOW)
        next(task for task in due_tasks() if task.name == "polls").work(NOW)
    else:
        client.post(url("poll_close", matrix, contested.pk))
    assert [item.activity for item in made.items.all()] == rows[:1]
    assert [item.activity for item in changed.items.all()] == rows[1:2]
    assert "made anew, 1 row would come." in client.get(url("review", matrix, changed.pk)).text


def test_until_it_starts_the_page_says_what_would_come(matrix, sign_in, owner):
    review = make_review(matrix)
    matrix.activities.first().assignments.all().delete()
    text = " ".join(sign_in(owner).get(url("review", matrix, review.pk)).text.split())
    assert "When the session starts, or this is made anew, 1 row would come." in text
    assert "No poll, check or open item asks for it" not in text


def test_one_that_has_begun_is_not_planned_anew(matrix, sign_in, owner):
    review = make_review(matrix, state="running")
    answer = sign_in(owner).get(url("review_plan", matrix, review.pk))
    assert answer.headers["Location"] == url("review", matrix, review.pk)


def test_it_is_cancelled(matrix, sign_in, owner):
    review, client = make_review(matrix), sign_in(owner)
    answer = client.post(url("review_cancel", matrix, review.pk), follow=True)
    assert "“Autumn review” is cancelled." in answer.text
    shown = client.get(url("review", matrix, review.pk)).text
    assert "It does not take place." in shown
    assert url("session_start", matrix, review.pk) not in shown


def test_a_hostile_title_is_only_text(matrix, sign_in, owner):
    review = make_review(matrix, title=HOSTILE, place=HOSTILE)
    client = sign_in(owner)
    for shown in (url("reviews", matrix), url("review", matrix, review.pk), url("review_plan", matrix, review.pk)):
        text = client.get(shown).text
        assert "<b>\u202eevil" not in text
        assert "evil&lt;/b&gt; {{ 7 }}" in text


# ---- The file for calendars


def events(answer) -> list:
    ical_lines.check(answer.content)
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_the_file_has_its_hours_and_nobodys_name(matrix, sign_in, owner, viewer):
    review = make_review(matrix, made_by=owner.user, minutes=90, place="Room 4", moves=2)
    answer = sign_in(viewer).get(url("session_ics", matrix, review.pk))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="session-autumn-review.ics"'
    (event,) = events(answer)
    assert (event.start, event.end) == (AT, AT + timedelta(minutes=90))
    assert (event["SUMMARY"], event["LOCATION"], event["SEQUENCE"]) == ("Autumn review: Launch", "Room 4", 2)
    assert event["STATUS"] == "CONFIRMED"
    assert event["URL"].endswith(url("session", matrix, review.pk))
    assert "Olive" not in answer.text


def test_the_file_of_one_that_was_cancelled_says_so(matrix, sign_in, viewer):
    review = make_review(matrix, state="cancelled", title=HOSTILE)
    (event,) = events(sign_in(viewer).get(url("session_ics", matrix, review.pk)))
    assert event["STATUS"] == "CANCELLED"
    assert event["SUMMARY"] == f"{HOSTILE}: Launch"


def test_a_review_of_another_matrix_is_not_there(matrix, foreign_matrix, sign_in, owner):
    review = make_review(foreign_matrix)
    for name in ("review", "review_plan", "session_ics"):
        assert sign_in(owner).get(url(name, matrix, review.pk)).status_code == 404


def test_what_stays_open_beyond_the_hundredth_is_reached_and_settled(sign_in, owner):
    matrix = make_matrix(owner, *["LS."] * 103)
    review, client = make_review(matrix, state="ended"), sign_in(owner)
    rows = list(matrix.activities.order_by("position"))
    made = [Decision(review=review, activity=row.pk, name=row.name, kind="ask", due=AT.date()) for row in rows]
    Decision.objects.bulk_create(made)
    last = Decision.objects.order_by("pk").last()
    assert "100 of 103 are shown." in page(client, matrix)
    assert page(client, matrix, "?all=1").count('<li id="open-') == 103
    shown = page(client, matrix, f"?open={last.pk}")
    assert f'name="decision" value="{last.pk}"' in shown
    client.post(url("open_settle", matrix), {"decision": last.pk, "outcome": "Asked: Sales does it."})
    assert Decision.objects.get(pk=last.pk).outcome == "Asked: Sales does it."


def test_a_session_begun_by_mistake_is_cancelled_on_its_page(sign_in, owner, matrix):
    review = make_review(matrix, state="running", started_at=NOW, shown_at=NOW)
    client = sign_in(owner)
    assert "Cancel the session" in client.get(url("review", matrix, review.pk)).text
    client.post(url("review_cancel", matrix, review.pk))
    assert Review.objects.get().state == "cancelled"
