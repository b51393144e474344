"""A draft for whoever came by its link, without an account: the matrix to be read, and nothing beside it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from raci.grid.levels import Notation
from raci.matrices.drafts import for_visitors, opened_by
from raci.matrices.store import read_grid
from raci.screens.asked import notation
from raci.screens.drafts import LINK, draft_of, remember, turned_away
from raci.screens.grid_page import levels
from raci.screens.guest_links import unlisted, without_address
from raci.screens.static_grid import static_grid
from raci.web.routes import anyone
from raci.web.templatetags.remit import short_name


@anyone
@require_GET
def draft_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where a link leads. The token moves into a cookie, so that it stands in no address from here on."""
    found = opened_by(link)
    if found is None:
        return without_address(turned_away(request, link))
    answer = redirect("draft", matrix=found.matrix_id)
    remember(answer, found, link)
    return without_address(answer)


@anyone
@require_GET
def draft(request: HttpRequest, matrix: int) -> HttpResponse:
    """The matrix as it stands. Nobody's name is on it, and no way leads from here into the workspace."""
    found = draft_of(request, matrix)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))
    words, grid = _notation(request), for_visitors(read_grid(found.matrix))
    context = {
        "matrix": found.matrix,
        "until": found.link.expires_at,
        "static": static_grid(grid, words),
        "label": f"Who does what on {found.matrix.name}",
        "notation": words,
        "levels": levels(words),
        "shortened": [role for role in grid.roles if short_name(role) != role.name],
    }
    return unlisted(render(request, "screens/draft.html", context))


def _notation(request: HttpRequest) -> Notation:
    """That of the address, so that nothing is kept of a visitor; else what this browser shows elsewhere."""
    asked = request.GET.get("notation", "")
    return Notation(asked) if asked in tuple(Notation) else notation(request)
