"""Values that never change, kept by the process that read them: grids of house references and of versions."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from raci.grid.grid import Grid

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The values that this process has read, last asked for, last. The oldest go where they take more than `room`
    between them, each as much as `size` says, but never the last one."""

    def __init__(self, room: int, size: Callable[[Value], int]) -> None:
        self._room = room
        self._size = size
        self._kept: dict[Key, Value] = {}
        self._lock = Lock()

    def of(self, wanted: set[Key], read: Callable[[set[Key]], dict[Key, Value]]) -> dict[Key, Value]:
        """Those wanted that are there; `read` is asked for what is not kept yet, if anything."""
        with self._lock:
            found = {key: self._kept[key] for key in wanted & self._kept.keys()}
        if missing := wanted - found.keys():
            found |= read(missing)
        with self._lock:
            for key, value in found.items():
                self._kept.pop(key, None)
                self._kept[key] = value
            self._make_room()
        return found

    def cache_clear(self) -> None:
        """Forgets them all, as after a start."""
        with self._lock:
            self._kept.clear()

    def _make_room(self) -> None:
        size = sum(map(self._size, self._kept.values()))
        while size > self._room and len(self._kept) > 1:
            size -= self._size(self._kept.pop(next(iter(self._kept))))


class KeptGrids(Kept[Key, Grid]):
    """The same of grids, which have `cells` between them."""

    def __init__(self, cells: int) -> None:
        super().__init__(cells, _size)


def _size(grid: Grid) -> int:
    """A grid takes room as it has cells, and some without any."""
    return (len(grid.activities) + 1) * (len(grid.roles) + 1)
