"""The forms of the pages around the grid: a new matrix, a name, and the end of a workspace."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from culture.models import Culture
from raci.matrices.models import Matrix
from raci.web.fields import LineField, PlainLineField

EMPTY, COPY = "empty", "copy"
_NOT_HERE = {"invalid_choice": "That matrix is not in this workspace. Choose another."}


class StartForm(forms.Form):
    """How a matrix begins: `start` is the key of a culture or of a house reference, "empty" or "copy"; `usual` gives an
    empty one its frame."""

    start = forms.ChoiceField(error_messages={"required": "Choose how to begin."})
    usual = forms.BooleanField(required=False, label="With the four usual roles and five stages")
    source = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="Matrix to copy", error_messages=_NOT_HERE
    )
    name = LineField(label="Name")

    def __init__(
        self,
        *args: Any,
        cultures: Iterable[Culture],
        houses: Mapping[str, str],
        sources: Mapping[int, Matrix],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        starts = [*((culture.key, culture.name) for culture in cultures), *houses.items()]
        self.fields["start"].choices = [*starts, (EMPTY, "Empty"), (COPY, "Copy")]  # type: ignore[attr-defined]
        names = [(pk, f"{row.name} (archived)" if row.is_archived else row.name) for pk, row in sources.items()]
        self.fields["source"].choices = [("", "Choose a matrix"), *names]  # type: ignore[attr-defined]

    def clean(self) -> None:
        chosen = self.cleaned_data
        if chosen.get("start") == COPY and not chosen.get("source") and "source" not in self.errors:
            self.add_error("source", "Choose the matrix to copy.")


class NameForm(forms.Form):
    """The name of a workspace."""

    name = PlainLineField(label="Name")


class DeleteForm(forms.Form):
    """The name of the workspace, as proof that this one is meant."""

    typed = LineField(label="Its name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
