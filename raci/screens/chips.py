"""Levels as pages print them outside the grid: the chip, and the choices of a list."""

from dataclasses import dataclass

from raci.grid.levels import Level, Notation


@dataclass(frozen=True, slots=True)
class Chip:
    """A level in the words of the reader; `level` is the stylesheet's name of it, `value` the stored letter."""

    level: str
    letter: str
    word: str
    value: str


def chip(notation: Notation, level: Level | None, *, delivers: bool = True) -> Chip:
    """`delivers` matters to a RACI Lead only: A/R when it does the work itself, else A."""
    return Chip(
        level.key if level else "none",
        notation.letter(level, delivers=delivers),
        notation.word(level),
        level.value if level else "",
    )


def chips(notation: Notation) -> list[Chip]:
    """Every level to choose from, deepest first, and at the end not involved."""
    return [chip(notation, level, delivers=False) for level in (*Level, None)]
