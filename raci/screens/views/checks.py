"""Checks: what the rules found, what was set aside and why, and which rules are on."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import RULES, Finding, Rule, Severity, rules_in
from raci.matrices import operations
from raci.matrices.models import Matrix
from raci.matrices.operations import Done
from raci.matrices.store import read_grid
from raci.screens.answers import changed, toast_for
from raci.screens.asked import matrix_of, notation, number, sender
from raci.screens.findings import Checked, Line, check, lines, where
from raci.screens.forms import ReasonForm, complaints
from raci.screens.frame import came_from, frame, now
from raci.screens.order import neighbour
from raci.web.errors import is_htmx
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

from .activities import panel_answer

MENU = 8
MOST_LINES = 100  # of one kind that are shown unless all are asked for


@dataclass(frozen=True, slots=True)
class Part:
    """The open findings of one severity: how many there are, and those that are shown."""

    severity: Severity
    count: int
    lines: list[Line]


@dataclass
class ChecksPage:
    """What the checks say, in the words of `notation`.

    `refused` is the key of a finding that was not set aside, `form` why; `notes` says whether notes were asked for, and
    `is_all` whether all findings were, however many there are; `saved` is the key of the finding that gets the focus.
    """

    matrix: Matrix
    notation: Notation
    checked: Checked
    parts: list[Part]
    aside: list[Line]
    notes: bool = False
    is_all: bool = False
    refused: str = ""
    form: ReasonForm | None = None
    saved: str = ""

    @property
    def rules(self) -> list[tuple[Rule, bool]]:
        return [(rule, rule.id not in self.matrix.rules_off) for rule in rules_in(self.notation).values()]


@requires(Access.VIEWER)
@require_GET
def checks(request: MemberRequest, matrix: int) -> HttpResponse:
    """All findings; notes are shown when asked for."""
    page = _page(request, matrix_of(request, matrix), **_asked(request.GET))
    return render(request, "screens/checks.html", frame(request, page.matrix, page=page))


@requires(Access.VIEWER)
@require_GET
def checks_menu(request: MemberRequest, matrix: int) -> HttpResponse:
    """The first errors and warnings, for the toolbar of the grid."""
    row = matrix_of(request, matrix)
    grid, words = read_grid(row, stages=False), notation(request)
    checked = check(row, grid, words, thorough=True, told=True)
    found = [finding for finding in checked.open if finding.severity is not Severity.NOTE]
    context = frame(
        request, row, lines=lines(grid, found[:MENU], words, row), more=len(found) - MENU, tally=checked.tally
    )
    return render(request, "screens/_checks_menu.html", context)


@requires(Access.EDITOR)
@require_POST
def finding_aside(request: MemberRequest, matrix: int) -> HttpResponse:
    """Sets a finding aside with a reason."""
    row = matrix_of(request, matrix)
    grid = read_grid(row, stages=False)
    checked = check(row, grid, notation(request), thorough=True)
    finding = _known(checked, request.POST.get("finding", ""))
    key = finding.key
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _not_set_aside(request, row, key, form)
    shown = [
        f.key for f in checked.open if RULES[f.rule].waivable and (f.severity != "note" or "notes" in request.POST)
    ]
    reason, about = form.cleaned_data["reason"], where(grid, finding)
    done = operations.set_aside(matrix=matrix, sender=sender(request), finding=key, reason=reason, about=about)
    return _answer(request, done, key, neighbour(shown, key), grid=grid)


@requires(Access.EDITOR)
@require_POST
def finding_back(request: MemberRequest, matrix: int) -> HttpResponse:
    """Shows a finding again that was set aside."""
    row = matrix_of(request, matrix)
    key, shown = request.POST.get("finding", ""), list(row.asides)
    done = operations.take_up(matrix=matrix, sender=sender(request), finding=key)
    return _answer(request, done, key, neighbour(shown, key))


@requires(Access.EDITOR)
@require_POST
def rule_switch(request: MemberRequest, matrix: int) -> HttpResponse:
    """Turns a rule on (`on` is sent) or off for this matrix."""
    rule = request.POST.get("rule", "")
    if rule not in RULES:
        raise Refused("There is no such check.")
    done = operations.switch_rule(matrix=matrix, sender=sender(request), rule=rule, on="on" in request.POST)
    return _answer(request, done)


def _asked(sent: QueryDict) -> dict[str, Any]:
    """Whether notes are shown, and all that was found."""
    return {"notes": "notes" in sent, "is_all": "all" in sent}


def _page(
    request: MemberRequest, matrix: Matrix, grid: Grid | None = None, *, is_all: bool = False, **more: Any
) -> ChecksPage:
    grid, words = grid or read_grid(matrix, stages=False), notation(request)
    checked = check(matrix, grid, words, thorough=True, told=True)
    of = {severity: [f for f in checked.open if f.severity is severity] for severity in Severity}
    most = None if is_all else MOST_LINES
    parts = [
        Part(severity, len(found), lines(grid, found[:most], words, matrix, request.member))
        for severity, found in of.items()
    ]
    aside = lines(grid, checked.aside[:most], words, matrix)
    return ChecksPage(matrix, words, checked, parts, aside, is_all=is_all, **more)


def _known(checked: Checked, key: str) -> Finding:
    """What the checks find now by that key, set aside or not."""
    found = next((f for f in (*checked.open, *(pair[0] for pair in checked.aside)) if f.key == key), None)
    if found is None:
        raise Refused("The checks no longer say that. Reload the page to see what they say now.")
    return found


def _answer(
    request: MemberRequest, done: Done, key: str = "", beside: str = "", *, grid: Grid | None = None
) -> HttpResponse:
    """Where the change was made decides how it is answered. On the checks page the focus goes to the neighbour."""
    origin = came_from(request)
    if origin in ("activity", "panel"):
        activity = number(request.POST.get("activity"))
        if origin == "panel" and is_htmx(request):
            return panel_answer(request, done, activity, saved=key, grid=grid)
        return changed(request, done, reverse("activity", args=[request.workspace.pk, done.matrix.pk, activity]))
    if not is_htmx(request):
        url = reverse("checks", args=[request.workspace.pk, done.matrix.pk])
        asked = urlencode({name: 1 for name in ("notes", "all") if name in request.POST})
        return changed(request, done, f"{url}?{asked}" if asked else url)
    page = _page(request, now(request, done), grid, **_asked(request.POST))
    page.saved = beside
    toast = toast_for(request, done.change)
    return render(request, "screens/checks.htmx.html", frame(request, page.matrix, page=page, toast=toast))


def _not_set_aside(request: MemberRequest, matrix: Matrix, key: str, form: ReasonForm) -> HttpResponse:
    if came_from(request) in ("activity", "panel"):
        raise Refused(complaints(form))
    page = _page(request, matrix, **_asked(request.POST), refused=key, form=form)
    template = "screens/checks.htmx.html" if is_htmx(request) else "screens/checks.html"
    return render(request, template, frame(request, matrix, page=page), status=422)
