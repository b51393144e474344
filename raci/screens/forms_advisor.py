"""The forms of the advisor: its questions, and the day a sign was seen."""

from django import forms

from culture.advice import MOST, Answers, Launch, Segments, Size
from raci.screens.forms import CountField

_CHOOSE = {"required": "Choose one.", "invalid_choice": "Choose one of those on the page."}


class AdvisorForm(forms.Form):
    dedicated = forms.ChoiceField(
        label="Is product marketing anybody's whole job?",
        choices=[("yes", "Yes"), ("no", "No")],
        error_messages=_CHOOSE,
    )
    marketers = CountField(label="How many people is it the job of?", required=False, min_value=1, max_value=MOST)
    products = CountField(label="How many products is that for?", required=False, min_value=1, max_value=MOST)
    size = forms.ChoiceField(
        label="How large is your company?", choices=[(one.value, one.label) for one in Size], error_messages=_CHOOSE
    )
    segments = forms.ChoiceField(
        label="Can you say which segments you aim at, and why?",
        choices=[(one.value, one.label) for one in Segments],
        error_messages=_CHOOSE,
    )
    launch = forms.ChoiceField(
        label="How was your last launch?", choices=[(one.value, one.label) for one in Launch], error_messages=_CHOOSE
    )

    def clean(self) -> None:
        if self.cleaned_data.get("dedicated") != "yes":
            return
        for name in ("marketers", "products"):
            if self.cleaned_data.get(name) is None and name not in self.errors:
                self.add_error(name, "Give a number, one or more.")

    @property
    def answers(self) -> Answers:
        """What was answered; only of a valid form. Numbers count only where somebody is dedicated."""
        said = self.cleaned_data
        is_dedicated = said["dedicated"] == "yes"
        return Answers(
            is_dedicated=is_dedicated,
            marketers=said["marketers"] if is_dedicated else None,
            products=said["products"] if is_dedicated else None,
            size=Size(said["size"]),
            segments=Segments(said["segments"]),
            launch=Launch(said["launch"]),
        )


class SignForm(forms.Form):
    """A sign of product marketing that works, and the day it was seen."""

    sign = forms.CharField()
    on = forms.DateField(
        input_formats=["%Y-%m-%d"],
        error_messages={"required": "Give the day on which it was seen.", "invalid": "That is not a day. Choose one."},
    )


def told(answers: Answers) -> dict[str, str | int | None]:
    """What the form holds for these answers, to begin from when they are given again."""
    return answers.as_json() | {"dedicated": "yes" if answers.is_dedicated else "no"}
