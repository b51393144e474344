"""A session as those in the room see it: facilitators with its controls, those who follow without them."""

import re

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender
from raci.matrices.people import answer_for, take_part
from raci.reviews.models import Decision, Evidence, Item, Participant, Review
from raci.reviews.states import ReviewState
from tests.factories import make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.reviews.holding import decide, do, on_screen, planned, running
from tests.reviews.polls import answered, closed, opened

HTMX = {"HX-Request": "true"}
CONTROLS = ('data-key="k"', 'data-key="a"', 'data-key="f"', 'data-key="l"', 'data-key="o"', 'data-key="n"')


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", "SL.", ".SL", "L.I", stages=2)


@pytest.fixture
def review(small, owner, viewer):
    return running(small, owner, 0, 1, asked=(owner, viewer))


def url(name, review):
    return reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def sent(review, **values):
    """A form as the page prints it now."""
    now = Review.objects.select_related("matrix").get(pk=review.pk)
    return {
        "step": now.step,
        "seen": now.matrix.revision,
        "key": f"a-key-of-{now.step}-{now.matrix.revision}",
        **values,
    }


def test_the_activity_on_the_screen_stands_there_with_its_levels_and_the_agenda(review, owner, sign_in):
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert '<h1 id="activity-title" tabindex="-1"><bdi>Activity 1</bdi></h1>' in page
    assert re.search(r'Role 1</bdi></span> <span class="level is-large" data-level="lead">', page)
    assert '<bdi class="rail-name">Activity 2</bdi>' in page
    assert "2 others" in page
    assert "0 of 4 activities settled" in page


def test_facilitators_have_every_control_and_those_who_follow_none(review, owner, editor, viewer, reviewer, sign_in):
    for member, has in ((owner, True), (editor, True), (viewer, False), (reviewer, False)):
        page = sign_in(member).get(url("session", review)).content.decode()
        assert all((control in page) is has for control in CONTROLS), member
        assert ("<form" in page.partition('id="main"')[2].partition("</main>")[0]) is has


def test_a_row_without_a_lead_cannot_be_kept(owner, sign_in):
    matrix = make_matrix(owner, ".SI", "L..")
    page = sign_in(owner).get(url("session", running(matrix, owner, 0))).content.decode()
    assert 'value="keep"' not in page
    assert "A role leads" in page


def test_keeping_goes_on_to_the_next_and_is_in_the_log(review, owner, sign_in):
    answer = sign_in(owner).post(
        url("decision_make", review), sent(review, kind="keep", activity=review.item.activity), headers=HTMX
    )
    assert answer.status_code == 200
    assert "<bdi>Activity 2</bdi></h1>" in answer.content.decode()
    assert Decision.objects.get(review=review).kind == "keep"
    assert Change.objects.filter(matrix=review.matrix, kind="decide").count() == 1


def test_without_a_script_each_form_leads_back_to_the_session(review, owner, sign_in):
    client = sign_in(owner)
    for name, values in (
        ("decision_make", {"kind": "keep", "activity": review.item.activity}),
        ("session_move", {"to": "rest"}),
        ("session_pause", {}),
        ("session_resume", {}),
        ("rest_confirm", {}),
    ):
        answer = client.post(url(name, review), sent(review, **values))
        assert (answer.status_code, answer.url) == (302, url("session", review)), name


def test_another_role_is_asked_for_and_then_leads(review, small, owner, sign_in):
    client, role, row = sign_in(owner), roles_of(small)[1], rows_of(small)[0]
    for headers in ({}, HTMX):
        asked = client.get(url("decision_choose", review), {"kind": "lead", "activity": row.pk}, headers=headers)
        assert f'value="{role.pk}"' in asked.content.decode()
    client.post(
        url("decision_make", review), sent(review, kind="lead", activity=row.pk, lead=role.pk, note="They know it.")
    )
    made = Decision.objects.get(review=review)
    assert (made.kind, made.lead, made.note) == ("lead", role.pk, "They know it.")
    assert Matrix.objects.get(pk=small.pk).activities.get(pk=row.pk).assignments.get(level="L").role_id == role.pk


def test_the_levels_of_a_row_are_chosen_together(review, small, owner, sign_in):
    row, roles = rows_of(small)[0], roles_of(small)
    client = sign_in(owner)
    asked = client.get(url("decision_choose", review), {"kind": "levels", "activity": row.pk}).content.decode()
    assert all(f'name="level-{role.pk}"' in asked for role in roles)
    chosen = {f"level-{role.pk}": letter for role, letter in zip(roles, ("S", "L", "C"), strict=True)}
    client.post(url("decision_make", review), sent(review, kind="levels", activity=row.pk, **chosen))
    assert sorted(row.assignments.values_list("level", flat=True)) == ["C", "L", "S"]


def test_who_finds_out_needs_somebody_and_a_day(review, owner, editor, sign_in):
    client, about = sign_in(owner), {"kind": "ask", "activity": review.item.activity}
    refused = client.post(url("decision_make", review), sent(review, **about, note="Ask finance"), headers=HTMX)
    assert refused.status_code == 422
    assert "Ask finance" in refused.content.decode()
    assert not Decision.objects.exists()
    due = timezone.localdate().isoformat()
    client.post(url("decision_make", review), sent(review, **about, owner=editor.user_id, due=due))
    assert Decision.objects.get().owner == editor.user
    assert "Eddie Editor finds out by" in client.get(url("session", review)).content.decode()


def test_a_decision_is_taken_back_and_comes_back_to_the_screen(review, owner, sign_in):
    made = decide(review, owner, 0, "lead", lead=1)
    assert on_screen(review) == "Activity 2"
    answer = sign_in(owner).post(url("decision_take_back", review), sent(review, decision=made.pk), headers=HTMX)
    assert answer.status_code == 200
    assert on_screen(review) == "Activity 1"
    assert not Decision.objects.filter(taken_back_at=None).exists()


def test_the_note_of_a_decision_can_be_written_afterwards(review, owner, sign_in):
    made, client = decide(review, owner, 0), sign_in(owner)
    asked = client.get(url("decision_choose", review), {"kind": "note", "activity": made.activity}).content.decode()
    assert "Why it was decided" in asked
    client.post(
        url("decision_make", review),
        sent(review, kind="note", activity=made.activity, decision=made.pk, was="", note="All agreed."),
    )
    made.refresh_from_db()
    assert made.note == "All agreed."


def test_whoever_comes_too_late_sees_where_it_is_and_nothing_changes(review, owner, editor, sign_in):
    before = sent(review, to="next")
    do("move", review, editor, to="rest")
    for headers in (HTMX, {}):
        answer = sign_in(owner).post(url("session_move", review), before, headers=headers, follow=True)
        page = answer.content.decode()
        assert answer.status_code == (409 if headers else 200)
        assert "Somebody moved on a moment before: the rest is on the screen. Nothing was changed." in page
        assert ">The rest</h1>" in page
    assert on_screen(review) == ""


def test_a_row_that_somebody_else_decided_says_what_stands(review, owner, editor, sign_in):
    before = sent(review, kind="keep", activity=review.item.activity)
    decide(review, editor, 0, "lead", lead=1)
    answer = sign_in(owner).post(url("decision_make", review), before, headers=HTMX)
    assert answer.status_code == 409
    assert "Eddie Editor decided on “Activity 1” a moment before: Role 2 leads it" in answer.content.decode()
    assert Decision.objects.filter(taken_back_at=None).get().kind == "lead"


def test_a_dialog_that_came_too_late_stays_with_what_was_typed(review, small, owner, editor, sign_in):
    values = {"kind": "lead", "activity": review.item.activity, "lead": roles_of(small)[2].pk, "note": "Kept words"}
    before = sent(review, **values)
    decide(review, editor, 0, "lead", lead=1)
    answer = sign_in(owner).post(url("decision_make", review), before, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Eddie Editor decided" in page
    assert "Kept words" in page


def test_a_form_sent_twice_decides_once(review, owner, sign_in):
    client, form = sign_in(owner), sent(review, kind="keep", activity=review.item.activity)
    for _ in range(2):
        assert client.post(url("decision_make", review), form, headers=HTMX).status_code == 200
    assert Decision.objects.count() == 1


def test_what_is_new_is_sent_and_nothing_where_nothing_is(review, owner, viewer, sign_in):
    client = sign_in(viewer)
    now = Review.objects.select_related("matrix").get(pk=review.pk)
    asked = {"after": now.step, "revision": now.matrix.revision, "came": 0}
    assert client.get(url("session_now", review), asked, headers=HTMX).status_code == 204
    do("move", review, owner, to="next")
    answer = client.get(url("session_now", review), asked, headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["X-Step"] == str(now.step + 1)
    assert "Now: Activity 2" in answer.content.decode()


def test_a_pause_shows_to_everyone_and_stops_deciding(review, owner, viewer, sign_in):
    assert sign_in(owner).post(url("session_pause", review), sent(review), headers=HTMX).status_code == 200
    for member in (owner, viewer):
        page = sign_in(member).get(url("session", review)).content.decode()
        assert "The session is paused." in page
        assert 'data-key="k"' not in page
    assert "session-go-on" in sign_in(owner).get(url("session", review)).content.decode()


def test_whoever_was_asked_has_come_once_their_page_follows(review, viewer, sign_in):
    assert sign_in(viewer).get(url("session", review)).status_code == 200
    assert Participant.objects.get(user=viewer.user).came_at is None
    assert sign_in(viewer).post(url("session_here", review)).status_code == 204
    assert Participant.objects.get(user=viewer.user).came_at is not None


def test_the_rail_says_who_signs_and_who_is_away(review, small, owner, viewer, sign_in):
    for role, member in zip(roles_of(small), (owner, viewer), strict=False):
        done = take_part(matrix=small.pk, sender=Sender(owner), role=role.pk, user=member.user_id)
        answer_for(matrix=small.pk, sender=Sender(owner), role=role.pk, user=member.user_id, seen=done.matrix.revision)
    sign_in(owner).post(url("session_here", review))
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert re.search(r"Olive Owner</bdi>.*?at the end", page, re.S)
    assert re.search(r"Vic Viewer</bdi>.*?away", page, re.S)
    assert "Nobody answers" in page


def test_behind_the_agenda_the_rest_is_confirmed_together(review, owner, sign_in):
    client = sign_in(owner)
    for row in (0, 1):
        decide(review, owner, row)
    page = client.get(url("session", review)).content.decode()
    assert ">The rest</h1>" in page
    assert "Confirm all of them" in page
    answer = client.post(url("rest_confirm", review), sent(review), headers=HTMX).content.decode()
    assert "Confirmed together" in answer
    assert "4 of 4 activities settled" in answer
    assert Decision.objects.filter(together=True).count() == 2


def test_the_rest_names_what_nobody_leads_and_is_not_confirmed(owner, sign_in):
    matrix = make_matrix(owner, "LS.", ".SI")
    review = running(matrix, owner, 0)
    do("move", review, owner, to="rest")
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert "No role leads this activity." in page
    assert "Confirm" not in page.partition('id="main"')[2].partition("</main>")[0].replace("Confirmed", "")
    client = sign_in(owner)
    answer = client.post(url("rest_confirm", review), sent(review), headers=HTMX)
    assert answer.status_code == 422
    assert "has no Lead" in answer.content.decode()
    on_agenda = {"activity": rows_of(matrix)[1].pk, "next": url("session", review)}
    assert client.post(url("agenda_add", review), on_agenda).url == url("session", review)
    assert Item.objects.filter(review=review).count() == 2


def test_what_is_decided_for_good_is_not_kept_a_second_time(review, owner, sign_in):
    client = sign_in(owner)
    for kind, has in (("keep", False), ("open", True)):
        decide(review, owner, 0, kind)
        do("move", review, owner, to="previous")
        assert ('value="keep"' in client.get(url("session", review)).content.decode()) is has


def test_a_session_that_has_not_begun_waits_and_can_be_started(small, owner, viewer, sign_in):
    review = planned(small, 0)
    assert "has not begun" in sign_in(viewer).get(url("session", review)).content.decode()
    answer = sign_in(owner).post(url("session_start", review), sent(review), headers=HTMX)
    assert answer.status_code == 200
    assert Review.objects.get(pk=review.pk).state == ReviewState.RUNNING


def test_an_activity_that_was_removed_says_so(review, small, owner, sign_in):
    rows_of(small)[0].delete()
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert "This activity was removed from the matrix since." in page
    assert 'data-key="a"' not in page


# ---- What is known of the row -------------------------------------------------------------------------------------


def polled(matrix, member, naming, *said):
    """A closed poll of people of the roles, who say who leads the first activity."""
    poll = opened(member, matrix, naming=naming)
    roles = roles_of(matrix)
    for place, lead in enumerate(said):
        role = roles[place % len(roles)]
        answered(poll, role.pk, [roles[lead].pk if isinstance(lead, int) else lead], name=f"Person {place}")
    return closed(poll, member)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ((0, 0, 0), "All three named Role 1."),
        ((0, 1, 2, 0, 1, 0), "Six people, asked alone, named three different roles."),
        ((0, 1, "unknown"), "Two of three, asked alone, named two different roles."),
        (("nobody", "unknown"), "Neither of two named a role."),
        ((0, 0), "Both named Role 1."),
    ],
)
def test_how_far_they_agree_is_one_sentence(small, owner, sign_in, said, sentence):
    poll = polled(small, owner, "named", *said)
    review = planned(small, 0)
    Review.objects.filter(pk=review.pk).update(poll=poll)
    do("start", review, owner)
    assert sentence in sign_in(owner).get(url("session", review)).content.decode()


def test_the_lead_of_the_draft_stands_there_also_where_nobody_named_it(small, owner, sign_in):
    poll = polled(small, owner, "named", 1, 1, 1)
    review = planned(small, 0)
    Review.objects.filter(pk=review.pk).update(poll=poll)
    do("start", review, owner)
    page = sign_in(owner).get(url("session", review)).content.decode()
    heard = page.partition('<ul class="heard">')[2].partition("</ul>")[0]
    assert re.findall(r"<span><bdi>([^<]+)<", heard) == ["Role 2", "Role 1"]
    assert re.findall(r'heard-count number">(\d+)<', heard) == ["3", "0"]
    assert "Role 1</bdi> <small>leads it in the draft</small>" in heard


def test_with_names_it_shows_who_said_what_and_by_function_only_counts(small, owner, sign_in):
    for naming, shows in (("named", True), ("function", False)):
        poll = polled(small, owner, naming, 0, 0, 0, 0, 1, 0, 0, 0, 0)
        Review.objects.filter(matrix=small).update(state="cancelled")
        review = planned(small, 0)
        Review.objects.filter(pk=review.pk).update(poll=poll)
        do("start", review, owner)
        page = sign_in(owner).get(url("session", review)).content.decode()
        assert ('title="Person 4"' in page) is shows
        assert bool(re.search(r'heard-functions"><bdi>[^<]+</bdi> 1<', page)) is not shows


def test_what_is_known_of_the_work_stands_in_the_order_of_the_questions(review, small, owner, editor, sign_in):
    said = {"on": "2026-01-05", "by": editor.user_id}
    time = [{**said, "answer": "no", "note": "needs 2 days a week"}, {**said, "answer": "yes", "note": "asked Finance"}]
    health = {"time": time, "done": [{**said, "answer": "yes", "note": ""}]}
    Evidence.objects.create(matrix=small, health={str(rows_of(small)[0].pk): health})
    page = sign_in(owner).get(url("session", review)).content.decode()
    assert re.search(r"Is it done\?.*>Yes<.*Has Role 1 the time\?.*>No, <bdi>needs 2 days a week", page, re.S)
    before = page.partition("What came before")[2].partition("Does the work happen?")[0]
    assert re.search(r"“asked Finance”</bdi> <span class=\"quiet\">\(<bdi>Eddie Editor", before)
    assert "needs 2 days" not in before  # it stands above


def test_names_and_notes_are_text_and_nothing_else(owner, sign_in):
    matrix = make_matrix(owner, "LS")
    review = running(matrix, owner, 0, title="<b>Review</b>")
    rows_of(matrix)[0].__class__.objects.filter(matrix=matrix).update(name="<img src=x>")
    Item.objects.filter(review=review).update(reasons=[{"rule": "P2", "text": "<script>x</script>"}])
    decide(review, owner, 0, note="<i>because</i>")
    do("move", review, owner, to="previous")
    page = sign_in(owner).get(url("session", review)).content.decode()
    for text in ("<b>Review", "<img", "<script>x", "<i>because"):
        assert text not in page
    assert "&lt;i&gt;because" in page


def test_the_page_takes_twelve_queries_however_much_there_is(
    matrix, owner, viewer, sign_in, django_assert_max_num_queries
):
    poll = polled(matrix, owner, "named", *[0, 1, 2, 3, 0, 1] * 5)
    review = planned(matrix, *range(12), asked=(owner, viewer))
    Review.objects.filter(pk=review.pk).update(poll=poll)
    do("start", review, owner)
    for row in range(5):
        decide(review, owner, row)
    client = sign_in(owner)
    client.get(url("session", review))
    with django_assert_max_num_queries(12):
        client.get(url("session", review))
    now = Review.objects.select_related("matrix").get(pk=review.pk)
    with django_assert_max_num_queries(4):
        client.get(
            url("session_now", review), {"after": now.step, "revision": now.matrix.revision, "came": 0}, headers=HTMX
        )


def test_who_follows_reads_the_draft_once_a_revision(matrix, owner, sign_in):
    review = planned(matrix, 0, 1)
    do("start", review, owner)
    client, asked = sign_in(owner), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            client.get(url("session_now", review), {"after": 0}, headers=HTMX)
        asked.append(sum('FROM "matrices_assignment"' in query["sql"] for query in found.captured_queries))
    assert asked[1] == 0
    Matrix.objects.filter(pk=matrix.pk).update(revision=F("revision") + 1)
    with CaptureQueriesContext(connection) as found:
        client.get(url("session_now", review), {"after": 0}, headers=HTMX)
    assert any('FROM "matrices_assignment"' in query["sql"] for query in found.captured_queries)
