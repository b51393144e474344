"""What the workspaces know of an account that is deleted, beside the memberships that go with it."""

from raci.accounts.models import User

from .models import Link


def forget(user: User) -> None:
    """Invitations to their address go, the open ones and those they came by."""
    Link.objects.filter(invitation__email__iexact=user.email).delete()
