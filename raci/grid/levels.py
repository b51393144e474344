"""The four levels of involvement, and the two notations they are shown in."""

from enum import StrEnum


class Level(StrEnum):
    """How far a role is involved in an activity; the value is the letter that is stored. Not involved is ``None``."""

    LEAD = "L"
    SUPPORT = "S"
    CONTRIBUTE = "C"
    INFORMED = "I"

    @property
    def key(self) -> str:
        """The name used by stylesheets and markup: lead, support, contribute, informed."""
        return self.name.lower()

    @property
    def depth(self) -> int:
        """4 for Lead down to 1 for Informed: the higher, the deeper involved."""
        return _DEPTH[self]


_DEPTH = {Level.LEAD: 4, Level.SUPPORT: 3, Level.CONTRIBUTE: 2, Level.INFORMED: 1}


class Notation(StrEnum):
    """The words and letters a level is shown in."""

    LEAD_SUPPORT = "lsci"
    RACI = "raci"

    def letter(self, level: Level | None, *, delivers: bool = True) -> str:
        """The letter of a cell. `delivers` matters to a RACI Lead only: A/R when it does the work itself, else A."""
        if level is None:
            return ""
        if self is Notation.LEAD_SUPPORT:
            return level.value
        if level is Level.LEAD:
            return "A/R" if delivers else "A"
        return _RACI_LETTERS[level]

    def word(self, level: Level | None) -> str:
        """The word of a level: Lead or Accountable, Support or Responsible, and so on."""
        if level is None:
            return "Not involved"
        return level.name.capitalize() if self is Notation.LEAD_SUPPORT else _RACI_WORDS[level]

    def read(self, letter: str) -> Level | None:
        """The level a typed or pasted letter stands for; blank, "-" and "–" mean not involved.

        Raises ValueError for any other text. Upper and lower case are the same.
        """
        text = letter.strip().upper()
        if text in _BLANK:
            return None
        table = _READ_LSCI if self is Notation.LEAD_SUPPORT else _READ_RACI
        if text not in table:
            raise ValueError(text)
        return table[text]


_BLANK = {"", "-", "–", "—", "·"}
_RACI_LETTERS = {Level.LEAD: "A", Level.SUPPORT: "R", Level.CONTRIBUTE: "C", Level.INFORMED: "I"}
_RACI_WORDS = {
    Level.LEAD: "Accountable",
    Level.SUPPORT: "Responsible",
    Level.CONTRIBUTE: "Consulted",
    Level.INFORMED: "Informed",
}
_READ_LSCI = {level.value: level for level in Level}
_READ_RACI = {letter: level for level, letter in _RACI_LETTERS.items()} | {"A/R": Level.LEAD, "R/A": Level.LEAD}
