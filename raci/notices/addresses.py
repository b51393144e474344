"""Addresses that open something by themselves stand in no mail that waits: their token is made when it is sent.

So whoever reads the database, or a backup of it, finds no key that still works.
"""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from raci.workspaces import links
from raci.workspaces.models import Link

from .models import Outbox

TOKEN_ADDRESS = "\x1a"  # stands for the address; no name can hold it
CONFIRMATION = "account_confirm_email"
NEW_PASSWORD = "account_reset_password_from_key"


class Ended(Exception):
    """What the address would open cannot be opened any more, so that the mail would mislead."""


def view_of(link: Link) -> str:
    """The route of a link is called after its purpose."""
    return f"{link.purpose.replace('-', '_')}_link"


def address_of(mail: Outbox) -> str:
    """The address a mail is sent with, its token new. Raises Ended."""
    return f"{settings.SITE_URL}{_path(mail)}"


def _path(mail: Outbox) -> str:
    match mail.view:
        case "account_confirm_email":
            return reverse(mail.view, args=[_confirmation_key(mail)])
        case "account_reset_password_from_key":
            return reverse(mail.view, kwargs=_new_password_key(mail))
    token = links.renew(mail.link) if mail.link else None
    if token is None:
        raise Ended("The link had ended before the mail was sent.")
    return reverse(mail.view, args=[token])


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
