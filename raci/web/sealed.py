"""Secrets the database keeps but does not know: encrypted with a key made from SECRET_KEY, so that a backup alone opens
nothing. What was sealed with one of SECRET_KEY_FALLBACKS is still read."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """SECRET_KEY is another than it was sealed with."""


def seal(text: str, *, salt: str) -> str:
    """What the database may keep of a secret. `salt` says what it is for: each purpose has a key of its own."""
    return _cipher(salt).encrypt(text.encode()).decode()


def unseal(sealed: str, *, salt: str) -> str:
    """The secret. Raises Unreadable."""
    try:
        return _cipher(salt).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _cipher(salt: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (salted_hmac(salt, "", secret=key, algorithm="sha256").digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
