"""Names of servers as they go over the wire."""

LONGEST = 253  # characters

# The codec of Python is that of 2003, which takes these for others, or for nothing: to browsers and mail servers of
# today a name with one of them is another server, and maybe another's.
_TOLD_APART = frozenset("ßẞς\u200c\u200d")


class Ambiguous(UnicodeError):
    """A name that would lead elsewhere than it reads."""


def wire_form(name: str) -> str:
    """The name in ASCII and small letters. Raises UnicodeError for what is no name, Ambiguous for one that has another
    form in each of the two standards."""
    if len(name) > LONGEST:
        raise UnicodeError
    if is_ambiguous(name):
        raise Ambiguous
    return (name if name.isascii() else name.encode("idna").decode("ascii")).lower()


def is_ambiguous(name: str) -> bool:
    return not _TOLD_APART.isdisjoint(name)
