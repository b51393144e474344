"""The people of a result: the initials each is shown by, and the key that says whose they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from culture.scoring import Respondent
from raci.grid.text import initials

MOST_AVATARS = 30  # more people than this are counted, with their names on demand


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who answered; `group` is the function they work in, "" where they did not say."""

    name: str
    initials: str
    group: str


def tags(people: Sequence[Respondent]) -> Mapping[int, str]:
    """Respondent id -> the initials they are shown by, each its own: AO, AO2. A crowd is not told apart by them."""
    plain = {one.id: initials(one.name) or "?" for one in people}
    if len(people) > MOST_AVATARS:
        return plain
    found: dict[int, str] = {}
    for key, letters in plain.items():
        taken = set(found.values())
        numbered = (letters if number == 1 else f"{letters}{number}" for number in count(1))
        found[key] = next(tag for tag in numbered if tag not in taken)
    return found


def person(one: Respondent, known: Mapping[int, str]) -> Person:
    return Person(one.name, known[one.id], one.group)
