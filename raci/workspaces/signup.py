"""Sign-up: open by one setting, and each new person gets a workspace of their own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from raci.accounts.models import User

from .models import Access, Member, Workspace


def open_workspace(user: User, name: str) -> Workspace:
    """A new workspace owned by `user`."""
    workspace = Workspace.objects.create(name=name)
    Member.objects.create(workspace=workspace, user=user, access=Access.OWNER)
    return workspace


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with transaction.atomic():
            user.name = form.cleaned_data["name"]
            saved: User = super().save_user(request, user, form, commit)
            if commit:
                open_workspace(saved, f"{saved.name}’s workspace")
        return saved
