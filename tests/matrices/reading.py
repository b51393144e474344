"""Short ways to say what a matrix holds, so that a test reads as before and after."""

from raci.matrices.models import Activity, Assignment, Matrix, Role, Stage
from raci.matrices.operations import Sender
from raci.workspaces.models import Member


def letters(matrix: Matrix) -> list[str]:
    """The levels row by row, "." where a role is not involved: what `make_matrix` takes."""
    roles = list(Role.objects.filter(matrix=matrix).values_list("pk", flat=True))
    cells = {
        (activity, role): level
        for activity, role, level in Assignment.objects.filter(activity__matrix=matrix).values_list(
            "activity_id", "role_id", "level"
        )
    }
    rows = Activity.objects.filter(matrix=matrix).values_list("pk", flat=True)
    return ["".join(cells.get((row, role), ".") for role in roles) for row in rows]


def rows_of(matrix: Matrix) -> list[Activity]:
    return list(Activity.objects.filter(matrix=matrix))


def roles_of(matrix: Matrix) -> list[Role]:
    return list(Role.objects.filter(matrix=matrix))


def stages_of(matrix: Matrix) -> list[Stage]:
    return list(Stage.objects.filter(matrix=matrix))


def names(rows: list[Activity] | list[Role] | list[Stage]) -> list[str]:
    return [row.name for row in rows]


def revision(matrix: Matrix) -> int:
    return Matrix.objects.values_list("revision", flat=True).get(pk=matrix.pk)


def to(matrix: Matrix, member: Member, key: str = "") -> dict:
    """The arguments every operation starts with."""
    return {"matrix": matrix.pk, "sender": Sender(member, key)}
