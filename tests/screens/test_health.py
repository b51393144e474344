"""How it goes with an activity, on its page and in the panel: the questions in order, who said so, and setting one."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices.operations import Sender, archive
from raci.reviews.health import Question
from raci.reviews.healths import Change, set_health
from raci.reviews.models import Evidence, Poll
from raci.web import days
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
TODAY = date(2026, 6, 12)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS", "SL", ".S")


@pytest.fixture
def row(small):
    return small.activities.first()


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def sent(question="done", answer="partly", **more):
    return {"question": question, "answer": answer, "note": "", "on": "2026-06-10", "entry": "", **more}


def put(matrix, by, row, question=Question.DONE, answer="no", *, note="", lead=None, on=TODAY):
    change = Change(question=question, answer=answer, note=note, on=on, seen="", lead=lead)
    return set_health(matrix=matrix.pk, by=by, activity=row.pk, change=change)


def part(page: str) -> str:
    """The health of the activity as a reader sees it."""
    found = re.search(r'<section[^>]* id="health".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def shown(client, matrix, row):
    return part(client.get(url("activity", matrix, row.pk)).content.decode())


def polled(matrix, row, **health):
    """A poll that was closed on 3 June, in which three people said this of one activity."""
    counts = {question: {answer: 3} for question, answer in health.items()}
    result = {
        "answered": 3,
        "asked": 3,
        "functions": [{"key": "role:1", "name": "Sales", "role": 1, "answered": 3}],
        "rows": {str(row.pk): {"votes": {"role:1": {"unknown": 3}}, "health": counts, "able": {}}},
    }
    closed = timezone.make_aware(timezone.datetime(2026, 6, 3, 12))
    poll = Poll.objects.create(
        matrix=matrix, title="June", asked={}, state="closed", result=result, until=closed, closed_at=closed
    )
    Evidence.objects.create(matrix=matrix, poll=poll)


def test_the_questions_stand_in_their_order(small, row, viewer, sign_in):
    said = shown(sign_in(viewer), small, row)
    places = [
        said.index(question)
        for question in (
            "Is it done?",
            "Is it done well?",
            "Is it done at the right time?",
            "Has Role 1 the skill?",
            "Has Role 1 the time?",
        )
    ]
    assert places == sorted(places)
    assert said.count("Not asked") == 5


def test_without_a_lead_nobody_is_asked_whether_they_can(small, viewer, sign_in):
    said = shown(sign_in(viewer), small, small.activities.last())
    assert "the skill?" not in said
    assert said.count("Not asked") == 3


def test_each_answer_says_where_it_comes_from(small, row, owner, viewer, sign_in):
    polled(small, row, done="yes", well="no")
    put(small, owner, row, Question.WELL, "partly", note="Since the new template")
    said = shown(sign_in(viewer), small, row)
    assert "Is it done? Yes Poll, 3 Jun 2026" in said
    assert "Is it done well? Partly Since the new template Set by Olive Owner, 12 Jun 2026" in said
    assert "Set by you" in shown(sign_in(owner), small, row)


def test_the_panel_says_when_and_names_nobody_but_the_reader(small, row, owner, viewer, sign_in):
    put(small, owner, row, answer="yes")
    assert "Set on 12 Jun 2026" in sign_in(viewer).get(url("activity_panel", small, row.pk)).content.decode()
    assert "Set by you, 12 Jun 2026" in sign_in(owner).get(url("activity_panel", small, row.pk)).content.decode()


def test_an_edit_in_the_panel_takes_no_query_more_for_what_others_set(small, row, owner, editor, sign_in):
    client, counts = sign_in(editor), []
    for _ in range(2):
        seen = type(small).objects.get(pk=small.pk).revision
        body = {"part": "notes", "notes": f"At {seen}", "seen": seen, "from": "panel"}
        with CaptureQueriesContext(connection) as asked:
            assert client.post(url("activity_edit", small, row.pk), body, headers=HTMX).status_code == 200
        counts.append(len(asked))
        put(small, owner, row, Question.WELL, "partly")
    assert counts[1] <= counts[0]


def test_a_no_at_the_first_question_folds_the_rest(small, row, editor, viewer, sign_in):
    assert "The rest can wait" not in shown(sign_in(viewer), small, row)
    put(small, editor, row, answer="no")
    page = sign_in(viewer).get(url("activity", small, row.pk)).content.decode()
    folded = page[page.index("The rest can wait until it is done.") :]
    assert "Is it done well?" in folded
    assert "Is it done?" not in folded


def test_a_folded_question_that_is_being_set_stands_open(small, row, editor, sign_in):
    put(small, editor, row, answer="no")
    page = sign_in(editor).get(url("activity", small, row.pk) + "?edit=health-well").content.decode()
    assert '<details class="disclosure" open>' in page


def test_an_editor_sets_an_answer_and_it_stands(small, row, editor, sign_in):
    client = sign_in(editor)
    answer = client.post(url("activity_health", small, row.pk), sent(note="Only in May"), follow=True)
    assert "Is it done? Partly Set Is it done? Only in May Set by you, 10 Jun 2026" in part(answer.content.decode())
    assert "Noted." in answer.content.decode()


def test_the_undo_of_the_toast_takes_it_back(small, row, editor, sign_in):
    client = sign_in(editor)
    page = client.post(url("activity_health", small, row.pk), sent(), follow=True).content.decode()
    undo = re.search(r'<form method="post" action="([^"]*)" data-undo-form>', page)[1].replace("&amp;", "&")
    assert "Not asked" in part(client.post(undo, follow=True).content.decode()).partition("Is it done well?")[0]
    assert Evidence.objects.get().health == {}


def test_in_the_panel_it_is_answered_with_the_panel_and_word_to_the_grid(small, row, editor, sign_in):
    client = sign_in(editor)
    answer = client.post(url("activity_health", small, row.pk), sent(**{"from": "panel"}), headers=HTMX)
    page = answer.content.decode()
    assert 'hx-target="#panel"' in page
    assert f'"activities": [{row.pk}]' in answer.headers["HX-Trigger"]
    undo = re.search(r'hx-post="([^"]*undo=done[^"]*)"', page)[1].replace("&amp;", "&")
    page = client.post(undo, headers=HTMX).content.decode()
    assert "Taken back" in page
    assert 'hx-target="#panel"' in page


def test_what_the_poll_says_later_stands_and_is_told(small, row, editor, sign_in):
    polled(small, row, done="yes")
    answer = sign_in(editor).post(url("activity_health", small, row.pk), sent(on="2026-05-01"), follow=True)
    assert "the poll of 3 Jun 2026 says is newer" in answer.content.decode()
    assert "Is it done? Yes" in part(answer.content.decode())


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"answer": ""}, "Choose one of the answers."),
        ({"answer": "perhaps"}, "Choose one of the answers."),
        ({"on": "soon"}, "That is no day."),
        ({"on": "2026-06-13"}, "That day is still to come."),
        ({"note": "x" * 201}, "200 fit"),
    ],
)
def test_what_is_wrong_is_said_where_it_was_typed(small, row, editor, sign_in, changed, sentence):
    answer = sign_in(editor).post(url("activity_health", small, row.pk), sent(**changed))
    assert answer.status_code == 422
    assert sentence in part(answer.content.decode())
    assert not Evidence.objects.exists()


def test_what_somebody_else_set_meanwhile_is_told_with_what_was_typed(small, row, editor, owner, sign_in):
    put(small, owner, row, answer="yes")
    client = sign_in(editor)
    answer = client.post(url("activity_health", small, row.pk), sent(note="Half of it"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It is “Yes” by now, as of 12 Jun 2026, set by Olive Owner." in page
    assert 'value="Half of it"' in page
    entry = re.search(r'name="entry" value="([^"]+)"', page)[1]
    assert client.post(url("activity_health", small, row.pk), sent(entry=entry)).status_code == 302
    assert Evidence.objects.get().health[str(row.pk)]["done"][0]["answer"] == "partly"


def test_not_known_can_be_said(small, row, editor, sign_in):
    entry = put(small, editor, row)["at"]
    answer = sign_in(editor).post(
        url("activity_health", small, row.pk), sent(answer="unknown", entry=entry), follow=True
    )
    assert "Is it done? Not known" in part(answer.content.decode())


def test_what_the_lead_lacks_leads_to_what_can_help(small, row, editor, viewer, sign_in):
    put(small, editor, row, Question.TIME, "no", lead=small.roles.first().pk)
    assert "What can help" in shown(sign_in(viewer), small, row)


def test_who_may_only_look_finds_no_form_and_sets_nothing(small, row, viewer, sign_in):
    client = sign_in(viewer)
    page = client.get(url("activity", small, row.pk) + "?edit=health-done").content.decode()
    assert "activity_health" not in page
    assert "/health/" not in page
    assert client.post(url("activity_health", small, row.pk), sent()).status_code == 403


def test_an_archived_matrix_says_so(small, row, editor, sign_in):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    answer = sign_in(editor).post(url("activity_health", small, row.pk), sent())
    assert answer.status_code == 409
    assert "archived" in answer.content.decode()


@pytest.mark.parametrize("question", ["", "who", "done:1"])
def test_a_question_that_there_is_not_is_malformed(small, row, editor, sign_in, question):
    assert sign_in(editor).post(url("activity_health", small, row.pk), sent(question)).status_code == 400


def test_a_note_is_printed_as_text(small, row, editor, viewer, sign_in):
    put(small, editor, row, note=HOSTILE)
    page = sign_in(viewer).get(url("activity", small, row.pk)).content.decode()
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


def test_the_page_of_an_activity_with_health_takes_few_queries(small, row, editor, owner, sign_in):
    polled(small, row, done="yes")
    for by, question in ((editor, Question.WELL), (owner, Question.ON_TIME)):
        put(small, by, row, question, "partly", on=TODAY - timedelta(1))
    client = sign_in(owner)
    for name in ("activity", "activity_panel"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(name, small, row.pk)).status_code == 200
        assert len(asked) <= 12
