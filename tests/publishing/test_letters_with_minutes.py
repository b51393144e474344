"""A letter with the minutes of a review: they stand behind the changes, and names of persons in them are kept as signs,
so that a name goes when its account goes."""

import json

import pytest
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.notices.names import sign_of
from raci.publishing import telling, webhooks
from raci.publishing.models import Letter, Posting, Version
from raci.publishing.postings import post, post_due
from raci.screens.leaving import delete_account
from tests.factories import make_matrix
from tests.matrices.operating import C, set_cell
from tests.publishing.making import publish
from tests.publishing.sending import MEI, send
from tests.web.outside import HOST, PUBLIC


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", "SL.")


@pytest.fixture
def version(small, owner, viewer) -> Version:
    """The second, after a review whose minutes name the viewer."""
    publish(small, owner)
    set_cell(small, owner, 0, 2, C)
    minutes = f"What stays open:\n\n- Activity 1: {sign_of(viewer.user)} finds out by 16 Jun 2027.\n- Activity 2: Open."
    return publish(small, owner, minutes=minutes)


NAMED = "- Activity 1: Vic Viewer finds out by 16 Jun 2027."


def kept(version: Version) -> str:
    return Letter.objects.get(version=version).text


def said(version: Version) -> str:
    """What somebody reads of it."""
    return telling.read(telling.said(version, telling.letter_of(version))).text


def edit(version: Version, by, text: str) -> None:
    seal = telling.seal_of(telling.letter_of(version))
    telling.edit(version=version, by=by, subject="", text=text, seen=seal)


def test_the_minutes_stand_behind_the_changes(version):
    told = said(version)
    assert told.startswith("Version 2 of “Small” is published.\n\nWhat changed since version 1:\n\n- Activity 1")
    assert told.endswith(f"\n\nWhat stays open:\n\n{NAMED}\n- Activity 2: Open.")


def test_a_version_without_a_review_has_none(small, version, owner):
    assert "What stays open" not in said(publish(small, owner))


def test_saved_as_it_was_it_is_written_from_the_versions_still(version, editor):
    edit(version, editor, said(version))
    assert kept(version) == ""


def test_lines_that_somebody_leaves_alone_keep_their_signs(version, editor, viewer):
    edit(version, editor, said(version) + "\n\nCome to the meeting.")
    assert sign_of(viewer.user) in kept(version)
    assert "Vic Viewer" not in kept(version)
    assert said(version).endswith("\n\nCome to the meeting.")
    edit(version, editor, f"Hello.\n\n{NAMED}")
    assert kept(version) == f"Hello.\n\n{NAMED}".replace("Vic Viewer", sign_of(viewer.user))


def test_what_somebody_writes_themselves_stays_as_they_wrote_it(version, editor):
    edit(version, editor, "Ask Vic Viewer. Vic Viewer knows.")
    assert kept(version) == "Ask Vic Viewer. Vic Viewer knows."


def test_who_deletes_their_account_is_nobody_in_it_any_more(version, editor, viewer):
    edit(version, editor, f"{said(version)}\n\nMore.")
    delete_account(by=viewer.user)
    assert "- Activity 1: Somebody finds out by 16 Jun 2027." in said(version)
    assert "Vic" not in said(version)
    assert "Vic" not in Letter.objects.get(version=version).minutes


def test_a_mail_has_the_names_as_they_are_when_it_goes_out(version, editor, viewer):
    (mail,) = send(version, editor, MEI)
    assert NAMED in mail.body.replace("\n  ", " ")
    assert "\x19" not in mail.body + mail.subject + "".join(str(part[0]) for part in mail.alternatives)
    delete_account(by=viewer.user)
    (mail,) = send(version, editor, "jon@example.org")
    assert "Somebody finds out" in mail.body
    assert "Vic" not in mail.body


def test_a_chat_tool_is_told_the_names_and_none_waits_for_it(version, owner, outside, viewer):
    outside.leads(HOST, PUBLIC)
    webhooks.add(matrix=version.matrix_id, address=f"https://{HOST}/services/T0/secret-part", by=owner)
    viewer.user.name = "Vic <Viewer>"
    viewer.user.save()
    post(version=version, by=owner)
    assert "Vic" not in Posting.objects.get().text
    post_due()
    (text,) = [json.loads(request.partition("\r\n\r\n")[2])["text"] for request in outside.requests]
    assert "- Activity 1: Vic ‹Viewer› finds out by 16 Jun 2027." in text


def test_the_page_of_the_letter_shows_names(version, editor, sign_in):
    page = reverse("letter", args=[version.matrix.workspace_id, version.matrix_id, version.number])
    shown = sign_in(editor).get(page).content.decode()
    assert NAMED in shown
    assert "\x19" not in shown
