"""What those who answer a poll are shown: made of what it asked and of what they answered, of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from raci.reviews.answering import Given
from raci.reviews.counting import role_names
from raci.reviews.models import QUESTIONS, Answer, Poll, Respondent

SAID = {"nobody": "Nobody", "unknown": "I don’t know"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what the form sends for it and what it says. Pressed is what was answered before."""

    value: str
    name: str
    is_role: bool
    is_pressed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An activity in the overview, and what was answered, "" where it was left out."""

    name: str
    stage: str
    url: str
    said: str
    is_role: bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody in front of a poll. Addresses keep whether they say how it goes as well (`how`)."""

    poll: Poll
    answers: Mapping[int, Answer]
    how: bool = False

    @property
    def activities(self) -> Sequence[Mapping[str, Any]]:
        found: list[dict[str, Any]] = self.poll.asked["activities"]
        return found

    @property
    def start(self) -> str:
        return reverse("guest_poll", args=[self.poll.pk])

    @property
    def first_open(self) -> str:
        """The first activity without an answer, the first of all where each has one."""
        ids = [each["id"] for each in self.activities]
        return self.url(next((pk for pk in ids if pk not in self.answers), ids[0]))

    @property
    def left(self) -> int:
        """How many have no answer."""
        return sum(each["id"] not in self.answers for each in self.activities)

    def number(self, activity: int) -> int:
        """Which one it is, from 1; 0 for one that is not asked about."""
        return next((at for at, each in enumerate(self.activities, start=1) if each["id"] == activity), 0)

    def url(self, activity: int) -> str:
        place = reverse("guest_poll_activity", args=[self.poll.pk, activity])
        return f"{place}?how=1" if self.how else place

    def before(self, activity: int) -> str:
        at = self.number(activity) - 2
        return self.url(self.activities[at]["id"]) if at >= 0 else self.start

    def after(self, activity: int) -> str:
        """What follows an activity: the next one; the overview after the last, and once each had an answer."""
        at = self.number(activity)
        is_through = at == len(self.activities) or not self.left
        return self.start if is_through else self.url(self.activities[at]["id"])

    def choices(self, activity: int) -> list[Choice]:
        """The roles in the order of the matrix, the same for every activity, so that it hints at nothing."""
        given = given_of(self.answers.get(activity))
        pressed = f"role:{given.lead}" if given and given.lead else given.said if given else ""
        roles = [(f"role:{role}", name, True) for role, name in role_names(self.poll).items()]
        others = [(value, name, False) for value, name in SAID.items()]
        return [Choice(value, name, is_role, value == pressed) for value, name, is_role in (*roles, *others)]

    def rows(self) -> list[Row]:
        names = role_names(self.poll)
        found = []
        for each in self.activities:
            given = given_of(self.answers.get(each["id"]))
            said = "" if given is None else names.get(given.lead, "") if given.lead else SAID[given.said]
            found.append(Row(each["name"], each["stage"], self.url(each["id"]), said, bool(given and given.lead)))
        return found


def given_of(answer: Answer | None) -> Given | None:
    """An answer as it was given."""
    if answer is None:
        return None
    return Given(answer.said, answer.lead, {question: getattr(answer, question) for question in QUESTIONS})


def works_in(respondent: Respondent) -> str:
    """The name of the role, or of what else, they said they work in."""
    if respondent.role is None:
        return respondent.function
    return role_names(respondent.poll).get(respondent.role, "")
