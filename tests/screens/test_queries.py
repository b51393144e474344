"""An edit is answered in at most twelve queries, wherever it is made and however large the matrix is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.matrices.models import Matrix
from tests.factories import make_matrix

MOST = 12
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


@pytest.mark.parametrize("size", [1, 20])
def test_an_edit_is_answered_in_twelve_queries(editor, sign_in, size):
    matrix = make_matrix(editor, *[".SI", "L.."] * size, stages=2)
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
