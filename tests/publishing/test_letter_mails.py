"""What the mail of a letter says: what everyone gets, the parts of its reader's roles, whether they are asked to sign,
and how to get no more."""

import re
from html import unescape

import pytest

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender
from raci.matrices.people import take_part
from raci.matrices.structure import remove_role
from raci.notices.models import Outbox
from raci.publishing import telling
from raci.publishing.recipients import Chosen, audience
from raci.publishing.signing import sign_version
from raci.web.refusals import Conflict
from tests.factories import make_matrix
from tests.matrices.reading import to
from tests.publishing.making import answers, publish
from tests.publishing.sending import MEI, put, receipt, send, token_in


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


def test_a_role_has_its_own_part(version, owner, editor):
    role = Role.objects.filter(matrix=version.matrix_id)[1]
    take_part(matrix=version.matrix_id, sender=Sender(owner), role=role.pk, user=editor.user_id)
    to_owner, to_editor = send(version, owner, everybody=True)
    assert "———\n\nFor Role 2\n\nAll that is yours now:\n\n- You lead: Activity 2." in to_editor.body
    html = to_editor.alternatives[0].content
    assert "<hr>\n    <h2>For <bdi>Role 2</bdi></h2>" in html
    assert "<li><bdi>You lead: Activity 2.</bdi></li>" in html
    assert "All that is yours now" not in to_owner.body
    assert receipt(version, "eddie@example.org").roles == [role.pk]


def test_both_forms_of_a_mail_say_the_same(version, owner, editor):
    answers(version.matrix, editor, 1, by=owner)
    telling.edit(version=version, by=owner, subject="", text="First.\nSecond <i>.\n\n- One\n- Two", seen="")
    to_editor = send(version, owner, everybody=True)[1]
    html, _, _ = to_editor.alternatives[0].content.partition("<main>")[2].partition("</main>")
    shown = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br>|</li>", " ", html))).replace("Open in Remit", "").split()
    assert shown == re.sub(r"^(- |———$)", "", to_editor.body, flags=re.MULTILINE).split()


def test_who_answers_for_a_role_is_asked_to_sign_and_nobody_else(version, owner, editor, viewer):
    answers(version.matrix, editor, 1, by=owner)
    signed = answers(version.matrix, viewer, 0, by=owner)
    sign_version(matrix=version.matrix_id, role=signed.pk, digest=version.digest, by=viewer)
    to_owner, to_editor, to_viewer = send(version, owner, everybody=True)
    place = f"http://localhost:8000/w/{owner.workspace_id}/matrices/{version.matrix_id}/versions/1/readers/"
    asked = f"You answer for Role 2. Look at its rows in version 1, and sign:\n\n{place}\n"
    assert asked in to_editor.body
    assert f'<a href="{place}">' in to_editor.alternatives[0].content
    assert "You answer for" not in to_owner.body + to_viewer.body


def test_where_somebody_else_answers_by_now_nothing_goes_out(version, owner, editor, viewer):
    answers(version.matrix, viewer, 0, by=owner)
    whom = Chosen(everybody=True)
    seen = telling.sending_seal("", audience(version, whom))
    answers(version.matrix, editor, 0, by=owner)
    with pytest.raises(Conflict, match="Nothing was sent"):
        telling.send(version=version, by=owner, chosen=whom, seen=seen)


def test_a_pasted_list_may_be_told_what_became_of_a_role_that_is_gone(version, owner):
    first, second = Role.objects.filter(matrix=version.matrix_id)[:2]
    matrix = Matrix.objects.get(pk=version.matrix_id)
    remove_role(**to(matrix, owner), role=first.pk, heir=second.pk)
    later = publish(matrix, owner)
    (message,) = send(later, owner, MEI, about=first.pk)
    assert "For Role 1\n\nWhat became of your part:\n\n- Role 1 is no longer a role." in message.body
    assert receipt(later).roles == [first.pk]


def test_the_mail_offers_to_get_no_more_in_the_way_mail_programs_know(version, editor):
    (message,) = send(version, editor, MEI)
    sent = message.message()
    stop = f"http://localhost:8000/letters/{token_in(message)}/stop/"
    assert sent["List-Unsubscribe"] == f"<{stop}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.body.rstrip().endswith(stop)


def test_no_token_and_no_name_stands_in_what_waits(version, editor):
    put(version, editor, MEI)
    waiting = Outbox.objects.get()
    assert "Eddie" not in waiting.text + waiting.html
    assert "/letters/" not in waiting.text + waiting.html
    assert (waiting.view, waiting.stop, waiting.key) == ("letter_link", "letter_stop", f"letter:{receipt(version).pk}")
