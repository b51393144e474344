"""What is published, against whoever holds a link to it: what each kind opens, tells and leaves behind (T9 to T12), and
holes in publishing, planted."""

from http.cookies import SimpleCookie

import pytest
from django.test import Client
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.publishing import receipts
from raci.publishing.models import Receipt, SharedPage, SignOff
from raci.screens import shared
from raci.screens.views import calendars, guest_pages, readers
from raci.workspaces.models import Link
from tests import walk
from tests.test_access import _canaries, _everywhere, assert_none, badly_answered, told_apart, unsafe_reads
from tests.test_access_links import PLACES, holder, shown_people
from tests.walk import World, digest, send

KINDS = ("shared", "embed", "feed", "letter", "calendar")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


def test_a_page_that_is_to_name_people_names_those_who_fill_the_roles_and_tells_no_addresses(ours):
    ids = {**ours.ids, "page": ours.ids["named_page"], "page_token": ours.ids["named_token"]}
    client = holder(World(ours.people, ids), "shared")
    shown = shown_people(client, ids, "shared")
    assert {"Our user", "Our filler", "Our contact"} <= set(shown)
    assert not {"@acme.example", "Our inner"} & set(shown)


def test_a_letter_tells_no_addresses_but_the_reader_s_own(ours):
    names = ["@acme.example", "Our inner note", "Our notes", "Our inner page", "Our inner change"]
    assert shown_people(holder(ours, "letter"), ours.ids, "letter", names) in ([], ["@acme.example"])


@pytest.mark.parametrize("token", ["revoked_token", "ended_token"])
def test_a_page_that_was_revoked_or_has_ended_is_gone(ours, token):
    for address in ("shared_link", "embed", "feed"):
        answer = Client().get(reverse(address, args=[ours.ids[token]]))
        assert answer.status_code == 410
        assert "Our" not in answer.content.decode()


@pytest.mark.parametrize("kind", ["shared", "embed", "feed", "letter", "calendar"])
def test_a_token_opens_its_own_kind_of_page_alone(ours, kind):
    token = ours.ids[PLACES[kind][1]]
    for other in {"shared", "embed", "feed", "letter", "calendar", "draft"} - {kind}:
        answer = Client().get(reverse(PLACES[other][0], args=[token]))
        assert answer.status_code == 410, other


@pytest.mark.parametrize("kind", ["shared", "embed", "feed", "letter", "calendar"])
def test_nobody_is_told_where_the_holder_of_a_link_came_from_and_no_search_lists_it(ours, kind):
    address, token, _ = PLACES[kind]
    answer = Client().get(reverse(address, args=[ours.ids[token]]))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("kind", ["shared", "embed", "feed", "letter", "calendar"])
def test_looking_by_a_link_changes_nothing_but_when_it_was_last_used(ours, kind):
    client, before = holder(ours, kind), digest(uses=False)
    for route in walk.routes():
        if route.name in PLACES[kind][2]:
            for method in ("GET", "HEAD"):
                send(client, route, method, route.url(ours.ids), ours.ids)
    assert digest(uses=False) == before


def test_only_the_sites_that_were_named_may_frame_an_embedded_page_and_nobody_any_other(ours):
    embedded = Client().get(reverse("embed", args=[ours.ids["embed_token"]]))
    assert not unframed(embedded, "https://wiki.example")
    assert "X-Frame-Options" not in embedded.headers
    for kind, page, pk in (("shared", "shared", "page"), ("letter", "received", "receipt")):
        assert not unframed(holder(ours, kind).get(reverse(page, args=[ours.ids[pk]])), "'none'")


def test_a_link_opens_no_page_and_no_letter_of_another(ours, theirs):
    assert_none(others_opened(ours))


def test_a_token_is_kept_as_a_digest_alone_and_no_two_are_alike(ours, theirs):
    tokens = [world.ids[name] for world in (ours, theirs) for name in world.ids if name.endswith("_token")]
    assert len(set(tokens)) == len(tokens)
    kept = set(Link.objects.values_list("digest", flat=True))
    assert not kept & set(tokens)


# ---- Holes, planted ------------------------------------------------------------------------------------------------


def test_a_page_of_a_version_that_forgets_the_workspace_is_found(ours, theirs, monkeypatch):
    _everywhere(monkeypatch, "matrix_of", lambda _request, matrix: Matrix.objects.get(pk=matrix))
    wrong = told_apart(ours, theirs, ["readers", "version_changes"])
    assert any("readers" in sentence for sentence in wrong)
    assert any("version_changes" in sentence for sentence in wrong)


def test_a_shared_page_that_shows_people_though_it_is_not_to_is_found(ours, monkeypatch):
    def named(request, page, real=shared.page_of):
        found = real(request, page)
        found.shows_people = True
        return found

    monkeypatch.setattr(guest_pages, "page_of", named)
    assert "Our filler" in shown_people(holder(ours, "shared"), ours.ids, "shared")


def test_a_letter_that_opens_whatever_number_stands_in_its_address_is_found(ours, theirs, monkeypatch):
    rows = Receipt.objects.select_related("version__matrix__workspace", "version__published_by", "link", "reminder")
    real = receipts.opened_by

    def any_of_them(token, receipt=None):
        return rows.filter(pk=receipt).first() if receipt and real(token) else real(token)

    monkeypatch.setattr(receipts, "opened_by", any_of_them)
    assert any(sentence.startswith("received") for sentence in others_opened(ours))


def test_an_embedded_page_that_anybody_may_frame_is_found(ours, monkeypatch):
    monkeypatch.setattr(guest_pages, "_framed_by", lambda _origins, answer: answer)
    answer = Client().get(reverse("embed", args=[ours.ids["embed_token"]]))
    assert unframed(answer, "https://wiki.example")


def test_a_calendar_of_all_workspaces_is_found(ours, theirs, monkeypatch):
    foreign = Matrix.objects.get(pk=theirs.ids["matrix"]).workspace
    monkeypatch.setattr(calendars, "matrices_of", lambda _workspace, real=calendars.matrices_of: real(foreign))
    answer = Client().get(reverse("calendar_link", args=[ours.ids["calendar_token"]]))
    assert _canaries(answer, "calendar")
    assert any("shows" in sentence for sentence in badly_answered(ours, ["calendar"]))


def test_a_signature_for_another_is_found(ours, monkeypatch):
    def signed(*, matrix, role, digest, by):
        name = {"name": "x", "by": by.user}
        return SignOff.objects.get_or_create(matrix_id=matrix, digest=digest, role=role, defaults=name)[0]

    monkeypatch.setattr(readers, "sign_version", signed)
    wrong = badly_answered(ours, ["version_sign"])
    assert any("owner: 302, expected 403" in sentence for sentence in wrong)


def test_a_page_that_counts_as_read_when_it_is_opened_is_found(ours, monkeypatch):
    def counting(request, row, real=readers.matrix_of):
        Receipt.objects.update(read_at="2026-01-01T00:00Z")
        return real(request, row)

    monkeypatch.setattr(readers, "matrix_of", counting)
    assert unsafe_reads(ours, ["readers"]) == ["readers: a GET changed the database"]


def test_a_revoked_page_that_still_opens_is_found(ours, monkeypatch):
    page = SharedPage.objects.select_related("matrix__workspace", "matrix__publication__latest")
    monkeypatch.setattr(guest_pages, "page_of", lambda _request, pk: page.get(pk=pk))
    assert any(sentence.startswith("shared") for sentence in others_opened(ours))


# ---- Parts of them -------------------------------------------------------------------------------------------------


def unframed(answer, by: str) -> str:
    """What is wrong with who may show an answer in a frame, "" for nothing."""
    policy = answer.headers.get("Content-Security-Policy", "")
    return "" if f"frame-ancestors {by}" in policy.split("; ") else policy or "no policy"


def others_opened(ours: World) -> list[str]:
    """Which pages and letters of others, and of nobody, a link of ours opens."""
    wrong = []
    for kind, route, table in (("shared", "shared", SharedPage), ("letter", "received", Receipt)):
        own = ours.ids["page" if kind == "shared" else "receipt"]
        client = holder(ours, kind)
        for pk in (*table.objects.exclude(pk=own).values_list("pk", flat=True), walk.NOWHERE):
            client.cookies = SimpleCookie({name: each.value for name, each in client.cookies.items()})
            answer = client.get(reverse(route, args=[pk]))
            wrong += [f"{route} {pk}: {answer.status_code}"] if answer.status_code != 410 else []
            wrong += _canaries(answer, f"{route} {pk}")
    return wrong
