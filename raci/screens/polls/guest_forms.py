"""What those who answer a poll send: where they work, who leads an activity, how it is going."""

from typing import Any

from django import forms

from raci.grid.text import NAME_LIMIT
from raci.reviews.answering import About, Given
from raci.reviews.counting import role_names
from raci.reviews.health import ANSWERS, Question, question_text
from raci.reviews.models import Poll, Respondent
from raci.web.fields import LineField
from raci.web.refusals import Malformed

ROLE, OTHER = "role:", "other"


class WhereForm(forms.Form):
    """Where somebody works; and their name, where it will stand beside their answers and is not known."""

    name = LineField(
        label="Your name",
        error_messages={"required": "Give your name: it stands beside what you answer."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    place = forms.ChoiceField(
        label="Where do you work?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose where you work.",
            "invalid_choice": "That is none of the choices. Choose one of them.",
        },
    )
    other = LineField(label="What is it called?", max_length=80, required=False)

    def __init__(self, data: Any, *, poll: Poll, respondent: Respondent | None) -> None:
        super().__init__(data, initial=_initial(respondent))
        roles = [(f"{ROLE}{role}", name) for role, name in role_names(poll).items()]
        self.fields["place"].choices = [*roles, (OTHER, "Another function")]  # type: ignore[attr-defined]
        if not poll.is_named or (respondent is not None and respondent.user_id):
            del self.fields["name"]

    def clean(self) -> None:
        chosen = self.cleaned_data
        if chosen.get("place") == OTHER and not chosen.get("other") and "other" not in self.errors:
            self.add_error("other", "Name the function you work in.")

    def about(self, told: str) -> About:
        """What they say of themselves, having read this of names."""
        place, name = self.cleaned_data["place"], self.cleaned_data.get("name", "")
        if place == OTHER:
            return About(told, function=self.cleaned_data["other"], name=name)
        return About(told, role=int(place.removeprefix(ROLE)), name=name)


class HealthForm(forms.Form):
    """How an activity is going, each question as one may leave it."""

    def __init__(self, data: Any = None, *, lead: str, given: Given) -> None:
        """`lead` is the name of the role they said leads it, "" where they named none."""
        super().__init__(data, initial=dict(given.health))
        for question in Question:
            if lead or question not in (Question.SKILL, Question.TIME):
                self.fields[question.value] = forms.ChoiceField(
                    label=question_text(question, lead),
                    choices=[*ANSWERS.items(), ("", "I can’t say")],
                    required=False,
                    widget=forms.RadioSelect,
                )


def chosen(value: str) -> Given:
    """A choice as its button sends it: "role:12", "nobody" or "unknown"."""
    role = value.removeprefix(ROLE)
    if value.startswith(ROLE) and role.isascii() and role.isdecimal() and len(role) < 19:
        return Given("role", int(role))
    if value in ("nobody", "unknown"):
        return Given(value)
    raise Malformed


def _initial(respondent: Respondent | None) -> dict[str, str]:
    """What they said before; one who has not yet said where they work has said nothing."""
    if respondent is None or not (respondent.role or respondent.function):
        return {}
    place = f"{ROLE}{respondent.role}" if respondent.role else OTHER
    return {"name": respondent.name[:NAME_LIMIT], "place": place, "other": respondent.function}
