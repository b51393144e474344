"""The page that puts stages, activities and roles in order."""

import re

import pytest
from django.urls import reverse

from raci.grid.grid import Activity, Grid, Stage
from raci.matrices import operations
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.screens.order import activity_moves, moves
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}


@pytest.fixture
def small(editor) -> Matrix:
    return make_matrix(editor, "LS", "SL", "L.", stages=2)


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def button(page, ref):
    tag = re.search(rf'<button[^>]*id="{ref}"[^>]*>', page)[0]
    return dict(re.findall(r'([\w-]+)="([^"]*)"', tag))


def order(page):
    return re.findall(r'<li class="arrange-item" id="a(\d+)"', page)


def test_the_arrows_work_without_script(small, sign_in, editor):
    client = sign_in(editor)
    first, second, _ = small.activities.order_by("pk")
    page = client.get(url("arrange", small)).content.decode()
    down = button(page, f"a{first.pk}-down")
    assert down["formaction"] == url("activity_move", small, first.pk)
    page = client.post(down["formaction"], {"to": down["value"], "from": "arrange"}, follow=True).content.decode()
    assert order(page)[:2] == [str(second.pk), str(first.pk)]


def test_htmx_gets_the_lists_and_the_toast(small, sign_in, editor):
    first = small.activities.order_by("pk").first()
    values = {"to": f"{small.stages.last().pk}:", "from": "arrange"}
    answer = sign_in(editor).post(url("activity_move", small, first.pk), values, headers=HTMX)
    page = answer.content.decode()
    assert "<html" not in page
    assert order(page)[-1] == str(first.pk)
    assert "is now 2 of 2 in Stage 2." in page


def test_an_arrow_at_the_end_of_its_way_stays_and_does_nothing(small, sign_in, editor):
    page = sign_in(editor).get(url("arrange", small)).content.decode()
    up = button(page, f"a{small.activities.order_by('pk').first().pk}-up")
    assert up["aria-disabled"] == "true"
    assert "formaction" not in up


def test_a_name_is_edited_in_its_place(small, sign_in, editor):
    client, first = sign_in(editor), small.activities.order_by("pk").first()
    page = client.get(url("arrange", small), {"rename": f"a{first.pk}"}).content.decode()
    assert page.count('id="rename"') == 1
    bad = {"part": "name", "name": "", "seen": "1", "from": "arrange"}
    answer = client.post(url("activity_edit", small, first.pk), bad, headers=HTMX)
    assert answer.status_code == 422
    assert "rename-wrong" in answer.content.decode()
    page = client.post(url("activity_edit", small, first.pk), {**bad, "name": "New"}, headers=HTMX).content.decode()
    assert "<bdi>New</bdi>" in page
    role = small.roles.first()
    page = client.post(
        url("role_edit", small, role.pk), {"name": "Legal", "seen": "2", "from": "arrange"}, headers=HTMX
    ).content.decode()
    assert "<bdi>Legal</bdi>" in page


def test_a_refused_name_stays_in_the_field(small, sign_in, editor):
    first, long = small.activities.order_by("pk").first(), "x" * 201
    values = {"part": "name", "name": long, "seen": "1", "from": "arrange"}
    answer = sign_in(editor).post(url("activity_edit", small, first.pk), values)
    assert answer.status_code == 422
    assert f'value="{long}"' in answer.content.decode()


def test_removing_an_activity_here_stays_here(small, sign_in, editor):
    first = small.activities.order_by("pk").first()
    answer = sign_in(editor).post(url("activity_remove", small, first.pk), {"from": "arrange"}, follow=True)
    assert answer.redirect_chain[-1][0] == url("arrange", small)
    assert str(first.pk) not in order(answer.content.decode())


def test_who_may_not_edit_sees_the_order_alone(small, sign_in, viewer, editor):
    operations.archive(matrix=small.pk, sender=Sender(editor), archived=True)
    for member in (viewer, editor):
        page = sign_in(member).get(url("arrange", small), {"rename": "a1"}).content.decode().partition("<main")[2]
        assert len(order(page)) == 3
        assert "<form" not in page
        assert "<button" not in page


def test_a_stranger_gets_the_answer_of_a_page_that_does_not_exist(small, sign_in, stranger):
    client = sign_in(stranger)
    theirs, none = client.get(url("arrange", small)), client.get(f"/w/{small.workspace_id}000/matrices/1/arrange/")
    assert (theirs.status_code, theirs.content) == (404, none.content)


def test_few_queries_however_large_the_grid(small, matrix, sign_in, editor, django_assert_max_num_queries):
    client = sign_in(editor)
    for shown in (small, matrix):
        with django_assert_max_num_queries(12):
            client.get(url("arrange", shown))


def test_a_place_is_what_one_goes_before():
    places = moves([5, 6, 7])
    assert [(p.up, p.down) for p in places.values()] == [(None, "7"), ("5", ""), ("6", None)]


def test_past_the_edge_of_a_stage_an_activity_goes_into_the_next_one():
    rows = (Activity(1, "a"), Activity(2, "b", 10), Activity(3, "c", 10), Activity(4, "d", 12))
    stages = (Stage(10, "x"), Stage(11, "empty"), Stage(12, "z"))
    places = activity_moves(Grid(rows, stages=stages))
    assert [(p.up, p.down) for p in places.values()] == [
        (None, "10:2"),
        (":", "10:"),
        ("10:2", "11:"),
        ("11:", None),
    ]
