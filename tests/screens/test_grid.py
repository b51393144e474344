"""The grid's own answers: what an edit sends back, and what no request may ask of it."""

import pytest
from django.urls import reverse

from raci.matrices.models import Activity, Change, Role
from tests import invariants

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent(owner, sign_in, matrix):
    """Posts to one of the grid's routes as its script does."""
    client = sign_in(owner)

    def send(name, **fields):
        return client.post(reverse(name, args=[matrix.workspace_id, matrix.pk]), fields, headers=HTMX)

    return send


def place(matrix):
    return Activity.objects.filter(matrix=matrix).first(), Role.objects.filter(matrix=matrix).first()


def test_an_edit_that_changes_nothing_leaves_undo_and_redo_as_they_were(sent, matrix):
    activity, role = place(matrix)
    sent("level_set", activity=activity.pk, role=role.pk, level="S", seen=1)
    sent("undo")
    answer = sent("level_set", activity=activity.pk, role=role.pk, level="L", seen=3).content.decode()
    undo, redo = answer.index("data-undo"), answer.index("data-redo")
    assert "disabled" in answer[undo : undo + 20]
    assert "disabled" not in answer[redo : redo + 20]
    assert Change.objects.filter(matrix=matrix).count() == 3


@pytest.mark.parametrize("many", ["activities", "roles", "both"])
def test_a_block_that_names_a_row_or_column_twice_is_refused_before_it_is_spread_out(sent, matrix, many):
    activity, role = place(matrix)
    activities = [activity.pk] * (90_000 if many != "roles" else 1)
    roles = [role.pk] * (20_000 if many != "activities" else 1)
    answer = sent(
        "block_set",
        activities=",".join(map(str, activities)),
        roles=",".join(map(str, roles)),
        seen=",".join("1" for _ in activities),
        text="S",
    )
    assert answer.status_code == 400
    assert Change.objects.filter(matrix=matrix).count() == 1


def test_renaming_on_a_stale_page_shows_both_names_and_the_second_try_counts(sign_in, owner, editor, matrix):
    url = reverse("matrix_rename", args=[matrix.workspace_id, matrix.pk])
    sign_in(editor).post(url, {"name": "Theirs", "seen": 1})
    answer = sign_in(owner).post(url, {"name": "Mine", "seen": 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It is now “Theirs”; you wrote “Mine”." in page
    assert 'name="seen" value="2"' in page
    sign_in(owner).post(url, {"name": "Mine", "seen": 2})
    matrix.refresh_from_db()
    assert matrix.name == "Mine"


def test_a_copy_leaves_the_source_as_it_was(sign_in, owner, matrix):
    sign_in(owner).post(
        reverse("matrix_new", args=[matrix.workspace_id]), {"start": "copy", "source": matrix.pk, "name": "Twin"}
    )
    matrix.refresh_from_db()
    assert matrix.revision == 1
    invariants.check()


def test_an_edit_says_which_revision_it_made_and_takes_the_pages_own_into_account(matrix, editor, owner, sign_in):
    client, rows, roles = sign_in(editor), list(matrix.activities.all()), list(matrix.roles.all())
    url = reverse("level_set", args=[matrix.workspace_id, matrix.pk])
    sent = {"activity": rows[0].pk, "role": roles[3].pk, "seen": matrix.revision}
    first = client.post(url, {**sent, "level": "C"}, headers={"HX-Request": "true"})
    assert first.headers["X-Revision"] == str(matrix.revision + 1)
    again = {**sent, "level": "I"}
    assert client.post(url, again, headers={"HX-Request": "true"}).status_code == 409
    own = {**again, "own": first.headers["X-Revision"]}
    second = client.post(url, own, headers={"HX-Request": "true"})
    assert (second.status_code, second.headers["X-Revision"]) == (200, str(matrix.revision + 2))
    same = {**own, "own": f"{own['own']},{second.headers['X-Revision']}"}
    assert "X-Revision" not in client.post(url, same, headers={"HX-Request": "true"}).headers


def test_own_revisions_are_numbers(matrix, editor, sign_in):
    url = reverse("level_set", args=[matrix.workspace_id, matrix.pk])
    sent = {"activity": 1, "role": 1, "level": "C", "seen": matrix.revision, "own": "1,x"}
    assert sign_in(editor).post(url, sent).status_code == 400
