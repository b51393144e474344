"""The page that asks which rows turned out wrong."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from raci.matrices.operations import Sender
from raci.matrices.structure import edit_activity, remove_activity
from raci.reviews.models import Evidence, LookBack
from raci.screens.reviews import look_back_page
from tests.factories import make_matrix
from tests.matrices.reading import revision
from tests.publishing.making import publish

AGREED = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.fixture
def agreed(owner):
    with time_machine.travel(AGREED, tick=False):
        matrix = make_matrix(owner, "LS.", ".LI", "SL.", name="Launch", stages=2)
        publish(matrix, owner)
    return matrix


def url(name, matrix) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def test_it_asks_for_each_row_by_its_stage(agreed, sign_in, editor):
    text = " ".join(sign_in(editor).get(url("look_back", agreed)).text.split())
    assert "You have lived with version 1 since" in text
    assert text.count('name="wrong"') == text.count('name="note-') == 3
    assert "<bdi>Role 1</bdi> leads" in text
    assert text.index("Stage 1") < text.index("Activity 1") < text.index("Stage 2")


def test_it_asks_about_the_rows_as_they_were_agreed_and_of_none_that_is_gone(agreed, sign_in, owner):
    first, second, _ = agreed.activities.order_by("position")
    remove_activity(matrix=agreed.pk, sender=Sender(owner), activity=second.pk)
    edit_activity(
        matrix=agreed.pk, sender=Sender(owner), activity=first.pk, values={"name": "Called anew"}, seen=revision(agreed)
    )
    text = sign_in(owner).get(url("look_back", agreed)).text
    assert text.count('name="wrong"') == 2
    assert "Activity 1" in text
    assert "Called anew" not in text


def test_what_is_ticked_is_noted_with_its_note_and_nothing_else(agreed, sign_in, editor):
    first, second, third = agreed.activities.order_by("position")
    sent = {
        "version": "1",
        "wrong": [first.pk, second.pk],
        f"note-{first.pk}": "Sales does it",
        f"note-{second.pk}": "",
        f"note-{third.pk}": "not ticked",
    }
    client = sign_in(editor)
    answer = client.post(url("look_back", agreed), sent, follow=True)
    assert "Noted: 2 rows turned out wrong; the next agenda has them." in answer.text
    wrong = Evidence.objects.get().wrong
    assert {int(row): each["note"] for row, each in wrong.items()} == {first.pk: "Sales does it", second.pk: ""}
    again = client.get(url("look_back", agreed)).text
    assert "Eddie Editor</bdi> looked back on" in again
    assert 'value="Sales does it"' in again
    assert again.count(" checked>") == 2


def test_that_nothing_was_wrong_is_noted(agreed, sign_in, editor):
    answer = sign_in(editor).post(url("look_back", agreed), {"version": "1"}, follow=True)
    assert "Noted: no row turned out wrong." in answer.text
    assert LookBack.objects.get().wrong == {}


def test_the_finding_leads_editors_there_and_ends_with_it(agreed, sign_in, editor, viewer):
    with time_machine.travel(AGREED + timedelta(days=40), tick=False):
        checks, leads = url("checks", agreed) + "?notes=1", f'href="{url("look_back", agreed)}"'
        assert leads in sign_in(editor).get(checks).text
        assert leads not in sign_in(viewer).get(checks).text
        assert "which rows turned out wrong" in sign_in(viewer).get(checks).text
        sign_in(editor).post(url("look_back", agreed), {"version": "1"})
        assert leads not in sign_in(editor).get(checks).text


def test_before_anything_is_published_there_is_nothing_to_look_back_on(matrix, sign_in, editor):
    assert "Nothing is published yet" in sign_in(editor).get(url("look_back", matrix)).text


def test_of_very_many_rows_no_note_is_asked(agreed, sign_in, editor, monkeypatch):
    monkeypatch.setattr(look_back_page, "MOST_NOTES", 2)
    text = sign_in(editor).get(url("look_back", agreed)).text
    assert text.count('name="wrong"') == 3
    assert 'name="note-' not in text


@pytest.mark.parametrize("sent", [{}, {"version": "x"}, {"version": "1", "wrong": "x"}])
def test_what_no_page_of_ours_sends_is_refused(agreed, sign_in, editor, sent):
    assert sign_in(editor).post(url("look_back", agreed), sent).status_code == 400
    assert not LookBack.objects.exists()
