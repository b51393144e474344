"""What is published in a world of walk.py: two versions, a letter and who was told, signatures, links of each kind.

A text that only members see has “inner” in it, a name of a person that visitors see only where it is granted “filler”,
“named” or “user”; so the walks see what shines through.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from raci.grid.levels import Level
from raci.matrices import operations
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.notices.models import Outbox
from raci.publishing import upkeep_checks, upkeeping, versions
from raci.publishing.models import Letter, Posting, Receipt, SharedPage, Unsubscribed, Version, Webhook
from raci.publishing.recipients import Chosen, audience
from raci.publishing.signing import sign_version
from raci.publishing.telling import seal_of, sending_seal
from raci.publishing.webhooks import SALT
from raci.web.sealed import seal
from raci.workspaces.links import NO_END, make_link, revoke
from raci.workspaces.models import Link, Member

Ids = dict[str, Any]
Text = Callable[[str], str]
Members = dict[str, Member]


def publish_twice(matrix: Matrix, members: Members, ids: Ids, text: Text) -> tuple[Version, Version]:
    """Another note, and another level, each time; the owner signs the second."""
    first = _publish(matrix, members["owner"], text("note of a version"))
    seen, sender = _row(matrix).revision, Sender(members["owner"])
    cell = {"activity": ids["activity4"], "role": ids["role4"], "level": Level.CONTRIBUTE}
    operations.set_level(matrix=matrix.pk, sender=sender, **cell, seen=seen)
    operations.set_level(matrix=matrix.pk, sender=sender, **{**cell, "level": Level.INFORMED}, seen=seen + 1)
    second = _publish(matrix, members["editor"], text("note of another version"))
    sign_version(matrix=matrix.pk, role=ids["role2"], digest=second.digest, by=members["owner"])
    return first, second


def around(matrix: Matrix, members: Members, made: tuple[Version, Version], text: Text, domain: str) -> Ids:
    """The ids of what surrounds the second version."""
    first, second = made
    upkeeping.declare_changed(matrix=matrix.pk, why=text("inner change of strategy"), by=members["owner"])
    row = _row(matrix)
    event = upkeep_checks.events_of(row, read_grid(row))[0]
    return {
        "version": second.number,
        "earlier": first.number,
        "version_key": f"version-{first.pk}",
        "digest": second.digest,
        "event": event.key,
        **_letter(second, members, text, domain),
        **_pages(matrix, members["editor"], first, text),
        **_calendar(members),
        "webhook": _webhook(matrix, members["editor"], first, text),
    }


def _publish(matrix: Matrix, by: Member, note: str) -> Version:
    row = _row(matrix)
    found = versions.obstacles(row, read_grid(row))
    assert not found.blocking, found.blocking
    known = {finding.key: "Known." for finding in found.nameable}
    return versions.publish(matrix=row, sender=Sender(by), seen=row.revision, note=note, known=known)


def _row(matrix: Matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


def _letter(version: Version, members: Members, text: Text, domain: str) -> Ids:
    """Every member was told, and two others: one reads by a live link, the mail to the other failed."""
    by, now = members["editor"], timezone.now()
    words = {"subject": text("subject")[:200], "text": text("letter"), "edited_by": by.user, "edited_at": now}
    letter = Letter.objects.create(version=version, told_at=now, **words)
    for member in members.values():
        _told(version, by, member.user.email, member)
    receipt, token = _told(version, by, f"{_dotted(text('inner reader'))}@{domain}")
    lost, _ = _told(version, by, f"{_dotted(text('inner lost'))}@{domain}")
    failed = {"failed_at": now, "error": "No such mailbox.", "key": f"letter:{lost.pk}"}
    mail = Outbox.objects.create(
        to=lost.address, subject="", text="", html="", workspace=by.workspace, link=lost.link, **failed
    )
    Receipt.objects.filter(pk=lost.pk).update(mail=mail)
    gone = f"{_dotted(text('inner unsubscribed'))}@{domain}"
    Unsubscribed.objects.create(workspace=by.workspace, address=gone.lower()[:254])
    to = audience(version, Chosen(pasted="nina@example.org"))
    return {
        "receipt": receipt.pk,
        "letter_token": token,
        "letter_seen": seal_of(letter),
        "sending_seen": sending_seal(seal_of(letter), to),
    }


def _told(version: Version, by: Member, address: str, member: Member | None = None) -> tuple[Receipt, str]:
    until = timezone.now() + timedelta(days=400)
    link, token = make_link(purpose=Link.Purpose.LETTER, workspace=by.workspace, by=by.user, until=until)
    told = {"version": version, "address": address.lower()[:254], "user": member.user if member else None, "link": link}
    return Receipt.objects.create(**told, told_at=timezone.now() - timedelta(days=31)), token  # its mail is forgotten


def _pages(matrix: Matrix, by: Member, first: Version, text: Text) -> Ids:
    """One of each kind that works, one that says who is who, one that was revoked, and one that has ended."""
    page, token = _page(matrix, by, text("inner page"))
    named, named_token = _page(matrix, by, text("inner page with people"), version=first, shows_people=True)
    origins = ["https://wiki.example"]
    _, embed_token = _page(matrix, by, text("inner embed"), kind=SharedPage.Kind.EMBED, origins=origins)
    _, feed_token = _page(matrix, by, text("inner feed"), kind=SharedPage.Kind.FEED)
    revoked, revoked_token = _page(matrix, by, text("inner revoked page"))
    revoke(revoked.link)
    ended, ended_token = _page(matrix, by, text("inner ended page"))
    Link.objects.filter(pk=ended.link_id).update(expires_at=timezone.now() - timedelta(seconds=1))
    return {
        "page": page.pk,
        "page_token": token,
        "named_page": named.pk,
        "named_token": named_token,
        "embed_token": embed_token,
        "feed_token": feed_token,
        "revoked_token": revoked_token,
        "ended_token": ended_token,
    }


def _page(matrix: Matrix, by: Member, name: str, **more: Any) -> tuple[SharedPage, str]:
    link, token = make_link(purpose=Link.Purpose.SHARED, workspace=by.workspace, by=by.user, until=NO_END)
    return SharedPage.objects.create(matrix=matrix, link=link, name=name[:200], **more), token


def _calendar(members: Members) -> Ids:
    """The owner and the editor each have one."""
    tokens = {}
    for who in ("owner", "editor"):
        made = {"workspace": members[who].workspace, "by": members[who].user, "until": NO_END}
        tokens[who] = make_link(purpose=Link.Purpose.CALENDAR, **made)
    return {"calendar_token": tokens["editor"][1]}


def _webhook(matrix: Matrix, by: Member, version: Version, text: Text) -> int:
    """One that was told of the first version."""
    address = seal("https://chat.example/hook", salt=SALT)
    hook = Webhook.objects.create(matrix=matrix, host="chat.example", address=address, by=by.user)
    Posting.objects.create(webhook=hook, version=version, text=text("inner posting"), sent_at=timezone.now())
    return hook.pk


def _dotted(text: str) -> str:
    return text.replace(" ", ".")
