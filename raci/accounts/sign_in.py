"""The form of sign-in, and what an address is called in all forms of the library."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms

ADDRESS = "E-mail address"


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        call_address(self.fields["login"])


def call_address(field: forms.Field) -> None:
    """Its label; nothing stands in the empty field."""
    field.label = ADDRESS
    field.widget.attrs.pop("placeholder", None)
