"""The rules E1 to E6: that what was agreed is looked at again, told, signed and published.

Their conditions and thresholds are those of domain/checks.md. They look at the latest version beside the draft, so they
stand here and not in raci.grid; a matrix that was never published, or is archived, has none of these findings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from raci.grid.grid import Grid
from raci.grid.rules import RULES, Finding, Severity
from raci.grid.text import counted, day, listed
from raci.matrices.models import Change, Matrix
from raci.matrices.people import names_in
from raci.workspaces.models import Access, Member

from .due import ago, changed_on, day_of, review_of
from .lineage import lineage_since
from .models import Publication, SignOff, Version
from .news import news
from .upkeep import Event, events, unconfirmed
from .versions import grid_of, publication_read

UNTOLD, UNSIGNED, UNPUBLISHED = 7, 14, 30  # days after which it is said
TRIAL = (30, 60)  # days after the first version, between which the team looks back
MOST_NAMED = 4  # roles in one sentence
_CONFIRM = "If it still stands, confirm it; if not, change it."


@dataclass(frozen=True, slots=True)
class ToConfirm(Finding):
    """What E2 says of one event: `rows` are the ids of those that it leaves to be confirmed, `what` says what happened
    since `version`."""

    rows: tuple[int, ...] = ()
    what: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Upheld:
    """A published matrix as these rules see it; `told` says that what happened to a role is told by its cause."""

    matrix: Matrix
    grid: Grid
    publication: Publication
    version: Version
    today: date
    told: bool = False

    @property
    def age(self) -> int:
        """How many days ago the version was published."""
        return (self.today - day_of(self.version.published_at)).days

    def says(self, rule: str, text: str, step: str, *, severity: Severity | None = None, of: str = "") -> Finding:
        return Finding(rule, severity or RULES[rule].severity, text, step, of=of or str(self.version.number))


def upkeep_findings(
    matrix: Matrix, grid: Grid, *, today: date, thorough: bool = True, told: bool = False
) -> tuple[Finding, ...]:
    """What E1 to E6 say, but for rules that are off. One query, none where the matrix was read with its publication.

    E4 and E6 ask for more, and E4 compares two grids: where nobody reads notes on the whole, not `thorough` leaves
    them out. Where it is `told` how roles came or went, E2 may ask once more (see events_of).
    """
    publication = None if matrix.is_archived else publication_read(matrix)
    if publication is None or publication.latest is None:
        return ()
    upheld = Upheld(matrix, grid, publication, publication.latest, today, told)
    checks = {"E1": _review_due, "E2": _to_confirm, "E3": _look_back, "E5": _not_told}
    if thorough:
        checks |= {"E4": _unpublished, "E6": _not_signed}
    return tuple(found for rule, check in checks.items() if rule not in matrix.rules_off for found in check(upheld))


def events_of(matrix: Matrix, grid: Grid, *, told: bool = False) -> tuple[Event, ...]:
    """What happened since its latest version; nothing where there is none.

    Where it is `told`, a role that was merged or split off is said to be: one query, where any is gone or new.
    """
    publication = publication_read(matrix)
    version = publication.latest if publication else None
    if publication is None or version is None:
        return ()
    on = changed_on(publication, version)
    causes = _causes(matrix, version, grid) if told else {}
    return events(grid_of(version), grid, filled=version.filled, changed_on=on, causes=causes)


def _causes(matrix: Matrix, version: Version, grid: Grid) -> dict[int, str]:
    """Role id -> how it went or came since the version, where it was merged or split off."""
    lineage = lineage_since(version, matrix, grid)
    names = {role.id: role.name for role in (*grid_of(version).roles, *grid.roles)}
    merged = {
        role: f"{names[role]} was merged into {names[into]}"
        for role, into in lineage.merged.items()
        if {role, into} <= names.keys()
    }
    split = {
        role: f"{names[role]} was split off {names[off]}"
        for role, off in lineage.split.items()
        if {role, off} <= names.keys()
    }
    return merged | split


def confirmable(matrix: Matrix, grid: Grid, member: Member, activities: list[int]) -> set[int]:
    """Those of these activities that this member may confirm: who fills the role that leads, or an editor where no
    member does. One query, none where no member fills any of them."""
    leads = {activity: grid.lead(activity) for activity in activities}
    roles = {role.id: role for role in grid.roles}
    fill = {
        activity: {*roles[lead].members, *filter(None, [roles[lead].answers])} if lead in roles else set()
        for activity, lead in leads.items()
    }
    here = names_in(matrix.pk, set().union(*fill.values()))
    is_editor = member.may(Access.EDITOR)
    return {
        activity for activity, users in fill.items() if (member.user_id in users if users & here.keys() else is_editor)
    }


def _review_due(upheld: Upheld) -> Iterator[Finding]:
    review, today = review_of(upheld.publication, upheld.version), upheld.today
    agreed = f"“{upheld.matrix.name}” was last agreed {ago(review.agreed, today)}"
    step = "Look at it again with those who do the work, then publish it."
    of = review.due.isoformat()
    if review.is_declared:
        text = f"{agreed}, and strategy or culture changed on {day(review.due)}."
        yield upheld.says("E1", text, step, of=of)
    elif review.is_overdue(today):
        yield upheld.says("E1", f"{agreed}; its review was due on {day(review.due)}.", step, of=of)
    elif review.is_soon(today):
        text = f"{agreed}; its review is due on {day(review.due)}."
        yield upheld.says("E1", text, step, severity=Severity.NOTE, of=of)


def _to_confirm(upheld: Upheld) -> Iterator[Finding]:
    found, version = events_of(upheld.matrix, upheld.grid, told=upheld.told), upheld.version.number
    waiting = unconfirmed(found, upheld.publication.confirmed)
    for event in found:
        rows = tuple(row for row in event.rows if event in waiting.get(row, ()))
        if rows:
            these = "one row needs" if len(rows) == 1 else f"these {len(rows)} rows need"
            text = f"{event.what} since version {version}: {these} confirming."
            step = _CONFIRM if len(rows) == 1 else "Confirm those that still stand, and change the others."
            severity = RULES["E2"].severity
            yield ToConfirm("E2", severity, text, step, of=event.key, rows=rows, what=event.what, version=version)


def row_to_confirm(row: int, found: Sequence[ToConfirm]) -> Finding:
    """The same of one row, for all the events that leave it to be confirmed; their keys are what it is `of`."""
    happened = listed([each.what for each in found])
    text = f"{happened} since version {found[0].version}, so this row needs confirming."
    return Finding("E2", RULES["E2"].severity, text, _CONFIRM, row, of=",".join(each.of for each in found))


def _look_back(upheld: Upheld) -> Iterator[Finding]:
    first, last = TRIAL
    if upheld.version.number == 1 and first <= upheld.age <= last and upheld.publication.looked_back_at is None:
        text = f"The first version is {counted(upheld.age, 'day')} old: time to ask which rows turned out wrong."
        yield upheld.says("E3", text, "Look back together, change what did not hold, and note that you did.")


def _unpublished(upheld: Upheld) -> Iterator[Finding]:
    version = upheld.version
    if upheld.age <= UNPUBLISHED or upheld.matrix.revision <= version.revision:
        return
    since = _first_change(upheld.matrix.pk, version.revision)
    if since is None or (upheld.today - day_of(since)).days <= UNPUBLISHED:
        return
    waiting = news(grid_of(version), upheld.grid).count
    if waiting:
        wait = f"{counted(waiting, 'change')} {'waits' if waiting == 1 else 'wait'} since {day(day_of(since))}"
        yield upheld.says("E4", f"{wait}; people still read version {version.number}.", "Publish them, or undo them.")


def _not_told(upheld: Upheld) -> Iterator[Finding]:
    letter = getattr(upheld.version, "letter", None)
    if upheld.age > UNTOLD and (letter is None or letter.told_at is None):
        text = f"Version {upheld.version.number} was published {ago(day_of(upheld.version.published_at), upheld.today)}"
        yield upheld.says("E5", f"{text}, but nobody was told.", "Send the letter that says what changed.")


def _not_signed(upheld: Upheld) -> Iterator[Finding]:
    if upheld.age <= UNSIGNED:
        return
    version, grid = upheld.version, grid_of(upheld.version)
    signed = set(SignOff.objects.filter(matrix=version.matrix_id, digest=version.digest).values_list("role", flat=True))
    leading = {grid.lead(activity.id) for activity in grid.activities} - signed
    names = [role.name for role in grid.roles if role.id in leading]
    if names:
        more = len(names) - MOST_NAMED
        who = listed([*names[:MOST_NAMED], f"{more} more"] if more > 1 else names)
        rows = "its rows" if len(names) == 1 else "their rows"
        text = f"{who} {'has' if len(names) == 1 else 'have'} not signed {rows} in version {version.number}."
        yield upheld.says("E6", text, "Remind who answers for them.")


def _first_change(matrix: int, revision: int) -> datetime | None:
    """When a matrix was first changed after a revision; one query."""
    later = Change.objects.filter(matrix=matrix, revision__gt=revision).exclude(kind="publish").order_by("revision")
    return later.values_list("at", flat=True).first()
