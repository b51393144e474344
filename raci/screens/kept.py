"""Every departure of a matrix in words, whatever it is measured against."""

from collections.abc import Collection

from culture.references import known_references
from raci.accounts.models import User
from raci.exchange.departures import departure_lines
from raci.exchange.export import DepartureLine
from raci.grid.departures import compare, lapsed
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import capitalised
from raci.matrices.models import HouseReference, Matrix
from raci.publishing.models import Version
from raci.web import days
from raci.workspaces.models import Workspace

from .sources import kind_and_id, source, version_key, version_name


def kept_lines(workspace: Workspace, grid: Grid, notation: Notation) -> tuple[DepartureLine, ...]:
    """One line for each decision, in the order of the rows.

    Three queries at most for the names, and those for what each reference has now; none where nothing is kept.
    """
    found = [departure for activity in grid.activities for departure in activity.departures]
    if not found:
        return ()
    keys = {departure.against for departure in found}
    names = reference_names(workspace, keys)
    people = names_of({departure.by for departure in found})
    today = days.today()
    gone_by = {
        (key, *cell)
        for key in keys
        if (reference := source(workspace, key))
        for cell in lapsed(compare(grid, reference, today), grid)
    }
    lines = departure_lines(grid, notation, references=names, people=people, today=today, lapsed=gone_by)
    return tuple(lines)


def names_of(users: Collection[int | None]) -> dict[int, str]:
    """User id -> name, of those whose account is still there; one query."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=[pk for pk in users if pk])}


def reference_names(workspace: Workspace, keys: Collection[str]) -> dict[str, str]:
    """Key -> name of what departures are recorded against; three queries at most."""
    names = {key: known.culture.name for key, known in known_references().items()}
    for kind, rows in (
        ("house", HouseReference.objects.filter(workspace=workspace)),
        ("matrix", Matrix.objects.filter(workspace=workspace)),
    ):
        if wanted := _ids(keys, kind):
            names |= {f"{kind}-{pk}": name for pk, name in rows.filter(pk__in=wanted).values_list("pk", "name")}
    if wanted := _ids(keys, "version"):
        versions = Version.objects.filter(matrix__workspace=workspace, pk__in=wanted)
        for pk, number, name in versions.values_list("pk", "number", "matrix__name"):
            names[version_key(pk)] = capitalised(version_name(number, name))
    return {key: names[key] for key in keys if key in names}


def _ids(keys: Collection[str], kind: str) -> list[int]:
    return [found[1] for key in keys if (found := kind_and_id(key)) and found[0] == kind]
