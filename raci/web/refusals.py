"""Refusals: what the product will not do, as a sentence for the person and a status for the browser."""

from dataclasses import dataclass


@dataclass
class Refused(Exception):
    """Nothing was changed; `sentence` says why and what to do. `kind` is the class tests and scripts look at."""

    sentence: str
    kind: str = "validation"
    status: int = 422

    def __str__(self) -> str:
        return self.sentence


class Malformed(Refused):
    """The request lacks a part a browser of ours always sends, or has it in an impossible form."""

    def __init__(self, sentence: str = "That request was incomplete. Reload the page and try again.") -> None:
        super().__init__(sentence, "malformed", 400)


class Forbidden(Refused):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "forbidden", 403)


class SignedOut(Refused):
    """Nobody is signed in here any more."""

    def __init__(self, sentence: str = "You are signed out. Sign in, then try again.") -> None:
        super().__init__(sentence, "auth_required", 401)


class Gone(Refused):
    """What was asked for is not here, or not for this person: the two are not told apart."""

    def __init__(self, sentence: str = "That is not here any more. Reload the page to see what is.") -> None:
        super().__init__(sentence, "not_found", 404)


class TooLarge(Refused):
    def __init__(self, sentence: str = "That is too large. Nothing was changed; send it in smaller parts.") -> None:
        super().__init__(sentence, "too_large", 413)


class Conflict(Refused):
    """Somebody else was faster."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "conflict", 409)


class TooMany(Refused):
    """Nothing is wrong with it but how often it comes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "rate_limited", 429)


class Busy(Refused):
    def __init__(self, sentence: str = "The database is busy. Nothing was changed; try again in a moment.") -> None:
        super().__init__(sentence, "busy", 503)
