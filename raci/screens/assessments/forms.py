"""The forms around an assessment: opening it, the end of its link, and a guest's name."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from culture.asking import LINK_LIFETIME
from raci.web.fields import LineField

ALONE, OTHERS = "alone", "others"
OTHER = "other"
LONGEST = timedelta(days=365)
GROUPS = ("Product Management", "Product Marketing", "Engineering", "Sales", "Marketing", "Customer Success")


class UntilForm(forms.Form):
    """The last day of a link: in `lifetime` unless another is chosen, which may be as late as `longest`."""

    lifetime, longest, within = LINK_LIFETIME, LONGEST, "a year"

    until = forms.DateField(
        label="The link works until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": "Choose the last day.", "invalid": "Write the day as 2026-12-31."},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        first, last = timezone.localdate(), timezone.localdate() + self.longest
        self.fields["until"].initial = first + self.lifetime
        self.fields["until"].widget.attrs |= {"min": f"{first:%Y-%m-%d}", "max": f"{last:%Y-%m-%d}"}

    def clean_until(self) -> datetime:
        """The end of that day."""
        day: date = self.cleaned_data["until"]
        if not timezone.localdate() <= day <= timezone.localdate() + self.longest:
            raise forms.ValidationError(f"Choose a day from today on, within {self.within}.", code="until")
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone()).astimezone(UTC)


class OpenForm(UntilForm):
    """A new assessment. The end of the link counts only where others are asked."""

    title = LineField(label="Title", what="title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    who = forms.ChoiceField(
        choices=[(ALONE, "On my own"), (OTHERS, "With others")], error_messages={"required": "Choose who answers."}
    )
    field_order = ("title", "who", "until")

    def clean(self) -> None:
        if self.cleaned_data.get("who") != OTHERS:
            self.errors.pop("until", None)

    @property
    def asks_others(self) -> bool:
        return bool(self.cleaned_data["who"] == OTHERS)


class JoinForm(forms.Form):
    """Who a guest is."""

    name = LineField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    group = forms.ChoiceField(
        label="The function you work in",
        choices=[("", "Choose one"), *((name, name) for name in GROUPS), (OTHER, "Another")],
        error_messages={"required": "Choose the function you work in."},
    )
    other = LineField(label="Its name", what="name", max_length=80, required=False)

    def clean(self) -> None:
        chosen = self.cleaned_data
        if chosen.get("group") == OTHER and not chosen.get("other") and "other" not in self.errors:
            self.add_error("other", "Name the function you work in.")

    @property
    def function(self) -> str:
        """The name of the function, whether it was on the list or not."""
        chosen: str = self.cleaned_data["group"]
        return self.cleaned_data["other"] if chosen == OTHER else chosen
