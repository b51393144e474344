"""What must hold after whatever happened: one checker for every test (RELIABILITY.md, invariants I1 to I4, I6, I9, I10).

Every check returns sentences about what is wrong, so that a failure says which rule broke and where.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, F, Q

from raci.matrices import store
from raci.matrices.models import Activity, Assignment, Change, Matrix, Role, Stage
from raci.matrices.undo import replay


def check(keys: Iterable[str] = ()) -> None:
    """Fails with every broken invariant. `keys` are the submissions that were acknowledged."""
    broken = [
        *_leads(),
        *_one_matrix(),
        *(sentence for matrix in Matrix.objects.order_by("pk") for sentence in _log(matrix)),
        *_departures(),
        *_keys(keys),
        *_orphans(),
        *_positions(),
    ]
    assert not broken, "\n".join(broken)


def _leads() -> list[str]:
    """I1: at most one Lead an activity."""
    twice = Activity.objects.annotate(leads=Count("assignments", Q(assignments__level="L"))).filter(leads__gt=1)
    return [f"I1: {activity} ({activity.pk}) has {activity.leads} Leads" for activity in twice]


def _one_matrix() -> list[str]:
    """I2: whatever a row points at is in the row's own matrix."""
    found = []
    cells = Assignment.objects.exclude(activity__matrix_id=F("role__matrix_id"))
    found += [f"I2: cell {cell} joins two matrices" for cell in cells]
    strays = Activity.objects.filter(
        (Q(deliverer__isnull=False) & ~Q(deliverer__matrix_id=F("matrix_id")))
        | (Q(stage__isnull=False) & ~Q(stage__matrix_id=F("matrix_id")))
    )
    found += [f"I2: {activity} points into another matrix" for activity in strays]
    roles = dict(Role.objects.values_list("pk", "matrix_id"))
    for activity in Activity.objects.exclude(people=[]):
        found += [
            f"I2: {activity} names {person['name']} in a role that is not in its matrix"
            for person in activity.people
            if roles.get(person["role"]) != activity.matrix_id
        ]
    return found


def _departures() -> list[str]:
    """A departure stands in a column of its matrix, on the level it is about."""
    found = []
    for activity in Activity.objects.exclude(departures={}):
        levels = dict(activity.assignments.values_list("role_id", "level"))
        roles = set(Role.objects.filter(matrix=activity.matrix_id).values_list("pk", flat=True))
        for key, departure in activity.departures.items():
            role = int(key.partition(":")[0])
            if role not in roles or levels.get(role) != departure["ours"]:
                found.append(f"{activity} keeps {key} on {departure['ours']}, and has {levels.get(role)}")
    return found


def _log(matrix: Matrix) -> list[str]:
    """I3: revision = number of changes = highest. I4: the log leads to the state. Each row knows its last change."""
    changes = list(Change.objects.filter(matrix=matrix).order_by("revision"))
    revisions = [change.revision for change in changes]
    found = []
    if revisions != list(range(1, matrix.revision + 1)):
        found.append(f"I3: matrix {matrix.pk} is at revision {matrix.revision}, its log says {revisions}")
    state, replayed = store.read_state(matrix.pk), replay(changes)
    for table in state:
        if state[table] != replayed[table]:
            rows = [
                f"{pk}: log {replayed[table].get(pk)}, table {state[table].get(pk)}"
                for pk in state[table].keys() | replayed[table].keys()
                if state[table].get(pk) != replayed[table].get(pk)
            ]
            found.append(f"I4: {table} of matrix {matrix.pk} differs from its log: {rows[:3]}")
    last = {pk: change.revision for change in changes for pk in change.touched()}
    for pk, revision in Activity.objects.filter(matrix=matrix).values_list("pk", "revision"):
        if last.get(pk) != revision:
            found.append(f"I3: activity {pk} says revision {revision}, the log {last.get(pk)}")
    return found


def _keys(keys: Iterable[str]) -> list[str]:
    """I6: what was acknowledged was done once."""
    wanted = list(keys)
    counts = Counter(Change.objects.exclude(key=None).values_list("key", flat=True))
    return [
        f"I6: {key} was acknowledged and stands {counts[key]} times in the log" for key in wanted if counts[key] != 1
    ]


def _orphans() -> list[str]:
    """I9: no foreign key points at nothing, whatever the engine believes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            return [f"I9: {row}" for row in cursor.execute("PRAGMA foreign_key_check").fetchall()]
    found = []
    for model in (Stage, Role, Activity, Assignment, Change):
        for field in model._meta.get_fields():
            if field.many_to_one and field.concrete:
                lost = model.objects.filter(**{f"{field.name}__isnull": False, f"{field.name}__pk": None}).count()
                found += [f"I9: {lost} rows of {model.__name__}.{field.name}"] if lost else []
    return found


def _positions() -> list[str]:
    """I10: positions are 1 to n in each matrix."""
    found = []
    for model in (Stage, Role, Activity):
        by_matrix: dict[int, list[int]] = {}
        for matrix, position in model.objects.order_by("matrix", "position").values_list("matrix_id", "position"):
            by_matrix.setdefault(matrix, []).append(position)
        for matrix, positions in by_matrix.items():
            if positions != list(range(1, len(positions) + 1)):
                found.append(f"I10: {model.__name__} positions of matrix {matrix}: {positions}")
    return found
