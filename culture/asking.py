"""Assessments: opened, put to others, answered, closed, shared. Nothing else writes them.

While one is open, whoever has not given all four answers sees nobody else's. Every operation is one transaction, reads
its member again, and locks its assessment, so that nothing is answered after it closed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from raci.grid.text import day
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock, still
from raci.workspaces.links import digest, find_open, is_open, make_link, note_use, revoke
from raci.workspaces.models import Access, Link, Member

from . import scoring
from .entries import Function
from .models import Answer, Assessment, Respondent
from .scoring import Choice

LINK_LIFETIME = timedelta(days=30)  # unless its maker chooses another end
RESPONDENT_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A new assessment. `token` is that of its link, told this once; "" where nobody else is asked."""

    assessment: Assessment
    token: str = ""


# ---- Who may what --------------------------------------------------------------------------------------------------


def visible_to(member: Member) -> QuerySet[Assessment]:
    """Those of the member's workspace; what somebody answers alone is seen by others once it is closed."""
    others = Q(asks_others=True) | Q(closed_at__isnull=False)
    return Assessment.objects.filter(others | Q(opened_by=member.user_id), workspace=member.workspace_id)


def may_manage(assessment: Assessment, member: Member) -> bool:
    """Whether they may close it, share its result and give out its link: its opener, or an owner."""
    is_opener = assessment.opened_by_id == member.user_id and member.may(Access.EDITOR)
    return is_opener or member.may(Access.OWNER)


def may_read_result(assessment: Assessment, member: Member) -> bool:
    """Closed: every member. Open: whoever has given all four answers, and of one answered alone only its opener."""
    if not assessment.is_open:
        return True
    may_answer = assessment.asks_others or assessment.opened_by_id == member.user_id
    return may_answer and len(answers_of(member_in(assessment, member))) == len(Function)


def may_guest_read(assessment: Assessment, respondent: Respondent) -> bool:
    """Whether a guest may read the result: it is closed and shared, and they have answered."""
    return not assessment.is_open and assessment.is_shared and bool(answers_of(respondent))


# ---- What is there -------------------------------------------------------------------------------------------------


def member_in(assessment: Assessment, member: Member) -> Respondent | None:
    """The member as somebody who answers, None before their first answer."""
    return Respondent.objects.filter(assessment=assessment, user=member.user_id).first()


def answers_of(respondent: Respondent | None) -> Mapping[Function, Choice]:
    """What somebody has chosen so far, in the order of the questions."""
    if respondent is None:
        return {}
    rows = Answer.objects.filter(respondent=respondent).values_list("function", "first_id", "second_id")
    given = {Function(function): _choice(first, second) for function, first, second in rows}
    return {function: given[function] for function in Function if function in given}


def respondents_of(assessment: Assessment) -> tuple[scoring.Respondent, ...]:
    """Everybody who has joined and was not set aside, in that order, with their answers; two queries."""
    answers: dict[int, dict[Function, Choice]] = defaultdict(dict)
    rows = Answer.objects.filter(respondent__assessment=assessment)
    for respondent, function, first, second in rows.values_list("respondent", "function", "first_id", "second_id"):
        answers[respondent][Function(function)] = _choice(first, second)
    people = Respondent.objects.filter(assessment=assessment, is_set_aside=False).values_list("pk", "name", "group")
    return tuple(scoring.Respondent(pk, name, group, answers[pk]) for pk, name, group in people)


def _choice(first: object, second: object) -> Choice:
    """Keys of cultures, or None; Django's types take every foreign key for a number."""
    return Choice(None if first is None else str(first), None if second is None else str(second))


# ---- Changes -------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_assessment(
    *, by: Member, title: str, asks_others: bool, until: datetime | None = None, key: str = ""
) -> Opened:
    """A new assessment. A form that is sent twice opens one, and leaves the link of the first time as it is."""
    lock(by.workspace_id)
    by = still(by, Access.EDITOR)
    same = Assessment.objects.filter(workspace=by.workspace_id, opened_by=by.user_id, key=key).exclude(key="").first()
    assessment = same or Assessment.objects.create(
        workspace_id=by.workspace_id,
        opened_by_id=by.user_id,
        opened_at=timezone.now(),
        title=title,
        asks_others=asks_others,
        key=key,
    )
    needs_link = assessment.asks_others and assessment.is_open and assessment.link_id is None
    return Opened(assessment, _new_link(assessment, by, until) if needs_link else "")


@transaction.atomic
def ask_others(*, assessment: int, by: Member, until: datetime | None = None) -> Opened:
    """From now on others may answer too: the members, and by a new link those without an account.

    The new link takes the place of an earlier one. It ends at `until`, or 30 days from now.
    """
    by = still(by, Access.VIEWER)
    row = _managed(assessment, by)
    if not row.is_open:
        raise Conflict(_closed(row))
    row.asks_others = True
    row.save(update_fields=["asks_others"])
    return Opened(row, _new_link(row, by, until))


@transaction.atomic
def revoke_link(*, assessment: int, by: Member) -> None:
    """Nobody new comes in by the link. Those who have answered may change their answers until it is closed."""
    by = still(by, Access.VIEWER)
    row = _managed(assessment, by)
    if row.link is not None:
        if is_open(row.link):
            audit.record(by.workspace, "assessment.revoked", by=by.user, assessment=row.title)
        revoke(row.link)


@transaction.atomic
def close(*, assessment: int, by: Member, share: bool = False) -> Assessment:
    """Nothing is answered any more, and its link is dead. A second time changes nothing."""
    row = _managed(assessment, still(by, Access.VIEWER))
    if row.is_open:
        row.closed_at, row.is_shared = timezone.now(), share
        row.save(update_fields=["closed_at", "is_shared"])
        if row.link is not None:
            revoke(row.link)
    return row


@transaction.atomic
def share_result(*, assessment: int, by: Member, share: bool = True) -> Assessment:
    """Lets the guests who answered read the result, or no longer."""
    row = _managed(assessment, still(by, Access.VIEWER))
    if row.is_open:
        raise Conflict("Close the assessment first. Its result can be shared once nobody can change it.")
    row.is_shared = share
    row.save(update_fields=["is_shared"])
    return row


@transaction.atomic
def set_aside(*, assessment: int, by: Member, respondent: int) -> Respondent:
    """Counts somebody nowhere, whether it is open or closed. They are not told, and keep their answers."""
    return _set_aside(assessment, by, respondent, True)


@transaction.atomic
def bring_back(*, assessment: int, by: Member, respondent: int) -> Respondent:
    """Counts somebody again who was set aside."""
    return _set_aside(assessment, by, respondent, False)


@transaction.atomic
def join(*, link_token: str, name: str, group: str, token: str) -> Respondent:
    """A guest with an open link says who they are. `token` is their own; sent again with the same, it joins once."""
    rows = Assessment.objects.select_for_update(of=("self",)).filter(link__digest=digest(link_token))
    row = rows.first()  # locked before the link is looked at, so that one revoked a moment ago lets nobody in
    link = find_open(Link.Purpose.ASSESSMENT, link_token) if row else None
    if row is None or link is None or row.link_id != link.pk or not row.is_open:
        raise Gone
    known = Respondent.objects.filter(digest=digest(token)).first()
    if known is not None:
        if known.assessment_id != row.pk:
            raise Gone
        return known
    if Respondent.objects.filter(assessment=row).count() >= RESPONDENT_LIMIT:
        raise Refused(f"{RESPONDENT_LIMIT:,} people have joined, and no more fit. Tell whoever asked you.")
    note_use(link)
    return Respondent.objects.create(
        assessment=row, name=name, group=group, digest=digest(token), joined_at=timezone.now()
    )


@transaction.atomic
def answer_as_member(*, by: Member, assessment: int, function: Function, choice: Choice) -> None:
    """Keeps a member's answer; a later one to the same question takes its place."""
    by = still(by, Access.VIEWER)
    row = _answerable(visible_to(by), assessment)
    respondent, _ = Respondent.objects.get_or_create(
        assessment=row, user=by.user, defaults={"name": str(by.user), "joined_at": timezone.now()}
    )
    _keep(respondent, function, choice)


@transaction.atomic
def answer_as_guest(*, respondent: Respondent, function: Function, choice: Choice) -> None:
    """The same for a guest, whose link may be gone by now."""
    _answerable(Assessment.objects.filter(workspace__deleted_at=None), respondent.assessment_id)
    _keep(respondent, function, choice)


def _managed(assessment: int, by: Member) -> Assessment:
    """The assessment, locked, for a member who was just read again."""
    row = visible_to(by).select_for_update().filter(pk=assessment).first()
    if row is None:
        raise Gone
    if not may_manage(row, by):
        raise Forbidden("Only whoever opened the assessment, or an owner, can do that. Ask one of them.")
    return row


def _set_aside(assessment: int, by: Member, respondent: int, is_aside: bool) -> Respondent:
    row = _managed(assessment, still(by, Access.VIEWER))
    found = Respondent.objects.filter(assessment=row, pk=respondent).first()
    if found is None:
        raise Gone
    found.is_set_aside = is_aside
    found.save(update_fields=["is_set_aside"])
    return found


def _answerable(rows: QuerySet[Assessment], assessment: int) -> Assessment:
    row = rows.select_for_update().filter(pk=assessment).first()
    if row is None:
        raise Gone
    if not row.is_open:
        raise Conflict(_closed(row))
    return row


def _closed(row: Assessment) -> str:
    when = day(timezone.localtime(row.closed_at)) if row.closed_at else ""
    return f"This assessment was closed on {when}. Its answers stay as they are."


def _keep(respondent: Respondent, function: Function, choice: Choice) -> None:
    is_another = choice.first is not None and choice.second != choice.first
    Answer.objects.update_or_create(
        respondent=respondent,
        function=function,
        defaults={"first_id": choice.first, "second_id": choice.second if is_another else None},
    )


def _new_link(row: Assessment, by: Member, until: datetime | None) -> str:
    if row.link is not None:
        revoke(row.link)
    row.link, token = make_link(
        purpose=Link.Purpose.ASSESSMENT,
        workspace=by.workspace,
        by=by.user,
        until=until or timezone.now() + LINK_LIFETIME,
    )
    row.save(update_fields=["link"])
    audit.record(by.workspace, "assessment.shared", by=by.user, assessment=row.title)
    return token
