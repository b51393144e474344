"""The page of review and upkeep, and confirming a row where it is shown."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender, archive
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_role, merge_roles, split_role
from raci.publishing import upkeeping
from raci.publishing.models import Publication
from raci.publishing.upkeep import unconfirmed
from raci.publishing.upkeep_checks import events_of
from tests.factories import make_matrix
from tests.matrices.reading import revision
from tests.publishing.making import answers, publish

HTMX = {"HX-Request": "true"}
AGREED = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.fixture
def agreed(owner) -> Matrix:
    with time_machine.travel(AGREED, tick=False):
        matrix = make_matrix(owner, "LS.", ".LI", "SL.", name="Launch")
        publish(matrix, owner)
    return matrix


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def page(client, matrix, day=1) -> str:
    with time_machine.travel(AGREED + timedelta(days=day), tick=False):
        client.force_login(client.reader)
        return client.get(url("upkeep", matrix)).content.decode().partition("<main")[2]


@pytest.fixture
def reading(sign_in):
    """A client that signs in anew at whatever time it is."""

    def reads(member):
        client = sign_in(member)
        client.reader = member.user
        return client

    return reads


def rename(matrix, by, column=0, name="Client Care"):
    role = Role.objects.filter(matrix=matrix)[column]
    edit_role(matrix=matrix.pk, sender=Sender(by), role=role.pk, values={"name": name}, seen=revision(matrix))


def waiting(matrix) -> dict[int, tuple]:
    row = Matrix.objects.get(pk=matrix.pk)
    return unconfirmed(events_of(row, read_grid(row)), row.publication.confirmed)


def sent(matrix, activity=None, **values) -> dict:
    """What the button of a row sends, the first if none is named."""
    waits = waiting(matrix)
    row = activity or next(iter(waits))
    keys = ",".join(event.key for event in waits[row])
    return {"activity": row, "events": keys, "seen": revision(matrix), **values}


def test_before_anything_is_published_the_page_says_so(reading, owner, viewer):
    matrix = make_matrix(owner, "LS")
    assert "Nothing is published yet" in page(reading(viewer), matrix)
    assert url("publish", matrix) in page(reading(owner), matrix)


def test_the_page_says_when_the_next_review_is_and_why(agreed, reading, viewer):
    text = page(reading(viewer), agreed)
    assert '<time datetime="2027-03-12">12 Mar 2027</time>' in text
    assert "Due in 364 days" in text
    assert "That is 12 months after it was last agreed, on 12 Mar 2026." in text
    assert url("review_ics", agreed) in text
    assert "<form" not in text


def test_an_overdue_review_is_marked(agreed, reading, viewer):
    text = page(reading(viewer), agreed, day=400)
    assert "Overdue by 35 days" in text
    assert "is-warn" in text


def test_an_editor_sets_the_interval(agreed, sign_in, editor):
    answer = sign_in(editor).post(url("upkeep_interval", agreed), {"months": "6"}, follow=True)
    assert "It is reviewed every 6 months now." in answer.text
    assert "12 Sep 2026" in answer.text


@pytest.mark.parametrize("months", ["", "0", "61", "six", "1.5", "99999999999999999999", "-1"])
def test_an_interval_that_is_none_is_said_at_the_field(agreed, sign_in, editor, months):
    answer = sign_in(editor).post(url("upkeep_interval", agreed), {"months": months})
    assert answer.status_code == 422
    assert "Write a number of months from 1 to 60." in answer.text
    assert Publication.objects.get().months == 12


@time_machine.travel(AGREED + timedelta(days=2), tick=False)
def test_that_strategy_changed_is_said_with_a_reason_and_withdrawn(agreed, reading, editor, viewer):
    client = reading(editor)
    assert client.post(url("upkeep_changed", agreed), {"why": " "}).status_code == 422
    answer = client.post(url("upkeep_changed", agreed), {"why": "We sell <b>abroad</b>"}, follow=True)
    assert "The review is due now" in answer.text
    assert "We sell &lt;b&gt;abroad&lt;/b&gt;" in answer.text
    assert "Strategy or culture changed</bdi>" in answer.text
    assert "Due now" in answer.text
    assert "It did not" not in reading(viewer).get(url("upkeep", agreed)).text
    answer = client.post(url("upkeep_changed", agreed), {"withdraw": "1"}, follow=True)
    assert "We sell" not in answer.text
    assert "No row needs confirming." in answer.text


def test_each_row_stands_once_with_all_that_happened_and_is_confirmed_for_all_of_it(agreed, sign_in, owner):
    rename(agreed, owner)
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    client = sign_in(owner)
    text = client.get(url("upkeep", agreed)).text
    assert text.count("Role 1 was renamed to Client Care") == 2
    assert text.count("<bdi>Strategy or culture changed</bdi>") == 3
    assert re.findall(r'aria-label="Confirm ([^"]+)"', text) == ["Activity 1", "Activity 2", "Activity 3"]
    assert "0 of 3 confirmed" in text
    answer = client.post(url("row_confirm", agreed), sent(agreed), follow=True)
    assert answer.redirect_chain[0][0] == f"{url('upkeep', agreed)}#confirm"
    assert "Confirmed: “Activity 1” still stands." in answer.text
    assert "1 of 3 confirmed" in answer.text
    assert len(waiting(agreed)) == 2


def test_a_confirmed_row_is_answered_with_the_list_and_the_focus_on_the_next(agreed, sign_in, owner):
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    client, (first, second, third) = sign_in(owner), agreed.activities.values_list("pk", flat=True)
    focused = []
    for row in (second, third, first):
        answer = client.post(url("row_confirm", agreed), sent(agreed, row), headers=HTMX)
        assert "<main" not in answer.text
        assert "still stands." in answer.text.partition("#toasts")[2]
        focused += re.findall(r'id="([^"]+)"[^>]* autofocus', answer.text)
    assert focused == [f"confirm-{third}", f"confirm-{first}", "confirm-title"]
    assert "No row needs confirming." in answer.text


def test_an_archived_matrix_has_no_review_and_offers_none(agreed, reading, owner, viewer):
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    text = page(reading(owner), agreed, day=500)
    assert "No review while it is archived" in text
    for offered in ("verdue", url("review_ics", agreed), "Confirm", "How often", "Due now"):
        assert offered not in text


def test_all_that_is_mine_is_confirmed_with_one_press(agreed, sign_in, owner, editor, viewer):
    answers(agreed, viewer, column=0, by=owner)
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    client = sign_in(editor)
    assert "Confirm all 2 that are yours" in client.get(url("upkeep", agreed)).text
    event = next(iter(waiting(agreed).values()))[0].key
    answer = client.post(url("row_confirm", agreed), {"events": event, "seen": revision(agreed)}, follow=True)
    assert "2 rows confirmed." in answer.text
    assert set(waiting(agreed)) == {agreed.activities.first().pk}
    assert "Confirm all" not in sign_in(viewer).get(url("upkeep", agreed)).text


def test_a_merged_and_a_split_role_are_told_by_their_cause(agreed, sign_in, owner):
    first, second, third = Role.objects.filter(matrix=agreed)
    split_role(matrix=agreed.pk, sender=Sender(owner), role=second.pk, name="Second half")
    merge_roles(matrix=agreed.pk, sender=Sender(owner), role=first.pk, into=third.pk, seen=revision(agreed))
    client, row = sign_in(owner), agreed.activities.first().pk
    for shown in (
        url("upkeep", agreed),
        url("checks", agreed),
        url("checks_menu", agreed),
        url("activity", agreed, row),
    ):
        text = client.get(shown).text
        assert "Role 1 was merged into Role 3" in text
        assert "Role 1 was removed" not in text


def test_only_in_its_time_the_team_is_asked_to_look_back(agreed, reading, owner):
    client = reading(owner)
    asks = f'href="{url("look_back", agreed)}"'
    assert asks not in page(client, agreed, day=29)
    assert asks in page(client, agreed, day=30)
    upkeeping.look_back(matrix=agreed.pk, by=owner)
    assert "You looked back on the first version" in page(client, agreed, day=31)


def test_a_day_that_was_chosen_is_said_and_what_an_interval_does_to_it(agreed, reading, owner):
    client = reading(owner)
    assert "in place of the day that was chosen" not in page(client, agreed)
    Publication.objects.update(next_on=date(2026, 9, 1))
    text = page(client, agreed)
    assert 'Next review: <time datetime="2026-09-01">1 Sep 2026</time>' in text
    assert "That day was chosen when it was last agreed, on 12 Mar 2026." in text
    assert "in place of the day that was chosen" in text


# ---- Where a row is shown


def test_the_panel_offers_to_confirm_and_shows_the_row_anew(agreed, sign_in, owner):
    rename(agreed, owner)
    client, first = sign_in(owner), agreed.activities.first()
    panel = client.get(url("activity_panel", agreed, first.pk), headers=HTMX).text
    assert f'hx-post="{url("row_confirm", agreed)}"' in panel
    answer = client.post(url("row_confirm", agreed), sent(agreed, **{"from": "panel"}), headers=HTMX)
    assert answer.status_code == 200
    assert "needs confirming" not in answer.text
    assert "Confirmed: “Activity 1” still stands." in answer.text
    assert f'"activities": [{first.pk}]' in answer.headers["HX-Trigger"]


def test_the_page_of_the_row_offers_it_to_who_may_alone(agreed, sign_in, owner, editor, viewer):
    answers(agreed, viewer, column=0, by=owner)
    rename(agreed, owner)
    first = agreed.activities.first()
    shown = {who: sign_in(who).get(url("activity", agreed, first.pk)).text for who in (owner, editor, viewer)}
    assert all("needs confirming" in text for text in shown.values())
    assert [url("row_confirm", agreed) in text for text in shown.values()] == [False, False, True]
    answer = sign_in(viewer).post(url("row_confirm", agreed), sent(agreed, **{"from": "activity"}))
    assert answer.url == url("activity", agreed, first.pk)


def test_the_checks_page_names_the_rows_and_leads_to_confirming_them(agreed, sign_in, owner):
    rename(agreed, owner)
    text = sign_in(owner).get(url("checks", agreed)).text
    assert "Role 1 was renamed to Client Care since version 1: these 2 rows need confirming." in text
    names = [f'{url("activity", agreed, row.pk)}"><bdi>{row.name}' for row in agreed.activities.all()]
    assert f'{names[0]}</bdi></a>, <a href="{names[2]}</bdi></a> <span class="tag">To confirm' in text
    assert f'href="{url("upkeep", agreed)}#confirm">Rows to confirm' in text
    assert url("row_confirm", agreed) not in text


def test_of_many_rows_the_checks_page_names_three(owner, sign_in):
    matrix = make_matrix(owner, *["LS"] * 5)
    publish(matrix, owner)
    rename(matrix, owner)
    text = sign_in(owner).get(url("checks", matrix)).text
    assert "these 5 rows need confirming" in text
    assert "Activity 3</bdi></a>, 2 more" in text


def test_an_event_is_set_aside_for_all_of_its_rows_and_not_in_the_panel(agreed, sign_in, owner):
    rename(agreed, owner)
    client, row = sign_in(owner), agreed.activities.first().pk
    key = f"E2:::{waiting(agreed)[row][0].key}"
    assert f'value="{key}"' in client.get(url("checks", agreed)).text
    assert 'value="E2:' not in client.get(url("activity_panel", agreed, row), headers=HTMX).text
    client.post(url("finding_aside", agreed), {"finding": key, "reason": "The same people", "seen": revision(agreed)})
    assert Matrix.objects.get(pk=agreed.pk).asides[key]["about"] == "“Activity 1”, “Activity 3”"
    assert "needs confirming" not in client.get(url("matrix", agreed)).text


def test_the_grid_marks_the_rows_and_the_toolbar_counts_them(agreed, sign_in, owner):
    def warnings(text):
        return int(re.search(r"(\d+) warning", text)[1])

    before = sign_in(owner).get(url("matrix", agreed)).text
    rename(agreed, owner)
    after = sign_in(owner).get(url("matrix", agreed)).text
    assert after.count("Role 1 was renamed to Client Care since version 1") >= 2
    assert warnings(after) == warnings(before) + 1


def test_a_finding_of_the_whole_leads_to_where_it_is_seen_to(agreed, sign_in, owner, viewer):
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    assert f'href="{url("upkeep", agreed)}">Review and upkeep' in sign_in(viewer).get(url("checks", agreed)).text


def test_a_row_that_changed_meanwhile_is_refused_in_words(agreed, sign_in, owner):
    rename(agreed, owner)
    stale = sent(agreed, events="gone:7")
    answer = sign_in(owner).post(url("row_confirm", agreed), stale, headers=HTMX)
    assert answer.status_code == 409
    assert "This row changed since you looked." in answer.text


@pytest.mark.parametrize("events", ["", "x" * 30_000, "gone:7;drop", "ge\x00ne", "Gone:1"])
def test_keys_that_no_page_sends_are_malformed(agreed, sign_in, owner, events):
    answer = sign_in(owner).post(url("row_confirm", agreed), {"events": events, "seen": "1"})
    assert answer.status_code == 400


def test_the_page_asks_as_often_for_many_rows_as_for_few(owner, viewer, sign_in):
    counts = []
    for size in (1, 20):
        matrix = make_matrix(owner, *["LS.", ".LI", "SL."] * size)
        publish(matrix, owner)
        answers(matrix, viewer, column=0, by=owner)
        rename(matrix, owner)
        client = sign_in(viewer)
        client.get(url("upkeep", matrix))
        with CaptureQueriesContext(connection) as asked:
            client.get(url("upkeep", matrix))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
