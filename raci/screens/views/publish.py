"""Publishing: what would go out and what stands in the way; and the next version."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.publishing.lineage import lineage_since
from raci.publishing.models import Version
from raci.publishing.news import News, news
from raci.publishing.versions import Obstacles, grid_of, latest_of, obstacles
from raci.publishing.versions import publish as publish_version
from raci.reviews import results
from raci.screens.asked import notation, seen, sender
from raci.screens.findings import Checked, Line, check, lines
from raci.screens.frame import frame, open_matrix
from raci.web.fields import ProseField
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

MOST_NAMED = 20  # rows without a Lead that are named, each with its link; of more it gives the number
MOST_REASONS = 50  # for the errors of one rule, one each; of more, one reason is given for all


class NoteForm(forms.Form):
    note = ProseField(
        label="A note to readers",
        help_text="What it is about, or what was agreed. It stands above the changes.",
        rows=4,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """An error that may be named as known: what it says, and the reason typed or given when it was set aside. Where one
    rule finds many, this is the first of the `number` that one reason is given for."""

    line: Line
    reason: str
    number: int = 1

    @property
    def key(self) -> str:
        return self.line.finding.key if self.number == 1 else self.line.rule.id


@dataclass
class PublishPage:
    """What publishing would do now. `reasons` maps the keys of errors, or the rule of many, to what was typed."""

    matrix: Matrix
    grid: Grid
    notation: Notation
    reasons: Mapping[str, str]

    @cached_property
    def latest(self) -> Version | None:
        return latest_of(self.matrix)

    @property
    def number(self) -> int:
        return self.latest.number + 1 if self.latest else 1

    @cached_property
    def news(self) -> News | None:
        """What changed since the latest version; None where there is none."""
        if self.latest is None:
            return None
        lineage = lineage_since(self.latest, self.matrix, self.grid)
        return news(grid_of(self.latest), self.grid, self.notation, lineage)

    @cached_property
    def checked(self) -> Checked:
        return check(self.matrix, self.grid, self.notation)

    @cached_property
    def _obstacles(self) -> Obstacles:
        return obstacles(self.matrix, self.grid, self.notation)

    @cached_property
    def blocking(self) -> list[Line]:
        return lines(self.grid, self._obstacles.blocking[:MOST_NAMED], self.notation)

    @property
    def more(self) -> int:
        """How many that block are not named."""
        return len(self._obstacles.blocking[MOST_NAMED:])

    @cached_property
    def known(self) -> list[Known]:
        found = lines(self.grid, self._obstacles.nameable, self.notation)
        many = {rule for rule, number in Counter(line.rule.id for line in found).items() if number > MOST_REASONS}
        each = [Known(line, self._reason(line.finding)) for line in found if line.rule.id not in many]
        for rule in sorted(many):
            of_rule = [line for line in found if line.rule.id == rule]
            each.append(Known(of_rule[0], self.reasons.get(rule, ""), len(of_rule)))
        return each

    @property
    def errors(self) -> int:
        """How many may be named as known."""
        return len(self._obstacles.nameable)

    @property
    def is_possible(self) -> bool:
        return bool(self.grid.activities) and not self._obstacles.blocking

    def _reason(self, finding: Finding) -> str:
        aside = self.matrix.asides.get(finding.key, {})
        return self.reasons.get(finding.key, "") or aside.get("reason", "")


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def publish(request: MemberRequest, matrix: int) -> HttpResponse:
    """Shows what the next version would say and asks for a note; sent, makes it and goes on to its letter."""
    row = open_matrix(request, matrix)
    if request.method == "GET":
        return _asked(request, row, NoteForm())
    form, reasons, revision = NoteForm(request.POST), known_reasons(request), seen(request)
    if not form.is_valid():
        return _asked(request, row, form, reasons, 422)
    try:
        made = publish_version(
            matrix=row,
            sender=sender(request),
            seen=revision,
            note=form.cleaned_data["note"],
            known=reasons,
            then=lambda version: results.published(version, notation(request)),
        )
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        form.add_error(None, refused.sentence)
        return _asked(request, open_matrix(request, matrix), form, reasons, refused.status)
    messages.success(request, f"Version {made.number} is published. Now tell those whom it concerns.")
    return redirect("letter", request.workspace.pk, row.pk, made.number)


def _asked(
    request: MemberRequest,
    matrix: Matrix,
    form: NoteForm,
    reasons: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = PublishPage(matrix, read_grid(matrix), notation(request), reasons or {})
    may_publish = not page.known or request.member.may(Access.OWNER)
    context = frame(request, matrix, page=page, form=form, may_publish=may_publish, sent=uuid4())
    return render(request, "screens/publish.html", context, status=status)


def known_reasons(request: MemberRequest) -> dict[str, str]:
    """Error key, or the rule of many -> why it is known, as the fields are named: known-R12:7: or known-R12."""
    named = (name for name in request.POST if name.startswith("known-"))
    return {name.removeprefix("known-"): request.POST.get(name, "") for name in named}
