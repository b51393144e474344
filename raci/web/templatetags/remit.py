"""Template tags without domain."""

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.utils.safestring import SafeString

from raci.grid.grid import Role
from raci.web import browsers, contacts

register = template.Library()


@register.filter
def short_name(role: Role) -> str:
    """What stands over a narrow column: the short name, else the initials of a name of several words."""
    words = role.name.replace("/", " ").split()
    return role.short or (role.name if len(words) < 2 else "".join(word[0] for word in words).upper()[:6])


@register.filter
def browser_name(user_agent: str) -> str:
    """The browser a session is in."""
    return browsers.browser_name(user_agent)


@register.filter
def contact_url(contact: str) -> str:
    """Where a contact leads, "" where it is only to be read."""
    return contacts.contact_url(contact)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """What one fills in. Where the form was not taken, the page opens at the first field that is wrong."""
    first = next((one.name for one in field.form if one.errors and not one.is_hidden), "")
    is_first = field.name == first and not field.use_fieldset
    return field.as_widget(attrs={"autofocus": True} if is_first else None)


@register.filter
def undo_url(message: Message) -> str:
    """Where a message's change is taken back: its tags are "undo" and the URL (see raci.screens.answers)."""
    kind, _, url = (message.extra_tags or "").partition(" ")
    return url if kind == "undo" else ""
