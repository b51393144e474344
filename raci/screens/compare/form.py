"""Why a difference is kept, and until when."""

from typing import Any

from django import forms
from django.http import QueryDict

from raci.grid.departures import Difference
from raci.matrices.departures import REASON_LIMIT
from raci.web import days
from raci.web.fields import ProseField

Draft = dict[str, str]  # reason and until, as they were typed


class KeepForm(forms.Form):
    reason = ProseField(label="Why do you keep yours?", what="reason", max_length=REASON_LIMIT, rows=2, required=True)
    until = forms.DateField(
        label="Until",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "That is no day. Write it as 2027-03-12, or leave it empty."},
    )

    def focus(self) -> None:
        """The first field that is wrong gets the focus, where none is the first of all."""
        wrong = next((name for name in self.fields if self.is_bound and name in self.errors), "reason")
        self.fields[wrong].widget.attrs["autofocus"] = True

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if not reason:
            raise forms.ValidationError("Say why you keep yours: one sentence is enough.")
        return reason

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until < days.today():
            raise forms.ValidationError("That day has passed. Choose one that is still to come, or none.")
        return until


def keep_form(difference: Difference) -> KeepForm:
    """The form as it is opened: empty, or with what was said last. An end that has passed is to be chosen anew."""
    kept = difference.departure or difference.lapsed
    is_over = kept is not None and kept.has_ended(days.today())
    initial = {"reason": kept.reason, "until": None if is_over else kept.until} if kept else {}
    form = KeepForm(initial=initial, auto_id=ids_for(difference.key))
    form.focus()
    return form


def draft_form(difference: Difference, typed: Draft) -> KeepForm:
    """The form as it stood open while something else was decided, with what was typed into it."""
    return KeepForm(initial=typed, auto_id=ids_for(difference.key))


def drafts(sent: QueryDict) -> dict[str, Draft]:
    """What is typed into the open forms of a page, by the keys of their differences; each sends all of them along."""
    typed = zip(sent.getlist("open"), sent.getlist("reason"), sent.getlist("until"), strict=False)
    return {key: {"reason": reason, "until": until} for key, reason, until in typed}


def ids_for(key: str) -> str:
    """The pattern of a form's ids: several differences may stand open on one page."""
    return f"keep-{key}-%s"
