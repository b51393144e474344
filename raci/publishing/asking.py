"""Asking those who answer for a role, and have not signed for it, to sign.

A notice is kept for 30 days after it was mailed (see raci.notices.notices), so nobody is asked twice within a month.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from raci.grid.text import isolated, listed
from raci.notices.models import Notice
from raci.notices.notices import notify
from raci.workspaces.models import Mail, Member

from .models import Version
from .signers import names_of, place_to_sign, to_sign
from .telling import locked


@transaction.atomic
def ask_to_sign(*, version: Version, by: Member) -> int:
    """A notice for each member who could sign the version and has not, once; how many that are."""
    _, by = locked(version, by)
    wanted = to_sign(version)
    members = list(to_ask(version, wanted))
    for member in members:
        names = [isolated(name) for name in names_of(version, wanted[member.user_id])]
        rows = "its rows are" if len(names) == 1 else "their rows are"
        headline = f"You answer for {listed(names)}, and {rows} not signed yet."
        text = f"{headline}\n\nLook at them in version {version.number} of “{version.name}”, then sign."
        notify(member, text=text, url=place_to_sign(version), key=_key(version))
    return len(members)


def to_ask(version: Version, users: Collection[int]) -> QuerySet[Member]:
    """The members a notice would go to, of those who hold these accounts."""
    asked = Notice.objects.filter(key=_key(version)).values("member")
    members = Member.objects.filter(workspace=version.matrix.workspace_id, user__in=list(users))
    return members.filter(user__is_active=True).exclude(mail=Mail.NEVER).exclude(pk__in=asked).order_by("pk")


def _key(version: Version) -> str:
    return f"sign:{version.pk}"
