"""House references on their pages: saved from a matrix, listed, started from, renamed and put away."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from culture.models import CatalogueActivity
from raci.matrices import house as houses
from raci.matrices.house import put_away, save_reference
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.operations import Sender, archive, create_matrix
from raci.matrices.store import read_grid
from raci.matrices.structure import remove_activity
from raci.screens import sources
from tests.factories import make_grid, make_matrix
from tests.matrices.reading import letters


@pytest.fixture
def house(owner, matrix) -> HouseReference:
    return save_reference(by=owner, matrix=matrix, name="House 2026")


def at(name, house) -> str:
    return reverse(name, args=[house.workspace_id, house.pk])


def save_page(matrix) -> str:
    return reverse("house_save", args=[matrix.workspace_id, matrix.pk])


def new(member) -> str:
    return reverse("matrix_new", args=[member.workspace_id])


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))


# ---- Saving


def test_an_editor_saves_a_matrix_and_comes_to_the_page_of_the_reference(sign_in, editor, matrix):
    client = sign_in(editor)
    assert 'value="Launch reference"' in client.get(save_page(matrix)).text
    answer = client.post(save_page(matrix), {"name": "House 2026"})
    made = HouseReference.objects.get()
    assert answer.headers["Location"] == at("house_reference", made)
    shown = words(client.get(answer.headers["Location"]))
    assert "“House 2026” is a reference of the house now." in shown
    assert "18 activities, 4 roles" in shown
    assert save_page(matrix) in client.get(reverse("matrix", args=[matrix.workspace_id, matrix.pk])).text


def test_what_lacks_a_lead_is_named_and_the_typed_name_stays(sign_in, editor):
    answer = sign_in(editor).post(save_page(make_matrix(editor, "LS", ".S")), {"name": "Half done"})
    assert answer.status_code == 422
    assert "1 activity of 2 lacks one: “Activity 2”." in words(answer)
    assert 'value="Half done"' in answer.text
    assert not HouseReference.objects.exists()


def test_a_matrix_that_cannot_be_one_is_asked_for_no_name_but_says_on_opening_what_is_missing(sign_in, editor):
    matrix, client = make_matrix(editor, "LS", ".S", ".S"), sign_in(editor)
    answer = client.get(save_page(matrix))
    assert "2 activities of 3 lack one: “Activity 2” and “Activity 3”." in words(answer)
    for at, row in enumerate(matrix.activities.all()):
        link = reverse("activity", args=[matrix.workspace_id, matrix.pk, row.pk])
        assert (f'<a href="{link}">' in answer.text) is (at > 0)
    assert 'name="name"' not in answer.text
    assert "Save the reference" not in answer.text
    assert "Add some to the matrix first." in words(client.get(save_page(make_matrix(editor, name="Empty"))))


def test_of_many_without_a_lead_the_first_are_named(sign_in, editor):
    answer = sign_in(editor).get(save_page(make_matrix(editor, *["S."] * 23)))
    assert answer.text.count("<li><a href=") == 20
    assert "And 3 more." in words(answer)


def test_as_many_are_in_use_as_a_workspace_may_have_and_no_more(sign_in, editor, matrix, monkeypatch):
    monkeypatch.setattr(houses, "MOST_IN_USE", 2)
    first, _ = (save_reference(by=editor, matrix=matrix, name=name) for name in ("First", "Second"))
    client, before = sign_in(editor), Matrix.objects.get(pk=matrix.pk).revision
    answer = client.post(save_page(make_matrix(editor, "LS", name="Other")), {"name": "Third"})
    assert answer.status_code == 422
    assert "A workspace has up to 2 house references in use. Put one away first." in words(answer)
    assert Matrix.objects.get(pk=matrix.pk).revision == before
    assert not Change.objects.filter(kind="house", matrix__name="Other").exists()
    assert save_reference(by=editor, matrix=matrix, name="First") == first  # sent twice
    put_away(by=editor, house=first.pk)
    client.post(save_page(matrix), {"name": "Third"})
    assert HouseReference.objects.filter(is_put_away=False).count() == 2
    assert client.post(at("house_bring_back", first)).status_code == 422
    first.refresh_from_db()
    assert first.is_put_away


def test_a_name_that_is_taken_or_none_is_asked_again(sign_in, editor, house):
    client, other = sign_in(editor), make_matrix(editor, "LS")
    answer = client.post(save_page(other), {"name": "House 2026"})
    assert answer.status_code == 409
    assert "There is a house reference called “House 2026” already." in words(answer)
    assert client.post(save_page(other), {"name": " "}).status_code == 422
    assert HouseReference.objects.count() == 1


def test_only_editors_save_one(sign_in, viewer, reviewer, stranger, matrix):
    for member in (viewer, reviewer):
        assert sign_in(member).get(save_page(matrix)).status_code == 403
        assert sign_in(member).post(save_page(matrix), {"name": "Mine"}).status_code == 403
    assert sign_in(stranger).post(save_page(matrix), {"name": "Mine"}).status_code == 404
    assert not HouseReference.objects.exists()


# ---- Its page


def test_its_page_shows_the_grid_who_saved_it_and_who_follows_it(sign_in, owner, viewer, house):
    made = create_matrix(sender=Sender(owner), name="Follower", grid=make_grid("LS"), house=house.pk)
    archived = create_matrix(sender=Sender(owner), name="Old follower", grid=make_grid("LS"), house=house.pk)
    archive(matrix=archived.pk, sender=Sender(owner), archived=True)
    answer = sign_in(viewer).get(at("house_reference", house))
    shown = words(answer)
    assert "Olive Owner" in shown
    assert "Pricing and Packaging" in shown
    assert reverse("matrix", args=[made.workspace_id, made.pk]) in answer.text
    assert "Old follower archived" in shown
    assert answer.text.count('data-level="lead"') == 18
    assert 'method="post" action="/w/' not in answer.text.replace("notation", "")


def test_it_is_shown_in_the_readers_notation(sign_in, viewer, house):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    assert "<b>A/R</b>" in client.get(at("house_reference", house)).text


def test_a_foreign_or_unknown_one_is_answered_alike(sign_in, owner, stranger, foreign_matrix, house):
    foreign = save_reference(by=stranger, matrix=foreign_matrix, name="Bolt canary")
    client = sign_in(owner)
    for name in ("house_reference", "house_rename", "house_put_away", "house_bring_back"):
        paths = [reverse(name, args=[owner.workspace_id, pk]) for pk in (foreign.pk, 999_999)]
        method = client.get if name == "house_reference" else client.post
        answers = [method(path, {"name": "Mine"}) for path in paths]
        assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert sign_in(stranger).get(at("house_reference", house)).status_code == 404
    assert HouseReference.objects.get(pk=foreign.pk).name == "Bolt canary"


def test_it_is_renamed_and_a_name_that_cannot_be_is_asked_again(sign_in, editor, house):
    client = sign_in(editor)
    client.post(at("house_rename", house), {"name": "House 2027", "was": "House 2026"})
    house.refresh_from_db()
    assert house.name == "House 2027"
    answer = client.post(at("house_rename", house), {"name": "n" * 201, "was": "House 2027"})
    assert answer.status_code == 422
    assert "n" * 201 in answer.text
    assert '<details class="disclosure" open>' in answer.text
    save_reference(by=editor, matrix=make_matrix(editor, "LS"), name="Other")
    assert client.post(at("house_rename", house), {"name": "Other", "was": "House 2027"}).status_code == 409


def test_of_two_who_rename_it_the_later_learns_of_both_names_and_may_send_again(sign_in, owner, editor, house):
    sign_in(owner).post(at("house_rename", house), {"name": "Ours", "was": "House 2026"})
    client = sign_in(editor)
    answer = client.post(at("house_rename", house), {"name": "Mine", "was": "House 2026"})
    assert answer.status_code == 409
    assert "It was called “House 2026” when you opened this page, and is called “Ours” now." in words(answer)
    assert 'value="Mine"' in answer.text
    assert "<h1><bdi>Ours</bdi></h1>" in answer.text
    assert HouseReference.objects.get().name == "Ours"
    was = re.search(r'name="was" value="([^"]*)"', answer.text)[1]
    assert client.post(at("house_rename", house), {"name": "Mine", "was": was}).status_code == 302
    assert HouseReference.objects.get().name == "Mine"


def test_the_same_new_name_sent_twice_is_no_conflict_and_without_the_old_name_it_is_incomplete(sign_in, editor, house):
    client = sign_in(editor)
    for _ in range(2):
        assert client.post(at("house_rename", house), {"name": "Ours", "was": "House 2026"}).status_code == 302
    assert client.post(at("house_rename", house), {"name": "Mine"}).status_code == 400
    assert HouseReference.objects.get().name == "Ours"


def test_it_is_put_away_and_brought_back(sign_in, editor, house):
    client = sign_in(editor)
    client.post(at("house_put_away", house))
    shown = client.get(at("house_reference", house)).text
    assert "This reference is put away" in shown
    assert "Start a matrix from it" not in shown
    client.post(at("house_bring_back", house))
    assert "Start a matrix from it" in client.get(at("house_reference", house)).text
    assert client.get(at("house_put_away", house)).status_code == 405


@pytest.mark.parametrize("name", ["house_rename", "house_put_away", "house_bring_back"])
def test_only_editors_change_one(sign_in, viewer, reviewer, house, name):
    for member in (viewer, reviewer):
        assert sign_in(member).post(at(name, house), {"name": "Mine"}).status_code == 403
    house.refresh_from_db()
    assert (house.name, house.is_put_away) == ("House 2026", False)


# ---- The list


def test_the_references_list_them_with_those_put_away_below(sign_in, owner, viewer, house, foreign_matrix, stranger):
    save_reference(by=stranger, matrix=foreign_matrix, name="Bolt canary")
    old = save_reference(by=owner, matrix=make_matrix(owner, "LS"), name="House 2020")
    put_away(by=owner, house=old.pk)
    answer = sign_in(viewer).get(reverse("references", args=[viewer.workspace_id]))
    assert "House 2026 18 activities, 4 roles No matrices follow it" in words(answer)
    assert [one.house.name for one in answer.context["houses"]] == ["House 2026"]
    assert "1 put away" in answer.text
    assert words(answer).index("House 2026") < words(answer).index("House 2020")
    assert "Bolt canary" not in answer.text


def test_where_all_are_put_away_none_is_in_use(sign_in, owner, house):
    put_away(by=owner, house=house.pk)
    shown = words(sign_in(owner).get(reverse("references", args=[owner.workspace_id])))
    assert "None in use. An agreed matrix can be saved as one" in shown
    assert "None yet." not in shown
    assert "1 put away" in shown


def test_without_any_the_references_say_how_to_have_one(sign_in, viewer):
    page = sign_in(viewer).get(reverse("references", args=[viewer.workspace_id]))
    assert "An agreed matrix can be saved as one" in page.text


# ---- Starting from it, and following it


def test_a_new_matrix_starts_from_it_and_follows_it(sign_in, editor, matrix, house):
    client, start = sign_in(editor), f"house-{house.pk}"
    assert re.search(f'value="{start}" required checked', client.get(f"{new(editor)}?start={start}").text)
    client.post(new(editor), {"start": start, "name": "Made"})
    made = Matrix.objects.get(name="Made")
    assert (made.house_id, made.culture_id) == (house.pk, "market")
    assert letters(made) == letters(matrix)
    assert "from House 2026" in words(client.get(reverse("matrix", args=[made.workspace_id, made.pk])))
    assert "From House 2026" in words(client.get(reverse("matrices", args=[editor.workspace_id])))


def test_a_copy_follows_what_its_source_follows(sign_in, owner, house):
    made = create_matrix(sender=Sender(owner), name="First", grid=make_grid("LS"), house=house.pk)
    sign_in(owner).post(new(owner), {"start": "copy", "source": made.pk, "name": "Second"})
    assert Matrix.objects.get(name="Second").house_id == house.pk


def test_one_that_is_put_away_or_foreign_is_no_way_to_begin(sign_in, owner, house, stranger, foreign_matrix):
    foreign = save_reference(by=stranger, matrix=foreign_matrix, name="Bolt canary")
    put_away(by=owner, house=house.pk)
    client = sign_in(owner)
    for pk in (house.pk, foreign.pk, 999_999):
        answer = client.post(new(owner), {"start": f"house-{pk}", "name": "Mine"})
        assert answer.status_code == 422
        assert "required checked" not in client.get(f"{new(owner)}?start=house-{pk}").text
        assert "Bolt canary" not in answer.text
    assert not Matrix.objects.filter(name="Mine").exists()


def test_the_catalogue_proposes_the_leads_of_the_house_reference_that_is_followed(sign_in, owner, matrix, house):
    grid = read_grid(matrix)
    made = create_matrix(sender=Sender(owner), name="Made", grid=grid, house=house.pk)
    Matrix.objects.filter(pk=made.pk).update(culture=None)
    entry = CatalogueActivity.objects.filter(proposed_lead=None, key=grid.activities[0].origin).get()
    remove_activity(matrix=made.pk, sender=Sender(owner), activity=made.activities.get(origin=entry.key).pk)
    answer = sign_in(owner).get(reverse("catalogue", args=[made.workspace_id, made.pk]))
    lead = next(role.name for role in grid.roles if role.id == grid.lead(grid.activities[0].id))
    assert f"In the reference you follow, {lead} leads it." in words(answer)


# ---- Bounds


def test_a_hostile_name_stays_text(sign_in, owner, matrix, house):
    HouseReference.objects.filter(pk=house.pk).update(name="<img src=x onerror=alert(1)>\"'&")
    made = create_matrix(sender=Sender(owner), name="Made", grid=read_grid(matrix), house=house.pk)
    for path in (
        at("house_reference", house),
        new(owner),
        reverse("references", args=[owner.workspace_id]),
        reverse("matrices", args=[owner.workspace_id]),
        reverse("matrix", args=[made.workspace_id, made.pk]),
        f"{reverse('what_if', args=[matrix.workspace_id, matrix.pk])}?to=house-{house.pk}",
    ):
        page = sign_in(owner).get(path).text
        assert "<img" not in page
        assert "&lt;img src=x" in page


def test_the_pages_stay_within_their_queries(sign_in, owner, matrix, house, django_assert_max_num_queries):
    made = create_matrix(sender=Sender(owner), name="Made", grid=read_grid(matrix), house=house.pk)
    save_reference(by=owner, matrix=make_matrix(owner, "LS"), name="Another")
    client = sign_in(owner)
    for path in (
        at("house_reference", house),
        new(owner),
        save_page(matrix),
        reverse("references", args=[owner.workspace_id]),
        reverse("matrices", args=[owner.workspace_id]),
        reverse("matrix", args=[made.workspace_id, made.pk]),
        reverse("catalogue", args=[made.workspace_id, made.pk]),
    ):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


def test_many_of_them_cost_as_many_queries_as_one_and_their_grids_are_read_once(sign_in, owner, matrix, house):
    made = [house, *(save_reference(by=owner, matrix=matrix, name=f"House {at}") for at in range(12))]
    grid = read_grid(matrix)
    for one in made:
        create_matrix(sender=Sender(owner), name=f"From {one.name}", grid=grid, house=one.pk)
    client = sign_in(owner)
    for name in ("matrices", "references", "matrix_new"):
        path = reverse(name, args=[owner.workspace_id])
        sources._HOUSE_GRIDS.cache_clear()
        assert [len(reading_grids(client, path)) for _ in range(2)] == [1, 0]


def test_a_matrix_that_starts_from_a_culture_reads_no_house_reference(sign_in, owner, house):
    sources._HOUSE_GRIDS.cache_clear()
    assert reading_grids(sign_in(owner), new(owner), {"start": "market", "name": "Made"}) == []
    assert Matrix.objects.filter(name="Made").exists()


def reading_grids(client, path, data=None):
    """The statements of one request that read the grid of a house reference."""
    with CaptureQueriesContext(connection) as found:
        answer = client.post(path, data) if data else client.get(path)
    assert answer.status_code in (200, 302)
    assert len(found) <= 12 or data
    return [each["sql"] for each in found if '"matrices_housereference"."grid"' in each["sql"]]


def test_a_large_house_reference_is_shown(sign_in, owner):
    large = make_matrix(owner, *["LSCI" + "SCI." * 4] * 150, name="Large")
    house = save_reference(by=owner, matrix=large, name="Large")
    assert sign_in(owner).get(at("house_reference", house)).status_code == 200


def test_an_edit_of_a_matrix_that_follows_it_stays_within_its_queries(
    sign_in, owner, matrix, house, django_assert_max_num_queries
):
    made = create_matrix(sender=Sender(owner), name="Made", grid=read_grid(matrix), house=house.pk)
    cell = {"activity": made.activities.first().pk, "role": made.roles.last().pk, "level": "S", "seen": 1}
    client, path = sign_in(owner), reverse("level_set", args=[made.workspace_id, made.pk])
    with django_assert_max_num_queries(13 + 4):  # and the brackets of the transaction
        answer = client.post(path, {**cell, "key": "a-key-of-its-own"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
