"""The three references side by side, and where they come from."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from culture.catalogue import about
from culture.models import Culture
from culture.references import CultureReference, known_references
from raci.grid.grid import Activity, Role, Stage
from raci.grid.levels import Level, Notation
from raci.screens.asked import notation
from raci.screens.cultures import shown_cultures
from raci.screens.houses import in_use, put_away, shown
from raci.web.routes import anyone
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access


@dataclass(frozen=True, slots=True)
class Cell:
    """One level as it is shown. `reason` says why it leads, "" for the others."""

    level: str
    letter: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Side:
    """What one culture says about an activity."""

    culture: Culture
    lead: str
    reason: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An activity across the cultures."""

    activity: Activity
    sides: tuple[Side, ...]


@requires(Access.VIEWER)
@require_GET
def references(request: MemberRequest) -> HttpResponse:
    found = list(known_references().values())
    context = {
        "references": shown_cultures(found),
        "roles": found[0].grid.roles,
        "stages": list(_stages(found, notation(request))),
        "levels": [(level.key, notation(request).letter(level), notation(request).word(level)) for level in Level],
        "columns": 1 + len(found) * len(found[0].grid.roles) + len(found) - 1,
        "guidance": about().guidance,
        "houses": shown(in_use(request.workspace)),
        "put_away": put_away(request.workspace),
        "can_edit": request.member.may(Access.EDITOR),
    }
    return render(request, "screens/references.html", context)


@anyone
@require_GET
def about_references(request: HttpRequest) -> HttpResponse:
    return render(request, "screens/about_references.html", {"about": about()})


def _stages(found: list[CultureReference], shown_in: Notation) -> Iterator[tuple[Stage | None, list[Line]]]:
    """Every stage with its activities; the references share stages, activities and roles."""
    for stage, activities in found[0].grid.by_stage():
        lines = [
            Line(activity, tuple(_side(reference, activity, shown_in) for reference in found))
            for activity in activities
        ]
        yield stage, lines


def _side(reference: CultureReference, activity: Activity, shown_in: Notation) -> Side:
    grid, reason = reference.grid, reference.reasons.get(activity.id, "")
    lead = next((role.name for role in grid.roles if role.id == grid.lead(activity.id)), "")
    cells = tuple(_cell(grid.level(activity.id, role.id), role, reason, shown_in) for role in grid.roles)
    return Side(reference.culture, lead, reason, cells)


def _cell(level: Level | None, role: Role, reason: str, shown_in: Notation) -> Cell:
    why = f"{role.name}: {reason}" if level is Level.LEAD and reason else ""
    return Cell(level.key if level else "none", shown_in.letter(level), shown_in.word(level), why)
