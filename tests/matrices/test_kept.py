"""Grids that never change, kept by a process."""

from raci.matrices.kept import KeptGrids
from tests.factories import make_grid


class Shelf:
    """Where the grids come from; remembers what was asked of it."""

    def __init__(self, *sizes: int) -> None:
        self.grids = {n: make_grid(*["L"] * size) for n, size in enumerate(sizes)}
        self.asked: list[set[int]] = []

    def read(self, keys: set[int]):
        self.asked.append(keys)
        return {key: self.grids[key] for key in keys}


def test_a_grid_is_read_once():
    shelf, kept = Shelf(1, 1), KeptGrids[int](100)
    assert kept.of({0}, shelf.read) == {0: shelf.grids[0]}
    assert kept.of({0, 1}, shelf.read) == shelf.grids
    kept.of({0, 1}, shelf.read)
    assert shelf.asked == [{0}, {1}]


def test_what_was_asked_for_longest_ago_goes_where_there_is_no_room():
    shelf, kept = Shelf(2, 2, 2), KeptGrids[int](12)  # six each, with a head on both sides
    for key in (0, 1, 0, 2, 0, 1):
        kept.of({key}, shelf.read)
    assert shelf.asked == [{0}, {1}, {2}, {1}]


def test_all_that_is_asked_for_at_once_is_given_though_not_all_is_kept_and_the_last_is():
    shelf, kept = Shelf(50, 60, 70), KeptGrids[int](10)
    assert kept.of({0, 1, 2}, shelf.read) == shelf.grids
    kept.of({0, 1, 2}, shelf.read)
    assert len(shelf.asked[1]) == 2


def test_a_start_forgets_them():
    shelf, kept = Shelf(1), KeptGrids[int](10)
    kept.of({0}, shelf.read)
    kept.cache_clear()
    kept.of({0}, shelf.read)
    assert len(shelf.asked) == 2
