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
from raci.workspaces.models import Member

from .page import SessionPage

Kind = Decision.Kind
NOTE = "note"  # about what is decided already
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
    """A member who is asked for by all means: where it is nobody with an account, their name is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(empty="Somebody without an account", **options)
        self.required = True

    def clean(self, value: Any) -> Any:
        return None if value in self.empty_values else super().clean(value)


class OpenForm(NoteForm):
    """Who sees to what is left open; nobody has to yet."""

    owner = IdField(label="Who sees to it", empty="Nobody yet, or somebody without an account")
    owner_name = LineField(label="Their name, without an account", required=False)
    due = DayField(label="By", required=False)
    field_order = ("owner", "owner_name", "due", "note")

    def __init__(self, *args: Any, members: Iterable[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        owner = self.fields["owner"]
        owner.offer([(member.user_id, str(member.user)) for member in members])  # type: ignore[attr-defined]
        owner.error_messages["invalid_choice"] = "They are not in this workspace any more. Choose somebody else."


class AskForm(OpenForm):
    """Who finds out, and until when."""

    use_required_attribute = False
    owner = OwnerField(label="Who finds out")
    due = DayField(label="Until")

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("owner") is None and not said.get("owner_name") and not self.errors:
            self.add_error("owner_name", "Choose somebody above, or write a name.")


def decision_form(page: SessionPage, kind: str, activity: int, data: Any = None) -> NoteForm:
    """The form of a kind of decision, bound to `data` or with what stands; one query where it names members."""
    standing = page.session.decisions.get(activity)
    kept: dict[str, Any] = {"data": data, "auto_id": "decision-%s", "initial": _initial(standing, kind)}
    match kind:
        case Kind.LEAD:
            return LeadForm(grid=page.grid, activity=activity, **kept)
        case Kind.ASK:
            return AskForm(members=_members(page), **kept)
        case Kind.OPEN:
            return OpenForm(members=_members(page), **kept)
    return NoteForm(**kept)


def _initial(standing: Decision | None, kind: str) -> dict[str, Any]:
    """What the form begins with: what was decided the same way before, else an end that is not far off."""
    due = days.today() + SOON if kind == Kind.ASK else None
    if standing is None or kind not in (standing.kind, NOTE):
        return {"due": due}
    return {
        "note": standing.note,
        "owner": standing.owner_id,
        "owner_name": standing.owner_name,
        "due": standing.due or due,
    }


def _members(page: SessionPage) -> list[Member]:
    members = Member.objects.filter(workspace=page.matrix.workspace_id, user__is_active=True).select_related("user")
    return sorted(members, key=lambda member: str(member.user).casefold())
