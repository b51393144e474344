"""A matrix as it stands and as it stood, read once for all the revisions that a page compares."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from raci.accounts.models import name_of
from raci.grid.grid import Grid
from raci.matrices.edits import State, applied, inverse
from raci.matrices.models import Change, Matrix
from raci.matrices.store import FIELDS, grid_of, read_grid, read_state
from raci.matrices.work import changes_since


@dataclass
class Past:
    """The grids of a matrix from the revision `since` on. Four queries where that is what stands, else five."""

    matrix: Matrix
    since: int

    @cached_property
    def now(self) -> Grid:
        return grid_of(self._state) if self._changes else read_grid(self.matrix)

    def grid(self, revision: int) -> Grid:
        """What stood at a revision, which is no earlier than `since`."""
        state, later = self._state if self._changes else None, self._later(revision)
        if state is None or not later:
            return self.now
        for change in later:
            state = applied(state, inverse(change.edits))
        return grid_of(state)

    def by(self, revision: int) -> list[str]:
        """Who changed anything after a revision, by name, once each, the first to do so first."""
        return list(dict.fromkeys(name_of(change.by) for change in reversed(self._later(revision)) if change.edits))

    def _later(self, revision: int) -> Sequence[Change]:
        return [change for change in self._changes if change.revision > revision]

    @cached_property
    def _changes(self) -> list[Change]:
        """The latest first."""
        later = self.matrix.revision > self.since
        return changes_since(self.matrix.pk, self.since) if later else []

    @cached_property
    def _state(self) -> State:
        settings = {name: getattr(self.matrix, name) for name in FIELDS["matrix"]}
        return read_state(self.matrix.pk, {"matrix": {self.matrix.pk: settings}})
