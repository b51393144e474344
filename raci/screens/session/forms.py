"""What a session asks before it decides: which role, which levels, who finds out and until when, and why."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms

from raci.grid.grid import Grid
from raci.reviews.choices import NOTE_LIMIT
from raci.reviews.models import Decision
from raci.screens.forms import IdField
from raci.screens.reviews.forms import DayField
from raci.web import days
from raci.web.fields import LineField, ProseField
from raci.workspaces.members import by_name
from raci.workspaces.models import Member

from .page import SessionPage

Kind = Decision.Kind
NOTE = "note"  # about what is decided already
OTHER = 0  # the choice of somebody without an account, among the ids of those who have one
SOON = timedelta(days=14)  # proposed for finding something out


class NoteForm(forms.Form):
    note = ProseField(label="Why", what="note", max_length=NOTE_LIMIT, rows=2)


class LeadForm(NoteForm):
    lead = forms.TypedChoiceField(
        label="Role",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role.", "invalid_choice": "That role is gone. Choose another."},
    )
    field_order = ("lead", "note")

    def __init__(self, *args: Any, grid: Grid, activity: int, **options: Any) -> None:
        super().__init__(*args, **options)
        lead = grid.lead(activity)
        roles = [(role.id, role.name) for role in grid.roles if role.id != lead]
        self.fields["lead"].choices = roles  # type: ignore[attr-defined]


class OwnerField(IdField):
    """Who is asked for by all means; the form says what is missing, for a name will do."""

    def __init__(self, **options: Any) -> None:
        super().__init__(empty="Choose", **options)
        self.required = True

    def clean(self, value: Any) -> Any:
        return None if value in self.empty_values else super().clean(value)


class OpenForm(NoteForm):
    """Who sees to what is left open; nobody has to yet. A script shows the field for a name to those who need it."""

    owner = IdField(label="Who sees to it", empty="Nobody yet")
    owner_name = LineField(
        label="Their name, without an account",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-only-for": "owner", "data-is": OTHER}),
    )
    due = DayField(label="By", required=False)
    field_order = ("owner", "owner_name", "due", "note")

    def __init__(self, *args: Any, members: Iterable[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        owner = self.fields["owner"]
        known = [(member.user_id, str(member.user)) for member in members]
        owner.offer([*known, (OTHER, "Somebody without an account")])  # type: ignore[attr-defined]
        owner.error_messages["invalid_choice"] = "They are not in this workspace any more. Choose somebody else."

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("owner") == OTHER:
            said["owner"] = None
            if not said.get("owner_name") and not self.errors:
                self.add_error("owner_name", "Write their name.")


class AskForm(OpenForm):
    """Who finds out, and until when."""

    use_required_attribute = False
    owner = OwnerField(label="Who finds out")
    due = DayField(label="Until")

    def clean(self) -> None:
        super().clean()
        said = self.cleaned_data
        if said.get("owner") is None and not said.get("owner_name") and not self.errors:
            self.add_error("owner", "Choose who finds out.")


def decision_form(page: SessionPage, kind: str, activity: int, data: Any = None) -> NoteForm:
    """The form of a kind of decision, bound to `data` or with what stands; one query where it names members."""
    standing = page.session.decisions.get(activity)
    initial = _initial(standing, kind, _answers(page.grid, activity))
    kept: dict[str, Any] = {"data": data, "auto_id": "decision-%s", "initial": initial}
    match kind:
        case Kind.LEAD:
            return LeadForm(grid=page.grid, activity=activity, **kept)
        case Kind.ASK:
            return AskForm(members=by_name(page.matrix.workspace_id), **kept)
        case Kind.OPEN:
            return OpenForm(members=by_name(page.matrix.workspace_id), **kept)
    return NoteForm(**kept)


def _initial(standing: Decision | None, kind: str, answers: int | None) -> dict[str, Any]:
    """What the form begins with: what was decided the same way before, else that who answers for the Lead finds out,
    by a day that is not far off."""
    due = days.today() + SOON if kind == Kind.ASK else None
    if standing is None or kind not in (standing.kind, NOTE):
        return {"due": due, "owner": answers if kind == Kind.ASK else None}
    return {
        "note": standing.note,
        "owner": OTHER if standing.owner_name else standing.owner_id,
        "owner_name": standing.owner_name,
        "due": standing.due or due,
    }


def _answers(grid: Grid, activity: int) -> int | None:
    """Who answers for the role that leads it."""
    lead = grid.lead(activity)
    return next((role.answers for role in grid.roles if role.id == lead), None)
