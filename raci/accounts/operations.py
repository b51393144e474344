"""What a person changes about their own account. Passwords, second factors and sign-in are allauth's."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from raci.web.refusals import Conflict, Gone

from .models import Theme, User


def lock_user(user: User) -> User:
    """The account, its row locked inside a transaction; Gone for one that was deleted. It is locked before all else."""
    row = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if row is None:
        raise Gone
    return row


@transaction.atomic
def change_account(*, by: User, name: str, time_zone: str, theme: Theme) -> User:
    """Another name, time zone and theme; "" are those of the server and of the system."""
    row = lock_user(by)
    row.name, row.time_zone, row.theme = name, time_zone, theme
    row.save(update_fields=["name", "time_zone", "theme"])
    return row


@transaction.atomic
def end_session(*, by: User, session: int, own: SessionBase) -> None:
    """Signs out one of their browsers, at once. `own` is the session they ask from, which is ended by signing out."""
    row = UserSession.objects.filter(user=by, pk=session).first()
    if row is None:
        raise Gone("That session has ended already. Reload the page to see what is left.")
    if row.session_key == own.session_key:
        raise Conflict("That is the session you are using. To end it, sign out.")
    row.end()


def end_all_sessions(user: User) -> None:
    """Signs out every browser of theirs, at once."""
    for session in UserSession.objects.filter(user=user):
        session.end()
