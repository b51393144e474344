"""The forms about the people of a workspace: inviting, what a member may, and when they hear by mail."""

from typing import Any

from django import forms

from raci.screens.assessments.forms import UntilForm
from raci.workspaces.invitations import LIFETIME, LONGEST
from raci.workspaces.models import Access, Mail

MAIL, LINK = "mail", "link"
WHAT_FOR = {
    Access.VIEWER: "Viewer: looks",
    Access.REVIEWER: "Reviewer: looks and has a say",
    Access.EDITOR: "Editor: changes matrices",
    Access.OWNER: "Owner: also decides who is a member",
}
_UNKNOWN = {"required": "Choose what they may.", "invalid_choice": "There is no such access. Choose one of the four."}


class AddressField(forms.EmailField):
    """One address, in small letters. Before the @ it has the letters A to Z alone: others only look like them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)
        self.error_messages["invalid"] = "Write one e-mail address, such as mei@example.org."
        self.error_messages["max_length"] = self.error_messages["invalid"]

    def clean(self, value: Any) -> str:
        if any(character in str(value or "") for character in "\r\n"):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        address: str = super().clean(value)
        if not address.rpartition("@")[0].isascii():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return address.lower()


class InviteForm(UntilForm):
    """Whom to invite: one address, or whoever has the link. `way` is the button that was pressed."""

    lifetime, longest, within = LIFETIME, LONGEST, "90 days"

    email = AddressField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the address the invitation goes to, or make a link."},
    )
    access = forms.ChoiceField(
        label="They come as", choices=list(WHAT_FOR.items()), initial=Access.EDITOR, error_messages=_UNKNOWN
    )
    way = forms.ChoiceField(choices=[(MAIL, ""), (LINK, "")], error_messages={"required": "Choose how to invite."})

    field_order = ("email", "access", "until")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"].label = "The invitation ends on"

    def clean(self) -> None:
        if self.cleaned_data.get("way") == LINK:
            self.errors.pop("email", None)
            self.cleaned_data["email"] = ""


class AccessForm(forms.Form):
    access = forms.ChoiceField(label="Access", choices=list(WHAT_FOR.items()), error_messages=_UNKNOWN)


class MailForm(forms.Form):
    mail = forms.ChoiceField(
        label="Mail from this workspace",
        choices=Mail.choices,
        error_messages={"required": "Choose when.", "invalid_choice": "Choose one of the three."},
    )
