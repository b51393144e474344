"""Who was told of the versions of the demonstration, who has read them, who signed, and when they are looked at again.

Nobody gets mail for it: what letters and signatures leave behind is written as if that had happened then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from raci.notices.addresses import view_of
from raci.notices.models import Outbox
from raci.publishing.models import Letter, Receipt, SignOff, Version
from raci.publishing.personal import personal_links
from raci.publishing.telling import STOP
from raci.publishing.upkeeping import set_interval
from raci.publishing.versions import grid_of
from raci.workspaces.models import Member

from .calendar import LATEST, evening
from .story import Story

NEXT_MORNING = timedelta(hours=15)


def tell_of(
    story: Story,
    entry: Mapping[str, Any],
    people: Mapping[str, Member],
    colleagues: Sequence[str],
    dice: Random,
) -> None:
    """Each version was told of. Of the latest, `entry` says to how many, how many of them have read it and who signed;
    `colleagues` are the addresses of people without an account."""
    versions = list(Version.objects.filter(matrix=story.matrix).order_by("number"))
    mornings = [evening(days) + NEXT_MORNING for days in story.published.values()]
    for version, at in zip(versions, mornings, strict=True):
        Letter.objects.update_or_create(version=version, defaults={"told_at": at})
    if not versions:
        return
    told = [*_members(versions[-1], people, mornings[-1]), *_others(versions[-1], colleagues, mornings[-1], dice)]
    told = told[: entry["told"]]
    _read(told, entry, {people[name].user_id for name in entry.get("signed", ())}, mornings[-1], dice)
    _mail(told, story.people[0], mornings[-1])
    _sign(versions[-1], entry.get("signed", ()), people, mornings[-1])
    if "months" in entry:
        set_interval(matrix=story.matrix.pk, months=entry["months"], by=story.people[0])


def addresses(names: Mapping[str, Sequence[str]], house: str) -> list[str]:
    """Every first name with every last one, none of them of anybody."""
    return [f"{first}.{last}@{house}".lower() for last in names["last"] for first in names["first"]]


def _members(version: Version, people: Mapping[str, Member], at: datetime) -> Iterator[Receipt]:
    """Each is told of the roles they fill."""
    rows = version.matrix.roles.values_list("pk", "members")
    for member in people.values():
        roles = [role for role, users in rows if member.user_id in users]
        yield Receipt(version=version, address=member.user.email, user=member.user, roles=roles, told_at=at)


def _others(version: Version, colleagues: Sequence[str], at: datetime, dice: Random) -> Iterator[Receipt]:
    """Each is told of one role, or of the whole."""
    roles = [role.id for role in grid_of(version).roles]
    for address in colleagues:
        about = dice.choice([*roles, None])
        yield Receipt(version=version, address=address, roles=[about] if about else [], told_at=at)


def _mail(told: Sequence[Receipt], by: Member, at: datetime) -> None:
    """Each has the link and the mail of a letter that went out."""
    links = personal_links(len(told), by)
    sent = {"workspace": by.workspace, "stop": STOP, "made_at": at, "due_at": at, "sent_at": at}
    mails = [
        Outbox(to=each.address, user_id=each.user_id, link=link, view=view_of(link), **sent)
        for each, link in zip(told, links, strict=True)
    ]
    for each, link, mail in zip(told, links, Outbox.objects.bulk_create(mails), strict=True):
        each.link, each.mail = link, mail
    Receipt.objects.bulk_create(told)


def _read(
    told: Sequence[Receipt], entry: Mapping[str, Any], signers: Collection[int], at: datetime, dice: Random
) -> None:
    """Who signed has read it first; then those without an account, one after the other."""
    in_order = list(reversed(told))
    in_order.sort(key=lambda receipt: receipt.user_id not in signers)
    for n, receipt in enumerate(in_order[: entry["read"]]):
        read_at = at + timedelta(minutes=dice.randint(5, 90) + 45 * n)
        receipt.read_at = min(read_at, timezone.now() - LATEST)


def _sign(version: Version, signers: Sequence[str], people: Mapping[str, Member], at: datetime) -> None:
    """They signed for the roles that they answer for, a day apart."""
    matrix = version.matrix
    for n, name in enumerate(signers):
        for role in matrix.roles.filter(answers=people[name].user_id):
            SignOff.objects.create(
                matrix=matrix,
                digest=version.digest,
                role=role.pk,
                name=role.name,
                by=people[name].user,
                at=at + timedelta(days=n, hours=7),
            )
