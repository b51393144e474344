"""Reading the data files field by field. Every fault is a ValueError naming the file, the entry and what is wrong."""

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raci.grid.text import line, prose

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KEY_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a TOML file; `where` is how complaints name it."""

    where: str
    fields: Mapping[str, Any]

    def knows_only(self, allowed: Iterable[str]) -> None:
        """Refuses a field nobody reads: it is a misspelt one."""
        for name in self.fields.keys() - set(allowed):
            raise ValueError(f"{self.where}: the field {name!r} is not known here.")

    def key(self, name: str = "key") -> str:
        """A short lasting name: lower case letters, digits and single hyphens."""
        text = self.line(name, limit=KEY_LIMIT)
        if not _KEY.fullmatch(text):
            raise ValueError(f"{self.where}: {name} is {text!r}; use lower case letters, digits and single hyphens.")
        return text

    def line(self, name: str, *, limit: int = 200) -> str:
        """One line of visible text."""
        try:
            return line(self._text(name), limit=limit, what=name)
        except ValueError as error:
            raise ValueError(f"{self.where}: {error}") from error

    def line_or_blank(self, name: str) -> str:
        """One line of visible text, "" where the field is left out."""
        return self.line(name) if name in self.fields else ""

    def prose(self, name: str) -> str:
        """A few sentences, never empty."""
        try:
            text = prose(self._text(name), what=name)
        except ValueError as error:
            raise ValueError(f"{self.where}: {error}") from error
        if not text:
            raise ValueError(f"{self.where}: {name} is empty.")
        return text

    def prose_or_blank(self, name: str) -> str:
        """A few sentences, "" where the field is left out."""
        return self.prose(name) if name in self.fields else ""

    def lines(self, name: str) -> tuple[str, ...]:
        """A list of one-line texts, each visible."""
        values = self.fields.get(name)
        if not isinstance(values, list):
            raise ValueError(f"{self.where}: {name} must be a list of texts.")
        return tuple(Entry(f"{self.where}, {name}", {str(n): v}).line(str(n)) for n, v in enumerate(values, 1))

    def lines_or_none(self, name: str) -> tuple[str, ...]:
        """A list of one-line texts, () where the field is left out."""
        return self.lines(name) if name in self.fields else ()

    def flag(self, name: str) -> bool:
        """true or false, false where the field is left out."""
        value = self.fields.get(name, False)
        if not isinstance(value, bool):
            raise ValueError(f"{self.where}: {name} must be true or false, without quotes.")
        return value

    def table(self, name: str) -> "Entry":
        """A table inside this one."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise ValueError(f"{self.where}: the table {name!r} is missing.")
        return Entry(f"{self.where}, {name}", value)

    def entries(self, name: str) -> tuple["Entry", ...]:
        """The repeated tables [[name]], at least one; each is called by its key in complaints."""
        values = self.fields.get(name)
        if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
            raise ValueError(f"{self.where}: there must be at least one [[{name}]].")
        return tuple(
            Entry(f"{self.where}, {name} {n} ({value.get('key') or value.get('title') or 'no key'})", value)
            for n, value in enumerate(values, 1)
        )

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str):
            state = "is missing" if value is None else "must be a text in quotes"
            raise ValueError(f"{self.where}: {name} {state}.")
        return value


def toml(path: Path) -> Entry:
    """A whole TOML file as one entry."""
    try:
        return Entry(path.name, tomllib.loads(_content(path)))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: not readable as TOML: {error}") from error


def rows(path: Path, header: list[str]) -> list[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each with the words complaints name it by; the columns must be exactly `header`."""
    reader = csv.reader(_content(path).splitlines())
    found = next(reader, [])
    if found != header:
        raise ValueError(f"{path.name}, line 1: the columns are {found}, they must be {header}.")
    result = []
    for cells in reader:
        where = f"{path.name}, line {reader.line_num}"
        if len(cells) != len(header):
            raise ValueError(f"{where}: {len(cells)} cells instead of {len(header)}.")
        result.append((where, dict(zip(header, cells, strict=True))))
    return result


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # spreadsheets put a byte order mark first
    except OSError as error:
        raise ValueError(f"{path.name}: the file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name}: the file is not UTF-8 text.") from error
