"""Telling people of a version: its letter as somebody edited it, and the mails that carry it, one an address.

Who is told stands in receipts; one for each version and address, so that nobody gets the same letter twice. Everything
here locks the workspace first, then the row of the letter, then the member; so does who wants no more letters (see
receipts.py), and nobody is told after that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404
from django.utils import timezone

from raci.grid.levels import Notation
from raci.grid.text import isolated, line, listed, prose
from raci.notices.blocks import Block, blocks
from raci.notices.models import Outbox
from raci.notices.names import PERSON, look_up, named, sign_of
from raci.notices.outbox import Addressed, put_again, put_all, write
from raci.notices.outbox import Letter as Mailed
from raci.web.refusals import Conflict, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock, still
from raci.workspaces.models import Access, Member

from .letters import parts_for, subject_of, text_of
from .models import Letter, Publication, Receipt, Unsubscribed, Version
from .personal import BATCH, give_links, in_batches, personal_links
from .recipients import Audience, Chosen, Recipient, audience, read_list
from .signers import names_of, place_to_sign, to_sign

LETTER_LIMIT = 30_000  # characters: each mail that waits holds them twice
STOP = "letter_stop"
RULE = "———"  # before the part of a role
MOVED_ON = (
    "Since you looked, the letter or those who would get it have changed. Nothing was sent; look again, then send."
)

Roles = tuple[int, ...]
Variant = tuple[Roles, Roles]  # the roles whose part a mail has, and those its reader is asked to sign for


@dataclass(frozen=True, slots=True)
class Said:
    """A letter as it would go out. `seal` names its latest edit, "" while nobody has edited it."""

    subject: str
    text: str
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """What those who fill a role are told besides, below the name of the role."""

    name: str
    text: str

    @property
    def blocks(self) -> tuple[Block, ...]:
        return blocks(self.text)


def letter_of(version: Version) -> Letter | None:
    """What is kept of its letter, as it is now; None where nobody has edited it, nor told anybody, and no review led to
    it."""
    return Letter.objects.filter(version=version).first()


def said(version: Version, row: Letter | None, notation: Notation = Notation.LEAD_SUPPORT) -> Said:
    """The letter as it stands: as somebody edited it, else as the two versions write it, with the minutes of the review
    that led to it. Signs stand in the text for the names of persons (see raci.notices.names and `read`)."""
    text = (row.text if row else "") or _unedited(version, row, notation)
    return Said((row.subject if row else "") or subject_of(version), text, seal_of(row))


def read(letter: Said) -> Said:
    """The letter with names in place of the signs, to be shown; one query, none without any."""
    return replace(letter, text=named(letter.text, look_up(letter.text)))


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
    kept = letter_of(version)
    unedited = _unedited(version, kept, notation)
    words = _signed(words, f"{unedited}\n{kept.text if kept else ''}")
    title, words = "" if title == subject_of(version) else title, "" if words == unedited else words
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
    pasted = read_list(chosen.pasted)
    wanted, letter = audience(version, chosen, pasted), said(version, letter_of(version), notation)
    mails = _mails(version, letter, by, {(each.roles, each.signs) for each in wanted.to}, notation)
    with transaction.atomic():
        row, by = locked(version, by)
        now = audience(version, chosen, pasted)
        if not now.to and now.told:
            return 0
        if not now.to:
            raise Refused("Nobody is left to send it to. Choose somebody else.")
        if {sending_seal(letter.seal, wanted), sending_seal(seal_of(row), now)} != {seen}:
            raise Conflict(MOVED_ON)
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
    signs = to_sign(version)
    variants = {each.pk: (tuple(each.roles), signs.get(each.user_id or 0, ())) for each in failed}
    mails = _mails(version, letter, by, variants.values(), notation)
    with transaction.atomic():
        row, by = locked(version, by)
        if seal_of(row) != letter.seal:
            raise Conflict("Somebody saved another text a moment before. Nothing was sent; look again, then send.")
        now = set(may_go_again(version).values_list("pk", flat=True))
        failed = [each for each in failed if each.pk in now]
        give_links(failed, "link", by)
        return _put_again(failed, variants, mails)


@transaction.atomic
def told_another_way(*, version: Version, by: Member) -> Letter:
    """People heard of it elsewhere, in a meeting or a chat. Said again, nothing changes."""
    row, _ = locked(version, by)
    _note_told(row)
    return row


def own_parts(version: Version, roles: Iterable[int], notation: Notation = Notation.LEAD_SUPPORT) -> dict[int, Own]:
    """What each of these roles is told besides, by their ids; without those of which there is nothing to tell."""
    found = dict[int, Own]()
    for role, text in parts_for(version, version.before, tuple(roles), notation).items():
        if text:
            name, _, rest = text.partition("\n\n")
            found[role] = Own(name, rest)
    return found


def may_go_again(version: Version) -> QuerySet[Receipt]:
    """The receipts whose mail failed, but of those who want none any more or are members no more."""
    return Receipt.objects.filter(can_go_again(version), version=version)


def can_go_again(version: Version) -> Q:
    """The same, as what a receipt of this version has to be."""
    workspace = version.matrix.workspace_id
    members = Member.objects.filter(workspace=workspace, user=OuterRef("user"))
    stopped = Unsubscribed.objects.filter(workspace=workspace, address=OuterRef("address"))
    return Q(~Exists(stopped), mail__failed_at__isnull=False) & (Q(user=None) | Q(Exists(members)))


def why_not(version: Version, latest: int, *, is_archived: bool) -> str:
    """Why nobody can be told of this version any more, in a sentence; "" where they can. `latest` is the number of the
    one in force."""
    if is_archived:
        return "This matrix is archived. Bring it back to tell people of it."
    if latest != version.number:
        return f"Version {latest} is published by now, so its letter is the one to send."
    return ""


def locked(version: Version, by: Member) -> tuple[Letter, Member]:
    """The row of its letter, and the member as they are now; refused where nobody can be told of it any more, a 404
    where it is no version of theirs."""
    if not Version.objects.filter(pk=version.pk, matrix__workspace=by.workspace_id).exists():
        raise Http404
    lock(by.workspace_id)
    Letter.objects.get_or_create(version=version)
    row = Letter.objects.select_for_update(no_key=True).get(version=version)
    by = still(by, Access.EDITOR)
    rows = Publication.objects.filter(matrix=version.matrix_id)
    latest, is_archived = rows.values_list("latest__number", "matrix__is_archived").get()
    if sentence := why_not(version, latest, is_archived=is_archived):
        raise Refused(sentence, "conflict", 409)
    return row, by


def _unedited(version: Version, row: Letter | None, notation: Notation) -> str:
    return text_of(version, version.before, notation, minutes=row.minutes if row else "")


def _signed(text: str, known: str) -> str:
    """The text with signs in place of names, line by line: in each that is one of `known` as a reader has it. What
    somebody wrote themselves stays as they did."""
    names = look_up(known)
    signs = {normalize("NFC", named(line, names)): line for line in known.split("\n") if PERSON in line}
    return "\n".join(signs.get(line, line) for line in text.split("\n"))


def _mails(
    version: Version, letter: Said, by: Member, variants: Iterable[Variant], notation: Notation
) -> dict[Variant, Mailed]:
    """What each variant of the mail says; made before anything is locked."""
    wanted = set(variants)
    own = own_parts(version, {role for roles, _ in wanted for role in roles}, notation)
    text = "\n".join("—" if line in ("--", RULE) else line for line in letter.text.splitlines())  # no part begins there
    context = {
        "subject": letter.subject,
        "text": text,
        "blocks": blocks(text),
        "version": version,
        "sender": sign_of(by.user),
        "workspace": by.workspace,
        "place": f"{settings.SITE_URL}{place_to_sign(version)}",
        "rule": RULE,
    }

    def written(roles: Roles, signs: Roles) -> Mailed:
        names = names_of(version, signs)
        asked = {
            "answers": listed([*map(isolated, names)]) if names else "",
            "rows": "its rows" if len(names) == 1 else "their rows",
        }
        return write("letter", {**context, **asked, "parts": [own[role] for role in roles if role in own]})

    return {variant: written(*variant) for variant in wanted}


def _put(version: Version, to: Sequence[Recipient], mails: Mapping[Variant, Mailed], by: Member) -> None:
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
        Addressed(mails[each.roles, each.signs], each.address, link, STOP, f"letter:{receipt.pk}", each.user)
        for each, link, receipt in zip(to, links, receipts, strict=True)
    )
    key = Concat(Value("letter:"), Cast(OuterRef("pk"), CharField()))
    mail = Outbox.objects.filter(key=key).values("pk")[:1]
    first = receipts[0].pk
    Receipt.objects.filter(version=version, mail=None, pk__gte=first).update(mail=Subquery(mail))


def _put_again(failed: Iterable[Receipt], variants: Mapping[int, Variant], mails: Mapping[Variant, Mailed]) -> int:
    """Each mail as it reads now, with the link that its receipt has now; how many that are."""
    link = Subquery(Receipt.objects.filter(mail=OuterRef("pk")).values("link")[:1])
    alike: dict[Variant, list[int]] = {}
    for each in failed:
        alike.setdefault(variants[each.pk], []).append(each.mail_id or 0)
    return sum(
        put_again(Outbox.objects.filter(pk__in=some), mails[variant], link)
        for variant, pks in alike.items()
        for some in in_batches(pks)
    )


def _note_told(row: Letter) -> None:
    if row.told_at is None:
        row.told_at = timezone.now()
        row.save(update_fields=["told_at"])
