"""What mail knows of an account that is deleted."""

import re

from django.db.models import Q

from raci.accounts.models import User

from .models import Notice, Outbox

NAMELESS = "Somebody"


def forget(user: User) -> None:
    """Mails to them go, those that wait and what is left of those that went. What tells others of them tells it
    without their name."""
    Outbox.objects.filter(Q(user=user) | Q(to__iexact=user.email)).delete()
    theirs = user.memberships.values("workspace")
    for notice in Notice.objects.filter(member__workspace__in=theirs):
        _scrub(notice, user, "text")
    for mail in Outbox.objects.filter(workspace__in=theirs):
        _scrub(mail, user, "subject", "text", "html")


def _scrub(row: Notice | Outbox, user: User, *fields: str) -> None:
    """Their name and address, as whole words, in these texts."""
    known = "|".join(re.escape(word) for word in (user.name, user.email) if word)
    changed = []
    for field in fields:
        text = getattr(row, field)
        nameless = re.sub(rf"(?<!\w)(?:{known})(?!\w)", NAMELESS, text)
        if nameless != text:
            setattr(row, field, nameless)
            changed.append(field)
    if changed:
        row.save(update_fields=changed)
