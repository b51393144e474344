"""What a name may be: one visible line, the same rule for every way text comes in; how counts, days and lists read."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

NAME_LIMIT = 200
TEXT_LIMIT = 4_000
SOMEBODY = "Somebody"  # whose account is deleted

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEB_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)
_JOINTS = re.compile(r"([.:])(?=\S)")
_SPACES = re.compile(r"\s+")
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e"}
_BREAKS = {"\u2028", "\u2029"}
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # signs that turn the text around them
_KEEPS_APART = "\u200c"
_JOINER = "\u200d"  # makes one sign of two emoji
_FLAG_LETTERS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are a flag
_EMOJI_PARTS = frozenset(map(chr, (*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080))))  # tones; regions
_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def line(text: str, *, limit: int = NAME_LIMIT, what: str = "name") -> str:
    """The text as a one-line name: trimmed, composed (NFC). Raises ValueError with a sentence for the person.

    Refused: nothing visible, more than `limit` characters, control characters and line breaks, halves of a
    character (lone surrogates).
    """
    cleaned = unicodedata.normalize("NFC", text.strip(" \t"))
    if any(_is_control(c) for c in cleaned):
        raise ValueError(f"A {what} is one line without control characters. Remove the line break or hidden character.")
    cleaned = cleaned.strip()
    if not _is_visible(cleaned):
        raise ValueError(f"Give it a {what}: at least one visible character.")
    if len(cleaned) > limit:
        raise ValueError(f"That {what} has {len(cleaned)} characters; {limit} fit. Shorten it.")
    return cleaned


def plain_line(text: str, *, limit: int = NAME_LIMIT, what: str = "name") -> str:
    """A line that is mailed to strangers, as the names of people and workspaces are: no web address, which a mail
    program would make a link of, from us. Raises ValueError."""
    cleaned = line(text, limit=limit, what=what)
    if _WEB_ADDRESS.search(unicodedata.normalize("NFKC", cleaned)):
        raise ValueError(f"Leave web addresses out of a {what}.")
    return cleaned


def unlinked(name: str) -> str:
    """The name as a mail has it: it looks the same, and no mail program makes a link of it."""
    return _JOINTS.sub("\\1\u200b", name)


def isolated(text: str) -> str:
    """The text for a sentence of ours: where it holds signs that turn the direction of writing, they end with it."""
    return f"\u2068{text.translate(_ISOLATES)}\u2069" if _TURNING.search(text) else text


def prose(text: str, *, limit: int = TEXT_LIMIT, what: str = "text") -> str:
    """Text of several lines, possibly empty: line breaks kept, other control characters refused with ValueError."""
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(_is_control(c) and c not in "\n\t" for c in cleaned):
        raise ValueError(f"The {what} holds a control character. Remove it and save again.")
    if len(cleaned) > limit:
        raise ValueError(f"The {what} has {len(cleaned)} characters; {limit} fit. Shorten it.")
    return cleaned


def normalised(name: str) -> str:
    """The name as matching sees it: case, accents' composition, punctuation and spacing set aside."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = "".join(c if c.isalnum() else " " for c in folded)
    return _SPACES.sub(" ", words).strip()


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: 1 role, 2 roles; `many` for those that do not just take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def day(moment: date) -> str:
    """12 Mar 2026, whatever the locale of the server."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def capitalised(text: str) -> str:
    """The text as it begins a sentence, with all but its first letter left as it is."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """One or more names as a sentence has them: A; A and B; A, B and C."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def initials(name: str) -> str:
    """What stands for a name on an avatar: the first sign of its first two words, each sign whole. Letters of scripts
    that join them stay apart."""
    signs = [_first_sign(word).upper() for word in name.replace(".", " ").split()]
    joins = any(unicodedata.bidirectional(sign[0]) == "AL" for sign in signs if sign)
    return (_KEEPS_APART if joins else "").join([sign for sign in signs if sign][:2])


def _first_sign(word: str) -> str:
    """The first character that is seen, with what belongs to it: accents, the colour and the parts of an emoji."""
    word = word.lstrip("".join(c for c in word if unicodedata.category(c) == "Cf"))
    end = 1
    while end < len(word) and _belongs(word[end], word[:end]):
        end += 1
    return word[:end]


def _belongs(sign: str, before: str) -> bool:
    """Whether a character is a part of the sign before it."""
    if before[-1] == _JOINER:
        return unicodedata.category(sign) == "So"
    is_flag = len(before) == 1 and before in _FLAG_LETTERS and sign in _FLAG_LETTERS
    return is_flag or sign == _JOINER or sign in _EMOJI_PARTS or unicodedata.category(sign).startswith("M")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character in _BREAKS


def _is_visible(text: str) -> bool:
    return any(c not in _INVISIBLE and not c.isspace() and unicodedata.category(c) != "Cf" for c in text)
