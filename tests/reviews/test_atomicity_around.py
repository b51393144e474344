"""Each statement of what is done around a session, from the poll before it to what is seen to after it, is made to fail
in turn; all or nothing, every time (RELIABILITY.md, D5)."""

from datetime import timedelta
from functools import partial

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.notices.sending import send_due
from raci.publishing.models import Version
from raci.reviews import (
    agendas,
    answering,
    asking,
    follow_ups,
    healths,
    look_backs,
    planning,
    polling,
    ratings,
    results,
)
from raci.reviews.agenda import Reason, Row
from raci.reviews.elsewhere import Departing, Followed, lead_elsewhere
from raci.reviews.health import Question
from raci.reviews.models import Decision, Evidence, Item, Poll, Respondent, Review
from raci.reviews.planning import Plan
from raci.reviews.sessions import follow
from raci.web import days
from raci.workspaces.models import Member
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import revision, roles_of, rows_of
from tests.publishing.making import answers
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import IN_A_WEEK, by, end, publish, put_up, sign
from tests.reviews.holding import decide, do, planned, running
from tests.reviews.respondents import about, came, opened, says, sends
from tests.reviews.test_atomicity import _Failing

LONGEST = 300  # statements
HERE = ("accounts", "culture", "matrices", "notices", "publishing", "reviews", "workspaces")
KEPT = tuple(model for app in HERE for model in apps.get_app_config(app).get_models())


@pytest.fixture
def small(owner, viewer) -> Matrix:
    """The viewer answers for the first role."""
    matrix = make_matrix(owner, "LS.", "SL.", "LC.", ".L.")
    answers(matrix, viewer, 0, by=owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with two rows on its agenda, of which the second is still to be decided."""
    review = running(small, editor, 0, 1)
    decide(review, editor, 0, "lead", lead=1)
    return review


@pytest.fixture
def ended(review, editor) -> Review:
    return end(review, editor, {1: by(name="Priya")})


@pytest.fixture
def waiting(small, editor, viewer) -> Review:
    """Planned, with what the evidence put on its agenda."""
    rows = [Row(row.pk, row.name, (Reason("R1", "It waits."),)) for row in rows_of(small)[:2]]
    return planning.plan(matrix=small.pk, by=editor, wanted=_wanted(viewer), rows=rows)


@pytest.fixture
def poll(small, editor) -> polling.Opened:
    return opened(small, editor, "function")


@pytest.fixture
def guest(poll) -> Respondent:
    """Has answered on one activity, and sent nothing."""
    guest = came(poll)
    says(guest, poll.poll.asked["activities"][0]["id"], "nobody", done="no")
    return guest


@pytest.fixture
def item(ended) -> Decision:
    """Left open."""
    return Decision.objects.get(review=ended, kind="open")


def _wanted(*people: Member, title: str = "Autumn review", **more) -> Plan:
    at = timezone.now() + timedelta(days=7)
    return Plan(**{"title": title, "at": at, "people": [member.user_id for member in people]} | more)


def _kept() -> dict[str, list]:
    """All there is in the database."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in KEPT}


def all_or_nothing(act, *, reads_on: bool = False) -> None:
    """Whichever statement fails, nothing has changed; when none does, something has. Where it `reads_on` once it is
    done, that may fail: then all has changed, and sent again nothing more does."""
    before = _kept()
    for at in range(1, LONGEST):
        failing = _Failing(at)
        with connection.execute_wrapper(failing):
            try:
                act()
            except DatabaseError:
                assert failing.count == at
            else:
                assert failing.count < at
                break
        if reads_on and (done := _kept()) != before:
            act()
            assert _kept() == done
            break
        assert _kept() == before, f"statement {at}"
    assert at > 4
    assert _kept() != before
    invariants.check()


# --- the poll


@pytest.mark.parametrize(
    "act",
    [
        lambda poll, by: asking.ask(poll=poll.poll, by=by, pasted="mei@example.org jon@example.org", everybody=True),
        lambda poll, by: polling.set_naming(poll=poll.poll.pk, by=by, naming="named"),
        lambda poll, by: polling.new_link(poll=poll.poll.pk, by=by),
        lambda poll, by: polling.revoke_link(poll=poll.poll.pk, by=by),
        lambda poll, _: came(poll),
        lambda poll, by: answering.join_as_member(poll=poll.poll.pk, by=by),
    ],
    ids=["ask", "set naming", "new link", "revoke link", "join", "join as member"],
)
def test_a_poll_that_nobody_has_answered(poll, editor, viewer, act):
    all_or_nothing(lambda: act(poll, editor))


def test_a_poll_is_opened_whole_or_not_at_all(small, editor):
    all_or_nothing(lambda: opened(small, editor, key="key"))


def test_reminding(poll, editor, viewer, owner):
    asking.ask(poll=poll.poll, by=editor, pasted="mei@example.org", everybody=True)
    send_due()
    Respondent.objects.update(asked_at=timezone.now() - timedelta(days=3))
    all_or_nothing(lambda: asking.remind(poll=poll.poll, by=editor))


@pytest.mark.parametrize(
    "act",
    [
        lambda poll, guest: answering.introduce(respondent=guest.pk, about=about(poll.poll, "Finance")),
        lambda poll, guest: says(guest, poll.poll.asked["activities"][0]["id"], "unknown"),
        lambda poll, guest: says(guest, poll.poll.asked["activities"][1]["id"], poll.poll.asked["roles"][0]["id"]),
        lambda _, guest: sends(guest),
    ],
    ids=["introduce", "answer anew", "answer one more", "submit"],
)
def test_what_a_guest_does(poll, guest, act):
    all_or_nothing(lambda: act(poll, guest))


def test_closing_a_poll_by_function_takes_names_and_answers_with_it(poll, guest, editor):
    sends(guest)
    asking.ask(poll=poll.poll, by=editor, pasted="mei@example.org")
    all_or_nothing(lambda: polling.close(poll=poll.poll.pk, by=editor))
    assert Poll.objects.get().result


# --- the agenda


@pytest.mark.parametrize("what", ["replan", "cancel"])
def test_planning_it_anew_and_cancelling(small, waiting, editor, owner, viewer, what):
    at = {"matrix": small.pk, "review": waiting.pk, "by": editor}
    if what == "replan":
        at |= {"wanted": _wanted(owner, viewer, title="Later", minutes=30), "seen": waiting.moves}
    all_or_nothing(partial(getattr(planning, what), **at))


def test_planning(small, editor, owner, viewer):
    rows = [Row(row.pk, row.name, (Reason("R1", "It waits."),)) for row in rows_of(small)[:2]]
    wanted = _wanted(owner, viewer)
    all_or_nothing(lambda: planning.plan(matrix=small.pk, by=editor, wanted=wanted, rows=rows, key="key"))
    assert Item.objects.count() == 2


@pytest.mark.parametrize("what", ["make", "add", "remove", "move"])
def test_changing_the_agenda(small, waiting, editor, what):
    rows = rows_of(small)
    more = {
        "make": {"rows": [Row(rows[2].pk, rows[2].name, (Reason("R1", "It waits."),))], "seen": waiting.step},
        "add": {"activity": rows[3].pk},
        "remove": {"activity": rows[0].pk},
        "move": {"activity": rows[0].pk, "up": False, "seen": waiting.step},
    }[what]
    all_or_nothing(partial(getattr(agendas, what), matrix=small.pk, review=waiting.pk, by=editor, **more))


def test_starting_makes_the_agenda_anew_with_it(small, waiting, editor):
    third = rows_of(small)[2]
    rows = [Row(third.pk, third.name, (Reason("R1", "It waits."),))]
    all_or_nothing(lambda: do("start", waiting, editor, rows=rows))
    assert Item.objects.get().activity == third.pk


def test_resuming(review, editor):
    do("pause", review, editor)
    all_or_nothing(lambda: do("resume", review, editor))


# --- the end


@pytest.mark.parametrize("is_paused", [False, True])
def test_ending_leaves_open_what_was_not_decided(review, editor, is_paused):
    if is_paused:
        do("pause", review, editor)
    owners = {1: by(editor)}
    all_or_nothing(lambda: end(review, editor, owners))
    assert Decision.objects.get(kind="open").owner == editor.user


def test_putting_up_what_stands_now(ended, owner, editor):
    set_cell(ended.matrix, owner, 2, 1, Level.LEAD)
    all_or_nothing(lambda: put_up(ended, editor))


@pytest.mark.parametrize("what", ["sign", "reopen"])
def test_signing_and_going_on(ended, editor, viewer, what):
    act = {
        "sign": lambda: sign(ended, viewer),
        "reopen": lambda: results.reopen(matrix=ended.matrix_id, review=ended.pk, by=editor),
    }[what]
    all_or_nothing(act)


def test_publishing_writes_its_letter_and_the_review_with_it(ended, editor):
    all_or_nothing(lambda: publish(ended, editor, "key"), reads_on=True)
    version = Version.objects.get()
    assert version.letter.minutes
    assert (Review.objects.get().state, Review.objects.get().version) == ("published", version)


def test_ending_it_again(ended, editor):
    results.reopen(matrix=ended.matrix_id, review=ended.pk, by=editor)
    decide(ended, editor, 2, "levels", levels="SLI")
    all_or_nothing(lambda: end(ended, editor))


# --- afterwards


def test_seeing_to_what_stays_open(ended, item, editor):
    at = {"matrix": ended.matrix_id, "decision": item.pk, "by": editor}
    all_or_nothing(partial(follow_ups.settle, **at, outcome="Sales does it."))


def test_handing_it_over(ended, item, editor, viewer):
    at = {"matrix": ended.matrix_id, "decision": item.pk, "by": editor, "seen": follow_ups.seen_of(item)}
    all_or_nothing(partial(follow_ups.hand_over, **at, owner=viewer.user_id, due=IN_A_WEEK + timedelta(days=1)))


def test_looking_back(small, owner):
    publish_draft(small, owner)
    wrong = {rows_of(small)[0].pk: "Nobody did it."}
    all_or_nothing(lambda: look_backs.look_back(matrix=small.pk, by=owner, version=1, wrong=wrong))


# --- what is known of the rows


def test_health_is_set_and_taken_back(small, editor):
    row, change = rows_of(small)[0].pk, healths.Change(Question.DONE, "no", "Not yet.", days.today(), "")
    at = {"matrix": small.pk, "by": editor, "activity": row}
    all_or_nothing(lambda: healths.set_health(**at, change=change))
    entry = healths.entries_of(Evidence.objects.get(), row, Question.DONE)[0]["at"]
    all_or_nothing(lambda: healths.take_back(**at, question=Question.DONE, entry=entry))


def test_a_role_is_rated_and_that_is_taken_back(small, editor):
    row, role = rows_of(small)[0].pk, roles_of(small)[0].pk
    at = {"matrix": small.pk, "by": editor, "activity": row, "role": role}
    all_or_nothing(lambda: ratings.rate(**at, rated=ratings.Rated(2, 1, "New to it.", "")))
    made = ratings.rating_of(Evidence.objects.get(), row, role)["at"]
    all_or_nothing(lambda: ratings.take_back(**at, rating=made))


@pytest.mark.parametrize("departs", [False, True])
def test_letting_another_role_lead_for_now(small, editor, departs):
    first, second = (role.pk for role in roles_of(small)[:2])
    levels = {first: Level.LEAD, second: Level.SUPPORT}
    where = {"matrix": small.pk, "activity": rows_of(small)[0].pk, "to": second, "seen": revision(small)}
    because = {"reason": "Nobody is free.", "until": IN_A_WEEK, "followed": Followed(small.culture_id, small.house_id)}
    departing = Departing("market", "market-led", levels) if departs else None
    all_or_nothing(lambda: lead_elsewhere(**where, **because, sender=Sender(editor, "key"), departing=departing))


def test_following_notes_who_came(small, editor, viewer):
    review = planned(small, 0, asked=(viewer,))
    do("start", review, editor)
    all_or_nothing(lambda: follow(matrix=small.pk, review=review.pk, by=viewer))
