"""The forms of a poll: opening it, asking more people, and how names are treated."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from raci.publishing.recipients import MOST, TEXT_LIMIT, read_list
from raci.reviews.models import Poll
from raci.screens.assessments.forms import UntilForm
from raci.screens.role_people import told_apart
from raci.web.fields import LineField
from raci.web.refusals import Refused
from raci.workspaces.models import Member

DAYS = 14  # a poll is open, unless another day is chosen


class PeopleForm(forms.Form):
    """Whom to ask: members, and a list of addresses."""

    members = forms.TypedMultipleChoiceField(
        label="Members",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of them is no member any more. Choose again."},
    )
    addresses = forms.CharField(
        label="Other people",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": TEXT_LIMIT, "spellcheck": "false"}),
        help_text=f"Paste their e-mail addresses, up to {MOST:,}, in any form. They need no account.",
    )

    def __init__(self, *args: Any, people: Sequence[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["members"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        names = Counter(str(each.user) for each in people)
        field.choices = [(each.user_id, told_apart(each, names)) for each in people]

    def clean_addresses(self) -> str:
        """The list as it was pasted, once it can be read."""
        pasted: str = self.cleaned_data["addresses"]
        try:
            read_list(pasted)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence, code="list") from refused
        return pasted

    @property
    def chosen(self) -> list[int]:
        """The ids of the accounts of the members."""
        return list(self.cleaned_data["members"])

    @property
    def is_asking(self) -> bool:
        """Whether anybody was chosen, once the form is valid."""
        return bool(self.chosen or self.cleaned_data["addresses"].strip())


class NamingForm(forms.Form):
    naming = forms.ChoiceField(
        label="How names are treated",
        choices=Poll.Naming.choices,
        initial=Poll.Naming.NAMED,
        error_messages={"required": "Choose how names are treated.", "invalid_choice": "Choose one of the two."},
    )


class OpenForm(PeopleForm, NamingForm, UntilForm):
    """A new poll, and whom to ask first."""

    lifetime, longest, within = timedelta(days=DAYS), timedelta(days=90), "three months"

    title = LineField(label="Title", what="title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    field_order = ("title", "until", "naming", "members", "addresses")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"].label = "Open until"
        self.fields["until"].help_text = "It closes by itself at the end of that day. You can close it before."
