"""An activity's page, its panel beside the grid, and the changes made there."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from raci.grid.grid import Named
from raci.grid.levels import Notation
from raci.matrices import operations, structure
from raci.matrices.models import Activity, Assignment, Change, Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.screens.activity_page import ActivityPage
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def small(editor) -> Matrix:
    """Two activities, three roles."""
    return make_matrix(editor, "LSC", "SL.", stages=2)


@pytest.fixture
def row(small) -> Activity:
    return small.activities.order_by("pk").first()


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def roles(matrix):
    return list(matrix.roles.values_list("pk", flat=True))


def levels(activity):
    return "".join(
        Assignment.objects.filter(activity=activity, role=role).values_list("level", flat=True).first() or "."
        for role in roles(activity.matrix)
    )


def form(matrix, **values):
    return {"seen": str(Matrix.objects.get(pk=matrix.pk).revision), **values}


def level_form(activity, was, now):
    pairs = zip(roles(activity.matrix), was, now, strict=True)
    values = {}
    for role, before, after in pairs:
        values |= {f"was-{role}": before.strip("."), f"level-{role}": after.strip(".")}
    return form(activity.matrix, **values)


def test_the_page_says_who_leads_and_offers_a_level_for_each_role(small, row, sign_in, editor):
    page = sign_in(editor).get(url("activity", small, row.pk)).content.decode()
    assert "<bdi>Role 1</bdi></a> leads" in page
    assert page.count("<select") == len(roles(small)) + 2  # and the deliverer and the stage


def test_in_raci_the_page_speaks_raci(small, row, sign_in, viewer):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    page = client.get(url("activity", small, row.pk)).content.decode()
    assert "is accountable" in page
    assert "Consulted" in page


def test_a_viewer_sees_no_controls(small, row, sign_in, viewer):
    client = sign_in(viewer)
    page = client.get(url("activity", small, row.pk)).content.decode().partition("<main")[2]
    panel = client.get(url("activity_panel", small, row.pk)).content.decode()
    for shown in (page, panel):
        assert "Role 1" in shown
        assert "<form" not in shown
        assert "edit=" not in shown


def test_an_archived_matrix_is_shown_without_controls(small, row, sign_in, editor):
    operations.archive(matrix=small.pk, sender=Sender(editor), archived=True)
    page = sign_in(editor).get(url("activity", small, row.pk)).content.decode()
    assert "archived" in page
    assert "Save levels" not in page


@pytest.mark.parametrize("name", ["activity", "activity_panel"])
def test_a_stranger_gets_the_answer_of_a_page_that_does_not_exist(small, row, sign_in, stranger, name):
    client = sign_in(stranger)
    theirs = client.get(url(name, small, row.pk))
    none = client.get(reverse(name, args=[small.workspace_id + 1000, small.pk, row.pk]))
    assert (theirs.status_code, theirs.content) == (404, none.content)


@pytest.mark.parametrize("name", ["activity", "activity_panel"])
def test_an_activity_of_another_matrix_is_not_found(small, matrix, sign_in, owner, name):
    foreign = matrix.activities.first()
    assert sign_in(owner).get(url(name, small, foreign.pk)).status_code == 404


def test_the_whole_row_is_set_by_one_form(small, row, sign_in, editor):
    answer = sign_in(editor).post(url("activity_levels", small, row.pk), level_form(row, "LSC", "LCI"), follow=True)
    assert levels(row) == "LCI"
    assert Change.objects.filter(matrix=small).count() == 2
    assert answer.redirect_chain[-1][0] == url("activity", small, row.pk)


def test_a_new_lead_moves_the_one_left_standing_to_support(small, row, sign_in, editor):
    sign_in(editor).post(url("activity_levels", small, row.pk), level_form(row, "LSC", "LSL"))
    assert levels(row) == "SSL"


def test_of_two_new_leads_the_first_stays_and_it_is_said(small, row, sign_in, editor):
    page = sign_in(editor).post(url("activity_levels", small, row.pk), level_form(row, "LSC", "SLL"), follow=True)
    assert levels(row) == "SLS"
    assert "An activity has one Lead: the first one chosen stays, the others moved to Support." in page.content.decode()


def test_cells_that_were_left_alone_do_not_overwrite_what_another_person_set(small, row, sign_in, editor, owner):
    values = level_form(row, "LSC", "LSI")
    operations.set_level(
        matrix=small.pk, sender=Sender(owner), activity=row.pk, role=roles(small)[1], level=None, seen=small.revision
    )
    assert sign_in(editor).post(url("activity_levels", small, row.pk), values).status_code == 302
    assert levels(row) == "L.I"


def test_a_conflict_shows_the_page_again_with_what_was_chosen(small, row, sign_in, editor, owner):
    values = level_form(row, "LSC", "LSI")
    operations.set_level(
        matrix=small.pk, sender=Sender(owner), activity=row.pk, role=roles(small)[2], level=None, seen=small.revision
    )
    answer = sign_in(editor).post(url("activity_levels", small, row.pk), values)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Save again to use yours" in page
    assert f'name="was-{roles(small)[2]}" value=""' in page
    assert re.search(r'<option value="I" selected>', page)
    again = dict(re.findall(r'name="((?:seen|was-\d+))" value="([^"]*)"', page))
    assert sign_in(editor).post(url("activity_levels", small, row.pk), {**values, **again}).status_code == 302
    assert levels(row) == "LSI"


def test_an_unknown_level_is_refused(small, row, sign_in, editor):
    values = form(small, **{f"level-{roles(small)[0]}": "X"})
    assert sign_in(editor).post(url("activity_levels", small, row.pk), values).status_code == 422


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [("name", "Renamed", "name"), ("description", "Why\nand how", "description"), ("notes", "Mind this", "notes")],
)
def test_one_part_is_changed_at_a_time(small, row, sign_in, editor, part, value, field):
    answer = sign_in(editor).post(url("activity_edit", small, row.pk), form(small, part=part, **{part: value}))
    assert answer.status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == value


def test_the_deliverer_and_the_stage_are_chosen_from_lists(small, row, sign_in, editor):
    client, second = sign_in(editor), small.stages.last()
    client.post(url("activity_edit", small, row.pk), form(small, part="deliverer", deliverer=roles(small)[1]))
    client.post(url("activity_edit", small, row.pk), form(small, part="stage", stage=second.pk))
    row.refresh_from_db()
    assert (row.deliverer_id, row.stage_id) == (roles(small)[1], second.pk)
    client.post(url("activity_edit", small, row.pk), form(small, part="deliverer", deliverer=""))
    row.refresh_from_db()
    assert row.deliverer_id is None


def test_a_role_or_stage_of_another_matrix_is_refused(small, row, matrix, sign_in, owner):
    client = sign_in(owner)
    for part, value in (("deliverer", matrix.roles.first().pk), ("stage", matrix.stages.first().pk)):
        answer = client.post(url("activity_edit", small, row.pk), form(small, part=part, **{part: value}))
        assert answer.status_code == 422
        assert "not in this matrix" in answer.content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "two\nlines", "bell\x07", "\u200b"])
def test_a_bad_name_is_refused_and_stays_in_its_field(small, row, sign_in, editor, name):
    answer = sign_in(editor).post(url("activity_edit", small, row.pk), form(small, part="name", name=name))
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert Activity.objects.get(pk=row.pk).name == row.name


def test_markup_in_a_name_is_shown_as_text(small, row, sign_in, editor):
    client = sign_in(editor)
    client.post(url("activity_edit", small, row.pk), form(small, part="name", name=HOSTILE))
    pages = [url("activity", small, row.pk), url("activity_panel", small, row.pk), url("arrange", small)]
    for page in pages:
        content = client.get(page).content.decode()
        assert HOSTILE not in content
        assert "&lt;img src=x onerror=alert(1)&gt;" in content


def test_an_overtaken_edit_keeps_what_was_typed_and_can_be_sent_again(small, row, sign_in, editor, owner):
    values = form(small, part="notes", notes="mine")
    structure.edit_activity(
        matrix=small.pk, sender=Sender(owner), activity=row.pk, values={"notes": "theirs"}, seen=small.revision
    )
    client = sign_in(editor)
    answer = client.post(url("activity_edit", small, row.pk), values)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in page
    assert re.search(r">\s*mine</textarea>", page)
    again = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert client.post(url("activity_edit", small, row.pk), {**values, "seen": again}).status_code == 302
    row.refresh_from_db()
    assert row.notes == "mine"


def test_an_unknown_part_is_a_malformed_request(small, row, sign_in, editor):
    assert sign_in(editor).post(url("activity_edit", small, row.pk), form(small, part="origin")).status_code == 400


def test_somebody_is_named_once_even_when_sent_twice_and_removed(small, row, sign_in, editor):
    client = sign_in(editor)
    person = form(small, role=roles(small)[0], name="Mei Tanaka", task="price model", key="11111111-aaaa")
    for _ in range(2):
        assert client.post(url("activity_person_add", small, row.pk), person).status_code == 302
    row.refresh_from_db()
    assert row.people == [{"role": roles(small)[0], "name": "Mei Tanaka", "task": "price model"}]
    assert "price model" in client.get(url("activity", small, row.pk)).content.decode()
    client.post(url("activity_person_remove", small, row.pk), {**person, "key": "22222222-aaaa"})
    row.refresh_from_db()
    assert row.people == []


def test_the_history_tells_the_changes_of_this_activity_alone(small, row, sign_in, editor, owner):
    other = small.activities.order_by("pk").last()
    sender = Sender(owner)
    structure.edit_activity(matrix=small.pk, sender=sender, activity=row.pk, values={"notes": "n"}, seen=1)
    structure.edit_activity(matrix=small.pk, sender=sender, activity=other.pk, values={"name": "Elsewhere"}, seen=2)
    page = sign_in(editor).get(url("activity", small, row.pk)).content.decode()
    assert "The notes of “Activity 1” changed." in page
    assert "Made with the matrix." in page
    assert "is now called" not in page
    assert f"{url('history', small)}?activity={row.pk}" in page


@pytest.mark.parametrize("name", ["activity", "activity_panel"])
def test_the_history_calls_the_reader_you(small, row, sign_in, editor, owner, name):
    structure.edit_activity(matrix=small.pk, sender=Sender(owner), activity=row.pk, values={"notes": "n"}, seen=1)
    mine = '<span>Made with the matrix. <span class="quiet">{}</span></span>'
    theirs = '<span>The notes of “Activity 1” changed. <span class="quiet">{}</span></span>'
    page = sign_in(editor).get(url(name, small, row.pk)).content.decode()
    assert mine.format("You") in page
    assert theirs.format("Olive Owner") in page
    page = sign_in(owner).get(url(name, small, row.pk)).content.decode()
    assert mine.format("Eddie Editor") in page
    assert theirs.format("You") in page


def test_a_row_that_came_later_was_not_made_with_the_matrix(small, sign_in, editor):
    new = [structure.NewActivity("Later")]
    structure.add_activities(matrix=small.pk, sender=Sender(editor), activities=new)
    page = sign_in(editor).get(url("activity", small, small.activities.get(name="Later").pk)).content.decode()
    assert "“Later” was added." in page
    assert "Made with the matrix." not in page


def test_the_panel_goes_to_the_rows_before_and_after(small, row, sign_in, viewer):
    last = small.activities.order_by("pk").last()
    first_panel = sign_in(viewer).get(url("activity_panel", small, row.pk), headers=HTMX).content.decode()
    assert "panel-previous" not in first_panel
    assert f'id="panel-next" href="{url("activity", small, last.pk)}"' in first_panel


def test_an_edit_in_the_panel_answers_with_the_panel_and_tells_the_grid(small, row, sign_in, editor):
    values = form(small, part="notes", notes="Mind this", **{"from": "panel"})
    answer = sign_in(editor).post(url("activity_edit", small, row.pk), values, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<hx-partial hx-target="#panel"' in page
    assert "Mind this" in page
    assert '<hx-partial hx-target="#toasts"' in page
    assert answer.headers["HX-Trigger"] == f'{{"remit:rows": {{"activities": [{row.pk}]}}}}'


def test_a_refused_edit_in_the_panel_answers_with_the_form(small, row, sign_in, editor):
    values = form(small, part="name", name=" ", **{"from": "panel"})
    answer = sign_in(editor).post(url("activity_edit", small, row.pk), values, headers=HTMX)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert "HX-Trigger" not in answer.headers


def test_a_new_activity_stands_at_the_end_of_its_stage(small, sign_in, editor):
    stage = small.stages.first()
    new = form(small, name="Third", stage=stage.pk, description="What for", key="33333333-aaaa")
    client = sign_in(editor)
    for _ in range(2):
        assert client.post(url("activity_add", small), new).status_code == 302
    assert list(stage.activities.values_list("name", flat=True)) == ["Activity 1", "Third"]


def test_a_new_activity_can_stand_behind_another(small, row, sign_in, editor):
    sign_in(editor).post(url("activity_add", small), form(small, name="Second", stage=row.stage_id, after=row.pk))
    sign_in(editor).post(url("activity_add", small), form(small, name="Between", stage=row.stage_id, after=row.pk))
    names = row.stage.activities.order_by("position").values_list("name", flat=True)
    assert list(names) == ["Activity 1", "Between", "Second"]


def test_the_form_of_a_new_activity_opens_as_a_dialog_or_as_a_page(small, sign_in, editor):
    client = sign_in(editor)
    assert "<html" in client.get(url("activity_add", small)).content.decode()
    dialog = client.get(url("activity_add", small), headers=HTMX).content.decode()
    assert "<html" not in dialog
    assert "dialog-title" in dialog


def test_a_nameless_new_activity_is_refused(small, sign_in, editor):
    answer = sign_in(editor).post(url("activity_add", small), form(small, name="", description="kept"))
    assert answer.status_code == 422
    assert "kept" in answer.content.decode()


def test_an_activity_moves_within_its_stage_and_into_another(matrix, sign_in, editor):
    first, second = matrix.activities.all()[:2]
    client = sign_in(editor)
    client.post(url("activity_move", matrix, second.pk), {"to": f"{first.stage_id}:{first.pk}"})
    assert list(matrix.activities.all()[:2]) == [second, first]
    other = matrix.stages.last()
    answer = client.post(url("activity_move", matrix, second.pk), {"to": f"{other.pk}:"}, follow=True)
    second.refresh_from_db()
    assert second.stage_id == other.pk
    assert f"in {other.name}." in answer.content.decode()


def test_a_place_that_makes_no_sense_is_a_malformed_request(matrix, sign_in, editor):
    activity = matrix.activities.first()
    assert sign_in(editor).post(url("activity_move", matrix, activity.pk), {"to": "a:b"}).status_code == 400


def test_a_removed_activity_is_gone_and_can_be_taken_back(small, row, sign_in, editor):
    client = sign_in(editor)
    values = form(small, key="44444444-aaaa")
    for _ in range(2):
        assert client.post(url("activity_remove", small, row.pk), values).status_code == 302
    assert not Activity.objects.filter(pk=row.pk).exists()
    assert client.get(url("activity", small, row.pk)).status_code == 404
    client.post(url("undo", small), {"key": "55555555-aaaa"})
    assert levels(row) == "LSC"


WRITES = ("activity_levels", "activity_edit", "activity_person_add", "activity_person_remove", "activity_move")


@pytest.mark.parametrize("name", [*WRITES, "activity_remove"])
def test_writing_routes_refuse_get(small, row, sign_in, owner, name):
    assert sign_in(owner).get(url(name, small, row.pk)).status_code == 405


@pytest.mark.parametrize("name", [*WRITES, "activity_remove"])
def test_who_may_only_look_changes_nothing(small, row, sign_in, viewer, reviewer, name):
    for member in (viewer, reviewer):
        assert sign_in(member).post(url(name, small, row.pk), form(small)).status_code == 403
    assert Change.objects.filter(matrix=small).count() == 1


@pytest.mark.parametrize("name", [*WRITES, "activity_remove"])
def test_strangers_writes_meet_nothing(small, row, sign_in, stranger, name):
    assert sign_in(stranger).post(url(name, small, row.pk), form(small)).status_code == 404


@pytest.mark.parametrize("name", [*WRITES, "activity_remove"])
def test_an_activity_of_another_matrix_is_never_changed(small, matrix, sign_in, owner, name):
    foreign = matrix.activities.first()
    stage = small.stages.first().pk
    person = {"role": roles(small)[0], "name": "Mei"}
    values = form(small, part="name", to=f"{stage}:", **person, **{f"level-{roles(small)[0]}": "L"})
    assert sign_in(owner).post(url(name, small, foreign.pk), values).status_code in (404, 422)
    assert Change.objects.filter(matrix=matrix).count() == 1


@pytest.mark.parametrize("name", ["activity", "activity_panel"])
def test_few_queries_however_large_the_grid(small, matrix, sign_in, editor, name, django_assert_max_num_queries):
    client = sign_in(editor)
    for shown in (small, matrix):
        with django_assert_max_num_queries(12):
            client.get(url(name, shown, shown.activities.first().pk))


def test_somebody_named_in_a_role_that_was_just_removed_is_left_out(small, row):
    grid = read_grid(small)
    torn = replace(grid.activities[0], people=(Named(0, "Ann", ""), Named(grid.roles[0].id, "Bob", "")))
    page = ActivityPage(small, grid, Notation.LEAD_SUPPORT, torn, reader=0)
    assert [person.named.name for person in page.people] == ["Bob"]
