"""The form of sign-up, for whoever comes with an invitation filled in as far as that says."""

from typing import Any

from allauth.account.forms import SignupForm
from allauth.core import context

from raci.accounts.sign_in import call_address

from .signup import invitation_of


class SignUpForm(SignupForm):
    """`invitation` is the open one the visitor came with, or None."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        call_address(self.fields["email"])
        self.invitation = invitation_of(context.request)
        if self.invitation is not None and self.invitation.email:
            self.initial["email"] = self.invitation.email
