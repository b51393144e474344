"""What the last poll says of one activity, as its page and the panel show it; as long as the poll speaks."""

from dataclasses import dataclass

from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation
from raci.matrices.models import Matrix
from raci.reviews.agreement import verdicts
from raci.reviews.evidence import evidence_read, settled, speaking
from raci.reviews.models import Poll
from raci.reviews.poll_checks import functions_in

from .votes import Named, Vote, named, sentence, votes_of


@dataclass(frozen=True, slots=True)
class Polled:
    """Who people think leads it. `is_settled` says that a session decided on it since."""

    poll: Poll
    sentence: str
    verdicts: tuple[Named, ...]
    votes: list[Vote]
    is_settled: bool


def polled(matrix: Matrix, grid: Grid, activity: Activity, notation: Notation) -> Polled | None:
    """No query where the matrix was read with its evidence."""
    poll, result = evidence_read(matrix).poll, speaking(matrix)
    row = result.rows.get(activity.id) if result else None
    if poll is None or result is None or row is None:
        return None
    functions, lead = functions_in(result, grid), grid.lead(activity.id)
    names = {role.id: role.name for role in grid.roles}
    return Polled(
        poll=poll,
        sentence=sentence(row, names),
        verdicts=tuple(named(verdict, notation) for verdict in verdicts(row, lead, functions)),
        votes=votes_of(row, functions, names, lead),
        is_settled=activity.id in settled(matrix),
    )
