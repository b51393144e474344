"""Template tags without domain."""

from django import template

register = template.Library()
