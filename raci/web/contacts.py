"""How somebody can be reached, as somebody typed it: what of it is a link."""

import unicodedata
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

_validate_page = URLValidator(schemes=["https"])


def contact_url(contact: str) -> str:
    """Where a contact leads: an e-mail address to a new mail, an https address to its page; "" for anything else, and
    for what reads as if it led elsewhere."""
    if any(unicodedata.category(character).startswith("C") for character in contact):
        return ""
    try:
        validate_email(contact)
    except ValidationError:
        pass
    else:
        return f"mailto:{quote(contact, safe='@+')}"
    try:
        _validate_page(contact)
    except ValidationError:
        return ""
    return "" if "@" in urlsplit(contact).netloc else contact
