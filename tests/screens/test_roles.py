"""One role at a time, and what becomes of roles: edited, moved, removed, merged, split."""

import re

import pytest
from django.urls import reverse

from raci.matrices import operations, structure
from raci.matrices.models import Assignment, Change, Matrix, Role
from raci.matrices.operations import Sender
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def small(editor) -> Matrix:
    return make_matrix(editor, "LSC", "SL.", "C.L")


@pytest.fixture
def role(small) -> Role:
    return small.roles.first()


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def form(matrix, **values):
    return {"seen": str(Matrix.objects.get(pk=matrix.pk).revision), **values}


def column(role):
    found = dict(Assignment.objects.filter(role=role).values_list("activity_id", "level"))
    return "".join(found.get(pk, ".") for pk in role.matrix.activities.values_list("pk", flat=True))


def values_of(role, **changed):
    kept = {"name": role.name, "short": role.short, "purpose": role.purpose, "people": "", "headcount": ""}
    return form(role.matrix, **{**kept, **changed})


def test_its_rows_stand_by_level(small, role, sign_in, viewer):
    page = sign_in(viewer).get(url("role", small, role.pk)).content.decode()
    places = [page.index(f'id="title-{level}"') for level in ("lead", "support", "contribute")]
    assert places == sorted(places)
    assert "title-informed" not in page
    assert "<form" not in page.partition("<main")[2]


def test_a_role_on_nothing_says_where_to_begin(small, sign_in, editor):
    structure.add_role(matrix=small.pk, sender=Sender(editor), values={"name": "New"})
    page = sign_in(editor).get(url("role", small, small.roles.last().pk)).content.decode()
    assert "On no activity yet" in page
    assert "is on no activity, so its column says nothing" in page


def test_all_its_values_are_edited_by_one_form(small, role, sign_in, editor):
    changed = {"name": "Design", "short": "UX", "purpose": "Draws", "people": "Ada\n\n Bob \n", "headcount": "3"}
    answer = sign_in(editor).post(url("role_edit", small, role.pk), values_of(role, **changed))
    assert answer.status_code == 302
    role.refresh_from_db()
    assert (role.name, role.short, role.purpose, role.people, role.headcount) == (
        "Design",
        "UX",
        "Draws",
        ["Ada", "Bob"],
        3,
    )


def test_how_to_reach_it_is_typed_and_shown_to_everybody(small, role, sign_in, editor, viewer):
    sign_in(editor).post(url("role_edit", small, role.pk), values_of(role, contact=" ux@example.org "))
    role.refresh_from_db()
    assert role.contact == "ux@example.org"
    assert '<a class="contact" href="mailto:ux@example.org"' in sign_in(viewer).get(url("role", small, role.pk)).text
    assert 'value="ux@example.org"' in sign_in(editor).get(url("role", small, role.pk) + "?edit").text
    sign_in(editor).post(url("role_edit", small, role.pk), values_of(role, contact="javascript:alert(1)"))
    shown = sign_in(viewer).get(url("role", small, role.pk)).text
    assert '<bdi class="contact">javascript:alert(1)</bdi>' in shown
    assert 'href="javascript' not in shown
    assert "How to reach Role 1 changed." in sign_in(viewer).get(url("history", small)).text


@pytest.mark.parametrize(
    "bad",
    [
        {"contact": "x" * 201},
        {"contact": "two\nlines"},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"short": "x" * 13},
        {"purpose": "two\nlines"},
        {"people": "x" * 201},
        {"people": "\n".join(["Ada"] * 201)},
        {"headcount": "-1"},
        {"headcount": "many"},
        {"headcount": "9" * 30},
    ],
)
def test_bad_values_are_refused_and_stay_in_the_form(small, role, sign_in, editor, bad):
    answer = sign_in(editor).post(url("role_edit", small, role.pk), values_of(role, **{"purpose": "kept", **bad}))
    assert answer.status_code == 422
    assert "kept" in answer.content.decode() or "purpose" in bad
    assert Change.objects.filter(matrix=small).count() == 1


def test_markup_in_a_name_is_shown_as_text(small, role, sign_in, editor):
    client = sign_in(editor)
    client.post(
        url("role_edit", small, role.pk),
        values_of(role, name=HOSTILE, people=HOSTILE, purpose=HOSTILE, contact=HOSTILE),
    )
    for name in ("role", "role_merge", "role_remove", "role_split"):
        assert HOSTILE not in client.get(url(name, small, role.pk)).content.decode()


def test_an_overtaken_edit_keeps_what_was_typed(small, role, sign_in, editor, owner):
    values = values_of(role, name="Mine")
    structure.edit_role(matrix=small.pk, sender=Sender(owner), role=role.pk, values={"name": "Theirs"}, seen=1)
    client = sign_in(editor)
    answer = client.post(url("role_edit", small, role.pk), values)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in page
    assert 'value="Mine"' in page
    again = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert client.post(url("role_edit", small, role.pk), {**values, "seen": again}).status_code == 302


def test_a_role_moves_left_and_right(small, role, sign_in, editor):
    client, ids = sign_in(editor), [r.pk for r in small.roles.all()]
    page = client.post(url("role_move", small, role.pk), {"to": ids[2]}, follow=True).content.decode()
    assert [r.pk for r in small.roles.all()] == [ids[1], ids[0], ids[2]]
    assert "is now 2 of 3 roles" in page
    client.post(url("role_move", small, role.pk), {"to": ""})
    assert [r.pk for r in small.roles.all()] == [ids[1], ids[2], ids[0]]


def test_a_new_role_is_added_once_even_when_sent_twice(small, sign_in, editor):
    client = sign_in(editor)
    for _ in range(2):
        answer = client.post(url("role_add", small), form(small, name="Legal", key="11111111-bbbb"))
        assert answer.status_code == 302
    assert small.roles.filter(name="Legal").count() == 1


def test_a_nameless_new_role_is_refused_in_the_dialog(small, sign_in, editor):
    answer = sign_in(editor).post(url("role_add", small), form(small, name=" "), headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.content.decode()


def test_removing_a_role_that_leads_asks_who_takes_its_rows_over(small, role, sign_in, editor):
    client = sign_in(editor)
    page = client.get(url("role_remove", small, role.pk)).content.decode()
    assert "Who takes them over?" in page
    assert "Activity 1" in page
    assert client.post(url("role_remove", small, role.pk), form(small, asked="1")).status_code == 422
    heir = small.roles.all()[1]
    answer = client.post(url("role_remove", small, role.pk), form(small, asked="1", heir=heir.pk))
    assert answer.status_code == 302
    assert column(heir) == "LL."


def test_nobody_yet_has_to_be_said(small, role, sign_in, editor):
    client = sign_in(editor)
    assert client.post(url("role_remove", small, role.pk), form(small)).status_code == 409
    assert client.post(url("role_remove", small, role.pk), form(small, asked="1", heir="nobody")).status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()


def test_an_heir_of_another_matrix_is_refused(small, role, matrix, sign_in, owner):
    foreign = matrix.roles.first()
    answer = sign_in(owner).post(url("role_remove", small, role.pk), form(small, asked="1", heir=foreign.pk))
    assert answer.status_code == 422
    assert Role.objects.filter(pk=role.pk).exists()


def test_a_removal_sent_twice_is_one(small, role, sign_in, editor):
    values = form(small, asked="1", heir="nobody", key="22222222-bbbb")
    answers = [sign_in(editor).post(url("role_remove", small, role.pk), values) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_a_merge_is_previewed_and_the_deeper_level_wins(small, role, sign_in, editor):
    into, client = small.roles.last(), sign_in(editor)
    page = client.get(url("role_merge", small, role.pk), {"into": into.pk}).content.decode()
    assert "3 of 3 activities" in page
    assert Change.objects.filter(matrix=small).count() == 1
    assert client.post(url("role_merge", small, role.pk), form(small, into=into.pk)).status_code == 302
    assert column(into) == "LSL"


def test_a_merge_of_what_changed_meanwhile_is_previewed_again(small, role, sign_in, editor, owner):
    into, values = small.roles.last(), form(small, into=small.roles.last().pk)
    operations.rename_matrix(matrix=small.pk, sender=Sender(owner), name="Other")
    answer = sign_in(editor).post(url("role_merge", small, role.pk), values)
    assert answer.status_code == 409
    assert "has changed since" in answer.content.decode()
    assert Role.objects.filter(pk__in=[role.pk, into.pk]).count() == 2


def test_a_merge_sent_twice_is_one(small, role, sign_in, editor):
    values = form(small, into=small.roles.last().pk, key="33333333-bbbb")
    answers = [sign_in(editor).post(url("role_merge", small, role.pk), values) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_a_merge_into_itself_or_into_another_matrix_is_refused(small, role, matrix, sign_in, owner):
    for into in (role.pk, matrix.roles.first().pk):
        answer = sign_in(owner).post(url("role_merge", small, role.pk), form(small, into=into))
        assert answer.status_code == 422
    assert Role.objects.filter(pk=role.pk).exists()


def test_a_split_makes_a_role_that_supports_where_the_first_leads(small, role, sign_in, editor):
    client = sign_in(editor)
    assert "It supports what Role 1 leads (1 of 3)" in client.get(url("role_split", small, role.pk)).content.decode()
    assert client.post(url("role_split", small, role.pk), form(small, name=" ")).status_code == 422
    assert client.post(url("role_split", small, role.pk), form(small, name="Half")).status_code == 302
    new = small.roles.get(name="Half")
    assert (column(role), column(new)) == ("LSC", "SSC")


ASKING = ("role_merge", "role_remove", "role_split")
WRITING = ("role_edit", "role_move")


@pytest.mark.parametrize("name", WRITING)
def test_writing_routes_refuse_get(small, role, sign_in, owner, name):
    assert sign_in(owner).get(url(name, small, role.pk)).status_code == 405


@pytest.mark.parametrize("name", [*ASKING, *WRITING])
def test_who_may_only_look_changes_nothing(small, role, sign_in, viewer, reviewer, name):
    for member in (viewer, reviewer):
        assert sign_in(member).post(url(name, small, role.pk), form(small)).status_code == 403


@pytest.mark.parametrize("name", ["role", *ASKING])
def test_a_stranger_gets_the_answer_of_a_page_that_does_not_exist(small, role, sign_in, stranger, name):
    client = sign_in(stranger)
    theirs = client.get(url(name, small, role.pk))
    none = client.get(reverse(name, args=[small.workspace_id + 1000, small.pk, role.pk]))
    assert (theirs.status_code, theirs.content) == (404, none.content)


@pytest.mark.parametrize("name", ["role", *ASKING])
def test_a_role_of_another_matrix_is_not_found(small, matrix, sign_in, owner, name):
    assert sign_in(owner).get(url(name, small, matrix.roles.first().pk)).status_code == 404


@pytest.mark.parametrize("name", [*ASKING, *WRITING])
def test_a_role_of_another_matrix_is_never_changed(small, matrix, sign_in, owner, name):
    foreign = matrix.roles.first()
    values = form(small, into=small.roles.first().pk, name="Mine", asked="1", heir="nobody", to="")
    assert sign_in(owner).post(url(name, small, foreign.pk), values).status_code in (404, 422)
    assert Change.objects.filter(matrix=matrix).count() == 1


def test_an_archived_matrix_asks_nothing(small, role, sign_in, editor):
    operations.archive(matrix=small.pk, sender=Sender(editor), archived=True)
    for name in ASKING:
        assert sign_in(editor).get(url(name, small, role.pk)).status_code == 409


@pytest.mark.parametrize("name", ["role", *ASKING])
def test_few_queries_however_large_the_grid(small, matrix, sign_in, editor, name, django_assert_max_num_queries):
    client = sign_in(editor)
    for shown in (small, matrix):
        with django_assert_max_num_queries(12):
            client.get(url(name, shown, shown.roles.first().pk))
