"""Who is on which matrix, and on which cell: known to each process, told to the others, kept nowhere.

A process knows its own streams for certain. What others tell it ends by itself, unless it is told again.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

COLOURS = 3  # of presence, see tokens.css
MOST_SHOWN = 40  # pages by name
MOST_BYTES = 6_800  # of people of one process and matrix; a notification holds no more
NAME_TOLD = 40  # characters
LIFETIME = 25.0  # seconds for which another process is believed; it tells again every ten
PAGE = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
CELL = re.compile(r"(?:[1-9][0-9]{0,18}-[1-9][0-9]{0,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody with a matrix open. `page` tells apart their pages; `cell` is "activity-role", or "" for none."""

    page: str
    user: int
    name: str
    initials: str
    cell: str = ""


class Presence:
    """Who is on each matrix. Not for several threads at once: the hub's lock is held around every call."""

    def __init__(self) -> None:
        self._here: dict[int, dict[tuple[int, str], Present]] = {}
        self._elsewhere: dict[int, dict[str, tuple[tuple[Present, ...], float]]] = {}
        self._colours: dict[int, dict[int, int]] = {}

    def come(self, matrix: int, person: Present) -> None:
        self._here.setdefault(matrix, {})[person.user, person.page] = person

    def move(self, matrix: int, page: str, user: int, cell: str) -> bool:
        """False where this user has no such page here."""
        known = self._here.get(matrix, {})
        person = known.get((user, page))
        if person is not None:
            known[user, page] = replace(person, cell=cell)
        return person is not None

    def leave(self, matrix: int, page: str, user: int) -> None:
        self._here.get(matrix, {}).pop((user, page), None)
        if not self._here.get(matrix):
            self._here.pop(matrix, None)

    def hear(self, matrix: int, process: str, people: Sequence[Present], now: float) -> None:
        """Everybody that another process has on a matrix, perhaps nobody any more."""
        self._elsewhere.setdefault(matrix, {})[process] = (tuple(people), now + LIFETIME)

    def forget_silent(self, now: float) -> set[int]:
        """Drops what nobody has told for a while; the matrices where that made a difference."""
        changed = set()
        for matrix, known in list(self._elsewhere.items()):
            for process in [process for process, (_, until) in known.items() if until < now]:
                if known.pop(process)[0]:
                    changed.add(matrix)
            if not known:
                del self._elsewhere[matrix]
        return changed

    def own(self, matrix: int) -> list[Present]:
        """Those whose streams are in this process."""
        return list(self._here.get(matrix, {}).values())

    def on(self, matrix: int) -> list[Present]:
        """Everybody, in an order that stays."""
        others = [person for people, _ in self._elsewhere.get(matrix, {}).values() for person in people]
        return sorted([*self.own(matrix), *others], key=lambda person: (person.name, person.user, person.page))

    def elsewhere(self, user: int) -> int:
        """How many pages somebody has open at other processes."""
        told = (people for known in self._elsewhere.values() for people, _ in known.values())
        return sum(person.user == user for people in told for person in people)

    def event(self, matrix: int) -> str:
        """Everybody as the pages are told; each person keeps their colour while they are here.

        Of many those with a cell come first, and the rest is a number: what is told grows with the people as it is, and
        everybody is told.
        """
        everybody = sorted(self.on(matrix), key=lambda person: not person.cell)
        shown = everybody[:MOST_SHOWN]
        more = len({person.user for person in everybody} - {person.user for person in shown})
        colours = self._colours_of(matrix, shown)
        people = [{**asdict(person), "person": colours[person.user]} for person in shown]
        return json.dumps({"people": people, "more": more})

    def _colours_of(self, matrix: int, everybody: list[Present]) -> dict[int, int]:
        present = {person.user for person in everybody}
        kept = {user: colour for user, colour in self._colours.get(matrix, {}).items() if user in present}
        for person in everybody:
            if person.user not in kept:
                taken = [list(kept.values()).count(colour) for colour in range(1, COLOURS + 1)]
                kept[person.user] = 1 + taken.index(min(taken))
        if kept:
            self._colours[matrix] = kept
        else:
            self._colours.pop(matrix, None)
        return kept


def told(process: str, matrix: int, people: Sequence[Present]) -> str:
    """What one process tells the others about its own streams, as far as it fits."""
    rows: list[list[str | int]] = []
    room = MOST_BYTES
    for person in people:
        row: list[str | int] = [person.page, person.user, person.name[:NAME_TOLD], person.initials, person.cell]
        room -= len(json.dumps(row, ensure_ascii=False).encode()) + 2
        if room < 0:
            break
        rows.append(row)
    return json.dumps({"process": process, "matrix": matrix, "people": rows}, ensure_ascii=False)


def heard(text: str) -> tuple[str, int, list[Present]]:
    """The same, read; a ValueError, KeyError or TypeError for what is none of ours."""
    said = json.loads(text)
    return str(said["process"]), int(said["matrix"]), [Present(*row) for row in said["people"]]
