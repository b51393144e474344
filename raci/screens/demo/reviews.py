"""What the people of the demonstration say and decide in reviews: sessions that led to versions, a poll that contests
some rows, how the rows go, and the session that is planned next.

Nobody gets mail for it; days that have passed are set back, for no operation does that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.notices.models import Notice
from raci.publishing.models import Version
from raci.reviews import deciding, healths, planning, polling, ratings, results, sessions
from raci.reviews.agenda import Reason, Row
from raci.reviews.agreement import OF_LEAD
from raci.reviews.health import Question
from raci.reviews.models import Answer, Decision, Participant, Poll, Respondent, Result, Review
from raci.reviews.recorded import minutes_of
from raci.reviews.states import ReviewState
from raci.screens.findings import check
from raci.screens.reviews.agenda_rows import proposed
from raci.web import days
from raci.workspaces.models import Member

from .calendar import BEFORE, evening, working_day

People = Mapping[str, Member]
APART = timedelta(minutes=4)  # from one decision to the next
LASTED = timedelta(minutes=45)


def hold(matrix: Matrix, entry: Mapping[str, Any], by: Member, asked: Sequence[Member]) -> Review:
    """A session with all its decisions, which has ended and put up what stands."""
    rows = dict(matrix.activities.values_list("name", "pk"))
    on_it = [Row(rows[one["on"]], one["on"], (Reason("P2", one["why"]),)) for one in entry["decisions"]]
    wanted = planning.Plan(title=entry["title"], at=timezone.now(), minutes=60, place=entry["place"])
    review = planning.plan(matrix=matrix.pk, by=by, wanted=wanted, rows=on_it)
    Participant.objects.bulk_create(Participant(review=review, user=member.user) for member in asked)
    sessions.start(matrix=matrix.pk, review=review.pk, by=by, seen=0)
    for one in entry["decisions"]:
        _decide(review, one, by, {str(member.user): member for member in asked})
    step = Review.objects.values_list("step", flat=True).get(pk=review.pk)
    ended = results.end(
        matrix=matrix.pk,
        review=review.pk,
        by=by,
        seen=step,
        sign_by=days.today() + timedelta(days=7),
        checks=lambda row, grid: check(row, grid).open,
    )
    Notice.objects.filter(key__startswith=f"result:{review.pk}:").delete()
    Review.objects.filter(pk=review.pk).update(figures=ended.figures | entry["figures"])
    return Review.objects.get(pk=review.pk)


def led_to(review: Review | None) -> dict[str, Any]:
    """What makes a version the one that a session led to, for raci.publishing.versions.publish."""
    if review is None:
        return {}

    def then(version: Version) -> None:
        Review.objects.filter(pk=review.pk).update(state=ReviewState.PUBLISHED, version=version)

    return {"minutes": minutes_of(review), "then": then}


def set_back(review: Review, published: int) -> None:
    """It was held so many working days ago, after that day's work and before its version was published."""
    begun = evening(published) - BEFORE
    ended = begun + LASTED
    at = {"planned_at": begun, "started_at": begun, "ended_at": ended, "made_at": begun - timedelta(days=6)}
    Review.objects.filter(pk=review.pk).update(**at, moved_at=at["made_at"], sign_by=ended.date() + timedelta(days=7))
    Participant.objects.filter(review=review).update(came_at=begun)
    Result.objects.filter(review=review).update(at=ended)
    for decision in Decision.objects.filter(review=review).select_related("change"):
        if decision.change is not None:
            Decision.objects.filter(pk=decision.pk).update(at=decision.change.at)
            if decision.settled_at is not None:
                Decision.objects.filter(pk=decision.pk).update(settled_at=decision.change.at + timedelta(days=5))


def decided_at(published: int, place: int) -> datetime:
    """When the decision at this place, from 0, was taken in such a session."""
    return evening(published) - BEFORE + APART * (place + 1)


def ask(matrix: Matrix, entry: Mapping[str, Any], people: People) -> Poll:
    """A poll that was answered and closed. Of each row that `said` does not name, everyone says who leads it."""
    by = people[entry["by"]]
    poll = polling.open_poll(
        matrix=matrix.pk, by=by, title=entry["title"], until=timezone.now() + timedelta(days=14)
    ).poll
    leads = _leads(matrix)
    roles = dict(matrix.roles.values_list("name", "pk"))
    answers = list[Answer]()
    for place, (name, function) in enumerate(entry["people"]):
        person = _respondent(poll, name, function, roles, people)
        for row, activity in matrix.activities.values_list("name", "pk"):
            said = entry["said"][row][place] if row in entry["said"] else None
            lead = leads.get(activity) if said is None else roles.get(said)
            how = {key: value for key, value in entry["health"].get(row, {}).items() if lead or key not in OF_LEAD}
            kind = "role" if lead else said or "unknown"
            answers.append(Answer(respondent=person, activity=activity, said=kind, lead=lead, **how))
    Answer.objects.bulk_create(answers)
    polling.close(poll=poll.pk, by=by)
    opened, closed = working_day(entry["opened"]), working_day(entry["closed"])
    Poll.objects.filter(pk=poll.pk).update(opened_at=opened, closed_at=closed, until=closed + timedelta(days=2))
    Respondent.objects.filter(poll=poll).update(asked_at=opened, joined_at=opened, submitted_at=opened)
    return Poll.objects.get(pk=poll.pk)


def know(matrix: Matrix, entry: Mapping[str, Any], people: People) -> None:
    """How rows go, as editors set it, and how their Leads rate themselves."""
    rows, roles, leads = (
        dict(matrix.activities.values_list("name", "pk")),
        dict(matrix.roles.values_list("name", "pk")),
        _leads(matrix),
    )
    for one in entry["health"]:
        activity, on = rows[one["on"]], days.today() - timedelta(days=one["days"])
        change = healths.Change(
            question=Question(one["question"]),
            answer=one["answer"],
            note=one.get("note", ""),
            on=on,
            seen="",
            lead=leads.get(activity),
        )
        healths.set_health(matrix=matrix.pk, by=people[one["by"]], activity=activity, change=change)
    for one in entry["ratings"]:
        rated = ratings.Rated(skill=one["skill"], time=one["time"], note=one.get("note", ""), seen="")
        by, activity = people[one["by"]], rows[one["on"]]
        ratings.rate(matrix=matrix.pk, by=by, activity=activity, role=roles[one["role"]], rated=rated)


def plan_next(matrix: Matrix, entry: Mapping[str, Any], people: People, poll: Poll) -> Review:
    """A session to come, whose agenda comes from the evidence."""
    day = days.today() + timedelta(days=entry["days"])
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    at = timezone.make_aware(datetime.combine(day, time(14)))
    wanted = planning.Plan(title=entry["title"], at=at, minutes=60, place=entry["place"], poll=poll.pk)
    row = Matrix.objects.get(pk=matrix.pk)
    made = planning.plan(matrix=row.pk, by=people[entry["by"]], wanted=wanted, rows=proposed(row, poll).rows)
    Participant.objects.bulk_create(Participant(review=made, user=people[name].user) for name in entry["people"])
    return made


def _decide(review: Review, one: Mapping[str, Any], by: Member, asked: People) -> None:
    matrix = Matrix.objects.get(pk=review.matrix_id)
    rows, roles = dict(matrix.activities.values_list("name", "pk")), dict(matrix.roles.values_list("name", "pk"))
    more: dict[str, Any] = {}
    if "levels" in one:
        more["levels"] = {roles[name]: Level(letter) for name, letter in one["levels"].items()}
    if "owner" in one:
        more |= {"owner": asked[one["owner"]].user_id, "due": days.today() + timedelta(days=one["due"])}
    decision = deciding.decide(
        matrix=matrix.pk,
        review=review.pk,
        sender=Sender(by),
        activity=rows[one["on"]],
        kind=one["kind"],
        seen=matrix.revision,
        note=one.get("note", ""),
        **more,
    )
    if "outcome" in one:
        said = {"settled_at": timezone.now(), "settled_by": decision.owner, "outcome": one["outcome"]}
        Decision.objects.filter(pk=decision.pk).update(**said)


def _leads(matrix: Matrix) -> dict[int, int]:
    grid = read_grid(Matrix.objects.get(pk=matrix.pk))
    found = ((row.id, grid.lead(row.id)) for row in grid.activities)
    return {activity: lead for activity, lead in found if lead is not None}


def _respondent(poll: Poll, name: str, function: str, roles: Mapping[str, int], people: People) -> Respondent:
    """A member, or somebody without an account, of a role or of another function."""
    role, member, now = roles.get(function), people.get(name), timezone.now()
    return Respondent.objects.create(
        poll=poll,
        user=member.user if member else None,
        name="" if member else name,
        role=role,
        function="" if role else function,
        joined_at=now,
        submitted_at=now,
    )
