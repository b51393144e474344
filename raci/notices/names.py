"""Names of persons in what waits to be told: a sign with the account's id stands for each, until the mail is sent.

So a name goes when its account goes, and no word of anybody's text is taken for one. The id leads nowhere then, and is
never given again.
"""

import re
from collections.abc import Mapping

from raci.accounts.models import User
from raci.grid.text import SOMEBODY, unlinked

PERSON = "\x19"  # before and after the id; no text of anybody can hold it
_SIGN = re.compile(f"{PERSON}([0-9]+){PERSON}")
_CUT = re.compile(f"{PERSON}[0-9]*")  # of a sign at the end of a subject that was too long


def sign_of(user: User) -> str:
    """What stands for their name."""
    return f"{PERSON}{user.pk}{PERSON}"


def look_up(*texts: str) -> dict[int, str]:
    """The names these texts want, by account, as a mail has them; those of accounts that are gone are not among
    them."""
    wanted = {int(pk) for text in texts for pk in _SIGN.findall(text)}
    return {user.pk: unlinked(str(user)) for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def named(text: str, names: Mapping[int, str]) -> str:
    """The text with names in place of the signs."""
    return _CUT.sub("", _SIGN.sub(lambda found: names.get(int(found[1]), SOMEBODY), text))
