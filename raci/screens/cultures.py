"""The cultures as pages show them: with the picture of their reference."""

from collections.abc import Iterable
from dataclasses import dataclass

from culture.models import Culture
from culture.references import CultureReference

from .picture import Picture, picture


@dataclass(frozen=True, slots=True)
class ShownCulture:
    """`suits` are the places where it often works, as one sentence."""

    culture: Culture
    suits: str
    picture: Picture


def shown_cultures(found: Iterable[CultureReference]) -> list[ShownCulture]:
    return [ShownCulture(one.culture, _sentence(one.culture.suits), picture(one.grid)) for one in found]


def _sentence(lines: list[str]) -> str:
    """Lines that each begin with a capital, joined by semicolons."""
    return "; ".join([lines[0], *(line[:1].lower() + line[1:] for line in lines[1:])]) + "."
