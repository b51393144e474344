"""Sign-up: open by one setting or by an invitation; who comes without one gets a workspace of their own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from raci.accounts.models import User

from .invitations import is_for, opened_by
from .models import Access, Invitation, Member, Workspace

INVITED = "invited"  # the cookie with the token of an invitation, for the page of sign-up alone
FIRST_NAME = "My workspace"  # not the person's: it stays where others see it, and theirs goes with their account
_JOINING = "joining"  # in the session of whoever signs up by an invitation, until they are in


def open_workspace(user: User, name: str) -> Workspace:
    """A new workspace owned by `user`."""
    workspace = Workspace.objects.create(name=name)
    Member.objects.create(workspace=workspace, user=user, access=Access.OWNER)
    return workspace


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The open invitation that a visitor at sign-up came with."""
    return opened_by(request.COOKIES.get(INVITED, ""))


def check_address(request: HttpRequest, email: str) -> None:
    """Where sign-up is closed, an invitation opens it for its own address alone."""
    invitation = None if settings.SIGN_UP_OPEN else invitation_of(request)
    if invitation is not None and not is_for(invitation, email):
        raise ValidationError("Your invitation is for another address. Use that one.", code="invitation")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and this password do not go together. Try again.",
        "email_taken": "There is an account with this e-mail address already. Sign in instead.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN) or invitation_of(request) is not None

    def clean_email(self, email: str) -> str:
        cleaned: str = super().clean_email(email)
        if self.request is not None:
            check_address(self.request, cleaned)
        return cleaned

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with transaction.atomic():
            user.name = form.cleaned_data["name"]
            saved: User = super().save_user(request, user, form, commit)
            if commit:
                self._begin(request, saved)
        return saved

    def post_login(
        self, request: HttpRequest, user: User, *, signup: bool, redirect_url: str | None, **options: Any
    ) -> HttpResponse:
        """Whoever signed up by an invitation goes to its page, wherever they were going: they are in no workspace."""
        if signup and (invitation := request.session.pop(_JOINING, None)):
            redirect_url = reverse("invitation", args=[invitation])
        answer: HttpResponse = super().post_login(request, user, signup=signup, redirect_url=redirect_url, **options)
        return answer

    def _begin(self, request: HttpRequest, user: User) -> None:
        """Whoever is invited joins what they are invited to, on its own page; the others begin a workspace.

        The token of an invitation with an address was told to that mailbox alone, so it proves the address.
        """
        invitation = invitation_of(request)
        if invitation is None or not is_for(invitation, user.email):
            open_workspace(user, FIRST_NAME)
            return
        request.session[_JOINING] = invitation.pk
        if invitation.email:
            self.stash_verified_email(request, user.email)
