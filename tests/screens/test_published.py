"""A version as members read it: the sheet, what is one role's in it, and the file."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import answer_for, take_part
from raci.matrices.structure import edit_role
from raci.publishing.signing import sign_version
from raci.workspaces.models import AuditEvent
from tests import walk
from tests.factories import make_matrix
from tests.matrices.reading import revision, roles_of, rows_of
from tests.publishing.making import publish as published

MOST = 12


@pytest.fixture
def small(owner) -> Matrix:
    """Two versions: in the second, Role 2 leads the first activity."""
    matrix = make_matrix(owner, "LSI", "SL.", name="Core", stages=1)
    published(matrix, owner)
    change(matrix, owner)
    published(matrix, owner, note="Agreed in <May>.")
    return matrix


def change(matrix, by, level=Level.LEAD, role=1, row=0):
    at = {"activity": rows_of(matrix)[row].pk, "role": roles_of(matrix)[role].pk}
    set_level(matrix=matrix.pk, sender=Sender(by), level=level, seen=revision(matrix), **at)


def fill(matrix, by, member, role=0):
    pk = roles_of(matrix)[role].pk
    take_part(matrix=matrix.pk, sender=Sender(by), role=pk, user=member.user_id)
    answer_for(matrix=matrix.pk, sender=Sender(by), role=pk, user=member.user_id, seen=revision(matrix))
    return pk


def page(matrix, number=2, name="version", *more) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, number, *more])


def test_the_sheet_says_what_was_agreed_when_and_by_whom(sign_in, viewer, small):
    text = sign_in(viewer).get(page(small)).text
    assert "<bdi>Core</bdi>: who leads what" in text
    assert "<b>Version 2</b>, published" in text
    assert "by <bdi>Olive Owner</bdi>" in text
    assert "Next review by" in text
    assert "Agreed in &lt;May&gt;." in text


def test_rows_that_changed_are_marked_and_the_change_is_told(sign_in, viewer, small):
    text = sign_in(viewer).get(page(small)).text
    assert text.count(">changed</span>") == 1
    assert "What changed since v1" in text
    assert "Role 2 now leads; Role 1, which led it, supports." in text


def test_a_first_version_has_nothing_before_it(sign_in, viewer, small):
    text = sign_in(viewer).get(page(small, 1)).text
    assert "What changed" not in text
    assert ">changed</span>" not in text
    assert "This is version 1. What holds now is version 2." in text
    assert page(small, 2) in text


def test_a_version_that_says_the_same_says_so(sign_in, viewer, owner, small):
    change(small, owner)
    edit_role(
        matrix=small.pk, sender=Sender(owner), role=roles_of(small)[0].pk, values={"headcount": 3}, seen=revision(small)
    )
    published(small, owner)
    assert "Nothing. It says the same as before." in sign_in(viewer).get(page(small, 3)).text


def test_the_sheet_keeps_what_was_agreed_while_the_draft_goes_on(sign_in, viewer, owner, small):
    before = sign_in(viewer).get(page(small)).text
    change(small, owner, level=Level.CONTRIBUTE, role=2, row=1)
    after = sign_in(viewer).get(page(small)).text
    assert "Contribute" in after
    assert before.count('data-level="contribute"') == after.count('data-level="contribute"') == 1  # the legend's


def test_who_fills_a_role_now_stands_under_it(sign_in, viewer, owner, editor, small):
    assert "Eddie Editor" not in sign_in(viewer).get(page(small)).text
    fill(small, owner, editor)
    assert '<span class="role-person">Eddie Editor</span>' in sign_in(viewer).get(page(small)).text


def test_who_signed_is_named_for_this_version_alone(sign_in, viewer, owner, editor, small):
    role = fill(small, owner, editor)
    version = published(small, owner)
    sign_version(matrix=small.pk, role=role, digest=version.digest, by=editor)
    text = sign_in(viewer).get(page(small, 3)).text
    assert "Agreed by" in text
    assert "<p><bdi>Eddie Editor</bdi></p>" in text
    change(small, owner, level=Level.CONTRIBUTE, role=2, row=1)
    published(small, owner)
    assert "Agreed by" not in sign_in(viewer).get(page(small, 4)).text


def test_it_speaks_the_readers_notation(sign_in, viewer, small):
    text = sign_in(viewer).get(page(small) + "?notation=raci").text
    assert "who is accountable for what" in text
    assert '<b>A/R</b> <span class="level-word">Accountable</span></span></dt><dd>the same, and does the work' in text
    assert "Show it as Lead and Support" in text


def test_whom_to_ask_is_answered_from_the_version(sign_in, viewer, small):
    text = sign_in(viewer).get(page(small) + "?q=activity+1").text
    assert "Whom to ask" in text
    assert "<b><bdi>Role 2</bdi></b>" in text
    assert "Nothing here goes by “payroll”" in sign_in(viewer).get(page(small) + "?q=payroll").text


def test_an_account_that_is_gone_is_not_named(sign_in, viewer, owner, small):
    type(owner.user).objects.filter(pk=owner.user_id).delete()
    text = sign_in(viewer).get(page(small)).text
    assert "Olive" not in text
    assert "</time>. Next review by" in text


def test_an_archived_matrix_can_be_read_and_says_so(sign_in, viewer, owner, small):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert "Archived: no longer in force." in sign_in(viewer).get(page(small)).text


def test_only_who_edits_is_led_to_letter_and_links(sign_in, viewer, editor, small):
    for member, offered in ((viewer, False), (editor, True)):
        text = sign_in(member).get(page(small)).text
        assert (page(small, 2, "letter") in text) is offered
        assert (reverse("shared_pages", args=[small.workspace_id, small.pk]) in text) is offered
        assert page(small, 2, "readers") in text


def test_a_version_of_others_or_of_none_is_not_found(sign_in, viewer, stranger, small, foreign_matrix):
    assert sign_in(viewer).get(page(small, 3)).status_code == 404
    assert sign_in(stranger).get(page(small)).status_code == 404
    theirs = published(foreign_matrix, stranger)
    wrong = reverse("version", args=[small.workspace_id, foreign_matrix.pk, theirs.number])
    assert sign_in(viewer).get(wrong).status_code == 404


def test_the_page_takes_few_queries_and_writes_nothing(sign_in, viewer, owner, editor, small):
    fill(small, owner, editor)
    client, before = sign_in(viewer), walk.digest()
    with CaptureQueriesContext(connection) as asked:
        client.get(page(small))
    assert len(asked) <= MOST
    assert walk.digest() == before


# ---- Signing


def test_who_answers_for_a_role_is_asked_to_sign_its_rows_until_they_have(sign_in, viewer, owner, editor, small):
    role = fill(small, owner, editor)
    version = published(small, owner)
    sent = f'action="{page(small, 3, "version_sign")}"'
    for path in (page(small, 3), page(small, 3, "version_role", role)):
        assert "You answer for <bdi>Role 1</bdi>" in sign_in(editor).get(path).text
        assert sent in sign_in(editor).get(path).text
        assert "You answer for" not in sign_in(viewer).get(path).text
    assert "You answer for" not in sign_in(editor).get(page(small, 3, "version_role", roles_of(small)[1].pk)).text
    sign_in(editor).post(page(small, 3, "version_sign"), {"role": role, "digest": version.digest})
    for path in (page(small, 3), page(small, 3, "version_role", role)):
        assert "You answer for" not in sign_in(editor).get(path).text


def test_who_answers_for_several_roles_is_led_to_the_page_that_has_them_all(sign_in, owner, editor, small):
    fill(small, owner, editor)
    fill(small, owner, editor, role=1)
    published(small, owner)
    text = sign_in(editor).get(page(small, 3)).text
    assert "You answer for <bdi>Role 1</bdi>, <bdi>Role 2</bdi>" in text
    assert f'href="{page(small, 3, "readers")}">Look and sign</a>' in text
    assert page(small, 3, "version_sign") not in text


def test_nobody_is_asked_to_sign_what_is_not_in_force(sign_in, owner, editor, small):
    fill(small, owner, editor)
    assert "You answer for" in sign_in(editor).get(page(small)).text
    assert "You answer for" not in sign_in(editor).get(page(small, 1)).text
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert "You answer for" not in sign_in(editor).get(page(small)).text


def test_nobody_is_asked_to_sign_for_a_role_on_no_activity(sign_in, owner, editor):
    matrix = make_matrix(owner, "L.", roles=2)
    fill(matrix, owner, editor, role=1)
    published(matrix, owner)
    assert "You answer for" not in sign_in(editor).get(page(matrix, 1)).text


# ---- By role


def test_what_is_one_roles_stands_on_a_page_of_its_own(sign_in, viewer, small):
    role = roles_of(small)[1]
    text = sign_in(viewer).get(page(small, 2, "version_role", role.pk)).text
    assert "<bdi>Role 2</bdi>: what is yours" in text
    assert "2 activities" in text
    assert "Stage 1" in text
    assert "You now lead" in text
    other = sign_in(viewer).get(page(small, 2, "version_role", roles_of(small)[0].pk)).text
    assert "<bdi>Role 2 leads</bdi>" in other


def test_a_role_without_activities_says_so(sign_in, viewer, owner):
    matrix = make_matrix(owner, "L.", roles=2)
    published(matrix, owner)
    text = sign_in(viewer).get(page(matrix, 1, "version_role", roles_of(matrix)[1].pk)).text
    assert "This role is on no activity." in text


def test_a_role_the_version_does_not_have_is_not_found(sign_in, viewer, small):
    assert sign_in(viewer).get(page(small, 2, "version_role", 99_999)).status_code == 404


# ---- The file


def book_of(answer):
    return load_workbook(io.BytesIO(answer.content))


def test_the_workbook_is_that_of_the_version_and_stands_in_the_audit(sign_in, viewer, owner, small):
    change(small, owner, level=Level.CONTRIBUTE, role=2, row=1)
    answer = sign_in(viewer).post(page(small, 2, "version_export"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Core, version 2.xlsx"'
    book = book_of(answer)
    assert not {"Checks", "History"} & set(book.sheetnames)
    values = [cell.value for row in book["Matrix"].iter_rows() for cell in row]
    assert "C" not in values
    assert any("Version 2" in str(value) for value in values)
    event = AuditEvent.objects.get(kind="version.exported")
    assert event.about == {"matrix": "Core", "version": 2, "kind": "xlsx"}


def test_a_file_is_asked_for_by_a_form(sign_in, viewer, small):
    assert sign_in(viewer).get(page(small, 2, "version_export")).status_code == 405
