"""What is published, for visitors without an account: what they see, what they do not, and that a link opens no more."""

import io
import logging

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from raci.grid.levels import Level
from raci.matrices.models import Activity, Matrix
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import answer_for, take_part
from raci.matrices.structure import add_role, edit_activity, edit_role
from raci.publishing import pages
from raci.publishing.models import SharedPage, Version
from raci.publishing.pages import Kind, Wanted
from raci.publishing.signing import sign_version
from raci.screens.views import guest_pages
from raci.workspaces.links import new_token
from raci.workspaces.models import Link
from tests import walk
from tests.factories import make_matrix
from tests.matrices.reading import revision, roles_of, rows_of
from tests.publishing.making import publish as published

COOKIE, MOST = "shared_link", 8


@pytest.fixture
def small(owner, editor) -> Matrix:
    """One version, of which Eddie fills the first role, signed; with words that are the team's own."""
    matrix = make_matrix(owner, "LSI", "SL.", name="Core")
    role, row = roles_of(matrix)[0], rows_of(matrix)[0]
    at = {"matrix": matrix.pk, "sender": Sender(owner)}
    values = {"people": ["Tess Typed"], "contact": "pm@acme.example", "headcount": 90909}
    edit_role(**at, role=role.pk, values=values, seen=revision(matrix))
    words = {"description": "described inside", "notes": "noted inside"}
    edit_activity(**at, activity=row.pk, values=words, seen=revision(matrix))
    take_part(**at, role=role.pk, user=editor.user_id)
    answer_for(**at, role=role.pk, user=editor.user_id, seen=revision(matrix))
    version = published(matrix, owner)
    sign_version(matrix=matrix.pk, role=role.pk, digest=version.digest, by=editor)
    return matrix


def made(small, by, **wanted) -> pages.Made:
    return pages.make(matrix=small.pk, by=by, wanted=Wanted(**wanted))


def come(found, **options) -> Client:
    """A visitor without an account who has followed the link."""
    client = Client(**options)
    client.get(reverse("shared_link", args=[found.token]))
    return client


def at(found, name="shared", *more) -> str:
    return reverse(name, args=[found.page.pk, *more])


def change(matrix, by):
    activity, role = rows_of(matrix)[0], roles_of(matrix)[1]
    words = {"activity": activity.pk, "role": role.pk, "level": Level.LEAD, "seen": revision(matrix)}
    set_level(matrix=matrix.pk, sender=Sender(by), **words)


# ---- The way in


def test_a_link_leads_to_the_page_and_leaves_its_token_in_a_cookie(small, editor):
    found, client = made(small, editor), Client()
    answer = client.get(reverse("shared_link", args=[found.token]))
    assert (answer.status_code, answer.url) == (302, at(found))
    cookie = answer.cookies[COOKIE]
    assert (cookie.value, cookie["path"], cookie["httponly"]) == (found.token, at(found), True)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    shown = client.get(at(found))
    assert shown.status_code == 200
    assert found.token not in shown.text
    assert "Shared with a link. You can look, not change." in shown.text


def test_without_the_cookie_the_page_is_gone(small, editor):
    found = made(small, editor)
    other = made(small, editor)
    for name, more in (("shared", ()), ("shared_role", (roles_of(small)[0].pk,)), ("shared_export", ())):
        answer = Client().get(at(found, name, *more))
        assert (answer.status_code, 'data-error="expired_link"' in answer.text) == (410, True)
        assert come(other).get(at(found, name, *more)).status_code == 410


@pytest.mark.parametrize("name", ["shared_link", "embed"])
def test_a_token_nobody_was_given_is_gone_and_counted(small, editor, name):
    answers = [Client().get(reverse(name, args=[new_token()])).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]


def test_a_revoked_link_is_gone_also_for_who_came_before(small, editor):
    found = made(small, editor)
    client = come(found)
    pages.revoke_page(matrix=small.pk, page=found.page.pk, by=editor)
    for path in (at(found), at(found, "shared_role", roles_of(small)[0].pk), at(found, "shared_export")):
        assert client.get(path).status_code == 410
    assert client.get(reverse("shared_link", args=[found.token])).status_code == 410


def test_a_page_is_shown_by_get_alone(small, editor):
    found = made(small, editor)
    client = come(found)
    for path in (at(found), at(found, "shared_export"), reverse("shared_link", args=[found.token])):
        assert client.post(path).status_code == 405


def test_no_log_line_has_a_token(small, editor, caplog):
    found = made(small, editor, kind=Kind.EMBED, origins="https://wiki.example")
    caplog.set_level(logging.DEBUG)
    pages.revoke_page(matrix=small.pk, page=found.page.pk, by=editor)
    Client().get(reverse("embed", args=[found.token]))
    Client().get(reverse("shared_link", args=[found.token]))
    assert found.token not in caplog.text


# ---- What is on it


def test_nothing_of_the_teams_own_is_shown(small, owner, editor):
    found = made(small, editor)
    text = come(found).get(at(found)).text
    for word in ("Tess Typed", "pm@acme", "Eddie", "inside", "90909", "@example.org", "/w/", "csrf"):
        assert word not in text
    assert "<p><bdi>Role 1</bdi></p>" in text  # signed, by role
    assert "Acme" in text


def test_names_and_contacts_are_shown_where_that_was_granted(small, editor):
    found = made(small, editor, shows_people=True)
    client = come(found)
    text = client.get(at(found)).text
    assert '<span class="role-person">Tess Typed, Eddie Editor</span>' in text
    assert "<p><bdi>Eddie Editor</bdi></p>" in text
    role = client.get(at(found, "shared_role", roles_of(small)[0].pk)).text
    assert "pm@acme.example" in role
    for word in ("inside", "eddie@example.org", "90909"):
        assert word not in text + role


def test_a_question_finds_nothing_that_is_not_shown(small, editor):
    for granted, shown in ((False, 0), (True, 1)):
        found = made(small, editor, shows_people=granted)
        client = come(found)
        assert "Role 1" in client.get(at(found) + "?q=activity").text
        assert client.get(at(found) + "?q=activity").text.count("pm@acme.example</bdi>") == shown
        for word in ("described", "noted"):
            assert "Nothing here goes by" in client.get(at(found) + f"?q={word}").text


def test_who_left_the_workspace_is_named_no_more(small, owner, editor):
    found = made(small, owner, shows_people=True)
    client = come(found)
    assert "Eddie" in client.get(at(found)).text
    editor.delete()
    assert '<span class="role-person">Tess Typed</span>' in client.get(at(found)).text


def test_the_errors_it_was_published_with_are_not_for_visitors(small, editor, monkeypatch):
    known = [{"key": "R4::1", "rule": "R4", "text": "A known error", "reason": "Because"}]

    def with_errors(*args, read=pages.opened_by):
        page = read(*args)
        page.matrix.publication.latest.known = known
        return page

    found = made(small, editor)
    monkeypatch.setattr("raci.screens.shared.pages.opened_by", with_errors)
    text = come(found).get(at(found)).text
    assert "A known error" not in text


def test_the_latest_follows_and_one_version_stays(small, owner):
    latest, first = made(small, owner), made(small, owner, version=1)
    change(small, owner)
    for found in (latest, first):
        assert "<b>Version 1</b>" in come(found).get(at(found)).text
    published(small, owner)
    assert "<b>Version 2</b>" in come(latest).get(at(latest)).text
    text = come(first).get(at(first)).text
    assert "<b>Version 1</b>" in text
    assert "Version 2 is in force now." in text


def test_an_archived_matrix_can_be_read_and_says_so(small, owner):
    found = made(small, owner)
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert "Archived: no longer in force." in come(found).get(at(found)).text


def test_names_are_escaped(owner):
    hostile = '<img src=x onerror=alert(1)>"'
    matrix = make_matrix(owner, "LS", name=hostile)
    Activity.objects.filter(matrix=matrix).update(name=hostile)
    matrix.roles.update(name=hostile)
    published(matrix, owner)
    found = made(matrix, owner)
    client = come(found)
    for path in (at(found), at(found, "shared_role", roles_of(matrix)[0].pk), at(found) + "?q=img"):
        assert "<img" not in client.get(path).text


def test_paper_sends_visitors_to_who_shared_it_and_names_no_address(small, editor):
    found = made(small, editor)
    client = come(found)
    for path in (at(found), at(found, "shared_role", roles_of(small)[0].pk)):
        text = client.get(path).text
        assert "Paper ages. Ask whoever shared this with you for the version in force." in text
        assert "testserver" not in text


# ---- What it costs, and who keeps it


def test_a_page_takes_few_queries_and_notes_a_look_once(small, editor):
    found = made(small, editor, shows_people=True)
    client = come(found)
    client.get(at(found))
    before = walk.digest()
    with CaptureQueriesContext(connection) as asked:
        client.get(at(found))
    assert len(asked) <= MOST
    assert walk.digest() == before
    assert Link.objects.get(pk=found.page.link_id).last_used_at


def test_eighteen_activities_by_five_roles_take_no_more(owner, editor, matrix):
    add_role(matrix=matrix.pk, sender=Sender(owner), values={"name": "Finance"})
    take_part(matrix=matrix.pk, sender=Sender(owner), role=roles_of(matrix)[0].pk, user=editor.user_id)
    for _ in range(2):
        published(matrix, owner)
        change(matrix, owner)
    found = made(matrix, editor, shows_people=True)
    client = come(found)
    with CaptureQueriesContext(connection) as asked:
        text = client.get(at(found)).text
    assert (len(rows_of(matrix)), len(roles_of(matrix))) == (18, 5)
    assert "What changed since v1" in text
    assert len(asked) <= MOST


def test_who_has_the_page_gets_a_304_and_nothing_is_made(small, editor, monkeypatch):
    found = made(small, editor)
    client = come(found)
    first = client.get(at(found))
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["X-Robots-Tag"] == "noindex"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    known = {"If-None-Match": first.headers["ETag"]}
    monkeypatch.setattr(guest_pages, "render", lambda *_, **__: pytest.fail("It was made again."))
    monkeypatch.setattr("raci.screens.shared.sheet", lambda *_, **__: pytest.fail("It was read again."))
    again = client.get(at(found), headers=known)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    for header in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy"):
        assert again.headers[header] == first.headers[header]
    pages.revoke_page(matrix=small.pk, page=found.page.pk, by=editor)
    assert client.get(at(found), headers=known).status_code == 410


def test_whatever_changes_the_page_changes_its_tag(small, owner, editor, viewer):
    found, plain = made(small, owner, shows_people=True), made(small, owner)
    client = come(found)
    tags = [client.get(at(found)).headers["ETag"], come(plain).get(at(plain)).headers["ETag"]]

    def look(query=""):
        tags.append(client.get(at(found) + query).headers["ETag"])

    look("?notation=raci")
    look("?q=activity")
    take_part(matrix=small.pk, sender=Sender(owner), role=roles_of(small)[1].pk, user=viewer.user_id)
    look()
    type(viewer.user).objects.filter(pk=viewer.user_id).update(name="Another Name")
    look()
    type(owner.user).objects.filter(pk=owner.user_id).update(name="Another Publisher")
    look()
    small.publication.months = 6
    small.publication.save()
    look()
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    look()
    archive(matrix=small.pk, sender=Sender(owner), archived=False)
    version = Version.objects.get(matrix=small.pk)
    role = roles_of(small)[1].pk
    answer_for(matrix=small.pk, sender=Sender(owner), role=role, user=viewer.user_id, seen=revision(small))
    sign_version(matrix=small.pk, role=role, digest=version.digest, by=viewer)
    look()
    published(small, owner)
    look()
    assert len(set(tags)) == len(tags)


# ---- The file


def test_the_workbook_holds_what_the_page_tells(small, owner, editor):
    for granted in (False, True):
        found = made(small, editor, shows_people=granted)
        answer = come(found).get(at(found, "shared_export"))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Core, version 1.xlsx"'
        book = load_workbook(io.BytesIO(answer.content))
        said = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
        assert not {"Checks", "History", "Departures"} & set(book.sheetnames)
        assert "Activity 1" in said
        for word in ("inside", "Olive", "example.org"):
            assert word not in said
        assert ("Eddie Editor" in said) is granted


# ---- Embedded


def test_an_embedded_page_may_be_shown_by_its_sites_alone(small, editor):
    found = made(small, editor, kind=Kind.EMBED, origins="https://wiki.example http://localhost:3000")
    answer = Client().get(reverse("embed", args=[found.token]))
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors https://wiki.example http://localhost:3000;" in policy + ";"
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in answer.headers
    assert not answer.cookies
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "<b>Version 1</b>" in answer.text
    assert "Eddie" not in answer.text
    assert found.token not in answer.text.replace(reverse("embed", args=[found.token]), "")
    known = {"If-None-Match": answer.headers["ETag"]}
    again = Client().get(reverse("embed", args=[found.token]), headers=known)
    assert again.status_code == 304
    assert again.headers["Content-Security-Policy"] == policy


def test_a_page_to_read_is_never_framed_nor_an_embedded_one_read(small, editor):
    plain = made(small, editor)
    answer = come(plain).get(at(plain))
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    embedded = made(small, editor, kind=Kind.EMBED, origins="https://wiki.example")
    assert Client().get(reverse("shared_link", args=[embedded.token])).status_code == 410
    gone = Client().get(reverse("embed", args=[plain.token]))
    assert (gone.status_code, gone.headers["X-Frame-Options"], bool(gone.cookies)) == (410, "DENY", False)


def test_nothing_is_embedded_before_somebody_made_it_so(small):
    assert not SharedPage.objects.filter(kind=Kind.EMBED).exists()
