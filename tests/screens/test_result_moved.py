"""The result of a session once its matrix was changed: what is signed and published, and putting up what stands now."""

import html
import re

import pytest
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.structure import edit_role
from raci.matrices.undo import undo
from raci.publishing.models import SignOff
from raci.reviews.models import Decision, Review
from raci.screens.asked import NOTATION_COOKIE
from tests.factories import make_matrix
from tests.matrices.operating import C, L, set_cell
from tests.matrices.reading import revision, roles_of, to
from tests.publishing.making import answers
from tests.reviews.ending import end, fresh, put_up, sign, stands
from tests.reviews.holding import confirm_rest, decide, running, take_back


@pytest.fixture
def small(owner, viewer, editor) -> Matrix:
    """The viewer answers for the first of three roles, the editor for the second, nobody for the third."""
    matrix = make_matrix(owner, "LS.", "SLC", "..L")
    answers(matrix, viewer, 0, by=owner)
    answers(matrix, editor, 1, by=owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first two rows on its agenda, both decided and the third confirmed."""
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "keep", note="It works.\nFor now.")
    decide(row, editor, 1, "lead", lead=0)
    confirm_rest(row, editor)
    return row


@pytest.fixture
def ended(review, editor) -> Review:
    return end(review, editor)


def url(name: str, review: Review) -> str:
    return reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def words(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def signing(review: Review, column: int = 0) -> dict:
    matrix = review.matrix
    return {"role": roles_of(matrix)[column].pk, "digest": stands(matrix), "seen": revision(matrix)}


def putting_up(review: Review) -> dict:
    return {"digest": stands(review.matrix), "seen": revision(review.matrix)}


def test_what_changed_meanwhile_is_shown_and_nothing_is_signed(sign_in, viewer, owner, small, ended):
    sent = signing(ended)
    set_cell(small, owner, 2, 0, C)
    answer = sign_in(viewer).post(url("result_sign", ended), sent)
    assert answer.status_code == 409
    said = words(answer)
    assert "The matrix was changed since this was put up. Nothing was signed" in said
    assert said.count("Activity 3 Role 1 now contributes") == 1
    assert not SignOff.objects.exists()
    assert 'name="digest"' not in answer.content.decode()  # nothing can be signed, nor put up by a viewer
    assert "Nobody can sign until this is undone, or an editor puts up what stands now." in said


def test_a_viewer_s_signature_puts_up_nothing(sign_in, viewer, editor, owner, small, ended):
    set_cell(small, owner, 2, 0, C)
    assert sign_in(viewer).post(url("result_sign", ended), signing(ended)).status_code == 409
    assert sign_in(viewer).post(url("result_put_up", ended), putting_up(ended)).status_code == 403
    assert fresh(ended).result == ended.result
    page = words(sign_in(editor).get(url("result", ended)))
    assert "1 activity was confirmed together as it is." in page


def test_the_page_speaks_of_one_grid_also_when_the_draft_moved_on(sign_in, viewer, editor, owner, small, ended):
    sign(ended, viewer)
    client = sign_in(editor)
    assert "No longer holds" not in words(client.get(url("result", ended)))
    set_cell(small, owner, 2, 0, C)
    page = client.get(url("result", ended))
    said = words(page)
    assert "The matrix was changed since this was put up on" in said
    assert "What changed, by Olive Owner : Activity 3" in said
    assert "Activity 3 Role 1 now contributes" in said
    assert "What was signed holds for what was put up, not for what stands now. Nobody can sign until" in said
    assert "1 of 3 roles signed" in said
    assert "1 of 3 signed" in said
    assert "Not signed yet: Role 2 , Role 3 ." in said
    assert f"by its hash, {ended.result[:12]} ." in said
    assert stands(small)[:12] not in said
    assert page.content.decode().count('name="digest"') == 1  # to put up, nothing to sign


def test_an_editor_puts_up_what_stands_and_signatures_no_longer_hold(sign_in, viewer, editor, owner, small, ended):
    sign(ended, viewer)
    set_cell(small, owner, 2, 0, C)
    client = sign_in(editor)
    assert "Put up what stands now" in words(client.get(url("result", ended)))
    said = words(client.post(url("result_put_up", ended), putting_up(ended), follow=True))
    assert "What stands now is put up. It can be signed and published." in said
    assert "This was put up anew, so what was signed before does not hold any more." in said
    assert "No longer holds: what Vic Viewer signed on" in said
    assert "0 of 3 roles signed" in said
    assert (
        "Changed besides Activity 3 Role 1 now contributes. Decided before that: Stays as it is; Role 3 leads." in said
    )
    assert "Confirmed together" not in said
    assert f"by its hash, {stands(small)[:12]} ." in said
    sign(ended, viewer)
    said = words(client.get(url("result", ended)))
    assert "No longer holds" not in said
    assert "put up anew" not in said


def test_once_it_is_undone_the_signatures_hold_again(sign_in, viewer, owner, small, ended):
    sign(ended, viewer)
    set_cell(small, owner, 2, 0, C)
    undo(matrix=small.pk, sender=Sender(owner))
    said = words(sign_in(viewer).get(url("result", ended)))
    assert "1 of 3 roles signed" in said
    assert "The matrix was changed" not in said
    assert "It holds for what was put up, not" not in said


def test_who_puts_up_what_they_did_not_look_at_is_shown_what_changed(sign_in, editor, owner, small, ended):
    set_cell(small, owner, 2, 0, C)
    sent = putting_up(ended)
    set_cell(small, owner, 2, 1, C)
    answer = sign_in(editor).post(url("result_put_up", ended), sent)
    assert answer.status_code == 409
    said = words(answer)
    assert "The matrix was changed since you looked. Nothing was put up" in said
    assert "What changed since you looked, by Olive Owner : Activity 3 Role 2 now contributes." in said
    assert "Activity 3 Role 1 and Role 2 now contribute." in said
    assert fresh(ended).result == ended.result
    assert f'name="digest" value="{stands(small)}"' in answer.content.decode()


def test_who_signs_what_is_put_up_no_more_is_shown_what_changed(sign_in, viewer, editor, owner, small, ended):
    sent = signing(ended)
    set_cell(small, owner, 2, 0, C)
    put_up(ended, editor)
    answer = sign_in(viewer).post(url("result_sign", ended), sent)
    assert answer.status_code == 409
    said = words(answer)
    assert "Something else is put up by now. Nothing was signed" in said
    assert "What changed since you looked, by Olive Owner : Activity 3 Role 1 now contributes." in said
    assert f'name="digest" value="{stands(small)}"' in answer.content.decode()
    assert not SignOff.objects.exists()


def test_a_change_of_a_detail_closes_signing_too(sign_in, viewer, owner, small, ended):
    sign(ended, viewer)
    role = roles_of(small)[0].pk
    edit_role(**to(small, owner), role=role, values={"short": "R"}, seen=revision(small))
    said = words(sign_in(viewer).get(url("result", ended)))
    assert "It holds for what was put up, not for what stands now." in said
    assert "Nobody’s part: only details" in said


def test_it_speaks_the_notation_of_the_reader(sign_in, viewer, editor, owner, small, ended):
    set_cell(small, owner, 2, 0, L)
    put_up(ended, editor)
    client = sign_in(viewer)
    client.cookies[NOTATION_COOKIE] = "raci"
    said = words(client.get(url("result", ended)))
    assert "Activity 1 Stays as it is; Role 1 is accountable." in said
    assert "Activity 2 Role 1 is accountable from now on." in said
    assert "Activity 3 Role 1 is now accountable" in said
    assert "Decided before that: Stays as it is; Role 3 is accountable." in said


def test_after_a_decision_was_taken_back_it_says_to_reopen(sign_in, editor, small, ended):
    take_back(ended, editor, Decision.objects.get(name="Activity 2"))
    page = sign_in(editor).get(url("result", ended))
    assert "A decision was taken back since this was put up. To publish what stands now, reopen" in words(page)
    assert url("result_put_up", ended) not in page.content.decode()
