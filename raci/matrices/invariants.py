"""What must hold of every matrix after whatever happened, whoever wrote. Each check says in sentences what is broken.

The letters are those of the rules: I1 one Lead, I2 one matrix, I3 revisions, I4 the log leads to the tables, I6 each
submission once, I10 positions. People in roles and departures have their own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import Count, F, Q

from . import store
from .models import Activity, Assignment, Change, DraftLink, Matrix, Role, Stage, Told
from .undo import replay

TRIES = 5  # a matrix that changes while it is looked at is looked at again


def broken() -> list[str]:
    """Everything that is wrong with any matrix."""
    found = [*_leads(), *_one_matrix(), *_draft_links(), *_told()]
    for pk in Matrix.objects.order_by("pk").values_list("pk", flat=True):
        found += _broken_in(pk)
    return found


def missing(keys: Iterable[str]) -> list[str]:
    """I6: what was acknowledged was done once. `keys` are those of the submissions that were."""
    counts = Counter(Change.objects.exclude(key=None).values_list("key", flat=True))
    wrong = [key for key in keys if counts[key] != 1]
    return [f"I6: {key} was acknowledged and stands {counts[key]} times in the log" for key in wrong]


def _leads() -> Iterator[str]:
    """I1: at most one Lead an activity."""
    twice = Activity.objects.annotate(leads=Count("assignments", Q(assignments__level="L"))).filter(leads__gt=1)
    for activity in twice:
        yield f"I1: activity {activity.pk} of matrix {activity.matrix_id} has {activity.leads} Leads"


def _one_matrix() -> Iterator[str]:
    """I2: whatever a row points at is in the row's own matrix."""
    for cell in Assignment.objects.exclude(activity__matrix_id=F("role__matrix_id")):
        yield f"I2: cell {cell} joins two matrices"
    strays = Activity.objects.filter(
        (Q(deliverer__isnull=False) & ~Q(deliverer__matrix_id=F("matrix_id")))
        | (Q(stage__isnull=False) & ~Q(stage__matrix_id=F("matrix_id")))
    )
    for activity in strays:
        yield f"I2: activity {activity.pk} of matrix {activity.matrix_id} points into another matrix"


def _draft_links() -> Iterator[str]:
    """A link to a draft leads into the workspace of its matrix."""
    for pk, matrix in DraftLink.objects.exclude(link__workspace=F("matrix__workspace")).values_list("pk", "matrix"):
        yield f"Draft link {pk} to matrix {matrix} is one of another workspace"


def _told() -> Iterator[str]:
    """Nobody knows more of a matrix than there is."""
    ahead = Told.objects.filter(revision__gt=F("matrix__revision")).order_by("pk")
    for member, matrix, revision in ahead.values_list("member", "matrix", "revision"):
        yield f"Member {member} was told of revision {revision} of matrix {matrix}, which is not there"


def _broken_in(pk: int) -> list[str]:
    """What is wrong with one matrix, read at one and the same revision; nothing of one that has gone meanwhile."""
    found: list[str] = []
    for _ in range(TRIES):
        matrix = Matrix.objects.filter(pk=pk).first()
        if matrix is None:
            return []
        found = [*_log(matrix), *_named(matrix), *_answers(matrix), *_departures(matrix), *_positions(matrix)]
        if not found or Matrix.objects.filter(pk=pk, revision=matrix.revision).exists():
            break
    return found


def _log(matrix: Matrix) -> Iterator[str]:
    """I3: revision = number of changes = highest. I4: the log leads to the state. Each row knows its last change."""
    changes = list(Change.objects.filter(matrix=matrix).order_by("revision"))
    revisions = [change.revision for change in changes]
    if revisions != list(range(1, matrix.revision + 1)):
        yield f"I3: matrix {matrix.pk} is at revision {matrix.revision}, its log says {revisions}"
    state, replayed = store.read_state(matrix.pk), replay(changes)
    for table, rows in state.items():
        logged = replayed[table]
        differing = [pk for pk in rows.keys() | logged.keys() if rows.get(pk) != logged.get(pk)]
        if differing:
            shown = [f"{pk}: log {logged.get(pk)}, table {rows.get(pk)}" for pk in differing[:3]]
            yield f"I4: {table} of matrix {matrix.pk} differs from its log: {shown}"
    last = {pk: change.revision for change in changes for pk in change.touched()}
    for pk, revision in Activity.objects.filter(matrix=matrix).values_list("pk", "revision"):
        if last.get(pk) != revision:
            yield f"I3: activity {pk} of matrix {matrix.pk} says revision {revision}, the log {last.get(pk)}"


def _named(matrix: Matrix) -> Iterator[str]:
    """I2: whoever is named on an activity is so in a role of the matrix."""
    roles = set(Role.objects.filter(matrix=matrix).values_list("pk", flat=True))
    for pk, people in Activity.objects.filter(matrix=matrix).exclude(people=[]).values_list("pk", "people"):
        if any(person["role"] not in roles for person in people):
            yield f"I2: activity {pk} of matrix {matrix.pk} names somebody in a role that is not there"


def _answers(matrix: Matrix) -> Iterator[str]:
    """Who answers for a role fills it, and nobody fills it twice."""
    for pk, members, answers in Role.objects.filter(matrix=matrix).values_list("pk", "members", "answers"):
        if answers is not None and answers not in members:
            yield f"Role {pk} of matrix {matrix.pk} is answered for by {answers}, who does not fill it"
        if len(set(members)) < len(members):
            yield f"Role {pk} of matrix {matrix.pk} is filled twice by one of {members}"


def _departures(matrix: Matrix) -> Iterator[str]:
    """A departure stands in a column of its matrix, on the level it is about."""
    kept = Activity.objects.filter(matrix=matrix).exclude(departures={}).values_list("pk", "departures")
    if not kept:
        return
    roles = set(Role.objects.filter(matrix=matrix).values_list("pk", flat=True))
    cells = store.read_cells(matrix.pk, [pk for pk, _ in kept])
    for pk, departures in kept:
        for key, departure in departures.items():
            role = key.partition(":")[0]
            level = cells.get(pk, {}).get(role)
            if int(role) not in roles or level != departure["ours"]:
                yield f"Activity {pk} of matrix {matrix.pk} keeps {key} on {departure['ours']}, and has {level}"


def _positions(matrix: Matrix) -> Iterator[str]:
    """I10: positions are 1 to n."""
    for model in (Stage, Role, Activity):
        rows = model._default_manager.filter(matrix=matrix)
        positions = list(rows.order_by("position").values_list("position", flat=True))
        if positions != list(range(1, len(positions) + 1)):
            yield f"I10: {model.__name__} positions of matrix {matrix.pk}: {positions}"
