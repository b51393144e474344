"""How the people of the demonstration see their organisation: assessments, and who owns product marketing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from culture import advising, asking
from culture.advice import Answers
from culture.entries import Function
from culture.models import Advice, Assessment, Respondent
from culture.scoring import Choice
from raci.workspaces.models import Member

NONE_FITS = "none"


def assess(entry: Mapping[str, Any], people: Mapping[str, Member]) -> Assessment:
    """One assessment with its answers, all of it through the operations; then its days are set back.

    An answer is a culture, "none", or two cultures with a slash between: what fits best, and what fits as well.
    """
    opener = people[entry["opener"]]
    made = asking.open_assessment(by=opener, title=entry["title"], asks_others=True).assessment
    for name, answers in entry["answers"].items():
        for function, said in zip(Function, answers, strict=False):
            asking.answer_as_member(by=people[name], assessment=made.pk, function=function, choice=_choice(said))
    opened = _days_ago(entry["opened"])
    _set_back(made, opened, _days_ago(entry["closed"]) if "closed" in entry else None, opener)
    return made


def _choice(said: str) -> Choice:
    first, _, second = said.partition("/")
    return Choice(None if first == NONE_FITS else first, second or None)


def _set_back(made: Assessment, opened: datetime, closed: datetime | None, opener: Member) -> None:
    if closed is not None:
        asking.close(assessment=made.pk, by=opener, share=True)
    Assessment.objects.filter(pk=made.pk).update(opened_at=opened, closed_at=closed)
    Respondent.objects.filter(assessment=made).update(joined_at=opened + timedelta(hours=3))


def _days_ago(days: int) -> datetime:
    return timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=days)


def own_product_marketing(entry: Mapping[str, Any], people: Mapping[str, Member]) -> None:
    """What was answered about product marketing, and the signs seen since."""
    by, answered = people[entry["by"]], _days_ago(entry["days"])
    made = advising.keep_answers(by=by, answers=Answers.from_json(entry["answers"]))
    Advice.objects.filter(pk=made.pk).update(at=answered)
    for key, days in entry["signs"].items():
        advising.tick(by=by, key=key, on=_days_ago(days).date())
