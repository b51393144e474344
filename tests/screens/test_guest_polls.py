"""A poll as those see it who answer: the link, where they work, activity by activity, sending; and that their cookies
open nothing else."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.reviews import polling
from raci.reviews.models import Answer, Poll, Respondent
from raci.web import limits
from raci.web.logs import HideTokens
from raci.workspaces.links import new_token
from raci.workspaces.models import Link
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, asked, opened
from tests.screens.polling_guests import activity, join_as, link, page, says, sends

DEAD = ("unknown", "revoked", "replaced", "closed", "ended", "deleted")


@pytest.fixture
def made(editor):
    return opened(make_matrix(editor, "LS.", ".LI", "S.L", stages=1), editor)


@pytest.fixture
def poll(made) -> Poll:
    return made.poll


@pytest.fixture
def visitor(made) -> Client:
    """Somebody without an account who has followed the link."""
    client = Client()
    client.get(link(made.token))
    return client


@pytest.fixture
def guest(visitor, poll) -> Client:
    """The same, with where they work said."""
    assert join_as(visitor, poll).status_code == 302
    return visitor


def end(how, made, editor, workspace) -> str:
    """Makes the link dead in one of the ways there are; the token to try."""
    match how:
        case "unknown":
            return new_token()
        case "revoked":
            polling.revoke_link(poll=made.poll.pk, by=editor)
        case "replaced":
            polling.new_link(poll=made.poll.pk, by=editor)
        case "closed":
            polling.close(poll=made.poll.pk, by=editor)
        case "ended":
            Link.objects.update(expires_at=timezone.now())
        case "deleted":
            workspace.deleted_at = timezone.now()
            workspace.save()
    return made.token


# ---- The link


def test_the_token_moves_from_the_address_into_a_cookie_for_these_pages_alone(made, poll):
    client = Client()
    answer = client.get(link(made.token))
    assert (answer.status_code, answer.url) == (302, page(poll))
    cookie = answer.cookies["poll_link"]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == (made.token, page(poll), "Lax")
    assert cookie["httponly"]
    assert made.token not in client.get(page(poll)).text


def test_no_answer_about_a_link_is_referred_to_kept_or_listed(made):
    for token in (made.token, new_token()):
        headers = Client().get(link(token)).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("how", DEAD)
def test_a_dead_link_is_a_410_that_does_not_say_why(made, editor, workspace, how):
    token = end(how, made, editor, workspace)
    answer = Client().get(link(token))
    assert answer.status_code == 410
    assert 'data-error="expired_link"' in answer.text
    assert "Who leads what?" not in answer.text


@pytest.mark.parametrize("how", DEAD)
def test_a_link_that_dies_lets_nobody_in_who_has_the_page_open(made, poll, visitor, editor, workspace, how):
    if how == "unknown":
        visitor.cookies["poll_link"] = new_token()
    else:
        end(how, made, editor, workspace)
    assert join_as(visitor, poll).status_code == 410
    assert not Respondent.objects.exists()


def test_tokens_that_nobody_was_given_are_counted(made, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "wrong_link", "2/m/ip")
    answers = [Client().get(link(new_token())).status_code for _ in range(3)]
    assert answers == [410, 410, 429]
    assert Client().get(link(made.token)).status_code == 302


def test_made_up_cookies_are_counted_too(poll, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "wrong_link", "2/m/ip")
    statuses = []
    for cookie in ("poll_own", "poll_link", "poll_own"):
        client = Client()
        client.cookies[cookie] = new_token()
        statuses.append(client.get(page(poll)).status_code)
    assert statuses == [410, 410, 429]


def test_people_join_so_often_from_one_address_and_no_more(made, poll, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "join", "1/m/ip")
    statuses = []
    for _ in range(2):
        client = Client()
        client.get(link(made.token))
        statuses.append(join_as(client, poll).status_code)
    assert statuses == [302, 429]


def test_the_log_holds_no_token(made, caplog):
    logger = logging.getLogger("django.request")
    caplog.handler.addFilter(HideTokens())
    logger.warning("Gone: %s", link(made.token))
    assert made.token not in caplog.text
    assert "/polls/·/" in caplog.text


def test_a_member_who_follows_the_link_lands_in_the_workspace(made, poll, sign_in, viewer, stranger):
    answer = sign_in(viewer).get(link(made.token))
    assert answer.url == reverse("poll", args=[poll.matrix.workspace_id, poll.matrix_id, poll.pk])
    assert sign_in(stranger).get(link(made.token)).url == page(poll)


def test_without_a_cookie_no_page_opens(poll):
    for address in (page(poll), activity(poll)):
        assert Client().get(address).status_code == 410
    for name in ("guest_poll_send", "guest_poll_other"):
        assert Client().post(reverse(name, args=[poll.pk])).status_code == 410


def test_the_cookies_of_one_poll_open_no_other(made, guest, editor):
    other = opened(make_matrix(editor, "L"), editor).poll
    guest.cookies["poll_link"]["path"] = guest.cookies["poll_own"]["path"] = "/"
    assert guest.get(page(other)).status_code == 410


# ---- What is told before anything is answered


def test_whoever_comes_is_told_who_asks_what_and_that_names_are_shown(visitor, poll):
    text = visitor.get(page(poll)).text
    assert "Eddie Editor" in text
    assert "3 activities, in three to five minutes" in text
    assert "your name stands beside what you answered" in text
    assert 'name="name"' in text


def test_by_function_no_name_is_asked_for_and_they_are_told_what_is_pooled(editor):
    made = opened(make_matrix(editor, "LS."), editor, FUNCTION)
    client = Client()
    client.get(link(made.token))
    text = client.get(page(made.poll)).text
    assert "Your name is not shown" in text
    assert "fewer than three answers are put together" in text
    assert "What you leave out counts as “I don’t know”" in text
    assert 'name="name"' not in text


def test_the_roles_stand_in_the_order_of_the_matrix(visitor, poll):
    text = visitor.get(page(poll)).text
    assert text.index("Role 1") < text.index("Role 2") < text.index("Role 3") < text.index("Another function")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": " "}, "Give your name"),
        ({"name": "a\nb"}, "one line without control characters"),
        ({"place": ""}, "Choose where you work."),
        ({"place": "role:999"}, "That is none of the choices."),
        ({"other": ""}, "Name the function you work in."),
        ({"other": "x" * 81}, "81 characters"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_what_was_typed_stays(visitor, poll, sent, said):
    answer = join_as(visitor, poll, **sent)
    assert answer.status_code == 422
    assert said in answer.text
    if "name" not in sent:
        assert "Gina Guest" in answer.text
    assert not Respondent.objects.exists()


def test_a_form_without_a_proper_key_is_malformed(visitor, poll):
    assert join_as(visitor, poll, key="x").status_code == 400


def test_a_form_sent_twice_makes_one_person(visitor, poll):
    key = new_token()
    for _ in range(2):
        assert join_as(visitor, poll, key=key).status_code == 302
    assert Respondent.objects.count() == 1


def test_whoever_read_something_else_of_names_reads_it_again(visitor, poll, editor):
    polling.set_naming(poll=poll.pk, by=editor, naming=FUNCTION)
    answer = join_as(visitor, poll, told="named")
    assert answer.status_code == 409
    assert "Read it again, then go on." in answer.text
    assert "Your name is not shown" in answer.text
    assert not Respondent.objects.exists()


def test_whoever_has_begun_reads_it_again_before_they_answer(guest, poll, editor):
    polling.set_naming(poll=poll.pk, by=editor, naming=FUNCTION)
    answer = says(guest, poll)
    assert answer.status_code == 409
    assert "Your name is not shown" in answer.text
    assert guest.get(activity(poll)).url == page(poll)
    assert join_as(guest, poll).status_code == 302
    assert says(guest, poll, told="function").status_code == 302


# ---- Activity by activity


def test_pressing_a_choice_keeps_it_and_goes_on(guest, poll):
    role = asked(poll)[1][1]
    assert says(guest, poll, 0, f"role:{role}").url == activity(poll, 1)
    assert says(guest, poll, 1, "unknown").url == activity(poll, 2)
    assert says(guest, poll, 2).url == page(poll)
    kept = Answer.objects.order_by("activity").values_list("said", "lead")
    assert list(kept) == [("role", role), ("unknown", None), ("nobody", None)]


def test_an_activity_says_where_one_is_and_what_was_answered(guest, poll):
    says(guest, poll, 0)
    text = guest.get(activity(poll, 0)).text
    assert "<b>1</b> of 3" in text
    assert re.search(r'value="nobody" aria-pressed="true"', text)
    assert ">Next</a>" in text
    assert ">Skip</a>" in guest.get(activity(poll, 1)).text
    assert f'href="{activity(poll, 0)}">Back' in guest.get(activity(poll, 1)).text


def test_once_all_are_answered_a_change_leads_back_to_the_overview(guest, poll):
    for at in range(3):
        says(guest, poll, at)
    assert says(guest, poll, 0, "unknown").url == page(poll)


def test_one_goes_on_where_one_stopped(guest, poll):
    says(guest, poll, 0)
    text = guest.get(page(poll)).text
    assert "1 of 3 answered" in text
    assert f'href="{activity(poll, 1)}">Go on' in text


def test_where_one_likes_one_says_how_it_is_going(guest, poll):
    role = asked(poll)[1][1]
    assert "Is it done?" not in guest.get(activity(poll)).text
    answer = says(guest, poll, 0, f"role:{role}", how="1")
    assert answer.url == f"{activity(poll)}?how=1#how"
    text = guest.get(answer.url).text
    for question in ("Is it done?", "Is it done well?", "Is it done at the right time?", "Has Role 2 the skill?"):
        assert question in text
    sent = {"how": "1", "told": "named", "done": "yes", "well": "partly", "on_time": "", "skill": "no", "time": "yes"}
    assert guest.post(activity(poll), sent).url == f"{activity(poll, 1)}?how=1"
    kept = Answer.objects.get()
    assert (kept.lead, kept.done, kept.well, kept.on_time, kept.skill) == (role, "yes", "partly", "", "no")


def test_of_nobody_it_is_not_asked_whether_they_can_lead(guest, poll):
    text = guest.get(says(guest, poll, 0, "nobody", how="1").url).text
    assert "Is it done?" in text
    assert "the skill?" not in text


def test_naming_another_role_keeps_how_it_goes_and_drops_whether_the_first_can_lead(guest, poll):
    roles = asked(poll)[1]
    says(guest, poll, 0, f"role:{roles[0]}", how="1")
    guest.post(activity(poll), {"how": "1", "told": "named", "done": "yes", "skill": "no"})
    says(guest, poll, 0, f"role:{roles[1]}")
    kept = Answer.objects.get()
    assert (kept.lead, kept.done, kept.skill) == (roles[1], "yes", "")


@pytest.mark.parametrize("choice", ["", "role:", "role:x", "role:１", f"role:{'9' * 30}", "everybody"])
def test_a_choice_that_no_page_has_is_malformed(guest, poll, choice):
    assert says(guest, poll, 0, choice).status_code == 400
    assert not Answer.objects.exists()


def test_a_role_or_an_activity_that_is_not_asked_about_is_none(guest, poll):
    assert says(guest, poll, 0, "role:999").status_code == 422
    address = reverse("guest_poll_activity", args=[poll.pk, 999])
    assert guest.get(address).status_code == 404
    assert guest.post(address, {"choice": "nobody", "told": "named"}).status_code == 404


def test_nothing_is_asked_before_they_say_where_they_work(visitor, poll):
    assert visitor.get(activity(poll)).url == page(poll)
    assert says(visitor, poll).url == page(poll)
    assert not Answer.objects.exists()


# ---- Sending


def test_what_is_left_out_is_said_before_it_is_sent(guest, poll):
    says(guest, poll, 0)
    text = guest.get(page(poll)).text
    assert "The activities you leave out (2) count nowhere." in text
    assert sends(guest, poll).url == page(poll)
    text = guest.get(page(poll)).text
    assert "Your answers are sent" in text
    assert "Send my answers" not in text
    assert Respondent.objects.get().submitted_at


def test_nothing_is_sent_where_nothing_is_answered(guest, poll):
    assert "Send my answers" not in guest.get(page(poll)).text
    answer = sends(guest, poll)
    assert answer.status_code == 422
    assert "You have answered nothing yet." in answer.text


def test_answers_can_be_changed_after_they_are_sent(guest, poll):
    says(guest, poll, 0)
    sends(guest, poll)
    says(guest, poll, 0, "unknown")
    assert Answer.objects.get().said == "unknown"


def test_once_it_is_closed_nothing_can_be_changed(guest, poll, editor):
    says(guest, poll, 0)
    sends(guest, poll)
    polling.close(poll=poll.pk, by=editor)
    assert "What you sent was counted" in guest.get(page(poll)).text
    assert guest.get(activity(poll)).url == page(poll)
    answer = says(guest, poll, 0, "unknown")
    assert answer.status_code == 409
    assert "This poll is closed" in answer.text
    assert sends(guest, poll).status_code == 409


def test_who_had_not_sent_theirs_is_told_that_they_do_not_count(guest, poll, editor):
    says(guest, poll, 0)
    polling.close(poll=poll.pk, by=editor)
    assert "They are counted nowhere." in guest.get(page(poll)).text


def test_a_closed_poll_by_function_still_tells_who_answered_by_the_link(editor):
    made = opened(make_matrix(editor, "LS."), editor, FUNCTION)
    client = Client()
    client.get(link(made.token))
    join_as(client, made.poll)
    says(client, made.poll, told="function")
    sends(client, made.poll)
    polling.close(poll=made.poll.pk, by=editor)
    text = client.get(page(made.poll)).text
    assert "What you sent was counted" in text
    assert "Role 1" not in text


def test_a_poll_past_its_end_lets_nobody_new_in(made, poll):
    with time_machine.travel(poll.until + timedelta(seconds=1)):
        assert Client().get(link(made.token)).status_code == 410


@pytest.mark.parametrize("where", ["start", "activity"])
def test_a_page_takes_few_queries_however_much_is_asked(editor, django_assert_max_num_queries, where):
    made = opened(make_matrix(editor, *["LS."] * 40), editor)
    client = Client()
    client.get(link(made.token))
    join_as(client, made.poll)
    says(client, made.poll, 0)
    address = page(made.poll) if where == "start" else activity(made.poll, 1)
    with django_assert_max_num_queries(6):
        assert client.get(address).status_code == 200
