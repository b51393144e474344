"""Grids that never change, kept by the process that read them: of house references, of versions."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from raci.grid.grid import Grid

Key = TypeVar("Key")


class KeptGrids(Generic[Key]):
    """The grids that this process has read, last asked for, last. The oldest go where they have more than `cells`
    between them, but never the last one."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._kept: dict[Key, Grid] = {}
        self._lock = Lock()

    def of(self, wanted: set[Key], read: Callable[[set[Key]], dict[Key, Grid]]) -> dict[Key, Grid]:
        """Those wanted that are there; `read` is asked for what is not kept yet, if anything."""
        with self._lock:
            found = {key: self._kept[key] for key in wanted & self._kept.keys()}
        if missing := wanted - found.keys():
            found |= read(missing)
        with self._lock:
            for key, grid in found.items():
                self._kept.pop(key, None)
                self._kept[key] = grid
            self._make_room()
        return found

    def cache_clear(self) -> None:
        """Forgets them all, as after a start."""
        with self._lock:
            self._kept.clear()

    def _make_room(self) -> None:
        size = sum(_size(grid) for grid in self._kept.values())
        while size > self._cells and len(self._kept) > 1:
            size -= _size(self._kept.pop(next(iter(self._kept))))


def _size(grid: Grid) -> int:
    """A grid takes room as it has cells, and some without any."""
    return (len(grid.activities) + 1) * (len(grid.roles) + 1)
