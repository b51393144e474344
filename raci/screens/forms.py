"""The forms of activities, roles and stages. What fits stands in raci.grid.text; what holds, in the operations."""

import re
from typing import Any

from django import forms

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.web.fields import LineField, ProseField

Choices = list[tuple[int, str]]


class IdField(forms.TypedChoiceField):
    """One of the things on offer by its id; the empty choice, where there is one, is None."""

    def __init__(self, *, empty: str | None = None, **options: Any) -> None:
        super().__init__(coerce=int, empty_value=None, required=empty is None, **options)
        self.empty = empty
        self.error_messages["invalid_choice"] = "That is no longer in this matrix. Choose again."

    def offer(self, choices: Choices, empty: str | None = None) -> None:
        """`empty` says what the empty choice means here, where that depends."""
        first: list[tuple[int | str, str]] = [] if self.empty is None else [("", empty or self.empty)]
        self.choices = [*first, *choices]


class NameForm(forms.Form):
    name = LineField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))


class DescriptionForm(forms.Form):
    description = ProseField(label="Description", what="description")


class NotesForm(forms.Form):
    notes = ProseField(label="Notes", what="notes")


TEXTS: dict[str, type[forms.Form]] = {"name": NameForm, "description": DescriptionForm, "notes": NotesForm}


class StageForm(forms.Form):
    stage = IdField(label="Stage", empty="No stage")

    def __init__(self, *args: Any, grid: Grid, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "stage", stages(grid))


class DelivererForm(forms.Form):
    """Who does the work when the Lead does not. The Lead itself is the empty choice."""

    deliverer = IdField(label="Delivers", empty="")

    def __init__(self, *args: Any, grid: Grid, notation: Notation, lead: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        others = [(pk, name) for pk, name in roles(grid) if pk != lead]
        offer(self, "deliverer", others, empty=f"The {notation.words.lead_role} delivers")


class PersonWordsForm(forms.Form):
    """A person without the role they are in, which needs the grid to choose from."""

    name = LineField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    task = LineField(label="What for", what="word what for", max_length=80, required=False)


class PersonForm(PersonWordsForm):
    role = IdField(label="In the role")
    field_order = ("name", "role", "task")

    def __init__(self, *args: Any, grid: Grid, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "role", roles(grid))


class ActivityForm(forms.Form):
    """A new activity."""

    name = LineField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    stage = IdField(label="Stage", empty="No stage")
    description = ProseField(label="Description")

    def __init__(self, *args: Any, grid: Grid, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "stage", stages(grid))


class CountField(forms.IntegerField):
    """A number in the digits 0 to 9; Python would also read those of other scripts, and 1_0 as ten."""

    def to_python(self, value: Any) -> int | None:
        if value not in self.empty_values and not re.fullmatch(r"\s*-?[0-9]+\s*", str(value)):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class RoleForm(forms.Form):
    name = LineField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    short = LineField(
        label="Short name",
        what="short name",
        max_length=12,
        required=False,
        help_text="For narrow columns, such as PM.",
    )
    purpose = LineField(label="Purpose", what="purpose", required=False, help_text="What it is there for, in one line.")
    contact = LineField(
        label="Contact",
        what="contact",
        required=False,
        help_text="How to reach whoever fills it: an e-mail address, a page, a channel.",
    )
    people = ProseField(label="People", rows=4, help_text="Who fills it, one name a line.")
    headcount = CountField(
        label="Headcount",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="How many people it has. Leave it empty where nobody has said.",
    )

    def clean_people(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["people"].splitlines() if name.strip()]


class SplitForm(forms.Form):
    name = LineField(label="Name of the new role", widget=forms.TextInput(attrs={"autocomplete": "off"}))


class IntoStageForm(forms.Form):
    into = IdField(label="Its activities go to", empty="No stage")

    def __init__(self, *args: Any, grid: Grid, stage: int, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "into", [(pk, name) for pk, name in stages(grid) if pk != stage])


class IntoRoleForm(forms.Form):
    into = IdField(label="Merge it into")

    def __init__(self, *args: Any, grid: Grid, role: int, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "into", [(pk, name) for pk, name in roles(grid) if pk != role])


class HeirForm(forms.Form):
    """Who takes the rows of a role over. "nobody" has to be said."""

    NOBODY = "nobody"
    heir = forms.ChoiceField(
        label="Who takes them over?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role, or “Nobody yet”.", "invalid_choice": "That role is gone."},
    )

    def __init__(self, *args: Any, grid: Grid, notation: Notation, role: int, **options: Any) -> None:
        super().__init__(*args, **options)
        others = [(str(pk), name) for pk, name in roles(grid) if pk != role]
        field = self.fields["heir"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*others, (self.NOBODY, f"Nobody yet: they stand with no {notation.words.lead_role}")]

    @property
    def role(self) -> int | None:
        heir = self.cleaned_data["heir"]
        return None if heir == self.NOBODY else int(heir)


class ReasonForm(forms.Form):
    reason = LineField(label="Why is it fine as it is?", what="reason")


def stages(grid: Grid) -> Choices:
    return [(stage.id, stage.name) for stage in grid.stages]


def roles(grid: Grid) -> Choices:
    return [(role.id, role.name) for role in grid.roles]


def complaints(form: forms.BaseForm) -> str:
    """All that is wrong with a form, as one text."""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def offer(form: forms.Form, field: str, choices: Choices, *, empty: str | None = None) -> None:
    chosen = form.fields[field]
    assert isinstance(chosen, IdField)
    chosen.offer(choices, empty)
