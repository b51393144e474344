"""Whom a letter goes to: lists of addresses as people paste them, and members, all of them or who fills which role.

An address is told of a version once, so everything here is by address, in the one form of `canonical`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from raci.accounts.models import User
from raci.matrices.models import Role
from raci.web.domains import is_ambiguous, wire_form
from raci.web.refusals import Refused
from raci.workspaces.models import Mail, Member

from .models import Receipt, Unsubscribed, Version
from .signers import to_sign
from .versions import grid_of

MOST = 5_000  # addresses in one list
TEXT_LIMIT = 600_000  # characters of such a list
LONGEST = 254  # characters of an address
LONGEST_DOMAIN = 253
SHOWN_LIMIT = 80  # of what is no address
IN_ASCII = " (write that domain in its xn-- form)"

_LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_NAMED = re.compile(r"(?P<quoted>\"[^\"<>]*\"\s*)?<(?P<address>[^<>]*)>")
_PIECES = re.compile(r"[,;|\t]+")
_BLANKS = re.compile(r"[\s,;|]+")
_AROUND = "<>()[]{}\"'“”‘’.,:;"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A list as it was read: `addresses` once each, in order; those that came `twice`; and what is no address."""

    addresses: tuple[str, ...]
    twice: tuple[str, ...]
    bad: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was chosen: `members` all of them, or who fills one of `roles`; and a pasted list, for everyone or about the
    one role `about`."""

    everybody: bool = False
    roles: frozenset[int] = frozenset()
    pasted: str = ""
    about: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """`roles` are those whose part it tells of, () for none; `user` is the account of a member, and `signs` the roles
    for which they are asked to sign."""

    address: str
    roles: tuple[int, ...] = ()
    user: int | None = None
    signs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """`to` would get the letter now. The others are addresses, in order: in the list more than once, no addresses,
    those who want no more letters, those who were told of this version, those to whom its letter could not be sent, and
    members who want no mail. `unfilled` are the chosen roles that no member fills."""

    to: tuple[Recipient, ...] = ()
    twice: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    unsubscribed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    unfilled: tuple[int, ...] = ()

    @property
    def seal(self) -> str:
        """The same for the same recipients: what somebody looked at before they sent it."""
        lines = sorted(f"{each.address} {sorted(each.roles)} {sorted(each.signs)}" for each in self.to)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_list(text: str) -> Pasted:
    """The addresses of a pasted list, whatever stands between and around them. Raises Refused for more than fit."""
    if len(text) > TEXT_LIMIT:
        raise Refused(f"That list has {len(text):,} characters; {TEXT_LIMIT:,} fit. Send it in parts.")
    times: dict[str, int] = {}
    bad: dict[str, None] = {}
    for number, written in enumerate(_entries(text), 1):
        if number > MOST:
            raise Refused(f"Up to {MOST:,} addresses go into one list, and this one has more. Send it in parts.")
        address = canonical(written)
        if address is None:
            hint = IN_ASCII if is_ambiguous(written.rpartition("@")[2]) else ""
            bad[_shown(written) + hint] = None
        else:
            times[address] = times.get(address, 0) + 1
    return Pasted(tuple(times), tuple(address for address, number in times.items() if number > 1), tuple(bad))


def canonical(written: str) -> str | None:
    """The one form of an address: in small letters, its domain as mail servers have it; None where it is none.

    Before the @ it has ASCII alone, for other letters only look like them, and no quotes, which mean the same as none.
    """
    name, _, domain = written.strip().rpartition("@")
    if len(name) > LONGEST or len(domain) > LONGEST_DOMAIN:
        return None
    if not name.isascii() or '"' in name or domain.startswith("[") or any(map(_is_hidden, written.strip())):
        return None
    try:
        address = f"{name.lower()}@{wire_form(domain)}"
        validate_email(address)
    except (UnicodeError, ValidationError):
        return None
    return address if len(address) <= LONGEST else None


def audience(version: Version, chosen: Chosen, pasted: Pasted | None = None) -> Audience:
    """Who of those chosen would get the letter about this version now, and who would not; six queries at most.
    `pasted` is their list where it was read before, which takes a while."""
    pasted = pasted or read_list(chosen.pasted)
    members = _Members(version)
    wanted: dict[str, Recipient] = {each.address: each for each in members.chosen(chosen)}
    twice = [*pasted.twice, *(address for address in pasted.addresses if address in wanted)]
    about = (chosen.about,) if chosen.about is not None else ()
    for address in pasted.addresses:
        own = wanted.get(address) or members.by_address.get(address) or Recipient(address)
        wanted[address] = Recipient(address, tuple(sorted({*own.roles, *about})), own.user, own.signs)
    told = dict(Receipt.objects.filter(version=version).order_by().values_list("address", "mail__failed_at"))
    failed = {address for address, failed_at in told.items() if failed_at is not None}
    stopped = set(Unsubscribed.objects.filter(workspace=version.matrix.workspace_id).values_list("address", flat=True))
    kinds = {"unsubscribed": stopped, "failed": failed, "told": told.keys(), "silent": members.silent}
    out: dict[str, list[str]] = {kind: [] for kind in kinds}
    to = []
    for address, each in wanted.items():
        why = next((kind for kind, addresses in kinds.items() if address in addresses), "")
        if why:
            out[why].append(address)
        else:
            to.append(each)
    return Audience(
        to=tuple(to),
        twice=tuple(dict.fromkeys(twice)),
        bad=pasted.bad,
        unfilled=tuple(sorted(chosen.roles - members.roles)),
        **{kind: tuple(addresses) for kind, addresses in out.items()},
    )


class _Members:
    """The members of the workspace, each with the roles they fill now of those that the version has; three queries."""

    def __init__(self, version: Version) -> None:
        self.by_address: dict[str, Recipient] = {}
        self.silent: set[str] = set()
        self.roles: set[int] = set()
        filled, signs = _filled(version), to_sign(version)
        rows = Member.objects.filter(workspace=version.matrix.workspace_id, user__is_active=True)
        for member in rows.select_related("user").order_by("pk"):
            address, user = address_of(member.user), member.user_id
            self.by_address[address] = each = Recipient(address, filled.get(user, ()), user, signs.get(user, ()))
            self.roles |= {*each.roles}
            if member.mail == Mail.NEVER:
                self.silent.add(address)

    def chosen(self, chosen: Chosen) -> Iterator[Recipient]:
        for each in self.by_address.values():
            if chosen.everybody or chosen.roles & set(each.roles):
                yield each


def filled(version: Version) -> list[tuple[int, ...]]:
    """The roles of the version that each member fills now, () for none; two queries."""
    members = Member.objects.filter(workspace=version.matrix.workspace_id, user__is_active=True)
    found = _filled(version)
    return [found.get(user, ()) for user in members.order_by().values_list("user_id", flat=True)]


def address_of(user: User) -> str:
    """The address of an account, in the form in which addresses are compared."""
    return canonical(user.email) or user.email.lower()


def _filled(version: Version) -> dict[int, tuple[int, ...]]:
    """User id -> the ids of those roles of the version that they fill now."""
    known, found = [role.id for role in grid_of(version).roles], dict[int, tuple[int, ...]]()
    rows = Role.objects.filter(matrix=version.matrix_id, pk__in=known).exclude(members=[]).order_by("pk")
    for role, users in rows.values_list("pk", "members"):
        for user in users:
            found[user] = (*found.get(user, ()), role)
    return found


def _entries(text: str) -> Iterator[str]:
    """What is an address, and what was meant to be one, in order."""
    for line in _LINES.split(text):
        end = 0
        for named in _NAMED.finditer(line):
            yield from _words(line[end : named.start()], named["address"])
            yield named["address"].strip().removeprefix("mailto:")
            end = named.end()
        has_address = end > 0 or "@" in line
        for piece in filter(str.strip, _PIECES.split(line[end:])):
            words = list(_words(piece))
            if words:
                yield from words
            elif not has_address or _looks_meant(piece):
                yield piece


def _words(piece: str, named: str = "") -> Iterator[str]:
    """The words with an @ in them, but the address `named` that follows them in brackets."""
    for word in _BLANKS.split(piece):
        bare = word.strip(_AROUND).removeprefix("mailto:")
        if "@" in bare and bare.lower() != named.strip().lower() and not (named and bare == "@"):
            yield bare


def _looks_meant(piece: str) -> bool:
    """Whether something without an @, beside addresses, is rather one that lacks it than a name."""
    bare = piece.strip().strip(_AROUND)
    return "." in bare and not any(character.isspace() for character in bare)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


def _shown(written: str) -> str:
    """What is no address, as one line to be read."""
    seen = " ".join("".join("�" if _is_hidden(c) and c != " " else c for c in written).split())
    return seen if len(seen) <= SHOWN_LIMIT else f"{seen[: SHOWN_LIMIT - 1]}…"
