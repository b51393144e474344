"""Telling people of a version: its letter as somebody edited it, and the mails that carry it, one an address.

Who is told stands in receipts; one for each version and address, so that nobody gets the same letter twice. Everything
here locks the row of the letter first, then the member.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from raci.grid.levels import Notation
from raci.grid.text import line, prose
from raci.notices.models import Outbox
from raci.notices.names import sign_of
from raci.notices.outbox import Addressed, put_again, put_all, write
from raci.notices.outbox import Letter as Mailed
from raci.web.refusals import Conflict, Refused, TooMany
from raci.workspaces import audit
from raci.workspaces.access import still
from raci.workspaces.links import digest, new_token, open_links
from raci.workspaces.models import Access, Link, Member, Workspace

from .letters import part_for, subject_of, text_of
from .models import Letter, Publication, Receipt, Unsubscribed, Version
from .recipients import Audience, Chosen, Recipient, audience

LIFETIME = timedelta(days=400)  # of a personal link: until the version after the next review is read
MOST_A_DAY = 10_000  # letters of one workspace
LETTER_LIMIT = 100_000  # characters
BATCH = 500
STOP = "letter_stop"
MOVED_ON = (
    "Since you looked, the letter or those who would get it have changed. Nothing was sent; look again, then send."
)

Roles = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A letter as it would go out. `seal` names its latest edit, "" while nobody has edited it."""

    subject: str
    text: str
    seal: str = ""


def version_before(version: Version) -> Version | None:
    """The one that people had until then; None, and no query, for the first."""
    if version.number == 1:
        return None
    rows = Version.objects.filter(matrix=version.matrix_id, number__lt=version.number).defer("grid")
    return rows.order_by("-number").first()


def letter_of(version: Version) -> Letter | None:
    """What is kept of its letter, as it is now; None where nobody has edited it, nor told anybody."""
    return Letter.objects.filter(version=version).first()


def said(version: Version, row: Letter | None, notation: Notation = Notation.LEAD_SUPPORT) -> Said:
    """The letter as it stands: as somebody edited it, else as the two versions write it."""
    text = (row.text if row else "") or text_of(version, version_before(version), notation)
    return Said((row.subject if row else "") or subject_of(version), text, seal_of(row))


def seal_of(row: Letter | None) -> str:
    return row.edited_at.isoformat() if row and row.edited_at else ""


class Overtaken(Conflict):
    """Somebody else saved a letter while the sender wrote."""

    def __init__(self) -> None:
        super().__init__("Somebody else saved another text while you wrote. Yours is below, and not saved yet.")


@transaction.atomic
def edit(
    *, version: Version, by: Member, subject: str, text: str, seen: str, notation: Notation = Notation.LEAD_SUPPORT
) -> Letter:
    """The letter in somebody's own words; "" lets it be written from the versions again. `seen` is the seal of what
    the sender looked at: Overtaken where somebody else saved meanwhile."""
    try:
        title = line(subject, what="subject") if subject.strip() else ""
        words = prose(text, limit=LETTER_LIMIT)
    except ValueError as error:
        raise Refused(str(error)) from error
    unedited = said(version, None, notation)
    title, words = "" if title == unedited.subject else title, "" if words == unedited.text else words
    row, by = locked(version, by)
    if (row.subject, row.text) == (title, words):
        return row
    if seen != seal_of(row):
        raise Overtaken
    row.subject, row.text, row.edited_by, row.edited_at = title, words, by.user, timezone.now()
    row.save(update_fields=["subject", "text", "edited_by", "edited_at"])
    return row


def send(*, version: Version, by: Member, chosen: Chosen, seen: str, notation: Notation = Notation.LEAD_SUPPORT) -> int:
    """Puts a mail for everyone chosen who was not told yet, and says for how many. `seen` is what the sender looked at
    (`sending_seal`): 409 where it is another by now. Sent a second time, it puts none."""
    wanted, letter = audience(version, chosen), said(version, letter_of(version), notation)
    mails = _mails(version, letter, by, {each.roles for each in wanted.to}, notation)
    with transaction.atomic():
        row, by = locked(version, by)
        now = audience(version, chosen)
        if not now.to and now.told:
            return 0
        if not now.to:
            raise Refused("Nobody is left to send it to. Choose somebody else.")
        if {sending_seal(letter.seal, wanted), sending_seal(seal_of(row), now)} != {seen}:
            raise Conflict(MOVED_ON)
        _refuse_floods(by.workspace, len(now.to))
        _put(version, now.to, mails, by)
        _note_told(row)
        people, number = len(now.to), version.number
        audit.record(by.workspace, "letter.sent", by=by.user, matrix=version.name, version=number, people=people)
    return len(now.to)


def sending_seal(letter: str, to: Audience) -> str:
    """Names a letter, by its own seal, and all who would get it."""
    return f"{letter} {to.seal}".strip()


def retry(*, version: Version, by: Member, notation: Notation = Notation.LEAD_SUPPORT) -> int:
    """Sends what failed once more, each mail in its own place; how many that are."""
    letter, failed = said(version, letter_of(version), notation), list(may_go_again(version))
    mails = _mails(version, letter, by, {tuple(each.roles) for each in failed}, notation)
    with transaction.atomic():
        row, by = locked(version, by)
        if seal_of(row) != letter.seal:
            raise Conflict("Somebody saved another text a moment before. Nothing was sent; look again, then send.")
        links = _live_links(failed, by)
        return sum(put_again(each.mail_id or 0, mails[tuple(each.roles)], links[each.pk]) for each in failed)


@transaction.atomic
def told_another_way(*, version: Version, by: Member) -> Letter:
    """People heard of it elsewhere, in a meeting or a chat. Said again, nothing changes."""
    row, _ = locked(version, by)
    _note_told(row)
    return row


def may_go_again(version: Version) -> QuerySet[Receipt]:
    """The receipts whose mail failed, but of those who want none any more or are members no more."""
    workspace = version.matrix.workspace_id
    members = Member.objects.filter(workspace=workspace, user=OuterRef("user"))
    stopped = Unsubscribed.objects.filter(workspace=workspace, address=OuterRef("address"))
    failed = Receipt.objects.filter(~Exists(stopped), version=version, mail__failed_at__isnull=False)
    return failed.filter(Q(user=None) | Exists(members))


def why_not(version: Version, latest: int, *, is_archived: bool) -> str:
    """Why nobody can be told of this version any more, in a sentence; "" where they can. `latest` is the number of the
    one in force."""
    if is_archived:
        return "This matrix is archived. Bring it back to tell people of it."
    if latest != version.number:
        return f"Version {latest} is published by now, so its letter is the one to send."
    return ""


def personal_links(number: int, by: Member) -> list[Link]:
    """New links of letters, one a person. Their tokens are made when the mails go, so these lead nowhere."""
    until = timezone.now() + LIFETIME
    return Link.objects.bulk_create(
        [
            Link(
                purpose=Link.Purpose.LETTER,
                user=by.user,
                workspace_id=by.workspace_id,
                digest=digest(new_token()),
                expires_at=until,
            )
            for _ in range(number)
        ],
        batch_size=BATCH,
    )


def locked(version: Version, by: Member) -> tuple[Letter, Member]:
    """The row of its letter, and the member as they are now; refused where nobody can be told of it any more."""
    Letter.objects.get_or_create(version=version)
    row = Letter.objects.select_for_update(no_key=True).get(version=version)
    by = still(by, Access.EDITOR)
    rows = Publication.objects.filter(matrix=version.matrix_id)
    latest, is_archived = rows.values_list("latest__number", "matrix__is_archived").get()
    if sentence := why_not(version, latest, is_archived=is_archived):
        raise Refused(sentence, "conflict", 409)
    return row, by


def _mails(
    version: Version, letter: Said, by: Member, variants: Iterable[Roles], notation: Notation
) -> dict[Roles, Mailed]:
    """What each variant of the mail says, by the roles whose part it has; made before anything is locked."""
    before = version_before(version)
    text = "\n".join("—" if line == "--" else line for line in letter.text.splitlines())  # no signature begins there
    context = {"subject": letter.subject, "text": text, "sender": sign_of(by.user), "workspace": by.workspace}

    def written(roles: Roles) -> Mailed:
        parts = [part_for(version, before, role, notation) for role in roles]
        return write("letter", {**context, "parts": [part for part in parts if part]})

    return {roles: written(roles) for roles in variants}


def _put(version: Version, to: Sequence[Recipient], mails: Mapping[Roles, Mailed], by: Member) -> None:
    """A link, a receipt and a mail for each, in a few statements."""
    links = personal_links(len(to), by)
    receipts = Receipt.objects.bulk_create(
        [
            Receipt(version=version, address=each.address, user_id=each.user, roles=list(each.roles), link=link)
            for each, link in zip(to, links, strict=True)
        ],
        batch_size=BATCH,
    )
    put_all(
        Addressed(mails[each.roles], each.address, link, STOP, f"letter:{receipt.pk}", each.user)
        for each, link, receipt in zip(to, links, receipts, strict=True)
    )
    key = Concat(Value("letter:"), Cast(OuterRef("pk"), CharField()))
    mail = Outbox.objects.filter(key=key).values("pk")[:1]
    first = receipts[0].pk
    Receipt.objects.filter(version=version, mail=None, pk__gte=first).update(mail=Subquery(mail))


def _live_links(receipts: Sequence[Receipt], by: Member) -> dict[int, Link]:
    """Receipt id -> its link; a new one for those whose own is dead by now, because who sent the letter may not any
    more."""
    alive = {link.pk: link for link in open_links().filter(receipt__in=receipts)}
    dead = [each for each in receipts if each.link_id not in alive]
    for each, link in zip(dead, personal_links(len(dead), by), strict=True):
        each.link = link
        alive[link.pk] = link
    Receipt.objects.bulk_update(dead, ["link"], batch_size=BATCH)
    return {each.pk: alive[each.link_id] for each in receipts if each.link_id is not None}


def _note_told(row: Letter) -> None:
    if row.told_at is None:
        row.told_at = timezone.now()
        row.save(update_fields=["told_at"])


def _refuse_floods(workspace: Workspace, more: int) -> None:
    day = timezone.now() - timedelta(days=1)
    sent = Receipt.objects.filter(version__matrix__workspace=workspace, told_at__gt=day).count()
    if sent + more > MOST_A_DAY:
        raise TooMany(f"A workspace sends up to {MOST_A_DAY:,} letters a day. Send the rest tomorrow.")
