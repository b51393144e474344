"""Live editing: the stream of a matrix, the same by asking again and again, and where on it somebody is."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from raci.matrices.store import read_grid
from raci.screens.asked import matrix_of, number, number_or_none
from raci.screens.live.hub import hub
from raci.screens.live.news import Variant, fragments, news_since
from raci.screens.live.presence import CELL, PAGE, Present
from raci.screens.live.readers import Following, Reader, Seat, Send
from raci.screens.live.stream import stream as open_stream
from raci.web.refusals import Malformed, Refused
from raci.web.streams import can_stream
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

TOO_MANY = "You have this open in many places. This page asks for news every few seconds instead."


@requires(Access.VIEWER)
@require_GET
def stream(request: MemberRequest, matrix: int) -> HttpResponse:
    """Everything that happens after `after`, or after the event that was received last; with `review`, how far that
    session is beyond `step` and who came. 204 where the server can't."""
    row, page = matrix_of(request, matrix), request.GET.get("page", "")
    cursor = number(request.headers.get("Last-Event-ID") or request.GET.get("after"))
    if not PAGE.fullmatch(page):
        raise Malformed
    if not can_stream(request):
        return HttpResponse(status=204)
    member, user = request.member, request.member.user
    if hub.is_full(row.pk, page, user.pk):
        raise Refused(TOO_MANY, "rate_limited", 429)
    seat = Seat(member.pk, user.pk, member.access, request.session.session_key or "", user.password)
    variant, following = Variant.of(request), _following(request)

    def reader(send: Send) -> Reader:
        return Reader(page, row.workspace_id, row.pk, seat, variant, cursor, send, following)

    return open_stream(request, reader, Present(page, user.pk, str(user), user.initials))


@requires(Access.VIEWER)
@require_GET
def changes(request: MemberRequest, matrix: int) -> HttpResponse:
    """What changed after `after`, for a page that has no stream. 204 for nothing; X-Whole where the table is to be
    fetched again."""
    row, after = matrix_of(request, matrix), number(request.GET.get("after"))
    if row.revision == after:
        return HttpResponse(status=204)
    news = news_since(row, after)
    if news.rows is None:
        return HttpResponse(headers={"X-Whole": "1", "X-Revision": str(news.revision)})
    html = fragments(row, read_grid(row), news.rows, Variant.of(request))
    return HttpResponse(html, headers={"X-Revision": str(news.revision)})


@requires(Access.VIEWER)
@require_POST
def presence(request: MemberRequest, matrix: int) -> HttpResponse:
    """The reader is on this cell now, at this page. Nothing is kept."""
    row = matrix_of(request, matrix)
    page, cell = request.POST.get("page", ""), request.POST.get("cell", "")
    if not PAGE.fullmatch(page) or not CELL.fullmatch(cell):
        raise Malformed
    hub.move(row.pk, page, request.member.user_id, cell)
    return HttpResponse(status=204)


def _following(request: MemberRequest) -> Following | None:
    """The session that the page follows; the hub tells of it where it is one of this matrix."""
    review = number_or_none(request.GET.get("review"))
    if review is None:
        return None
    return Following(review, number(request.GET.get("step")), number(request.GET.get("came", "0")))
