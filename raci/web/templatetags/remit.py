"""Template tags without domain."""

from django import template
from django.contrib.messages.storage.base import Message

register = template.Library()


@register.filter
def undo_url(message: Message) -> str:
    """Where a message's change is taken back: its tags are "undo" and the URL (see raci.screens.answers)."""
    kind, _, url = (message.extra_tags or "").partition(" ")
    return url if kind == "undo" else ""
