"""Answering a poll: coming in, saying where one works, what is kept of an answer, sending."""

import pytest
from django.http import Http404
from django.utils import timezone

from raci.reviews import answering, polling
from raci.reviews.answering import About, Given, answer, introduce, join, join_as_member, submit, token_of
from raci.reviews.counting import function_key
from raci.reviews.models import Answer, Respondent
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces.links import is_token, new_token
from raci.workspaces.models import Member
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, NAMED, about, asked, came, opened, says, sends


@pytest.fixture
def small(editor):
    return make_matrix(editor, "LS.", ".LI")


@pytest.fixture
def made(small, editor):
    return opened(small, editor)


@pytest.fixture
def first(made) -> int:
    """The first activity that is asked about."""
    return asked(made.poll)[0][0]


# ---- Coming in


def test_the_same_form_sent_twice_lets_one_person_in(made):
    token = new_token()
    for _ in range(2):
        join(link_token=made.token, about=about(made.poll), token=token)
    assert Respondent.objects.count() == 1


def test_a_token_of_one_poll_opens_no_other(made, editor, owner):
    token = new_token()
    join(link_token=made.token, about=about(made.poll), token=token)
    other = opened(make_matrix(owner, "L"), owner)
    with pytest.raises(Gone):
        join(link_token=other.token, about=about(other.poll), token=token)


@pytest.mark.parametrize("how", ["unknown", "revoked", "ended", "deleted"])
def test_a_dead_link_lets_nobody_in(made, editor, workspace, how):
    token = new_token() if how == "unknown" else made.token
    if how == "revoked":
        polling.revoke_link(poll=made.poll.pk, by=editor)
    if how == "ended":
        made.poll.link.expires_at = timezone.now()
        made.poll.link.save()
    if how == "deleted":
        workspace.deleted_at = timezone.now()
        workspace.save()
    with pytest.raises(Gone):
        join(link_token=token, about=about(made.poll), token=new_token())
    assert not Respondent.objects.exists()


def test_only_so_many_people_fit(made, monkeypatch):
    monkeypatch.setattr(answering, "RESPONDENT_LIMIT", 1)
    came(made)
    with pytest.raises(Refused, match="no more fit"):
        came(made)


def test_a_member_is_let_in_once_and_known_by_the_same_token(made, viewer):
    respondent, token = join_as_member(poll=made.poll.pk, by=viewer)
    again, same = join_as_member(poll=made.poll.pk, by=viewer)
    assert (again.pk, same) == (respondent.pk, token)
    assert is_token(token)
    assert respondent.joined_at is None
    assert token_of(respondent) == token != token_of(came(made))


def test_members_of_another_workspace_are_not_let_in(made, stranger, ex_member):
    with pytest.raises(Http404):
        join_as_member(poll=made.poll.pk, by=stranger)
    with pytest.raises(Gone):
        join_as_member(poll=made.poll.pk, by=ex_member)


# ---- Where somebody works


def test_whoever_says_where_they_work_says_a_role_or_something_else(made):
    roles = asked(made.poll)[1]
    assert came(made, roles[1]).role == roles[1]
    other = came(made, " Legal ")
    assert (other.role, other.function) == (None, "Legal")
    assert function_key(None, "Legal") == function_key(None, " legal!") == "other:legal"
    assert function_key(None, "🦊") == "other:🦊"


def test_a_role_in_ones_own_words_is_that_role(made):
    guest = came(made, "role 2")
    assert (guest.role, guest.function) == (asked(made.poll)[1][1], "")


def test_a_role_that_was_not_asked_about_is_none(made, owner):
    with pytest.raises(Refused, match="one of the roles"):
        came(made, 10**6)


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "x" * 201])
def test_a_function_is_one_visible_line(made, text):
    with pytest.raises(Refused):
        came(made, text)


def test_a_name_is_asked_for_only_where_it_will_be_shown(small, editor, viewer):
    named = opened(small, editor)
    with pytest.raises(Refused, match="Give it a name"):
        came(named, name="")
    member, _ = join_as_member(poll=named.poll.pk, by=viewer)
    assert introduce(respondent=member.pk, about=about(named.poll, name="Somebody else")).name == ""
    polling.close(poll=named.poll.pk, by=editor)
    assert came(opened(small, editor, FUNCTION), name="Gina Guest").name == ""


def test_whoever_was_told_something_else_of_names_is_told_anew(made, editor, first):
    guest = came(made)
    before = About(NAMED, function="Legal", name="Gina Guest")
    polling.set_naming(poll=made.poll.pk, by=editor, naming=FUNCTION)
    with pytest.raises(Conflict, match="Read it again"):
        join(link_token=made.token, about=before, token=new_token())
    for told in (NAMED, FUNCTION):  # they have not read it yet, whatever their page sends
        with pytest.raises(Conflict, match="Read it again"):
            answer(respondent=guest.pk, activity=first, given=Given("nobody"), told=told)
    introduce(respondent=guest.pk, about=about(made.poll))
    with pytest.raises(Conflict, match="Read it again"):
        answer(respondent=guest.pk, activity=first, given=Given("nobody"), told=NAMED)
    says(guest, first, "nobody")
    assert Answer.objects.count() == 1


# ---- Answers


def test_a_later_answer_takes_the_place_of_the_one_before(made, first):
    guest, roles = came(made), asked(made.poll)[1]
    says(guest, first, roles[0], done="partly", skill="no")
    says(guest, first, "nobody", done="partly")
    kept = Answer.objects.get()
    assert (kept.said, kept.lead, kept.done, kept.skill) == ("nobody", None, "partly", "")


def test_where_it_is_not_done_the_rest_does_not_matter(made, first):
    says(came(made), first, asked(made.poll)[1][0], done="no", well="yes", on_time="yes", skill="yes", time="no")
    kept = Answer.objects.get()
    assert (kept.done, kept.well, kept.on_time, kept.skill, kept.time) == ("no", "", "", "", "")


def test_skill_and_time_are_said_only_of_a_role(made, first):
    guest = came(made)
    says(guest, first, "unknown", done="yes", well="no", skill="yes", time="yes")
    kept = Answer.objects.get()
    assert (kept.done, kept.well, kept.skill, kept.time) == ("yes", "no", "", "")


@pytest.mark.parametrize(
    "given",
    [
        Given("role", 10**6),
        Given("role"),
        Given("nobody", 1),
        Given("everybody"),
        Given("nobody", None, {"done": "maybe"}),
    ],
)
def test_an_answer_is_one_of_the_choices(made, first, given):
    with pytest.raises(Refused):
        answer(respondent=came(made).pk, activity=first, given=given, told=NAMED)
    assert not Answer.objects.exists()


def test_only_what_is_asked_is_answered(made, matrix):
    with pytest.raises(Http404):
        says(came(made), 10**6, "nobody")


def test_answers_change_after_they_are_sent_and_count_as_they_are_then(made, editor, first):
    guest = came(made)
    says(guest, first, "nobody")
    sends(guest)
    sent = Respondent.objects.get().submitted_at
    says(guest, first, "unknown")
    sends(guest)
    assert Respondent.objects.get().submitted_at == sent
    poll = polling.close(poll=made.poll.pk, by=editor)
    assert poll.result["answered"] == 1
    assert Answer.objects.get().said == "unknown"


def test_nothing_is_sent_before_something_is_answered(made):
    guest = came(made)
    with pytest.raises(Refused, match="answered nothing"):
        submit(respondent=guest.pk)


def test_whoever_is_gone_answers_nothing(made, first):
    guest = came(made)
    guest.poll.delete()
    with pytest.raises(Gone):
        answer(respondent=guest.pk, activity=first, given=Given("nobody"), told=NAMED)


def test_what_a_member_answered_stays_when_they_leave(made, viewer, editor, first):
    respondent, _ = join_as_member(poll=made.poll.pk, by=viewer)
    introduce(respondent=respondent.pk, about=about(made.poll))
    says(respondent, first, "nobody")
    sends(respondent)
    Member.objects.filter(pk=viewer.pk).delete()
    assert polling.close(poll=made.poll.pk, by=editor).result["answered"] == 1
