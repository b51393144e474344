"""What sign-up asks beside e-mail and password."""

from django import forms
from django.http import HttpRequest

from raci.web.fields import LineField

from .models import User


class SignUpForm(forms.Form):
    name = LineField(
        max_length=100,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is made."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
