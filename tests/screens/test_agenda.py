"""The agenda on the page of a session: its reasons, and changing it with and without script."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Activity
from raci.matrices.operations import Sender, archive
from raci.matrices.structure import remove_activity
from raci.reviews import planning
from raci.reviews.models import Decision, Evidence, Item, Review
from raci.reviews.planning import Plan
from raci.screens.asked import NOTATION_COOKIE
from raci.screens.reviews.agenda_rows import proposed
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
AT = datetime(2099, 11, 29, 9, tzinfo=UTC)


@pytest.fixture
def rows(matrix) -> list[Activity]:
    return list(Activity.objects.filter(matrix=matrix).order_by("position"))


@pytest.fixture
def review(matrix, rows) -> Review:
    """A planned session with three rows on its agenda, for a reason of the last."""
    made = Review.objects.create(matrix=matrix, title="Autumn", planned_at=AT)
    for position, row in enumerate(rows[:3], 1):
        reasons = [{"rule": "R1", "text": f"{row.name} waits."}]
        Item.objects.create(review=made, activity=row.pk, name=row.name, position=position, reasons=reasons)
    return made


def url(name, review) -> str:
    return reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def page(client, review) -> str:
    answer = client.get(url("review", review))
    assert answer.status_code == 200
    return " ".join(answer.text.partition("<main")[2].split())


def on_it(review) -> list[int]:
    return list(Item.objects.filter(review=review).values_list("activity", flat=True))


def test_each_row_stands_there_with_its_reasons_and_the_rest_is_confirmed_together(review, sign_in, viewer, rows):
    text = page(sign_in(viewer), review)
    for row in rows[:3]:
        assert f"<bdi>{row.name} waits.</bdi>" in text
    assert f"The other {len(rows) - 3}: confirmed together at the end" in text
    assert "agenda_move" not in text
    assert url("agenda_move", review) not in text
    assert url("session_start", review) not in text


def test_many_reasons_are_counted(review, sign_in, viewer):
    Item.objects.filter(position=1).update(reasons=[{"rule": "R1", "text": f"Reason {n}."} for n in range(5)])
    text = page(sign_in(viewer), review)
    assert "Reason 2." in text
    assert "Reason 3." not in text
    assert "And 2 more." in text


def test_without_script_each_change_leads_back_to_the_page(review, sign_in, owner, rows):
    client = sign_in(owner)
    first, last = rows[0], rows[5]
    for name, sent, says in (
        ("agenda_add", {"activity": last.pk}, f"“{last.name}” is on the agenda."),
        ("agenda_move", {"activity": first.pk, "to": "down", "seen": 1}, f"“{first.name}” is now number 2."),
        ("agenda_remove", {"activity": rows[2].pk}, f"“{rows[2].name}” is left out."),
    ):
        answer = client.post(url(name, review), sent)
        assert answer.headers["Location"] == url("review", review) + "#agenda"
        assert says in client.get(url("review", review)).text
    assert on_it(review) == [rows[1].pk, first.pk, last.pk]


def test_with_script_the_agenda_is_answered_with_what_happened(review, sign_in, owner, rows):
    client = sign_in(owner)
    answer = client.post(url("agenda_add", review), {"activity": rows[5].pk}, headers=HTMX)
    assert answer.text.strip().startswith('<section id="agenda"')
    assert "is on the agenda." in answer.text
    assert 'name="seen" value="1"' in answer.text
    gone = client.post(url("agenda_remove", review), {"activity": rows[5].pk}, headers=HTMX)
    assert 'id="agenda-title" tabindex="-1" autofocus' in gone.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_after_the_agenda_was_changed_the_session_starts_with_what_the_page_has_now(
    review, sign_in, owner, rows, headers
):
    client = sign_in(owner)
    for name, more in (("agenda_move", {"to": "down", "seen": 0}), ("agenda_remove", {}), ("agenda_add", {})):
        answer = client.post(url(name, review), {"activity": rows[0].pk, **more}, headers=headers)
        text = answer.text if headers else client.get(url("review", review)).text
        (step,) = re.findall(r'session/start/">.*?name="step" value="(\d+)"', text, re.DOTALL)
    assert client.post(url("session_start", review), {"step": step}).headers["Location"] == url("session", review)
    assert Review.objects.get().state == "running"


def test_started_from_a_page_that_is_stale_it_says_so_on_the_page_of_the_session(review, sign_in, owner, rows):
    client = sign_in(owner)
    client.post(url("agenda_add", review), {"activity": rows[5].pk})
    answer = client.post(url("session_start", review), {"step": 0})
    assert answer.headers["Location"] == url("session", review)
    assert (
        "Its agenda was changed since you looked. The session has not begun" in client.get(url("session", review)).text
    )
    assert Review.objects.get().state == "planned"


def test_who_cannot_start_it_can_follow_it(review, sign_in, owner, viewer):
    for member in (owner, viewer):
        text = page(sign_in(member), review)
        assert f'href="{url("session", review)}">Follow the session</a>' in text
    Review.objects.update(state="cancelled")
    assert "Follow the session" not in page(sign_in(viewer), review)


@pytest.mark.parametrize(
    ("notation", "says"),
    [
        ("lead", "Nobody leads Activity 2 yet, so nobody answers for it."),
        ("raci", "Nobody is accountable for Activity 2 yet, so nobody answers for it."),
    ],
)
def test_its_reasons_are_in_the_words_of_the_reader(sign_in, owner, notation, says):
    matrix, client = make_matrix(owner, "LSC", "SI."), sign_in(owner)
    plan = Plan(title="Words", at=timezone.now() + timedelta(days=1))
    made = planning.plan(matrix=matrix.pk, by=owner, wanted=plan, rows=proposed(matrix, None).rows)
    client.cookies[NOTATION_COOKIE] = notation
    assert f"<bdi>{says}</bdi>" in page(client, made)
    client.post(url("session_start", made), {"step": 0})
    item = Item.objects.get()
    Item.objects.update(reasons=[{**item.reasons[0], "rule": "R5"}])  # the screen has R1 by its name alone
    assert f"<li>{says}</li>" in client.get(url("session", made)).text


def test_a_late_move_is_refused_with_a_sentence(review, sign_in, owner, rows):
    sent = {"activity": rows[0].pk, "to": "down", "seen": 0}
    client = sign_in(owner)
    client.post(url("agenda_move", review), sent)
    answer = client.post(url("agenda_move", review), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "Somebody changed the agenda a moment before." in answer.text


@pytest.mark.parametrize("to", ["", "left", "UP"])
def test_a_row_moves_up_or_down_and_nowhere_else(review, sign_in, owner, rows, to):
    sent = {"activity": rows[0].pk, "to": to, "seen": 0}
    assert sign_in(owner).post(url("agenda_move", review), sent).status_code == 400


def test_made_anew_it_has_what_earlier_reviews_left_open_and_what_turned_out_wrong(review, sign_in, owner, rows):
    before = Review.objects.create(matrix=review.matrix, title="Spring", planned_at=AT, state="published")
    Decision.objects.create(
        review=before, activity=rows[4].pk, name="-", kind="ask", owner=owner.user, due=date(2026, 12, 1)
    )
    Evidence.objects.create(matrix=review.matrix, wrong={str(rows[5].pk): {"name": "-", "note": "Sales does it"}})
    client = sign_in(owner)
    assert "2 rows would come and 3 would go" in page(client, review)
    answer = client.post(url("agenda_make", review), {"seen": 0}, headers=HTMX)
    assert "The agenda is made anew: 2 rows came, 3 rows went." in answer.text
    assert on_it(review) == [rows[4].pk, rows[5].pk]
    text = page(client, review)
    assert "“Spring” left this open; it is due on 1 Dec 2026." in text
    assert "This turned out wrong: “Sales does it”" in text
    assert "Olive" not in str(list(Item.objects.values_list("reasons", flat=True)))


def test_a_row_that_was_removed_since_says_so(review, sign_in, owner, rows):
    remove_activity(matrix=review.matrix_id, sender=Sender(owner), activity=rows[0].pk)
    text = page(sign_in(owner), review)
    assert "Removed from the matrix since" in text
    assert reverse("activity", args=[review.matrix.workspace_id, review.matrix_id, rows[0].pk]) not in text


def test_with_nothing_to_talk_about_all_is_confirmed_together(sign_in, owner):
    matrix = make_matrix(owner, "LSI", "SLI")
    plan = Plan(title="Quiet", at=timezone.now() + timedelta(days=1))
    review = planning.plan(matrix=matrix.pk, by=owner, wanted=plan)
    text = page(sign_in(owner), review)
    assert "Nothing to talk about" in text
    assert "2 rows: confirmed together at the end" in text


def test_while_it_is_held_the_page_leads_to_it(review, sign_in, owner):
    Review.objects.update(state="running")
    text = page(sign_in(owner), review)
    assert f'href="{url("session", review)}">Go to the session' in text
    assert url("agenda_move", review) in text
    assert url("agenda_make", review) not in text


@pytest.mark.parametrize("state", ["ended", "published"])
def test_once_it_has_ended_its_result_is_shown_instead(review, sign_in, viewer, state):
    Review.objects.update(state=state)
    assert sign_in(viewer).get(url("review", review)).headers["Location"] == url("result", review)


def test_in_an_archived_matrix_it_can_be_read_alone(review, sign_in, owner, rows):
    archive(matrix=review.matrix_id, sender=Sender(owner), archived=True)
    client = sign_in(owner)
    text = page(client, review)
    assert url("agenda_move", review) not in text
    assert url("session_start", review) not in text
    assert client.post(url("agenda_add", review), {"activity": rows[5].pk}).status_code == 409


def test_the_page_takes_few_queries_however_long_the_agenda_is(review, sign_in, owner, rows):
    counts = []
    for count in (3, len(rows)):
        for position, row in enumerate(rows[3:count], 4):
            Item.objects.create(review=review, activity=row.pk, name=row.name, position=position)
        client = sign_in(owner)
        page(client, review)
        with CaptureQueriesContext(connection) as asked:
            page(client, review)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
