"""The four levels of involvement, and the two notations they are shown in."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Words:
    """How a notation speaks of the levels: their names, and verbs for one role and for several, before an activity.

    `lead_role` is what an activity has exactly one of; `carries` is leading or supporting.
    """

    lead: str
    support: str
    contribute: str
    informed: str
    lead_role: str
    leads: str
    supports: str
    contributes: str
    hears: str
    all_lead: str
    all_support: str
    all_contribute: str
    all_hear: str
    carries: str
    never_carries: str
    only_contributes: str


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
        name: str = getattr(self.words, level.key)
        return name

    @property
    def words(self) -> Words:
        """What sentences need."""
        return _WORDS[self]

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
_WORDS = {
    Notation.LEAD_SUPPORT: Words(
        lead="Lead",
        support="Support",
        contribute="Contribute",
        informed="Informed",
        lead_role="Lead",
        leads="leads",
        supports="supports",
        contributes="contributes to",
        hears="is informed of",
        all_lead="lead",
        all_support="support",
        all_contribute="are asked about",
        all_hear="are told about",
        carries="leads or supports",
        never_carries="never leads or supports",
        only_contributes="only contributes",
    ),
    Notation.RACI: Words(
        lead="Accountable",
        support="Responsible",
        contribute="Consulted",
        informed="Informed",
        lead_role="accountable role",
        leads="is accountable for",
        supports="is responsible for",
        contributes="is consulted on",
        hears="is informed of",
        all_lead="are accountable for",
        all_support="are responsible for",
        all_contribute="are consulted on",
        all_hear="are informed of",
        carries="is accountable or responsible for",
        never_carries="is never accountable or responsible",
        only_contributes="is only consulted",
    ),
}
_READ_LSCI = {level.value: level for level in Level}
_READ_RACI = {letter: level for level, letter in _RACI_LETTERS.items()} | {"A/R": Level.LEAD, "R/A": Level.LEAD}
