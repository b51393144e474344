"""What sign-up asks beside e-mail and password, and what a person says about themselves later."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest

from raci.web.fields import PlainLineField

from .models import Theme, User
from .zones import choices

NAME_LIMIT = 100
NO_NAME = {"required": "Write your name."}


class SignUpForm(forms.Form):
    name = PlainLineField(
        max_length=NAME_LIMIT,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=NO_NAME,
    )

    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is made."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class AccountForm(forms.Form):
    """Name, time zone and theme; an empty time zone is that of the server, an empty theme that of the system."""

    name = PlainLineField(
        max_length=NAME_LIMIT,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=NO_NAME,
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        error_messages={"invalid_choice": "There is no such time zone here. Choose one of the list."},
    )
    theme = forms.ChoiceField(
        label="Theme",
        required=False,
        choices=Theme.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the three themes."},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zones = [("", f"As the server ({settings.TIME_ZONE})"), *choices()]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]


class LeavingForm(forms.Form):
    """The person's own address, as proof that the account is meant: for those who have no password to give."""

    email = forms.CharField(
        label="Your e-mail address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type your address to confirm."},
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        if typed.strip().casefold() != self.user.email.casefold():
            raise forms.ValidationError(f"That is not your address. Type “{self.user.email}”.", code="email")
        return typed
