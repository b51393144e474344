"""Whoever answers a poll sees nothing of who leads what, nor of what others said: whatever the matrix holds and whoever
answered, the pages are the same to the letter."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.matrices.models import Activity, Matrix, Role
from raci.reviews import polling
from raci.reviews.asking import ask
from raci.reviews.models import Poll
from raci.workspaces.links import new_token
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, NAMED, asked, came, opened, says, sends

CANARY = "Qz-x"
UNSEEN = {
    Activity: ("notes", "origin"),
    Role: ("short", "purpose", "contact", "origin"),
}
_OWN = re.compile(
    r"[A-Za-z0-9_-]{43}|csrfmiddlewaretoken\" value=\"\w+|X-CSRFToken\S+|/polls/\d+/|activities/\d+|role:\d+"
)


@pytest.fixture(params=[NAMED, FUNCTION])
def naming(request):
    return request.param


def with_canaries(matrix: Matrix) -> Matrix:
    """In every text of the matrix that nobody is asked about, and in all it says of people."""
    for model, fields in UNSEEN.items():
        values = {field: f"{CANARY} {field}"[:8] if field == "short" else f"{CANARY} {field}" for field in fields}
        model.objects.filter(matrix=matrix).update(**values)
    named = [{"name": f"{CANARY} person", "role": 0, "task": ""}]
    Activity.objects.filter(matrix=matrix).update(people=named)
    Role.objects.filter(matrix=matrix).update(people=[f"{CANARY} person"], headcount=7_654_321)
    Matrix.objects.filter(pk=matrix.pk).update(name=f"{CANARY} matrix")
    return matrix


def crowd(made, editor, *, lead: int = 0) -> None:
    """Others who take part: asked, begun, and with their answers sent."""
    activities, roles = asked(made.poll)
    ask(poll=made.poll, by=editor, pasted=f"{CANARY.lower()}@example.org")
    came(made, f"{CANARY} begun", f"{CANARY} begun")
    for place in (f"{CANARY} function", roles[0], roles[0]):
        other = came(made, place, f"{CANARY} name")
        for activity in activities:
            says(other, activity, roles[lead], done="no")
        sends(other)


def everything(made, naming) -> list[str]:
    """Each response to somebody who answers it all, from the link to the end."""
    client, poll, bodies = Client(), made.poll, []

    def get(address):
        bodies.append(client.get(address).text)

    def post(address, **sent):
        answer = client.post(address, {"told": naming, **sent})
        bodies.append(f"{answer.status_code} {answer.headers.get('Location', '')} {answer.text}")

    start = reverse("guest_poll", args=[poll.pk])
    client.get(reverse("poll_link", args=[made.token]))
    get(start)
    post(start, name="", place="nonsense", other="", key=new_token())
    post(start, name="Gina Guest", place="other", other="Legal", key=new_token())
    for at, activity in enumerate(asked(poll)[0]):
        address = reverse("guest_poll_activity", args=[poll.pk, activity])
        get(address)
        get(f"{address}?how=1")
        post(address, choice="role:999999")
        post(address, choice=f"role:{asked(poll)[1][at % 2]}", how="1")
        get(f"{address}?how=1")
        post(address, how="1", done="yes", well="partly", on_time="", skill="no", time="no")
        get(start)
    get(f"{start}?who=1")
    post(reverse("guest_poll_send", args=[poll.pk]))
    get(start)
    return bodies


def plain(bodies: list[str]) -> list[str]:
    """Without tokens and ids, which differ from one poll to the next and say nothing."""
    return [_OWN.sub("·", body) for body in bodies]


def test_nothing_but_what_is_asked_is_in_any_page(editor, naming):
    made = opened(with_canaries(make_matrix(editor, "LS.", ".LI")), editor, naming)
    crowd(made, editor)
    bodies = everything(made, naming)
    assert len(bodies) > 15
    assert "Activity 2" in "".join(bodies)  # so that something was looked at
    for body in bodies:
        assert CANARY.lower() not in body.lower()
        assert "7654321" not in body.replace(",", "")


def test_the_pages_are_the_same_whoever_leads(editor, naming):
    one, other = (opened(make_matrix(editor, *rows), editor, naming) for rows in (("LS.", ".LI"), ("I.L", "SCL")))
    assert plain(everything(one, naming)) == plain(everything(other, naming))


def test_the_pages_are_the_same_whatever_others_said(editor, naming):
    alone, first, second = (opened(make_matrix(editor, "LS.", ".LI"), editor, naming) for _ in range(3))
    crowd(first, editor, lead=0)
    crowd(second, editor, lead=1)
    bodies = [plain(everything(made, naming)) for made in (alone, first, second)]
    assert bodies[0] == bodies[1] == bodies[2]


def test_they_look_at_no_level_row_or_role_of_the_matrix(editor, naming):
    made = opened(make_matrix(editor, "LS.", ".LI"), editor, naming)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        everything(made, naming)
    read = "\n".join(query["sql"] for query in queries)
    assert "reviews_poll" in read
    for table in (
        "matrices_assignment",
        "matrices_activity",
        "matrices_role",
        "matrices_change",
        "reviews_evidence",
        "publishing_",
    ):
        assert table not in read


def test_whoever_answers_as_a_member_sees_no_more_there(editor, naming, sign_in, viewer):
    matrix = with_canaries(make_matrix(editor, "LS.", ".LI"))
    made = opened(matrix, editor, naming)
    crowd(made, editor)
    client = sign_in(viewer)
    start = client.post(reverse("poll_answer", args=[matrix.workspace_id, matrix.pk, made.poll.pk])).url
    bodies = [client.get(start).text]
    client.post(start, {"place": "other", "other": "Legal", "told": naming, "key": new_token()})
    bodies += [client.get(start).text]
    bodies += [
        client.get(reverse("guest_poll_activity", args=[made.poll.pk, activity])).text
        for activity in asked(made.poll)[0]
    ]
    assert "Activity 2" in bodies[-1]
    for body in bodies:
        assert CANARY.lower() not in body.lower()


@pytest.mark.parametrize("has_sent", [True, False])
def test_a_closed_poll_tells_its_guests_nothing_of_the_result(editor, naming, has_sent):
    made = opened(with_canaries(make_matrix(editor, "LS.", ".LI")), editor, naming)
    crowd(made, editor)
    client = Client()
    client.get(reverse("poll_link", args=[made.token]))
    start = reverse("guest_poll", args=[made.poll.pk])
    client.post(start, {"name": "Gina", "place": "other", "other": "Legal", "told": naming, "key": new_token()})
    address = reverse("guest_poll_activity", args=[made.poll.pk, asked(made.poll)[0][0]])
    client.post(address, {"choice": "nobody", "told": naming})
    if has_sent:
        client.post(reverse("guest_poll_send", args=[made.poll.pk]))
    polling.close(poll=made.poll.pk, by=editor)
    assert Poll.objects.get(pk=made.poll.pk).result["answered"] == 3 + has_sent
    for answer in (client.get(start), client.post(address, {"choice": "unknown", "told": naming})):
        assert CANARY.lower() not in answer.text.lower()
        assert "Role 1" not in answer.text
        assert "Activity 1" not in answer.text
