"""The entries of the catalogue as plain, frozen values."""

from dataclasses import dataclass
from enum import StrEnum


class Function(StrEnum):
    """The four functions a team looks at itself in, in the order they are asked."""

    PRODUCT_STRATEGY = "product-strategy"
    MARKETING_STRATEGY = "marketing-strategy"
    MARKET_SEGMENTATION = "market-segmentation"
    SALES_STRATEGY = "sales-strategy"

    @property
    def label(self) -> str:
        """The name people read."""
        return _LABELS[self]


_LABELS = {
    Function.PRODUCT_STRATEGY: "Product strategy and life cycle",
    Function.MARKETING_STRATEGY: "Marketing strategy",
    Function.MARKET_SEGMENTATION: "Market segmentation",
    Function.SALES_STRATEGY: "Sales strategy",
}


@dataclass(frozen=True, slots=True)
class Culture:
    """An organisation's approach to products.

    `strategy` says where its strategy comes from, `suits` where it often works, `note` how to read its
    reference, or "".
    """

    key: str
    name: str
    summary: str
    strategy: str
    suits: tuple[str, ...]
    danger: str
    note: str
    position: int


@dataclass(frozen=True, slots=True)
class Statement:
    """How one function of a culture describes itself, without naming the culture."""

    culture: str
    function: Function
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A group of activities."""

    key: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Activity:
    """A possible row; `proposed_lead` is a role key, or None where no source names one."""

    key: str
    name: str
    stage: str
    help: str
    position: int
    in_references: bool
    proposed_lead: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """A possible column."""

    key: str
    name: str
    short: str
    purpose: str
    position: int
    in_references: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A publication the references rest on; publisher, authors, date, number and title may be unknown, hence blank."""

    publisher: str
    title: str
    authors: tuple[str, ...]
    date: str
    number: str
    kind: str
    covers: str
    basis: str

    @property
    def cited(self) -> str:
        """Publisher, title, authors, date, number and kind as one line, without what is unknown."""
        title = f"“{self.title}”" if self.title else ""
        number = f"ID {self.number}" if self.number else ""
        known = (self.publisher, title, *self.authors, self.date, number, self.kind)
        return ", ".join(part for part in known if part)


@dataclass(frozen=True, slots=True)
class About:
    """What the page about the references says: the sentence of caution, and the sources."""

    guidance: str
    sources: tuple[Source, ...]
