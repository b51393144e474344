"""The second factor: how allauth keeps its secrets here, and the forms of ours in place of its own.

allauth puts secrets of authenticator apps and of recovery codes into the database as they are. Here they are sealed, so
that a backup alone opens no account.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from raci.web.fields import LineField
from raci.web.sealed import Unreadable, seal, unseal

from .models import User

SALT = "raci.accounts.second_factor"
NAME_LIMIT = 60

WRONG_CODE = "That did not work. Type the code your app shows now, or a recovery code you have not used."
NO_ANSWER = "Your device gave no answer. Reload the page and try again."
logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not work. Try again with the code that is shown now.",
        "unverified_email": "Confirm your address first: open the link we sent you.",
        "cannot_generate_recovery_codes": "Recovery codes need an authenticator app or a passkey. Set one up first.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text, salt=SALT)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret, or one that nothing fits where SECRET_KEY is another than it was encrypted with."""
        try:
            return unseal(encrypted_text, salt=SALT)
        except Unreadable:
            logger.error("A second factor can't be read: SECRET_KEY is not the one it was set up with.")
            return str(generate_totp_secret())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Remit"}

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """What a passkey is called unless its owner says otherwise."""
        count = user.authenticator_set.filter(type=type).count()  # type: ignore[attr-defined]
        return "Passkey" if not count else f"Passkey {count + 1}"


class CredentialField(forms.JSONField):
    """What a device answers. Anything else is refused here; allauth would stumble over some of it."""

    def __init__(self, kind: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__(widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), NO_ANSWER))
        self.kind = kind

    def clean(self, value: Any) -> Any:
        credential = super().clean(value)
        try:
            self.kind.from_dict(credential)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(NO_ANSWER, code="credential") from error
        return credential


class SignInForm(LoginWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class SecondStepForm(AuthenticateWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class AgainForm(ReauthenticateWebAuthnForm):
    credential = CredentialField(AuthenticationResponse)


class SecondCodeForm(AuthenticateForm):
    def clean_code(self) -> str:
        with _either_code_explained():
            code: str = super().clean_code()
        return code


class CodeAgainForm(ReauthenticateForm):
    def clean_code(self) -> str:
        with _either_code_explained():
            code: str = super().clean_code()
        return code


class PasskeyForm(AddWebAuthnForm):
    """A passkey that signs in by itself: the device always asks for a finger, a face or its PIN."""

    name = LineField(max_length=NAME_LIMIT, label="Name", help_text="So that you know it again, such as “My phone”.")
    passwordless = forms.CharField(widget=forms.HiddenInput, initial="yes")
    credential = CredentialField(RegistrationResponse)
    field_order = ("name", "passwordless", "credential")


class PasskeyNameForm(EditWebAuthnForm):
    name = LineField(max_length=NAME_LIMIT, label="Name")


@contextmanager
def _either_code_explained() -> Iterator[None]:
    """Where an app's code is asked for, or a recovery code, a wrong one may be either."""
    try:
        yield
    except forms.ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise forms.ValidationError(WRONG_CODE, code=error.code) from error
