"""Stages: added, renamed, moved, removed."""

import pytest
from django.urls import reverse

from raci.matrices.models import Change, Matrix, Stage
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}


@pytest.fixture
def small(editor) -> Matrix:
    return make_matrix(editor, "LS", "SL", stages=2)


@pytest.fixture
def stage(small) -> Stage:
    return small.stages.first()


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def names(matrix):
    return list(matrix.stages.values_list("name", flat=True))


def test_a_new_stage_stands_last_and_is_added_once(small, sign_in, editor):
    client = sign_in(editor)
    for _ in range(2):
        assert client.post(url("stage_add", small), {"name": "Learn", "key": "11111111-cccc"}).status_code == 302
    assert names(small) == ["Stage 1", "Stage 2", "Learn"]


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "\u202a"])
def test_a_bad_name_is_refused(small, stage, sign_in, editor, name):
    client = sign_in(editor)
    assert client.post(url("stage_add", small), {"name": name}).status_code == 422
    answer = client.post(url("stage_rename", small, stage.pk), {"name": name})
    assert answer.status_code == 422
    assert "rename-wrong" in answer.content.decode()
    assert names(small) == ["Stage 1", "Stage 2"]


def test_a_stage_is_renamed_where_it_stands(small, stage, sign_in, editor):
    values = {"name": "<b>Begin</b>", "from": "arrange", "seen": 1}
    answer = sign_in(editor).post(url("stage_rename", small, stage.pk), values, headers=HTMX)
    assert "&lt;b&gt;Begin&lt;/b&gt;" in answer.content.decode()
    assert "<b>Begin" not in answer.content.decode()


def test_a_stage_moves_with_its_activities(small, stage, sign_in, editor):
    answer = sign_in(editor).post(url("stage_move", small, stage.pk), {"to": ""}, follow=True)
    assert names(small) == ["Stage 2", "Stage 1"]
    assert "Stage 1 is now 2 of 2 stages." in answer.content.decode()


def test_removing_a_stage_asks_where_its_activities_go(small, stage, sign_in, editor):
    client, other = sign_in(editor), small.stages.last()
    assert "Its activities go to" in client.get(url("stage_remove", small, stage.pk)).content.decode()
    values = {"into": other.pk, "key": "22222222-cccc"}
    for _ in range(2):
        assert client.post(url("stage_remove", small, stage.pk), values).status_code == 302
    assert names(small) == ["Stage 2"]
    assert other.activities.count() == 2


def test_its_activities_may_stand_without_a_stage(small, stage, sign_in, editor):
    sign_in(editor).post(url("stage_remove", small, stage.pk), {"into": ""})
    assert small.activities.filter(stage=None).count() == 1
    assert "No stage" in sign_in(editor).get(url("arrange", small)).content.decode()


def test_a_stage_of_another_matrix_is_never_touched(small, stage, matrix, sign_in, owner):
    foreign, client = matrix.stages.first(), sign_in(owner)
    assert client.get(url("stage_remove", small, foreign.pk)).status_code == 404
    assert client.post(url("stage_remove", small, stage.pk), {"into": foreign.pk}).status_code == 422
    for name in ("stage_rename", "stage_move", "stage_remove"):
        answer = client.post(url(name, small, foreign.pk), {"name": "Mine", "to": "", "into": "", "seen": 1})
        assert answer.status_code in (404, 422)
    assert Change.objects.count() == 2


@pytest.mark.parametrize("name", ["stage_rename", "stage_move"])
def test_writing_routes_refuse_get(small, stage, sign_in, owner, name):
    assert sign_in(owner).get(url(name, small, stage.pk)).status_code == 405


@pytest.mark.parametrize("name", ["stage_rename", "stage_move", "stage_remove"])
def test_only_editors_change_stages(small, stage, sign_in, viewer, reviewer, stranger, name):
    answers = [sign_in(m).post(url(name, small, stage.pk), {"name": "Mine"}) for m in (viewer, reviewer, stranger)]
    assert [answer.status_code for answer in answers] == [403, 403, 404]
    assert names(small) == ["Stage 1", "Stage 2"]
