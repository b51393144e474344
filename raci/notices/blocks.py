"""The text of a mail as blocks, from which its HTML part is made: paragraphs, lists and addresses of ours."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from .addresses import STOP_ADDRESS, TOKEN_ADDRESS

_BULLET = "- "
SIGNATURE = "\x17"  # stands for the line before the signature, "--" once it is sent; nobody can type it


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is "text", "list", "address" or "key", the address a mail is there for; the last two are one line."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str, *, is_wrapped: bool = False) -> tuple[Block, ...]:
    """What stands between empty lines, up to the signature. Only an address of this Remit becomes one to open: what
    people typed stays text. Where a text `is_wrapped`, its lines end where there was no more room, and mean nothing."""
    return tuple(_block(part, is_wrapped=is_wrapped) for part in _parts(text))


def _parts(text: str) -> Iterator[list[str]]:
    part: list[str] = []
    for line in text.splitlines():
        if line == SIGNATURE:
            break
        if line.strip():
            part.append(line.rstrip())
        elif part:
            yield part
            part = []
    if part:
        yield part


def _block(lines: list[str], *, is_wrapped: bool) -> Block:
    if lines == [TOKEN_ADDRESS]:
        return Block("key", (TOKEN_ADDRESS,))
    if lines == [STOP_ADDRESS] or (len(lines) == 1 and lines[0].startswith(f"{settings.SITE_URL}/")):
        return Block("address", tuple(lines))
    if all(line.startswith(_BULLET) for line in lines):
        return Block("list", tuple(line.removeprefix(_BULLET) for line in lines))
    said = [line.strip() for line in lines]
    return Block("text", (" ".join(said),) if is_wrapped else tuple(said))
