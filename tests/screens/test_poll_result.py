"""What a closed poll says: row by row, with names or by function, and nothing where too few answered."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.reviews.models import Answer, Evidence, Poll
from tests.factories import UserFactory, make_matrix
from tests.reviews.polls import answered, closed, opened

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", ".LI", "S.L")


@pytest.fixture
def poll(small, owner) -> Poll:
    return opened(owner, small)


@pytest.fixture
def by_function(small, owner) -> Poll:
    return opened(owner, small, naming="function")


def url(name: str, matrix: Matrix, *ids) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def body(response) -> str:
    return response.content.decode()


def test_closing_counts_what_was_sent_and_shows_it(small, poll, editor, sign_in):
    answered(poll, small.roles.first().pk, ["nobody"] * 3, name="Ada Abt")
    page = body(sign_in(editor).post(url("poll_close", small, poll.pk), follow=True))
    assert "The poll is closed." in page
    assert "1 of 1 answered, each alone." in page
    assert Evidence.objects.get(matrix=small).poll == poll


@pytest.fixture
def said(small, poll, owner) -> Poll:
    """All say that role 1 leads the first activity; on the second each names itself; nobody knows of the third, not
    even role 3, which leads it."""
    roles = list(small.roles.values_list("pk", flat=True))
    for role, name in zip(roles, ("Ada Abt", "Bo Berg", HOSTILE), strict=True):
        answered(poll, role, [roles[0], role, "unknown"], name=name, health={"done": "yes", "well": "no"})
    return closed(poll, owner)


def rows(page: str) -> list[str]:
    return re.findall(r"<h2><a [^>]+><bdi>([^<]+)</bdi>", page)


def test_the_rows_stand_by_how_badly_they_need_talk_and_those_agreed_are_folded(small, said, viewer, sign_in):
    page = body(sign_in(viewer).get(url("poll", small, said.pk)))
    assert rows(page) == ["Activity 3", "Activity 2"]
    assert "1 where all of you agree" in page
    assert "All three named Role 1." in page
    assert "Three people, asked alone, named three different roles." in page
    assert "None of three named a role." in page
    for verdict in ("Contested", "Rival claims", "Unclaimed"):
        assert verdict in page


@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("contested", ["Activity 2"]),
        ("unclaimed", ["Activity 3"]),
        ("agreed", ["Activity 1"]),
        ("unaware", ["Activity 3"]),
        ("nonsense", ["Activity 3", "Activity 2"]),
    ],
)
def test_one_kind_of_row_can_be_asked_for(small, said, viewer, sign_in, show, found):
    page = body(sign_in(viewer).get(url("poll", small, said.pk) + f"?show={show}"))
    assert rows(page) == found


def test_with_names_each_stands_beside_what_they_said_and_does_no_harm(small, said, viewer, sign_in):
    page = body(sign_in(viewer).get(url("poll", small, said.pk)))
    assert re.search(r"<bdi>Role 2</bdi>(?s:.){0,900}<bdi>Bo Berg</bdi>", page)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_member_who_was_asked_is_named_as_they_are_called_now(small, poll, owner, viewer, sign_in):
    answered(poll, small.roles.first().pk, ["nobody"], user=viewer.user_id)
    closed(poll, owner)
    viewer.user.name = "Vic Newname"
    viewer.user.save()
    assert "<bdi>Vic Newname</bdi>" in body(sign_in(viewer).get(url("poll", small, poll.pk)))


def test_whose_account_is_gone_is_still_counted(small, poll, owner, sign_in):
    answered(poll, small.roles.first().pk, ["nobody"], user=UserFactory(name="Gone Gus").pk)
    closed(poll, owner)
    poll.respondents.get().user.delete()
    page = body(sign_in(owner).get(url("poll", small, poll.pk)))
    assert "Gone Gus" not in page
    assert "<bdi>Somebody</bdi>" in page


def test_many_names_are_counted_and_not_all_printed(small, poll, owner, sign_in):
    for n in range(20):
        answered(poll, small.roles.first().pk, ["nobody"], name=f"Person no. {n:02}")
    closed(poll, owner)
    page = body(sign_in(owner).get(url("poll", small, poll.pk)))
    assert "and 8 more" in page
    assert page.count("Person no. 11") == 1
    assert "Person no. 12" not in page


def test_by_function_nobody_is_named_and_small_ones_are_put_together(small, by_function, owner, sign_in):
    first, second, third = small.roles.values_list("pk", flat=True)
    who = UserFactory(name="Named Nora")
    for at, role in enumerate((first, first, first, second, third, third)):
        address = "" if role == second else f"asked{at}@partner.example"
        user = who.pk if role == second else None
        answered(by_function, role, [second], name="Secret Sam", address=address, user=user)
    closed(by_function, owner)
    page = body(sign_in(owner).get(url("poll", small, by_function.pk)))
    assert "<bdi>Role 1</bdi> 3, <bdi>Others</bdi> 3" in page
    assert "Secret Sam" not in page
    assert "Named Nora" not in page
    assert "No names are kept" in page


def test_by_function_too_few_answers_show_nothing(small, by_function, owner, sign_in):
    for role in small.roles.all()[:2]:
        answered(by_function, role.pk, ["nobody"] * 3)
    closed(by_function, owner)
    page = body(sign_in(owner).get(url("poll", small, by_function.pk)))
    assert "Too few people answered" in page
    assert rows(page) == []


def test_few_answers_are_said_to_be_few(small, poll, owner, sign_in):
    answered(poll, small.roles.first().pk, ["nobody"])
    closed(poll, owner)
    assert "too few to call it agreement" in body(sign_in(owner).get(url("poll", small, poll.pk)))


def test_a_poll_that_nobody_answered_says_so(small, poll, owner, sign_in):
    closed(poll, owner)
    page = body(sign_in(owner).get(url("poll", small, poll.pk)))
    assert "Nobody had sent their answers when it was closed." in page
    assert "Plan a session on it" not in page


def test_how_the_work_goes_stands_beside_who_leads(small, said, viewer, sign_in):
    page = body(sign_in(viewer).get(url("poll", small, said.pk)))
    assert "Is it done well?" in page
    assert "3 no" in page


def test_an_activity_that_is_gone_is_named_and_not_counted(small, said, owner, sign_in):
    small.activities.get(name="Activity 2").delete()
    page = body(sign_in(owner).get(url("poll", small, said.pk)))
    assert rows(page) == ["Activity 3"]
    assert "Not in the matrix any more: <bdi>Activity 2</bdi>." in page


def test_an_earlier_poll_leads_to_the_one_that_counts(small, said, owner, sign_in):
    later = closed(opened(owner, small, title="Again"), owner)
    page = body(sign_in(owner).get(url("poll", small, said.pk)))
    assert "Another poll was closed after this one." in page
    assert url("poll", small, later.pk) in page


def test_an_editor_plans_a_session_on_it_and_a_viewer_does_not(small, said, editor, viewer, sign_in):
    link = f"{url('review_new', small)}?poll={said.pk}"
    assert link in body(sign_in(editor).get(url("poll", small, said.pk)))
    assert link not in body(sign_in(viewer).get(url("poll", small, said.pk)))


def votes(page: str, activity: str) -> list[tuple[str, str]]:
    """Each line of a row, and its number."""
    card = page.partition(f"<bdi>{activity}</bdi></a></h2>")[2].partition("</ul>")[0]
    return re.findall(r'votes-name"><bdi>([^<]+)</bdi>.*?<b class="number">(\d+)</b>', card, re.S)


def test_the_lead_stands_there_also_where_nobody_named_it(small, poll, owner, sign_in):
    first, second, _ = small.roles.values_list("pk", flat=True)
    answered(poll, first, [second])
    answered(poll, second, [second])
    closed(poll, owner)
    page = body(sign_in(owner).get(url("poll", small, poll.pk)))
    assert votes(page, "Activity 1") == [("Role 2", "2"), ("Role 1", "0")]
    assert page.count("leads it in the draft") == 1


def test_what_people_left_out_counts_nowhere_and_is_told(small, poll, owner, sign_in):
    first, second, _ = small.roles.values_list("pk", flat=True)
    answered(poll, first, [second], name="Ada Abt")
    answered(poll, second, [first, second], name="Bo Berg")
    closed(poll, owner)
    page = body(sign_in(owner).get(url("poll", small, poll.pk)))
    assert rows(page) == ["Activity 1"]
    assert "The one who answered named Role 2. One left it out." in page  # the second, on which they agree
    page = body(sign_in(owner).get(url("poll", small, poll.pk) + "?show=unanswered"))
    assert rows(page) == ["Activity 3"]
    assert "Nobody answered this one. Two left it out." in page
    assert votes(page, "Activity 3") == [("Role 3", "0")]
    assert "Ada Abt" not in page.partition("<h2>")[2]


def test_answers_are_judged_by_who_led_when_it_was_closed(small, said, owner, sign_in):
    """All named the Lead of the first activity, which then goes to another role."""
    first = small.activities.get(name="Activity 1")
    role = small.roles.get(name="Role 2").pk
    set_level(matrix=small.pk, sender=Sender(owner), activity=first.pk, role=role, level=Level.LEAD, seen=1)
    client, address = sign_in(owner), url("poll", small, said.pk) + "?show=agreed"
    page = body(client.get(address))
    assert rows(page) == ["Activity 1"]
    assert "changed since" in page
    assert "When it was closed, the draft had <bdi>Role 1</bdi>." in page
    assert votes(page, "Activity 1") == [("Role 1", "3"), ("Role 2", "0")]
    Evidence.objects.update(settled=[first.pk])
    page = body(client.get(address))
    assert "decided since" in page
    assert "changed since" not in page


def test_a_decided_row_says_so(small, said, owner, sign_in):
    Evidence.objects.update(settled=[small.activities.get(name="Activity 2").pk])
    assert body(sign_in(owner).get(url("poll", small, said.pk))).count("decided since") == 1


def test_the_worst_rows_are_shown_and_the_others_when_they_are_asked_for(small, said, owner, sign_in, monkeypatch):
    monkeypatch.setattr("raci.screens.polls.result.MOST_ROWS", 1)
    client, address = sign_in(owner), url("poll", small, said.pk)
    page = body(client.get(address))
    first, second = rows(body(client.get(f"{address}?all=1")))
    assert rows(page) == [first]
    assert "1 of 2 are shown" in page
    assert 'href="?all=1">Show all</a>' in page
    beyond = small.activities.get(name=second).pk
    assert rows(body(client.get(f"{address}?row={beyond}"))) == [first, second]  # that the checks lead to
    assert "Show all" not in body(client.get(f"{address}?all=1"))


def queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_every_page_of_a_poll_takes_twelve_queries_at_most(small, poll, owner, sign_in):
    roles = list(small.roles.values_list("pk", flat=True))
    for n in range(30):
        answered(poll, roles[n % 3], [roles[n % 2]] * 3, name=f"Person {n}", sent=n % 4 > 0)
    client = sign_in(owner)
    for name, ids in (("poll", [poll.pk]), ("poll_new", []), ("poll_ask", [poll.pk])):
        assert queries(client, url(name, small, *ids)) <= 12, name
    closed(poll, owner)
    assert queries(client, url("poll", small, poll.pk)) <= 12
    assert Answer.objects.count() == 66  # those that were sent
