"""Sharing a draft: the page of its links, and what a visitor without an account sees; and that a link opens no more."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices import drafts
from raci.matrices.models import Activity, DraftLink, Matrix
from raci.matrices.operations import set_level
from raci.matrices.people import take_part
from raci.workspaces.links import new_token
from raci.workspaces.models import Access, Link, Member
from tests import walk
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import revision, roles_of, rows_of, to

COOKIE = "draft_link"


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def made(small, editor) -> drafts.Made:
    return drafts.make(matrix=small.pk, by=editor, name="For the board")


@pytest.fixture
def visitor(made) -> Client:
    """Somebody without an account who has followed the link."""
    client = Client()
    client.get(link(made.token))
    return client


def link(token) -> str:
    return reverse("draft_link", args=[token])


def page(matrix) -> str:
    return reverse("draft", args=[matrix.pk])


def share(matrix, name="draft_links") -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def new(**values) -> dict:
    return {"name": "", "until": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}", **values}


def revoke(made, by):
    drafts.revoke_draft(matrix=made.draft.matrix_id, draft=made.draft.pk, by=by)


# ---- The page of links


def test_a_new_link_is_shown_once_and_works(sign_in, editor, small):
    client = sign_in(editor)
    answer = client.post(share(small, "draft_link_new"), new(name="Fatima at the agency"))
    assert answer.url == share(small)
    shown = client.get(share(small))
    (token,) = re.findall(r"/drafts/([\w-]{43})/", shown.text)
    assert f'value="http://testserver{link(token)}"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    again = client.get(share(small))
    assert token not in again.text
    assert "Fatima at the agency" in again.text
    assert Client().get(link(token)).url == page(small)


def test_a_form_sent_twice_makes_one_link_and_the_page_shows_it(sign_in, editor, small):
    client, sent = sign_in(editor), new(key="a-key-of-this-form")
    for _ in range(2):
        client.post(share(small, "draft_link_new"), sent)
    assert DraftLink.objects.count() == 1
    assert re.search(r"/drafts/[\w-]{43}/", client.get(share(small)).text)


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01", "2099-01-01"])
def test_a_link_needs_an_end_within_a_year(sign_in, editor, small, until):
    answer = sign_in(editor).post(share(small, "draft_link_new"), new(until=until, name="Kept as typed"))
    assert answer.status_code == 422
    assert "errorlist" in answer.text
    assert 'value="Kept as typed"' in answer.text
    assert not DraftLink.objects.exists()


def test_one_link_too_many_is_said_on_the_page(sign_in, editor, small, made, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_OPEN", 1)
    answer = sign_in(editor).post(share(small, "draft_link_new"), new())
    assert answer.status_code == 422
    assert "up to 1 links that work" in answer.text


def test_the_list_says_for_whom_by_whom_and_until_when(sign_in, owner, made, small):
    text = sign_in(owner).get(share(small)).text
    assert "For the board" in text
    assert "<bdi>Eddie Editor</bdi>" in text
    assert f"{timezone.localdate(made.draft.link.expires_at):%Y}" in text


def test_only_its_maker_and_owners_are_offered_to_revoke_a_link(sign_in, owner, editor, workspace, made, small):
    other = MemberFactory(workspace=workspace)
    for member, offered in ((owner, 1), (editor, 1), (other, 0)):
        assert sign_in(member).get(share(small)).text.count(share(small, "draft_link_revoke")) == offered
    sent = {"draft": made.draft.pk}
    assert sign_in(other).post(share(small, "draft_link_revoke"), sent).status_code == 403
    assert drafts.opened_by(made.token)


def test_a_revoked_link_stands_among_those_that_ended(sign_in, editor, made, small):
    client = sign_in(editor)
    assert client.post(share(small, "draft_link_revoke"), {"draft": made.draft.pk}).url == share(small)
    text = client.get(share(small)).text
    assert "The link is revoked." in text
    assert "Nobody can look at this draft by a link." in text
    assert "revoked on" in text


def test_editors_find_the_page_in_the_menu_of_the_matrix_and_viewers_do_not(sign_in, editor, viewer, small):
    matrix = reverse("matrix", args=[small.workspace_id, small.pk])
    assert share(small) in sign_in(editor).get(matrix).text
    assert share(small) not in sign_in(viewer).get(matrix).text
    assert sign_in(viewer).get(share(small)).status_code == 403


def test_the_page_takes_as_many_queries_for_many_links(sign_in, editor, owner, small):
    client, counts = sign_in(owner), []
    client.get(share(small))
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(share(small))
        counts.append(len(asked))
        for _ in range(5):
            revoke(drafts.make(matrix=small.pk, by=editor), editor)
            drafts.make(matrix=small.pk, by=editor)
    assert counts[0] == counts[1] <= 12


# ---- The way in


def test_the_token_moves_from_the_address_into_a_cookie_for_this_page_alone(made, small):
    client = Client()
    answer = client.get(link(made.token))
    assert (answer.status_code, answer.url) == (302, page(small))
    cookie = answer.cookies[COOKIE]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == (made.token, page(small), "Lax")
    assert cookie["httponly"]
    assert int(cookie["max-age"]) <= drafts.LIFETIME.total_seconds()
    assert made.token not in client.get(page(small)).text


def test_the_cookie_is_secure_where_the_others_are(made, settings):
    assert not Client().get(link(made.token)).cookies[COOKIE]["secure"]
    settings.SESSION_COOKIE_SECURE = True
    assert Client().get(link(made.token)).cookies[COOKIE]["secure"]


def test_no_answer_is_referred_to_kept_or_listed(made, small, visitor):
    for answer in (Client().get(link(made.token)), Client().get(link(new_token()))):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    for answer in (Client().get(link(made.token)), visitor.get(page(small)), Client().get(page(small))):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_looking_writes_nothing(made, small):
    before, client = walk.digest(), Client()
    client.get(link(made.token))
    client.get(page(small))
    assert walk.digest() == before


@pytest.mark.parametrize("how", ["unknown", "revoked", "ended", "left", "demoted", "account"])
def test_a_dead_link_is_gone_with_the_same_words_whatever_ended_it(made, small, editor, visitor, how):
    token = made.token
    match how:
        case "unknown":
            token = visitor.cookies[COOKIE] = new_token()
        case "revoked":
            revoke(made, editor)
        case "ended":
            Link.objects.update(expires_at=timezone.now())
        case "left":
            Member.objects.filter(pk=editor.pk).delete()
        case "demoted":
            Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
        case "account":
            editor.user.is_active = False
            editor.user.save()
    none = Client().get(page(small))
    for answer in (Client().get(link(token)), visitor.get(page(small))):
        assert answer.status_code == 410
        assert walk.masked(answer) == walk.masked(none)
        assert 'data-error="expired_link"' in answer.text
        assert "Small" not in answer.text


def test_the_page_is_gone_the_second_the_link_ends(made, visitor, small):
    with time_machine.travel(made.draft.link.expires_at, tick=False) as clock:
        assert visitor.get(page(small)).status_code == 410
        clock.shift(timedelta(seconds=-1))
        assert drafts.opened_by(made.token, small.pk)


def test_a_matrix_that_is_not_there_is_answered_like_one_without_a_link(visitor, small):
    gone, none = visitor.get(page(small)[:-2] + "987654/"), Client().get(page(small))
    assert gone.status_code == none.status_code == 410
    assert walk.masked(gone) == walk.masked(none)


def test_guesses_are_counted_in_the_address_and_in_the_cookie(made, small, visitor):
    def by_cookie():
        client = Client()
        client.cookies[COOKIE] = new_token()
        return client.get(page(small)).status_code

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert {Client().get(link(new_token())).status_code for _ in range(15)} == {410}
        assert {by_cookie() for _ in range(15)} == {410}
        assert by_cookie() == Client().get(link(new_token())).status_code == 429
        assert Client().get(link(made.token)).status_code == 302
        assert visitor.get(page(small)).status_code == 200
        clock.shift(timedelta(seconds=61))
        assert Client().get(link(new_token())).status_code == 410


def test_a_link_that_ended_is_no_guess(made, small, visitor, editor):
    revoke(made, editor)
    assert {visitor.get(page(small)).status_code for _ in range(40)} == {410}
    assert {visitor.get(link(made.token)).status_code for _ in range(40)} == {410}


def test_the_log_does_not_know_the_token(caplog, db):
    token = new_token()
    with caplog.at_level(logging.WARNING):
        Client().get(link(token))
        Client().post(link(token))
    assert len(caplog.records) >= 2
    assert token not in caplog.text
    assert "/drafts/·/" in caplog.text


# ---- What a visitor sees


def test_a_visitor_reads_the_matrix_as_it_stands(visitor, small, owner):
    text = visitor.get(page(small)).text
    assert "Draft, not yet agreed" in text
    assert f"{timezone.localdate():%Y-%m-%d}" in text
    assert text.count('data-level="lead"') == 2 + 1  # with the legend
    activity, role = rows_of(small)[0].pk, roles_of(small)[0].pk
    set_level(**to(small, owner), activity=activity, role=role, level=None, seen=revision(small))
    assert visitor.get(page(small)).text.count('data-level="lead"') == 1 + 1


def test_a_visitor_reads_it_in_both_notations(visitor, small):
    assert "Lead" in visitor.get(page(small) + "?notation=lsci").text
    raci = visitor.get(page(small) + "?notation=raci").text
    assert "Accountable" in raci
    assert ">Support<" not in raci
    assert visitor.get(page(small) + "?notation=nonsense").status_code == 200


def test_a_row_without_a_lead_is_marked(owner):
    matrix = make_matrix(owner, "LS", "SC")
    reader = Client()
    reader.get(link(drafts.make(matrix=matrix.pk, by=owner, name="").token))
    assert reader.get(page(matrix)).text.count("No Lead") == 1
    assert reader.get(page(matrix) + "?notation=raci").text.count("Nobody accountable") == 1


def test_a_matrix_of_nothing_says_so(owner):
    made = drafts.make(matrix=make_matrix(owner, roles=0).pk, by=owner)
    client = Client()
    assert "Nothing in it yet" in client.get(link(made.token), follow=True).text


def test_a_visitor_learns_no_name_note_or_history(seeded):
    """Not of the members, nor of those who were typed, nor that of the workspace, which often is a person's."""
    world = walk.make_world(lambda what: f"Qz-x {what}", "acme.example")
    matrix = Matrix.objects.get(pk=world.ids["matrix"])
    text = Client().get(link(world.ids["draft_token"]), follow=True).text
    assert "Qz-x activity 1" in text
    for what in ("user", "filler", "named", "task", "notes", "description", "reason", "draft reader", "workspace"):
        assert f"Qz-x {what}" not in text, what
    assert "@acme.example" not in text
    assert f"/w/{matrix.workspace_id}/" not in text


def test_the_page_takes_few_queries_however_large_it_is(visitor, small, owner):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            visitor.get(page(small))
        counts.append(len(asked))
        stage = {"matrix": small, "revision": 1}
        Activity.objects.bulk_create([Activity(name=f"More {n}", position=9 + n, **stage) for n in range(50)])
        take_part(**to(small, owner), role=roles_of(small)[0].pk, user=owner.user_id)
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize("alive", [True, False])
def test_the_cookie_opens_nothing_else(seeded, alive):
    """Not even where it is sent, as no browser would: to every other route, and to another matrix."""
    world, client = walk.our_world(), Client()
    owner = Member.objects.filter(workspace=world.ids["workspace"], access=Access.OWNER).first()
    second = make_matrix(owner, "LS", name="Second")
    client.get(link(world.ids["draft_token"]))
    client.cookies[COOKIE]["path"] = "/"
    if not alive:
        drafts.revoke_draft(matrix=world.ids["matrix"], draft=world.ids["draft"], by=owner)
    assert client.get(page(second)).status_code == 410
    assert client.get(reverse("draft", args=[world.ids["matrix"]])).status_code == (200 if alive else 410)
    tried = [route for route in walk.routes() if isinstance(route.access, Access) or route.access == "signed in"]
    assert len(tried) > 50
    for route in tried:
        for method in {"GET", "POST"} & set(route.methods):
            answer = walk.send(client, route, method, route.url(world.ids), world.ids)
            to_sign_in = answer.headers.get("Location", "").startswith(reverse("account_login"))
            assert to_sign_in or answer.status_code == 401, (route.label, method, answer.status_code)


def test_both_routes_are_open_to_anyone_and_to_get_alone(made, small, visitor):
    assert visitor.post(page(small)).status_code == 405
    assert visitor.post(link(made.token)).status_code == 405
