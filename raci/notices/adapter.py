"""The mail of django-allauth goes through the outbox too: nothing is sent while somebody waits for a page, and no key
that opens an account stands in a mail that waits."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from raci.workspaces import signup

from . import outbox
from .addresses import CONFIRMATION, NEW_PASSWORD, TOKEN_ADDRESS
from .blocks import SIGNATURE

_WITH_TOKEN = {
    "account/email/email_confirmation": CONFIRMATION,
    "account/email/email_confirmation_signup": CONFIRMATION,
    "account/email/password_reset_key": NEW_PASSWORD,
}


class AccountAdapter(signup.AccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Puts the mail, its addresses at the host of the settings, never at that of the request."""
        view = _WITH_TOKEN.get(template_prefix, "")
        given = {name: _ours(name, value) for name, value in context.items()}
        if view:
            given |= {"activate_url": TOKEN_ADDRESS, "password_reset_url": TOKEN_ADDRESS}
        given |= {
            "email": email,
            "signature": SIGNATURE,
            "current_site": SimpleNamespace(domain=urlsplit(settings.SITE_URL).netloc),
        }
        text = outbox.plain(f"{template_prefix}_message.txt", given)
        subject = outbox.plain(f"{template_prefix}_subject.txt", given)
        letter = outbox.Letter(subject, outbox.signed(text), outbox.html_of(text, is_wrapped=True))
        outbox.put(letter, to=email, user=context.get("user"), view=view)


def _ours(name: str, value: Any) -> Any:
    if not name.endswith("_url") or not isinstance(value, str):
        return value
    site = urlsplit(settings.SITE_URL)
    return urlsplit(value)._replace(scheme=site.scheme, netloc=site.netloc).geturl()
