"""What is asked and decided in a world of walk.py: polls, what is known of rows, and sessions in each state.

The matrix of the world has a poll that is open, two that are closed, a session that is held and one that is planned.
Another one, "calm", has none that is held: its first session is published, its second has ended, its third is planned.
The session of the third matrix, "waiting", is paused.

A text that only members see has “inner” in it; see walk_published.py.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from raci.grid.grid import Activity, Grid, Role, Stage
from raci.grid.levels import Level
from raci.matrices import operations, people
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.notices.addresses import stop_token
from raci.reviews import agenda, deciding, healths, look_backs, planning, polling, ratings, results, sessions
from raci.reviews.follow_ups import seen_of
from raci.reviews.health import Question
from raci.reviews.models import Decision, Poll, Respondent, Review
from raci.screens.findings import check
from raci.web import days
from raci.workspaces.links import make_link
from raci.workspaces.models import Link, Member
from tests.reviews.polls import Said, answered

Ids = dict[str, Any]
Text = Callable[[str], str]
Members = dict[str, Member]
Kind = Decision.Kind
SOON = timedelta(days=7)


def asked_and_held(matrix: Matrix, members: Members, ids: Ids, text: Text) -> Ids:
    """Polls and sessions of the matrix of the world; what is decided changes no level."""
    by = members["editor"]
    hidden = _closed(matrix, members, ids, text, Poll.Naming.FUNCTION)
    closed = _closed(matrix, members, ids, text, Poll.Naming.NAMED)
    _known(matrix, members, ids, text)
    running = _begun(matrix, by, members, [ids["activity"], ids["activity2"], ids["activity4"]], text, "session")
    decision = _decide(running, by, ids["activity2"], Kind.ASK, text, owner=by.user_id, due=days.today() + SOON)
    kept = _decide(running, by, ids["lone"], Kind.KEEP, text)
    _gone(running, members["owner"], ids["activity4"], text)
    planned = _planned(matrix, by, members, [ids["activity"], ids["activity2"]], text, "planned session")
    return {
        "hidden_poll": hidden,
        "closed_poll": closed,
        "review": running.pk,
        "running": running.pk,
        "item": running.items.get(activity=ids["activity"]).pk,
        "item2": running.items.get(activity=ids["activity2"]).pk,
        "decision": decision.pk,
        "decision_seen": seen_of(decision),
        "decision2": kept.pk,
        "decision2_note": kept.note,
        "running_step": _now(running).step,
        "step": _now(running).step,
        "planned": planned.pk,
    }


def around(matrix: Matrix, members: Members, ids: Ids, text: Text, domain: str) -> Ids:
    """The poll of the world that is open, and the two other matrices."""
    return {
        **_open_poll(matrix, members["editor"], ids, text, domain),
        **_calm(members, text),
        **_waiting(members, text),
    }


# ---- Polls ---------------------------------------------------------------------------------------------------------


def _open_poll(matrix: Matrix, by: Member, ids: Ids, text: Text, domain: str) -> Ids:
    """Nobody has answered. One came by its link, a member and an address have links of their own."""
    made = _poll(matrix, by, text("open poll"), Poll.Naming.NAMED)
    asked = {"poll": made.poll, "asked_at": timezone.now() - timedelta(days=2)}
    guest = answered(made.poll, ids["role"], (), name=text("inner guest"), sent=False)
    address = f"{text('inner asked').replace(' ', '.')}@{domain}".lower()[:254]
    token = {}
    for who, row in {
        "member": Respondent(**asked, user=by.user),
        "asked": Respondent(**asked, address=address, name=text("inner asked")),
    }.items():
        row.link, token[who] = make_link(
            purpose=Link.Purpose.POLL, workspace=by.workspace, by=by.user, until=made.poll.until
        )
        row.save()
    return {
        "poll": made.poll.pk,
        "poll_token": made.token,
        "asked_token": token["asked"],
        "stop_token": stop_token(by.workspace_id, address),
        "respondent": guest.pk,
        "came": guest.pk,
    }


def _closed(matrix: Matrix, members: Members, ids: Ids, text: Text, naming: str) -> int:
    """Two functions of three people each that disagree, one of a single person, and one who never sent anything."""
    by = members["editor"]
    poll = _poll(matrix, by, text(f"closed poll {naming}"), naming).poll
    mine, theirs = ids["role"], ids["role2"]
    said: Sequence[Said] = (mine, theirs, "nobody", "unknown", mine, mine)
    other: Sequence[Said] = (theirs, "nobody", "nobody", mine, mine, mine)
    health = {"done": "partly", "well": "yes", "on_time": "no", "skill": "partly", "time": "no"}
    for n in range(3):
        answered(poll, mine, said, name=text(f"inner answerer {n}"), health=health)
        answered(poll, None, other, function=text("inner function"), name=text(f"inner other {n}"))
    answered(poll, ids["role4"], other, user=members["viewer"].user_id)
    answered(poll, theirs, other[:1], user=members["reviewer"].user_id, sent=False)
    return polling.close(poll=poll.pk, by=by).pk


def _poll(matrix: Matrix, by: Member, title: str, naming: str) -> polling.Opened:
    until = timezone.now() + timedelta(days=14)
    return polling.open_poll(matrix=matrix.pk, by=by, title=title[:200], until=until, naming=naming)


def _known(matrix: Matrix, members: Members, ids: Ids, text: Text) -> None:
    """How a row goes, set by hand, and how its Lead is rated."""
    by, row = members["owner"], ids["activity2"]
    said = {"note": text("inner health")[:200], "on": days.today(), "seen": ""}
    bad = healths.Change(question=Question.DONE, answer="no", **said)
    weak = healths.Change(question=Question.SKILL, answer="partly", lead=ids["role2"], **said)
    for change in (bad, weak):
        healths.set_health(matrix=matrix.pk, by=by, activity=row, change=change)
    rated = ratings.Rated(skill=2, time=1, note=text("inner rating")[:200], seen="")
    ratings.rate(matrix=matrix.pk, by=by, activity=row, role=ids["role2"], rated=rated)


# ---- Sessions ------------------------------------------------------------------------------------------------------


def _planned(
    matrix: Matrix, by: Member, members: Members, rows: Sequence[int], text: Text, title: str, poll: int | None = None
) -> Review:
    wanted = planning.Plan(
        title=text(title)[:200],
        at=timezone.now() + timedelta(hours=3),
        place=text("place")[:200],
        people=[member.user_id for member in members.values()],
        poll=poll,
    )
    reasons = (agenda.Reason("P2", text("inner reason")),)
    names = dict(matrix.activities.filter(pk__in=rows).values_list("pk", "name"))
    on_it = [agenda.Row(row, names[row], reasons) for row in rows]
    return planning.plan(matrix=matrix.pk, by=by, wanted=wanted, rows=on_it)


def _begun(matrix: Matrix, by: Member, members: Members, rows: Sequence[int], text: Text, title: str) -> Review:
    review = _planned(matrix, by, members, rows, text, title)
    sessions.start(matrix=matrix.pk, review=review.pk, by=by, seen=0)
    sessions.follow(matrix=matrix.pk, review=review.pk, by=members["viewer"])
    return review


def _decide(review: Review, by: Member, activity: int, kind: str, text: Text, **more: Any) -> Decision:
    at = {"matrix": review.matrix_id, "review": review.pk, "sender": Sender(by), "activity": activity}
    return deciding.decide(**at, kind=kind, seen=_now(review).matrix.revision, note=text("inner why"), **more)


def _gone(review: Review, by: Member, activity: int, text: Text) -> None:
    """A decision that was taken back."""
    made = _decide(review, by, activity, Kind.OPEN, text, owner_name=text("inner somebody")[:200])
    deciding.take_back(matrix=review.matrix_id, review=review.pk, sender=Sender(by), decision=made.pk)


def _now(review: Review) -> Review:
    return Review.objects.select_related("matrix").get(pk=review.pk)


def _end(review: Review, by: Member) -> Review:
    """The rest is confirmed first."""
    now = _now(review)
    at = {"matrix": now.matrix_id, "review": now.pk}
    deciding.confirm_rest(**at, sender=Sender(by), seen=now.matrix.revision, seen_step=now.step)
    checks = lambda matrix, grid: check(matrix, grid).open  # noqa: E731
    return results.end(**at, by=by, seen=_now(review).step, sign_by=days.today() + SOON, checks=checks)


# ---- Two other matrices --------------------------------------------------------------------------------------------


def _calm(members: Members, text: Text) -> Ids:
    """One with nothing to complain of: published by a review, looked back on, then reviewed again."""
    by, owner = members["editor"], members["owner"]
    matrix, rows, roles = _matrix(members, text, "calm")
    first = _begun(matrix, by, members, rows[:1], text, "published session")
    _decide(first, by, rows[0], Kind.KEEP, text)
    put_up = _end(first, by)
    at = {"matrix": matrix.pk, "review": first.pk}
    results.sign(**at, role=roles[1], digest=put_up.result, by=by)
    version = results.publish(
        matrix=_now(first).matrix,
        review=put_up,
        sender=Sender(by),
        seen=put_up.result_revision or 0,
        next_on=days.today() + timedelta(days=300),
        note=text("inner note of a review"),
    )
    wrong = {rows[1]: text("inner wrong")[:200]}
    look_backs.look_back(matrix=matrix.pk, by=owner, version=version.number, wrong=wrong)
    second = _begun(matrix, by, members, rows[:2], text, "ended session")
    _decide(second, by, rows[0], Kind.LEVELS, text, levels={roles[0]: Level.LEAD, roles[1]: Level.CONTRIBUTE})
    opened = _decide(second, by, rows[1], Kind.OPEN, text, owner_name=text("inner owner")[:200], due=days.today())
    ended = _end(second, by)
    planned = _planned(matrix, by, members, rows[:2], text, "calm session")
    return {
        "calm": matrix.pk,
        "calm_activity": rows[0],
        "calm_role": roles[0],
        "calm_revision": _now(ended).matrix.revision,
        "calm_planned": planned.pk,
        "calm_decision": opened.pk,
        "published": first.pk,
        "ended": ended.pk,
        "ended_digest": ended.result,
        "ended_revision": ended.result_revision,
        "ended_step": _now(ended).step,
    }


def _waiting(members: Members, text: Text) -> Ids:
    by = members["editor"]
    matrix, rows, _ = _matrix(members, text, "waiting")
    review = _begun(matrix, by, members, rows[:1], text, "paused session")
    paused = sessions.pause(matrix=matrix.pk, review=review.pk, by=by, seen=_now(review).step).review
    return {"waiting": matrix.pk, "paused": paused.pk, "paused_step": paused.step}


def _matrix(members: Members, text: Text, name: str) -> tuple[Matrix, list[int], list[int]]:
    """Three rows and two roles; the owner answers for the first, the editor for the other."""
    owner = Sender(members["owner"])
    matrix = operations.create_matrix(sender=owner, name=text(f"{name} matrix"), grid=_grid(text, name))
    grid = read_grid(matrix)
    for role, who in zip(grid.roles, ("owner", "editor"), strict=True):
        at = {"matrix": matrix.pk, "sender": owner, "role": role.id, "user": members[who].user_id}
        done = people.take_part(**at)
        people.answer_for(**at, seen=done.matrix.revision)
    matrix.refresh_from_db()
    return matrix, [row.id for row in grid.activities], [role.id for role in grid.roles]


def _grid(text: Text, name: str) -> Grid:
    stages = (Stage(1, text(f"{name} stage")),)
    roles = tuple(Role(i, text(f"{name} role {i}"), text(f"s{i}")[:12], headcount=5) for i in (1, 2))
    activities = tuple(Activity(i, text(f"{name} activity {i}"), 1) for i in (1, 2, 3))
    cells = {i: {lead: Level.LEAD, 3 - lead: Level.SUPPORT} for i, lead in ((1, 1), (2, 2), (3, 1))}
    return Grid(activities, roles, stages, cells)
