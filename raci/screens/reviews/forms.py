"""The forms around a review: planning a session, and following up what stayed open."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from raci.grid.text import day
from raci.reviews.models import Poll, Review
from raci.reviews.planning import LONGEST, SHORTEST, Plan
from raci.screens.forms import IdField
from raci.web.fields import LineField
from raci.workspaces.models import Member

AHEAD, AT = timedelta(days=7), time(10)  # what a new session is proposed for
_GONE = "Somebody you chose is not in this workspace any more. Look again who is asked."
_MINUTES = f"Write a number of minutes from {SHORTEST} to {LONGEST}."


class DayField(forms.DateField):
    """A day, as the browser's own picker gives it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"required": "Choose a day.", "invalid": "Write the day as 2026-12-31."})
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **options)


class PlanForm(forms.Form):
    """A session. Day and time are those where its planner is."""

    title = LineField(label="Title", what="title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    day = DayField(label="Day")
    at = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Choose a time.", "invalid": "Write the time as 14:30."},
    )
    minutes = forms.IntegerField(
        label="Minutes",
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _MINUTES),
    )
    place = LineField(
        label="Place",
        what="place",
        required=False,
        help_text="A room, or the address of a call.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    poll = IdField(label="Answers to look at", empty="None")
    people = forms.TypedMultipleChoiceField(
        label="Who is asked",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _GONE},
    )

    def __init__(self, *args: Any, members: Iterable[Member], polls: Iterable[Poll], **options: Any) -> None:
        super().__init__(*args, **options)
        zone = timezone.get_current_timezone_name()
        self.fields["at"].help_text = f"In {zone.replace('_', ' ')}."
        self.fields["people"].choices = [(one.user_id, str(one.user)) for one in members]  # type: ignore[attr-defined]
        self.fields["poll"].offer([(poll.pk, _named(poll)) for poll in polls])  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Plan:
        said = self.cleaned_data
        at = datetime.combine(said["day"], said["at"], tzinfo=timezone.get_current_timezone())
        return Plan(
            title=said["title"],
            at=at.astimezone(UTC),
            minutes=said["minutes"],
            place=said["place"],
            people=said["people"],
            poll=said["poll"],
        )


def proposed_plan(people: Sequence[int], poll: int | None) -> dict[str, Any]:
    """What the form of a new session begins with."""
    today = timezone.localdate()
    return {
        "title": f"Review, {today:%B %Y}",
        "day": today + AHEAD,
        "at": AT,
        "minutes": 60,
        "people": people,
        "poll": poll,
    }


def plan_of(review: Review, people: Sequence[int]) -> dict[str, Any]:
    """What the form of a planned one begins with."""
    at = timezone.localtime(review.planned_at)
    return {
        "title": review.title,
        "day": at.date(),
        "at": at.time(),
        "minutes": review.minutes,
        "place": review.place,
        "people": people,
        "poll": review.poll_id,
    }


class SettleForm(forms.Form):
    """What came of something that was open."""

    outcome = LineField(
        label="What came of it",
        what="outcome",
        error_messages={"required": "Say what came of it, in a line."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class HandOverForm(forms.Form):
    """Who sees to something that is open, and by when."""

    owner = IdField(label="Who sees to it", empty="Somebody without an account")
    owner_name = LineField(label="Their name, without an account", required=False)
    due = DayField(label="By")

    def __init__(self, *args: Any, members: Iterable[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        owner = self.fields["owner"]
        owner.offer([(member.user_id, str(member.user)) for member in members])  # type: ignore[attr-defined]
        owner.error_messages["invalid_choice"] = "They are not in this workspace any more. Choose somebody else."

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("owner") is None and not said.get("owner_name") and not self.errors:
            self.add_error("owner_name", "Choose somebody above, or write a name.")


def _named(poll: Poll) -> str:
    if poll.is_open:
        return f"{poll.title}, once it is closed"
    return f"{poll.title}, closed on {day(timezone.localdate(poll.closed_at))}" if poll.closed_at else poll.title
