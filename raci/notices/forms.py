"""The form that asks for a new password."""

from types import SimpleNamespace
from typing import Any

from allauth.account.forms import ResetPasswordForm as LibraryForm
from django.http import HttpRequest

from raci.accounts.sign_in import call_address


class ResetPasswordForm(LibraryForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        call_address(self.fields["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Makes no token: that is done when the mail is sent, so that a known address takes no longer than another."""
        none_yet = SimpleNamespace(make_token=lambda _: "later")
        email: str = super().save(request, token_generator=none_yet, **kwargs)
        return email
