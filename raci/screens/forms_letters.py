"""The forms of a letter: its words, and whom it goes to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from raci.grid.grid import Role
from raci.grid.text import counted
from raci.publishing.recipients import MOST, TEXT_LIMIT, Chosen
from raci.publishing.telling import LETTER_LIMIT
from raci.web.fields import LineField, ProseField

NOBODY, ALL, SOME = "nobody", "all", "roles"
LETTER = "letter"  # the id of the form: both stand in one, so that no words are lost where the other is sent
_ROLE_GONE = "That role is not in this version. Choose again."


class LetterForm(forms.Form):
    """Both may be left empty: then they are written from the versions."""

    subject = LineField(label="Subject", what="subject", required=False)
    text = ProseField(label="Text", max_length=LETTER_LIMIT, rows=12)


class RecipientsForm(forms.Form):
    """Members, all of them or who fills certain roles, and a list of addresses, for everyone or about one role."""

    members = forms.ChoiceField(
        label="Members",
        choices=[(NOBODY, "None of them"), (ALL, "All of them"), (SOME, "Those who fill these roles")],
        widget=forms.RadioSelect,
        initial=ALL,
        error_messages={"required": "Choose which members get it."},
    )
    roles = forms.TypedMultipleChoiceField(
        label="Roles",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _ROLE_GONE},
    )
    addresses = forms.CharField(
        label="Other people",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": TEXT_LIMIT, "spellcheck": "false"}),
        help_text=f"Paste their e-mail addresses, up to {MOST:,}, in any form.",
    )
    about = forms.TypedChoiceField(
        label="What they are told besides",
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _ROLE_GONE},
    )

    def __init__(
        self, *args: Any, roles: Sequence[Role], gone: Sequence[Role], filled: Mapping[int, int], **options: Any
    ) -> None:
        """`gone` are the roles of the version before that this one has no more; `filled` is how many members fill each
        role."""
        super().__init__(*args, **options)
        known = [(role.id, role.name) for role in roles]
        told = [(role, f"{name}, {_filled(filled.get(role, 0))}") for role, name in known]
        old = [(role.id, f"{role.name} (no longer a role)") for role in gone]
        self.fields["roles"].choices = told  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", "Nothing: it is for everyone"), *known, *old]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["form"] = LETTER

    def clean(self) -> None:
        chosen = self.cleaned_data
        if chosen.get("members") == SOME and not chosen.get("roles") and "roles" not in self.errors:
            self.add_error("roles", "Choose at least one role.")
        if chosen.get("members") == NOBODY and not chosen.get("addresses", "").strip():
            self.add_error("addresses", "Paste at least one address, or choose members.")

    @property
    def chosen(self) -> Chosen:
        said = self.cleaned_data
        return Chosen(
            everybody=said["members"] == ALL,
            roles=frozenset(said["roles"]) if said["members"] == SOME else frozenset(),
            pasted=said["addresses"],
            about=said["about"],
        )


def _filled(members: int) -> str:
    return counted(members, "member") if members else "nobody"
