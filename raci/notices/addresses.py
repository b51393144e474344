"""Addresses that open something by themselves stand in no mail that waits: their token is made when it is sent.

So whoever reads the database, or a backup of it, finds no key that still works.
"""

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from raci.workspaces import links
from raci.workspaces.models import Link

from .models import Outbox

TOKEN_ADDRESS = "\x1a"  # stands for the address; no name can hold it
STOP_ADDRESS = "\x1b"  # for the one by which its reader wants no more of the kind
CONFIRMATION = "account_confirm_email"
_SALT = "raci.notices.addresses.stop"
NEW_PASSWORD = "account_reset_password_from_key"


class Ended(Exception):
    """What the address would open cannot be opened any more, so that the mail would mislead."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Those a mail is sent with: what it is there for, and how to get no more of its kind, "" where it has no such."""

    opening: str
    stopping: str = ""


def view_of(link: Link) -> str:
    """The route of a link is called after its purpose."""
    return f"{link.purpose.replace('-', '_')}_link"


def addresses_of(mail: Outbox) -> Addresses:
    """Both addresses of a mail, their token new and the same. Raises Ended."""
    site = settings.SITE_URL
    match mail.view:
        case "account_confirm_email":
            return Addresses(site + reverse(mail.view, args=[_confirmation_key(mail)]))
        case "account_reset_password_from_key":
            return Addresses(site + reverse(mail.view, kwargs=_new_password_key(mail)))
    token = links.renew(mail.link) if mail.link else None
    if token is None:
        raise Ended("The link had ended before the mail was sent.")
    opening = site + reverse(mail.view, args=[token])
    return Addresses(opening, site + reverse(mail.stop, args=[_stop_token(mail, token)]) if mail.stop else "")


def said_by(token: str) -> tuple[int, str] | None:
    """The workspace, by its id, and the address of who wants no more of it, as a token made here says; None for another
    one."""
    try:
        workspace, address = Signer(salt=_SALT).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return workspace, address


def stop_token(workspace: int, address: str) -> str:
    """One that says by itself who wants no more of which workspace, so that it works when nobody remembers the mail."""
    return Signer(salt=_SALT).sign_object([workspace, address])


def _stop_token(mail: Outbox, token: str) -> str:
    """A poll may forget whom it asked. Of every other mail it is the token of its link."""
    is_of_poll = mail.link is not None and mail.link.purpose == Link.Purpose.POLL
    return stop_token(mail.workspace_id, mail.to) if is_of_poll and mail.workspace_id else token


def _confirmation_key(mail: Outbox) -> str:
    address = EmailAddress.objects.filter(user=mail.user, email=mail.to, verified=False).first()
    if address is None:
        raise Ended("The address was confirmed, or gone, before the mail was sent.")
    key: str = EmailConfirmationHMAC.create(address).key
    return key


def _new_password_key(mail: Outbox) -> dict[str, str]:
    if mail.user is None or not mail.user.is_active:
        raise Ended("The account was closed before the mail was sent.")
    return {"uidb36": user_pk_to_url_str(mail.user), "key": default_token_generator.make_token(mail.user)}
