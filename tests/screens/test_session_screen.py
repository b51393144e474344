"""What a projector shows beside the answers: why a row is talked about and what came before; the rest behind the agenda,
and what a dialog begins with."""

import re

import pytest
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.people import answer_for, take_part
from raci.reviews.models import Decision, Item, Review
from raci.reviews.states import ReviewState
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.reviews.holding import decide, do, running

HTMX = {"HX-Request": "true"}


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", ".SL", "L.I", stages=2)


@pytest.fixture
def review(small, owner, viewer):
    return running(small, owner, 0, 1, asked=(owner, viewer))


def url(name, review):
    return reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def sent(review, **values):
    now = Review.objects.select_related("matrix").get(pk=review.pk)
    return {"step": now.step, "seen": now.matrix.revision, "key": f"a-key-of-{now.step}", **values}


def test_why_a_row_is_talked_about_is_a_word_where_the_screen_shows_it_and_else_a_sentence(review, owner, sign_in):
    why = [
        {"rule": "P2", "text": "3 functions name 2 different Leads."},
        {"rule": "split", "text": "Not quite agreed: 2 of 3."},
        {"rule": "D2", "text": "The departure ended."},
        {"rule": "health", "text": "Late."},
    ]
    Item.objects.filter(pk=review.item_id).update(reasons=why)
    page = sign_in(owner).get(url("session", review)).content.decode()
    told = page.partition("Why you talk about it")[2].partition("</section>")[0]
    assert re.findall("<li>(.*?)</li>", told) == ["Contested · Not quite agreed", "The departure ended."]


def test_what_came_before_names_who_did_it_to_everybody_and_not_that_the_matrix_was_made(review, small, owner, sign_in):
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert "Made with the matrix" not in page
    assert "What came before" not in page
    row, role = rows_of(small)[0], roles_of(small)[2]
    set_level(matrix=small.pk, sender=Sender(owner), activity=row.pk, role=role.pk, level=Level.INFORMED, seen=1)
    page = sign_in(owner).get(url("session", review)).content.decode()
    before = page.partition("What came before")[2].partition("</section>")[0]
    assert f"(<bdi>{owner.user}</bdi>)" in before
    assert "You" not in before


def test_what_was_decided_last_is_taken_back_behind_the_agenda_too(review, owner, sign_in):
    client = sign_in(owner)
    for row in (0, 1):
        decide(review, owner, row)
    page = client.get(url("session", review)).content.decode()
    assert 'data-key="k"' not in page
    assert "Take back “<bdi>Activity 2</bdi>”" in page
    assert (
        "Take back the confirmation"
        in client.post(url("rest_confirm", review), sent(review), headers=HTMX).content.decode()
    )
    last = Decision.objects.filter(together=True).first()
    client.post(url("decision_take_back", review), sent(review, decision=last.pk), headers=HTMX)
    assert not Decision.objects.filter(together=True, taken_back_at=None).exists()


def test_how_much_is_confirmed_together_says_when_on_any_screen(review, owner, sign_in):
    bar = sign_in(owner).get(url("session", review)).content.decode().partition("session-progress")[2]
    assert '2</span> <span class="wide-only">confirmed together</span> at the end</p>' in bar


def test_where_it_is_now_leaves_what_was_refused_alone(review, owner, editor, sign_in):
    client, seen = sign_in(owner), sent(review)
    do("move", review, editor, to="next")
    late = client.post(url("session_move", review), {**seen, "to": "next"}, headers=HTMX)
    assert late.status_code == 409
    assert 'hx-target="#session-refusal"' in late.content.decode()
    now = client.get(url("session_now", review), {"after": 0}, headers=HTMX)
    assert now.status_code == 200
    assert "session-refusal" not in now.content.decode()


def test_without_a_script_a_page_says_so_as_long_as_there_is_something_to_follow(review, viewer, sign_in):
    client = sign_in(viewer)
    for state, has in ((ReviewState.RUNNING, True), (ReviewState.CANCELLED, False)):
        Review.objects.filter(pk=review.pk).update(state=state)
        page = client.get(url("session", review)).content.decode()
        assert (f'<a class="button is-small" href="{url("session", review)}">Where are they now?' in page) is has


@pytest.mark.parametrize("kind", ["ask", "open"])
def test_somebody_without_an_account_is_a_choice_of_its_own(review, owner, sign_in, kind):
    client = sign_in(owner)
    form = client.get(url("decision_choose", review), {"kind": kind, "activity": review.item.activity}, headers=HTMX)
    choices = re.findall("<option.*?>(.*?)</option>", form.content.decode())
    assert choices[0] == {"ask": "Choose", "open": "Nobody yet"}[kind]
    assert choices[-1] == "Somebody without an account"
    said = sent(review, kind=kind, activity=review.item.activity, due="2027-01-05", owner="0")
    refused = client.post(url("decision_make", review), said, headers=HTMX)
    assert refused.status_code == 422
    assert "Write their name." in refused.content.decode()
    client.post(url("decision_make", review), {**said, "owner_name": "Noor"}, headers=HTMX)
    decision = Decision.objects.get(review=review)
    assert (decision.owner, decision.owner_name) == (None, "Noor")


def test_who_answers_for_the_lead_is_proposed_to_find_out(review, small, owner, editor, sign_in):
    role = roles_of(small)[0]
    sender = Sender(owner)
    done = take_part(matrix=small.pk, sender=sender, role=role.pk, user=editor.user_id)
    answer_for(matrix=small.pk, sender=sender, role=role.pk, user=editor.user_id, seen=done.matrix.revision)
    assert Matrix.objects.get(pk=small.pk).revision == done.matrix.revision + 1
    said = {"kind": "ask", "activity": review.item.activity}
    form = sign_in(owner).get(url("decision_choose", review), said, headers=HTMX).content.decode()
    assert re.search(rf'<option value="{editor.user_id}" selected>', form)
    nobody = {"kind": "ask", "activity": rows_of(small)[1].pk}
    form = sign_in(owner).get(url("decision_choose", review), nobody, headers=HTMX).content.decode()
    assert '<option value="" selected>Choose</option>' in form
