"""Who signs what a session decides: each role that has a part, who answers for it, and how far they are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from raci.grid.grid import Grid
from raci.grid.text import initials
from raci.matrices.people import names_in
from raci.matrices.store import read_grid
from raci.publishing.signing import roles_to_sign
from raci.publishing.versions import digest_of
from raci.reviews.models import Participant, Review
from raci.reviews.put_ups import holding


class SeatState(StrEnum):
    SIGNED = "signed"
    HERE = "here"  # followed the session, and signs at the end
    AWAY = "away"
    NOBODY = "nobody"  # answers for the role


@dataclass(frozen=True, slots=True)
class Seat:
    """A role, and the `person` who signed for it or else answers for it now, "" for nobody; `at` is when they signed
    for the grid as it stands."""

    role: str
    person: str
    initials: str
    state: SeatState
    at: datetime | None = None


def seats(review: Review, grid: Grid | None = None) -> list[Seat]:
    """The seats of a session, in the order of the columns of `grid`, the draft as it stands, with or without stages
    that have no rows; it is read where it is not given. Two queries, and five more for signatures once the session has
    put something up."""
    whole = None if grid and not review.result else read_grid(review.matrix)
    signed = holding(review, digest_of(whole)) if whole and review.result else {}
    grid = grid or whole or Grid((), (), (), {})
    came = set(Participant.objects.filter(review=review, came_at__isnull=False).values_list("user_id", flat=True))
    answers = {role.id: role.answers for role in grid.roles}
    names = names_in(review.matrix_id, {user for user in answers.values() if user is not None})
    found, wanted = list[Seat](), set(roles_to_sign(grid))
    for role in grid.roles:
        user, done = role.answers or 0, signed.get(role.id)
        if role.id not in wanted:
            continue
        if done:
            person = str(done.by) if done.by else ""
            found.append(Seat(role.name, person, initials(person), SeatState.SIGNED, done.at))
        elif user not in names:
            found.append(Seat(role.name, "", "", SeatState.NOBODY))
        else:
            state = SeatState.HERE if user in came else SeatState.AWAY
            found.append(Seat(role.name, names[user], initials(names[user]), state))
    return found
