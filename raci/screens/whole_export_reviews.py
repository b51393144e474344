"""What the export of a workspace says of what was asked and decided, as plain values for JSON.

Of an open poll it is not told who answered, and what: it is answered blindly. One by function has what was counted when
it was closed, and nothing else is kept of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.reviews.models import (
    QUESTIONS,
    Answer,
    Decision,
    Evidence,
    Item,
    LookBack,
    Participant,
    Poll,
    Respondent,
    Result,
    Review,
)
from raci.workspaces.models import Workspace

Plain = dict[str, Any]


def reviewed_people(workspace: Workspace) -> tuple[tuple[QuerySet[Any], str], ...]:
    """Rows, and the field of each in which the id of an account stands."""
    decisions = Decision.objects.filter(review__matrix__workspace=workspace)
    return (
        (Poll.objects.filter(matrix__workspace=workspace), "opened_by"),
        (_sent(Poll.objects.filter(matrix__workspace=workspace)), "user"),
        (Review.objects.filter(matrix__workspace=workspace), "made_by"),
        (Participant.objects.filter(review__matrix__workspace=workspace), "user"),
        *((decisions, field) for field in ("owner", "by", "settled_by")),
        (LookBack.objects.filter(matrix__workspace=workspace), "by"),
    )


def people_known_of(workspace: Workspace) -> set[int]:
    """The ids of the accounts of those who said how rows go, and rated their Leads."""
    found = Evidence.objects.filter(matrix__workspace=workspace).values_list("health", "ratings")
    entries = [one for health, _ in found for asked in health.values() for said in asked.values() for one in said]
    ratings = [one for _, rated in found for one in rated.values()]
    ratings += [one["was"] for one in ratings if one.get("was")]
    return {one["by"] for one in (*entries, *ratings) if one["by"] is not None}


def reviewed(matrix: Matrix) -> Plain | None:
    """The polls and reviews of a matrix, the oldest first, and what is known of its rows; None where there is
    nothing."""
    polls = list(Poll.objects.filter(matrix=matrix).order_by("opened_at", "pk"))
    reviews = list(Review.objects.filter(matrix=matrix).select_related("version").defer("version__grid"))
    known = Evidence.objects.filter(matrix=matrix).first()
    if not (polls or reviews or known):
        return None
    answered = _answered([poll for poll in polls if poll.is_named and not poll.is_open])
    return {
        "polls": [_poll(poll, answered.get(poll.pk)) for poll in polls],
        "known": _known(known) if known else None,
        "reviews": _reviews(sorted(reviews, key=lambda review: (review.planned_at, review.pk))),
        "look_backs": [
            {"at": _moment(each.at), "by": each.by_id, "version": each.version.number, "wrong": each.wrong}
            for each in LookBack.objects.filter(matrix=matrix).select_related("version").order_by("at", "pk")
        ],
    }


def _sent(polls: QuerySet[Poll]) -> QuerySet[Respondent]:
    """Those who sent their answers in polls of which it is told who said what."""
    told = polls.filter(naming=Poll.Naming.NAMED, closed_at__isnull=False)
    return Respondent.objects.filter(poll__in=told, submitted_at__isnull=False, is_left_out=False)


def _poll(poll: Poll, answered: Sequence[Plain] | None) -> Plain:
    return {
        "id": poll.pk,
        "title": poll.title,
        "naming": poll.naming,
        "by": poll.opened_by_id,
        "opened": _moment(poll.opened_at),
        "until": _moment(poll.until),
        "closed": _moment_or_none(poll.closed_at),
        "asked": poll.asked,
        "result": poll.result if poll.closed_at else None,
        "answered": answered,
    }


def _answered(polls: Sequence[Poll]) -> Mapping[int, Sequence[Plain]]:
    """Poll id -> who answered what; two queries."""
    people = _sent(Poll.objects.filter(pk__in=[poll.pk for poll in polls]))
    given: defaultdict[int, list[Plain]] = defaultdict(list)
    for one in Answer.objects.filter(respondent__in=people.values("pk")).order_by("pk"):
        how = {question: getattr(one, question) for question in QUESTIONS if getattr(one, question)}
        given[one.respondent_id].append({"activity": one.activity, "said": one.said, "lead": one.lead, **how})
    found: dict[int, list[Plain]] = {poll.pk: [] for poll in polls}
    for person in people.order_by("pk"):
        about = {"by": person.user_id, "name": person.name, "role": person.role, "function": person.function}
        found[person.poll_id].append({**about, "answers": given[person.pk]})
    return found


def _known(evidence: Evidence) -> Plain:
    return {
        "poll": evidence.poll_id,
        "settled": evidence.settled,
        "health": evidence.health,
        "ratings": evidence.ratings,
        "wrong": evidence.wrong,
    }


def _reviews(reviews: Sequence[Review]) -> list[Plain]:
    """Each with all that belongs to it; four queries for all of them."""
    ids = [review.pk for review in reviews]
    beside: dict[str, defaultdict[int, list[Plain]]] = {
        name: defaultdict(list) for name in ("people", "agenda", "decisions", "results")
    }
    for one in Participant.objects.filter(review__in=ids):
        beside["people"][one.review_id].append({"id": one.user_id, "came": _moment_or_none(one.came_at)})
    for item in Item.objects.filter(review__in=ids):
        about = {"activity": item.activity, "name": item.name, "reasons": item.reasons, "seconds": item.seconds}
        beside["agenda"][item.review_id].append({**about, "by_hand": item.by_hand})
    for decision in Decision.objects.filter(review__in=ids).select_related("change").defer("change__edits"):
        beside["decisions"][decision.review_id].append(_decision(decision))
    for result in Result.objects.filter(review__in=ids):
        put_up = {"digest": result.digest, "revision": result.revision, "at": _moment(result.at)}
        put_up["besides"], put_up["again"] = result.besides, result.again
        beside["results"][result.review_id].append(put_up)
    return [_review(review) | {name: rows[review.pk] for name, rows in beside.items()} for review in reviews]


def _review(review: Review) -> Plain:
    return {
        "id": review.pk,
        "title": review.title,
        "state": review.state,
        "planned": _moment(review.planned_at),
        "minutes": review.minutes,
        "place": review.place,
        "by": review.made_by_id,
        "poll": review.poll_id,
        "started": _moment_or_none(review.started_at),
        "ended": _moment_or_none(review.ended_at),
        "sign_by": review.sign_by.isoformat() if review.sign_by else None,
        "figures": review.figures,
        "version": review.version.number if review.version else None,
    }


def _decision(decision: Decision) -> Plain:
    return {
        "activity": decision.activity,
        "name": decision.name,
        "kind": decision.kind,
        "lead": decision.lead,
        "lead_name": decision.lead_name,
        "note": decision.note,
        "owner": decision.owner_id,
        "owner_name": decision.owner_name,
        "due": decision.due.isoformat() if decision.due else None,
        "together": decision.together,
        "revision": decision.change.revision if decision.change else None,
        "by": decision.by_id,
        "at": _moment(decision.at),
        "taken_back": _moment_or_none(decision.taken_back_at),
        "settled": _moment_or_none(decision.settled_at),
        "settled_by": decision.settled_by_id,
        "outcome": decision.outcome,
    }


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _moment_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else _moment(moment)
