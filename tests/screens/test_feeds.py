"""The feed of versions, as a feed reader sees it: what each version changed, and nothing else of the house."""

import re
from datetime import timedelta

import feedparser
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import rename_matrix
from raci.matrices.structure import edit_role
from raci.publishing import pages, versions
from raci.publishing.models import SharedPage
from raci.screens import feeds
from raci.screens.feeds import ENTRIES
from raci.workspaces.links import new_token
from raci.workspaces.models import Access, Member
from tests.factories import make_matrix
from tests.matrices.departing import keep_cell
from tests.matrices.operating import C, I, L, S, set_cell
from tests.matrices.reading import revision, to
from tests.publishing.making import answers, publish

KIND = SharedPage.Kind


@pytest.fixture
def small(owner) -> Matrix:
    matrix = make_matrix(owner, "LS", "SL")
    publish(matrix, owner)
    return matrix


@pytest.fixture
def token(small, editor) -> str:
    return shared(small, editor)


def shared(matrix, by, kind=KIND.FEED) -> str:
    return pages.make(matrix=matrix.pk, by=by, wanted=pages.Wanted(kind=kind)).token


def get(token, **headers):
    return Client().get(reverse("feed", args=[token]), headers=headers)


def _forget() -> None:
    """As after a start."""
    versions._GRIDS.cache_clear()
    feeds._texts.clear()


def read(token):
    """The feed as a library reads it; it has nothing to complain of."""
    found = feedparser.parse(get(token).content)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    return found


def test_a_reader_without_an_account_sees_the_versions_newest_first_and_what_each_changed(small, token, owner):
    set_cell(small, owner, 0, 1, L)
    publish(small, owner)
    found = read(token)
    assert found.feed.title == "Versions of Small"
    assert [entry.title for entry in found.entries] == ["Version 2 of Small", "Version 1 of Small"]
    assert "Activity 1: Role 2 now leads" in found.entries[0].content[0].value
    assert "Activity 1" not in found.entries[1].content[0].value
    assert found.entries[0].link.endswith(f"/matrices/{small.pk}/versions/2/")
    assert found.feed.link == found.entries[0].link


def test_its_headers_keep_it_to_its_reader(token):
    answer = get(token)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_it_names_nobody_and_tells_nothing_that_is_the_teams_own(small, token, owner, viewer):
    role = answers(small, viewer, by=owner)
    values = {"people": ["Paula Typed"], "contact": "paula@example.org"}
    edit_role(**to(small, owner), role=role.pk, values=values, seen=revision(small))
    publish(small, owner)
    text = get(token).content.decode()
    assert not re.search("Olive|Eddie|Vic|Paula|@|Acme", text)
    assert token not in text


def test_what_was_said_of_a_version_stands_above_what_it_changed(small, token, owner):
    set_cell(small, owner, 0, 1, L)
    publish(small, owner, note="Agreed in the <review>.\n\nAsk Sales first.")
    said = read(token).entries[0].content[0].value
    assert said.index("<p>Agreed in the &lt;review&gt;.</p>") < said.index("<p>Ask Sales first.</p>")
    assert said.index("Ask Sales first.") < said.index("Role 2 now leads")


def test_why_a_row_is_unlike_its_reference_is_the_teams_own(owner):
    matrix = make_matrix(owner, "LS", "SL")
    publish(matrix, owner)
    keep_cell(matrix, owner, role2=S, reason="Because Nina wants it")
    set_cell(matrix, owner, 1, 0, C)
    publish(matrix, owner)
    text = get(shared(matrix, owner)).content.decode()
    assert "Activity 2: " in text
    assert not re.search("Nina|reference", text)


def test_an_entry_and_the_feed_keep_their_ids_and_times_whatever_comes_after(small, token, owner):
    before = read(token)
    set_cell(small, owner, 0, 1, L)
    publish(small, owner)
    rename_matrix(**to(small, owner), name="Another name")
    after = read(token)
    assert after.feed.id == before.feed.id
    assert after.feed.title == "Versions of Another name"
    assert [(entry.id, entry.updated, entry.title) for entry in after.entries[1:]] == [
        (entry.id, entry.updated, entry.title) for entry in before.entries
    ]
    assert after.feed.updated == after.entries[0].updated
    assert len({after.feed.id, *(entry.id for entry in after.entries)}) == 3


def test_a_version_in_which_nothing_changed_says_so(small, token, owner):
    set_cell(small, owner, 0, 1, C)
    set_cell(small, owner, 0, 1, S)
    publish(small, owner)
    assert "It says the same as version 1: nobody’s part has changed." in read(token).entries[0].content[0].value


def test_whoever_knows_it_already_is_told_so_before_anything_is_written(small, token, owner):
    mark = get(token).headers["ETag"]
    _forget()
    with CaptureQueriesContext(connection) as asked:
        again = get(token, If_None_Match=mark)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert len(asked) == 2
    assert '"grid"' not in "".join(query["sql"] for query in asked)
    set_cell(small, owner, 0, 1, L)
    publish(small, owner)
    assert get(token, If_None_Match=mark).status_code == 200


def test_it_takes_three_queries_however_many_versions_there_are(small, token, owner):
    for level in (C, I, S):
        set_cell(small, owner, 0, 1, level)
        publish(small, owner)
    get(token)  # that somebody looked is noted once an hour
    _forget()
    with CaptureQueriesContext(connection) as asked:
        first = get(token).content
    assert len(asked) == 3
    versions._GRIDS.cache_clear()
    with CaptureQueriesContext(connection) as asked:
        assert get(token).content == first
    assert len(asked) == 2


def test_no_more_than_a_thousand_texts_are_kept_and_the_feed_is_the_same_without(small, token, owner, monkeypatch):
    set_cell(small, owner, 0, 1, L)
    publish(small, owner)
    before = get(token).content
    _forget()
    monkeypatch.setattr(feeds, "MOST_KEPT", 1)
    assert [get(token).content, get(token).content] == [before, before]
    assert len(feeds._texts) == 1


def test_of_many_versions_it_has_the_newest_twenty(small, token, owner):
    for number in range(ENTRIES + 2):
        set_cell(small, owner, 0, 1, (C, I)[number % 2])
        publish(small, owner)
    entries = read(token).entries
    assert [entry.title for entry in entries][:: ENTRIES - 1] == ["Version 23 of Small", "Version 4 of Small"]
    assert "Activity 1" in entries[-1].content[0].value


def test_names_that_look_like_markup_or_fit_no_xml_are_text(small, token, owner):
    rename_matrix(**to(small, owner), name="<b>R&D</b> \ufffe]]>")
    role = small.roles.first()
    values = {"name": "<script>x</script>\uffff"}
    edit_role(**to(small, owner), role=role.pk, values=values, seen=revision(small))
    publish(small, owner)
    entry = read(token).entries[0]
    assert entry.title_detail.value.startswith("Version 2 of <b>R&D</b>")
    assert "&lt;script&gt;" in entry.content[0].value or "<script" not in entry.content[0].value


def test_a_link_that_ended_was_revoked_or_is_no_feed_answers_410(small, editor, owner):
    until = timezone.now() + timedelta(days=3)
    ends = pages.make(matrix=small.pk, by=editor, wanted=pages.Wanted(kind=KIND.FEED, until=until)).token
    made = pages.make(matrix=small.pk, by=editor, wanted=pages.Wanted(kind=KIND.FEED))
    pages.revoke_page(matrix=small.pk, page=made.page.pk, by=owner)
    for dead in (made.token, shared(small, editor, KIND.PAGE), new_token(), "x", "x" * 43):
        answer = get(dead)
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "no-store"
        assert "has ended" in answer.content.decode()
    assert get(ends).status_code == 200
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        assert get(ends).status_code == 410


def test_it_ends_with_the_access_of_who_made_it(token, editor):
    Member.objects.filter(pk=editor.pk).update(access=Access.REVIEWER)
    assert get(token).status_code == 410


def test_guesses_are_counted_and_a_feed_that_works_is_read_all_the_same(token):
    cache.clear()
    codes = {get(new_token()).status_code for _ in range(40)}
    assert codes == {410, 429}
    assert get(token).status_code == 200


def test_another_name_of_the_matrix_is_another_feed(small, token, owner):
    mark = get(token).headers["ETag"]
    rename_matrix(**to(small, owner), name="Another name")
    assert get(token, If_None_Match=mark).status_code == 200


def test_a_reader_may_ask_for_the_headers_alone(token):
    answer = Client().head(reverse("feed", args=[token]))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"]
