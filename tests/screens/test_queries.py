"""An edit is answered in at most thirteen queries, wherever it is made and however large the matrix is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from culture.references import reference_grid
from raci.grid.levels import Level
from raci.grid.plain import to_plain
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.operations import Sender, set_level
from tests.factories import make_matrix
from tests.publishing.making import publish
from tests.reviews.polls import answered, closed, opened

MOST = 13  # of which one reads what is published and what is known of the rows, for the checks and the toolbar
MOST_DECIDING = 14  # the comparison is read before the change, which says what is decided, and not after it
MOST_TAKING_BACK = 17  # which reads all tables first
HTMX = {"HX-Request": "true"}
AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def edits(matrix):
    """Route -> what is sent there, as the page it belongs to sends it."""
    rows, roles, stages = matrix.activities.all(), matrix.roles.all(), matrix.stages.all()
    row, panel = rows[1].pk, {"from": "panel", "activity": rows[1].pk}
    finding = {"finding": f"R4:{row}:"}
    return {
        "a level": ("level_set", [], {"activity": rows[0].pk, "role": roles[0].pk, "level": "L"}),
        "a rule off": ("rule_switch", [], {"rule": "R5"}),
        "set aside": ("finding_aside", [], {**finding, "reason": "Fine"}),
        "shown again": ("finding_back", [], finding),
        "set aside in the panel": ("finding_aside", [], {**finding, "reason": "Fine", **panel}),
        "shown again in the panel": ("finding_back", [], {**finding, **panel}),
        "a name": ("activity_edit", [row], {"part": "name", "name": "Another", **panel}),
        "notes": ("activity_edit", [row], {"part": "notes", "notes": "Mind this", **panel}),
        "who delivers": ("activity_edit", [row], {"part": "deliverer", "deliverer": roles[1].pk, **panel}),
        "a person": ("activity_person_add", [row], {"role": roles[0].pk, "name": "Mei", "task": "", **panel}),
        "no person": ("activity_person_remove", [row], {"role": roles[0].pk, "name": "Mei", "task": "", **panel}),
        "a move": ("activity_move", [rows[0].pk], {"to": f"{stages[1].pk}:"}),
        "a move on the arrange page": ("activity_move", [row], {"to": f"{stages[0].pk}:", "from": "arrange"}),
        "a role moved": ("role_move", [roles[0].pk], {"to": "", "from": "arrange"}),
    }


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("size", [1, 20])
def test_an_edit_is_answered_in_thirteen_queries(editor, sign_in, size, is_known):
    """`is_known`: a version was published, and people were asked since."""
    matrix = make_matrix(editor, *["ISL" if is_known else ".SI", "L.."] * size, stages=2)
    if is_known:
        publish(matrix, editor)
        poll = opened(editor, matrix)
        answered(poll, matrix.roles.first().pk, ["nobody"] * size, health={"done": "no"})
        closed(poll, editor)
        sign_in(editor).get(
            reverse("matrix", args=[matrix.workspace_id, matrix.pk])
        )  # a version is read once a process
    client, too_many = sign_in(editor), {}
    for name, (route, ids, values) in edits(matrix).items():
        before = Matrix.objects.get(pk=matrix.pk).revision
        sent = {**values, "seen": before, "key": f"a-key-at-revision-{before}"}
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(reverse(route, args=[matrix.workspace_id, matrix.pk, *ids]), sent, headers=HTMX)
        assert answer.status_code == 200, name
        assert Matrix.objects.get(pk=matrix.pk).revision == before + 1, name
        count = sum(not query["sql"].startswith(AROUND) for query in asked.captured_queries)
        if count > MOST:
            too_many[name] = count
    assert not too_many


@pytest.mark.parametrize("is_house", [False, True])
def test_a_decision_is_answered_in_few_queries(matrix, owner, editor, sign_in, is_house):
    if is_house:
        grid = to_plain(reference_grid("market"))
        house = HouseReference.objects.create(workspace=matrix.workspace, name="House 2026", grid=grid)
        Matrix.objects.filter(pk=matrix.pk).update(house=house)
    row, role = matrix.activities.get(origin="product-launch"), matrix.roles.get(origin="engineering")
    set_level(matrix=matrix.pk, sender=Sender(owner), activity=row.pk, role=role.pk, level=Level.SUPPORT, seen=1)
    against = f"house-{house.pk}" if is_house else "market"
    client, counts = sign_in(editor), {}
    client.get(reverse("compare", args=[matrix.workspace_id, matrix.pk]))  # the reference is read once a process
    for name in ("difference_keep", "difference_let_go", "difference_take", "undo", "redo"):
        seen = Matrix.objects.get(pk=matrix.pk).revision
        about = {"with": against, "difference": f"{row.pk}-{role.pk}", "reason": "So", "from": "compare"}
        sent = {**about, "seen": seen, "key": f"a-key-at-revision-{seen}"}
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(reverse(name, args=[matrix.workspace_id, matrix.pk]), sent, headers=HTMX)
        assert answer.status_code == 200, name
        assert Matrix.objects.get(pk=matrix.pk).revision == seen + 1, name
        counts[name] = sum(not query["sql"].startswith(AROUND) for query in asked.captured_queries)
    taken_back = [counts.pop("undo"), counts.pop("redo")]
    assert max(counts.values()) <= MOST_DECIDING
    assert max(taken_back) <= MOST_TAKING_BACK
