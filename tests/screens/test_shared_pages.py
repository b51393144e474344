"""The page of links to what is published: what it says, what it makes and what it revokes."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.publishing import pages
from raci.publishing.models import SharedPage
from raci.publishing.pages import Kind, Wanted
from raci.screens.views.shared_pages import ROUTES
from raci.workspaces.links import NO_END
from raci.workspaces.models import AuditEvent
from tests.factories import MemberFactory, make_matrix
from tests.publishing.making import publish as published


@pytest.fixture
def small(owner) -> Matrix:
    matrix = make_matrix(owner, "LS", "SL", name="Core “x”")
    published(matrix, owner)
    return matrix


def place(matrix, name="shared_pages") -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def new(**values) -> dict:
    return {"kind": "page", "version": "latest", **values}


def make(client, matrix, **values):
    return client.post(place(matrix, "shared_page_new"), new(**values))


def test_a_new_link_is_shown_once_and_works(sign_in, editor, small):
    client = sign_in(editor)
    assert make(client, small, name="Fatima at the agency").url == place(small)
    shown = client.get(place(small))
    (token,) = re.findall(r"/shared/([\w-]{43})/", shown.text)
    assert shown.headers["Cache-Control"] == "no-store"
    again = client.get(place(small)).text
    assert token not in again
    assert "Fatima at the agency" in again
    assert Client().get(reverse("shared_link", args=[token])).status_code == 302


@pytest.mark.parametrize("kind", Kind)
def test_the_list_says_that_a_link_was_used_once_somebody_came_by_it(sign_in, editor, small, kind):
    sites = "https://wiki.example" if kind == Kind.EMBED else ""
    made = pages.make(matrix=small.pk, by=editor, wanted=Wanted(kind=kind, origins=sites))
    client = sign_in(editor)
    assert "Not used yet." in client.get(place(small)).text
    assert Client().get(reverse(ROUTES[kind], args=[made.token]), follow=True).status_code == 200
    text = client.get(place(small)).text
    assert "Last used <time" in text
    assert "Not used yet." not in text


def test_without_a_day_it_has_no_end(sign_in, editor, small):
    client = sign_in(editor)
    make(client, small)
    day = timezone.localdate() + timedelta(days=30)
    make(client, small, until=f"{day:%Y-%m-%d}")
    ended, open_ended = SharedPage.objects.order_by("-pk")
    assert open_ended.link.expires_at == NO_END
    assert timezone.localdate(ended.link.expires_at) == day
    assert client.get(place(small)).text.count("Until <time") == 1


def test_an_embedded_page_is_handed_over_as_an_element(sign_in, editor, small):
    client = sign_in(editor)
    make(client, small, kind="embed", origins="https://Wiki.example/")
    text = client.get(place(small)).text
    assert "Put this into your page" in text
    assert re.search(r"&lt;iframe src=&quot;http://testserver/embed/[\w-]{43}/&quot; title=", text)
    assert "It works on https://wiki.example alone." in text


def test_a_feed_has_its_own_address(sign_in, editor, small):
    client = sign_in(editor)
    make(client, small, kind="feed", shows_people="on", version="1")
    assert re.search(r"/feeds/[\w-]{43}/", client.get(place(small)).text)
    assert SharedPage.objects.get().version is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"kind": "everything"},
        {"version": "2"},
        {"version": ""},
        {"until": "yesterday"},
        {"until": "2020-01-01"},
        {"kind": "embed"},
        {"kind": "embed", "origins": "https://*.example"},
        {"kind": "embed", "origins": "https://wiki.example; script-src *"},
    ],
)
def test_what_makes_no_sense_is_said_and_the_rest_is_kept(sign_in, editor, small, wrong):
    answer = make(sign_in(editor), small, **{"name": "Kept as typed", **wrong})
    assert answer.status_code == 422
    assert "errorlist" in answer.text or "form-errors" in answer.text
    assert 'value="Kept as typed"' in answer.text
    assert not SharedPage.objects.exists()


def test_a_form_sent_twice_makes_one_link(sign_in, editor, small):
    client = sign_in(editor)
    for _ in range(2):
        make(client, small, key="a-key-of-this-form")
    assert SharedPage.objects.count() == 1


def test_before_anything_is_published_there_is_nothing_to_share(sign_in, editor, owner):
    draft = make_matrix(owner, "LS")
    client = sign_in(editor)
    text = client.get(place(draft)).text
    assert "There is nothing to share yet" in text
    assert "Make a link" not in text
    assert make(client, draft).status_code == 422
    assert not SharedPage.objects.exists()


def test_the_list_says_what_for_whom_and_when_it_was_used(sign_in, owner, editor, small):
    wanted = Wanted(name="The board", version=1, shows_people=True)
    made = pages.make(matrix=small.pk, by=editor, wanted=wanted)
    text = sign_in(owner).get(place(small)).text
    for words in ("The board", "Version 1, with names.", "<bdi>Eddie Editor</bdi>", "Not used yet."):
        assert words in text
    visitor = Client()
    visitor.get(reverse("shared_link", args=[made.token]))
    visitor.get(reverse("shared", args=[made.page.pk]))
    text = sign_in(owner).get(place(small)).text
    assert "Last used" in text
    assert "today" in text


def test_only_its_maker_and_owners_revoke_a_link(sign_in, owner, editor, workspace, small):
    made = pages.make(matrix=small.pk, by=editor, wanted=Wanted())
    other = MemberFactory(workspace=workspace)
    for member, offered in ((owner, 1), (editor, 1), (other, 0)):
        assert sign_in(member).get(place(small)).text.count(place(small, "shared_page_revoke")) == offered
    sent = {"page": made.page.pk}
    assert sign_in(other).post(place(small, "shared_page_revoke"), sent).status_code == 403
    assert sign_in(owner).post(place(small, "shared_page_revoke"), sent).status_code == 302
    assert pages.opened_by(made.token, Kind.PAGE) is None
    assert "revoked on" in sign_in(owner).get(place(small)).text


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_the_page_is_for_editors(request, sign_in, small, who):
    assert sign_in(request.getfixturevalue(who)).get(place(small)).status_code == 403


def test_the_audit_says_what_was_shared_and_revoked(sign_in, owner, small):
    client = sign_in(owner)
    for kind in Kind:
        made = pages.make(matrix=small.pk, by=owner, wanted=Wanted(kind=kind, origins="https://wiki.example"))
        pages.revoke_page(matrix=small.pk, page=made.page.pk, by=owner)
    client.post(reverse("version_export", args=[small.workspace_id, small.pk, 1]))
    text = client.get(reverse("audit", args=[small.workspace_id])).text
    for words in (
        "made a link to read what is published of",
        "revoked a feed of what is published of",
        "made a page for other sites with what is published of",
        "exported version 1 of",
    ):
        assert words in text
    assert AuditEvent.objects.filter(kind="page.shared").count() == 3
