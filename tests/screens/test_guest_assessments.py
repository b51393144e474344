"""An assessment as guests see it: the link, joining, answering and the result; and that their cookies open no more."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from culture.asking import (
    LINK_LIFETIME,
    answer_as_guest,
    answers_of,
    ask_others,
    close,
    join,
    open_assessment,
    revoke_link,
    set_aside,
    share_result,
)
from culture.entries import Function
from culture.models import Answer, Assessment, Respondent
from culture.scoring import Choice
from raci.web import limits
from raci.web.logs import HideTokens
from raci.workspaces.links import make_sign_in_link, new_token
from raci.workspaces.models import Access, Link, Member
from tests import walk

STRATEGY, MARKETING, SEGMENTS, SELLING = Function
DEAD = ("unknown", "revoked", "replaced", "closed", "ended", "account", "left", "demoted")


@pytest.fixture
def opened(editor):
    return open_assessment(by=editor, title="How we are", asks_others=True)


@pytest.fixture
def shared(opened) -> Assessment:
    return opened.assessment


@pytest.fixture
def visitor(opened) -> Client:
    """Somebody without an account who has followed the link."""
    client = Client()
    client.get(link(opened.token))
    return client


@pytest.fixture
def guest(visitor, shared) -> Client:
    """The same, with their name said."""
    assert join_as(visitor, shared).status_code == 302
    return visitor


def link(token) -> str:
    return reverse("assessment_link", args=[token])


def page(assessment) -> str:
    return reverse("guest_assessment", args=[assessment.pk])


def question(assessment, function=STRATEGY) -> str:
    return reverse("guest_question", args=[assessment.pk, function])


def result(assessment) -> str:
    return reverse("guest_result", args=[assessment.pk])


def join_as(client, assessment, name="Gina Guest", group="Sales", **more):
    return client.post(page(assessment), {"name": name, "group": group, "key": new_token(), **more})


def answer_all(client, assessment):
    for function in Function:
        client.post(question(assessment, function), {"first": "1"})


def end(how, opened, editor) -> str:
    """Makes the link dead in one of the ways there are; the token to try."""
    pk = opened.assessment.pk
    match how:
        case "unknown":
            return new_token()
        case "revoked":
            revoke_link(assessment=pk, by=editor)
        case "replaced":
            ask_others(assessment=pk, by=editor)
        case "closed":
            close(assessment=pk, by=editor)
        case "ended":
            Link.objects.update(expires_at=timezone.now())
        case "account":
            editor.user.is_active = False
            editor.user.save()
        case "left":
            Member.objects.filter(pk=editor.pk).delete()
        case "demoted":
            Member.objects.filter(pk=editor.pk).update(access=Access.REVIEWER)
    return opened.token


# ---- The link


def test_the_token_moves_from_the_address_into_a_cookie_for_these_pages_alone(opened, shared):
    client = Client()
    answer = client.get(link(opened.token))
    assert answer.status_code == 302
    assert answer.url == page(shared)
    cookie = answer.cookies["answers_link"]
    assert cookie.value == opened.token
    assert cookie["path"] == page(shared)
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) <= LINK_LIFETIME.total_seconds()
    assert opened.token not in client.get(page(shared)).text


def test_the_cookies_are_secure_where_the_others_are(opened, shared, settings):
    assert not Client().get(link(opened.token)).cookies["answers_link"]["secure"]
    settings.SESSION_COOKIE_SECURE = True
    assert Client().get(link(opened.token)).cookies["answers_link"]["secure"]


def test_no_answer_about_a_link_is_referred_to_kept_or_listed(opened, shared):
    for token in (opened.token, new_token()):
        headers = Client().get(link(token)).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"


def test_a_page_with_a_form_refers_within_remit_and_is_neither_kept_nor_listed(visitor, shared):
    headers = visitor.get(page(shared)).headers
    assert headers["Referrer-Policy"] == "same-origin"  # with no-referrer browsers send no origin, and no form passes
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


def test_looking_at_a_link_writes_nothing(opened, shared):
    before = walk.digest()
    client = Client()
    client.get(link(opened.token))
    client.get(page(shared))
    assert walk.digest() == before


@pytest.mark.parametrize("how", DEAD)
def test_a_dead_link_is_gone_with_the_same_words_whatever_ended_it(opened, shared, editor, how):
    token = end(how, opened, editor)
    answer, unknown = Client().get(link(token)), Client().get(link("x"))
    assert answer.status_code == unknown.status_code == 410
    assert walk.masked(answer) == walk.masked(unknown)
    assert 'data-error="expired_link"' in answer.text
    assert "How we are" not in answer.text


@pytest.mark.parametrize("how", DEAD[1:])
def test_whoever_came_before_it_died_and_said_no_name_is_out(visitor, opened, shared, editor, how):
    end(how, opened, editor)
    for answer in (visitor.get(page(shared)), join_as(visitor, shared), visitor.get(question(shared))):
        assert answer.status_code == 410
        assert walk.masked(answer) == walk.masked(Client().get(link("x")))
    assert not Respondent.objects.exists()


def test_a_member_is_sent_to_the_members_page(sign_in, viewer, stranger, opened, shared):
    member = reverse("assessment", args=[shared.workspace_id, shared.pk])
    assert sign_in(viewer).get(link(opened.token)).url == member
    assert sign_in(stranger).get(link(opened.token)).url == page(shared)


def test_a_link_to_sign_in_is_no_link_to_an_assessment(db, viewer):
    assert Client().get(link(make_sign_in_link(viewer.user))).status_code == 410


def test_thirty_wrong_links_a_minute_are_told_and_the_next_is_too_many(opened, shared):
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert {client.get(link(new_token())).status_code for _ in range(30)} == {410}
        answer = client.get(link(new_token()))
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "60"
        assert client.get(link(new_token()), REMOTE_ADDR="203.0.113.9").status_code == 410
        clock.shift(timedelta(seconds=61))
        assert client.get(link(new_token())).status_code == 410


def test_links_that_are_known_work_behind_an_address_that_tried_too_many_others(sign_in, viewer, guest, opened, shared):
    stranger = Client()
    with time_machine.travel(timezone.now(), tick=False):
        assert [stranger.get(link(new_token())).status_code for _ in range(31)][-1] == 429
        for client in (Client(), guest, sign_in(viewer)):
            assert client.get(link(opened.token)).status_code == 302
        assert guest.get(page(shared)).status_code == 200
        newcomer = Client()
        newcomer.get(link(opened.token))
        assert join_as(newcomer, shared).status_code == 302


@pytest.mark.parametrize("name", ["answers_link", "answers_own"])
def test_unknown_tokens_in_a_cookie_are_counted_too(guest, shared, name):
    def attempt():
        client = Client()
        client.cookies[name] = new_token()
        return client.get(page(shared)).status_code

    with time_machine.travel(timezone.now(), tick=False):
        assert {attempt() for _ in range(30)} == {410}
        assert attempt() == 429
        assert guest.get(page(shared)).status_code == 200
        assert Client().get(page(shared)).status_code == 410  # nothing was tried


def test_the_cookies_of_a_link_that_ended_are_not_counted(visitor, opened, shared, editor):
    end("replaced", opened, editor)
    assert {visitor.get(page(shared)).status_code for _ in range(40)} == {410}
    assert {visitor.get(link(opened.token)).status_code for _ in range(40)} == {410}


def test_a_whole_hall_may_try_a_link_that_was_closed(opened, shared, editor):
    close(assessment=shared.pk, by=editor)
    assert {Client().get(link(opened.token)).status_code for _ in range(40)} == {410}


def test_the_log_does_not_know_the_token(opened, caplog):
    token = new_token()
    with caplog.at_level(logging.WARNING):
        Client().get(link(token))
        Client().get(reverse("sign_in_link", args=[token]))
        Client().post(link(token))
    assert len(caplog.records) >= 3
    assert token not in caplog.text
    assert "/answers/·/" in caplog.text
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["hide_tokens"]


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("GET /answers/abc_-9/ 410", "GET /answers/·/ 410"),
        ("GET /sign-in/abc/?next=/ 410", "GET /sign-in/·/?next=/ 410"),
        ("GET /account/sign-in/?next=/ 200", "GET /account/sign-in/?next=/ 200"),
        ("GET /w/1/ 200", "GET /w/1/ 200"),
        (f"GET /answers/%20{'aB3_-' * 8}xyz/ 404", "GET /answers/·/ 404"),
        (f"Not Found: /answers/ {'aB3_-' * 8}xyz/", "Not Found: /answers/ ·/"),
        (f"GET //answers//{'aB3_-' * 8}xyz/ 404", "GET //answers//·/ 404"),
        ("GET /Answers/abc/ 404", "GET /Answers/·/ 404"),
        ("GET /SIGN-IN/abc/ 404", "GET /SIGN-IN/·/ 404"),
        (f"GET /w/1/{'aB3_-' * 8} 404", "GET /w/1/· 404"),
        (f"GET /static/{'x' * 39}.css 200", f"GET /static/{'x' * 39}.css 200"),
    ],
)
def test_only_tokens_are_hidden(said, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s %s", (said, 7), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == f"{logged} 7"


# ---- Joining


def test_a_link_tells_title_opener_and_how_many_have_answered_and_no_names(visitor, opened, shared):
    for n in range(3):
        other = join(link_token=opened.token, name=f"Somebody {n}", group="Unheard-of", token=new_token())
        for function in Function if n else [STRATEGY]:
            answer_as_guest(respondent=other, function=function, choice=Choice("market"))
    text = visitor.get(page(shared)).text
    for words in ("How we are", "Eddie Editor", "2 have answered so far."):
        assert words in text
    assert "Somebody" not in text
    assert "Unheard-of" not in text


def test_a_guest_says_name_and_function_and_goes_to_the_first_question(visitor, shared):
    answer = join_as(visitor, shared)
    assert answer.url == question(shared)
    one = Respondent.objects.get()
    assert (one.name, one.group, one.user) == ("Gina Guest", "Sales", None)
    assert answer.cookies["answers_own"]["path"] == page(shared)
    assert answer.cookies["answers_own"]["httponly"]
    assert one.digest not in (answer.cookies["answers_own"].value, "")


def test_another_function_is_named(visitor, shared):
    refused = join_as(visitor, shared, group="other", other=" ")
    assert refused.status_code == 422
    assert "Name the function you work in." in refused.text
    join_as(visitor, shared, group="other", other="Finance")
    assert Respondent.objects.get().group == "Finance"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": ""}, "required"),
        ({"name": "a\x07b"}, "control character"),
        ({"group": ""}, "Choose the function you work in."),
        ({"group": "Weather"}, "valid choice"),
        ({"group": "other", "other": "x" * 81}, "80 fit"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(visitor, shared, sent, sentence):
    answer = join_as(visitor, shared, **{"name": "What I typed", **sent})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "name" in sent or "What I typed" in answer.text
    assert not Respondent.objects.exists()


def test_the_form_sent_twice_makes_one_guest(opened, shared):
    one, other = Client(), Client()
    for client in (one, other):  # the second press leaves before the first answer has come
        client.get(link(opened.token))
    key = re.search(r'name="key" value="([\w-]{43})"', one.get(page(shared)).text)[1]
    for client in (one, other):
        join_as(client, shared, key=key)
    assert join_as(one, shared).url == question(shared)  # and a third, with the cookie
    assert Respondent.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 44])
def test_a_form_without_its_key_is_incomplete(visitor, shared, key):
    assert join_as(visitor, shared, key=key).status_code == 400
    assert not Respondent.objects.exists()


def test_a_full_hall_joins_from_one_address_and_a_flood_does_not(opened, shared, monkeypatch):
    assert limits.LIMITS["join"] == "120/m/ip"
    monkeypatch.setitem(limits.LIMITS, "join", "3/m/ip")
    answers = []
    for n in range(4):
        client = Client()
        client.get(link(opened.token))
        answers.append(join_as(client, shared, name=f"Guest {n}").status_code)
    assert answers == [302, 302, 302, 429]
    assert Respondent.objects.count() == 3


# ---- Answering


def test_a_guest_answers_four_questions_and_is_thanked(guest, shared):
    for function, following in zip(Function, (MARKETING, SEGMENTS, SELLING, None), strict=True):
        answer = guest.post(question(shared, function), {"first": "2", "second": "1"})
        assert answer.url == (question(shared, following) if following else page(shared))
    text = guest.get(page(shared)).text
    assert "Thank you" in text
    assert "You can change them until" in text
    assert Answer.objects.count() == 4


def test_none_may_fit_in_any_question_and_in_all(guest, shared):
    for function in Function:
        guest.post(question(shared, function), {"first": "none"})
    assert set(answers_of(Respondent.objects.get()).values()) == {Choice(None)}


def test_an_answer_sent_twice_or_changed_is_one_answer(guest, shared):
    for first in ("1", "1", "3"):
        guest.post(question(shared), {"first": first})
    assert Answer.objects.count() == 1
    assert 'name="first" value="3" checked' in guest.get(question(shared)).text


def test_without_a_name_the_questions_lead_to_the_form(visitor, shared):
    assert visitor.get(question(shared)).url == page(shared)
    assert visitor.post(question(shared), {"first": "1"}).url == page(shared)
    assert not Answer.objects.exists()


def test_a_guest_sees_no_names_and_no_answers_of_others_ever_before_the_result(guest, opened, shared):
    other = join(link_token=opened.token, name="Somebody Else", group="Unheard-of", token=new_token())
    urls, pages = [page(shared), *(question(shared, function) for function in Function)], []
    for choice in (Choice("market", "sales"), Choice("technology"), Choice(None)):
        for function in Function:
            answer_as_guest(respondent=other, function=function, choice=choice)
        pages.append([re.sub(r"[A-Za-z0-9]{64}", "", guest.get(url).text) for url in urls])
    assert pages[0] == pages[1] == pages[2]
    assert "Somebody Else" not in "".join(pages[0])
    assert guest.get(result(shared)).url == page(shared)


@pytest.mark.parametrize("how", ["revoked", "replaced", "ended"])
def test_whoever_has_joined_may_change_answers_after_the_link_died(guest, opened, shared, editor, how):
    end(how, opened, editor)
    guest.cookies.pop("answers_link")
    assert guest.post(question(shared), {"first": "1"}).status_code == 302
    assert Answer.objects.count() == 1


def test_whoever_has_joined_comes_back_by_the_dead_link_too(guest, opened, shared, editor):
    close(assessment=shared.pk, by=editor)
    assert guest.get(link(opened.token)).url == page(shared)
    assert Client().get(link(opened.token)).status_code == 410


def test_after_it_closed_nothing_is_answered(guest, shared, editor):
    guest.post(question(shared), {"first": "1"})
    close(assessment=shared.pk, by=editor)
    answer = guest.post(question(shared), {"first": "2"})
    assert answer.status_code == 409
    assert "This assessment was closed on" in answer.text
    assert guest.get(question(shared)).url == page(shared)
    assert "If <bdi>Eddie Editor</bdi> shares the result" in guest.get(page(shared)).text


# ---- The result


def test_a_guest_reads_the_result_once_it_is_closed_and_shared(guest, shared, editor):
    answer_all(guest, shared)
    close(assessment=shared.pk, by=editor)
    assert guest.get(result(shared)).status_code == 302
    share_result(assessment=shared.pk, by=editor)
    assert result(shared) in guest.get(page(shared)).text
    answer = guest.get(result(shared))
    assert answer.status_code == 200
    assert "Gina Guest" in answer.text
    assert "/w/" not in answer.text  # no way into the workspace
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_guest_who_gave_no_answer_reads_no_result(guest, shared, editor):
    close(assessment=shared.pk, by=editor, share=True)
    assert guest.get(result(shared)).url == page(shared)
    assert "before you had answered" in guest.get(page(shared)).text


# ---- What a guest's cookies open


@pytest.mark.parametrize("alive", [True, False])
def test_a_guests_cookies_open_nothing_else(seeded, alive):
    """Not even where they are sent, as no browser would: to every other route of the workspace."""
    ours, client = walk.our_world(), Client()
    shared = Assessment.objects.get(pk=ours.ids["assessment"])
    owner = Member.objects.filter(workspace=shared.workspace_id, access=Access.OWNER).earliest("pk")
    second = open_assessment(by=owner, title="Second", asks_others=True).assessment
    client.get(link(ours.ids["link"]))
    if alive:
        assert join_as(client, shared).status_code == 302
    else:
        revoke_link(assessment=shared.pk, by=owner)
    for name in ("answers_link", "answers_own"):
        if name in client.cookies:
            client.cookies[name]["path"] = "/"
    ids = {**ours.ids, "assessment": second.pk}
    tried = [route for route in walk.routes() if isinstance(route.access, Access) or route.name.startswith("guest_")]
    assert len(tried) > 50
    for route in tried:
        for method in {"GET", "POST"} & set(route.methods):
            answer = walk.send(client, route, method, route.url(ids), ids)
            to = answer.headers.get("Location", "")
            assert answer.status_code == 410 or to.startswith(reverse("account_login")), (route.label, method)


def test_another_guests_token_is_another_guest(guest, opened, shared):
    join(link_token=opened.token, name="Other Guest", group="Sales", token=(token := new_token()))
    guest.cookies["answers_own"] = token
    assert "Other Guest" in guest.get(page(shared)).text
    guest.cookies["answers_own"] = Respondent.objects.first().digest  # what the database knows is no key
    guest.cookies["answers_link"] = ""
    assert guest.get(page(shared)).status_code == 410


def test_a_member_is_no_guest_by_an_empty_token(opened, shared, viewer, editor):
    Respondent.objects.create(assessment=shared, user=viewer.user, name="Vic", joined_at=timezone.now())
    client = Client()
    client.cookies["answers_own"] = ""
    assert client.get(page(shared)).status_code == 410


# ---- Somebody else in the same browser


def other(assessment) -> str:
    return reverse("guest_other", args=[assessment.pk])


def test_somebody_else_in_the_same_browser_says_their_own_name_and_sees_nothing_of_the_first(guest, opened, shared):
    guest.post(question(shared), {"first": "2"})
    shown = guest.get(page(shared)).text
    assert other(shared) in shown
    assert "Not you?" in shown
    left = guest.post(other(shared))
    assert left.url == page(shared)
    for name, path in (("answers_own", page(shared)), (f"answers_own_{shared.pk}", "/answers/")):
        assert left.cookies[name].value == ""
        assert left.cookies[name]["path"] == path
        assert left.cookies[name]["max-age"] == 0
    assert "Gina" not in guest.get(page(shared)).text
    assert join_as(guest, shared, name="Hugo Guest").url == question(shared)
    assert " checked" not in guest.get(question(shared)).text.split('name="second"')[0]
    assert "Hugo Guest" in guest.get(page(shared)).text
    assert list(Respondent.objects.values_list("name", flat=True)) == ["Gina Guest", "Hugo Guest"]
    assert Answer.objects.count() == 1


def test_where_the_link_is_dead_a_guest_can_still_leave(guest, opened, shared, editor):
    close(assessment=shared.pk, by=editor)
    assert "Answer as somebody else" not in guest.get(page(shared)).text
    assert "Not you?" in guest.get(page(shared)).text
    guest.post(other(shared))
    assert guest.get(page(shared)).status_code == 410
    assert guest.get(link(opened.token)).status_code == 410


def test_a_browser_knows_a_guest_for_ninety_days(visitor, shared):
    cookies = join_as(visitor, shared).cookies
    for name in ("answers_own", f"answers_own_{shared.pk}"):
        assert int(cookies[name]["max-age"]) == timedelta(days=90).total_seconds()


def test_a_guest_who_was_set_aside_is_not_told(guest, opened, shared, editor):
    def shown():
        return re.sub(
            r"[A-Za-z0-9]{64}|\d+ (has|have) answered so far|Nobody is through yet", "", guest.get(page(shared)).text
        )

    answer_all(guest, shared)
    before = shown()
    set_aside(assessment=shared.pk, by=editor, respondent=Respondent.objects.get().pk)
    assert guest.post(question(shared), {"first": "1"}).status_code == 302
    assert shown() == before
    assert "Thank you" in before
