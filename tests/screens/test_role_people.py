"""Who fills a role, on its page and wherever names are shown."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.grid.text import day
from raci.matrices.models import Change, Matrix, Role
from raci.matrices.operations import archive
from raci.matrices.people import answer_for, take_part
from raci.matrices.structure import edit_role
from raci.workspaces.models import Access, Member
from tests.factories import MemberFactory, UserFactory, make_matrix
from tests.matrices.reading import revision, roles_of, rows_of, to

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def small(editor) -> Matrix:
    return make_matrix(editor, "LS", "SL")


@pytest.fixture
def role(small) -> Role:
    return small.roles.first()


@pytest.fixture
def mei(workspace) -> Member:
    return MemberFactory(workspace=workspace, user=UserFactory(name="Mei Tanaka"), access=Access.VIEWER)


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def sent(matrix, member=None):
    return {"user": member.user_id if member else "", "seen": revision(matrix)}


def fill(matrix, by, role, *members, answers=None):
    for member in members:
        take_part(**to(matrix, by), role=role.pk, user=member.user_id)
    if answers:
        answer_for(**to(matrix, by), role=role.pk, user=answers.user_id, seen=revision(matrix))


def filled(role):
    role.refresh_from_db()
    return role.members, role.answers


def people_of(text):
    """The part of a role's page that says who fills it."""
    return text.split('id="title-people"')[1].split("</section>")[0]


def test_an_editor_places_members_and_says_who_answers(sign_in, editor, small, role, mei):
    client = sign_in(editor)
    answer = client.post(url("role_member_add", small, role.pk), sent(small, mei), follow=True)
    assert "Mei Tanaka now fills Role 1." in answer.text
    client.post(url("role_answers", small, role.pk), sent(small, mei))
    assert filled(role) == ([mei.user_id], mei.user_id)
    shown = people_of(client.get(url("role", small, role.pk)).text)
    assert "<bdi>Mei Tanaka</bdi>" in shown
    assert '<span class="tag">answers for it</span>' in shown
    client.post(url("role_answers", small, role.pk), sent(small))
    assert filled(role) == ([mei.user_id], None)
    assert "Let them answer for it" in people_of(client.get(url("role", small, role.pk)).text)
    client.post(url("role_member_remove", small, role.pk), sent(small, mei))
    assert filled(role) == ([], None)


def test_one_button_puts_oneself_into_a_role(sign_in, editor, small, role):
    client = sign_in(editor)
    assert "I fill this role" in client.get(url("role", small, role.pk)).text
    client.post(url("role_member_add", small, role.pk), sent(small, editor))
    assert filled(role) == ([editor.user_id], None)
    assert "I fill this role" not in client.get(url("role", small, role.pk)).text


def test_only_members_who_do_not_fill_it_yet_are_offered(sign_in, editor, stranger, ex_member, small, role, mei):
    fill(small, editor, role, editor)
    shown = people_of(sign_in(editor).get(url("role", small, role.pk)).text)
    assert f'<option value="{mei.user_id}">Mei Tanaka</option>' in shown
    for other in (editor, stranger, ex_member):
        assert f'<option value="{other.user_id}"' not in shown


def test_two_members_of_one_name_are_told_apart(sign_in, editor, small, role, mei, workspace):
    MemberFactory(workspace=workspace, user=UserFactory(name="Mei Tanaka", email="other.mei@example.org"))
    shown = people_of(sign_in(editor).get(url("role", small, role.pk)).text)
    since = day(timezone.localdate())
    assert f"Mei Tanaka (viewer, since {since})</option>" in shown
    assert f"Mei Tanaka (editor, since {since})</option>" in shown
    assert "@example.org" not in shown
    assert "Eddie Editor (" not in shown


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_who_may_only_look_sees_who_fills_a_role_and_no_control(request, sign_in, editor, small, role, mei, who):
    fill(small, editor, role, mei, answers=mei)
    member = request.getfixturevalue(who)
    shown = people_of(sign_in(member).get(url("role", small, role.pk)).text)
    assert "Mei Tanaka" in shown
    assert "answers for it" in shown
    assert "<form" not in shown
    assert "An editor says who fills it." in people_of(
        sign_in(member).get(url("role", small, roles_of(small)[1].pk)).text
    )
    for name in ("role_member_add", "role_member_remove", "role_answers"):
        assert sign_in(member).post(url(name, small, role.pk), sent(small, member)).status_code == 403
    assert filled(role) == ([mei.user_id], mei.user_id)


def test_an_archived_matrix_shows_who_fills_a_role_and_changes_nothing(sign_in, editor, small, role, mei):
    fill(small, editor, role, mei)
    archive(**to(small, editor), archived=True)
    shown = people_of(sign_in(editor).get(url("role", small, role.pk)).text)
    assert "Mei Tanaka" in shown
    assert "<form" not in shown
    assert sign_in(editor).post(url("role_member_add", small, role.pk), sent(small, editor)).status_code == 409


def test_a_choice_made_meanwhile_is_shown_before_it_is_overwritten(sign_in, owner, editor, small, role, mei):
    fill(small, editor, role, mei, editor)
    stale = sent(small, editor)
    answer_for(**to(small, owner), role=role.pk, user=mei.user_id, seen=revision(small))
    answer = sign_in(editor).post(url("role_answers", small, role.pk), stale)
    assert answer.status_code == 409
    assert "Olive Owner changed who answers for Role 1 a moment before: Mei Tanaka does now." in answer.text
    assert f'name="seen" value="{revision(small)}"' in answer.text
    assert filled(role)[1] == mei.user_id


def test_names_that_were_typed_stand_beside_the_members_once(sign_in, editor, small, role, mei):
    edit_role(**to(small, editor), role=role.pk, values={"people": ["Ann Contractor", "mei tanaka"]}, seen=1)
    fill(small, editor, role, mei)
    shown = people_of(sign_in(editor).get(url("role", small, role.pk)).text)
    assert "Ann Contractor" in shown
    assert "mei tanaka" not in shown


def test_the_head_of_the_grid_an_earlier_revision_and_every_export_show_the_names(sign_in, editor, small, role, mei):
    edit_role(**to(small, editor), role=role.pk, values={"people": ["Ann"]}, seen=1)
    fill(small, editor, role, mei)
    client = sign_in(editor)
    head = '<span class="role-person">Ann, Mei Tanaka</span>'
    assert head in client.get(url("matrix", small)).text
    assert head in client.get(url("history_at", small, revision(small))).text
    assert head not in client.get(url("history_at", small, 2)).text
    file = client.post(url("export", small, "xlsx")).content
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    assert "Ann, Mei Tanaka" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_who_left_is_shown_nowhere(sign_in, editor, small, role, mei):
    fill(small, editor, role, mei, answers=mei)
    mei.delete()
    client = sign_in(editor)
    for page in (url("role", small, role.pk), url("matrix", small), url("history", small)):
        assert "Mei Tanaka" not in client.get(page).text
    assert "Somebody who left now fills Role 1." in client.get(url("history", small)).text
    assert filled(role) == ([mei.user_id], mei.user_id)


def test_a_hostile_name_is_escaped_wherever_it_stands(sign_in, editor, small, role, workspace):
    villain = MemberFactory(workspace=workspace, user=UserFactory(name=HOSTILE))
    fill(small, editor, role, villain)
    client = sign_in(editor)
    for page in (url("role", small, role.pk), url("matrix", small), url("history", small)):
        text = client.get(page).text
        assert HOSTILE not in text
        assert "&lt;img src=x" in text


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def test_the_names_cost_a_page_one_query_at_most(sign_in, editor, small, workspace):
    client = sign_in(editor)
    pages = {"matrix": url("matrix", small), "history": url("history", small)}
    before = {name: queries(client, page) for name, page in pages.items()}
    for _ in range(3):
        for role in roles_of(small):
            fill(small, editor, role, MemberFactory(workspace=workspace))
    after = {name: queries(client, page) for name, page in pages.items()}
    assert {name: after[name] - before[name] for name in pages} == {"matrix": 1, "history": 1}
    assert after["matrix"] <= 12


def test_setting_a_level_asks_for_no_name(sign_in, editor, small, role, mei):
    client, row = sign_in(editor), rows_of(small)[0]

    def set_level(level):
        body = {"activity": row.pk, "role": roles_of(small)[1].pk, "level": level, "seen": revision(small)}
        with CaptureQueriesContext(connection) as asked:
            assert client.post(url("level_set", small), body, headers={"HX-Request": "true"}).status_code == 200
        return len(asked)

    set_level("C")
    before = set_level("I")
    fill(small, editor, role, mei, answers=mei)
    assert set_level("S") == before
    assert Change.objects.filter(matrix=small, kind="level").count() == 3
