"""Which activity and role of one grid is which of another: the only matching there is."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from .grid import Activity, Grid, Role
from .text import normalised

Pairs = tuple[tuple[int, int], ...]


class _Item(NamedTuple):
    """All of an activity or role that matching looks at."""

    id: int
    origin: str
    name: str


_Key = Callable[[_Item], Hashable]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of ids `(in a, in b)` in the order of a, and the ids on either side that have no partner."""

    activities: Pairs = ()
    roles: Pairs = ()
    activities_only_a: tuple[int, ...] = ()
    activities_only_b: tuple[int, ...] = ()
    roles_only_a: tuple[int, ...] = ()
    roles_only_b: tuple[int, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether everything on both sides has a partner."""
        return not (self.activities_only_a or self.activities_only_b or self.roles_only_a or self.roles_only_b)


def align(a: Grid, b: Grid, *, same: bool = False) -> Alignment:
    """Pair the activities and the roles of two grids, each at most once.

    `same` says that both are states of the same matrix, and pairs by id first; ids of different matrices are unrelated
    numbers and are not looked at. Then by origin (of several with the same origin, those of the same name first), then
    by name as `name_key` sees it. Where several are alike, the first of a goes with the first of b. Exchanging a and b
    exchanges the two sides of the result and nothing else.
    """
    activities, activities_only_a, activities_only_b = _pair(_items(a.activities), _items(b.activities), same)
    roles, roles_only_a, roles_only_b = _pair(_items(a.roles), _items(b.roles), same)
    return Alignment(activities, roles, activities_only_a, activities_only_b, roles_only_a, roles_only_b)


def name_key(name: str) -> str:
    """What two names must share to be one: the normalised name, or the name itself where it is all signs (an emoji)."""
    return normalised(name) or name.strip().casefold()


def _items(of: Sequence[Activity] | Sequence[Role]) -> tuple[_Item, ...]:
    return tuple([_Item(item.id, item.origin, item.name) for item in of])


@lru_cache(maxsize=64)
def _pair(a: tuple[_Item, ...], b: tuple[_Item, ...], same: bool) -> tuple[Pairs, tuple[int, ...], tuple[int, ...]]:
    """Pairs in the order of a, and who is left on either side. Kept by the names alone: setting a cell changes none."""
    partner: dict[int, int] = {}
    left: Sequence[_Item] = a
    right: Sequence[_Item] = b
    for key in _KEYS_SAME if same else _KEYS:
        if not left or not right:
            break
        found = _matched(left, right, key)
        partner |= found
        taken = set(found.values())
        left = [item for item in left if item.id not in found]
        right = [item for item in right if item.id not in taken]
    pairs = tuple((item.id, partner[item.id]) for item in a if item.id in partner)
    return pairs, tuple(item.id for item in left), tuple(item.id for item in right)


def _matched(left: Sequence[_Item], right: Sequence[_Item], key: _Key) -> dict[int, int]:
    """One pass: ids of left to ids of right whose key is equal; an empty key matches nothing."""
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for item in right:
        if value := key(item):
            waiting[value].append(item.id)
    found: dict[int, int] = {}
    for item in left:
        if (value := key(item)) and waiting.get(value):
            found[item.id] = waiting[value].popleft()
    return found


def _by_id(item: _Item) -> Hashable:
    return (item.id,)  # a tuple, for an id of 0 is no empty key


def _by_origin_and_name(item: _Item) -> Hashable:
    # A row copied within a matrix keeps its origin, so an origin alone may stand for several rows.
    return (item.origin, item.name) if item.origin else ""


def _by_origin(item: _Item) -> Hashable:
    return item.origin


def _by_name(item: _Item) -> Hashable:
    return name_key(item.name)


_KEYS: tuple[_Key, ...] = (_by_origin_and_name, _by_origin, _by_name)
_KEYS_SAME: tuple[_Key, ...] = (_by_id, *_KEYS)
