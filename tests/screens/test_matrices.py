"""The list of matrices, a new one, and what can be done with a whole one."""

import re

import pytest
from django.urls import reverse

from culture.references import reference_grid
from raci.grid.grid import Grid
from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, set_aside, set_level
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity
from tests.factories import make_matrix

KEY = "11111111-2222-3333-4444-555555555555"


def the_list(member) -> str:
    return reverse("matrices", args=[member.workspace_id])


def new(member) -> str:
    return reverse("matrix_new", args=[member.workspace_id])


def of(name, matrix) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


# ---- The list


def test_the_list_shows_each_matrix_with_its_size_reference_and_last_change(sign_in, editor, matrix):
    page = sign_in(editor).get(the_list(editor))
    assert page.status_code == 200
    for words in ("Launch", "18 activities, 4 roles", "From the market-led reference", "Olive Owner", "nothing to fix"):
        assert words in page.text
    assert '<path class="f-lead"' in page.text


def test_own_changes_are_told_as_you(sign_in, owner, matrix):
    assert re.search(r"by\s+you<", sign_in(owner).get(the_list(owner)).text)


def test_the_list_counts_errors_and_warnings(sign_in, owner):
    make_matrix(owner, "SS.", "L..", name="Flawed")
    page = sign_in(owner).get(the_list(owner)).text
    assert "1 error<" in page
    assert re.search(r"\d+ warnings?<", page)


def test_a_finding_set_aside_is_not_counted(sign_in, owner):
    flawed = make_matrix(owner, "LCC", "LCC", ".SC", "L..", "S..")
    before = sign_in(owner).get(the_list(owner)).context["tiles"][0].tally
    activity = Activity.objects.get(matrix=flawed, name="Activity 4")
    set_aside(matrix=flawed.pk, sender=Sender(owner), finding=f"R4:{activity.pk}:", reason="Agreed so")
    after = sign_in(owner).get(the_list(owner)).context["tiles"][0].tally
    assert after.warnings == before.warnings - 1


def test_without_a_matrix_the_page_gives_a_first_step(sign_in, editor, viewer):
    assert "No matrix yet" in sign_in(editor).get(the_list(editor)).text
    assert new(editor) in sign_in(editor).get(the_list(editor)).text
    assert new(editor) not in sign_in(viewer).get(the_list(viewer)).text


def test_a_viewer_sees_the_matrices_and_nothing_to_change_them(sign_in, viewer, reviewer, matrix):
    for member in (viewer, reviewer):
        page = sign_in(member).get(the_list(member)).text
        assert "Launch" in page
        assert 'method="post" action="/w/' not in page
        assert new(member) not in page


def test_the_list_of_another_workspace_answers_like_none(sign_in, stranger, matrix):
    client = sign_in(stranger)
    foreign, none = client.get(the_list_of(matrix)), client.get("/w/999999/")
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content


def test_the_list_needs_as_many_queries_for_ten_matrices_as_for_one(
    sign_in, owner, matrix, django_assert_max_num_queries
):
    client = sign_in(owner)
    with django_assert_max_num_queries(12) as one:
        client.get(the_list(owner))
    for number in range(9):
        create_matrix(sender=Sender(owner), name=f"M {number}", grid=reference_grid("sales"))
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    with django_assert_max_num_queries(12) as ten:
        client.get(the_list(owner))
    assert len(one) == len(ten)


def test_the_list_shows_nothing_of_another_workspace(sign_in, owner, matrix, foreign_matrix):
    assert "Bolt canary" not in sign_in(owner).get(the_list(owner)).text
    assert "Bolt canary" not in sign_in(owner).get(new(owner)).text


def test_a_hostile_name_stays_text(sign_in, owner, matrix):
    name = "<img src=x onerror=alert(1)>\"'&"
    Matrix.objects.filter(pk=matrix.pk).update(name=name)
    for url in (the_list(owner), f"{new(owner)}?copy={matrix.pk}"):
        page = sign_in(owner).get(url).text
        assert "<img" not in page
        assert "&lt;img src=x" in page


# ---- A new one


@pytest.mark.parametrize("culture", ["technology", "sales", "market"])
def test_a_matrix_from_a_reference_has_its_72_levels(sign_in, editor, culture):
    answer = sign_in(editor).post(new(editor), {"start": culture, "name": "Ours", "key": KEY})
    made = Matrix.objects.get(name="Ours")
    assert answer.headers["Location"] == of("matrix", made)
    assert made.culture_id == culture
    assert [read_grid(made).row(a.id) for a in read_grid(made).activities] == [
        reference_grid(culture).row(a.id) for a in reference_grid(culture).activities
    ]


def test_a_double_submission_makes_one_matrix(sign_in, editor):
    client = sign_in(editor)
    first = client.post(new(editor), {"start": "market", "name": "Ours", "key": KEY})
    second = client.post(new(editor), {"start": "market", "name": "Ours", "key": KEY})
    assert first.headers["Location"] == second.headers["Location"]
    assert Matrix.objects.count() == 1


def test_an_empty_matrix_may_take_the_usual_roles_and_stages(sign_in, editor):
    client = sign_in(editor)
    client.post(new(editor), {"start": "empty", "usual": "on", "name": "Framed"})
    client.post(new(editor), {"start": "empty", "name": "Bare"})
    framed, bare = (read_grid(Matrix.objects.get(name=name)) for name in ("Framed", "Bare"))
    assert (len(framed.roles), len(framed.stages), len(framed.activities)) == (4, 5, 0)
    assert bare == Grid()


def test_a_copy_keeps_origins_notes_and_people_but_nothing_set_aside(sign_in, owner, editor, matrix):
    activity = Activity.objects.filter(matrix=matrix).first()
    role = matrix.roles.first()
    values = {"notes": "Ask Mei", "people": [{"role": role.pk, "name": "Mei", "task": "numbers"}]}
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=activity.pk, values=values, seen=1)
    set_aside(matrix=matrix.pk, sender=Sender(owner), finding="R4:1:", reason="Agreed so")
    sign_in(editor).post(new(editor), {"start": "copy", "source": matrix.pk, "name": "Twin"})
    twin = Matrix.objects.get(name="Twin")
    first = twin.activities.first()
    assert (first.origin, first.notes) == (activity.origin, "Ask Mei")
    assert first.people == [{"role": twin.roles.first().pk, "name": "Mei", "task": "numbers"}]
    assert twin.asides == {}
    assert twin.culture_id == "market"
    assert read_grid(twin).cells.keys().isdisjoint(read_grid(matrix).cells)


def test_the_address_can_choose_beforehand(sign_in, editor, matrix, foreign_matrix):
    client = sign_in(editor)
    assert re.search(r'value="sales" required checked', client.get(f"{new(editor)}?start=sales").text)
    copy = client.get(f"{new(editor)}?copy={matrix.pk}").text
    assert re.search(r'value="copy" required checked', copy)
    assert "Copy of Launch" in copy
    for nonsense in (f"copy={foreign_matrix.pk}", "copy=x", "copy=" + "9" * 40, "start=<b>"):
        answer = client.get(f"{new(editor)}?{nonsense}")
        assert answer.status_code == 200
        assert "required checked" not in answer.text


def test_a_name_is_needed_and_what_was_chosen_stays(sign_in, editor):
    answer = sign_in(editor).post(new(editor), {"start": "sales", "name": "   "})
    assert answer.status_code == 422
    assert "at least one visible character" in answer.text
    assert re.search(r'value="sales" required checked', answer.text)
    assert not Matrix.objects.exists()


def test_a_name_too_long_is_refused_and_kept(sign_in, editor):
    answer = sign_in(editor).post(new(editor), {"start": "sales", "name": "n" * 201})
    assert answer.status_code == 422
    assert "n" * 201 in answer.text


def test_a_foreign_matrix_cannot_be_copied(sign_in, editor, foreign_matrix):
    answers = [
        sign_in(editor).post(new(editor), {"start": "copy", "source": source, "name": "Mine"})
        for source in (foreign_matrix.pk, 999_999, "", "x")
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert "Bolt canary" not in answers[0].text
    assert not Matrix.objects.filter(workspace=editor.workspace).exists()


def test_no_way_to_begin_is_refused(sign_in, editor):
    assert sign_in(editor).post(new(editor), {"start": "astrology", "name": "Mine"}).status_code == 422
    assert "Choose how to begin." in sign_in(editor).post(new(editor), {"name": "Mine"}).text


def test_a_viewer_cannot_make_one(sign_in, viewer, reviewer, stranger):
    for member in (viewer, reviewer):
        assert sign_in(member).get(new(member)).status_code == 403
        assert sign_in(member).post(new(member), {"start": "sales", "name": "Mine"}).status_code == 403
    assert sign_in(stranger).get(new(viewer)).status_code == 404
    assert not Matrix.objects.exists()


def test_the_page_of_a_new_matrix_stays_within_its_queries(sign_in, editor, matrix, django_assert_max_num_queries):
    client = sign_in(editor)
    with django_assert_max_num_queries(12):
        client.get(f"{new(editor)}?copy={matrix.pk}")


# ---- A whole matrix


def test_a_matrix_gets_a_new_name(sign_in, editor, matrix):
    answer = sign_in(editor).post(of("matrix_rename", matrix), {"name": "Core", "key": KEY, "back": "matrix"})
    assert answer.headers["Location"] == of("matrix", matrix)
    matrix.refresh_from_db()
    assert (matrix.name, matrix.revision) == ("Core", 2)


def test_a_name_that_cannot_be_is_asked_again(sign_in, editor, matrix):
    answer = sign_in(editor).post(of("matrix_rename", matrix), {"name": "a\x00b", "back": "list"})
    assert answer.status_code == 422
    assert "control characters" in answer.text
    assert Matrix.objects.get(pk=matrix.pk).name == "Launch"


def test_an_archived_matrix_stands_below_and_can_be_brought_back(sign_in, editor, matrix):
    client = sign_in(editor)
    assert client.post(of("matrix_archive", matrix), {"key": KEY}).headers["Location"] == the_list(editor)
    page = client.get(the_list(editor))
    assert page.context["tiles"] == []
    assert "1 archived" in page.text
    assert "Bring it back" in page.text
    client.post(of("matrix_unarchive", matrix))
    assert [tile.matrix.pk for tile in client.get(the_list(editor)).context["tiles"]] == [matrix.pk]


def test_a_double_archiving_is_one_change(sign_in, editor, matrix):
    client = sign_in(editor)
    for _ in range(2):
        assert client.post(of("matrix_archive", matrix), {"key": KEY}).status_code == 302
    assert Change.objects.filter(matrix=matrix, kind="archive").count() == 1


def test_an_archived_matrix_keeps_its_name(sign_in, editor, matrix):
    archive(matrix=matrix.pk, sender=Sender(editor), archived=True)
    assert sign_in(editor).post(of("matrix_rename", matrix), {"name": "Core"}).status_code == 409
    assert Matrix.objects.get(pk=matrix.pk).name == "Launch"


@pytest.mark.parametrize("name", ["matrix_rename", "matrix_archive", "matrix_unarchive"])
def test_only_editors_change_a_whole_matrix(name, sign_in, viewer, reviewer, stranger, editor, matrix):
    url, values = of(name, matrix), {"name": "Mine"}
    for member in (viewer, reviewer):
        assert sign_in(member).post(url, values).status_code == 403
    foreign = sign_in(stranger).post(url, values)
    assert (foreign.status_code, foreign.content) == (404, sign_in(stranger).post("/w/9/matrices/9/name/").content)
    assert sign_in(editor).get(url).status_code == 405
    assert Change.objects.count() == 1


@pytest.mark.parametrize("name", ["matrix_rename", "matrix_archive", "matrix_unarchive"])
def test_the_matrix_of_another_workspace_cannot_be_reached_through_ones_own(name, sign_in, owner, foreign_matrix):
    answer = sign_in(owner).post(reverse(name, args=[owner.workspace_id, foreign_matrix.pk]), {"name": "Mine"})
    assert answer.status_code == 404
    assert Matrix.objects.get(pk=foreign_matrix.pk).name == "Bolt canary"


def test_reading_writes_nothing(sign_in, owner, matrix):
    client = sign_in(owner)
    client.get(the_list(owner))
    client.get(new(owner))
    assert (Change.objects.count(), Matrix.objects.count()) == (1, 1)


def test_the_tile_shows_who_changed_it_last(sign_in, owner, editor, matrix):
    activity, role = matrix.activities.first(), matrix.roles.last()
    change = {"activity": activity.pk, "role": role.pk, "level": Level.SUPPORT}
    set_level(matrix=matrix.pk, sender=Sender(editor), seen=1, **change)
    assert "Eddie Editor" in sign_in(owner).get(the_list(owner)).text


def the_list_of(matrix) -> str:
    return reverse("matrices", args=[matrix.workspace_id])
