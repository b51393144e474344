"""Polls for members: opening one, how far it is, and whom to ask. What a closed one says: test_poll_result.py."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.matrices.people import take_part
from raci.notices.models import Outbox
from raci.reviews.models import Poll, Respondent
from tests.factories import MemberFactory, UserFactory, make_matrix
from tests.reviews.polls import answered, opened

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", ".LI", "S.L")


def url(name: str, matrix: Matrix, *ids) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def body(response) -> str:
    return response.content.decode()


def soon(days: int = 14) -> str:
    return f"{timezone.localdate() + timedelta(days=days):%Y-%m-%d}"


def sent(**more):
    return {"title": "Who leads what?", "until": soon(), "naming": "named", "key": "11111111-aaaa", **more}


# ---- Opening one ---------------------------------------------------------------------------------------------------


def test_who_fills_a_role_is_chosen_already(small, owner, editor, viewer, sign_in):
    take_part(matrix=small.pk, sender=Sender(owner), role=small.roles.first().pk, user=viewer.user_id)
    page = body(sign_in(editor).get(url("poll_new", small)))
    chosen = re.findall(r'name="members" value="(\d+)"[^>]*checked', page)
    assert chosen == [str(viewer.user_id)]
    assert page.count('name="members"') == 3
    assert f'value="{soon()}"' in page
    assert re.search(r'value="named" required checked', page)


def test_two_members_of_one_name_are_told_apart(small, editor, workspace, sign_in):
    for access in ("viewer", "reviewer"):
        MemberFactory(workspace=workspace, user=UserFactory(name="Kim Kaya"), access=access)
    page = body(sign_in(editor).get(url("poll_new", small)))
    assert "Kim Kaya (viewer, since" in page
    assert "Kim Kaya (reviewer, since" in page


def test_opening_asks_whom_was_chosen_and_shows_the_link_once(small, owner, editor, sign_in):
    client = sign_in(editor)
    chosen = {"members": [owner.user_id], "addresses": "Ada <ada@partner.example>; bo@partner.example, nobody@"}
    page = body(client.post(url("poll_new", small), sent(**chosen), follow=True))
    poll = Poll.objects.get()
    assert (poll.title, poll.naming, poll.opened_by) == ("Who leads what?", "named", editor.user)
    assert "The poll is open. 3 people get a mail with a link of their own. “nobody@” is no address." in page
    assert set(Outbox.objects.values_list("to", flat=True)) == {
        owner.user.email,
        "ada@partner.example",
        "bo@partner.example",
    }
    link = re.search(r'id="new-link" value="([^"]+/polls/[^"]+)"', page).group(1)
    assert client.get(link, follow=True).status_code == 200
    assert "new-link" not in body(client.get(url("poll", small, poll.pk)))


def test_sent_twice_it_is_opened_once(small, editor, sign_in):
    client = sign_in(editor)
    values = sent(addresses="ada@partner.example")
    for _ in range(2):
        assert client.post(url("poll_new", small), values).status_code == 302
    assert Poll.objects.count() == 1
    assert Respondent.objects.count() == Outbox.objects.count() == 1


def test_nobody_need_be_asked_at_once(small, editor, sign_in):
    page = body(sign_in(editor).post(url("poll_new", small), sent(), follow=True))
    assert "Nobody is asked yet." in page
    assert not Outbox.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "required"),
        ({"until": soon(-1)}, "Choose a day from today on, within three months."),
        ({"until": soon(120)}, "Choose a day from today on, within three months."),
        ({"naming": "nobody"}, "Choose one of the two."),
        ({"members": ["99999"]}, "One of them is no member any more."),
        ({"addresses": "a" * 600_001}, "600,001 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_opened(small, editor, sign_in, wrong, said):
    answer = sign_in(editor).post(url("poll_new", small), sent(**wrong))
    assert answer.status_code == 422
    assert said in body(answer)
    assert not Poll.objects.exists()


def test_one_poll_is_open_at_a_time(small, owner, editor, sign_in):
    poll = opened(owner, small)
    client = sign_in(editor)
    page = body(client.get(url("poll_new", small)))
    assert "A poll is open already" in page
    assert url("poll", small, poll.pk) in page
    assert client.post(url("poll_new", small), sent()).status_code == 409
    assert Poll.objects.count() == 1


def test_a_matrix_without_rows_cannot_be_asked_about(owner, editor, sign_in):
    empty = make_matrix(owner)
    assert sign_in(editor).post(url("poll_new", empty), sent()).status_code == 422
    assert not Poll.objects.exists()


# ---- While it is open ----------------------------------------------------------------------------------------------


@pytest.fixture
def poll(small, owner) -> Poll:
    return opened(owner, small)


@pytest.fixture
def by_function(small, owner) -> Poll:
    return opened(owner, small, naming="function")


def test_an_editor_sees_how_many_of_each_function_answered_and_who_is_missing(small, poll, editor, sign_in):
    first, second, _ = small.roles.values_list("pk", flat=True)
    answered(poll, first, [first], name="Ada Abt", address="ada@partner.example")
    answered(poll, first, [first], name="Bo Berg", sent=False)
    answered(poll, second, [second], name="Cleo Carr")
    Respondent.objects.create(poll=poll, address="dora@partner.example")
    page = body(sign_in(editor).get(url("poll", small, poll.pk)))
    assert "<b>2 of 4</b> have sent their answers; 1 more has begun." in page
    assert re.findall(r"<bdi>(Role \d)</bdi></th><td>(\d)&nbsp;of&nbsp;(\d)", page) == [
        ("Role 1", "1", "2"),
        ("Role 2", "1", "1"),
    ]
    assert "Bo Berg" in page
    assert "dora@partner.example" in page
    assert "Ada Abt" not in page


def test_a_viewer_sees_how_many_answered_and_nobodys_name(small, poll, viewer, sign_in):
    first = small.roles.first().pk
    answered(poll, first, [first], name="Ada Abt")
    answered(poll, first, [], name="Bo Berg", sent=False)
    page = body(sign_in(viewer).get(url("poll", small, poll.pk)))
    assert "<b>1 of 2</b> has sent their answers" in page
    assert "Bo Berg" not in page
    assert "Close the poll" not in page
    assert "Ask more people" not in page


def test_by_function_a_small_one_is_not_told_apart_nor_anybody_named(small, by_function, editor, sign_in):
    first, second, third = small.roles.values_list("pk", flat=True)
    for at in range(3):
        answered(by_function, first, [first], address=f"asked{at}@partner.example")
    answered(by_function, second, [first])
    answered(by_function, third, [first])
    answered(by_function, third, [first])  # three that came by the link
    Respondent.objects.create(poll=by_function, address="dora@partner.example")
    page = body(sign_in(editor).get(url("poll", small, by_function.pk)))
    assert re.findall(r"<bdi>([^<]+)</bdi></th><td>(\d)", page) == [("Role 1", "3"), ("Others", "3")]
    assert "dora@partner.example" not in page
    assert "1 person has not sent their answers yet." in page


def test_no_answer_is_shown_to_anybody_while_it_is_open(small, poll, owner, sign_in):
    for name in ("Ada", "Bo", "Cleo"):
        answered(poll, small.roles.first().pk, ["nobody"] * 3, name=name, health={"done": "no"})
    client, row = sign_in(owner), small.activities.first().pk
    for name, ids in (("poll", [poll.pk]), ("checks", []), ("matrix", []), ("activity", [row])):
        page = body(client.get(url(name, small, *ids)))
        assert "could not say who leads" not in page
        assert "not done</span>" not in page
        assert "Who do you think leads?" not in page


def test_more_people_are_asked_and_those_asked_before_are_not_offered(small, poll, owner, editor, viewer, sign_in):
    Respondent.objects.create(poll=poll, user=owner.user)
    client = sign_in(editor)
    page = body(client.get(url("poll_ask", small, poll.pk)))
    assert set(re.findall(r'name="members" value="(\d+)"', page)) == {str(editor.user_id), str(viewer.user_id)}
    values = {"members": [viewer.user_id, owner.user_id], "addresses": "", "naming": "named"}
    page = body(client.post(url("poll_ask", small, poll.pk), values, follow=True))
    assert "1 person gets a mail with a link of their own. 1 person was asked before." in page
    assert Respondent.objects.filter(poll=poll, user=viewer.user).count() == 1


def test_asking_nobody_is_said_beside_the_form(small, poll, editor, sign_in):
    answer = sign_in(editor).post(url("poll_ask", small, poll.pk), {"naming": "named"})
    assert answer.status_code == 422
    assert "Nobody is chosen. Choose members, or paste addresses." in body(answer)


def test_whoever_looked_at_another_naming_asks_nobody(small, poll, editor, sign_in):
    values = {"addresses": "ada@partner.example", "naming": "function"}
    assert sign_in(editor).post(url("poll_ask", small, poll.pk), values).status_code == 409
    assert not Respondent.objects.exists()


def test_a_new_link_takes_the_place_of_the_old_and_can_be_revoked(small, poll, editor, sign_in):
    client, before = sign_in(editor), poll.link
    page = body(client.post(url("poll_link_new", small, poll.pk), follow=True))
    assert "Send this link to whoever else should answer" in page
    before.refresh_from_db()
    assert before.revoked_at is not None
    page = body(client.post(url("poll_link_revoke", small, poll.pk), follow=True))
    assert "The link is revoked. Nobody new comes in by it." in page
    assert "The link of this poll leads nowhere." in page


def test_names_can_be_treated_otherwise_until_the_first_answer(small, poll, editor, sign_in):
    client = sign_in(editor)
    client.post(url("poll_naming", small, poll.pk), {"naming": "function"})
    assert Poll.objects.get().naming == "function"
    answered(poll, small.roles.first().pk, ["nobody"], sent=False)
    page = body(client.get(url("poll", small, poll.pk)))
    assert url("poll_naming", small, poll.pk) not in page
    assert client.post(url("poll_naming", small, poll.pk), {"naming": "named"}).status_code == 409
    assert client.post(url("poll_naming", small, poll.pk), {"naming": "x"}).status_code == 422
    assert Poll.objects.get().naming == "function"


def test_those_who_are_missing_are_reminded_once_a_day(small, poll, editor, sign_in):
    client = sign_in(editor)
    client.post(url("poll_ask", small, poll.pk), {"addresses": "ada@partner.example", "naming": "named"})
    Outbox.objects.update(sent_at=timezone.now())
    assert "Remind those who are missing" in body(client.get(url("poll", small, poll.pk)))
    page = body(client.post(url("poll_remind", small, poll.pk), follow=True))
    assert "1 reminder will go out." in page
    assert "reminded on" in page
    assert "Remind those who are missing" not in page


def test_a_member_is_led_to_the_pages_on_which_everyone_answers(small, poll, viewer, sign_in):
    client = sign_in(viewer)
    answer = client.post(url("poll_answer", small, poll.pk))
    assert answer.headers["Location"] == reverse("guest_poll", args=[poll.pk])
    assert client.get(answer.headers["Location"]).status_code == 200
    assert Respondent.objects.get().user == viewer.user


@pytest.mark.parametrize(
    ("mine", "said"),
    [({}, "Answer"), ({"sent": False}, "Go on answering"), ({"sent": True}, "Change my answers")],
)
def test_a_member_is_told_how_far_they_are(small, poll, viewer, sign_in, mine, said):
    if mine:
        answered(poll, small.roles.first().pk, ["nobody"], user=viewer.user_id, **mine)
    assert f">{said}</button>" in body(sign_in(viewer).get(url("poll", small, poll.pk)))


def test_in_an_archived_matrix_nobody_is_asked_any_more(small, poll, owner, sign_in):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    client = sign_in(owner)
    page = body(client.get(url("poll", small, poll.pk)))
    assert "Ask more people" not in page
    for name in ("poll_ask", "poll_remind", "poll_answer", "poll_link_new"):
        assert client.post(url(name, small, poll.pk), {"addresses": "ada@partner.example"}).status_code == 409
    assert not Respondent.objects.exists()


def test_a_poll_of_another_matrix_is_not_found(small, poll, owner, sign_in):
    other = make_matrix(owner, "LS", name="Other")
    client = sign_in(owner)
    assert client.get(url("poll", other, poll.pk)).status_code == 404
    for name in ("poll_naming", "poll_ask", "poll_link_new", "poll_link_revoke", "poll_remind", "poll_close"):
        assert client.post(url(name, other, poll.pk), {"naming": "named"}).status_code == 404
    assert client.post(url("poll_answer", other, poll.pk)).status_code == 404
