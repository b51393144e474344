"""Short ways to send letters, and to read what arrived."""

import re

from django.core import mail

from raci.matrices.models import Matrix
from raci.notices.sending import send_due
from raci.publishing import telling
from raci.publishing.models import Receipt, Version
from raci.publishing.recipients import Chosen, audience
from raci.workspaces.models import Member
from tests.matrices.operating import C, set_cell
from tests.publishing.making import publish

MEI, JON = "mei@example.org", "jon@example.org"


def next_version(version: Version, member: Member) -> Version:
    """With one cell changed."""
    matrix = Matrix.objects.get(pk=version.matrix_id)
    set_cell(matrix, member, 0, 1, C)
    return publish(matrix, member)


def put(version: Version, by: Member, *addresses: str, **chosen) -> int:
    """The letter in the outbox, for these addresses and whoever else is chosen."""
    whom = Chosen(pasted=" ".join(addresses), **chosen)
    letter = telling.letter_of(version)
    seen = telling.sending_seal(telling.seal_of(letter), audience(version, whom))
    return telling.send(version=version, by=by, chosen=whom, seen=seen)


def send(version: Version, by: Member, *addresses: str, **chosen) -> list:
    """The letters as they arrived just now."""
    before = len(mail.outbox)
    put(version, by, *addresses, **chosen)
    send_due()
    return mail.outbox[before:]


def token_in(message) -> str:
    """The token of the personal link in a mail."""
    return re.search(r"/letters/([A-Za-z0-9_-]{43})/\n", message.body)[1]


def receipt(version: Version, address: str = MEI) -> Receipt:
    return Receipt.objects.get(version=version, address=address)
