"""What the list of assessments and the page of one show: how far people are, and where the readable ones point."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from culture.asking import may_manage, visible_to
from culture.entries import Function
from culture.models import Answer, Assessment, Respondent
from culture.scoring import Choice, State, standing
from raci.grid.text import initials
from raci.screens.assessments.result_words import culture_name
from raci.workspaces.models import Member

FULL = len(Function)


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who answers: `given` of four answers. Never which. Who is set aside counts nowhere."""

    pk: int
    name: str
    initials: str
    group: str
    given: int
    is_reader: bool
    is_guest: bool
    is_set_aside: bool

    @property
    def is_done(self) -> bool:
        return self.given == FULL


@dataclass(frozen=True, slots=True)
class Line:
    """An assessment in the list. `finished` people gave all four answers; `mine` is how many the reader gave.

    `points_to` says where its answers point, "" for a reader who may not know yet.
    """

    assessment: Assessment
    finished: int
    mine: int
    points_to: str

    @property
    def is_mine_done(self) -> bool:
        return self.mine == FULL


def lines(member: Member) -> list[Line]:
    """Every assessment the member sees, newest first; four queries."""
    rows = list(visible_to(member).select_related("opened_by"))
    finished, mine, choices = _finished(rows), _mine(rows, member), _choices(rows)
    return [
        Line(
            row,
            finished.get(row.pk, 0),
            mine.get(row.pk, 0),
            _points_to(choices.get(row.pk, [])) if not row.is_open or mine.get(row.pk) == FULL else "",
        )
        for row in rows
    ]


def people(assessment: Assessment, member: Member) -> list[Participant]:
    """Who answers, the reader first, then those who are through, and at the end those who are set aside.

    Of these only whoever manages it learns. The others see themselves as if nothing were, and nobody else of them.
    """
    rows = Respondent.objects.filter(assessment=assessment).annotate(given=Count("answers"))
    if not may_manage(assessment, member):
        rows = rows.filter(Q(is_set_aside=False) | Q(user=member.user_id))
    told = rows.values_list("pk", "name", "group", "user", "digest", "is_set_aside", "given")
    found = [
        Participant(pk, name, initials(name), group, given, user == member.user_id, bool(digest), is_aside)
        for pk, name, group, user, digest, is_aside, given in told
    ]
    return sorted(found, key=lambda person: (person.is_set_aside, not person.is_reader, -person.given))


def finished(assessment: Assessment) -> int:
    """How many have given all four answers."""
    return _finished([assessment]).get(assessment.pk, 0)


def _finished(rows: Iterable[Assessment]) -> dict[int, int]:
    """Assessment id -> how many of its people have given all four answers."""
    through = Answer.objects.filter(respondent__assessment__in=rows).values("respondent").annotate(given=Count("pk"))
    counted = Respondent.objects.filter(is_set_aside=False)
    full = counted.filter(pk__in=through.filter(given=FULL).values("respondent")).order_by()
    return dict(full.values_list("assessment").annotate(Count("pk")))


def _mine(rows: Iterable[Assessment], member: Member) -> dict[int, int]:
    """Assessment id -> how many of the four answers the member has given."""
    found = Answer.objects.filter(respondent__assessment__in=rows, respondent__user=member.user_id).order_by()
    return dict(found.values_list("respondent__assessment").annotate(Count("pk")))


def _choices(rows: Iterable[Assessment]) -> dict[int, list[Choice]]:
    """Assessment id -> all that was chosen, counted by the database."""
    counted: defaultdict[int, Counter[Choice]] = defaultdict(Counter)
    found = Answer.objects.filter(respondent__assessment__in=rows, respondent__is_set_aside=False).order_by()
    for row, first, second, times in found.values_list("respondent__assessment", "first", "second").annotate(
        Count("pk")
    ):
        counted[row][Choice(first, second)] += times
    return {row: list(choices.elements()) for row, choices in counted.items()}


def _points_to(choices: Sequence[Choice]) -> str:
    state, tallies = standing(choices)
    match state:
        case State.UNANSWERED:
            return ""
        case State.NONE_FITS:
            return "None of the three fits"
        case State.MOSTLY_NONE:
            return f"None fits, {sum(choice.first is None for choice in choices)} of {len(choices)}"
        case State.NEAR_TIE:
            return "No one culture is nearest"
        case State.NEAREST:
            return f"{culture_name(tallies[0].culture)}, {tallies[0].first} of {len(choices)}"
