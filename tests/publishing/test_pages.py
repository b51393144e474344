"""Links to what is published: made, found, revoked; and what ends them."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from raci.matrices import drafts
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.publishing import pages
from raci.publishing.models import SharedPage
from raci.publishing.pages import Kind, Wanted
from raci.web.refusals import Forbidden, Gone, Refused
from raci.workspaces.links import LOOKS_APART, is_known, new_token, note_look
from raci.workspaces.models import Access, AuditEvent, Link, Member, Workspace
from tests.factories import MemberFactory, make_matrix
from tests.publishing.making import publish as published

EMBED = Wanted(kind=Kind.EMBED, origins="https://wiki.example")


@pytest.fixture
def small(owner) -> Matrix:
    matrix = make_matrix(owner, "LS", "SL")
    published(matrix, owner)
    return matrix


@pytest.fixture
def made(small, editor) -> pages.Made:
    return pages.make(matrix=small.pk, by=editor, wanted=Wanted(name="For the board"))


def opened(made, kind=Kind.PAGE):
    return pages.opened_by(made.token, kind)


def test_a_link_without_an_end_is_open_until_it_is_revoked(small, made, editor):
    with time_machine.travel(timezone.now() + timedelta(days=3_000)):
        assert opened(made) == made.page
    pages.revoke_page(matrix=small.pk, page=made.page.pk, by=editor)
    assert opened(made) is None
    assert is_known(Link.Purpose.SHARED, made.token)


def test_a_link_with_an_end_ends_to_the_second(small, editor):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        until = timezone.now() + timedelta(days=10)
        made = pages.make(matrix=small.pk, by=editor, wanted=Wanted(until=until))
        clock.shift(timedelta(days=10, seconds=-1))
        assert opened(made)
        clock.shift(timedelta(seconds=1))
        assert opened(made) is None


@pytest.mark.parametrize("days", [-1, 0, 5 * 366 + 1])
def test_an_end_lies_ahead_and_within_five_years(small, editor, days):
    with time_machine.travel(timezone.now(), tick=False):
        wanted = Wanted(until=timezone.now() + timedelta(days=days))
        with pytest.raises(Refused, match="five years at most"):
            pages.make(matrix=small.pk, by=editor, wanted=wanted)


def test_only_a_digest_of_the_token_is_kept(made):
    assert len(made.token) == 43
    kept = [*Link.objects.values(), *SharedPage.objects.values(), *AuditEvent.objects.values()]
    assert made.token not in str(kept)


def test_the_latest_follows_what_is_published_and_one_version_does_not(small, owner, editor):
    latest = pages.make(matrix=small.pk, by=editor, wanted=Wanted())
    first = pages.make(matrix=small.pk, by=editor, wanted=Wanted(version=1))
    published(small, owner)
    assert pages.version_of(opened(latest)).number == 2
    assert pages.version_of(opened(first)).number == 1


def test_finding_a_page_takes_one_query(made):
    with CaptureQueriesContext(connection) as asked:
        version = pages.version_of(opened(made))
        assert (version.name, version.matrix.workspace.name) == ("Small", "Acme")
        assert str(version.published_by) == "Olive Owner"
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert pages.opened_by("x", Kind.PAGE) is None
    assert len(asked) == 0


def test_a_link_opens_its_own_kind_and_page_alone(small, made, editor):
    embedded = pages.make(matrix=small.pk, by=editor, wanted=EMBED)
    feed = pages.make(matrix=small.pk, by=editor, wanted=Wanted(kind=Kind.FEED))
    for link, kind in ((made, Kind.PAGE), (embedded, Kind.EMBED), (feed, Kind.FEED)):
        assert [other for other in Kind if opened(link, other)] == [kind]
    assert pages.opened_by(made.token, Kind.PAGE, made.page.pk)
    assert pages.opened_by(made.token, Kind.PAGE, embedded.page.pk) is None
    assert pages.opened_by(new_token(), Kind.PAGE) is None
    draft = drafts.make(matrix=small.pk, by=editor)
    assert pages.opened_by(draft.token, Kind.PAGE) is None
    assert drafts.opened_by(made.token) is None


def test_an_embedded_page_names_its_sites(small, editor):
    typed = "https://Wiki.example/ http://localhost:3000"
    made = pages.make(matrix=small.pk, by=editor, wanted=Wanted(kind=Kind.EMBED, origins=typed))
    assert made.page.origins == ["https://wiki.example", "http://localhost:3000"]
    for wrong in ("", "wiki.example", "https://*"):
        with pytest.raises(Refused):
            pages.make(matrix=small.pk, by=editor, wanted=Wanted(kind=Kind.EMBED, origins=wrong))
    plain = pages.make(matrix=small.pk, by=editor, wanted=Wanted(origins="https://wiki.example"))
    assert plain.page.origins == []


def test_a_feed_tells_of_all_versions_and_of_nobody(small, editor):
    made = pages.make(matrix=small.pk, by=editor, wanted=Wanted(kind=Kind.FEED, version=1, shows_people=True))
    assert (made.page.version, made.page.shows_people) == (None, False)


def test_nothing_is_shared_before_it_is_published(owner, editor):
    draft = make_matrix(owner, "LS")
    with pytest.raises(Refused, match="Nothing of this matrix is published yet"):
        pages.make(matrix=draft.pk, by=editor, wanted=Wanted())


def test_a_version_that_is_not_there_is_refused(small, editor):
    with pytest.raises(Refused, match="no such version"):
        pages.make(matrix=small.pk, by=editor, wanted=Wanted(version=2))


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_only_editors_make_and_revoke_links(request, small, made, who):
    member = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        pages.make(matrix=small.pk, by=member, wanted=Wanted())
    with pytest.raises(Forbidden):
        pages.revoke_page(matrix=small.pk, page=made.page.pk, by=member)
    assert opened(made)


def test_a_matrix_of_others_is_not_shared(small, made, stranger, ex_member, foreign_matrix, editor):
    for by, matrix in ((stranger, small), (editor, foreign_matrix)):
        with pytest.raises(Http404):
            pages.make(matrix=matrix.pk, by=by, wanted=Wanted())
        with pytest.raises(Http404):
            pages.revoke_page(matrix=matrix.pk, page=made.page.pk, by=by)
    with pytest.raises(Gone):
        pages.make(matrix=small.pk, by=ex_member, wanted=Wanted())
    assert SharedPage.objects.count() == 1


def test_whom_it_is_for_fits_a_line(small, editor):
    with pytest.raises(Refused, match="one line"):
        pages.make(matrix=small.pk, by=editor, wanted=Wanted(name="two\nlines"))


def test_sent_twice_a_link_is_made_once(small, editor):
    first = pages.make(matrix=small.pk, by=editor, wanted=Wanted(), key="a-key-of-this-form")
    again = pages.make(matrix=small.pk, by=editor, wanted=Wanted(), key="a-key-of-this-form")
    assert (again.page, again.token) == (first.page, "")


@pytest.mark.parametrize(
    "other",
    [
        {"kind": Kind.FEED},
        {"version": 1},
        {"shows_people": True},
        {"name": "For the bank"},
        {"until": timezone.now() + timedelta(days=9)},
        {"kind": Kind.EMBED, "origins": "https://wiki.example"},
    ],
)
def test_the_same_submission_with_other_values_is_refused(small, editor, other):
    wanted, key = Wanted(name="For the board"), "a-key-of-this-form"
    pages.make(matrix=small.pk, by=editor, wanted=wanted, key=key)
    with pytest.raises(Refused, match="already sent with other values"):
        pages.make(matrix=small.pk, by=editor, wanted=replace(wanted, **other), key=key)
    assert SharedPage.objects.count() == 1


def test_of_an_embedded_page_the_sites_count_too(small, editor):
    key = "a-key-of-this-form"
    pages.make(matrix=small.pk, by=editor, wanted=EMBED, key=key)
    assert pages.make(matrix=small.pk, by=editor, wanted=replace(EMBED, origins="https://Wiki.example/"), key=key)
    with pytest.raises(Refused, match="already sent with other values"):
        pages.make(matrix=small.pk, by=editor, wanted=replace(EMBED, origins="https://other.example"), key=key)


def test_a_matrix_has_so_many_links_that_work_and_no_more(small, editor, monkeypatch):
    monkeypatch.setattr(pages, "MOST_OPEN", 2)
    made = [pages.make(matrix=small.pk, by=editor, wanted=Wanted()) for _ in range(2)]
    with pytest.raises(Refused, match="up to 2 links that work"):
        pages.make(matrix=small.pk, by=editor, wanted=Wanted())
    pages.revoke_page(matrix=small.pk, page=made[0].page.pk, by=editor)
    pages.make(matrix=small.pk, by=editor, wanted=Wanted())


def test_its_maker_and_every_owner_revoke_a_link_and_no_other_editor(small, made, owner, workspace):
    other = MemberFactory(workspace=workspace, access=Access.EDITOR)
    with pytest.raises(Forbidden, match="Only who made this link, or an owner"):
        pages.revoke_page(matrix=small.pk, page=made.page.pk, by=other)
    assert opened(made)
    pages.revoke_page(matrix=small.pk, page=made.page.pk, by=owner)
    assert opened(made) is None


def test_making_and_revoking_stand_in_the_audit_once_each(small, made, editor, owner):
    for _ in range(2):
        pages.revoke_page(matrix=small.pk, page=made.page.pk, by=owner)
    about = {"matrix": "Small", "kind": "page"}
    found = AuditEvent.objects.filter(kind__startswith="page.").order_by("pk")
    assert list(found.values_list("kind", "by", "about")) == [
        ("page.shared", editor.user_id, about),
        ("page.revoked", owner.user_id, about),
    ]


@pytest.mark.parametrize("how", ["account", "left", "demoted", "workspace deleted"])
def test_a_link_ends_with_what_it_hangs_on(small, made, editor, how):
    match how:
        case "account":
            type(editor.user).objects.filter(pk=editor.user_id).update(is_active=False)
        case "left":
            Member.objects.filter(pk=editor.pk).delete()
        case "demoted":
            Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
        case "workspace deleted":
            Workspace.objects.filter(pk=small.workspace_id).update(deleted_at=timezone.now())
    assert opened(made) is None


def test_what_is_published_of_an_archived_matrix_can_still_be_read(small, made, owner):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert opened(made).matrix.is_archived


def test_the_list_has_those_that_work_and_those_that_ended(small, made, editor, owner):
    other = pages.make(matrix=small.pk, by=owner, wanted=Wanted(version=1))
    pages.revoke_page(matrix=small.pk, page=made.page.pk, by=editor)
    with CaptureQueriesContext(connection) as asked:
        links = pages.links_to(small)
        assert [(row.link.user, row.version.number) for row in links.open] == [(owner.user, 1)]
    assert len(asked) == 2
    assert (list(links.open), list(links.ended)) == ([other.page], [made.page])


def test_a_link_that_works_stays_on_the_list_however_many_ended_since(small, made, editor):
    ended = timezone.now() - timedelta(days=1)
    base = {"purpose": Link.Purpose.SHARED, "user": editor.user, "workspace": editor.workspace, "expires_at": ended}
    dead = Link.objects.bulk_create([Link(**base, digest=f"{number:064}") for number in range(260)])
    SharedPage.objects.bulk_create([SharedPage(matrix=small, link=link) for link in dead])
    links = pages.links_to(small)
    assert list(links.open) == [made.page]
    assert len(links.ended) == pages.MOST_ENDED


def test_looking_is_noted_once_an_hour(made):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        noted = []
        for _ in range(5):
            note_look(opened(made).link)
            noted.append(opened(made).link.last_used_at)
            clock.shift(LOOKS_APART / 2)
    assert [moment.strftime("%H:%M") for moment in noted] == ["12:00", "12:00", "13:00", "13:00", "14:00"]
